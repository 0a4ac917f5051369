"""Risks are annotated, never altered: who may, what the base refuses, what is current, what several dossiers share."""

from datetime import date

import pytest

from aap.models import Dossier
from accompagnement.annotation import annotate_shared, attach, current_levels, linked
from accompagnement.models import Annotation, AvisGrades, Axe, LienRisque, NiveauCourant, Risque
from accompagnement.querysets import at_risk, with_levels, with_risk
from accompagnement.suivis import SUIVIS
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import CHEMINS, agir, amener, campagne, personne
from tests.moteur.sql import refusal, table

JOUR = date(2022, 9, 1)
FORT = {"axe": "editeur", "niveau": "fort", "maitrise": "aucune", "commentaire": "L'éditeur ne répond plus."}
MODERE = {"axe": "editeur", "niveau": "modere", "maitrise": "grades"}
ACTION = {"a_faire": "Réunir le club utilisateurs", "a_faire_par": "grades", "pour_le": "2022-10-01"}


@pytest.fixture(autouse=True)
def jour():
    with horloge.figer(horloge.ouverture(JOUR)):
        yield


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "en_instruction")


def annotate(dossier, par="conseiller_grades", **donnees):
    return agir(dossier, "annoter_risque", par, **donnees)


def refused(agit):
    with pytest.raises(Refus) as refus:
        agit()
    return refus.value.code


def level(dossier, axe="editeur"):
    return NiveauCourant.objects.get(dossier=dossier, axe=axe)


def test_an_annotation_says_who_for_whom_and_when(dossier):
    annotate(dossier, **FORT | ACTION)
    faite = Annotation.objects.get()
    assert faite.auteur == "GRADeS Occitanie"
    assert (faite.par, faite.le) == (personne("conseiller_grades"), horloge.maintenant())
    entree = Entree.objects.get(objet=dossier.cle, action="annoter_risque")
    assert (entree.role, entree.donnees["niveau"], entree.de) == ("conseiller_grades", "fort", None)
    assert not list(journal.verify([dossier.cle]))


def test_another_organisation_adds_its_own_and_the_newest_is_current(dossier):
    annotate(dossier, **FORT)
    annotate(dossier, "instructeur", **MODERE)
    assert list(Annotation.objects.values_list("organisation", "niveau")) == [("ars", "modere"), ("grades", "fort")]
    courant = level(dossier)
    assert (courant.niveau, courant.precedent, courant.annotation.auteur) == ("modere", "fort", "ARS Occitanie")
    assert current_levels(dossier) == dict.fromkeys(Axe.values, "non_evalue") | {"editeur": "modere"}


@pytest.mark.parametrize(
    "donnees",
    [
        FORT | {"axe": "meteo"}, FORT | {"niveau": "énorme"}, FORT | {"maitrise": "personne"},
        FORT | {"commentaire": "  "}, FORT | {"a_faire": "Relancer"}, FORT | {"pour_le": "2022-10-01"},
        FORT | ACTION | {"pour_le": None}, {"axe": "achat", "niveau": "non_evalue", "maitrise": "ars"},
        FORT | {"risque": 999},
    ],
)  # fmt: skip
def test_what_is_not_an_annotation_is_refused(dossier, donnees):
    assert refused(lambda: annotate(dossier, **donnees)) is Code.DONNEES_INVALIDES
    assert not Annotation.objects.exists()


@pytest.mark.parametrize(
    ("par", "region", "code"),
    [
        ("porteur", None, Code.ROLE_INTERDIT), ("responsable", "76", Code.ROLE_INTERDIT),
        ("pilote_national", None, Code.ROLE_INTERDIT), ("conseiller_grades:ailleurs", "11", Code.HORS_PERIMETRE),
        ("instructeur:ailleurs", "11", Code.HORS_PERIMETRE),
    ],
)  # fmt: skip
def test_nobody_else_annotates(dossier, par, region, code):
    assert refused(lambda: annotate(dossier, personne(par, region), **FORT)) is code


@pytest.mark.parametrize("etat", sorted(set(CHEMINS) | {"brouillon"}))
def test_a_dossier_is_annotated_as_long_as_it_is_followed(db, etat):
    dossier = amener(campagne().dossier("D1"), etat)
    if etat in SUIVIS:
        annotate(dossier, **FORT)
    else:
        assert refused(lambda: annotate(dossier, **FORT)) is Code.TRANSITION_INTERDITE
    assert Annotation.objects.filter(axe="editeur", niveau="fort").exists() is (etat in SUIVIS)


