"""Transitions per second through the door, next to the same rows written by psycopg alone.

Same UPDATE of the dossier, same rows of journal, outbox and agenda, same triggers, one transaction each; the laps
of one and the other alternate, so that what else the machine does weighs on both.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from aap.models import Dossier
from bench.base import bare_connection
from bench.dossiers import copies, one_filed
from bench.mesure import Chrono, Mesure, count_queries, laps
from comptes.models import Utilisateur
from instruction.scenario import Scenario
from moteur import horloge
from moteur.porte import franchir

TRANSITION = "prendre_en_charge"
CIBLE = 4.0
TOURS = 15
PAR_TOUR = 40

MISE_A_JOUR = "UPDATE aap_dossier SET version = %s, etat = %s, instructeur_id = %s WHERE id = %s"
ENTREE = """
    INSERT INTO moteur_entree (chaine, objet, action, le, par_id, role, de, vers, donnees)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
ENVOI = """
    INSERT INTO moteur_envoi (sujet, charge, cle, cree_le, traite_le, essais, erreur)
    VALUES (%s, %s, NULL, %s, NULL, 0, '')
"""
PARCOURS = "UPDATE instruction_parcours SET etat = %s, instructeur_id = %s WHERE dossier_id = %s RETURNING id"
FAITE = "UPDATE instruction_tachesuivie SET status = 'DONE', finished = %s WHERE process_id = %s AND status = 'NEW'"
OUVERTE = """
    INSERT INTO instruction_tachesuivie (
        flow_task, flow_task_type, status, created, assigned, owner_id, token, process_id, role, region_id, tour
    )
    SELECT 'instruction/flows.InstructionFlow.declarer_recevable', 'HUMAN', 'ASSIGNED', le, le, %s, 'start', %s,
        'instructeur', %s, 0 FROM (VALUES (%s::timestamptz)) v (le)
"""


def measure(scenario: Scenario) -> list[Mesure]:
    """The door against one transaction per transition, then against a single one for the whole lap."""
    modele, instructeur = one_filed(scenario)
    lots = iter(_batches(modele))
    porte, nu, groupe = Chrono(), Chrono(), Chrono()
    with bare_connection() as connexion:
        un = franchir_one(next(lots), instructeur)
        _warm_up(next(lots), next(lots), instructeur, connexion)
        for _ in laps("franchir", TOURS):
            with porte.lap():
                through_the_door(next(lots), instructeur)
            with nu.lap():
                bare(next(lots), instructeur, connexion)
            with groupe.lap():
                bare_together(next(lots), instructeur, connexion)
    figure = porte.rate(PAR_TOUR)
    details = {"transition": TRANSITION, "laps": TOURS, "per_lap": PAR_TOUR, "queries_per_transition": un}
    return [
        Mesure(name="franchir", unit="transitions/s", figure=figure, floor=nu.rate(PAR_TOUR), aim=CIBLE,
               details=details | {"compared_to": "psycopg, one transaction per transition"}),
        Mesure(name="franchir, against one transaction for all", unit="transitions/s", figure=figure,
               floor=groupe.rate(PAR_TOUR), details=details | {"compared_to": "psycopg, one transaction per lap"}),
    ]  # fmt: skip


def through_the_door(dossiers: Sequence[Dossier], instructeur: Utilisateur) -> None:
    for dossier in dossiers:
        franchir(dossier, TRANSITION, instructeur)


def bare(dossiers: Sequence[Dossier], par: Utilisateur, connexion: "psycopg.Connection[Any]") -> None:
    for dossier in dossiers:
        with connexion.transaction(), connexion.cursor() as curseur:
            write(curseur, dossier, par, horloge.maintenant())


def bare_together(dossiers: Sequence[Dossier], par: Utilisateur, connexion: "psycopg.Connection[Any]") -> None:
    with connexion.transaction(), connexion.cursor() as curseur:
        for dossier in dossiers:
            write(curseur, dossier, par, horloge.maintenant())


def write(curseur: "psycopg.Cursor[Any]", dossier: Dossier, par: Utilisateur, le: datetime) -> None:
    """The rows that `franchir` writes for this transition."""
    cle = f"dossier:{dossier.pk}"
    curseur.execute(MISE_A_JOUR, [dossier.version + 1, "en_recevabilite", par.pk, dossier.pk])
    valeurs = [cle, cle, TRANSITION, le, par.pk, "instructeur", "depose", "en_recevabilite", "{}"]
    curseur.execute(ENTREE, valeurs)
    entree = curseur.fetchone()
    assert entree is not None
    charge = json.dumps({"entree": entree[0], "objet": cle})
    curseur.execute(ENVOI, [f"dossier.{TRANSITION}", charge, le])
    curseur.execute(PARCOURS, ["en_recevabilite", par.pk, dossier.pk])
    parcours = curseur.fetchone()
    assert parcours is not None
    curseur.execute(FAITE, [le, parcours[0]])
    curseur.execute(OUVERTE, [par.pk, parcours[0], dossier.aap.region_id, le])


def franchir_one(dossiers: Sequence[Dossier], instructeur: Utilisateur) -> int:
    """Queries of one transition, once the roles of the person are known."""
    premier, second = dossiers[:2]
    franchir(premier, TRANSITION, instructeur)
    return count_queries(lambda: franchir(second, TRANSITION, instructeur))


def _warm_up(
    a: Sequence[Dossier], b: Sequence[Dossier], par: Utilisateur, connexion: "psycopg.Connection[Any]"
) -> None:
    through_the_door(a, par)
    bare(b, par, connexion)


def _batches(modele: Dossier) -> list[list[Dossier]]:
    tous = copies(modele, PAR_TOUR * (3 * TOURS + 3))
    return [tous[i : i + PAR_TOUR] for i in range(0, len(tous), PAR_TOUR)]
