"""What is judged when a transaction commits: a state that moved has its journal row, of that transaction."""

import pytest
from django.db import DatabaseError, connection, transaction

from aap.models import Dossier
from tests.fabriques import agir, campagne
from tests.moteur.sql import sql, tampering, who


def test_a_legal_edge_needs_its_journal_row(base_jetable: str) -> None:
    """Refused at commit, not before: until then the journal row may still come."""
    dossier = campagne().dossier("D1")
    with pytest.raises(DatabaseError) as refus, transaction.atomic():
        assert sql("UPDATE aap_dossier SET etat = 'abandonne', motif = 'essai' WHERE id = %s", [dossier.pk]) == 1
    assert who(refus.value) == "etat_journalise"
    assert Dossier.objects.get(pk=dossier.pk).etat == "brouillon"
    connection.close()


def test_the_journal_row_of_another_transaction_does_not_count(base_jetable: str) -> None:
    """A second withdrawal cannot live on the journal row of a first one."""
    camp = campagne(dossiers=2)
    agir(camp.dossier("D1"), "abandonner", "porteur", jour="2022-04-01", motif="Essai.")
    with tampering(Dossier):
        sql("UPDATE aap_dossier SET etat = 'brouillon' WHERE reference = 'D1'")
    with pytest.raises(DatabaseError) as refus:
        sql("UPDATE aap_dossier SET etat = 'abandonne' WHERE reference = 'D1'")
    assert who(refus.value) == "etat_journalise"
    connection.close()


def test_a_line_of_the_ledger_needs_its_journal_row(base_jetable: str) -> None:
    enveloppe = campagne().enveloppe
    ordre = "INSERT INTO aap_mouvement (enveloppe_id, nature, montant, le) VALUES (%s, 'dotation', 1, now())"
    with pytest.raises(DatabaseError) as refus, transaction.atomic():
        assert sql(ordre, [enveloppe.pk]) == 1
    assert who(refus.value) == "mouvement_journalise"
    assert enveloppe.mouvements.count() == 1
    connection.close()


def test_a_service_objective_needs_its_journal_row(base_jetable: str) -> None:
    camp = campagne()
    ordre = (
        "INSERT INTO aap_objectif (aap_id, action, jours_ouvres, du, fixe_le, fixe_par_id)"
        " VALUES (%s, 'evaluer', 10, '2022-04-01', now(), %s)"
    )
    with pytest.raises(DatabaseError) as refus, transaction.atomic():
        assert sql(ordre, [camp.aap.pk, camp.personne("responsable").pk]) == 1
    assert who(refus.value) == "objectif_journalise"
    assert not camp.aap.objectifs.exists()
    connection.close()