@pytest.mark.parametrize(
    ("modele", "ordre"),
    [
        (Annotation, "UPDATE {} SET niveau = 'modere'"), (Annotation, "UPDATE {} SET commentaire = ''"),
        (Annotation, "DELETE FROM {}"), (Annotation, "TRUNCATE {} CASCADE"), (Risque, "UPDATE {} SET libelle = 'x'"),
        (NiveauCourant, "UPDATE {} SET niveau = 'faible_ou_nul'"), (NiveauCourant, "DELETE FROM {}"),
        (LienRisque, "DELETE FROM {}"), (LienRisque, "UPDATE {} SET le = now()"),
    ],
)  # fmt: skip
def test_plain_sql_alters_nothing(dossier, modele, ordre):
    risque = agir(dossier, "ouvrir_risque", "conseiller_grades", axe="editeur", libelle="Ariane en difficulté")
    annotate(dossier, **FORT | {"risque": risque.pk})
    assert refusal(ordre.format(table(modele))) != ""


def test_the_current_levels_are_those_of_the_newest_annotations(dossier):
    """What the trigger keeps is what reading the whole history would find."""
    for donnees in (FORT, MODERE, {"axe": "achat", "niveau": "faible_ou_nul"}, FORT, {"axe": "achat", "niveau": "fort",
                    "commentaire": "Marché infructueux."}):  # fmt: skip
        annotate(dossier, **donnees)
    derniers = Annotation.objects.order_by("dossier_id", "axe", "-pk").distinct("dossier_id", "axe")
    assert {(un.axe, un.pk, un.niveau) for un in derniers} == {
        (un.axe, un.annotation_id, un.niveau) for un in NiveauCourant.objects.all()
    }
    assert (level(dossier).precedent, level(dossier, "achat").precedent) == ("modere", "faible_ou_nul")
    assert set(Annotation.objects.current()) == set(derniers)


def test_the_opinion_freezes_the_levels_and_what_it_changes_is_an_annotation(dossier):
    annotate(dossier, **MODERE)
    annotate(dossier, axe="achat", niveau="faible_ou_nul", maitrise="ars")
    agir(dossier, "donner_avis_grades", "conseiller_grades", avis="reserve", risques={"achat": "fort"})
    avis = AvisGrades.objects.get()
    assert avis.risques == dict.fromkeys(Axe.values, "non_evalue") | {"editeur": "modere", "achat": "fort"}
    assert avis.risques == current_levels(dossier)
    assert level(dossier).maitrise == "grades"  # said again, it stays as it was annotated
    assert level(dossier, "achat").annotation.avis == avis
    annotate(dossier, **FORT)
    assert AvisGrades.objects.get().risques["editeur"] == "modere"


def test_the_uniform_levels_of_a_play_become_annotations(dossier):
    agir(dossier, "donner_avis_grades", "conseiller_grades", avis="favorable", risques={"uniforme": "modere"})
    assert current_levels(dossier) == dict.fromkeys(Axe.values, "modere")
    assert Annotation.objects.count() == 5


# A cause that several dossiers share.


@pytest.fixture
def trois(db):
    camp = campagne(dossiers=4)
    return [amener(camp.dossier(f"D{rang}"), "depose") for rang in range(1, 5)]


@pytest.fixture
def partage(trois):
    risque = agir(trois[0], "ouvrir_risque", "conseiller_grades", axe="editeur", libelle="Ariane en difficulté")
    for un in trois[1:3]:
        agir(un, "rattacher_risque", "conseiller_grades", risque=risque.pk)
    return risque


def test_annotated_once_it_shows_on_each_dossier_and_in_each_journal(trois, partage):
    annotations = annotate_shared(partage, personne("conseiller_grades"), FORT)
    assert [un.dossier_id for un in annotations] == [un.pk for un in trois[:3]]
    assert not Annotation.objects.filter(dossier=trois[3]).exists()
    for un in trois[:3]:
        assert level(un).annotation.risque == partage
        assert Entree.objects.filter(chaine=un.chaine, action="annoter_risque").count() == 1


def test_attached_later_a_dossier_is_told_what_was_said(trois, partage):
    annotate_shared(partage, personne("conseiller_grades"), FORT | {"partagee": True})
    agir(trois[3], "rattacher_risque", "instructeur", risque=partage.pk)
    reprise = level(trois[3]).annotation
    assert (reprise.commentaire, reprise.organisation, reprise.partagee) == (FORT["commentaire"], "ars", False)


def test_detached_it_keeps_what_was_said_and_hears_no_more(trois, partage):
    annotate_shared(partage, personne("conseiller_grades"), FORT)
    agir(trois[1], "detacher_risque", "conseiller_grades", risque=partage.pk, motif="Changement d'éditeur.")
    annotate_shared(partage, personne("conseiller_grades"), MODERE)
    assert [level(un).niveau for un in trois[:3]] == ["modere", "fort", "modere"]
    assert set(linked(partage)) == {trois[0], trois[2]}
    assert refused(lambda: annotate(trois[1], **FORT | {"risque": partage.pk})) is Code.DONNEES_INVALIDES


