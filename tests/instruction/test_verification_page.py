"""The usages of a dossier, ESSMS by ESSMS: who reads them, what comes first, what is folded, what it costs."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.models import Dossier
from instruction.actes import etablissements
from tests.fabriques import ATTEINTES, PORTE, amener, campagne, personne, submitted
from tests.instruction.campagne import text
from usages.calcul import Cible

pytestmark = pytest.mark.django_db
REQUETES = 12


def signed_in(qui: str, region: str | None = "76") -> Client:
    client = Client()
    client.force_login(personne(qui, region), backend=PORTE)
    return client


def read(client: Client, dossier: Dossier) -> str:
    lu = text(client.get(reverse("verification", args=[dossier.pk])).content.decode())
    return lu.replace("\u202f", " ").replace("\xa0", " ")


def test_the_furthest_below_comes_first_with_how_far_and_the_others_are_folded() -> None:
    dossier = submitted(
        campagne().dossier("D1"), {"messages_mss": 69}, {"messages_mss": 40, "dmp_alimentes": 19}, {"dmp_alimentes": 18}
    )
    lue = etablissements.read(dossier)
    assert [un.manquees for un in lue.a_revoir] == [2, 1, 1]
    assert [un.pire for un in lue.a_revoir] == [30, 2, 1]
    assert len(lue.bons) == 12
    html = signed_in("instructeur").get(reverse("verification", args=[dossier.pk])).content.decode()
    assert html.index(lue.a_revoir[0].finess) < html.index(lue.a_revoir[1].finess) < html.index("<details")
    assert html.index("<details class") < html.index(lue.bons[0].finess)
    lu = read(signed_in("instructeur"), dossier)
    assert "3 ESSMS sous au moins une cible, sur 15." in lu
    assert "à 30 points : 40 sur 100, il en faut 70" in lu
    assert "à 1 point : 69 sur 100, il en faut 70" in lu
    assert "juge les cibles sur la grappe entière" in lu


def test_what_cannot_be_computed_or_was_not_declared_is_not_fine() -> None:
    zero = dict.fromkeys(ATTEINTES, 0)
    dossier = submitted(campagne().dossier("D1"), zero)
    lue = etablissements.read(dossier)
    assert len(lue.a_revoir) == 1
    assert lue.a_revoir[0].manquees == 5
    assert "non calculable" in read(signed_in("responsable"), dossier)
    declaration = dossier.declarations.get()
    muette = etablissements.read(_without(dossier, declaration, lue.bons[0].finess))
    assert [un.finess for un in muette.a_revoir] == [lue.bons[0].finess, lue.a_revoir[0].finess]
    assert "1 ESSMS sous au moins une cible et 1 ESSMS sans chiffres, sur 15." in muette.phrase.replace("\xa0", " ")


def _without(dossier: Dossier, declaration: Any, finess: str) -> Dossier:
    """The same dossier, where that ESSMS was left out of what was declared: figures that are handed in stay."""
    frais: Dossier = Dossier.objects.with_rules().prefetch_related("declarations__mesures").get(pk=dossier.pk)
    lues = frais.declarations.all()[0].mesures.all()
    lues._result_cache = [une for une in lues if une.finess != finess]
    return frais


def test_before_anything_is_declared_the_page_says_what_will_come() -> None:
    dossier = amener(campagne().dossier("D1"), "en_deploiement")
    assert "Aucun usage n'est encore déclaré" in read(signed_in("instructeur"), dossier)


@pytest.mark.parametrize(
    ("qui", "region", "code"),
    [
        ("instructeur", "76", 200), ("responsable", "76", 200), ("conseiller_grades", "76", 200),
        ("auditeur", None, 200), ("porteur", "76", 403), ("porteur:autre", None, 404),
        ("instructeur:ailleurs", "11", 404),
    ],
)  # fmt: skip
def test_it_is_for_those_who_instruct(qui: str, region: str | None, code: int) -> None:
    dossier = amener(campagne(dossiers=[{"porteur": "porteur"}]).dossier("D1"), "en_verification")
    assert signed_in(qui, region).get(reverse("verification", args=[dossier.pk])).status_code == code


def test_46_essms_cost_what_15_do() -> None:
    couts = []
    for rang, essms in enumerate((15, 46)):
        camp = campagne(code=f"VERIF-{rang}", prefixe=f"9{rang}", dossiers=[{"essms": essms}], dotation="90000000.00")
        dossier, client = submitted(camp.dossier("D1"), {"messages_mss": 1}), signed_in("instructeur")
        client.get(reverse("verification", args=[dossier.pk]))
        with CaptureQueriesContext(connection) as requetes:
            assert client.get(reverse("verification", args=[dossier.pk])).status_code == 200
        couts.append(len(requetes))
    assert couts[0] == couts[1] <= REQUETES


def test_the_list_leads_there_in_words() -> None:
    dossier = submitted(campagne().dossier("D1"), {"messages_mss": 69})
    html = signed_in("instructeur").get(reverse("verifications")).content.decode()
    assert reverse("verification", args=[dossier.pk]) in html
    assert "1\xa0ESSMS sous au moins une cible, sur 15." in html


@pytest.mark.parametrize(
    ("denominateur", "cible", "requis"), [(100, "70", 70), (3, "70", 3), (1000, "12.55", 126), (0, "70", 0)]
)
def test_what_it_takes_is_exact(denominateur: int, cible: str, requis: int) -> None:
    une = Cible(
        indicateur="MSS", valeur=None, cible=Decimal(cible), atteinte=None, numerateur=0, denominateur=denominateur,
        confiance="a_confirmer", reference="",
    )  # fmt: skip
    assert une.requis == requis
