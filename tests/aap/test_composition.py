"""The read model of a grappe: what its pages say, with one query more or less for nobody."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.composition import Situation, situation
from aap.examen import check_eligibility
from aap.faits import Territoire
from aap.models import Dossier
from grappes.finess import with_key
from grappes.models import Essms
from tests.fabriques import MOTIF, Campagne, agir, amener, campagne

pytestmark = pytest.mark.django_db
JOUR = date(2022, 4, 20)


def seen(camp: Campagne, ref: str = "D1") -> Situation:
    return situation(camp.dossier(ref), JOUR)


def plain(texte: str) -> str:
    return texte.replace("\u00a0", " ")


def say(camp: Campagne, rang: int = 0) -> str:
    return plain(seen(camp).membres[rang].phrase)


def test_one_is_missing() -> None:
    vue = seen(campagne(dossiers=[{"essms": 14}]))
    assert (vue.total, vue.retenus, vue.manque) == (14, 14, 1)
    assert plain(vue.phrase) == "14 ESSMS retenus. Il en manque 1 pour atteindre le minimum de 15 ESSMS."


@pytest.mark.parametrize(
    ("essms", "departement", "manque", "territoire"),
    [(7, "2A", 1, Territoire.CORSE), (8, "9B", 0, Territoire.OUTRE_MER), (15, "31", 0, Territoire.METROPOLE)],
)
def test_the_minimum_is_that_of_the_territory(
    essms: int, departement: str, manque: int, territoire: Territoire
) -> None:
    vue = seen(campagne(dossiers=[{"generer": {"essms": essms, "departements": [departement]}}]))
    assert (vue.manque, vue.territoire) == (manque, territoire)
    assert ("est atteint" in vue.phrase) is (manque == 0)


@pytest.mark.parametrize(("essms", "guichet"), [(49, "régional"), (50, "national")])
def test_routing_is_told(essms: int, guichet: str) -> None:
    assert f"relève de l'appel {guichet}" in seen(campagne(dossiers=[{"essms": essms}])).phrase


def test_small_ogs_are_judged_on_all_their_essms_of_the_register() -> None:
    """The first brings 8 of 14, the second 7 of 15: open ones only, whatever they bring (regles.md §12.6)."""
    camp = campagne(dossiers=[{"og": 2}])
    petit, grand = (un.og for un in seen(camp).ogs)
    for og, combien in ((petit, 6), (grand, 8)):
        modele = Essms.objects.filter(og__finess=og.finess)[0]
        for rang in range(combien):
            modele.pk, modele.finess = None, with_key(f"3{og.finess[-2]}88{rang:04d}")
            modele.save()
    modele.pk, modele.finess, modele.ferme_le = None, with_key("31990099"), date(2022, 4, 1)
    modele.og_id = Essms.objects.filter(og__finess=petit.finess)[0].og_id
    modele.save()
    vus = {un.og.finess: (un.apportes, un.og.total_essms, un.petit, un.porteur) for un in seen(camp).ogs}
    assert vus == {petit.finess: (8, 14, True, True), grand.finess: (7, 15, False, False)}


def test_what_an_og_declares_counts_when_the_register_knows_less() -> None:
    camp = campagne(dossiers=[{"generer": {"essms": 15, "departements": ["31"], "og": 2, "og_total": 20}}])
    assert [un.petit for un in seen(camp).ogs] == [False, False]


def test_sectors_and_places_are_those_of_who_counts() -> None:
    camp = campagne(dossiers=[{"generer": {"essms": 16, "departements": ["31", "33"]}}])
    premier = Essms.objects.order_by("finess")[0]
    Essms.objects.filter(pk=premier.pk).update(categorie="362")
    vue = seen(camp)
    assert (vue.total, vue.retenus) == (16, 15)
    assert (dict(vue.secteurs), dict(vue.departements)) == ({"PA": 15}, {"31": 7, "33": 8})
    assert vue.regions == ("75", "76")


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({}, "Éligible."),
        ({"categorie": "362"}, "Il ne compte pas dans la grappe."),
        ({"categorie": "999"}, "Catégorie 999 inconnue. Il ne compte pas dans la grappe."),
        ({"ferme_le": JOUR}, "Fermé depuis le 20 avril 2022."),
    ],
)
def test_each_member_has_its_sentence(champs: dict[str, Any], phrase: str) -> None:
    camp = campagne()
    Essms.objects.filter(pk=Essms.objects.order_by("finess")[0].pk).update(**champs)
    assert say(camp).endswith(phrase)
    assert seen(camp).membres[0].ok is (not champs)
    assert say(camp, 1) == "Éligible."


def test_a_legal_number_is_told() -> None:
    camp = campagne()
    og = camp.dossier("D1").grappe.og_porteur
    Essms.objects.filter(pk=Essms.objects.order_by("finess")[0].pk).update(finess=og.finess)
    assert say(camp) == "Numéro d'un organisme gestionnaire."


def test_who_holds_a_member_is_named() -> None:
    camp = campagne(dossiers=2)
    amener(camp.dossier("D2"), "a_completer")
    essms = camp.dossier("D1").grappe.membres.select_related("essms")[0].essms
    agir(camp.dossier("D2"), "composer", "porteur", jour="2022-04-10", ajouter=[essms.finess])
    agir(camp.dossier("D2"), "completer", "porteur", jour="2022-04-11")
    assert say(camp) == "Déjà retenu par le dossier D2 (OCC-2022, Occitanie), en recevabilité."


def test_it_says_what_the_rules_say() -> None:
    camp = campagne(dossiers=[{"essms": 14}])
    verdicts = {verdict.regle: verdict for verdict in check_eligibility(camp.dossier("D1"))}
    vue = seen(camp)
    assert (vue.retenus, vue.orientation.minimum if vue.orientation else 0) == (
        verdicts["MIN_ESSMS"].constat, verdicts["MIN_ESSMS"].attendu,
    )  # fmt: skip


def test_a_silent_rule_set_is_told_not_raised() -> None:
    vue = seen(campagne(reglement="amorcage-2021"))
    assert vue.manque == 0
    assert vue.orientation is not None or vue.phrase == vue.silence != ""


def test_while_it_may_be_composed_it_is_that_of_today_then_that_filed() -> None:
    camp = campagne()
    dossier: Dossier = amener(camp.dossier("D1"), "a_completer")
    un = seen(camp).membres[0].essms.finess
    agir(dossier, "composer", "porteur", jour="2022-04-10", retirer=[un], **MOTIF)
    assert seen(camp).total == 14
    agir(dossier, "completer", "porteur", jour="2022-04-11")
    autre = seen(camp).membres[0].essms.finess
    agir(camp.dossier("D1"), "signaler_depart", "porteur", jour="2022-04-12", finess=autre, **MOTIF)
    assert seen(camp).total == 14


def test_two_hundred_cost_as_many_queries_as_fifteen() -> None:
    camp = campagne(dossiers=[{"essms": 15, "og": 2}, {"essms": 200, "og": 9}])
    comptes = []
    for ref, essms in (("D1", 15), ("D2", 200)):
        dossier = camp.dossier(ref)
        with CaptureQueriesContext(connection) as requetes:
            assert situation(dossier, JOUR).total == essms
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] <= 8
