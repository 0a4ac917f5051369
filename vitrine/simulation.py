"""What a grappe would be answered, by the functions that judge a dossier. Nothing is stored.

What only a dossier can prove (documents, orders, competition) is not judged here, and the page says so. Nor is
uniqueness, on purpose: to answer that an establishment is already held would tell any passer-by, number by number,
which establishments have a dossier under way, and so who is about to buy what. Her own dossier tells the porteur.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import cycle, islice
from typing import Any

from aap.bareme import Financement, calculer_dossier
from aap.eligibilite import REGLES, Contexte, essms_retenus, verifier
from aap.examen import state
from aap.faits import Faits, FaitsEssms, FaitsOg, FaitsOptions, regions
from aap.models import Aap, Dossier
from aap.regles import Regles
from aap.titres import TITRES
from comptes.models import Departement
from grappes.categories import CATEGORIE_TYPE
from grappes.models import Essms, Grappe, Membre
from instruction.constats import Regle, explain
from instruction.libelles import POSTES
from moteur.argent import moities
from moteur.erreurs import unless_silent
from vitrine.appels import Appel, FenetreVue
from vitrine.seuils import sentences

#: Rules that figures alone can answer, then those that the register answers too.
EN_CHIFFRES = ("MIN_ESSMS", "ROUTAGE", "LOGICIEL_REFERENCE")
AU_REGISTRE = ("MIN_ESSMS", "ROUTAGE", "FINESS_GEOGRAPHIQUE", "L312_1", "LOGICIEL_REFERENCE")
#: Of an organisation that is no small one, whatever the threshold.
GRANDE = 100_000


@dataclass(frozen=True, kw_only=True)
class LigneVue:
    """A line of the aid, its formula in words."""

    poste: str
    quantite: object
    taux: str
    montant: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Reponse:
    """`moities`: the two payments. `silences`: what the rule set does not say. `fenetres`: those that would take it."""

    retenus: int
    regles: list[Regle]
    financement: Financement | None
    moities: tuple[Decimal, Decimal] | None
    phrases: list[str]
    silences: list[str]
    fenetres: list[FenetreVue]
    non_jugees: list[str]

    @property
    def eligible(self) -> bool:
        return bool(self.regles) and not self.silences and not self._manquees

    @property
    def conclusion(self) -> tuple[str, str]:
        """Kind of badge of the design system, and what it says."""
        if self.silences:
            return "warning", "Les textes ne disent pas tout"
        if self._manquees == ["ROUTAGE"]:
            return "warning", "Ce projet relève d'un autre appel"
        if self._manquees:
            return "error", "En l'état, ce projet ne peut pas être retenu"
        return "success", "Rien ne s'y oppose dans ce que vous avez dit"

    @property
    def _manquees(self) -> list[str]:
        return [regle.code for regle in self.regles if regle.issue != "ok"]

    @property
    def lignes(self) -> list[LigneVue]:
        if self.financement is None:
            return []
        return [
            LigneVue(
                poste=POSTES[ligne.poste],
                quantite=ligne.as_dict()["quantite"],
                taux=str(ligne.taux),
                montant=str(ligne.montant),
                reference=ligne.reference,
            )
            for ligne in self.financement.lignes
        ]


def imagine(aap: Aap, donnees: dict[str, Any]) -> Faits:
    """A grappe of those figures: a small OG for each ESSMS of a small one, two large OGs for the others.

    Sectors and départements are dealt in turn. Without a département: somewhere in the region of the call.
    """
    lieux: Sequence[tuple[str, str]] = [_place(un) for un in donnees["departements"]] or [("", aap.region_id or "")]
    categories = [CATEGORIE_TYPE[secteur] for secteur in donnees["secteurs"]]
    petits = donnees["petits"]
    essms = [
        FaitsEssms(
            finess=f"{rang:09d}",
            nom="",
            categorie=categorie,
            departement=departement,
            region=region,
            og=f"petit-{rang}" if rang < petits else f"grand-{rang % 2}",
        )
        for rang, (departement, region), categorie in zip(
            range(donnees["essms"]), cycle(lieux), islice(cycle(categories), donnees["essms"]), strict=False
        )
    ]
    ogs = [
        FaitsOg(finess=og, nom="", total_essms=1 if og.startswith("petit") else GRANDE)
        for og in dict.fromkeys(un.og for un in essms)
    ]
    return Faits(
        projet=donnees["projet"],
        segur=donnees["segur"],
        options=_options(donnees),
        ogs=tuple(ogs),
        essms=tuple(essms),
        og_porteur=essms[0].og,
    )


def of_register(aap: Aap, essms: Sequence[Essms], donnees: dict[str, Any]) -> Faits:
    """What a dossier of these establishments would state. One query. `essms`: at least one, with og and departement."""
    porteur = essms[0].og
    dossier = Dossier(
        aap=aap,
        grappe=Grappe(og_porteur=porteur),
        projet=donnees["projet"].value,
        segur=donnees["segur"],
        **{nom: donnees[nom] for nom in ("equipement", "amoa_marche", "amoa_projet")},
    )
    return state(dossier, [Membre(essms=un) for un in essms])


def answer(appel: Appel, faits: Faits, jugees: Sequence[str]) -> Reponse:
    """The verdicts of these rules, the aid, and the sentences that teach. No query."""
    regles = appel.aap.regles
    contexte = Contexte(national=appel.aap.is_national)
    retenus = essms_retenus(faits, {})
    silences: list[str] = []
    verdicts = [
        verdict
        for code in jugees
        for verdict in unless_silent(partial(verifier, regles, faits, contexte, (code,)), (), silences)
    ]
    financement = unless_silent(lambda: calculer_dossier(regles, faits, retenus), None, silences)
    return Reponse(
        retenus=len(retenus),
        regles=[explain(verdict, regles) for verdict in verdicts],
        financement=financement,
        moities=_halves(regles, financement),
        phrases=sentences(regles, len(retenus), len(regions(retenus))),
        silences=list(dict.fromkeys(silences)),
        fenetres=_windows(appel, faits, retenus),
        non_jugees=[TITRES[code] for code in REGLES if code not in jugees],
    )


def _place(departement: Departement) -> tuple[str, str]:
    return departement.code, departement.region_id


def _options(donnees: dict[str, Any]) -> FaitsOptions:
    return FaitsOptions(
        equipement=donnees["equipement"], amoa_marche=donnees["amoa_marche"], amoa_projet=donnees["amoa_projet"]
    )


def _halves(regles: Regles, financement: Financement | None) -> tuple[Decimal, Decimal] | None:
    part = regles.versements.premiere_part
    return moities(financement.total, part.valeur) if financement and part else None


def _windows(appel: Appel, faits: Faits, retenus: Sequence[FaitsEssms]) -> list[FenetreVue]:
    """Windows open or to come that would take such a project."""
    secteurs = {un.secteur for un in retenus if un.secteur}
    multi_region = len(regions(retenus)) > 1
    return [
        vue
        for vue in appel.fenetres
        if vue.etat != "fermee" and vue.fenetre.takes(faits.projet, secteurs, multi_region=multi_region)
    ]
