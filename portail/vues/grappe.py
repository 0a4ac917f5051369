"""Step 2: compose the grappe from the register. What is right goes in, the rest comes back with its reason."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aap.composition import situation
from aap.membres import composer
from aap.models import Dossier
from comptes.acces import Privee
from grappes.composition import Resolution, resolve
from grappes.models import Essms
from moteur import horloge
from moteur.erreurs import Refus
from portail.acces import OUVERTS, page_du_porteur
from portail.grappe import by_og, numbers_of
from portail.vues.saisie import step_page

TROUVES = 20


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def grappe(request: Privee, dossier: Dossier) -> HttpResponse:
    """The members by OG, each with its verdict; and three ways to add some: search, paste, send a file."""
    if dossier.etat not in OUVERTS:
        return redirect("dossier", dossier.pk)
    return _show(request, dossier)


@require_GET
@page_du_porteur
def recherche(request: Privee, dossier: Dossier) -> HttpResponse:
    """What the register has for these words, as a part of the page; the whole page without JavaScript."""
    if not request.htmx:
        return _show(request, dossier)
    return render(request, "portail/partials/_trouves.html", {"dossier": dossier} | _found(request, dossier))


@require_POST
@page_du_porteur
def ajouter(request: Privee, dossier: Dossier) -> HttpResponse:
    """Add every number that can be; say of each of the others why not."""
    try:
        lue = resolve(numbers_of(request.POST, request.FILES), jour=horloge.aujourdhui())
        presents = set(_members(dossier))
        nouveaux = [essms.finess for essms in lue.trouves if essms.finess not in presents]
        if nouveaux:
            composer(dossier, request.user, ajouter=nouveaux)
    except Refus as refus:
        return _show(request, dossier, refus=refus, status=409)
    return _show(request, dossier, lue=lue, ajoutes=len(nouveaux), deja=len(lue.trouves) - len(nouveaux))


@require_POST
@page_du_porteur
def retirer(request: Privee, dossier: Dossier) -> HttpResponse:
    """Take members out: one, or all those of an OG. While complements are awaited, with the reason."""
    try:
        composer(dossier, request.user, retirer=request.POST.getlist("finess"), motif=request.POST.get("motif") or None)
    except Refus as refus:
        return _show(request, dossier, refus=refus, status=409)
    return redirect("portail:grappe", dossier.pk)


def _show(
    request: Privee,
    dossier: Dossier,
    *,
    refus: Refus | None = None,
    lue: Resolution | None = None,
    ajoutes: int = 0,
    deja: int = 0,
    status: int = 200,
) -> HttpResponse:
    contexte = step_page(dossier, "grappe") | _found(request, dossier)
    vue = situation(dossier, horloge.aujourdhui(), contexte["panneau"].contexte)
    contexte |= {
        "situation": vue,
        "organismes": by_og(vue),
        "refus": refus,
        "lue": lue,
        "ajoutes": ajoutes,
        "deja": deja,
    }
    return render(request, "portail/etapes/grappe.html", contexte, status=status)


def _found(request: Privee, dossier: Dossier) -> dict[str, object]:
    texte = request.GET.get("q", "").strip()[:200]
    trouves = list(Essms.objects.search(texte).select_related("og", "departement")[:TROUVES]) if texte else []
    return {"q": texte, "trouves": trouves, "presents": set(_members(dossier)) if trouves else set()}


def _members(dossier: Dossier) -> list[str]:
    return list(dossier.grappe.membres.presents().values_list("essms__finess", flat=True))
