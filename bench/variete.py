"""Dossiers that differ, as many as one likes: what lists read (`Parcours` and its tasks) is drawn from the rank.

Common values are shared out evenly. Forty-five dossiers, however many there are, hold the rare ones, and the officer
who reads has eighty: a rare filter finds the same few rows in a thousand dossiers and in a hundred thousand.
"""

from typing import Any

from aap.models import Etat
from comptes.models import Utilisateur
from instruction.libelles import TERMINES
from moteur import horloge

RARES, MIENS = 45, 80
#: Of the région of the bench.
DEPARTEMENTS = ["09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "81", "82"]


def varied(moi: Utilisateur, autres: list[int]) -> dict[str, Any]:
    """What `VARIER` is told."""
    communs = [etat.value for etat in Etat if etat != Etat.REORIENTE]
    return {
        "etats": communs, "ordre": [etat.value for etat in Etat], "departements": DEPARTEMENTS, "moi": moi.pk,
        "autres": autres, "jour": horloge.aujourdhui(), "rares": RARES, "miens": MIENS,
        "finis": sorted(TERMINES),
    }  # fmt: skip


VARIER = """
    WITH rangs AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS nombre FROM instruction_parcours
    ), tirage AS (
        -- A rank that has nothing to do with the order of writing, and no value in common with its neighbours.
        SELECT id, n, nombre, (n * 7919) %% 100003 AS h, n <= %(rares)s AS rare, n <= %(miens)s AS mien FROM rangs
    ), tires AS (
        SELECT *, CASE WHEN rare THEN 'reoriente' ELSE (%(etats)s::text[])[1 + h %% 20] END AS letat FROM tirage
    )
    UPDATE instruction_parcours p SET
        etat = letat,
        rang = array_position(%(ordre)s::text[], letat) - 1,
        status = CASE WHEN letat = ANY (%(finis)s) THEN 'DONE' ELSE 'NEW' END,
        reference = 'copie-' || lpad(n::text, 6, '0'),
        porteur = 'Organisme ' || lpad(h::text, 6, '0'),
        risque = (ARRAY['fort', 'modere', 'faible_ou_nul', 'non_evalue'])[1 + h / 11 %% 4],
        essms = 15 + h %% 80,
        projet = CASE WHEN letat <> 'clos' AND h / 20 %% 3 = 0 THEN 'montee_de_version' ELSE 'acquisition' END,
        fenetre = CASE WHEN rare THEN 'F9' ELSE 'F' || 1 + h %% 3 END,
        secteurs = CASE WHEN rare THEN ARRAY['PJM'] ELSE ARRAY[(ARRAY['PA', 'PH', 'DOM', 'PDS'])[1 + h / 13 %% 4]] END,
        departements = CASE WHEN rare THEN ARRAY['2A'] ELSE ARRAY[(%(departements)s::text[])[1 + h %% 13]] END,
        instructeur_id = CASE WHEN mien THEN %(moi)s WHEN h / 7 %% 5 < 2 THEN NULL
            ELSE (%(autres)s::int[])[1 + h / 7 %% 11] END,
        acteur = CASE WHEN rare THEN 'personne' ELSE (ARRAY['ars', 'porteur', 'grades', 'plusieurs'])[1 + h %% 4] END,
        aide = CASE WHEN h %% 20 >= 10 THEN 100000 + (h %% 6000) * 100 END,
        depose_le = CASE WHEN letat <> 'brouillon' THEN %(jour)s - (h %% 700)::int END,
        limite = %(jour)s + CASE h / 3 %% 8 WHEN 0 THEN -1 - (h %% 60)::int WHEN 1 THEN -1 - (h %% 60)::int
            WHEN 2 THEN (h %% 8)::int WHEN 3 THEN (h %% 8)::int
            WHEN 4 THEN 8 + (h %% 200)::int WHEN 5 THEN 8 + (h %% 200)::int END,
        mots = p.mots || ARRAY['banc', 'lettre' || h %% 17, 'copie', lpad(n::text, 6, '0')]
            || CASE WHEN rare THEN ARRAY['aiguille'] ELSE ARRAY[]::text[] END
    FROM tires WHERE tires.id = p.id
"""
VARIER_TACHES = """
    UPDATE instruction_tachesuivie t SET owner_id = p.instructeur_id, echeance = p.limite,
        status = CASE WHEN p.instructeur_id IS NULL THEN 'NEW' ELSE 'ASSIGNED' END
    FROM instruction_parcours p WHERE p.id = t.process_id
"""
