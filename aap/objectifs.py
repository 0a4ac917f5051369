"""The service objectives of a call: working days that an agency gives itself where its rule set gives none.

They hold for the tasks that open from their first day on, never for those already open: nobody becomes late overnight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from aap.models import Aap, Enveloppe, Objectif, Reglement
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge, journal
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage

FIXER = "fixer_objectifs"
ACCORDES = """
    SELECT r.empreinte, o.action, o.du, o.fixe_le, o.jours_ouvres
    FROM aap_aap a
    JOIN aap_reglement r ON r.id = a.reglement_id
    LEFT JOIN aap_objectif o ON o.aap_id = a.id
    WHERE a.id = %s
    ORDER BY o.du DESC, o.id DESC
"""


@dataclass(frozen=True)
class Accordes:
    """Working days given to the tasks of one call.

    `fixes`: (action, first day, fixed when, days), the one that wins first.
    """

    regles: Mapping[str, int]
    fixes: Sequence[tuple[str, date, datetime, int | None]]

    def given(self, action: str, instant: datetime) -> int | None:
        """To a task that opens at that instant; None: no date. The rule set wins."""
        if action in self.regles:
            return self.regles[action]
        jour = horloge.jour(instant)
        connus = (fixe[3] for fixe in self.fixes if fixe[0] == action and fixe[1] <= jour and fixe[2] <= instant)
        return next(connus, None)


def granted(aap: Aap) -> Accordes:
    """What the rule set and the agency give the tasks of this call, ever.

    One query, though it names the rule set. Written in SQL, for nearly every act opens a task that asks it.
    """
    with connection.cursor() as curseur:
        curseur.execute(ACCORDES, [aap.pk])
        lignes = curseur.fetchall()
    delais = Reglement(empreinte=lignes[0][0]).regles.delais
    return Accordes(
        regles={delai.action: delai.jours_ouvres for delai in delais.taches},
        fixes=[(action, du, le, jours) for _, action, du, le, jours in lignes if action],
    )


def may_fix(par: Utilisateur, aap: Aap) -> bool:
    """Whether this person gives this call its objectives: a responsable of its agency. That is never delegated."""
    return aap.region_id in par.roles_propres_au(horloge.aujourdhui()).get(Role.RESPONSABLE, frozenset())


def fixer_objectifs(aap: Aap, jours: Mapping[str, int | None], par: Utilisateur, *, du: date) -> list[Objectif]:
    """Fix what differs from what would be in force that day; return it. `jours`: action → days, None to end one.

    One journal row for all, on the chain of the envelope. Locks: the envelope (docs/verrous.md).
    Raises: Refus ROLE_INTERDIT, DONNEES_INVALIDES.
    """
    _check(aap, par, du)
    with traduire(), transaction.atomic():
        enveloppe = Enveloppe.objects.select_for_update(no_key=True).get(aap=aap)
        changes = _changed(granted(aap), jours, du)
        le = horloge.maintenant()
        fixes = Objectif.objects.bulk_create(
            Objectif(aap=aap, action=action, jours_ouvres=combien, du=du, fixe_le=le, fixe_par=par)
            for action, combien in changes.items()
        )
        if fixes:
            donnees = {"du": du.isoformat(), "jours_ouvres": changes}
            passage = Passage(par=par, role=Role.RESPONSABLE, le=le, donnees=donnees)
            journal.append_to(enveloppe.cle, f"aap:{aap.pk}", FIXER, passage)
    return fixes


def _changed(accordes: Accordes, jours: Mapping[str, int | None], du: date) -> dict[str, int | None]:
    if dits := sorted(jours.keys() & accordes.regles.keys()):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le règlement donne déjà ce délai ({', '.join(dits)}) : un objectif ne le change pas.",
        )
    des = max(horloge.maintenant(), horloge.ouverture(du))
    return {action: combien for action, combien in jours.items() if accordes.given(action, des) != combien}


def _check(aap: Aap, par: Utilisateur, du: date) -> None:
    if not may_fix(par, aap):
        raise Refus(
            Code.ROLE_INTERDIT, "Seul un responsable de l'agence fixe ses objectifs de service : adressez-vous à lui."
        )
    if du < horloge.aujourdhui():
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Un objectif ne vaut pas pour le passé, qui mettrait des tâches en retard d'un coup : "
            "faites-le commencer aujourd'hui au plus tôt.",
        )
