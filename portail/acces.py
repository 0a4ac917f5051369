"""Which dossiers a porteur may open here: those shared with her to act on. Any other does not exist (404)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from aap.models import Dossier, Etat
from aap.presence import with_presences
from aap.querysets import DossierQuerySet
from comptes.acces import Privee, page_privee
from comptes.models import Utilisateur

#: States in which the porteur still writes in her dossier.
OUVERTS = frozenset({Etat.BROUILLON, Etat.A_COMPLETER})

Vue = Callable[..., HttpResponseBase]


def carried_by(utilisateur: Utilisateur) -> DossierQuerySet:
    """The dossiers this person acts on as porteur, with what their pages read."""
    portes: DossierQuerySet = Dossier.objects.filter(
        aap__rejeu=None,
        dossieruserobjectpermission__user=utilisateur,
        dossieruserobjectpermission__permission__codename="porter",
    )
    return portes.with_rules().select_related("aap__region")


def page_du_porteur(vue: Vue) -> Vue:
    """A page on one dossier, of a person who carries it: `vue(request, dossier, …)`."""

    @page_privee
    @wraps(vue)
    def opens(request: Privee, pk: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        dossier = get_object_or_404(with_presences(carried_by(request.user)), pk=pk)
        return vue(request, dossier, *args, **kwargs)

    return opens
