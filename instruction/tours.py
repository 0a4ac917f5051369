"""Whose turn it is, by when: the one line every dossier carries on every screen.

A page of one dossier asks `taches.tasks`; a list reads the same tasks where the agenda keeps them (`agenda.opened`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from comptes.roles import Role
from conventions.models import Prorogation
from instruction.libelles import TERMINES, actions
from instruction.taches import Tache
from moteur.texte import INSECABLE, en_liste

ARS = frozenset({Role.INSTRUCTEUR, Role.RESPONSABLE, Role.COMPTABLE})


@dataclass(frozen=True, kw_only=True)
class Tour:
    """`qui`: "À l'ARS de jouer"; `quoi`: what to do; `reste`: days left, negative when late, None without a date.

    `acteur`: "ars", "porteur", "grades", "plusieurs" or "personne", for the sign beside the text.
    """

    qui: str
    quoi: str
    acteur: str
    echeance: date | None = None
    reste: int | None = None

    @property
    def delai(self) -> str:
        """Days left, in words; empty without a date."""
        return delay(self.reste)

    @property
    def urgence(self) -> str:
        """ "retard", "bientot" (a week or less) or empty."""
        return urgency(self.reste)


def delay(reste: int | None) -> str:
    """Days left, in words; empty without a date."""
    if reste is None:
        return ""
    if reste == 0:
        return "dernier jour"
    jours = f"{abs(reste)}{INSECABLE}jour{'s' if abs(reste) > 1 else ''}"
    return f"reste {jours}" if reste > 0 else f"en retard de {jours}"


def urgency(reste: int | None) -> str:
    """ "retard", "bientot" (a week or less) or empty."""
    if reste is None or reste > 7:
        return ""
    return "retard" if reste < 0 else "bientot"


def turn(taches: Sequence[Tache], etat: str, jour: date, *, porteur: bool = False) -> Tour:
    """The line for these tasks. `porteur`: said to the porteur herself, of her own tasks when she has any.

    What the agency gives itself is nobody else's concern: a porteur reads the dates of the law alone.
    """
    if porteur:
        taches = [tache for tache in taches if tache.role == Role.PORTEUR] or taches
    if not taches:
        termine = etat in TERMINES
        return Tour(qui="Terminé" if termine else "Rien à faire", quoi="plus rien n'est attendu", acteur="personne")
    acteurs = sorted({_actor(tache.role) for tache in taches})
    dates = (tache.echeance if porteur else tache.pour_le for tache in taches)
    echeance = min((une for une in dates if une), default=None)
    verbes = dict.fromkeys(actions()[tache.action] for tache in taches)
    return Tour(
        qui=_who_to_porteur(acteurs) if porteur else _who(acteurs),
        quoi=en_liste([verbe[0].lower() + verbe[1:] for verbe in verbes]),
        acteur=whose_turn(taches),
        echeance=echeance,
        reste=(echeance - jour).days if echeance else None,
    )


def due_date() -> Coalesce:
    """Day by which the targets are due, prorogations included."""
    prorogations = Prorogation.objects.filter(convention__dossier=OuterRef("pk")).order_by("-le", "-pk")
    return Coalesce(Subquery(prorogations.values("jusqu_au")[:1]), F("convention__echeance_cibles"))


def whose_turn(taches: Sequence[Tache]) -> str:
    """ "ars", "porteur", "grades", "plusieurs" or "personne"."""
    acteurs = {_actor(tache.role) for tache in taches}
    return acteurs.pop() if len(acteurs) == 1 else "plusieurs" if acteurs else "personne"


def _actor(role: str) -> str:
    if role in ARS:
        return "ars"
    return "grades" if role == Role.CONSEILLER_GRADES else "porteur"


def _who(acteurs: Sequence[str]) -> str:
    noms = {"ars": "à l'ARS", "grades": "au GRADeS", "porteur": "au porteur"}
    phrase = en_liste([noms[acteur] for acteur in acteurs])
    return f"{phrase[0].upper()}{phrase[1:]} de jouer"


def _who_to_porteur(acteurs: Sequence[str]) -> str:
    if "porteur" in acteurs:
        return "À vous de jouer"
    return "L'ARS instruit" if "ars" in acteurs else "En attente du GRADeS"
