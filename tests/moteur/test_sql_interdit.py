"""What plain SQL cannot do, whoever types it: jump a state, touch the journal, overspend, pay twice."""

from typing import Any

import pytest
from django.db import connection, models

from aap.models import Dossier, Enveloppe, Reglement
from accompagnement.models import DemandeAide, LienRisque
from conventions.models import Convention, Reversement, Versement
from moteur import journal
from moteur.declencheurs import aretes
from moteur.models import Entree
from tests.moteur.sql import (
    append_only,
    colonnes,
    guarded,
    refusal,
    sql,
    table,
    tampering,
    triggers,
)
from usages.models import Declaration, Mesure

SAUT = "Invalid transition"
#: The last judge of a line of the ledger, at commit: meeting it means that every constraint let the line through.
SANS_JOURNAL = "mouvement_journalise"


def states(modele: type[models.Model]) -> list[str]:
    champ: Any = modele._meta.get_field("etat")
    return [etat for etat, _ in champ.choices]


@pytest.mark.parametrize("modele", guarded(), ids=lambda modele: modele._meta.model_name)
def test_no_state_is_jumped(monde: dict[str, Dossier], modele: type[models.Model]) -> None:
    """Every pair of states that is not an edge is refused; every edge passes the trigger of edges."""
    permises = aretes(modele)
    pk = modele._base_manager.order_by("pk").values_list("pk", flat=True)[0]
    motif = ", motif = 'essai'" if "motif" in colonnes(modele) else ""
    franchies: set[tuple[str, str]] = set()
    for de in states(modele):
        with tampering(modele):
            sql(f"UPDATE {table(modele)} SET etat = %s {motif} WHERE id = %s", [de, pk])
        for vers in states(modele):
            non = refusal(f"UPDATE {table(modele)} SET etat = %s WHERE id = %s", [vers, pk])
            if de != vers and SAUT not in non:
                franchies.add((de, vers))
    assert franchies == permises


@pytest.mark.parametrize("modele", guarded(), ids=lambda modele: modele._meta.model_name)
def test_no_row_is_born_elsewhere(monde: dict[str, Dossier], ignorant: None, modele: type[models.Model]) -> None:
    champ: Any = modele._meta.get_field("etat")
    initial = champ.get_default()
    autres = ", ".join(colonnes(modele, "etat"))
    for etat in states(modele):
        non = refusal(
            f"INSERT INTO {table(modele)} (etat, {autres}) SELECT %s, {autres} FROM {table(modele)} LIMIT 1", [etat]
        )
        assert (non == "etat_initial") is (etat != initial), f"{etat} : {non}"


@pytest.mark.parametrize("modele", guarded(), ids=lambda modele: modele._meta.model_name)
def test_no_machine_row_vanishes(monde: dict[str, Dossier], ignorant: None, modele: type[models.Model]) -> None:
    assert refusal(f"DELETE FROM {table(modele)}") == "sans_suppression"
    assert refusal(f"TRUNCATE {table(modele)} CASCADE") == "sans_vidage"


@pytest.mark.parametrize("modele", append_only(), ids=lambda modele: modele._meta.model_name)
def test_what_is_written_stays(monde: dict[str, Dossier], ignorant: None, modele: type[models.Model]) -> None:
    assert modele._base_manager.exists(), "une ligne manque : ajoutez-la au monde des tests"
    for colonne in colonnes(modele):
        non = refusal(f"UPDATE {table(modele)} SET {colonne} = {colonne}")
        assert non == "sans_modification", colonne
    assert refusal(f"DELETE FROM {table(modele)}") == "sans_modification"
    assert refusal(f"TRUNCATE {table(modele)} CASCADE") == "sans_vidage"


def test_append_only_tables_are_the_expected_ones() -> None:
    assert {modele._meta.label for modele in append_only()} >= {
        "moteur.Entree", "moteur.Sceau", "aap.Mouvement", "aap.Reglement", "aap.PieceFournie", "aap.Derogation",
        "conventions.Signataire", "conventions.Signature", "conventions.Prorogation", "usages.Vsr",
        "accompagnement.AvisGrades",
    }  # fmt: skip


