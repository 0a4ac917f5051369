"""One act on many dossiers: tried, launched once, done row by row through the door of the single act."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from procrastinate.contrib.django.models import ProcrastinateJob

from aap.models import Dossier
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from instruction.liste.filtre import Filtre
from instruction.lots import execution, services
from instruction.lots.actes import MASSE, MOITIES, SEULS, VERSEMENTS, alone, en_masse, offered
from instruction.lots.execution import advance
from instruction.lots.selection import Selection
from instruction.models import LigneLot, Lot, Sort
from instruction.rejeu import actions
from instruction.tasks import avancer_lot, reprendre_lots
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.porte import franchir
from tests.instruction import campagne

pytestmark = pytest.mark.django_db


@pytest.fixture
def claire(campagne_jouee: dict[str, int]) -> Utilisateur:
    return campagne.person("claire", Role.INSTRUCTEUR, "76")


@pytest.fixture
def hugo(campagne_jouee: dict[str, int]) -> Utilisateur:
    return campagne.person("hugo", Role.INSTRUCTEUR, "76")


@pytest.fixture
def anne(campagne_jouee: dict[str, int]) -> Utilisateur:
    return campagne.person("anne", Role.RESPONSABLE, "76")


def prepared(acte: str, par: Utilisateur, *cles: int, **donnees: Any) -> Lot:
    """A batch of these dossiers (all that she reads without), tried."""
    lot = services.prepare(Selection(filtre=Filtre(), coches=cles, tous=not cles), en_masse()[acte], donnees, par)
    advance(lot.pk)
    return lot


def launched(lot: Lot) -> Lot:
    services.launch(lot, lot.par)
    advance(lot.pk)
    return Lot.objects.get(pk=lot.pk)


def sorts(lot: Lot) -> dict[int, str]:
    return dict(lot.lignes.order_by("rang").values_list("dossier_id", "sort"))


def row(lot: Lot, dossier: int) -> LigneLot:
    return lot.lignes.get(dossier=dossier)


# What is offered


def test_every_door_is_opened_in_bulk_or_says_why_not():
    masse = {*MASSE, *VERSEMENTS}
    assert masse | set(alone()) == set(actions())
    assert masse.isdisjoint(alone())
    assert all(SEULS.values())


@pytest.mark.parametrize("nom", [*MASSE, *(f"{nom}_{rang}" for nom in VERSEMENTS for rang in MOITIES)])
def test_every_act_knows_who_where_and_what_it_asks(nom: str):
    acte = en_masse()[nom]
    assert acte.etats
    assert acte.roles
    assert acte.champs <= {"motif", "personne", "echeance", "seance", "jusqu_au"}


def test_only_the_acts_of_ones_roles_are_offered(claire, anne):
    assert "ecarter" not in {un.nom for un in offered(claire)}
    assert {"ecarter", "attribuer", "ordonnancer_1"} <= {un.nom for un in offered(anne)}
    for role in (Role.AUDITEUR, Role.PILOTE_NATIONAL, Role.ADMINISTRATEUR, Role.PORTEUR):
        assert offered(campagne.person(f"x-{role}", role)) == []


# Trying changes nothing


def test_a_preview_tells_each_verdict_and_writes_nothing_on_the_dossiers(campagne_jouee, claire):
    avant = (Entree.objects.count(), list(Dossier.objects.order_by("pk").values()))
    noms = ("depose", "en_recevabilite", "clos")
    lot = prepared("prendre_en_charge", claire, *(campagne_jouee[nom] for nom in noms))
    assert [sorts(lot)[campagne_jouee[nom]] for nom in noms] == [Sort.POSSIBLE, Sort.IMPOSSIBLE, Sort.IMPOSSIBLE]
    assert row(lot, campagne_jouee["clos"]).code == Code.TRANSITION_INTERDITE
    assert (Entree.objects.count(), list(Dossier.objects.order_by("pk").values())) == avant
    assert advance(lot.pk) == 0


@pytest.mark.parametrize(
    ("acte", "nom", "donnees"),
    [
        ("prendre_en_charge", "clos", {}),
        ("declarer_recevable", "derogation", {}),
        ("declarer_recevable", "en_recevabilite", {}),
        ("cloturer_instruction", "en_instruction", {}),
        ("demander_complements", "en_recevabilite", {"motif": "", "echeance": "2100-01-01"}),
        ("demander_complements", "en_recevabilite", {"motif": "RIB.", "echeance": "2020-01-01"}),
        ("attribuer", "depose", {"personne": "personne-de-ce-nom"}),
        ("declarer_irrecevable", "a_completer", {"motif": "Trop tard."}),
        ("ecarter", "en_comite", {"motif": "Budget."}),
        ("certifier_1", "conventionne", {}),
        ("certifier_2", "conventionne", {}),
    ],
)
def test_a_row_is_judged_as_the_single_act_is(acte, nom, donnees, campagne_jouee, claire):
    """Same code, same sentence, same success: it is the same door."""
    ligne = row(prepared(acte, claire, campagne_jouee[nom], **donnees), campagne_jouee[nom])
    declare = en_masse()[acte]
    try:
        declare.porte(Dossier.objects.get(pk=campagne_jouee[nom]), claire, **donnees, **declare.fixe)
        attendu = (Sort.POSSIBLE, "", "")
    except Refus as refus:
        attendu = (Sort.IMPOSSIBLE, refus.code.value, refus.message)
    assert (ligne.sort, ligne.code, ligne.message) == attendu


# Doing it


def test_mixed_verdicts_are_kept_row_by_row_and_only_the_possible_are_done(campagne_jouee, claire):
    lot = launched(prepared("prendre_en_charge", claire, campagne_jouee["depose"], campagne_jouee["clos"]))
    faite, refusee = row(lot, campagne_jouee["depose"]), row(lot, campagne_jouee["clos"])
    assert (faite.sort, refusee.sort) == (Sort.FAITE, Sort.IMPOSSIBLE)
    assert "Prendre en charge" in refusee.message
    entree = Entree.objects.get(chaine=f"dossier:{campagne_jouee['depose']}", rang=faite.entree)
    assert (entree.action, entree.par_id) == ("prendre_en_charge", claire.pk)
    dite = Entree.objects.get(chaine=lot.cle)
    assert (dite.action, dite.par_id, dite.donnees["dossiers"]) == ("lancer", claire.pk, 1)


def test_each_row_may_have_its_own_reason(campagne_jouee, anne):
    premier, second = campagne_jouee["en_comite"], campagne_jouee["liste_attente"]
    lot = prepared("ecarter", anne, premier, second, motif="")
    assert {une.code for une in lot.lignes.all()} == {Code.MOTIF_REQUIS}
    services.correct(lot, {row(lot, premier).pk: "Gouvernance."}, set())
    advance(lot.pk)
    assert sorts(lot) == {premier: Sort.POSSIBLE, second: Sort.IMPOSSIBLE}
    launched(lot)
    assert Dossier.objects.get(pk=premier).motif == "Gouvernance."
    assert Dossier.objects.get(pk=second).etat == "liste_attente"


def test_a_row_taken_out_is_left_alone_and_may_come_back(campagne_jouee, claire):
    cle = campagne_jouee["depose"]
    lot = prepared("prendre_en_charge", claire, cle)
    ligne = row(lot, cle).pk
    services.correct(lot, {ligne: ""}, {ligne})
    with pytest.raises(Refus, match="Aucun dossier"):
        services.launch(lot, claire)
    services.correct(lot, {ligne: ""}, set())
    assert row(lot, cle).sort == Sort.A_ESSAYER
    with pytest.raises(Refus, match="aperçu"):
        services.launch(lot, claire)
    advance(lot.pk)
    assert sorts(launched(lot)) == {cle: Sort.FAITE}


def test_a_dossier_that_moved_since_the_preview_is_refused_with_what_changed(campagne_jouee, claire, hugo):
    cle = campagne_jouee["depose"]
    lot = prepared("attribuer", claire, cle, personne="hugo")
    franchir(Dossier.objects.get(pk=cle), "prendre_en_charge", claire)
    ligne = row(launched(lot), cle)
    assert (ligne.sort, ligne.code) == (Sort.REFUSEE, Code.TRANSITION_INTERDITE)
    assert "a changé depuis l'aperçu" in ligne.message
    assert f"Prendre en charge » par {claire}" in ligne.message.replace("\xa0", " ")
    assert Dossier.objects.get(pk=cle).instructeur == claire


def test_what_was_refused_is_taken_up_and_launched_after_correction(campagne_jouee, claire, hugo):
    cle = campagne_jouee["depose"]
    lot = prepared("attribuer", claire, cle, campagne_jouee["clos"], personne="hugo")
    franchir(Dossier.objects.get(pk=cle), "prendre_en_charge", claire)
    suite = services.take_up(launched(lot), claire)
    assert set(sorts(suite)) == {cle, campagne_jouee["clos"]}
    advance(suite.pk)
    assert sorts(launched(suite))[cle] == Sort.FAITE
    assert Dossier.objects.get(pk=cle).instructeur == hugo


def test_rights_are_those_of_the_moment_it_is_done(campagne_jouee, claire):
    cle = campagne_jouee["depose"]
    lot = prepared("prendre_en_charge", claire, cle)
    Affectation.objects.filter(utilisateur=claire).update(au=horloge.aujourdhui() - timedelta(days=1))
    assert row(launched(lot), cle).code == Code.ROLE_INTERDIT


def test_a_closed_account_does_nothing_any_more(campagne_jouee, claire):
    cle = campagne_jouee["depose"]
    lot = prepared("prendre_en_charge", claire, cle)
    services.launch(lot, claire)
    Utilisateur.objects.filter(pk=claire.pk).update(is_active=False)
    advance(lot.pk)
    assert row(lot, cle).code == Code.ROLE_INTERDIT
    assert Dossier.objects.get(pk=cle).etat == "depose"


def test_the_dossiers_of_another_region_are_not_in_a_batch(campagne_jouee):
    ailleurs = campagne.person("ailleurs", Role.INSTRUCTEUR, "11")
    with pytest.raises(Refus, match="Aucun dossier"):
        prepared("prendre_en_charge", ailleurs, campagne_jouee["depose"])
    with pytest.raises(Refus, match="Aucun dossier"):
        prepared("prendre_en_charge", ailleurs)


def test_a_role_held_elsewhere_is_refused_row_by_row(campagne_jouee):
    """She reads the région as an auditor, and instructs another."""
    double = campagne.person("double", Role.INSTRUCTEUR, "11")
    Affectation.objects.create(utilisateur=double, role=Role.AUDITEUR, du=horloge.aujourdhui())
    lot = prepared("prendre_en_charge", double, campagne_jouee["depose"])
    assert row(lot, campagne_jouee["depose"]).code == Code.HORS_PERIMETRE


def test_launching_twice_is_launching_once(campagne_jouee, claire):
    lot = prepared("prendre_en_charge", claire, campagne_jouee["depose"])
    launched(lot)
    services.launch(lot, claire)
    assert advance(lot.pk) == 0
    assert Entree.objects.filter(chaine=lot.cle).count() == 1
    with pytest.raises(Refus, match="déjà lancé"):
        services.correct(lot, {lot.lignes.get().pk: "x"}, set())


def test_a_batch_that_is_stopped_leaves_the_rest_undone(campagne_jouee, claire):
    lot = prepared("prendre_en_charge", claire, campagne_jouee["depose"])
    assert services.stop(lot, claire) == 0
    services.launch(lot, claire)
    assert services.stop(lot, claire) == 1
    advance(lot.pk)
    assert Dossier.objects.get(pk=campagne_jouee["depose"]).etat == "depose"
    assert list(Entree.objects.filter(chaine=lot.cle).order_by("rang").values_list("action", flat=True)) == [
        "lancer", "arreter",
    ]  # fmt: skip


# When something breaks


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_goes_on(campagne_jouee, claire, hugo, monkeypatch):
    cles = [campagne_jouee[nom] for nom in ("depose", "en_recevabilite", "instruit")]
    lot = prepared("attribuer", claire, *cles, personne="hugo")
    services.launch(lot, claire)
    vrai, essais = execution.treat, []

    def fragile(*args: Any, **kwargs: Any) -> Any:
        essais.append(1)
        if len(essais) == 2:
            raise OperationalError("connexion perdue")
        return vrai(*args, **kwargs)

    monkeypatch.setattr(execution, "treat", fragile)
    with pytest.raises(OperationalError):
        advance(lot.pk)
    assert list(sorts(lot).values()).count(Sort.FAITE) == 1
    assert advance(lot.pk) == 2
    assert set(sorts(lot).values()) == {Sort.FAITE}
    assert Entree.objects.filter(action="attribuer", par=claire).count() == 3


def test_a_row_that_breaks_is_an_incident_and_stops_no_other(campagne_jouee, claire, hugo, monkeypatch):
    cles = [campagne_jouee[nom] for nom in ("depose", "instruit")]
    lot = prepared("attribuer", claire, *cles, personne="hugo")
    services.launch(lot, claire)
    vraie = execution._data
    monkeypatch.setattr(
        execution, "_data", lambda ligne: vraie(ligne) if ligne.rang > 1 else {}["un défaut du programme"]
    )
    advance(lot.pk)
    assert sorted(sorts(lot).values()) == [Sort.FAITE, Sort.INCIDENT]
    incident = lot.lignes.get(sort=Sort.INCIDENT)
    assert "rien n'a été écrit" in incident.message
    assert services.take_up(lot, claire).lignes.get().dossier_id == incident.dossier_id


def test_its_job_is_written_with_it_and_comes_back_when_lost(campagne_jouee, claire):
    lot = services.prepare(
        Selection(filtre=Filtre(), coches=(campagne_jouee["depose"],)), en_masse()["prendre_en_charge"], {}, claire
    )
    jobs = ProcrastinateJob.objects.filter(task_name=services.TACHE, args={"lot": lot.pk})
    assert jobs.count() == 1
    avancer_lot(lot=lot.pk)
    services.launch(lot, claire)
    assert jobs.count() == 1  # the one that waits is enough
    jobs.filter(status="todo")._raw_delete("default")
    reprendre_lots(timestamp=0)
    assert jobs.count() == 1
    avancer_lot(lot=lot.pk)
    assert not services.unfinished().exists()


def test_too_many_are_refused_before_anything_is_kept(campagne_jouee, claire, monkeypatch):
    monkeypatch.setattr(services, "DOSSIERS_MAX", 3)
    with pytest.raises(Refus, match="au plus 3"):
        prepared("prendre_en_charge", claire)
    assert not Lot.objects.exists()
