"""Which officer is in charge of a dossier: whoever took it in charge, or was given it since."""

from aap.models import Dossier
from aap.portage import VIVANTS, Identifiant
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.texte import cite


@acte(Dossier, "Attribuer le dossier", dans=VIVANTS, par=(Role.INSTRUCTEUR, Role.RESPONSABLE))
def attribuer(dossier: Dossier, passage: Passage, *, personne: Identifiant) -> Utilisateur:
    """Put a dossier in the charge of an instructeur of its region. `personne`: the name she signs in with.

    Raises: Refus DONNEES_INVALIDES when nobody of that name instructs there, or when it is hers already.
    """
    choisie = Utilisateur.objects.filter(username=personne, is_active=True).first()
    regions = choisie.roles_au(passage.jour).get(Role.INSTRUCTEUR, frozenset()) if choisie else frozenset()
    if choisie is None or regions.isdisjoint(dossier.regions_de(Role.INSTRUCTEUR)):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{cite(personne)} n'instruit pas dans cette région : choisissez un instructeur de votre agence.",
        )
    if dossier.tie_of(choisie.pk, passage.jour) is not None:
        raise Refus(
            Code.CONFLIT_INTERETS,
            f"{choisie} est en déport sur ce dossier : choisissez une autre personne.",
        )
    if choisie.pk == dossier.instructeur_id:
        raise Refus(Code.DONNEES_INVALIDES, f"{choisie} est déjà en charge de ce dossier : il n'y a rien à faire.")
    dossier.instructeur = choisie
    return choisie
