"""The page of the opinion of the GRADeS: what was given, and the form of an adviser's own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from aap.models import Dossier
from accompagnement.annotation import current_levels
from accompagnement.models import Axe
from comptes.acces import Privee, page_privee
from instruction.actes import service
from instruction.actes.textes import consequences
from instruction.actes.views import DEJA
from instruction.grades.acces import may, readable
from instruction.grades.forms import DonnerAvis
from instruction.grades.gestes import SANS_GESTE, Geste, attempt
from instruction.grades.lecture import opinions

ACTE = "donner_avis_grades"
FAIT = "C'est fait : l'avis du GRADeS est rendu, l'instructeur en est averti."


@require_http_methods(["GET", "HEAD", "POST"])
@page_privee
def avis(request: Privee, pk: int) -> HttpResponse:
    """The opinion for the instruction, beginning with the current levels. A refusal keeps what was typed."""
    vu, dossier = service.last_rank(pk), readable(request.user, pk)
    if request.method != "POST":
        return _show(request, dossier, DonnerAvis(current_levels(dossier)), vu=vu)
    formulaire = DonnerAvis(current_levels(dossier), request.POST)
    lu = request.POST.get("vu", "")
    geste = attempt(
        lambda: service.agir(pk, ACTE, request.user, vu=service.rank(lu), donnees=formulaire.donnees()), formulaire
    )
    if geste.reussi:
        messages.success(request, FAIT if geste.fait else DEJA)
        return redirect("dossier", pk)
    vu, frais = service.rank_to_bear(pk, lu, geste.refus), readable(request.user, pk)
    return _show(request, frais, formulaire, vu=vu, geste=geste)


def _show(
    request: Any, dossier: Dossier, formulaire: DonnerAvis, *, vu: int, geste: Geste = SANS_GESTE
) -> HttpResponse:
    contexte = {
        "dossier": dossier,
        "formulaire": formulaire,
        "axes": [formulaire[axe] for axe in Axe.values],
        "avis": opinions(dossier),
        "donne": may(dossier, ACTE, request.user),
        "consequences": consequences(ACTE, dossier, dossier, porteur=False),
        "vu": vu,
        "refus": geste.refus,
        "changements": geste.refus.details.get("changements", []) if geste.refus else [],
    }
    return render(request, "instruction/grades/avis.html", contexte, status=geste.status)
