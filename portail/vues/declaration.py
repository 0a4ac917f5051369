"""Declaring a month in five steps. Pages work whole without JavaScript; with it, what is typed is kept as one goes."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aap.models import Dossier, Etat
from aap.saisie import Conflit
from comptes.acces import Privee
from moteur import horloge
from moteur.erreurs import Code, Refus
from portail.acces import carried_by, page_du_porteur
from portail.usages import page as pages
from portail.usages.page import ETAPES, gather
from portail.vues.usages import attached
from ui.envois import upload
from usages import colonnes as tableaux
from usages import modele
from usages.chiffres import LIBELLES
from usages.colonnes import FINESS, Lecture, Reprise
from usages.lecture_fichier import TAILLE_MAX, Tableau, bounded, read
from usages.mois import months, period, previous
from usages.recus import declare
from usages.saisie import Ecriture, Etude, saisir, study

VUE, COLONNE = "vue:", "colonne:"
ECRITES = frozenset({"etablissements", "contact", "chiffres"})
#: Characters of the table a page of columns sends back.
TABLEAU_MAX = 2**20

Vue = Callable[..., HttpResponseBase]


def page_du_mois(vue: Vue) -> Vue:
    """A page on one month that this dossier may declare now; otherwise, the list of the months."""

    @page_du_porteur
    @wraps(vue)
    def opens(request: Privee, dossier: Dossier, mois: date, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if dossier.etat != Etat.EN_DEPLOIEMENT:
            return redirect("portail:usages", dossier.pk)
        gather(dossier)
        if mois not in {un.premier for un in months(dossier, horloge.aujourdhui())}:
            raise Http404
        return vue(request, dossier, mois, *args, **kwargs)

    return opens


@require_http_methods(["GET", "HEAD", "POST"])
@page_du_mois
def etape(request: Privee, dossier: Dossier, mois: date, code: str) -> HttpResponse:
    """One step."""
    if request.method != "POST":
        return _show(request, dossier, mois, code)
    if code == "validation":
        return _validate(request, dossier, mois)
    if code not in ECRITES:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    try:
        ecriture = _write(request, dossier, mois)
    except Refus as refus:
        return _show(request, dossier, mois, code, refus=refus, status=409)
    if ecriture.conflits or _wrong(study(dossier, mois), request.POST):
        return _show(request, dossier, mois, code, conflits=ecriture.conflits)
    suivante = _number(request.POST.get("suite", ""))
    if suivante:
        return redirect(f"{request.path}?page={suivante}")
    return redirect("portail:usages-etape", dossier.pk, mois, _after(code))


@require_POST
@page_du_mois
def champ(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    """Keep what was just typed; answer with the state of those fields, and what their lines are worth."""
    try:
        ecriture = _write(request, dossier, mois)
    except Refus as refus:
        return render(request, "portail/partials/_refus.html", {"refus": refus}, status=409)
    etude = study(dossier, mois)
    noms = list(_fields(request.POST))
    essms = {nom.partition(".")[0] for nom in noms if nom.partition(".")[2] in LIBELLES}
    contexte = {
        "cases": pages.cells(etude, dict.fromkeys(noms, ""), ecriture.conflits).values(),
        "grille": pages.grid(etude, only=essms, conflits=ecriture.conflits) if essms else None,
        "saisie": ecriture.saisie,
    }
    return render(request, "portail/usages/_ecrit.html", contexte)


@require_GET
@page_du_mois
def modele_xlsx(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    """The workbook to fill in."""
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return attached(modele.as_xlsx(study(dossier, mois)), mime, f"usages-{dossier.reference}-{mois:%Y-%m}.xlsx")


@require_GET
@page_du_mois
def modele_csv(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    """The same as CSV."""
    contenu = modele.as_csv(study(dossier, mois)).encode()
    return attached(contenu, "text/csv; charset=utf-8", f"usages-{dossier.reference}-{mois:%Y-%m}.csv")


def _too_heavy(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    refus = Refus(
        Code.DONNEES_INVALIDES,
        f"Ce fichier dépasse {TAILLE_MAX // 2**20} Mo. Repartez du modèle à télécharger : il contient déjà vos "
        "établissements.",
    )
    return _show(request, dossier, mois, "chiffres", refus=refus, status=413)


@require_POST
@upload(page_du_mois, _too_heavy)
def fichier(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    """Read a file, and show which column was understood as which figure."""
    envoye = request.FILES.get("fichier")
    try:
        if envoye is None:
            raise Refus(Code.DONNEES_INVALIDES, "Choisissez un fichier XLSX, ODS ou CSV, puis envoyez-le.")
        tableau = read(envoye.name or "", envoye)  # type: ignore[arg-type]  # an uploaded file reads as a binary one
        lecture = tableaux.understand(tableau, tableaux.known(dossier.grappe.og_porteur))
        return _columns(request, dossier, mois, lecture)
    except Refus as refus:
        return _show(request, dossier, mois, "chiffres", refus=refus, status=409)


@require_POST
@page_du_mois
def colonnes(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    """Take the rows by the columns confirmed: the good ones are written, the others come back with their reason."""
    try:
        lecture = _confirmed(request.POST)
        etude = study(dossier, mois)
        reprise = tableaux.take(lecture, {un.finess for un in etude.essms})
        valeurs = {
            f"{finess}.{compte}": texte for finess, lus in reprise.chiffres.items() for compte, texte in lus.items()
        }
        vues = {nom: etude.value(nom) for nom in valeurs}
        remplaces = sum(bool(vues[nom]) and vues[nom] != valeur for nom, valeur in valeurs.items())
        if valeurs:
            saisir(dossier, request.user, mois=mois, valeurs=valeurs, vues=vues)
            tableaux.remember(dossier.grappe.og_porteur, request.user, lecture)
    except Refus as refus:
        return _show(request, dossier, mois, "chiffres", refus=refus, status=409)
    return _show(request, dossier, mois, "chiffres", reprise=reprise, remplaces=remplaces)


def _validate(request: Privee, dossier: Dossier, mois: date) -> HttpResponse:
    """Keep the explanations, then declare."""
    try:
        ecriture = _write(request, dossier, mois) if _fields(request.POST) else None
        if ecriture is not None and ecriture.conflits:
            return _show(request, dossier, mois, "validation", conflits=ecriture.conflits, status=409)
        recu = declare(dossier, request.user, mois=mois, vue=request.POST.get("lu", ""))
    except Refus as refus:
        return _show(request, dossier, mois, "validation", refus=refus, status=409)
    return redirect("portail:usages-recu", dossier.pk, recu.pk)


def _show(
    request: Privee,
    dossier: Dossier,
    mois: date,
    code: str,
    *,
    refus: Refus | None = None,
    conflits: Iterable[Conflit] = (),
    reprise: Reprise | None = None,
    remplaces: int = 0,
    status: int = 200,
) -> HttpResponse:
    """The page of a step, read afresh after a writing."""
    if request.method == "POST":
        dossier = carried_by(request.user).get(pk=dossier.pk)
        gather(dossier)
    etude = study(dossier, mois)
    contexte = _frame(dossier, etude, code) | {"refus": refus, "conflits": list(conflits)}
    contexte |= {"reprise": reprise, "remplaces": remplaces}
    page = min(_number(request.GET.get("page", "")) or 1, pages.pages_of(etude))
    gabarit, contenu = _CONTENUS[code]
    contexte |= contenu(etude, page, conflits)
    return render(request, gabarit, contexte, status=status)


def _frame(dossier: Dossier, etude: Etude, code: str) -> dict[str, Any]:
    rang = [une.code for une in ETAPES].index(code)
    return {
        "dossier": dossier,
        "mois": etude.mois,
        "etude": etude,
        "saisie": etude.saisie,
        "etapes": ETAPES,
        "etape": ETAPES[rang],
        "rang": rang + 1,
        "precedente": ETAPES[rang - 1] if rang else None,
        "suivante": ETAPES[rang + 1] if rang + 1 < len(ETAPES) else None,
    }


def _identity(etude: Etude, page: int, conflits: Iterable[Conflit]) -> dict[str, Any]:
    declarations = etude.dossier.declarations.all()
    return {
        "periode": period(etude.dossier, etude.mois),
        "avant": previous(declarations, etude.mois),
        "libelles": LIBELLES,
    }


def _establishments(etude: Etude, page: int, conflits: Iterable[Conflit]) -> dict[str, Any]:
    fermes = etude.dossier.grappe.membres.filter(essms__ferme_le__lte=horloge.aujourdhui())
    return {
        "essms": pages.corrections(etude, page, conflits),
        "fermes": set(fermes.values_list("essms__finess", flat=True)),
        "page": page,
        "pages": range(1, pages.pages_of(etude) + 1),
    }


def _contact(etude: Etude, page: int, conflits: Iterable[Conflit]) -> dict[str, Any]:
    return {"cases": pages.contact(etude, conflits)}


def _figures(etude: Etude, page: int, conflits: Iterable[Conflit]) -> dict[str, Any]:
    return {
        "grille": pages.grid(etude, page, conflits),
        "libelles": LIBELLES,
        "periode": period(etude.dossier, etude.mois),
        "maximum": TAILLE_MAX,
    }


def _summary(etude: Etude, page: int, conflits: Iterable[Conflit]) -> dict[str, Any]:
    return {
        "grille": pages.grid(etude, only=()),
        "a_expliquer": pages.to_explain(etude),
        "restes": pages.steps_to_fix(etude),
        "contact": pages.contact(etude),
        "periode": period(etude.dossier, etude.mois),
    }


_CONTENUS = {
    "identite": ("portail/usages/identite.html", _identity),
    "etablissements": ("portail/usages/etablissements.html", _establishments),
    "contact": ("portail/usages/contact.html", _contact),
    "chiffres": ("portail/usages/chiffres.html", _figures),
    "validation": ("portail/usages/validation.html", _summary),
}


def _columns(request: Privee, dossier: Dossier, mois: date, lecture: Lecture) -> HttpResponse:
    """The page that shows the columns understood, to correct before anything is taken."""
    envoi = json.dumps({"nom": lecture.tableau.nom, "entete": lecture.entete, "lignes": lecture.tableau.lignes})
    if len(envoi) > TABLEAU_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Ce tableau est trop large pour être montré : gardez le numéro FINESS et les colonnes de chiffres.",
        )
    choix = {FINESS: "Numéro FINESS"} | dict(LIBELLES)
    contexte = _frame(dossier, study(dossier, mois), "chiffres") | {
        "lecture": lecture,
        "tableau": envoi,
        "champs": [(nom, libelle, lecture.colonnes.get(nom)) for nom, libelle in choix.items()],
        "apercu": lecture.tableau.lignes[lecture.entete + 1 : lecture.entete + 4],
    }
    return render(request, "portail/usages/colonnes.html", contexte)


def _confirmed(envoi: QueryDict) -> Lecture:
    """The table and the columns as sent back. Raises: Refus DONNEES_INVALIDES."""
    try:
        lu = json.loads(envoi.get("tableau", ""))
        lignes = [[str(cellule) for cellule in ligne] for ligne in lu["lignes"]]
        nom, entete = str(lu["nom"]), int(lu["entete"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refus(Code.DONNEES_INVALIDES, "Le tableau n'est pas revenu entier : renvoyez le fichier.") from None
    lignes = bounded(lignes)
    largeur = max(len(ligne) for ligne in lignes)
    choisies = {nom: _number(envoi.get(f"{COLONNE}{nom}", "")) for nom in tableaux.CHAMPS}
    colonnes = {nom: rang - 1 for nom, rang in choisies.items() if 0 < rang <= largeur}
    if not 0 <= entete < len(lignes) or len(set(colonnes.values())) < len(colonnes):
        raise Refus(Code.DONNEES_INVALIDES, "Deux chiffres désignent la même colonne : choisissez-en une pour chacun.")
    lignes[entete] += [""] * (largeur - len(lignes[entete]))
    return Lecture(tableau=Tableau(nom=nom, lignes=lignes), entete=entete, colonnes=colonnes)


def _write(request: Privee, dossier: Dossier, mois: date) -> Ecriture:
    """What was posted. Raises: Refus."""
    valeurs = _fields(request.POST)
    vues = {nom: request.POST.get(f"{VUE}{nom}", "") for nom in valeurs}
    return saisir(dossier, request.user, mois=mois, valeurs=valeurs, vues=vues)


def _fields(envoi: QueryDict) -> dict[str, str]:
    """The fields posted: each comes with what was seen of it."""
    noms = [cle.removeprefix(VUE) for cle in envoi if cle.startswith(VUE)]
    return {nom: envoi.get(nom, "") for nom in noms}


def _wrong(etude: Etude, envoi: QueryDict) -> bool:
    """Is something just sent not understood? What is blank may wait."""
    return any(nom in etude.fautes for nom in _fields(envoi))


def _number(texte: str) -> int:
    """A small positive whole number of a form, 0 for anything else."""
    return int(texte) if texte.isascii() and texte.isdigit() and len(texte) < 6 else 0


def _after(code: str) -> str:
    codes = [une.code for une in ETAPES]
    return codes[codes.index(code) + 1]
