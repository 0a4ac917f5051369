"""Aid computation: which lines, how much, and why. Source: regles.md §2 (webinar slides 63 to 73).

Amounts: Decimal euros. Each line is rounded once, to the cent; a total is the sum of its lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aap.faits import Faits, FaitsEssms, FaitsOptions
from aap.regles import ModeSeuil, Regles, Taux, Valeur, exiger
from grappes.projets import Projet
from moteur.argent import ZERO, euros
from moteur.erreurs import Code, Refus
from moteur.texte import en_euros

__all__ = ["Financement", "Ligne", "ModeSeuil", "calculer", "calculer_dossier"]

POSTES = ("usage", "logiciel", "equipement", "amoa_marche", "amoa_projet")


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """`quantite` × `taux` = `montant`. `poste` is one of POSTES, or "forfait" (amorçage)."""

    poste: str
    quantite: Decimal
    taux: Decimal
    montant: Decimal
    reference: str

    def as_dict(self) -> dict[str, object]:
        """JSON-ready. `quantite`: a number of ESSMS, or its exact text where shares of hours make it fractional."""
        entiere = self.quantite == self.quantite.to_integral_value()
        return {
            "poste": self.poste,
            "quantite": int(self.quantite) if entiere else format(self.quantite.normalize(), "f"),
            "taux": str(self.taux),
            "montant": str(self.montant),
            "reference": self.reference,
        }


@dataclass(frozen=True, kw_only=True)
class Financement:
    """The aid of a dossier, with the warnings a person must read before deciding."""

    lignes: tuple[Ligne, ...]
    avertissements: tuple[str, ...]

    def poste(self, nom: str) -> Decimal:
        return sum((ligne.montant for ligne in self.lignes if ligne.poste == nom), ZERO)

    @property
    def usage(self) -> Decimal:
        return self.poste("usage")

    @property
    def logiciel(self) -> Decimal:
        return self.poste("logiciel")

    @property
    def equipement(self) -> Decimal:
        return self.poste("equipement")

    @property
    def amoa_marche(self) -> Decimal:
        return self.poste("amoa_marche")

    @property
    def amoa_projet(self) -> Decimal:
        return self.poste("amoa_projet")

    @property
    def total(self) -> Decimal:
        return sum((ligne.montant for ligne in self.lignes), ZERO)

    def as_dict(self) -> dict[str, object]:
        """The `financement` object of the contract, plus a "forfait" key under amorçage rule sets only."""
        montants: dict[str, object] = {nom: str(self.poste(nom)) for nom in POSTES}
        if any(ligne.poste == "forfait" for ligne in self.lignes):
            montants["forfait"] = str(self.poste("forfait"))
        return montants | {
            "total": str(self.total),
            "lignes": [ligne.as_dict() for ligne in self.lignes],
            "avertissements": list(self.avertissements),
        }


@dataclass(frozen=True, kw_only=True)
class _Demande:
    """Arguments of one computation, checked."""

    regles: Regles
    projet: Projet
    segur: bool
    parts: Sequence[Decimal]
    petits_og: int
    options: FaitsOptions

    @property
    def n(self) -> int:
        return len(self.parts)


def calculer(
    regles: Regles,
    *,
    projet: Projet,
    segur: bool,
    parts: Sequence[Decimal],
    petits_og: int,
    options: FaitsOptions,
    mode: ModeSeuil | None = None,
    og_unique: bool = False,
) -> Financement:
    """Aid for ESSMS whose eligible shares are `parts`, in rank order.

    `petits_og`: how many of them belong to small OGs. `og_unique`: one single OG, which caps the number
    counted under amorçage (temps 1).
    Raises: Refus REGLE_NON_RENSEIGNEE, DONNEES_INVALIDES.
    """
    _check(parts, petits_og)
    demande = _Demande(regles=regles, projet=projet, segur=segur, parts=parts, petits_og=petits_og, options=options)
    if regles.bareme.forfait is not None:
        return _lump_sum(demande, og_unique=og_unique)
    lignes, avertissements = _extras(demande)
    if not parts:
        return Financement(lignes=(), avertissements=(_NOTHING, *avertissements))
    _rates(demande)  # An unknown amount is a clearer refusal than an unknown threshold.
    retenu = mode or exiger(regles.bareme.mode_seuil, "bareme.mode_seuil", regles.code)
    base = _base(demande, retenu)
    return Financement(
        lignes=(*base, *lignes),
        avertissements=(
            *_upgrade_warning(demande),
            *_threshold_warning(demande, retenu, lignes),
            *avertissements,
        ),
    )


def calculer_dossier(regles: Regles, faits: Faits, essms: Sequence[FaitsEssms]) -> Financement:
    """Aid of a dossier for the ESSMS retained, ranked in the order given."""
    financement = calculer(
        regles,
        projet=faits.projet,
        segur=faits.segur,
        parts=[un.part_eligible for un in essms],
        petits_og=count_small_og_essms(regles, faits, essms) if faits.options.is_any else 0,
        options=faits.options,
        og_unique=len({un.og for un in essms}) == 1,
    )
    notes = (*_sector_warning(regles, faits, essms), *_order_warning(regles, essms))
    return Financement(lignes=financement.lignes, avertissements=(*financement.avertissements, *notes))


def count_small_og_essms(regles: Regles, faits: Faits, essms: Sequence[FaitsEssms]) -> int:
    """How many of `essms` belong to an OG with fewer ESSMS in all than the threshold (E17, §12.6)."""
    seuil = exiger(regles.eligibilite.petit_og_moins_de, "eligibilite.petit_og_moins_de", regles.code)
    tailles = _sizes(faits)
    return sum(1 for un in essms if tailles[un.og] < seuil)


def is_small_og(regles: Regles, total_essms: int) -> bool:
    """Strictly fewer than the threshold: an OG of 15 is not small (regles.md E17)."""
    seuil = exiger(regles.eligibilite.petit_og_moins_de, "eligibilite.petit_og_moins_de", regles.code)
    return total_essms < seuil


def equipement(regles: Regles, petits_og: int) -> Ligne:
    """Equipment, per ESSMS of the small OGs (regles.md §2.1)."""
    valeur = regles.bareme.petits_og.equipement_par_essms
    return _line(regles, "equipement", Decimal(petits_og), valeur, "bareme.petits_og.equipement_par_essms")


def _check(parts: Sequence[Decimal], petits_og: int) -> None:
    for part in parts:
        if not part.is_finite() or not 0 <= part <= 1:
            raise Refus(
                Code.DONNEES_INVALIDES,
                f"La part éligible d'un ESSMS vaut {part}. Indiquez un nombre entre 0 et 1.",
                part=str(part),
            )
    if not 0 <= petits_og <= len(parts):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{petits_og} ESSMS de petits organismes gestionnaires sont annoncés pour une grappe de "
            f"{len(parts)}. Indiquez un nombre entre 0 et {len(parts)}.",
            petits_og=petits_og,
            essms=len(parts),
        )


def _base(demande: _Demande, mode: ModeSeuil) -> list[Ligne]:
    """Usage and software, each in two bands around the threshold."""
    return [ligne for poste, taux, chemin in _rates(demande) for ligne in _bands(demande, mode, poste, taux, chemin)]


def _rates(demande: _Demande) -> list[tuple[str, Taux, str]]:
    """Item, rates and path of what this project is paid per ESSMS; refuses when the full rate is unknown."""
    usage, logiciel = demande.regles.bareme.usage, demande.regles.bareme.logiciel
    if demande.projet is Projet.ACQUISITION:
        taux = [("usage", usage.acquisition, "bareme.usage.acquisition")]
        if demande.segur:
            taux.append(("logiciel", logiciel.reference, "bareme.logiciel.reference"))
        else:
            taux.append(("logiciel", logiciel.non_reference, "bareme.logiciel.non_reference"))
    elif demande.segur:
        taux = [("usage", usage.montee_de_version, "bareme.usage.montee_de_version")]
    else:
        taux = []
    for _, un, chemin in taux:
        exiger(un.plein, f"{chemin}.plein", demande.regles.code)
    return taux


def _bands(demande: _Demande, mode: ModeSeuil, poste: str, taux: Taux, chemin: str) -> list[Ligne]:
    pleins, reduits = _split(demande, mode)
    lignes = [_line(demande.regles, poste, sum(pleins, Decimal(0)), taux.plein, f"{chemin}.plein")]
    if reduits:
        lignes.append(_line(demande.regles, poste, sum(reduits, Decimal(0)), taux.reduit, f"{chemin}.reduit"))
    return lignes


def _split(demande: _Demande, mode: ModeSeuil) -> tuple[Sequence[Decimal], Sequence[Decimal]]:
    """Shares paid in full, then at the reduced rate. As printed, the rank of the threshold gets neither."""
    seuil = exiger(demande.regles.bareme.seuil, "bareme.seuil", demande.regles.code)
    dernier_plein = seuil if mode is ModeSeuil.RANG_50_PLEIN else seuil - 1
    premier_reduit = seuil if mode is ModeSeuil.RANG_50_REDUIT else seuil + 1
    return demande.parts[:dernier_plein], demande.parts[premier_reduit - 1 :]


def _line(regles: Regles, poste: str, quantite: Decimal, valeur: Valeur[Decimal] | None, chemin: str) -> Ligne:
    taux = exiger(valeur, chemin, regles.code)
    return Ligne(
        poste=poste,
        quantite=quantite,
        taux=euros(taux),
        montant=euros(quantite * taux),
        reference=valeur.source if valeur else "",
    )


def _extras(demande: _Demande) -> tuple[list[Ligne], list[str]]:
    """What small OGs may ask on top: equipment per ESSMS, AMOA once per grappe (regles.md §2.1)."""
    lignes: list[Ligne] = []
    avertissements: list[str] = []
    if demande.options.equipement:
        if demande.petits_og:
            lignes.append(equipement(demande.regles, demande.petits_og))
        else:
            avertissements.append(_NO_SMALL_OG.format(poste="équipement"))
    for poste, libelle, demandee in (
        ("amoa_marche", "AMOA marché", demande.options.amoa_marche),
        ("amoa_projet", "AMOA projet", demande.options.amoa_projet),
    ):
        if demandee:
            ligne, avertissement = _amoa(demande, poste, libelle)
            lignes.extend(ligne)
            avertissements.extend(avertissement)
    return lignes, avertissements


def _amoa(demande: _Demande, poste: str, libelle: str) -> tuple[list[Ligne], list[str]]:
    """One AMOA per grappe, when all its ESSMS belong to small OGs. For a mixed one the texts are silent."""
    if poste == "amoa_marche" and demande.projet is Projet.MONTEE_DE_VERSION:
        return [], [_NO_MARKET]
    if not demande.petits_og:
        return [], [_NO_SMALL_OG.format(poste=libelle)]
    petits = demande.regles.bareme.petits_og
    code = demande.regles.code
    if demande.petits_og < demande.n and not exiger(
        petits.amoa_grappe_mixte, "bareme.petits_og.amoa_grappe_mixte", code
    ):
        return [], [f"{libelle} : 0,00 €, la grappe compte aussi de grands organismes gestionnaires."]
    valeur = petits.amoa_marche if poste == "amoa_marche" else petits.amoa_projet
    return [_line(demande.regles, poste, Decimal(1), valeur, f"bareme.petits_og.{poste}")], []


def _lump_sum(demande: _Demande, *, og_unique: bool) -> Financement:
    """Amorçage: one amount per ESSMS, a single OG counted up to a ceiling (regles.md §2.4, "Routing")."""
    forfait = demande.regles.bareme.forfait
    assert forfait is not None
    if demande.options.is_any:
        exiger(None, "bareme.petits_og", demande.regles.code)
    plafond = forfait.og_unique_plafond
    comptes = demande.parts[: plafond.valeur] if og_unique and plafond else demande.parts
    valeur = forfait.acquisition if demande.projet is Projet.ACQUISITION else forfait.montee_de_version
    chemin = f"bareme.forfait.{demande.projet.value}"
    ligne = _line(demande.regles, "forfait", sum(comptes, Decimal(0)), valeur, chemin)
    ecart = len(demande.parts) - len(comptes)
    notes = (f"Organisme gestionnaire unique : {ecart} ESSMS au-delà du plafond ne sont pas comptés.",)
    return Financement(lignes=(ligne,), avertissements=notes if ecart else ())


def _upgrade_warning(demande: _Demande) -> list[str]:
    if demande.projet is not Projet.MONTEE_DE_VERSION:
        return []
    if not demande.segur:
        return ["Montée de version d'un logiciel non référencé Ségur : aucun forfait usage n'est dû."]
    return ["Montée de version : le logiciel est payé à l'éditeur par le SONS, hors de cette aide."]


def _threshold_warning(demande: _Demande, mode: ModeSeuil, extras: Sequence[Ligne]) -> list[str]:
    """From the threshold on the three readings differ: show what the others would give (regles.md §2.2)."""
    seuil = exiger(demande.regles.bareme.seuil, "bareme.seuil", demande.regles.code)
    if demande.n < seuil:
        return []
    autres = " ; ".join(
        f"{autre.value} : {en_euros(_sum([*_base(demande, autre), *extras]))}"
        for autre in ModeSeuil
        if autre is not mode
    )
    return [
        f"Grappe de {demande.n} ESSMS : les textes ne tranchent pas le seuil de {seuil}. Lecture appliquée : "
        f"{mode.value}. Total selon les autres lectures : {autres}. "
        "Faites confirmer la lecture avant de décider."
    ]


def _sector_warning(regles: Regles, faits: Faits, essms: Sequence[FaitsEssms]) -> list[str]:
    """The price of an unreferenced acquisition is shown for some sectors only (regles.md §2.1)."""
    secteurs = regles.bareme.logiciel.secteurs_non_reference
    if faits.segur or faits.projet is not Projet.ACQUISITION or secteurs is None:
        return []
    hors = sorted({str(un.secteur) for un in essms if un.secteur and un.secteur not in secteurs.valeur})
    if not hors:
        return []
    return [
        f"Logiciel non référencé pour le secteur {', '.join(hors)} : la source ne montre ce taux que pour "
        f"{', '.join(secteurs.valeur)}. À confirmer avant de décider."
    ]


def _order_warning(regles: Regles, essms: Sequence[FaitsEssms]) -> list[str]:
    seuil = regles.bareme.seuil
    if seuil is None or len(essms) < seuil.valeur or len({un.part_eligible for un in essms}) < 2:
        return []
    return [
        f"Des services mixtes entrent dans une grappe d'au moins {seuil.valeur} ESSMS : l'aide dépend de "
        "leur rang, pris ici dans l'ordre du dossier. Aucun texte ne fixe cet ordre : vérifiez-le."
    ]


def _sizes(faits: Faits) -> Mapping[str, int]:
    """Whole size of each OG; never fewer than what it brings to the grappe."""
    apportes = {og: sum(1 for un in faits.essms if un.og == og) for og in {un.og for un in faits.essms}}
    declares = {og.finess: og.total_essms for og in faits.ogs}
    inconnus = sorted(set(apportes) - set(declares))
    if inconnus:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La taille de l'organisme gestionnaire {', '.join(inconnus)} n'est pas déclarée. Complétez le dossier.",
            og=inconnus,
        )
    return {og: max(nombre, declares[og]) for og, nombre in apportes.items()}


def _sum(lignes: Sequence[Ligne]) -> Decimal:
    return sum((ligne.montant for ligne in lignes), ZERO)


_NOTHING = "Aucun ESSMS finançable : l'aide est nulle. Vérifiez l'éligibilité de chacun."
_NO_SMALL_OG = "{poste} : 0,00 €, réservé aux petits organismes gestionnaires et la grappe n'en compte pas."
_NO_MARKET = "AMOA marché : 0,00 €, elle n'est prévue que pour une acquisition."
