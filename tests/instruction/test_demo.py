"""The demonstration: forty dossiers in every state, played and not inserted, twice the same, local only."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.test import Client, override_settings
from rich.console import Console

from aap.models import Aap, Dossier, Etat, Fenetre
from accompagnement.affectation import followed_by
from accompagnement.models import ActionPlan, Annotation, NiveauCourant, Risque
from accompagnement.querysets import with_alerts
from comptes.models import Delegation, Utilisateur
from comptes.roles import Role
from conventions.models import Convention
from grappes.categories import Secteur
from grappes.finess import has_valid_key
from grappes.models import DemandeGrappe, Essms, Interet, Membre
from instruction.corbeille.lecture import read as read_inbox
from instruction.demonstration import comptes, fichiers, jeu, resume
from instruction.demonstration.campagne import scenario
from instruction.demonstration.chemins import INCIDENTS
from instruction.grades.lecture import trend
from instruction.taches import tasks
from moteur import horloge, journal
from moteur.journal import TITRE
from moteur.models import Entree, Sceau
from tests.instruction.campagne import told

DERNIER_ENGAGEMENT = date(2022, 12, 30)
#: What each incident has refused on the way; the others are detours without a refusal.
ATTENDUS = {
    "trop_tot": "FENETRE_FERMEE",
    "hors_delai": "FENETRE_FERMEE",
    "pieces_oubliees": "PIECE_MANQUANTE",
    "ailleurs": "HORS_PERIMETRE",
    "trop_petite": "REGLE_NON_SATISFAITE",
    "feder": "REGLE_NON_SATISFAITE",
    "evaluations_manquantes": "EVALUATIONS_INCOMPLETES",
    "enveloppe_epuisee": "ENVELOPPE_INSUFFISANTE",
    "sans_motif": "MOTIF_REQUIS",
    "signature_oubliee": "SIGNATURE_MANQUANTE",
    "meme_main": "SEPARATION_DES_ROLES",
    "echec_premature": "DELAI_NON_ECHU",
    "cibles_manquees": "CIBLES_NON_ATTEINTES",
}


def run_demo() -> str:
    """What the command prints."""
    sortie = StringIO()
    call_command("demo", stdout=sortie)
    return sortie.getvalue()


@pytest.fixture(scope="module")
def refus(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[dict[str, Any]]]:
    """The campaign, played once for the module and undone at its end: what was refused on the way."""
    with django_db_blocker.unblock(), override_settings(LOCAL=True, DEBUG=True), transaction.atomic():
        joues = jeu.install()
        assert joues is not None
        yield joues
        transaction.set_rollback(True)


@pytest.fixture
def dossiers(refus: list[dict[str, Any]]) -> list[Dossier]:
    return list(Dossier.objects.filter(aap=jeu.call()).select_related(*Dossier.AVEC).order_by("reference"))


def test_forty_dossiers_cover_every_state(dossiers):
    etats = Counter(dossier.etat for dossier in dossiers)
    assert sum(etats.values()) == 40
    assert set(etats) == set(Etat.values)


def test_each_dossier_ends_where_its_line_says(dossiers):
    assert {d.reference: d.etat for d in dossiers} == {ligne.ref: ligne.etat.value for ligne in fichiers.lignes()}


def test_only_the_incidents_are_refused(refus):
    attendus = Counter(
        (ligne.ref, ATTENDUS[nom]) for ligne in fichiers.lignes() for nom in ligne.incidents if nom in ATTENDUS
    )
    assert Counter((un["dossier"], un["code"]) for un in refus) == attendus
    assert len({un["code"] for un in refus}) >= 10


def test_every_incident_is_used():
    assert {nom for ligne in fichiers.lignes() for nom in ligne.incidents} == set(INCIDENTS)


def test_nothing_is_inserted_the_journal_tells_it_all(dossiers):
    assert not [*journal.verify(), *journal.verify_seals(), *journal.verify_states()]
    deplaces = Entree.objects.filter(objet__in=[d.cle for d in dossiers], vers__isnull=False)
    assert set(deplaces.values_list("objet", flat=True)) == {d.cle for d in dossiers if d.etat != Etat.BROUILLON}


def test_every_chain_is_sealed(dossiers):
    aap = jeu.call()
    assert aap is not None
    enveloppes = {un.enveloppe.cle for un in Aap.objects.select_related("enveloppe")}
    autres = {un.cle for modele in (Delegation, Interet, DemandeGrappe) for un in modele.objects.all()}
    assert set(Sceau.objects.get().tetes) == {d.chaine for d in dossiers} | enveloppes | autres


def test_dates_are_those_of_the_2022_calls(dossiers):
    fenetre = fichiers.campagne().fenetre
    deposes = [horloge.jour(d.depose_le) for d in dossiers if d.depose_le]
    assert fenetre["ouvre"] <= min(deposes) <= max(deposes) <= fenetre["ferme"]
    assert max(c.engagee_le for c in Convention.objects.exclude(engagee_le=None)) <= DERNIER_ENGAGEMENT
    assert all(horloge.jour(e.le) <= jeu.day() <= DERNIER_ENGAGEMENT for e in Entree.objects.all())


def test_nobody_acts_on_a_weekend(dossiers):
    assert {horloge.jour(e.le).weekday() for e in Entree.objects.all()} <= set(range(5))


def test_some_tasks_are_late(dossiers):
    with horloge.figer(horloge.ouverture(jeu.day())):
        retards = [d.reference for d in dossiers if any(t.echeance and t.echeance < jeu.day() for t in tasks(d))]
    assert retards == ["OCC-002", "OCC-024", "OCC-025", "OCC-026"]


def test_grappes_are_varied_and_within_the_rules(dossiers):
    tailles = {d.reference: Membre.objects.filter(grappe=d.grappe).count() for d in dossiers}
    hors = {d.reference: tailles[d.reference] for d in dossiers if not 15 <= tailles[d.reference] <= 49}
    assert hors == {
        "OCC-037": 14,
        "OCC-038": 53,
    }  # too small, hence refused; too large, hence sent to the national call
    assert (min(hors.values()), max(tailles[r] for r in tailles if r not in hors)) == (14, 49)
    organismes = {d.pk: len({m.essms.og_id for m in d.grappe.membres.select_related("essms")}) for d in dossiers}
    assert set(organismes.values()) == {1, 2, 3, 5}
    assert {essms.secteur for essms in Essms.objects.filter(rejeu=None)} == set(Secteur)
    assert {d.projet for d in dossiers} == {"acquisition", "montee_de_version"}
    assert any(d.equipement for d in dossiers)
    assert any(d.amoa_projet for d in dossiers)


def test_made_up_establishments_are_numbered_and_serve_once(refus):
    essms = list(Essms.objects.filter(rejeu=None, participations__isnull=False))
    assert len(essms) == Membre.objects.count() == 878
    assert all(has_valid_key(un.finess) for un in essms)
    noms = Counter((un.og_id, un.nom) for un in essms)
    assert max(noms.values()) == 1


def test_amounts_are_the_same_at_every_play(refus):
    aap = jeu.call()
    assert aap is not None
    assert aap.enveloppe.position().as_dict() == {
        "dotation": "7200000.00",
        "reserve": "1251937.68",
        "engage": "5037671.89",
        "verse": "2300085.95",
        "disponible": "910390.43",
    }


@pytest.mark.django_db
def test_the_same_campaign_is_made_up_each_time():
    assert scenario() == scenario()


def test_a_call_is_open_for_whoever_wants_to_file(refus):
    """With enough establishments that nobody counts yet: twelve for the newcomer, six for her neighbour."""
    with horloge.figer(horloge.ouverture(jeu.day())):
        ouverts = [f for f in Fenetre.objects.filter(aap__rejeu=None) if f.is_open(horloge.aujourdhui())]
    assert [fenetre.aap.code for fenetre in ouverts] == ["OCC-ESMS-2023"]
    libres = Essms.objects.filter(rejeu=None, participations=None)
    assert sorted(libres.values_list("og__nom").annotate(n=Count("pk"))) == [
        ("Association des Tilleuls", 12),
        ("Les Genêts du Tarn", 6),
    ]
    assert all(has_valid_key(essms.finess) for essms in libres)


#: A director who comes for the first time; a second officer, for an evaluation takes two.
DE_PLUS = {"demo.directrice": Role.PORTEUR, "demo.instructeur2": Role.INSTRUCTEUR}


def test_one_account_per_role_logs_in(refus):
    ouverts = Utilisateur.objects.filter(username__startswith="demo.")
    assert {u.username for u in ouverts} == {f"demo.{role}" for role in Role.values} | DE_PLUS.keys()
    for utilisateur in ouverts:
        attendu = DE_PLUS.get(utilisateur.username, utilisateur.username.removeprefix("demo."))
        assert list(utilisateur.roles_propres_au(jeu.day())) == [attendu]
    assert Client().login(username="demo.auditeur", password=comptes.password())


def test_a_deputy_decided_while_the_responsable_was_away(dossiers):
    suppleees = Entree.objects.filter(donnees__has_key=TITRE)
    assert {entree.par.username for entree in suppleees} == {"demo.instructeur2"}
    assert {"selectionner"} <= set(suppleees.values_list("action", flat=True))
    chef = Utilisateur.objects.get(username="demo.responsable")
    assert not Entree.objects.filter(par=chef, le__date__range=("2022-11-14", "2022-11-25")).exists()
    etapes = [etape.titre for dossier in dossiers for etape in told(dossier) if etape.titre]
    assert set(etapes) == {"en suppléance de Philippe Combes"}


def test_an_officer_acts_for_another_and_keeps_out_of_a_dossier(refus):
    claire = Utilisateur.objects.get(username="demo.instructeur")
    assert set(claire.roles_au(jeu.day())) == {Role.INSTRUCTEUR, Role.RESPONSABLE}
    visibles = Dossier.objects.visible_to(claire, jeu.day()).with_deport(claire, jeu.day())
    assert [dossier.reference for dossier in visibles.filter(deport=True).order_by("reference")] == [
        "OCC-007",
        "OCC-036",
    ]


def test_an_officer_has_late_tasks_some_due_this_week_and_those_of_a_colleague_who_is_away(refus):
    claire = Utilisateur.objects.get(username="demo.instructeur")
    groupes = {un.titre: un.lignes for un in read_inbox(claire, "moi", jeu.day()).groupes}
    assert len(groupes["En retard"]) >= 3
    assert len(groupes["Cette semaine"]) >= 3
    absentes = {ligne.absente for lignes in groupes.values() for ligne in lignes}
    assert absentes == {"", "Hugo Teyssier"}


def test_other_people_of_the_play_cannot_log_in(refus):
    autres = Utilisateur.objects.exclude(username__startswith="demo.")
    assert autres
    assert not any(utilisateur.has_usable_password() for utilisateur in autres)


def test_the_reader_sees_the_forty_and_the_porteur_hers(refus):
    visibles = {
        nom: Dossier.objects.visible_to(Utilisateur.objects.get(username=f"demo.{nom}"), jeu.day()).count()
        for nom in ("auditeur", "instructeur", "porteur")
    }
    assert visibles == {"auditeur": 40, "instructeur": 40, "porteur": 8}


def test_the_porteur_owes_an_answer_and_her_usages(dossiers):
    porteur = Utilisateur.objects.get(username="demo.porteur")
    with horloge.figer(horloge.ouverture(jeu.day())):
        siens = Dossier.objects.visible_to(porteur, jeu.day()).filter(pk__in=[d.pk for d in dossiers])
        dus = {d.reference: {t.action: t.echeance for t in tasks(d) if t.role == Role.PORTEUR} for d in siens}
    assert dus["OCC-036"] == {"completer": date(2023, 1, 15)}
    assert set(dus["OCC-011"]) == {"declarer_usages", "prononcer_vsr"}
    assert min(dus["OCC-011"].values()) > jeu.day()
    sortie = " ".join(run_demo().replace("│", " ").split())
    assert "demo.porteur, qui y doit : OCC-011 (déclarer les usages et prononcer la VSR, reste 99 jours)" in sortie
    assert "OCC-036 (compléter, reste 17 jours)" in sortie


def test_what_was_refused_is_shown_with_what_to_do(refus):
    sortie = StringIO()
    aap = jeu.call()
    assert aap is not None
    resume.show(aap, refus, Console(file=sortie, width=100))
    assert all(un["code"] in sortie.getvalue() for un in refus)
    assert "18 refus en chemin" in sortie.getvalue()


def test_the_envelope_is_one_bar_of_eighty_signs(refus):
    (barre,) = [ligne for ligne in run_demo().splitlines() if ligne.startswith("██████") and "▓" in ligne]
    assert len(barre.strip()) == 80


def test_a_second_run_changes_nothing_and_shows_it_all_again(refus):
    avant = Entree.objects.count()
    sortie = run_demo()
    assert "déjà là" in sortie
    assert Entree.objects.count() == avant
    assert all(ligne.ref in sortie and ligne.grappe in sortie for ligne in fichiers.lignes())
    assert all(etat.label in sortie for etat in Etat)
    assert all(mot in sortie for mot in ("intact", "http://127.0.0.1:8000/", "demo.auditeur", comptes.password()))
    assert max(len(ligne) for ligne in sortie.splitlines()) <= 100


def test_accounts_follow_a_new_secret_key(refus):
    with override_settings(SECRET_KEY="une autre clé, plus longue, plus longue, plus longue"):
        assert jeu.install() is None
        assert Client().login(username="demo.porteur", password=comptes.password())
    jeu.install()


@pytest.mark.django_db
@pytest.mark.parametrize("reglages", [{"LOCAL": False, "DEBUG": True}, {"LOCAL": True, "DEBUG": False}])
def test_it_refuses_to_run_elsewhere_than_on_a_local_demonstration(reglages, capsys):
    erreurs = StringIO()
    with override_settings(**reglages), pytest.raises(SystemExit) as sortie:
        call_command("demo", stdout=StringIO(), stderr=erreurs)
    assert sortie.value.code == 1
    assert "base embarquée" in erreurs.getvalue()
    assert not Utilisateur.objects.filter(username__startswith="demo.").exists()
    assert not Aap.objects.filter(code=fichiers.campagne().code, rejeu=None).exists()


# The adviser of the demonstration.


def test_risks_are_annotated_and_a_failing_editor_touches_five_dossiers(refus):
    with horloge.figer(horloge.ouverture(jeu.day())):
        annotees = Annotation.objects.filter(avis=None)
        assert annotees.values("dossier").distinct().count() >= 12
        [partage] = Risque.objects.alive()
        assert partage.nombre_dossiers == 5
        alertes = with_alerts(Dossier.objects.filter(aap=jeu.call()), jeu.day())
        sans_mesure = set(alertes.filter(fort_sans_mesure=True).values_list("reference", flat=True))
        assert sans_mesure == {"OCC-006", "OCC-010", "OCC-033", "OCC-007", "OCC-011", "OCC-016", "OCC-018", "OCC-025"}
        assert alertes.filter(non_evalue=True).count() >= 3
        tendances = {trend(un.precedent, un.niveau) for un in NiveauCourant.objects.all()}
    assert {"hausse", "baisse", ""} <= tendances


def test_some_actions_of_the_plans_are_late_and_the_adviser_follows_dossiers(refus):
    tard = ActionPlan.objects.late(jeu.day()).values_list("dossier__reference", flat=True)
    assert list(tard) == ["OCC-009", "OCC-010", "OCC-016"]
    conseiller = Utilisateur.objects.get(username="demo.conseiller_grades")
    assert followed_by(conseiller).count() == 10
