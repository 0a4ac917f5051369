"""Taking a task, giving it back, handing it over, putting it off: under the lock of its process, one person at a time.

Who does what is the team's convenience: no fact of the dossier changes, so the journal keeps nothing of it. What the
law asks is checked by the door when the task is done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from viewflow.workflow.activation import Activation
from viewflow.workflow.status import STATUS

from comptes.models import Utilisateur
from instruction.corbeille.absences import is_in_hand
from instruction.corbeille.lecture import hers
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.texte import en_toutes_lettres

REPORT_MAX = timedelta(days=60)


def prendre(tache: TacheSuivie, par: Utilisateur) -> None:
    """Make it one's own. Raises: Refus TRANSITION_INTERDITE, saying who was faster."""
    with _held(tache, par) as activation:
        if activation.task.owner_id == par.pk:
            return
        _give(activation, par, par)


def rendre(tache: TacheSuivie, par: Utilisateur) -> None:
    """Give it back to the team. Raises: Refus TRANSITION_INTERDITE when it is somebody else's."""
    with _held(tache, par) as activation:
        if not is_in_hand(activation.task, par):
            raise _not_hers(activation.task)
        activation.task.assigned = activation.task.reportee_au = None
        activation.unassign()


def confier(tache: TacheSuivie, par: Utilisateur, a: Utilisateur) -> None:
    """Hand it over to somebody who may do it: one's own, or one that nobody took.

    Raises: Refus TRANSITION_INTERDITE, HORS_PERIMETRE when she may not do it.
    """
    if not hers(a, horloge.aujourdhui()).filter(pk=tache.pk).exists():
        raise Refus(Code.HORS_PERIMETRE, f"{a} ne peut pas faire cette tâche : choisissez quelqu'un de ce rôle.")
    with _held(tache, par) as activation:
        activation.task.reportee_au = None
        _give(activation, par, a)


def reporter(tache: TacheSuivie, par: Utilisateur, au: date) -> None:
    """Not to see one's own task until that day. Its deadline does not move. Raises: Refus DONNEES_INVALIDES."""
    jour = horloge.aujourdhui()
    if not jour < au <= jour + REPORT_MAX:
        limite = en_toutes_lettres(jour + REPORT_MAX)
        raise Refus(Code.DONNEES_INVALIDES, f"Reportez cette tâche à un jour à venir, au plus tard le {limite}.")
    with _held(tache, par) as activation:
        if not is_in_hand(activation.task, par):
            raise _not_hers(activation.task)
        activation.task.reportee_au = au
        activation.task.save(update_fields=["reportee_au"])


def _give(activation: Activation, par: Utilisateur, a: Utilisateur) -> None:
    """To somebody, unless a third person has it: one who is away leaves hers to her deputy."""
    tache = activation.task
    if tache.owner_id is not None and not is_in_hand(tache, par):
        raise _taken(tache)
    tache.assigned = horloge.maintenant()
    activation.assign(a) if tache.owner_id is None else activation.reassign(a)


@contextmanager
def _held(tache: TacheSuivie, par: Utilisateur) -> Iterator[Activation]:
    """The task as it is now, its process locked (docs/verrous.md). Raises: Refus when it is no longer to be done."""
    with tache.activation() as activation:
        if activation.task.status not in (STATUS.NEW, STATUS.ASSIGNED):
            raise Refus(Code.TRANSITION_INTERDITE, "Cette tâche n'est plus à faire : rechargez la page.")
        if not activation.flow_task.is_open_to(par, activation.task):
            raise Refus(Code.HORS_PERIMETRE, "Cette tâche revient à un autre rôle que le vôtre.")
        yield activation


def _taken(tache: TacheSuivie) -> Refus:
    return Refus(
        Code.TRANSITION_INTERDITE,
        f"{tache.owner} a déjà pris cette tâche : demandez-lui de la rendre, ou de vous la confier.",
    )


def _not_hers(tache: TacheSuivie) -> Refus:
    return _taken(tache) if tache.owner_id else Refus(Code.TRANSITION_INTERDITE, "Prenez d'abord cette tâche.")