def test_journal_row_is_numbered_and_hashed_by_the_database(monde: dict[str, Dossier], ignorant: None) -> None:
    """Whatever an insertion claims for itself."""
    chaine = monde["D1"].chaine
    derniere = Entree.objects.filter(chaine=chaine).latest("rang")
    sql(
        "INSERT INTO moteur_entree (chaine, rang, precedent, empreinte, transaction, le, role, objet, action, donnees)"
        " VALUES (%s, 1, 'x', 'y', 7, now(), '', 'dossier:0', 'essai', '{}')",
        [chaine],
    )
    forgee = Entree.objects.latest("pk")
    assert (forgee.rang, forgee.precedent) == (derniere.rang + 1, derniere.empreinte)
    assert (len(forgee.empreinte), forgee.transaction) != (1, 7)
    assert list(journal.verify([chaine])) == []


def test_envelope_is_not_overspent(monde: dict[str, Dossier], ignorant: None) -> None:
    enveloppe = Enveloppe.objects.get()
    reste = enveloppe.position().disponible
    ordre = (
        "INSERT INTO aap_mouvement (enveloppe_id, dossier_id, nature, montant, le, reserve, engage, dotation)"
        " VALUES (%s, %s, 'reservation', %s, now(), 0, 0, 999999999)"
    )
    assert refusal(ordre, [enveloppe.pk, monde["D1"].pk, reste]) == SANS_JOURNAL
    assert refusal(ordre, [enveloppe.pk, monde["D1"].pk, reste + 1]) == "mouvement_enveloppe_suffisante"
    assert refusal(ordre, [enveloppe.pk, monde["D1"].pk, -1]) != ""
    retrait = "INSERT INTO aap_mouvement (enveloppe_id, nature, montant, le) VALUES (%s, 'dotation', %s, now())"
    assert refusal(retrait, [enveloppe.pk, -reste]) == SANS_JOURNAL
    assert refusal(retrait, [enveloppe.pk, -reste - 1]) == "mouvement_enveloppe_suffisante"


@pytest.mark.parametrize(("rang", "non"), [(1, "mouvement_versement_unique"), (None, "mouvement_nature_complete")])
def test_ledger_pays_a_half_once(monde: dict[str, Dossier], ignorant: None, rang: int | None, non: str) -> None:
    """D1 has one half committed and paid, and a part of the second one is still to be spent."""
    enveloppe = Enveloppe.objects.get()
    reserve = (
        "INSERT INTO aap_mouvement (enveloppe_id, dossier_id, nature, montant, le, versement_rang)"
        " VALUES (%s, %s, %s, 100, now(), %s)"
    )
    sql(reserve, [enveloppe.pk, monde["D1"].pk, "reservation", None])
    sql(reserve, [enveloppe.pk, monde["D1"].pk, "engagement", None])
    assert refusal(reserve, [enveloppe.pk, monde["D1"].pk, "versement", rang]) == non
    assert refusal(reserve, [enveloppe.pk, monde["D1"].pk, "versement", 2]) == SANS_JOURNAL


def test_ledger_never_pays_more_than_was_committed(monde: dict[str, Dossier], ignorant: None) -> None:
    ordre = (
        "INSERT INTO aap_mouvement (enveloppe_id, dossier_id, nature, montant, le, versement_rang)"
        " VALUES (%s, %s, 'versement', 0.01, now(), 2)"
    )
    assert refusal(ordre, [Enveloppe.objects.get().pk, monde["D1"].pk]) == "mouvement_dossier_couvert"


def test_no_second_live_payment_of_a_rank(monde: dict[str, Dossier], ignorant: None) -> None:
    ordre = (
        "INSERT INTO conventions_versement (convention_id, rang, montant, etat, motif, version)"
        " SELECT convention_id, rang, 1, 'propose', '', 0 FROM conventions_versement WHERE id = %s"
    )
    for versement in Versement.objects.exclude(etat="annule"):
        assert refusal(ordre, [versement.pk]) == "versement_un_par_rang"
    annule = Versement.objects.get(etat="annule")
    assert refusal(ordre, [annule.pk]) == ""


@pytest.mark.parametrize("etat", ["depose", "conventionne", "en_deploiement", "en_verification", "solde"])
def test_second_half_is_not_paid_before_the_targets(monde: dict[str, Dossier], ignorant: None, etat: str) -> None:
    """At any state but `cibles_atteintes`, and the first half only on a signed convention."""
    premier, second = Versement.objects.filter(convention__dossier=monde["D2"]).order_by("rang")
    with tampering(Versement, Dossier):
        sql("UPDATE conventions_versement SET etat = 'ordonnance'")
        sql("UPDATE aap_dossier SET etat = %s WHERE id = %s", [etat, monde["D2"].pk])
    payer = "UPDATE conventions_versement SET etat = 'execute' WHERE id = %s"
    assert refusal(payer, [second.pk]) == "versement_cibles_atteintes"
    attendu = "etat_journalise" if etat == "conventionne" else "versement_convention_signee"
    assert refusal(payer, [premier.pk]) == attendu


