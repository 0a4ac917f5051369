"""The pages that lead to the acts: payments, committee, verification, and the last one dossier by dossier."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from aap.models import Dossier
from comptes.acces import Lecture, page_de_lecture
from instruction.actes import comite as du_comite
from instruction.actes import etablissements
from instruction.actes import paiements as des_paiements
from instruction.actes import verifications as des_verifications
from instruction.actes.acces import page_reservee
from instruction.regard import look
from moteur import horloge


@page_reservee(*des_paiements.LECTEURS)
def paiements(request: Lecture) -> HttpResponse:
    """What is payable, what is blocked and by what, what is paid."""
    groupes = des_paiements.read(request.user, request.GET.get("groupe", ""), request.GET.get("page"))
    return render(request, "instruction/actes/paiements.html", {"groupes": groupes})


@page_reservee(*du_comite.LECTEURS)
def comite(request: Lecture) -> HttpResponse:
    """What awaits the committee."""
    return render(
        request, "instruction/actes/comite.html", {"comite": du_comite.read(request.user, request.GET.get("page"))}
    )


@page_reservee(*des_verifications.LECTEURS)
def verifications(request: Lecture) -> HttpResponse:
    """What awaits verification."""
    lues = des_verifications.read(request.user, request.GET.get("page"))
    return render(request, "instruction/actes/verifications.html", {"verifications": lues})


@page_de_lecture
def verification(request: Lecture, pk: int) -> HttpResponse:
    """The usages of one dossier, ESSMS by ESSMS, for those who instruct it. Its porteur has her own page (403)."""
    jour = horloge.aujourdhui()
    visibles = des_verifications.measured(Dossier.objects.visible_to(request.user, jour))
    dossier = get_object_or_404(visibles, pk=pk)
    if not look(request.user, dossier, jour).interne:
        raise PermissionDenied
    return render(request, "instruction/actes/verification.html", {"lue": etablissements.read(dossier)})
