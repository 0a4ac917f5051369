"""What changed since a dossier was filed: the register and the grappe today against the snapshot (regles.md §12.11)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aap.faits import Faits, FaitsEssms
from aap.models import Dossier
from grappes.categories import categorie
from grappes.models import Essms, EvenementRegistre, Membre, NatureEvenement
from moteur.texte import cite, en_toutes_lettres


class Ecart(StrEnum):
    """What kind of change."""

    FERME = "ferme"
    AUTRE_OG = "autre_og"
    AUTRE_CATEGORIE = "autre_categorie"
    PARTI = "parti"
    ARRIVE = "arrive"


@dataclass(frozen=True, kw_only=True)
class Changement:
    """One change. `le`: the day it took effect; None when the register does not say."""

    le: date | None
    nature: Ecart
    finess: str
    phrase: str


def members(dossier: Dossier) -> list[Membre]:
    """Every member its grappe has or had, with what the register says of it today. One query."""
    lus = dossier.grappe.membres.select_related("essms__og", "essms__departement")
    return list(lus.order_by("parti_le", "essms__finess", "pk"))


def ecarts(dossier: Dossier, jour: date, membres: list[Membre] | None = None) -> list[Changement]:
    """Every change since the snapshot, the oldest first; none for a draft. `membres`: come from `members`, when already
    read. One or two queries, however many ESSMS."""
    faits = dossier.faits_deposes
    if faits is None:
        return []
    membres = members(dossier) if membres is None else membres
    trouves = [*_of_the_register(membres, faits, jour), *_of_the_grappe(membres, faits)]
    return sorted(trouves, key=lambda un: (un.le or date.min, un.finess, un.nature))


def _of_the_register(membres: list[Membre], faits: Faits, jour: date) -> Iterator[Changement]:
    """What the register says today of those the snapshot names: all were members, and a departure is kept."""
    actuels = {membre.essms.finess: membre.essms for membre in membres}
    paires = [(depose, actuels[depose.finess]) for depose in faits.essms if depose.finess in actuels]
    dates = _dates([un for depose, un in paires if (un.og.finess, un.categorie) != (depose.og, depose.categorie)])
    for depose, essms in paires:
        yield from _compare(depose, essms, dates, jour)


def _compare(
    depose: FaitsEssms, essms: Essms, dates: dict[tuple[int, str, str], date], jour: date
) -> Iterator[Changement]:
    nom = cite(depose.nom)
    if not essms.is_open(jour):
        yield _change(essms.ferme_le, Ecart.FERME, depose.finess, f"{nom} a fermé")
    if essms.og.finess != depose.og:
        le = dates.get((essms.pk, "og", essms.og.finess))
        yield _change(le, Ecart.AUTRE_OG, depose.finess, f"{nom} est passé de l'organisme {depose.og} à {essms.og}")
    if essms.categorie != depose.categorie:
        le = dates.get((essms.pk, "categorie", essms.categorie))
        de, vers = _category(depose.categorie), _category(essms.categorie)
        yield _change(le, Ecart.AUTRE_CATEGORIE, depose.finess, f"{nom} a changé de catégorie, de {de} à {vers}")


def _dates(essms: list[Essms]) -> dict[tuple[int, str, str], date]:
    """Last day on which each ESSMS took each value, by its key, the field and the value. No ESSMS, no query."""
    evenements = EvenementRegistre.objects.filter(
        essms__in=essms, nature=NatureEvenement.CHANGEMENT, champ__in=["og", "categorie"]
    )
    return {
        (un, champ, apres): le
        for un, champ, apres, le in evenements.order_by("le", "pk").values_list("essms_id", "champ", "apres", "le")
    }


def _of_the_grappe(membres: list[Membre], faits: Faits) -> Iterator[Changement]:
    """Who left of those the snapshot names, and who came that it does not name."""
    deposes = {un.finess for un in faits.essms}
    presents = {membre.essms.finess: membre for membre in membres if membre.parti_le is None}
    partis = {membre.essms.finess: membre for membre in membres if membre.essms.finess not in presents}
    for finess in deposes & partis.keys():
        yield _left(partis[finess])
    for finess in presents.keys() - deposes:
        membre = presents[finess]
        yield _change(membre.arrive_le, Ecart.ARRIVE, finess, f"{cite(membre.essms.nom)} a rejoint la grappe")


def _left(membre: Membre) -> Changement:
    fait = f"{cite(membre.essms.nom)} a quitté la grappe"
    motif = f" Motif : {membre.motif_depart}" if membre.motif_depart else ""
    return _change(membre.parti_le, Ecart.PARTI, membre.essms.finess, fait, suite=motif)


def _change(le: date | None, nature: Ecart, finess: str, fait: str, *, suite: str = "") -> Changement:
    quand = f" le {en_toutes_lettres(le)}" if le else ", à une date que le registre ne donne pas"
    return Changement(le=le, nature=nature, finess=finess, phrase=f"{fait}{quand}.{suite}")


def _category(code: str) -> str:
    connue = categorie(code)
    return f"{code} {connue.libelle}" if connue else code
