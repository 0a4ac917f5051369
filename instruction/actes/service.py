"""Doing an act from a page that was read at some moment: refused when the dossier has moved since.

A page bears the rank of the last line of the dossier's chain, which its convention, payments and declarations share:
whatever was done in between, on whichever of them, is seen. What the porteur types field by field does not count.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.actes.catalogue import ACTES, Acte
from instruction.recit import ENTRE_SOI, TUS, Etape, step
from moteur import horloge, signature
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.porte import roles_sur
from moteur.texte import cite, en_toutes_lettres
from ui.templatetags.francais import heure

#: How many of the latest changes a refusal tells.
DITS = 10
#: A rank is short: anything longer was not written by a page.
CHIFFRES = 9


def last_rank(pk: int) -> int:
    """Rank of the last thing done on a dossier, which a page must bear to act.

    Asked before the dossier is read: what happens between the two is then refused, not missed.
    """
    rang: int | None = _told(Dossier(pk=pk)).aggregate(dernier=Max("rang"))["dernier"]
    return rang or 0


def rank(vu: str) -> int:
    """The rank that a form bears. Raises: Refus when it bears none."""
    if not _is_rank(vu):
        raise Refus(Code.DONNEES_INVALIDES, "Ce formulaire est incomplet : relisez la page, puis recommencez.")
    return int(vu)


def rank_to_bear(pk: int, vu: str, refus: Refus | None) -> int:
    """The rank of a page that comes back. What was only badly typed keeps its own: nobody was told what others did."""
    return int(vu) if refus is None and _is_rank(vu) else last_rank(pk)


def agir(pk: int, nom: str, par: Utilisateur, *, vu: int, donnees: Mapping[str, Any]) -> bool:
    """Do that act, read at rank `vu`. False: this person had just done it, the form was only sent twice.

    Locks: the dossier, until the end (docs/verrous.md). Raises: Refus DOSSIER_MODIFIE with what others did since, and
    whatever the door raises; Dossier.DoesNotExist.
    """
    acte = ACTES[nom]
    with transaction.atomic():
        dossier: Dossier = Dossier.objects.locked().select_related(*Dossier.AVEC).get(pk=pk)
        depuis = list(_since(dossier, vu, par))
        if any(_is_same(entree, acte, par, donnees) for entree in depuis):
            return False
        if depuis:
            raise _modified(dossier, depuis)
        objet = acte.objet(dossier)
        if objet is None:
            raise impossible(acte, dossier)
        acte.do(objet, par, donnees)
    return True


def impossible(acte: Acte, dossier: Dossier) -> Refus:
    """There is nothing here to do that act on."""
    return Refus(
        Code.TRANSITION_INTERDITE,
        f"{cite(acte.libelle)} n'est pas possible : dossier à l'état {cite(dossier.libelle_etat)}.",
        etat=dossier.etat,
    )


def _is_rank(vu: str) -> bool:
    return vu.isascii() and vu.isdecimal() and len(vu) <= CHIFFRES


def _told(dossier: Dossier) -> Any:
    return Entree.objects.filter(chaine=dossier.chaine).exclude(action__in=TUS)


def _since(dossier: Dossier, vu: int, par: Utilisateur) -> Any:
    """What was done after that rank; a porteur neither reads what the agencies say among themselves nor waits on it."""
    depuis = _told(dossier).filter(rang__gt=vu)
    if roles_sur(dossier, par) <= {Role.PORTEUR}:
        depuis = depuis.exclude(action__in=ENTRE_SOI)
    return depuis.select_related("par").order_by("rang")


def _is_same(entree: Entree, acte: Acte, par: Utilisateur, donnees: Mapping[str, Any]) -> bool:
    """Whether that line is this very form, sent before."""
    if (entree.par_id, entree.action) != (par.pk, acte.nom):
        return False
    if entree.objet.partition(":")[0] != acte.modele._meta.model_name:
        return False
    try:
        lues = signature.lire(acte.fonction, donnees)
    except Refus:
        return False
    return bool(entree.donnees == signature.jsonable(acte.fonction, lues))


def _modified(dossier: Dossier, depuis: Sequence[Entree]) -> Refus:
    etapes = [step(entree, dossier) for entree in depuis[-DITS:]]
    principale = next((etape for etape in reversed(etapes) if etape.principale), etapes[-1])
    return Refus(
        Code.DOSSIER_MODIFIE,
        f"{_say(principale)} Relisez, puis recommencez.",
        changements=[_say(etape) for etape in reversed(etapes)],
    )


def _say(etape: Etape) -> str:
    """M. Y a demandé des compléments à 14 h 05."""
    jour = horloge.jour(etape.le)
    quand = "" if jour == horloge.aujourdhui() else f"le {en_toutes_lettres(jour)} "
    return f"{etape.qui} {etape.fait} {quand}à {heure(etape.le)}."
