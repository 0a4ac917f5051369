"""What ties people to the OGs they might have to judge: declare it, say that it has ended. Each step is journalised."""

from datetime import date

from django.db import transaction

from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import Interet, NatureInteret, OrganismeGestionnaire
from moteur import horloge, journal
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage

LONGUEUR = 2_000


def declarer_interet(
    personne: Utilisateur,
    og: OrganismeGestionnaire,
    par: Utilisateur,
    *,
    nature: NatureInteret,
    du: date,
    commentaire: str = "",
) -> Interet:
    """Say that this person is tied to that OG. From now on she acts on none of its dossiers.

    `du`: since when, possibly long ago; what she did meanwhile stays. Raises: Refus ROLE_INTERDIT, DONNEES_INVALIDES.
    """
    au_titre = _right(par, personne)
    if len(commentaire) > LONGUEUR:
        raise Refus(Code.DONNEES_INVALIDES, f"Commentaire trop long : {LONGUEUR} caractères au plus.")
    with traduire(), transaction.atomic():
        interet = Interet.objects.create(
            personne=personne, og=og, nature=nature, commentaire=commentaire.strip(), du=du, declare_par=par,
            declare_le=horloge.maintenant(),
        )  # fmt: skip
        _record(interet, "declarer_interet", par, au_titre)
    return interet


def terminer_interet(pk: int, par: Utilisateur, *, au: date) -> Interet:
    """Say that it lasts until that day, today at the earliest: what shut her out until now is not undone.

    What a responsable declared about somebody, that person does not end herself.
    Locks: the interest. Raises: Refus ROLE_INTERDIT, DONNEES_INVALIDES, TRANSITION_INTERDITE; Interet.DoesNotExist.
    """
    with traduire(), transaction.atomic():
        interet = Interet.objects.locked().select_related("personne").get(pk=pk)
        au_titre = _right(par, interet.personne)
        if not may_end(par, interet):
            raise Refus(
                Code.ROLE_INTERDIT,
                "Cet intérêt a été déclaré à votre sujet par un responsable : c'est à un responsable d'y mettre fin.",
            )
        if au < horloge.aujourdhui():
            raise Refus(
                Code.DONNEES_INVALIDES,
                "Un intérêt ne prend pas fin dans le passé : indiquez aujourd'hui ou un jour à venir.",
            )
        interet.au, interet.clos_par, interet.clos_le = au, par, horloge.maintenant()
        interet.save(update_fields=["au", "clos_par", "clos_le"])
        _record(interet, "terminer_interet", par, au_titre)
    return interet


def may_end(par: Utilisateur, interet: Interet) -> bool:
    """Whether she may say that it has ended, among those who may speak of that person."""
    return par.pk != interet.personne_id or interet.declare_par_id == par.pk


def may_declare(personne: Utilisateur, jour: date) -> bool:
    """Whether she has dossiers to judge: a porteur carries hers, and declares nothing."""
    return personne.is_agent(jour)


def _right(par: Utilisateur, personne: Utilisateur) -> str:
    """The role under which `par` may speak of that person: herself, or a responsable of one of her regions.

    Raises: Refus ROLE_INTERDIT.
    """
    jour = horloge.aujourdhui()
    if par.pk == personne.pk and may_declare(par, jour):
        return min(par.roles_au(jour).keys() - {Role.PORTEUR})
    dirigees = par.roles_propres_au(jour).get(Role.RESPONSABLE, frozenset())
    siennes = {code for role, codes in personne.roles_au(jour).items() if role != Role.PORTEUR for code in codes}
    if par.pk != personne.pk and not dirigees.isdisjoint(siennes):
        return Role.RESPONSABLE
    raise Refus(
        Code.ROLE_INTERDIT,
        "Chacun déclare ses propres intérêts ; à défaut, un responsable de sa région le fait : adressez-vous à lui.",
    )


def _record(interet: Interet, action: str, par: Utilisateur, role: str) -> None:
    """Whose and when. The kind and the comment, which may tell of a family, stay out of what never forgets."""
    donnees = {
        "personne": interet.personne_id,
        "og": interet.og_id,
        "du": interet.du.isoformat(),
        "au": interet.au.isoformat() if interet.au else None,
    }
    passage = Passage(par=par, role=role, le=horloge.maintenant(), donnees=donnees)
    journal.append_to(interet.cle, interet.cle, action, passage)
