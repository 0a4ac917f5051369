"""Step 2: compose the grappe from the register. What is right goes in, the rest comes back with its reason."""

from collections import Counter

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aap.composition import Situation, situation
from aap.membres import composer
from aap.models import Dossier
from aap.presence import announce
from comptes.acces import Privee
from grappes.composition import Resolution, bring_all, resolve
from grappes.models import Essms, OrganismeGestionnaire
from moteur import horloge
from moteur.erreurs import Code, Refus
from portail.acces import OUVERTS, page_du_porteur
from portail.grappe import by_og, numbers_of
from portail.vues.saisie import step_page

TROUVES = 20
#: A search that finds ESSMS of more OGs than that designates none of them.
OGS_PROPOSES = 3


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def grappe(request: Privee, dossier: Dossier) -> HttpResponse:
    """The members by OG, each with its verdict; and four ways to add some: a whole OG, search, paste, send a file."""
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
        lue = resolve(_given(request), jour=horloge.aujourdhui())
        presents = set(_members(dossier))
        nouveaux = [essms.finess for essms in lue.trouves if essms.finess not in presents]
        if nouveaux:
            composer(dossier, request.user, ajouter=nouveaux)
            announce(dossier, request.user, lieu="grappe", ecrit=True)
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
    announce(dossier, request.user, lieu="grappe", ecrit=True)
    return redirect(f"{reverse('portail:grappe', args=[dossier.pk])}?{urlencode({'og': request.POST.get('og', '')})}")


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
    contexte = step_page(request, dossier, "grappe") | _found(request, dossier)
    vue = situation(dossier, horloge.aujourdhui(), contexte["panneau"].contexte)
    contexte |= {
        "situation": vue,
        "organismes": by_og(vue, request.POST.get("og") or request.GET.get("og", "")),
        "siens": _own(dossier, vue),
        "refus": refus,
        "lue": lue,
        "ajoutes": ajoutes,
        "deja": deja,
    }
    return render(request, "portail/etapes/grappe.html", contexte, status=status)


def _given(request: Privee) -> str:
    """The numbers posted, or those of every ESSMS that an OG may bring. Raises: Refus DONNEES_INVALIDES."""
    og = request.POST.get("organisme")
    if not og:
        return numbers_of(request.POST, request.FILES)
    siens = bring_all(og, jour=horloge.aujourdhui())
    if not siens:
        raise Refus(Code.DONNEES_INVALIDES, "Cet organisme n'a aucun ESSMS ouvert au registre FINESS.")
    return " ".join(essms.finess for essms in siens)


def _found(request: Privee, dossier: Dossier) -> dict[str, object]:
    texte = request.GET.get("q", "").strip()[:200]
    trouves = list(Essms.objects.found(texte, TROUVES)) if texte else []
    presents = set(_members(dossier)) if trouves else set()
    entiers = _whole(trouves, presents)
    tous = bool(entiers) and {essms.og for essms in trouves} == {og for og, _ in entiers}
    return {"q": texte, "trouves": trouves, "presents": presents, "entiers": entiers, "tous": tous}


def _whole(trouves: list[Essms], presents: set[str]) -> list[tuple[OrganismeGestionnaire, int]]:
    """The OGs that a precise search designates, each with how many ESSMS it may bring at once. One query at most."""
    cites = Counter(essms.og for essms in trouves)
    ogs = [og for og, fois in cites.items() if fois > 1]
    if not ogs or len(cites) > OGS_PROPOSES:
        return []
    ouverts = Essms.objects.open_on(horloge.aujourdhui()).filter(og__in=ogs).exclude(finess__in=presents)
    nombres = Counter(ouverts.values_list("og", flat=True))
    return [(og, nombres[og.pk]) for og in sorted(ogs, key=str) if nombres[og.pk] > 1]


def _own(dossier: Dossier, vue: Situation) -> int:
    """How many ESSMS the OG that carries the grappe may start it with; 0 once it is started."""
    if vue.membres:
        return 0
    return Essms.objects.open_on(horloge.aujourdhui()).filter(og=dossier.grappe.og_porteur_id).count()


def _members(dossier: Dossier) -> list[str]:
    return list(dossier.grappe.membres.presents().values_list("essms__finess", flat=True))
