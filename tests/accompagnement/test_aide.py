"""Requests for help: routed to the région, taken once, answered, and never forgotten."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accompagnement.aide import demander_aide
from accompagnement.escalade import Programme, escalate
from accompagnement.models import DemandeAide, EtatAide
from accompagnement.models.aide import AIDANTS
from accompagnement.referents import contact_of, delays
from accompagnement.tasks import escalader
from comptes.models import Departement
from comptes.roles import Role
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.porte import franchir
from tests.fabriques import amener, campagne, personne

JOUR = date(2022, 4, 1)
QUESTION = {"departement": "31", "sujet": "Ma grappe", "texte": "Comment compter les ESSMS fermés ?"}


@pytest.fixture(autouse=True)
def jour():
    with horloge.figer(horloge.ouverture(JOUR)):
        yield


@pytest.fixture
def demande(db):
    return demander_aide(personne("porteur"), **QUESTION)


def later(jours):
    return horloge.figer(horloge.ouverture(JOUR + timedelta(days=jours)))


def fresh(demande):
    return DemandeAide.objects.get(pk=demande.pk)


def refusal(agit):
    with pytest.raises(Refus) as refus:
        agit()
    return refus.value


def test_asked_taken_answered_and_all_of_it_in_the_journal(demande):
    franchir(demande, "prendre_en_charge", personne("conseiller_grades"))
    franchir(demande, "resoudre", personne("conseiller_grades"), reponse="Ils ne comptent pas.")
    finie = fresh(demande)
    assert (finie.etat, finie.reponse, finie.echeance) == (EtatAide.RESOLUE, "Ils ne comptent pas.", None)
    assert list(Entree.objects.filter(chaine=demande.cle).values_list("action", flat=True)) == [
        "demander_aide", "prendre_en_charge", "resoudre",
    ]  # fmt: skip
    assert not list(journal.verify([demande.cle]))


@pytest.mark.parametrize(
    ("qui", "region", "voit"),
    [
        ("porteur", "76", True), ("porteur:autre", "76", False),
        ("instructeur", "76", True), ("conseiller_grades", "76", True), ("instructeur:ailleurs", "11", False),
        ("conseiller_grades:ailleurs", "11", False), ("pilote_national", None, True), ("auditeur", None, True),
    ],
)  # fmt: skip
def test_only_those_it_is_for_see_it(demande, qui, region, voit):
    assert DemandeAide.objects.visible_to(personne(qui, region), JOUR).exists() is voit


def test_who_carries_the_dossier_sees_what_a_colleague_asked_about_it(db):
    camp = campagne(dossiers=[{"porteur": "porteur"}, {"porteur": "porteur:b"}])
    demander_aide(personne("porteur"), camp.dossier("D1"), **QUESTION)
    assert DemandeAide.objects.of_porteur(personne("porteur")).count() == 1
    assert not DemandeAide.objects.of_porteur(personne("porteur:b")).exists()


def test_somebody_elses_dossier_is_not_asked_about(db):
    camp = campagne(dossiers=[{"porteur": "porteur"}, {"porteur": "porteur:b"}])
    refus = refusal(lambda: demander_aide(personne("porteur"), camp.dossier("D2"), **QUESTION))
    assert refus.code is Code.HORS_PERIMETRE
    assert not DemandeAide.objects.exists()


@pytest.mark.parametrize("faux", [{"departement": "99"}, {"sujet": ""}, {"texte": "   "}, {"texte": "x" * 10_001}])
def test_what_is_wrong_is_refused(db, faux):
    assert refusal(lambda: demander_aide(personne("porteur"), **QUESTION | faux)).code is Code.DONNEES_INVALIDES
    assert not DemandeAide.objects.exists()


def test_only_a_porteur_asks(db):
    assert refusal(lambda: demander_aide(personne("instructeur"), **QUESTION)).code is Code.ROLE_INTERDIT


AUTRES = [role for role in Role.values if role not in AIDANTS]


@pytest.mark.parametrize("qui", AUTRES)
def test_only_the_region_sees_to_it_first(demande, qui):
    region = None if qui in ("pilote_national", "auditeur", "administrateur") else "76"
    refus = refusal(lambda: franchir(demande, "prendre_en_charge", personne(qui, region)))
    assert refus.code in (Code.ROLE_INTERDIT, Code.HORS_PERIMETRE)


def test_another_region_does_not_see_to_it(demande):
    refus = refusal(lambda: franchir(demande, "prendre_en_charge", personne("instructeur:ailleurs", "11")))
    assert refus.code is Code.HORS_PERIMETRE


def test_past_its_day_it_goes_to_the_national_referent_once(demande):
    delai = delays().prise_en_charge.valeur
    with later(delai):
        assert escalate() == 0
    with later(delai + 1):
        assert [escalate(), escalate()] == [1, 0]
        escalader(timestamp=0)
    assert fresh(demande).etat == EtatAide.TRANSMISE
    entree = Entree.objects.get(action="escalader")
    assert (entree.par, entree.role) == (None, "systeme")
    assert not list(journal.verify([demande.cle]))
    with later(delai + 400):
        assert escalate() == 0


def test_taken_and_forgotten_it_goes_too(demande):
    franchir(demande, "prendre_en_charge", personne("instructeur"))
    with later(delays().reponse.valeur):
        assert escalate() == 0
    with later(delays().reponse.valeur + 1):
        assert escalate() == 1


def test_the_national_referent_answers_and_nothing_hurries_her(demande):
    with later(delays().prise_en_charge.valeur + 1):
        escalate()
        franchir(demande, "prendre_en_charge", personne("pilote_national", None))
    assert fresh(demande).echeance is None
    franchir(demande, "resoudre", personne("pilote_national", None), reponse="Voici.")
    assert fresh(demande).etat == EtatAide.RESOLUE


def test_nobody_escalates_by_hand_what_is_in_time(demande):
    refus = refusal(lambda: franchir(demande, "escalader", personne("instructeur")))
    assert refus.code is Code.ROLE_INTERDIT
    franchir(demande, "transmettre", personne("instructeur"), motif="Question de règle nationale.")
    assert fresh(demande).etat == EtatAide.TRANSMISE


def test_seen_to_at_the_last_moment_it_is_not_passed_on(demande):
    """It was found late, then somebody took it: the guard looks again, under lock."""
    with later(delays().prise_en_charge.valeur + 1):
        franchir(demande, "prendre_en_charge", personne("instructeur"))
        assert refusal(lambda: franchir(demande, "escalader", Programme())).code is Code.DELAI_NON_ECHU


def test_the_command_says_how_many_and_does_it_once(demande, settings):
    settings.HORLOGE = JOUR + timedelta(days=30)
    sorties = []
    for _ in range(2):
        sortie = StringIO()
        call_command("escalader_aides", stdout=sortie)
        sorties.append(sortie.getvalue().strip()[-2:])
    assert sorties == ["1.", "0."]


def test_an_answer_blank_or_given_twice_is_refused(demande):
    elle = personne("instructeur")
    franchir(demande, "prendre_en_charge", elle)
    assert refusal(lambda: franchir(demande, "resoudre", elle, reponse=" ")).code is Code.DONNEES_INVALIDES
    franchir(demande, "resoudre", elle, reponse="Oui.")
    assert refusal(lambda: franchir(demande, "resoudre", elle, reponse="Non.")).code is Code.TRANSITION_INTERDITE
    assert fresh(demande).reponse == "Oui."


def test_two_officers_take_it_at_once_and_exactly_one_has_it(base_jetable, en_parallele):
    demande = demander_aide(personne("porteur"), **QUESTION)
    elles = [personne("instructeur"), personne("conseiller_grades")]
    issues = en_parallele(*[lambda qui=qui: franchir(demande, "prendre_en_charge", qui) for qui in elles])
    assert sorted(type(issue).__name__ for issue in issues) == ["DemandeAide", "Refus"]
    [refus] = [issue for issue in issues if isinstance(issue, Refus)]
    assert "a déjà pris cette demande en charge" in refus.message
    assert str(fresh(demande).prise_par) in refus.message
    assert Entree.objects.filter(action="prendre_en_charge").count() == 1


def test_two_clocks_at_once_pass_it_on_once(base_jetable, en_parallele):
    demande = demander_aide(personne("porteur"), **QUESTION)
    tard = horloge.ouverture(JOUR + timedelta(days=30))

    def run():
        with horloge.figer(tard):
            return escalate()

    assert sorted(en_parallele(run, run)) == [0, 1]
    assert Entree.objects.filter(objet=demande.cle, action="escalader").count() == 1


def test_every_departement_leads_to_somebody_and_none_is_made_up(db):
    lieux = Departement.objects.select_related("region")
    assert len(lieux) == 101
    for lieu in lieux:
        assert contact_of(lieu.code, lieu.region_id).adresse.endswith(".exemple.fr")
    corse = Departement.objects.get(code="2A")
    assert contact_of("2A", corse.region_id) == contact_of("2B", corse.region_id)
    assert "2A" not in contact_of("2A", corse.region_id).adresse
    assert refusal(lambda: contact_of("999", "99")).code is Code.REGLE_NON_RENSEIGNEE


def test_a_request_does_not_hold_its_dossier_back(db):
    dossier = campagne().dossier("D1")
    demander_aide(personne("porteur"), dossier, **QUESTION)
    assert amener(dossier, "clos").etat == "clos"
