"""What changed since the dossier was filed: dated sentences, from the register and from the grappe."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.ecarts import Ecart, ecarts
from grappes.finess import with_key
from grappes.models import Essms, EvenementRegistre, Importation, OrganismeGestionnaire
from moteur import horloge
from tests.fabriques import MOTIF, Campagne, agir, amener, campagne

pytestmark = pytest.mark.django_db
JOUR = date(2022, 9, 1)


@pytest.fixture
def camp() -> Campagne:
    camp = campagne()
    amener(camp.dossier("D1"), "a_completer")
    return camp


@pytest.fixture
def premier(camp: Campagne) -> Essms:
    essms: Essms = Essms.objects.order_by("finess")[0]
    return essms


def told(camp: Campagne, jour: date = JOUR) -> list[tuple[Ecart, str]]:
    return [(un.nature, un.phrase.replace("\u00a0", " ")) for un in ecarts(camp.dossier("D1"), jour)]


def event(essms: Essms, champ: str, avant: str, apres: str, le: str) -> None:
    importation = Importation.objects.create(le=horloge.maintenant(), fichiers=[], bilan={})
    EvenementRegistre.objects.create(
        importation=importation, essms=essms, nature="changement", le=le, champ=champ, avant=avant, apres=apres
    )


def test_nothing_changed(camp: Campagne) -> None:
    assert told(camp) == []


def test_a_draft_has_nothing_to_compare() -> None:
    assert told(campagne()) == []


def test_closed_since(camp: Campagne, premier: Essms) -> None:
    Essms.objects.filter(pk=premier.pk).update(ferme_le="2022-08-31")
    assert told(camp) == [(Ecart.FERME, f"« {premier.nom} » a fermé le 31 août 2022.")]
    assert told(camp, date(2022, 8, 30)) == []


def test_moved_to_another_og(camp: Campagne, premier: Essms) -> None:
    autre = OrganismeGestionnaire.objects.create(finess=with_key("31970001"), nom="Repreneur")
    depuis = premier.og.finess
    Essms.objects.filter(pk=premier.pk).update(og=autre)
    assert told(camp)[0][1].endswith(f"de l'organisme {depuis} à {autre}, à une date que le registre ne donne pas.")
    event(premier, "og", depuis, autre.finess, "2022-06-01")
    assert told(camp) == [
        (Ecart.AUTRE_OG, f"« {premier.nom} » est passé de l'organisme {depuis} à {autre} le 1er juin 2022.")
    ]


def test_another_category(camp: Campagne, premier: Essms) -> None:
    Essms.objects.filter(pk=premier.pk).update(categorie="362")
    event(premier, "categorie", "500", "362", "2022-06-01")
    ((nature, phrase),) = told(camp)
    assert nature is Ecart.AUTRE_CATEGORIE
    assert "de 500 " in phrase
    assert " à 362 " in phrase
    assert phrase.endswith("le 1er juin 2022.")


def test_back_to_what_it_was_is_no_change(camp: Campagne, premier: Essms) -> None:
    event(premier, "categorie", "500", "362", "2022-06-01")
    event(premier, "categorie", "362", "500", "2022-07-01")
    assert told(camp) == []


def test_left_arrived_and_back(camp: Campagne, premier: Essms) -> None:
    dossier = camp.dossier("D1")
    un, deux = list(dossier.grappe.membres.values_list("essms__finess", flat=True))[:2]
    nouveau = with_key("31970100")
    premier.pk, premier.finess, premier.nom = None, nouveau, "EHPAD NEUF"
    premier.save()
    agir(dossier, "composer", "porteur", jour="2022-04-10", retirer=[un, deux], motif="Fusion.")
    agir(dossier, "composer", "porteur", jour="2022-04-11", ajouter=[deux, nouveau])
    vus = ecarts(camp.dossier("D1"), JOUR)
    assert [(vu.nature, vu.finess, vu.le) for vu in vus] == [
        (Ecart.PARTI, un, date(2022, 4, 10)), (Ecart.ARRIVE, nouveau, date(2022, 4, 11)),
    ]  # fmt: skip
    assert vus[0].phrase.endswith("Motif : Fusion.")
    agir(camp.dossier("D1"), "completer", "porteur", jour="2022-04-12")
    assert told(camp) == [], "the new snapshot takes it all in"


def test_the_oldest_comes_first(camp: Campagne, premier: Essms) -> None:
    Essms.objects.filter(pk=premier.pk).update(ferme_le="2022-08-31", categorie="362")
    event(premier, "categorie", "500", "362", "2022-06-01")
    agir(camp.dossier("D1"), "signaler_depart", "porteur", jour="2022-07-01", finess=premier.finess, **MOTIF)
    assert [nature for nature, _ in told(camp)] == [Ecart.AUTRE_CATEGORIE, Ecart.PARTI, Ecart.FERME]


def test_two_hundred_cost_as_many_queries_as_fifteen() -> None:
    comptes: list[int] = []
    camp = campagne(dossiers=[{"essms": 15}, {"essms": 200, "og": 9}])
    for ref, combien in (("D1", 15), ("D2", 200)):
        dossier = amener(camp.dossier(ref), "depose")
        Essms.objects.update(categorie="362")
        with CaptureQueriesContext(connection) as requetes:
            assert len(ecarts(dossier, JOUR)) == combien
        comptes.append(len(requetes))
        Essms.objects.update(categorie="500")
    assert comptes == [2, 2]
