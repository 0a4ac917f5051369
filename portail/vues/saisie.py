"""The steps of a filing. Each page works whole without JavaScript; with it, each field is kept as one leaves it."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aap.models import Dossier, Section
from aap.presence import announce
from aap.saisie import Ecriture, saisir
from comptes.acces import Privee
from moteur.erreurs import Code, Refus
from portail import panneau, questions
from portail.acces import OUVERTS, carried_by, page_du_porteur
from portail.complements import banner
from portail.etapes import ETAPES
from portail.presence import around, place

#: The section a step fills in, where it has one.
SECTIONS = {"projet": Section.PROJET, "depot": Section.ENGAGEMENTS}
#: The page of each step that is a form of its own.
GABARITS = {
    "appel": "portail/etapes/appel.html",
    "projet": "portail/etapes/projet.html",
    "depot": "portail/etapes/depot.html",
}
VUE = "vue:"


@require_http_methods(["GET", "HEAD", "POST"])
@page_du_porteur
def etape(request: Privee, dossier: Dossier, code: str) -> HttpResponse:
    """One step: its questions, and beside them what the answers are worth so far."""
    if dossier.etat not in OUVERTS:
        return redirect("dossier", dossier.pk)
    if code not in GABARITS:
        raise Http404
    contexte: dict[str, object] = {}
    if request.method == "POST":
        if code not in SECTIONS:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        try:
            ecriture = write(request, dossier, SECTIONS[code])
        except Refus as refus:
            contexte["refus"] = refus
        else:
            if not ecriture.conflits and not ecriture.fautes:
                return redirect("portail:etape", dossier.pk, _after(code))
            contexte["conflits"] = ecriture.conflits
    return render(request, GABARITS[code], step_page(request, dossier, code) | contexte)


@require_POST
@page_du_porteur
def champ(request: Privee, dossier: Dossier, section: Section) -> HttpResponse:
    """Keep one field as its writer leaves it; answer with its state, and the panel."""
    try:
        nom = _one(request.POST)
        ecriture = write(request, dossier, section)
    except Refus as refus:
        return render(request, "portail/partials/_refus.html", {"refus": refus}, status=409)
    dossier = carried_by(request.user).get(pk=dossier.pk)
    og = nom.partition(".")[0] if "." in nom else ""
    page = questions.ask(dossier, section, og=og, conflits=ecriture.conflits)
    question = next(une for une in page.questions if une.nom == nom)
    contexte = {"dossier": dossier, "question": question, "page": page, "panneau": panneau.read(dossier)}
    contexte["etapes"] = ETAPES
    return render(request, "portail/partials/_champ_ecrit.html", contexte)


def write(request: Privee, dossier: Dossier, section: Section) -> Ecriture:
    """What was posted, through the door. Raises: Refus."""
    valeurs = _fields(request.POST)
    vues = {nom: request.POST.get(f"{VUE}{nom}", "") for nom in valeurs}
    ecriture: Ecriture = saisir(dossier, request.user, section=section, valeurs=valeurs, vues=vues)
    if valeurs:
        og = next(iter(valeurs)).rpartition(".")[0]
        announce(dossier, request.user, lieu=place(section, og), ecrit=True)
    return ecriture


def _one(envoi: QueryDict) -> str:
    """The field that was left. Raises: Refus DONNEES_INVALIDES when none is named."""
    if nom := next(iter(_fields(envoi)), ""):
        return nom
    raise Refus(Code.DONNEES_INVALIDES, "Aucune réponse n'a été reçue : rechargez la page, puis recommencez.")


def _fields(envoi: QueryDict) -> dict[str, str]:
    """The answers posted; an unticked box, which browsers do not send, is known by what was seen of it."""
    vues = [cle.removeprefix(VUE) for cle in envoi if cle.startswith(VUE)]
    return {nom: envoi.get(nom, "") for nom in vues}


def step_page(request: Privee, dossier: Dossier, code: str, *, lieu: str = "") -> dict[str, Any]:
    """What the page of a step shows. `lieu`: the part of it that is a place of its own (portail.presence)."""
    lu = panneau.read(dossier)
    rang = [une.code for une in ETAPES].index(code)
    return {
        "dossier": dossier,
        "etapes": ETAPES,
        "etape": ETAPES[rang],
        "rang": rang + 1,
        "precedente": ETAPES[rang - 1] if rang else None,
        "suivante": ETAPES[rang + 1] if rang + 1 < len(ETAPES) else None,
        "panneau": lu,
        "complements": banner(dossier, code),
        "presence": around(dossier, request.user, lieu or code),
        "page": questions.ask(dossier, SECTIONS[code]) if code in SECTIONS else None,
    }


def _after(code: str) -> str:
    codes = [une.code for une in ETAPES]
    return codes[min(codes.index(code) + 1, len(codes) - 1)]
