"""Who an e-mail goes to: the porteur's people, or those who hold a role where the dossier or the request is handled."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from aap.models import Dossier, DossierUserObjectPermission
from accompagnement.models import DemandeAide
from comptes.models import Affectation, Delegation
from comptes.roles import AGENCE, Role

#: What e-mails are about.
Objet = Dossier | DemandeAide


@dataclass(frozen=True)
class Annuaire:
    """People by what they hold. `porteurs`: by key of an object; `tenants`: by (role, region), None for the country.

    `deports`: (key of a dossier, person) of those whom a declared interest shuts out: they are told nothing of it.
    """

    porteurs: Mapping[str, frozenset[int]]
    tenants: Mapping[tuple[str, str | None], frozenset[int]]
    deports: AbstractSet[tuple[str, int]] = frozenset()

    def people(self, objet: Objet, role: str) -> list[int]:
        """Keys of those who hold that role on that object, in a stable order."""
        if role == Role.PORTEUR:
            return sorted(self.porteurs.get(objet.cle, ()))
        trouves: set[int] = set()
        for region in objet.regions_de(role):
            trouves |= self.tenants.get((role, region), frozenset())
        return sorted(qui for qui in trouves if (objet.cle, qui) not in self.deports)

    def officers(self, objet: Objet) -> list[int]:
        """Keys of those who instruct it, or advise on it for the GRADeS."""
        return sorted({qui for role in (*AGENCE, Role.CONSEILLER_GRADES) for qui in self.people(objet, role)})


def directory(objets: Collection[Objet], jour: date) -> Annuaire:
    """Who is to be told about these objects that day. Three queries, however many.

    Only accounts that are open, whose role is in force, theirs or delegated: whom the doors would let act.
    """
    actives = Affectation.objects.valides_le(jour).filter(utilisateur__is_active=True)
    suppleants = Delegation.objects.en_vigueur(jour).filter(delegataire__is_active=True).order_by()
    tenues = actives.order_by().values_list("role", "region", "utilisateur")
    tenants: dict[tuple[str, str | None], set[int]] = defaultdict(set)
    regions = {region for objet in objets for role in Role.values for region in objet.regions_de(role)}
    for role, region, qui in tenues.union(suppleants.values_list("role", "region", "delegataire")):
        if role == Role.PORTEUR or region in regions:
            tenants[role, region].add(qui)
    porteurs = tenants.pop((Role.PORTEUR, None), set())
    return Annuaire(
        porteurs=_frozen((cle, qui) for cle, qui in _carriers(objets) if qui in porteurs),
        tenants={cle: frozenset(qui) for cle, qui in tenants.items()},
        deports=_shut_out(objets, jour),
    )


def _shut_out(objets: Collection[Objet], jour: date) -> set[tuple[str, int]]:
    cles = {objet.pk: objet.cle for objet in objets if isinstance(objet, Dossier)}
    exclus = Dossier.objects.filter(pk__in=cles).shut_out(jour)
    return {(cles[pk], qui) for pk, qui in exclus}


def _carriers(objets: Collection[Objet]) -> Iterable[tuple[str, int]]:
    """(object, person): those who may act on a dossier as porteur, and its referent; who asked for help."""
    dossiers = {objet.pk: objet for objet in objets if isinstance(objet, Dossier)}
    partages = DossierUserObjectPermission.objects.filter(content_object__in=dossiers, permission__codename="porter")
    yield from ((dossiers[pk].cle, qui) for pk, qui in partages.values_list("content_object", "user"))
    yield from ((dossier.cle, dossier.referent_id) for dossier in dossiers.values() if dossier.referent_id)
    yield from ((objet.cle, objet.auteur_id) for objet in objets if isinstance(objet, DemandeAide))


def _frozen(paires: Iterable[tuple[str, int]]) -> Mapping[str, frozenset[int]]:
    groupes: dict[str, set[int]] = defaultdict(set)
    for cle, valeur in paires:
        groupes[cle].add(valeur)
    return {cle: frozenset(valeurs) for cle, valeurs in groupes.items()}
