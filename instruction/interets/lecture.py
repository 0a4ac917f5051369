"""The interests a person may read, each with where it stands today. A fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from aap.models import Dossier
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from grappes.interets import may_end
from grappes.models import Interet
from instruction.libelles import Badge

MONTRES = 100


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """One interest. `terminable`: by the reader."""

    interet: Interet
    badge: Badge
    terminable: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """`deports`: dossiers that hers shut her out of today. `autres`: those of the people of her region."""

    siens: list[Ligne]
    autres: list[Ligne]
    lit_les_autres: bool
    deports: int


def read(lecteur: Utilisateur, jour: date) -> Page:
    visibles = Interet.objects.visible_to(lecteur, jour).select_related("personne", "og", "declare_par", "clos_par")
    lignes = [_line(un, lecteur, jour) for un in visibles.order_by("-du", "-pk")[:MONTRES]]
    roles = lecteur.roles_propres_au(jour)
    return Page(
        siens=[une for une in lignes if une.interet.personne_id == lecteur.pk],
        autres=[une for une in lignes if une.interet.personne_id != lecteur.pk],
        lit_les_autres=bool(roles.keys() & {Role.RESPONSABLE, Role.AUDITEUR}),
        deports=shut_out(lecteur, jour),
    )


def shut_out(personne: Utilisateur, jour: date) -> int:
    """Of the dossiers she reads, how many she may not act on."""
    return Dossier.objects.visible_to(personne, jour).with_deport(personne, jour).filter(deport=True).count()


def agents_of(responsable: Utilisateur, jour: date) -> list[Utilisateur]:
    """Those about whom she may declare: herself first, then the people of the regions where she is responsable."""
    niveaux = responsable.roles_propres_au(jour).get(Role.RESPONSABLE, frozenset())
    if not niveaux:
        return [responsable]
    tenues = Affectation.objects.valides_le(jour).at(niveaux).exclude(role=Role.PORTEUR)
    autres = Utilisateur.objects.filter(pk__in=tenues.values("utilisateur"), is_active=True).exclude(pk=responsable.pk)
    return [responsable, *autres.order_by("last_name", "pk")]


def _line(interet: Interet, lecteur: Utilisateur, jour: date) -> Ligne:
    sienne = interet.personne_id == lecteur.pk
    parle = sienne or Role.RESPONSABLE in lecteur.roles_propres_au(jour)
    return Ligne(
        interet=interet,
        badge=_badge(interet, jour),
        terminable=interet.au is None and parle and may_end(lecteur, interet),
    )


def _badge(interet: Interet, jour: date) -> Badge:
    if interet.au and interet.au < jour:
        return Badge("Terminé", "", "archive-line")
    if interet.du > jour:
        return Badge("À venir", "blue-cumulus", "time-line")
    return Badge("En cours", "warning", "link")
