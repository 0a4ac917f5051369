"""The grappe of a dossier as it stands: counts, territory, a sentence per member, what is missing. Pages read this.

No rule is written here: each answer is that of `eligibilite`, `routage`, `bareme` or `examen`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aap.bareme import is_small_og
from aap.eligibilite import Contexte, Detenteur, essms_retenus, motif_hors_l312_1, motif_numero, numeros_juridiques
from aap.examen import current, facts, taken_elsewhere, waivers
from aap.faits import Faits, FaitsEssms, FaitsOg, Territoire, regions, territoire
from aap.membres import COMPOSABLES
from aap.models import Dossier, Etat
from aap.routage import Orientation, router
from grappes.models import Essms
from moteur.erreurs import unless_silent
from moteur.texte import INSECABLE, en_toutes_lettres

SANS_SECTEUR = "À préciser"


@dataclass(frozen=True, kw_only=True)
class MembreVu:
    """A member and what is to be said of it. `retenu`: it counts and is funded; `phrase`: why not, or that it is."""

    essms: FaitsEssms
    retenu: bool
    ok: bool
    phrase: str


@dataclass(frozen=True, kw_only=True)
class OgVu:
    """An OG of the grappe. `apportes`: how many ESSMS it brings; `petit`: None when the texts give no threshold."""

    og: FaitsOg
    apportes: int
    petit: bool | None
    porteur: bool


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A grappe. Counts are of distinct FINESS ET. `secteurs`, `departements`: of the ESSMS retained.

    `orientation`: None when the rule set is silent, `silence` then says so.
    """

    total: int
    retenus: int
    secteurs: Mapping[str, int]
    departements: Mapping[str, int]
    regions: tuple[str, ...]
    territoire: Territoire
    ogs: tuple[OgVu, ...]
    membres: tuple[MembreVu, ...]
    orientation: Orientation | None
    silence: str

    @property
    def manque(self) -> int:
        """How many ESSMS are missing to reach the minimum."""
        return max(0, self.orientation.minimum - self.retenus) if self.orientation else 0

    @property
    def phrase(self) -> str:
        """Whether the minimum is reached, and what to do."""
        if self.orientation is None:
            return self.silence
        retenus = f"{self.retenus}{INSECABLE}ESSMS {'retenus' if self.retenus > 1 else 'retenu'}"
        minimum = f"le minimum de {self.orientation.minimum}{INSECABLE}ESSMS"
        if not self.manque:
            guichet = "régional" if self.orientation.guichet == "regional" else "national"
            return f"{retenus} : {minimum} est atteint. La grappe relève de l'appel {guichet}."
        return f"{retenus}. Il en manque {self.manque} pour atteindre {minimum}."


def situation(dossier: Dossier, jour: date, contexte: Contexte | None = None) -> Situation:
    """What the grappe is: today while it may be composed, as filed afterwards. A constant number of queries.

    `contexte`: what was read to examine the dossier, when it was.
    """
    faits = present(dossier)
    retenus = essms_retenus(faits, waivers(dossier))
    silences: list[str] = []
    orientation = unless_silent(lambda: _route(dossier, faits, retenus), None, silences)
    return Situation(
        total=len({un.finess for un in faits.essms}),
        retenus=len(retenus),
        secteurs=Counter(str(un.secteur or SANS_SECTEUR) for un in retenus),
        departements=Counter(un.departement for un in retenus),
        regions=regions(retenus),
        territoire=territoire(retenus or faits.essms),
        ogs=tuple(_og(dossier, faits, og, silences) for og in faits.ogs),
        membres=tuple(_members(dossier, faits, {un.finess for un in retenus}, jour, contexte)),
        orientation=orientation,
        silence=silences[0] if silences else "",
    )


def present(dossier: Dossier) -> Faits:
    """What the dossier states: today while it may be composed, as filed afterwards. Composed once for this object."""
    return current(dossier) if dossier.etat in COMPOSABLES else facts(dossier)


def say_holder(detenteur: Detenteur) -> str:
    """D1 (OCC-2022, Occitanie), en recevabilité."""
    etat = Etat(detenteur.etat).label.lower()
    return f"{detenteur.dossier} ({detenteur.aap}, {detenteur.region}), {etat}"


def _route(dossier: Dossier, faits: Faits, retenus: tuple[FaitsEssms, ...]) -> Orientation:
    lieu = territoire(retenus or faits.essms)
    return router(dossier.aap.regles, essms=len(retenus), regions=len(regions(retenus)), territoire=lieu)


def _og(dossier: Dossier, faits: Faits, og: FaitsOg, silences: list[str]) -> OgVu:
    return OgVu(
        og=og,
        apportes=sum(un.og == og.finess for un in faits.essms),
        petit=unless_silent(lambda: is_small_og(dossier.aap.regles, og.total_essms), None, silences),
        porteur=og.finess == faits.og_porteur,
    )


def _members(
    dossier: Dossier, faits: Faits, retenus: set[str], jour: date, contexte: Contexte | None
) -> list[MembreVu]:
    pris = contexte.deja_pris if contexte else taken_elsewhere(dossier, faits.essms)
    juridiques = numeros_juridiques(faits)
    fermes = _closed(dossier, faits, jour)
    vus = []
    for un in faits.essms:
        motif = (
            motif_numero(un.finess, juridiques)
            or _said_closed(fermes.get(un.finess))
            or _said_held(pris.get(un.finess))
            or motif_hors_l312_1(un)
        )
        retenu = un.finess in retenus
        vus.append(MembreVu(essms=un, retenu=retenu, ok=not motif, phrase=_sentence(motif, retenu=retenu)))
    return vus


def _closed(dossier: Dossier, faits: Faits, jour: date) -> dict[str, date | None]:
    """Day of closure of those that the register knows as closed."""
    numeros = [un.finess for un in faits.essms]
    lignes = Essms.objects.filter(finess__in=numeros, rejeu=dossier.aap.rejeu, ferme_le__lte=jour)
    return dict(lignes.order_by("finess").values_list("finess", "ferme_le"))


def _said_closed(le: date | None) -> str:
    return f"fermé depuis le {en_toutes_lettres(le)}" if le else ""


def _said_held(detenteur: Detenteur | None) -> str:
    return f"déjà retenu par le dossier {say_holder(detenteur)}" if detenteur else ""


def _sentence(motif: str, *, retenu: bool) -> str:
    if not motif:
        return "Éligible."
    suite = "" if retenu else " Il ne compte pas dans la grappe."
    return f"{motif[0].upper()}{motif[1:].removesuffix('.')}.{suite}"
