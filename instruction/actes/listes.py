"""The three pages of lists that lead to the acts: payments, committee, verification."""

from django.http import HttpResponse
from django.shortcuts import render

from comptes.acces import Lecture
from instruction.actes import comite as du_comite
from instruction.actes import paiements as des_paiements
from instruction.actes import verifications as des_verifications
from instruction.actes.acces import page_reservee


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
