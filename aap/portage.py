"""Who acts for a dossier: the referent, her co-editors, and the hand-over within the OG porteur (regles.md E22)."""

from typing import Annotated

from django.db.models import Q
from guardian.shortcuts import assign_perm, get_user_perms, remove_perm
from pydantic import StringConstraints

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import Rattachement
from grappes.querysets import RattachementQuerySet
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Passage
from moteur.porte import acte
from moteur.texte import cite

PORTER = "porter"
#: As long as somebody has something to do for it.
VIVANTS = frozenset(Etat) - {Etat.IRRECEVABLE, Etat.REORIENTE, Etat.NON_RETENU, Etat.ABANDONNE, Etat.CLOS}

Identifiant = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]


@acte(Dossier, "Inviter un coéditeur", dans=VIVANTS, par=Role.PORTEUR)
def inviter_coediteur(dossier: Dossier, passage: Passage, *, personne: Identifiant) -> Utilisateur:
    """Let a person act on this dossier. She must be attached today to an OG of the grappe.

    `personne`: the name she signs in with. An unknown name and a person of another OG are refused alike.
    """
    invitee = _attached(dossier, personne, porteur_seul=False)
    if _carries(dossier, invitee):
        raise Refus(Code.DONNEES_INVALIDES, f"{invitee} agit déjà sur ce dossier : il n'y a rien à faire.")
    assign_perm(PORTER, invitee, dossier)
    return invitee


@acte(Dossier, "Retirer un coéditeur", dans=VIVANTS, par=Role.PORTEUR)
def retirer_coediteur(dossier: Dossier, passage: Passage, *, personne: Identifiant) -> Utilisateur:
    """She acts on this dossier no longer. The referent stays: the role is handed over, not taken away."""
    ecartee = Utilisateur.objects.filter(username=personne).first()
    if ecartee is None or not _carries(dossier, ecartee):
        raise Refus(
            Code.DONNEES_INVALIDES, f"{cite(personne)} n'agit pas sur ce dossier : relisez la liste des coéditeurs."
        )
    if ecartee.pk == dossier.referent_id:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{ecartee} est la personne référente du dossier : transmettez d'abord ce rôle à quelqu'un d'autre.",
        )
    if dossier.referent_id is None and ecartee.pk == passage.par.pk:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Le dossier n'a pas de personne référente : transmettez-le à quelqu'un avant de vous en retirer.",
        )
    remove_perm(PORTER, ecartee, dossier)
    return ecartee


@acte(Dossier, "Transmettre le dossier", dans=VIVANTS, par=Role.PORTEUR)
def transmettre(dossier: Dossier, passage: Passage, *, personne: Identifiant) -> Utilisateur:
    """Hand the role of referent over to a person attached to the OG porteur, who then acts on the dossier too.

    Done by the referent; once she has left the OG (or when nobody was named), by any co-editor attached to it.
    """
    _check_may_hand_over(dossier, passage.par)
    suivante = _attached(dossier, personne, porteur_seul=True)
    if suivante.pk == dossier.referent_id:
        raise Refus(Code.DONNEES_INVALIDES, f"{suivante} est déjà la personne référente : il n'y a rien à faire.")
    dossier.referent = suivante
    assign_perm(PORTER, suivante, dossier)
    return suivante


def _check_may_hand_over(dossier: Dossier, par: Acteur) -> None:
    """Raises: Refus HORS_PERIMETRE saying whose turn it is."""
    en_place = _of_the_porteur(dossier).filter(utilisateur=dossier.referent_id).exists()
    if par.pk == dossier.referent_id:
        return
    if en_place:
        raise Refus(
            Code.HORS_PERIMETRE,
            f"Seule la personne référente, {dossier.referent}, transmet le dossier : demandez-le-lui.",
        )
    if not _of_the_porteur(dossier).filter(utilisateur=par.pk).exists():
        raise Refus(
            Code.HORS_PERIMETRE,
            f"La personne référente a quitté {dossier.grappe.og_porteur} : seul un coéditeur rattaché à cet organisme "
            "peut transmettre le dossier. Faites-vous rattacher, ou demandez-le à l'un d'eux.",
        )


def _of_the_porteur(dossier: Dossier) -> RattachementQuerySet:
    return Rattachement.objects.current().filter(og=dossier.grappe.og_porteur_id)


def _attached(dossier: Dossier, identifiant: str, *, porteur_seul: bool) -> Utilisateur:
    """That person, attached today to the OG porteur, or to any OG of the grappe. Raises: Refus DONNEES_INVALIDES."""
    de_la_grappe = Q(og=dossier.grappe.og_porteur_id)
    if not porteur_seul:
        de_la_grappe |= Q(og__in=dossier.grappe.membres.presents().values("essms__og"))
    rattachements = Rattachement.objects.current().filter(de_la_grappe)
    trouvee = Utilisateur.objects.filter(
        username=identifiant, is_active=True, pk__in=rattachements.values("utilisateur")
    ).first()
    if trouvee is None:
        ou = f"à {dossier.grappe.og_porteur}" if porteur_seul else "à un organisme de la grappe"
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{cite(identifiant)} n'est le compte d'aucune personne rattachée aujourd'hui {ou} : vérifiez "
            "l'identifiant, ou faites-la d'abord rattacher.",
        )
    return trouvee


def _carries(dossier: Dossier, personne: Utilisateur) -> bool:
    return PORTER in get_user_perms(personne, dossier)
