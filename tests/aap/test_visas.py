"""A visa before a decision: required by the rule set, given by somebody else, lapsed once what it covers changed."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aap.models import Dossier, Visa
from aap.regles import charger, lire_fichier
from aap.visas import awaited, scope
from comptes.models import Affectation, Utilisateur
from instruction.libelles import TERMINES
from instruction.models import TacheSuivie
from instruction.taches import tasks
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.porte import obstacles
from tests import reglements
from tests.fabriques import MOTIF, Campagne, agir, amener, campagne, personne
from tests.moteur.sql import refusal

pytestmark = pytest.mark.django_db
SEANCE = "2022-10-05"


@pytest.fixture
def camp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Campagne:
    reglements.with_visas(monkeypatch, tmp_path)
    return campagne(reglement=reglements.CODE)


@pytest.fixture
def dossier(camp: Campagne) -> Dossier:
    return amener(camp.dossier("D1"), "en_comite")


def code_of(dossier: Dossier, action: str, par: str | Utilisateur, **donnees: Any) -> Code | None:
    try:
        agir(dossier, action, par, **{"jour": SEANCE} | donnees)
    except Refus as refus:
        return refus.code
    return None


def asked(dossier: Dossier) -> list[tuple[str, str]]:
    """Tasks of the page and of the agenda, which say the same."""
    frais = Dossier.objects.with_rules().get(pk=dossier.pk)
    page = [(tache.action, tache.role) for tache in tasks(frais)]
    suivies = TacheSuivie.objects.open().filter(process__dossier=dossier).order_by("tour")
    assert sorted((tache.action, tache.role) for tache in suivies) == sorted(page)
    return page


def test_none_is_required_but_by_a_text() -> None:
    assert charger(lire_fichier("esms-2022")).instruction.visas == ()


def test_the_same_visa_is_required_once() -> None:
    double = lire_fichier("esms-2022") + reglements.VISAS.replace('"comptable"', '"responsable"')
    with pytest.raises(Refus) as refus:
        charger(double)
    assert "notifier, responsable" in refus.value.message


def test_the_decision_waits_for_it(dossier: Dossier) -> None:
    assert asked(dossier) == [("viser", "instructeur")]
    assert code_of(dossier, "selectionner", "responsable") is Code.VISA_MANQUANT
    assert code_of(dossier, "viser", "instructeur", transition="selectionner") is None
    assert asked(dossier) == [("selectionner", "responsable")]
    assert code_of(dossier, "selectionner", "responsable") is None


def test_only_the_decisions_named_wait(dossier: Dossier) -> None:
    assert code_of(dossier, "mettre_en_attente", "responsable", rang=1) is None
    assert asked(dossier) == [("viser", "instructeur")]


def test_it_is_kept_with_what_was_read(dossier: Dossier) -> None:
    agir(dossier, "viser", "instructeur", jour=SEANCE, transition="selectionner")
    visa = Visa.objects.get()
    assert visa.faits == dossier.instantane
    assert (visa.aide["total"], visa.derogations) == ("322500.00", {})
    assert visa.empreinte == scope(dossier).empreinte
    assert refusal("UPDATE aap_visa SET sens = 'refuse', motif = 'x'") == "sans_modification"
    assert refusal("DELETE FROM aap_visa") == "sans_modification"
    assert Entree.objects.get(action="viser").donnees == {"transition": "selectionner"}


def test_by_the_role_that_is_asked(dossier: Dossier) -> None:
    for qui in ("responsable", "comptable", "conseiller_grades"):
        assert code_of(dossier, "viser", qui, transition="selectionner") is Code.ROLE_INTERDIT
    ailleurs = personne("instructeur", "11")
    assert code_of(dossier, "viser", ailleurs, transition="selectionner") is Code.HORS_PERIMETRE
    assert code_of(dossier, "viser", "porteur", transition="selectionner") is Code.ROLE_INTERDIT


def test_under_the_role_that_is_asked_when_she_has_several(camp: Campagne) -> None:
    dossier = _selected(camp)
    cumul = personne("instructeur:cumul")
    Affectation.objects.create(utilisateur=cumul, role="responsable", region_id="76", du=date(2000, 1, 1))
    agir(dossier, "viser", cumul, jour="2022-10-06", transition="notifier")
    assert Visa.objects.last().role == "responsable"  # type: ignore[union-attr]
    assert Entree.objects.filter(action="viser").last().role == "responsable"  # type: ignore[union-attr]


def test_who_gives_it_does_not_decide(dossier: Dossier) -> None:
    cumul = personne("instructeur:cumul")
    Affectation.objects.create(utilisateur=cumul, role="responsable", region_id="76", du=date(2000, 1, 1))
    agir(dossier, "viser", cumul, jour=SEANCE, transition="selectionner")
    assert code_of(dossier, "selectionner", cumul) is Code.SEPARATION_DES_ROLES
    assert [refus.code for refus in obstacles(dossier, "selectionner", cumul)] == [Code.SEPARATION_DES_ROLES]
    assert code_of(dossier, "selectionner", "responsable") is None


def test_refused_with_a_reason(dossier: Dossier) -> None:
    agir(dossier, "viser", "instructeur", jour=SEANCE, transition="selectionner")
    assert code_of(dossier, "refuser_visa", "instructeur:b", transition="selectionner") is Code.MOTIF_REQUIS
    agir(dossier, "refuser_visa", "instructeur:b", jour=SEANCE, transition="selectionner", motif="Devis absent")
    assert asked(dossier) == [("viser", "instructeur")]
    with pytest.raises(Refus, match="Devis absent") as refus:
        agir(dossier, "selectionner", "responsable", jour=SEANCE)
    assert refus.value.code is Code.VISA_MANQUANT
    agir(dossier, "viser", "instructeur", jour=SEANCE, transition="selectionner")
    assert code_of(dossier, "selectionner", "responsable") is None


def test_not_twice_for_the_same(dossier: Dossier) -> None:
    agir(dossier, "viser", "instructeur", jour=SEANCE, transition="selectionner")
    assert code_of(dossier, "viser", "instructeur:b", transition="selectionner") is Code.DONNEES_INVALIDES


@pytest.mark.parametrize("transition", ["ecarter", "cloturer", "zzz"])
def test_not_for_a_decision_that_asks_none(dossier: Dossier, transition: str) -> None:
    assert code_of(dossier, "viser", "instructeur", transition=transition) is Code.DONNEES_INVALIDES


def test_not_once_it_is_decided(camp: Campagne) -> None:
    dossier = _selected(camp)
    assert code_of(dossier, "viser", "instructeur", transition="selectionner", jour="2022-10-06") is (
        Code.TRANSITION_INTERDITE
    )


def test_several_are_all_needed(camp: Campagne) -> None:
    dossier = _selected(camp)
    assert asked(dossier) == [("viser", "responsable"), ("viser", "comptable")]
    agir(dossier, "viser", "comptable", jour="2022-10-06", transition="notifier")
    assert asked(dossier) == [("viser", "responsable")]
    assert code_of(dossier, "notifier", "responsable", jour="2022-10-06") is Code.VISA_MANQUANT
    agir(dossier, "viser", "responsable:b", jour="2022-10-06", transition="notifier")
    assert code_of(dossier, "notifier", "responsable", jour="2022-10-06") is None


# What makes it lapse.


def _checked(camp: Campagne) -> Dossier:
    """A visa given early, while the dossier is still being checked."""
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    agir(dossier, "viser", "instructeur", jour="2022-04-04", transition="selectionner")
    return dossier


def _to_committee(dossier: Dossier) -> Dossier:
    return amener(Dossier.objects.with_rules().get(pk=dossier.pk), "en_comite")


def _selected(camp: Campagne) -> Dossier:
    dossier = amener(camp.dossier("D1"), "en_comite")
    agir(dossier, "viser", "instructeur", jour=SEANCE, transition="selectionner")
    agir(dossier, "selectionner", "responsable", jour=SEANCE)
    frais: Dossier = Dossier.objects.with_rules().get(pk=dossier.pk)
    return frais


def test_nothing_changed_and_it_holds(camp: Campagne) -> None:
    dossier = _to_committee(_checked(camp))
    assert asked(dossier) == [("selectionner", "responsable")]
    assert code_of(dossier, "selectionner", "responsable") is None


def test_an_essms_less_and_it_lapses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reglements.with_visas(monkeypatch, tmp_path)
    camp = campagne(reglement=reglements.CODE, dossiers=[{"essms": 16}])
    dossier = _checked(camp)
    agir(dossier, "demander_complements", "instructeur", jour="2022-04-05", **MOTIF, echeance="2022-05-01")
    parti = dossier.grappe.membres.presents()[0].essms.finess
    agir(dossier, "composer", "porteur", jour="2022-04-06", retirer=[parti], **MOTIF)
    agir(dossier, "completer", "porteur", jour="2022-04-07")
    dossier = _to_committee(dossier)
    assert asked(dossier) == [("viser", "instructeur")]
    with pytest.raises(Refus) as refus:
        agir(dossier, "selectionner", "responsable", jour=SEANCE)
    assert refus.value.code is Code.VISA_CADUC
    assert refus.value.message.replace("\xa0", " ").replace("\u202f", " ") == (
        "instructeur a visé le 4 avril 2022 une aide de 344 000,00 € ; depuis, les ESSMS du dossier ont changé et "
        "l'aide est passée à 322 500,00 € : demandez un nouveau visa."
    )
    agir(dossier, "viser", "instructeur", jour=SEANCE, transition="selectionner")
    assert code_of(dossier, "selectionner", "responsable") is None


def test_a_rule_waived_and_it_lapses(camp: Campagne) -> None:
    dossier = _checked(camp)
    agir(dossier, "deroger", "responsable", jour="2022-04-04", regle="CONCURRENCE", **MOTIF)
    dossier = _to_committee(dossier)
    assert asked(dossier) == [("viser", "instructeur")]
    with pytest.raises(Refus, match="dérogation") as refus:
        agir(dossier, "selectionner", "responsable", jour=SEANCE)
    assert refus.value.code is Code.VISA_CADUC


def test_nothing_is_awaited_of_a_dossier_that_ended(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "non_retenu")
    assert dossier.etat in TERMINES
    assert asked(dossier) == []


def test_no_visa_no_query(django_assert_num_queries: Any) -> None:
    dossier = amener(campagne().dossier("D1"), "en_comite")
    assert dossier.aap.regles
    with django_assert_num_queries(0):
        assert awaited(dossier, "selectionner") == []
