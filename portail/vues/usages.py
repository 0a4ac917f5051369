"""The usage figures of a dossier: the months declared, the VSR, handing in, and the receipts."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aap.models import Dossier, Etat
from comptes.acces import Lecture, Privee, page_de_lecture
from instruction.actes.service import agir, last_rank, rank
from moteur import horloge
from moteur.erreurs import Refus
from moteur.porte import obstacles
from portail.acces import carried_by, page_du_porteur
from portail.usages.page import DECLARES, explain, gather
from usages.models import RecuUsages, Vsr
from usages.mois import months
from usages.recus import as_csv, canonical
from usages.verification import latest, targets


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def accueil(request: Privee, dossier: Dossier) -> HttpResponse:
    """Each month with its receipts; the VSR; what is missing before the usages are handed in."""
    return _show(request, dossier)


@require_POST
@page_du_porteur
def vsr(request: Privee, dossier: Dossier) -> HttpResponse:
    """Record the VSR."""
    return _act(request, dossier, "prononcer_vsr", le=request.POST.get("le", ""))


@require_POST
@page_du_porteur
def soumettre(request: Privee, dossier: Dossier) -> HttpResponse:
    """Hand the usages in, or say everything that is missing."""
    return _act(request, dossier, "soumettre_usages")


@page_de_lecture
def recu(request: Lecture, pk: int, recu: int) -> HttpResponse:
    """The receipt, to read and to print."""
    trouve = _readable(request, pk, recu)
    return render(request, "portail/usages/recu.html", {"recu": trouve, "dossier": trouve.declaration.dossier})


@page_de_lecture
def recu_json(request: Lecture, pk: int, recu: int) -> HttpResponse:
    """The very bytes whose SHA-256 the receipt bears."""
    trouve = _readable(request, pk, recu)
    return attached(canonical(trouve.contenu), "application/json", f"{_name(trouve)}.json")


@page_de_lecture
def recu_csv(request: Lecture, pk: int, recu: int) -> HttpResponse:
    """The same figures, for a spreadsheet."""
    trouve = _readable(request, pk, recu)
    return attached(as_csv(trouve).encode(), "text/csv; charset=utf-8", f"{_name(trouve)}.csv")


def attached(contenu: bytes, mime: str, nom: str) -> HttpResponse:
    """A file to keep."""
    reponse = HttpResponse(contenu, content_type=mime)
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
    reponse.headers["X-Content-Type-Options"] = "nosniff"
    return reponse


def _act(request: Privee, dossier: Dossier, nom: str, **donnees: str) -> HttpResponse:
    """Do that act, unless the dossier has moved since the page was read. A second click finds it done."""
    try:
        agir(dossier.pk, nom, request.user, vu=rank(request.POST.get("vu", "")), donnees=donnees)
    except Refus as refus:
        frais = carried_by(request.user).get(pk=dossier.pk)
        return _show(request, frais, refus=refus, status=409)
    return redirect("portail:usages", dossier.pk)


def _readable(request: Lecture, pk: int, recu: int) -> RecuUsages:
    """That receipt, of a dossier this person may read; anything else does not exist (404)."""
    visibles = Dossier.objects.visible_to(request.user, horloge.aujourdhui()).filter(pk=pk)
    recus = RecuUsages.objects.select_related("declaration__dossier__grappe", "entree")
    return get_object_or_404(recus, pk=recu, declaration__dossier__in=visibles)


def _name(recu: RecuUsages) -> str:
    return f"usages-{recu.contenu['dossier']}-{recu.contenu['mois']}"


def _show(request: Privee, dossier: Dossier, *, refus: Refus | None = None, status: int = 200) -> HttpResponse:
    if dossier.etat not in DECLARES:
        if request.method == "POST":
            raise Http404
        return redirect("dossier", dossier.pk)
    vu = last_rank(dossier.pk)  # before what the page tells is read
    gather(dossier)
    ouvert, silences = dossier.etat == Etat.EN_DEPLOIEMENT, list[str]()
    jour = horloge.aujourdhui()
    mois = months(dossier, jour)
    contexte = {
        "dossier": dossier,
        "refus": refus,
        "vu": vu,
        "ouvert": ouvert,
        "mois": mois,
        "prochain": next((un for un in mois if un.a_declarer), None),
        "vsr": Vsr.objects.filter(dossier=dossier).select_related("par").first(),
        "jour": jour,
        "manques": obstacles(dossier, "soumettre_usages", request.user) if ouvert else [],
        "derniere": latest(dossier),
        "usages": explain(dossier.aap.regles, lambda: targets(dossier), silences),
        "silences": silences,
    }
    return render(request, "portail/usages/accueil.html", contexte, status=status)
