"""For which organisations a person acts. The first to come speaks for it; the next are let in by those who do."""

from django.db import transaction

from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire, Rattachement
from moteur import horloge
from moteur.erreurs import Code, Refus


@transaction.atomic
def join(utilisateur: Utilisateur, *, finess: str, fonction: str) -> OrganismeGestionnaire:
    """Attach a porteur to an OG nobody acts for yet. What she declares is checked by the ARS with the dossier.

    Locks: the OG's row, so that two first comers are not both let in. Raises: Refus.
    """
    if Role.PORTEUR not in utilisateur.roles_au(horloge.aujourdhui()):
        raise Refus(Code.ROLE_INTERDIT, "Seul un porteur agit pour un organisme gestionnaire.")
    og = OrganismeGestionnaire.objects.select_for_update(no_key=True).filter(finess=finess, rejeu=None).first()
    if og is None:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le numéro {finess} n'est pas celui d'un organisme gestionnaire du registre FINESS. Donnez le numéro "
            "FINESS juridique (EJ), pas celui d'un établissement.",
        )
    actuels = og.rattachements.current()
    if actuels.filter(utilisateur=utilisateur).exists():
        return og
    if actuels.exists():
        raise Refus(
            Code.HORS_PERIMETRE,
            f"Quelqu'un agit déjà pour {og} : demandez-lui de vous inviter depuis son dossier, ou écrivez à votre ARS.",
        )
    Rattachement.objects.create(utilisateur=utilisateur, og=og, fonction=fonction, du=horloge.aujourdhui())
    return og
