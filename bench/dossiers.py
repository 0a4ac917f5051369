"""Many filed dossiers of 46 ESSMS each, ready for a transition. Set up in bulk: this is not what is measured."""

import json
from typing import Any

from django.db import connection, transaction

from aap.examen import compose
from aap.models import Dossier
from comptes.models import Utilisateur
from instruction.peuplement import person
from instruction.rejeu import play
from instruction.scenario import Scenario, read

INSTRUCTEUR = "instructeur"


def one_filed(scenario: Scenario) -> tuple[Dossier, Utilisateur]:
    """The first dossier of the scenario, kept, filed by the engine; and the instructeur of its region."""
    evenements = [scenario.evenements[0].model_dump(mode="json")]
    court = scenario.model_dump(mode="json") | {"evenements": evenements}
    play(read(court), keep=True)
    modele = Dossier.objects.with_rules().get()
    return modele, person(INSTRUCTEUR, modele.aap.region_id, None)


def copies(modele: Dossier, nombre: int) -> list[Dossier]:
    """As many dossiers like this one, filed: same facts, their own grappe and journal."""
    nouveaux = multiply(modele, nombre)
    return list(Dossier.objects.filter(pk__in=nouveaux).select_related("aap").order_by("pk"))


def multiply(modele: Dossier, nombre: int) -> list[int]:
    """The same, without reading them: their keys."""
    instantane = json.dumps(compose(modele).as_dict())
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(COPIE, {"modele": modele.pk, "nombre": nombre})
        nouveaux = [ligne[0] for ligne in curseur.fetchall()]
        donnees: dict[str, Any] = {"ids": nouveaux, "instantane": instantane, "le": modele.depose_le}
        curseur.execute(DEPOT, donnees)
        curseur.execute(JOURNAL, donnees)
        curseur.execute(PARCOURS, donnees | {"modele": modele.pk})
        curseur.execute(TACHES, donnees | {"modele": modele.pk})
    return nouveaux


COPIE = """
    WITH grappes AS (
        INSERT INTO grappes_grappe (nom, og_porteur_id)
        SELECT g.nom, g.og_porteur_id FROM aap_dossier d JOIN grappes_grappe g ON g.id = d.grappe_id,
            generate_series(1, %(nombre)s) WHERE d.id = %(modele)s RETURNING id
    )
    INSERT INTO aap_dossier (
        aap_id, reference, grappe_id, etat, version, projet, segur, logiciel, contrat_signe, financement_ue,
        equipement, amoa_marche, amoa_projet, motif, aap_reorientation
    )
    SELECT d.aap_id, 'copie-' || grappes.id, grappes.id, 'brouillon', 0, d.projet, d.segur, d.logiciel,
        d.contrat_signe, d.financement_ue, d.equipement, d.amoa_marche, d.amoa_projet, '', ''
    FROM aap_dossier d, grappes WHERE d.id = %(modele)s RETURNING id
"""
DEPOT = """
    UPDATE aap_dossier SET etat = 'depose', version = 1, depose_le = %(le)s, instantane = %(instantane)s
    WHERE id = ANY(%(ids)s)
"""
JOURNAL = """
    INSERT INTO moteur_entree (chaine, objet, action, le, role, de, vers, donnees)
    SELECT 'dossier:' || id, 'dossier:' || id, 'deposer', %(le)s, 'porteur', 'brouillon', 'depose', '{}'
    FROM unnest(%(ids)s) AS id
"""
PARCOURS = """
    INSERT INTO instruction_parcours (
        flow_class, status, created, dossier_id, aap_id, region_id, reference, porteur, grappe, projet, etat, rang,
        risque, fenetre, depose_le, essms, ogs, secteurs, departements, mots, acteur, limite
    )
    SELECT p.flow_class, p.status, p.created, d.id, p.aap_id, p.region_id, d.reference, p.porteur, p.grappe, p.projet,
        p.etat, p.rang, p.risque, p.fenetre, p.depose_le, p.essms, p.ogs, p.secteurs, p.departements, p.mots,
        p.acteur, p.limite
    FROM instruction_parcours p, aap_dossier d WHERE p.dossier_id = %(modele)s AND d.id = ANY(%(ids)s)
"""
TACHES = """
    INSERT INTO instruction_tachesuivie (
        flow_task, flow_task_type, status, created, token, process_id, role, region_id, tour, echeance
    )
    SELECT t.flow_task, t.flow_task_type, t.status, t.created, t.token, p.id, t.role, t.region_id, t.tour, t.echeance
    FROM instruction_tachesuivie t JOIN instruction_parcours m ON m.id = t.process_id, instruction_parcours p
    WHERE m.dossier_id = %(modele)s AND t.status = 'NEW' AND p.dossier_id = ANY(%(ids)s)
"""
