"""Service objectives: what an agency gives itself, never against its rule set, never for the past."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from pydantic import ValidationError

from aap.models import Objectif, Reglement
from aap.objectifs import FIXER, fixer_objectifs, granted
from aap.regles import charger, empreinte, lire_fichier
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import Campagne, campagne, personne
from tests.invariants.monde import juger_les_differes

DELAI = """[[delais.taches]]
action = "evaluer"
jours_ouvres = 7
source = "Texte du test, article 1"
confiance = "verifie"
"""
LUNDI = date(2022, 4, 4)


@pytest.fixture
def camp(db) -> Campagne:
    return campagne()


@pytest.fixture
def lundi():
    with horloge.figer(horloge.ouverture(LUNDI)):
        yield LUNDI


def given(camp: Campagne, action: str, jour: date, heure: int = 12) -> int | None:
    return granted(camp.aap).given(action, horloge.ouverture(jour) + timedelta(hours=heure - 9))


def test_an_objective_holds_from_its_day_until_the_next(camp, lundi):
    responsable, plus_tard = camp.personne("responsable"), lundi + timedelta(days=30)
    fixer_objectifs(camp.aap, {"evaluer": 10, "certifier": 5}, responsable, du=lundi)
    fixer_objectifs(camp.aap, {"evaluer": 8}, responsable, du=plus_tard)
    fixer_objectifs(camp.aap, {"evaluer": None}, responsable, du=plus_tard + timedelta(days=1))
    assert given(camp, "evaluer", lundi - timedelta(days=1)) is None
    assert given(camp, "evaluer", lundi) == 10
    assert given(camp, "evaluer", plus_tard) == 8
    assert given(camp, "evaluer", plus_tard + timedelta(days=1)) is None
    assert given(camp, "certifier", plus_tard) == 5


def test_it_does_not_hold_for_what_opened_the_same_day_before_it_was_fixed(camp, lundi):
    fixer_objectifs(camp.aap, {"evaluer": 10}, camp.personne("responsable"), du=lundi)
    assert given(camp, "evaluer", lundi, heure=8) is None
    assert given(camp, "evaluer", lundi, heure=9) == 10


def test_one_journal_row_for_all_on_the_chain_of_the_envelope_and_none_when_nothing_changes(camp, lundi):
    for _ in range(2):
        fixer_objectifs(
            camp.aap, {"evaluer": 10, "certifier": 5, "notifier": None}, camp.personne("responsable"), du=lundi
        )
    juger_les_differes()
    [entree] = Entree.objects.filter(action=FIXER)
    assert (entree.chaine, entree.objet) == (camp.enveloppe.cle, f"aap:{camp.aap.pk}")
    assert entree.donnees == {"du": "2022-04-04", "jours_ouvres": {"evaluer": 10, "certifier": 5}}
    assert Objectif.objects.count() == 2


@pytest.mark.parametrize("qui", ["instructeur", "comptable", "porteur", "responsable@11"])
def test_only_a_responsable_of_the_agency(camp, lundi, qui):
    role, _, region = qui.partition("@")
    with pytest.raises(Refus) as refus:
        fixer_objectifs(camp.aap, {"evaluer": 10}, personne(role, region or camp.aap.region_id), du=lundi)
    assert refus.value.code == Code.ROLE_INTERDIT
    assert not Objectif.objects.exists()


def test_never_for_the_past(camp, lundi):
    with pytest.raises(Refus, match="ne vaut pas pour le passé") as refus:
        fixer_objectifs(camp.aap, {"evaluer": 10}, camp.personne("responsable"), du=lundi - timedelta(days=1))
    assert refus.value.code == Code.DONNEES_INVALIDES


@pytest.mark.parametrize(
    ("action", "jours"), [("deposer", 5), ("completer", 5), ("danser", 5), ("evaluer", 0), ("evaluer", 251)]
)
def test_for_a_task_of_the_agency_and_a_possible_number_of_days(camp, lundi, action, jours):
    with pytest.raises(Refus) as refus:
        fixer_objectifs(camp.aap, {action: jours}, camp.personne("responsable"), du=lundi)
    assert refus.value.code == Code.DONNEES_INVALIDES


def test_what_the_rule_set_gives_wins_and_is_not_contradicted(camp, lundi):
    fixer_objectifs(camp.aap, {"evaluer": 10}, camp.personne("responsable"), du=lundi)
    texte = lire_fichier("esms-2022") + "\n" + DELAI
    camp.aap.reglement = Reglement.objects.create(
        code="esms-2022", texte=texte, empreinte=empreinte(texte), publie_le=horloge.maintenant()
    )
    camp.aap.save()
    assert given(camp, "evaluer", lundi) == 7
    with pytest.raises(Refus, match="Le règlement donne déjà ce délai") as refus:
        fixer_objectifs(camp.aap, {"evaluer": 3}, camp.personne("responsable"), du=lundi)
    assert refus.value.code == Code.DONNEES_INVALIDES


def test_no_published_rule_set_gives_the_agency_a_delay():
    for code in ("amorcage-2021", "esms-2022", "esms-2024", "esms-2025-b", "sons-ms1-v1"):
        assert charger(lire_fichier(code)).delais.taches == ()


@pytest.mark.parametrize("faute", ['action = "deposer"', "jours_ouvres = 0", 'source = ""'])
def test_a_rule_set_is_held_to_the_shape(faute):
    nom = faute.partition(" ")[0]
    lignes = [faute if ligne.startswith(nom) else ligne for ligne in DELAI.splitlines()]
    with pytest.raises((Refus, ValidationError)):
        charger(lire_fichier("esms-2022") + "\n" + "\n".join(lignes))


def test_a_rule_set_gives_one_delay_per_task():
    with pytest.raises((Refus, ValidationError), match="code en double"):
        charger(lire_fichier("esms-2022") + "\n" + DELAI + DELAI)


def test_the_base_wants_its_journal_row_and_forgets_nothing(camp, lundi):
    with pytest.raises(IntegrityError, match="objectif sans journal"), transaction.atomic():
        write_without_journal(camp, lundi)
    fixer_objectifs(camp.aap, {"evaluer": 10}, camp.personne("responsable"), du=lundi)
    juger_les_differes()
    for geste in (lambda: Objectif.objects.update(jours_ouvres=1), Objectif.objects.all().delete):
        with pytest.raises(IntegrityError, match="sans_modification"), transaction.atomic():
            geste()


def write_without_journal(camp: Campagne, du: date) -> None:
    qui, le = camp.personne("responsable"), horloge.maintenant()
    Objectif.objects.create(aap=camp.aap, action="evaluer", jours_ouvres=5, du=du, fixe_le=le, fixe_par=qui)
    juger_les_differes()