def test_attached_twice_or_from_another_region_or_on_another_axis_is_refused(trois, partage):
    assert refused(lambda: agir(trois[0], "rattacher_risque", "instructeur", risque=partage.pk)) is (
        Code.DONNEES_INVALIDES
    )
    ailleurs = amener(campagne(code="IDF", region="11").dossier("D1"), "depose")
    assert refused(lambda: agir(ailleurs, "rattacher_risque", "instructeur:idf", risque=partage.pk)) is (
        Code.DONNEES_INVALIDES
    )
    faux = FORT | {"axe": "achat", "risque": partage.pk}
    assert refused(lambda: annotate(trois[0], **faux)) is Code.DONNEES_INVALIDES


def test_refused_for_one_it_is_written_for_none(trois, partage):
    assert refused(lambda: annotate_shared(partage, personne("porteur"), FORT)) is Code.ROLE_INTERDIT
    sans_mot = FORT | {"commentaire": ""}
    assert refused(lambda: annotate_shared(partage, personne("conseiller_grades"), sans_mot)) is Code.DONNEES_INVALIDES
    assert not Annotation.objects.exists()


def test_causes_of_a_region_are_read_there_with_how_many_share_them(trois, partage):
    visibles = Risque.objects.visible_to(personne("instructeur"), JOUR).alive()
    assert [(un.libelle, un.nombre_dossiers) for un in visibles] == [("Ariane en difficulté", 3)]
    assert not Risque.objects.visible_to(personne("instructeur:ailleurs", "11"), JOUR).exists()
    assert not Risque.objects.visible_to(personne("porteur"), JOUR).exists()


def test_two_advisers_annotate_the_same_cause_at_once_and_both_are_heard(base_jetable, en_parallele):
    """Each locks its dossiers in the order of their keys: they wait in line, and never for each other."""
    camp = campagne(dossiers=3)
    premier, *autres = [amener(camp.dossier(f"D{rang}"), "depose") for rang in (1, 2, 3)]
    risque = agir(premier, "ouvrir_risque", "conseiller_grades", axe="editeur", libelle="Ariane en difficulté")
    attach(risque, [un.pk for un in autres], personne("conseiller_grades"))
    elles = [personne("conseiller_grades"), personne("instructeur")]

    def run(qui, donnees):
        with horloge.figer(horloge.ouverture(JOUR)):
            return annotate_shared(risque, qui, donnees)

    issues = en_parallele(lambda: run(elles[0], FORT), lambda: run(elles[1], MODERE))
    assert [len(issue) for issue in issues] == [3, 3]
    assert Annotation.objects.count() == 6
    assert len(set(NiveauCourant.objects.values_list("niveau", flat=True))) == 1
    assert not list(journal.verify())


# Who reads what, and the lists.


def test_a_porteur_reads_what_was_shared_with_her_and_no_other(trois):
    annotate(trois[0], **FORT)
    annotate(trois[0], axe="achat", niveau="modere", partagee=True)
    lues = {
        qui: set(Annotation.objects.visible_to(personne(qui, region), JOUR).values_list("axe", flat=True))
        for qui, region in [("porteur", "76"), ("porteur:autre", "76"), ("instructeur", "76"), ("auditeur", None),
                            ("conseiller_grades:ailleurs", "11")]
    }  # fmt: skip
    tout = {"editeur", "achat"}
    assert lues == {"porteur": {"achat"}, "porteur:autre": set(), "instructeur": tout, "auditeur": tout,
                    "conseiller_grades:ailleurs": set()}  # fmt: skip


def test_the_worst_current_level_of_each_dossier(trois, django_assert_num_queries):
    annotate(trois[0], **FORT)
    annotate(trois[1], **FORT)
    annotate(trois[1], **MODERE)
    annotate(trois[1], axe="achat", niveau="faible_ou_nul")
    annotate(trois[2], axe="achat", niveau="non_evalue")
    tous = Dossier.objects.order_by("reference")
    with django_assert_num_queries(1):
        pires = list(with_risk(tous).values_list("risque", flat=True))
    assert pires == ["fort", "modere", "non_evalue", "non_evalue"]
    for niveau in ("fort", "modere", "faible_ou_nul", "non_evalue"):
        assert list(at_risk(tous, niveau)) == list(with_risk(tous).filter(risque=niveau))
    with django_assert_num_queries(2):
        assert [len(un.niveaux.all()) for un in with_levels(tous)] == [1, 2, 1, 0]
