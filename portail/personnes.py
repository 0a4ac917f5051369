"""Who acts on a dossier with the porteur: let in by an address, taken out, handed over to."""

from dataclasses import dataclass

from django.db import transaction

from aap.models import Dossier
from aap.portage import inviter_coediteur
from comptes.invitations import invite
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire
from grappes.services import attach
from moteur import horloge
from moteur.erreurs import Code, Refus


@dataclass(frozen=True)
class Coediteur:
    """A person who acts on the dossier, and whether she is the one the ARS writes to."""

    personne: Utilisateur
    referent: bool


def people(dossier: Dossier) -> list[Coediteur]:
    """Everybody who acts on the dossier, the referent first. One query."""
    gens = Utilisateur.objects.filter(
        dossieruserobjectpermission__content_object=dossier,
        dossieruserobjectpermission__permission__codename="porter",
        is_active=True,
    ).distinct()
    tous = [Coediteur(personne, personne.pk == dossier.referent_id) for personne in gens]
    return sorted(tous, key=lambda un: (not un.referent, str(un.personne)))


def let_in(dossier: Dossier, par: Utilisateur, *, courriel: str, og: OrganismeGestionnaire | None) -> str:
    """Let the person of that address act for `og` and on the dossier, or invite her; return what was done, in French.

    `og`: None for the OG of the grappe that she acts for already, on whose behalf she will sign.
    Raises: Refus HORS_PERIMETRE when `par` does not act for that OG herself, and what the doors raise.
    """
    if og is not None and not og.rattachements.current().filter(utilisateur=par).exists():
        raise Refus(
            Code.HORS_PERIMETRE, f"Vous n'agissez pas pour {og} : seule une personne de cet organisme y invite."
        )
    personne = _holder_of(courriel)
    if personne is None:
        invite(courriel, Role.PORTEUR, None, par)
        return f"Une invitation est partie à {courriel}. Dès que son compte est ouvert, redonnez-lui accès ici."
    with transaction.atomic():
        if og is not None and not og.rattachements.current().filter(utilisateur=personne).exists():
            attach(personne, og, du=horloge.aujourdhui())
        inviter_coediteur(dossier, par, personne=personne.username)
    return f"{personne} agit désormais sur ce dossier avec vous."


def _holder_of(courriel: str) -> Utilisateur | None:
    """The porteur whose proven address this is."""
    personne = Utilisateur.objects.filter(
        emailaddress__email__iexact=courriel, emailaddress__verified=True, is_active=True
    ).first()
    return personne if personne and Role.PORTEUR in personne.roles_au(horloge.aujourdhui()) else None
