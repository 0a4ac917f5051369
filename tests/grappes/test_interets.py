"""A declared interest shuts a person out of the dossiers of that OG, and of no other."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.models import Dossier
from comptes.models import Utilisateur
from courriels.destinataires import directory
from grappes.interets import declarer_interet, may_declare, terminer_interet
from grappes.models import Essms, Interet, NatureInteret, OrganismeGestionnaire
from instruction.corbeille import gestes
from instruction.corbeille.lecture import hers
from instruction.interets.gestes import declare
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from scoring.models import Evaluation
from tests.fabriques import MOTIF, Campagne, agir, amener, campagne, personne
from tests.moteur.sql import refusal, settle

pytestmark = pytest.mark.django_db

JOUR = date(2022, 4, 12)
MARQUES: dict[str, Any] = {"notes": {"uniforme": "0.8"}}


@pytest.fixture
def camp(db: None) -> Campagne:
    """D1 of three OGs, D2 of one."""
    return campagne(dossiers=[{"essms": 15, "og": 3}, {}])


@pytest.fixture
def lea() -> Utilisateur:
    return personne("instructeur:lea")


def ogs_of(dossier: Dossier) -> list[OrganismeGestionnaire]:
    """The one that carries it first."""
    apportes = OrganismeGestionnaire.objects.filter(essms__participations__grappe=dossier.grappe).distinct()
    return sorted(apportes, key=lambda og: og.pk != dossier.grappe.og_porteur_id)


def tie(
    qui: Utilisateur, og: OrganismeGestionnaire, par: Utilisateur | None = None, le: date = JOUR, **autres: Any
) -> Interet:
    with horloge.figer(horloge.ouverture(le)):
        donnees: dict[str, Any] = {"nature": NatureInteret.PARENTE, "du": le} | autres
        return declarer_interet(qui, og, par or qui, **donnees)


def end(interet: Interet, par: Utilisateur, au: date = JOUR, le: date = JOUR) -> Interet:
    with horloge.figer(horloge.ouverture(le)):
        return terminer_interet(interet.pk, par, au=au)


def code_of(dossier: Dossier, action: str, par: Utilisateur, jour: str = "2022-04-12", **donnees: Any) -> Code | None:
    try:
        agir(dossier, action, par, jour=jour, **donnees)
    except Refus as refus:
        return refus.code
    return None


# What it shuts.


@pytest.mark.parametrize("rang", [0, 1, 2])
def test_with_any_og_of_the_grappe(camp: Campagne, lea: Utilisateur, rang: int) -> None:
    d1, d2 = (amener(camp.dossier(ref), "en_instruction") for ref in ("D1", "D2"))
    tie(lea, ogs_of(d1)[rang])
    assert code_of(d1, "evaluer", lea, **MARQUES) is Code.CONFLIT_INTERETS
    assert code_of(d1, "ecrire_message", lea, texte="Bonjour") is Code.CONFLIT_INTERETS
    assert code_of(d2, "evaluer", lea, **MARQUES) is None


def test_every_transition_too_and_what_is_under_the_dossier(camp: Campagne) -> None:
    dossier, chef = amener(camp.dossier("D1"), "conventionne"), personne("responsable:chef")
    tie(chef, dossier.grappe.og_porteur, le=date(2022, 10, 25))
    assert code_of(dossier, "certifier", chef, "2022-11-02", rang=1) is Code.CONFLIT_INTERETS
    assert code_of(dossier, "certifier", personne("responsable"), "2022-11-02", rang=1) is None


def test_nothing_is_written_and_the_sentence_says_why(camp: Campagne, lea: Utilisateur) -> None:
    dossier = amener(camp.dossier("D1"), "depose")
    tie(lea, dossier.grappe.og_porteur)
    avant = Entree.objects.count()
    with pytest.raises(Refus, match=dossier.grappe.og_porteur.finess) as refus:
        agir(dossier, "prendre_en_charge", lea, jour="2022-04-12")
    assert refus.value.details == {"og": dossier.grappe.og_porteur.finess}
    assert Entree.objects.count() == avant


def test_an_og_that_left_still_counts_while_the_dossier_holds_it(camp: Campagne, lea: Utilisateur) -> None:
    dossier = amener(camp.dossier("D1"), "en_instruction")
    autre = ogs_of(dossier)[1]
    for essms in Essms.objects.filter(og=autre, participations__grappe=dossier.grappe):
        agir(dossier, "signaler_depart", "porteur", jour="2022-04-12", finess=essms.finess, **MOTIF)
    tie(lea, autre)
    assert code_of(dossier, "evaluer", lea, **MARQUES) is Code.CONFLIT_INTERETS


def test_from_its_day_to_its_last_one(camp: Campagne, lea: Utilisateur) -> None:
    dossier = amener(camp.dossier("D1"), "en_instruction")
    interet = tie(lea, dossier.grappe.og_porteur, du=date(2022, 4, 14))
    assert code_of(dossier, "evaluer", lea, "2022-04-13", **MARQUES) is None
    assert code_of(dossier, "evaluer", lea, "2022-04-14", **MARQUES) is Code.CONFLIT_INTERETS
    end(interet, lea, date(2022, 4, 20), le=date(2022, 4, 15))
    assert code_of(dossier, "evaluer", lea, "2022-04-20", **MARQUES) is Code.CONFLIT_INTERETS
    assert code_of(dossier, "evaluer", lea, "2022-04-21", **MARQUES) is None


def test_who_has_no_right_learns_nothing_more(camp: Campagne) -> None:
    dossier, comptable = amener(camp.dossier("D1"), "depose"), personne("comptable")
    tie(comptable, dossier.grappe.og_porteur)
    assert code_of(dossier, "prendre_en_charge", comptable) is Code.ROLE_INTERDIT


# What she no longer reads, or is no longer told.


def test_the_marks_are_hidden_and_the_dossier_is_not(camp: Campagne, lea: Utilisateur) -> None:
    d1, d2 = (amener(camp.dossier(ref), "instruit") for ref in ("D1", "D2"))
    assert Evaluation.objects.visible_to(lea, JOUR).count() == 4
    tie(lea, ogs_of(d1)[1])
    assert set(Evaluation.objects.visible_to(lea, JOUR).values_list("dossier", flat=True)) == {d2.pk}
    assert Evaluation.objects.visible_to(personne("instructeur"), JOUR).count() == 4
    lus = Dossier.objects.visible_to(lea, JOUR).with_deport(lea, JOUR).order_by("reference")
    assert [(dossier.reference, dossier.deport) for dossier in lus] == [("D1", True), ("D2", False)]
    assert list(Dossier.objects.visible_to(lea, JOUR).without_deport(lea, JOUR)) == [d2]


@pytest.mark.parametrize(("qui", "lues"), [("porteur", 0), ("auditeur", 4), ("responsable", 4), ("comptable", 4)])
def test_who_reads_the_marks(camp: Campagne, qui: str, lues: int) -> None:
    for ref in ("D1", "D2"):
        amener(camp.dossier(ref), "instruit")
    assert Evaluation.objects.visible_to(personne(qui), JOUR).count() == lues
    assert Evaluation.objects.visible_to(personne("instructeur", "11"), JOUR).count() == 0


def test_she_is_not_written_to_about_it(camp: Campagne, lea: Utilisateur) -> None:
    d1, d2 = camp.dossier("D1"), camp.dossier("D2")
    tie(lea, ogs_of(d1)[2])
    annuaire = directory([d1, d2], JOUR)
    assert lea.pk not in annuaire.people(d1, "instructeur")
    assert lea.pk in annuaire.people(d2, "instructeur")


# What she is no longer asked.


def test_no_task_is_offered_to_her(camp: Campagne, lea: Utilisateur) -> None:
    """Nor handed over to her by somebody else; the other dossier stays hers to do."""
    d1, d2 = (amener(camp.dossier(ref), "depose") for ref in ("D1", "D2"))
    assert {tache.process.dossier_id for tache in hers(lea, JOUR)} == {d1.pk, d2.pk}
    tie(lea, ogs_of(d1)[1])
    assert {tache.process.dossier_id for tache in hers(lea, JOUR)} == {d2.pk}
    tache = hers(personne("instructeur"), JOUR).get(process__dossier=d1)
    with pytest.raises(Refus), horloge.figer(horloge.ouverture(JOUR)):
        gestes.confier(tache, personne("instructeur"), lea)


def test_what_she_had_taken_is_anybody_s_again(camp: Campagne, lea: Utilisateur) -> None:
    dossier = amener(camp.dossier("D1"), "depose")
    agir(dossier, "prendre_en_charge", lea, jour="2022-04-04")
    assert [tache.owner_id for tache in TacheSuivie.objects.open().filter(process__dossier=dossier)] == [lea.pk]
    with horloge.figer(horloge.ouverture(JOUR)):
        declare(lea, dossier.grappe.og_porteur, lea, nature=NatureInteret.EMPLOI, du=JOUR)
    assert [tache.owner_id for tache in TacheSuivie.objects.open().filter(process__dossier=dossier)] == [None]
    agir(dossier, "declarer_recevable", "instructeur:b", jour="2022-04-13")
    [evaluer] = TacheSuivie.objects.open().filter(process__dossier=dossier, role="instructeur")
    assert evaluer.owner_id is None


def test_no_dossier_is_put_in_her_charge(camp: Campagne, lea: Utilisateur) -> None:
    dossier = amener(camp.dossier("D1"), "depose")
    tie(lea, dossier.grappe.og_porteur)
    assert code_of(dossier, "attribuer", personne("responsable"), personne=lea.username) is Code.CONFLIT_INTERETS


# Who declares, who ends.


def test_by_herself_or_by_her_responsable(camp: Campagne, lea: Utilisateur) -> None:
    og = camp.dossier("D1").grappe.og_porteur
    tie(lea, og)
    tie(lea, og, personne("responsable"), nature=NatureInteret.MANDAT)
    for autre in ("instructeur:b", "comptable", "administrateur"):
        with pytest.raises(Refus) as refus:
            tie(lea, og, personne(autre), nature=NatureInteret.FINANCIER)
        assert refus.value.code is Code.ROLE_INTERDIT
    with pytest.raises(Refus):
        tie(lea, og, personne("responsable", "11"), nature=NatureInteret.FINANCIER)
    assert [(e.par_id, e.role) for e in Entree.objects.filter(action="declarer_interet").order_by("pk")] == [
        (lea.pk, "instructeur"), (personne("responsable").pk, "responsable"),
    ]  # fmt: skip


def test_a_porteur_declares_nothing(camp: Campagne) -> None:
    porteur = personne("porteur")
    assert not may_declare(porteur, JOUR)
    with pytest.raises(Refus):
        tie(porteur, camp.dossier("D1").grappe.og_porteur)


def test_what_a_responsable_declared_she_does_not_end_herself(camp: Campagne, lea: Utilisateur) -> None:
    chef = personne("responsable")
    interet = tie(lea, camp.dossier("D1").grappe.og_porteur, chef)
    with pytest.raises(Refus) as refus:
        end(interet, lea)
    assert refus.value.code is Code.ROLE_INTERDIT
    assert end(interet, chef).au == JOUR


def test_an_end_never_comes_before_today_nor_twice(camp: Campagne, lea: Utilisateur) -> None:
    interet = tie(lea, camp.dossier("D1").grappe.og_porteur, du=date(2020, 1, 1))
    with pytest.raises(Refus) as refus:
        end(interet, lea, JOUR - timedelta(1))
    assert refus.value.code is Code.DONNEES_INVALIDES
    end(interet, lea)
    with pytest.raises(Refus) as refus:
        end(interet, lea, JOUR + timedelta(1))
    assert refus.value.code is Code.TRANSITION_INTERDITE


def test_the_same_tie_is_declared_once_at_a_time(camp: Campagne, lea: Utilisateur) -> None:
    og = camp.dossier("D1").grappe.og_porteur
    interet = tie(lea, og)
    with pytest.raises(Refus) as refus:
        tie(lea, og)
    assert refus.value.code is Code.DONNEES_INVALIDES
    end(interet, lea)
    tie(lea, og, le=JOUR + timedelta(1))


def test_the_journal_tells_neither_the_kind_nor_the_comment(camp: Campagne, lea: Utilisateur) -> None:
    og = camp.dossier("D1").grappe.og_porteur
    end(tie(lea, og, commentaire="Ma sœur y travaille."), lea)
    dites = Entree.objects.filter(chaine__startswith="interet:").order_by("rang")
    assert [entree.action for entree in dites] == ["declarer_interet", "terminer_interet"]
    assert dites[0].donnees == {"personne": lea.pk, "og": og.pk, "du": "2022-04-12", "au": None}


def test_who_reads_them(camp: Campagne, lea: Utilisateur) -> None:
    tie(lea, camp.dossier("D1").grappe.og_porteur)
    voient = {"instructeur:lea", "responsable", "auditeur"}
    for qui in (*voient, "instructeur", "comptable", "pilote_national", "administrateur"):
        assert Interet.objects.visible_to(personne(qui), JOUR).exists() is (qui in voient), qui
    assert not Interet.objects.visible_to(personne("responsable", "11"), JOUR).exists()


@pytest.mark.parametrize(
    ("ordre", "non"),
    [
        ("UPDATE grappes_interet SET nature = 'autre'", "pgtrigger: Cannot update"),
        ("UPDATE grappes_interet SET au = NULL, clos_le = NULL, clos_par_id = NULL", "interet_clos_une_fois"),
        ("UPDATE grappes_interet SET au = au + 1", "interet_clos_une_fois"),
        ("DELETE FROM grappes_interet", "sans_suppression"),
        ("TRUNCATE grappes_interet CASCADE", "sans_vidage"),
    ],
)
def test_plain_sql_rewrites_none(camp: Campagne, lea: Utilisateur, ordre: str, non: str) -> None:
    interet = tie(lea, camp.dossier("D1").grappe.og_porteur)
    if non != "pgtrigger: Cannot update":
        end(interet, lea)
    settle()
    assert refusal(ordre).startswith(non)


# What it costs.


def test_one_query_more_per_act_and_no_more_with_many_of_them(camp: Campagne, lea: Utilisateur) -> None:
    d1, d2 = (amener(camp.dossier(ref), "depose") for ref in ("D1", "D2"))
    lea.roles_au(JOUR)
    with CaptureQueriesContext(connection) as sans:
        agir(d2, "prendre_en_charge", lea, jour="2022-04-12")
    ogs = OrganismeGestionnaire.objects.bulk_create(
        OrganismeGestionnaire(finess=f"3199{rang:05d}", nom=f"OG {rang}") for rang in range(20)
    )
    for og in ogs:
        tie(lea, og)
    with CaptureQueriesContext(connection) as avec:
        agir(d1, "prendre_en_charge", lea, jour="2022-04-12")
    assert len(avec) <= len(sans) + 1
