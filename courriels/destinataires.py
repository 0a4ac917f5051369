"""Who an e-mail about a dossier goes to: its porteur's people, or those who hold a role where it is instructed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from aap.models import Dossier, DossierUserObjectPermission
from comptes.models import Affectation
from comptes.roles import Role


@dataclass(frozen=True)
class Annuaire:
    """People by what they hold. `porteurs`: by dossier; `tenants`: by (role, region), None being the national level."""

    porteurs: Mapping[int, frozenset[int]]
    tenants: Mapping[tuple[str, str | None], frozenset[int]]

    def people(self, dossier: Dossier, role: str) -> list[int]:
        """Keys of those who hold that role on that dossier, in a stable order."""
        if role == Role.PORTEUR:
            return sorted(self.porteurs.get(dossier.pk, ()))
        trouves: set[int] = set()
        for region in dossier.regions_de(role):
            trouves |= self.tenants.get((role, region), frozenset())
        return sorted(trouves)


def directory(dossiers: Collection[Dossier], jour: date) -> Annuaire:
    """Who is to be told about these dossiers that day. Two queries, however many dossiers.

    Only accounts that are open, whose role is in force: whom the doors would let act.
    """
    actives = Affectation.objects.valides_le(jour).filter(utilisateur__is_active=True)
    tenants: dict[tuple[str, str | None], set[int]] = defaultdict(set)
    regions = {region for dossier in dossiers for region in dossier.regions_de("")}
    for role, region, qui in actives.values_list("role", "region", "utilisateur"):
        if role == Role.PORTEUR or region in regions:
            tenants[role, region].add(qui)
    porteurs = tenants.pop((Role.PORTEUR, None), set())
    return Annuaire(
        porteurs=_frozen((dossier, qui) for dossier, qui in _carriers(dossiers) if qui in porteurs),
        tenants={cle: frozenset(qui) for cle, qui in tenants.items()},
    )


def _carriers(dossiers: Collection[Dossier]) -> Iterable[tuple[int, int]]:
    """(dossier, person) of those who may act as porteur, and of the referent."""
    partages = DossierUserObjectPermission.objects.filter(content_object__in=dossiers, permission__codename="porter")
    yield from partages.values_list("content_object", "user")
    yield from ((dossier.pk, dossier.referent_id) for dossier in dossiers if dossier.referent_id)


def _frozen(paires: Iterable[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    groupes: dict[int, set[int]] = defaultdict(set)
    for cle, valeur in paires:
        groupes[cle].add(valeur)
    return {cle: frozenset(valeurs) for cle, valeurs in groupes.items()}
