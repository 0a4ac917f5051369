"""Forms in place of documents, one page per OG; then joined to the dossier by a gesture of the porteur."""

from django.contrib import messages as bandeau
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from aap.champs import form
from aap.documents.formulaires import asked_of, review
from aap.documents.jonction import join
from aap.examen import facts
from aap.faits import FaitsOg
from aap.models import Dossier, Section
from aap.presence import announce
from aap.reprise import lender, taken_up
from aap.saisie import Conflit, read, saisir
from comptes.acces import Privee
from moteur.erreurs import Refus
from portail import questions
from portail.acces import OUVERTS, page_du_porteur
from portail.pieces import gather
from portail.presence import place
from portail.vues.pieces import show
from portail.vues.saisie import VUE, step_page, write


@require_http_methods(["GET", "HEAD", "POST"])
@page_du_porteur
def formulaire(request: Privee, dossier: Dossier, section: Section, og: str) -> HttpResponse:
    """The questions asked of one OG."""
    if dossier.etat not in OUVERTS:
        return redirect("dossier", dossier.pk)
    if request.method != "POST":
        gather(dossier)
    ogs = _asked(dossier, section)
    concerne = next((un for un in ogs if un.finess == og), None)
    if concerne is None or any(not nom.startswith(f"{VUE}{og}.") for nom in request.POST if nom.startswith(VUE)):
        raise Http404
    contexte: dict[str, object] = {"og": concerne, "ogs": ogs, "code": form(section).piece}
    conflits: tuple[Conflit, ...] = ()
    if request.method == "POST":
        try:
            ecriture = write(request, dossier, section)
        except Refus as refus:
            contexte["refus"] = refus
        else:
            conflits = ecriture.conflits
            if not conflits and not any(nom.startswith(f"{og}.") for nom in ecriture.fautes):
                return _onwards(dossier, section, og)
        gather(dossier)
    contexte |= step_page(request, dossier, "pieces", lieu=place(section, og))
    contexte["page"] = page = questions.ask(dossier, section, og=og, conflits=conflits)
    contexte["preteur"] = _lender(page, ogs, og)
    return render(request, "portail/etapes/formulaire.html", contexte)


@require_POST
@page_du_porteur
def reprendre(request: Privee, dossier: Dossier, section: Section, og: str) -> HttpResponse:
    """Take up for this OG what another one answered, where it has answered nothing; then it is corrected like the rest.

    The answers leave as if typed over blank fields: what somebody gives meanwhile is kept, not overwritten.
    """
    ogs = {un.finess: un for un in _asked(dossier, section)} if dossier.etat in OUVERTS else {}
    source = ogs.get(request.POST.get("de", ""))
    if source is None or og not in ogs or source.finess == og:
        raise Http404
    saisie = read(dossier, section)
    valeurs = taken_up(section, saisie.champs if saisie else {}, de=source.finess, pour=og)
    if valeurs:
        try:
            saisir(dossier, request.user, section=section, valeurs=valeurs, vues=dict.fromkeys(valeurs, ""))
        except Refus as refus:
            bandeau.error(request, refus.message)
        else:
            announce(dossier, request.user, lieu=place(section, og), ecrit=True)
            bandeau.success(request, f"Réponses de {source.nom or source.finess} reprises. Corrigez ce qui diffère.")
    return redirect("portail:formulaire", dossier.pk, section, og)


@require_POST
@page_du_porteur
def joindre(request: Privee, dossier: Dossier, section: Section) -> HttpResponse:
    """Make the answers a document of the dossier."""
    if not form(section).piece:
        raise Http404
    try:
        join(dossier, request.user, section)
    except Refus as refus:
        return show(request, dossier, refus=refus, status=409)
    return redirect("portail:pieces", dossier.pk)


def _asked(dossier: Dossier, section: Section) -> tuple[FaitsOg, ...]:
    """Whom this form is asked of. A section that is no such form does not exist here (404)."""
    if not form(section).piece:
        raise Http404
    try:
        return asked_of(section, dossier.aap.regles, facts(dossier))
    except Refus:
        raise Http404 from None


def _lender(page: questions.Page, ogs: tuple[FaitsOg, ...], og: str) -> FaitsOg | None:
    """The OG whose answers the page offers to take up."""
    finess = lender(page.section, page.champs, [un.finess for un in ogs], pour=og)
    return next((un for un in ogs if un.finess == finess), None)


def _onwards(dossier: Dossier, section: Section, og: str) -> HttpResponse:
    """To the next OG that lacks an answer, else back to the documents."""
    etat = review(dossier, section, facts(dossier), read(dossier, section))
    reste = [partie.og.finess for partie in etat.parties if partie.manques and partie.og.finess != og]
    if reste:
        return redirect("portail:formulaire", dossier.pk, section, next((un for un in reste if un > og), reste[0]))
    return redirect(f"{reverse('portail:pieces', args=[dossier.pk])}#piece-{form(section).piece}")
