from typing import cast

from django.contrib import messages as bandeau
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from aap.models import Dossier
from comptes.acces import Privee, page_privee
from comptes.models import Utilisateur
from instruction import fiche, refus
from instruction.actes import page, service
from instruction.actes.catalogue import A_SA_PAGE, ACTES, Acte
from instruction.actes.forms import form_of
from moteur import horloge
from moteur.erreurs import Refus
from moteur.machine import Machine
from moteur.porte import check_right, roles_sur

DEJA = "C'était déjà fait : ce formulaire avait été envoyé deux fois, il n'a compté qu'une."


@require_http_methods(["GET", "HEAD", "POST"])
@page_privee
def agir(request: Privee, pk: int, acte: str) -> HttpResponse:
    """The page of one act on one dossier, and the act. 403: not hers to do; 404: not hers to read."""
    if acte not in ACTES:
        raise Http404
    if acte in A_SA_PAGE:
        return redirect(A_SA_PAGE[acte], pk)
    vu, dossier = service.last_rank(pk), _readable(request.user, pk)
    voulu = ACTES[acte]
    objet = voulu.objet(dossier)
    non = _forbidden(voulu, dossier, objet, request.user)
    if non is not None:
        return _closed(request, voulu, dossier, non, status=403)
    if request.method == "POST":
        return _do(request, voulu, dossier)
    if objet is None or not voulu.leaves(objet.etat):
        return _closed(request, voulu, dossier, service.impossible(voulu, dossier), status=409)
    return _show(request, page.read(dossier, acte, objet, request.user, vu=vu))


def _do(request: Privee, acte: Acte, dossier: Dossier) -> HttpResponse:
    """Do what was typed. A refusal keeps it; a form sent twice is told as done."""
    formulaire = form_of(acte.nom, dossier, request.user, request.POST)
    refuse = None
    if formulaire.is_valid():
        try:
            vu = service.rank(request.POST.get("vu", ""))
            neuf = service.agir(dossier.pk, acte.nom, request.user, vu=vu, donnees=formulaire.donnees())
        except Refus as non:
            refuse = non
        else:
            bandeau.success(request, f"C'est fait\u00a0: {acte.libelle.lower()}." if neuf else DEJA)
            return redirect(page.back_to(dossier, roles_sur(dossier, request.user)))
    return _again(request, acte, dossier.pk, refuse)


def _again(request: Privee, acte: Acte, pk: int, non: Refus | None) -> HttpResponse:
    """The page afresh, with what was typed and why it was not done; or that it can no longer be done.

    `non`: None when it was only badly typed.
    """
    vu, frais = service.rank_to_bear(pk, request.POST.get("vu", ""), non), _readable(request.user, pk)
    objet = acte.objet(frais)
    if objet is None or not acte.leaves(objet.etat):
        non = non or service.impossible(acte, frais)
        return _closed(request, acte, frais, non, status=refus.status(non))
    lue = page.read(frais, acte.nom, objet, request.user, vu=vu, envoi=request.POST, refus=non)
    return _show(request, lue, status=refus.status(non))


def _readable(lecteur: Utilisateur, pk: int) -> Dossier:
    """That dossier; one she may not read does not exist (404)."""
    visibles = Dossier.objects.visible_to(lecteur, horloge.aujourdhui())
    return cast(Dossier, get_object_or_404(fiche.load(visibles).select_related("grappe"), pk=pk))


def _forbidden(acte: Acte, dossier: Dossier, objet: Machine | None, personne: Utilisateur) -> Refus | None:
    """The door's own answer to who she is, whatever the state."""
    roles = acte.roles(objet.etat if objet else None)
    try:
        check_right(objet or dossier, personne, acte.libelle, roles, acte.separes())
    except Refus as non:
        return non
    return None


def _closed(request: Privee, acte: Acte, dossier: Dossier, non: Refus, *, status: int) -> HttpResponse:
    """Not hers, or not possible any more: said, with what changed where somebody was quicker."""
    contexte = {
        "acte": acte,
        "dossier": dossier,
        "refus": non,
        "changements": non.details.get("changements", []),
        "retour": page.back_to(dossier, roles_sur(dossier, request.user)),
    }
    return render(request, "instruction/actes/impossible.html", contexte, status=status)


def _show(request: Privee, lue: page.Page, status: int = 200) -> HttpResponse:
    return render(request, "instruction/actes/acte.html", {"page": lue, "formulaire": lue.formulaire}, status=status)