def test_targets_met_open_the_second_half(monde: dict[str, Dossier]) -> None:
    """The trigger is what refused above: with the targets met, it lets go."""
    second = Versement.objects.get(convention__dossier=monde["D2"], rang=2)
    with tampering(Versement, Dossier):
        sql("UPDATE conventions_versement SET etat = 'propose' WHERE id = %s", [second.pk])
        sql("UPDATE aap_dossier SET etat = 'cibles_atteintes' WHERE id = %s", [monde["D2"].pk])
    assert "versement_" not in refusal("UPDATE conventions_versement SET etat = 'certifie' WHERE id = %s", [second.pk])


@pytest.mark.parametrize(
    ("modele", "colonne", "valeur"),
    [
        (Versement, "montant", "montant + 1"),
        (Versement, "rang", "3 - rang"),
        (Versement, "convention_id", "convention_id + 1"),
        (Convention, "montant", "montant * 2"),
        (Convention, "dossier_id", "dossier_id + 1"),
        (Reversement, "montant", "montant / 2"),
        (Reversement, "dossier_id", "dossier_id + 1"),
        (Declaration, "mois", "mois - interval '1 month'"),
        (Declaration, "dossier_id", "dossier_id + 1"),
        (DemandeAide, "texte", "'Autre question'"),
        (DemandeAide, "auteur_id", "auteur_id + 1"),
        (LienRisque, "risque_id", "risque_id + 1"),
        (LienRisque, "dossier_id", "dossier_id + 1"),
        (LienRisque, "par_id", "par_id + 1"),
        (LienRisque, "le", "le - interval '1 day'"),
    ],
)
def test_amounts_and_belongings_are_frozen(
    monde: dict[str, Dossier], ignorant: None, modele: type[models.Model], colonne: str, valeur: str
) -> None:
    assert "fige" in triggers(modele)
    assert "Cannot update rows" in refusal(f"UPDATE {table(modele)} SET {colonne} = {valeur}")


def test_who_ordered_does_not_execute(monde: dict[str, Dossier], ignorant: None) -> None:
    assert refusal("UPDATE conventions_versement SET execute_par_id = ordonnance_par_id WHERE etat = 'execute'") == (
        "versement_roles_separes"
    )


@pytest.mark.parametrize(
    "ordre",
    [
        "UPDATE usages_mesure SET messages_mss = messages_mss + 1",
        "DELETE FROM usages_mesure",
        "INSERT INTO usages_mesure (declaration_id, finess, personnes, dossiers_actifs, dossiers_avec_projet,"
        " dossiers_avec_evenement, messages_mss, dmp_alimentes)"
        " SELECT declaration_id, '310000028', 1, 1, 1, 1, 1, 1 FROM usages_mesure LIMIT 1",
        "UPDATE usages_mesure"
        " SET declaration_id = (SELECT id FROM usages_declaration WHERE etat = 'brouillon' LIMIT 1)",
    ],
    ids=["modifier", "effacer", "ajouter", "déplacer"],
)
def test_submitted_figures_are_frozen(monde: dict[str, Dossier], ignorant: None, ordre: str) -> None:
    Declaration.objects.create(dossier=monde["D2"], mois="2023-08-01")
    assert refusal(ordre) == "mesure_figee"


def test_figures_do_not_vanish_wholesale(monde: dict[str, Dossier], ignorant: None) -> None:
    assert Mesure.objects.exists()
    assert refusal("TRUNCATE usages_mesure") == "sans_vidage"


def test_published_rules_are_frozen(monde: dict[str, Dossier], ignorant: None) -> None:
    assert Reglement.objects.exists()
    assert refusal("UPDATE aap_reglement SET texte = replace(texte, '7000', '9000')") == "sans_modification"


def test_every_trigger_of_ours_is_unbreakable(monde: dict[str, Dossier]) -> None:
    """None of them can be named in `pgtrigger.ignore`: the generated SQL does not read that variable."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'pgtrigger_%%'")
        sources = dict(curseur.fetchall())
    declares = [trigger for modele in guarded() + append_only() for trigger in triggers(modele).values()]
    assert len(sources) >= len(set(map(id, declares)))
    assert [nom for nom, source in sources.items() if "pgtrigger" in source and "ignore" in source] == []
