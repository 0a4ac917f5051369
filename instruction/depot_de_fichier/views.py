from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from aap.models import FichierRecu
from aap.reception import depot
from aap.reception.accueil import may_import
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.depot_de_fichier import bilan
from instruction.depot_de_fichier.forms import DOSSIERS_MAX, TAILLE_MAX, Depot
from moteur import horloge
from moteur.fichiers import to_json

RACINE = Path(__file__).resolve().parents[2]
MODELES: Mapping[str, Path] = {
    "dossiers-exemple.json": RACINE / "fixtures" / "echange" / "dossiers-exemple.json",
    "dossiers.schema.json": RACINE / "docs" / "echange" / "dossiers.schema.json",
}


@page_de_lecture
def accueil(request: Lecture) -> HttpResponse:
    """Where a file is chosen."""
    _check_may_import(request.user)
    return _show_form(request, Depot())


@page_d_action
def essayer(request: Privee) -> HttpResponse:
    """Judge the file, and keep it until she imports it."""
    _check_may_import(request.user)
    saisie = Depot(request.POST, request.FILES)
    if not saisie.is_valid():
        return _show_form(request, saisie)
    recu = saisie.cleaned_data["fichier"]
    garde = depot.try_out(recu.nom, recu.octets, recu.fichier, request.user)
    return redirect("importer-bilan", garde.pk)


@page_de_lecture
def verdicts(request: Lecture, cle: UUID) -> HttpResponse:
    """What is to be said of each record, before the import, then after it."""
    lu = bilan.read(_hers(request.user, cle), request.user)
    return render(request, "instruction/importer_bilan.html", {"bilan": lu})


@page_d_action
def importer(request: Privee, cle: UUID) -> HttpResponse:
    """Let in the records that are right."""
    depot.import_kept(_hers(request.user, cle), request.user)
    return redirect("importer-bilan", cle)


@page_de_lecture
def refuses(request: Lecture, cle: UUID) -> HttpResponse:
    """The refused records with their reasons, to be corrected and handed over again."""
    rendus = to_json(depot.refused(_hers(request.user, cle)))
    entetes = {
        "Content-Disposition": 'attachment; filename="dossiers.rejets.json"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(rendus, content_type="application/json", headers=entetes)


@page_de_lecture
def modele(request: Lecture, nom: str) -> HttpResponse:
    """What to prepare a file with: an example, and the format."""
    _check_may_import(request.user)
    if nom not in MODELES:
        raise Http404
    entetes = {"Content-Disposition": f'attachment; filename="{nom}"'}
    return HttpResponse(MODELES[nom].read_bytes(), content_type="application/json", headers=entetes)


def _show_form(request: Lecture | Privee, saisie: Depot) -> HttpResponse:
    porteur = Role.PORTEUR in request.user.roles_au(horloge.aujourdhui())
    bornes = {"dossiers_max": DOSSIERS_MAX, "mega_max": TAILLE_MAX // 2**20, "porteur": porteur}
    return render(
        request, "instruction/importer.html", {"saisie": saisie, **bornes}, status=422 if saisie.errors else 200
    )


def _check_may_import(personne: Utilisateur) -> None:
    if not may_import(personne):
        raise PermissionDenied


def _hers(personne: Utilisateur, cle: UUID) -> FichierRecu:
    """A file she handed over; another's does not exist."""
    _check_may_import(personne)
    return get_object_or_404(FichierRecu, pk=cle, par=personne)
