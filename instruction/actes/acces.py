"""Pages of lists for some roles of the agency: whoever holds none of them is refused, and each reads her regions."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase

from aap.models import Dossier
from aap.querysets import DossierQuerySet
from comptes.acces import Lecture, page_de_lecture
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge

Vue = Callable[..., HttpResponse]


def page_reservee(*roles: Role) -> Callable[[Vue], Callable[..., HttpResponseBase]]:
    """A page that reads, for who holds one of these roles today."""

    def declare(vue: Vue) -> Callable[..., HttpResponseBase]:
        @page_de_lecture
        @wraps(vue)
        def opens(request: Lecture, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.roles_au(horloge.aujourdhui()).keys().isdisjoint(roles):
                raise PermissionDenied
            return vue(request, *args, **kwargs)

        return opens

    return declare


def within(personne: Utilisateur, *roles: Role) -> DossierQuerySet:
    """The dossiers she reads of the regions where she holds one of these roles; a national call has none."""
    jour = horloge.aujourdhui()
    detenus = personne.roles_au(jour)
    regions = frozenset[str | None]().union(*(detenus.get(role, frozenset()) for role in roles))
    ou = Q(aap__region__in=[code for code in regions if code])
    if None in regions:
        ou |= Q(aap__region=None)
    visibles: DossierQuerySet = Dossier.objects.filter(pk__in=Dossier.objects.visible_to(personne, jour).values("pk"))
    return visibles.filter(ou)


def roles_in(detenus: Mapping[str, frozenset[str | None]], region: str | None) -> frozenset[str]:
    """Of the roles she holds, those of that region: what a list asks of each row without a query."""
    return frozenset(role for role, regions in detenus.items() if region in regions)
