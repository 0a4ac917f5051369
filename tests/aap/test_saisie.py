"""Several people fill in one dossier: nobody overwrites what she has not seen, nothing typed is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.champs import check, columns, field_of, missing, parse
from aap.models import Section
from aap.ouverture import open_draft
from aap.saisie import read, saisir
from aap.services import share
from grappes.models import OrganismeGestionnaire
from grappes.projets import Projet
from moteur.erreurs import Code, Refus
from moteur.porte import franchir
from tests.fabriques import campagne, porteuse

pytestmark = pytest.mark.django_db


@pytest.fixture
def og():
    return OrganismeGestionnaire.objects.create(finess="310000010", nom="Les Tilleuls")


@pytest.fixture
def brouillon(og):
    camp = campagne(dossiers=0)
    return open_draft(camp.aap, par=porteuse(og), og=og, nom="Grappe des Tilleuls", projet=Projet.ACQUISITION)


def ecrire(dossier, par, **valeurs):
    """Write these fields, each seen blank unless given as (seen, wanted)."""
    paires = {nom: valeur if isinstance(valeur, tuple) else ("", valeur) for nom, valeur in valeurs.items()}
    return saisir(
        dossier,
        par,
        section=Section.PROJET,
        valeurs={nom: voulue for nom, (_, voulue) in paires.items()},
        vues={nom: vue for nom, (vue, _) in paires.items()},
    )


def test_a_draft_takes_the_next_reference_and_belongs_to_who_opened_it(brouillon):
    assert brouillon.reference == "OCC-2022-0001"
    assert brouillon.referent.has_perm("porter", brouillon)


def test_nobody_opens_a_draft_for_an_organisation_she_does_not_act_for(brouillon):
    autre = OrganismeGestionnaire.objects.create(finess="310000028", nom="Autre")
    with pytest.raises(Refus) as refus:
        open_draft(brouillon.aap, par=brouillon.referent, og=autre, nom="G", projet=Projet.ACQUISITION)
    assert refus.value.code is Code.HORS_PERIMETRE


def test_an_answer_decides_its_column(brouillon):
    ecrire(brouillon, brouillon.referent, segur="oui", logiciel="Titan")
    brouillon = type(brouillon).objects.get(pk=brouillon.pk)
    assert (brouillon.segur, brouillon.logiciel) == (True, "Titan")


def test_a_wrong_answer_is_kept_as_typed_and_decides_nothing(brouillon):
    ecriture = ecrire(brouillon, brouillon.referent, debut="31/02/2027", segur="peut-être")
    assert set(ecriture.fautes) == {"debut", "segur"}
    assert read(brouillon, Section.PROJET).champs["debut"]["valeur"] == "31/02/2027"


def test_the_second_of_two_writers_sees_what_the_first_wrote(brouillon, og):
    ecrire(brouillon, brouillon.referent, logiciel="Titan")
    autre = porteuse(og, "yvonne")
    share(brouillon, autre)
    ecriture = ecrire(brouillon, autre, logiciel="Netvie", presentation="Un projet.")
    (conflit,) = ecriture.conflits
    assert (conflit.champ, conflit.actuelle, conflit.proposee, conflit.par) == (
        "logiciel",
        "Titan",
        "Netvie",
        str(brouillon.referent),
    )
    garde = read(brouillon, Section.PROJET).champs
    assert (garde["logiciel"]["valeur"], garde["presentation"]["valeur"]) == ("Titan", "Un projet.")
    assert not ecrire(brouillon, autre, logiciel=("Titan", "Netvie")).conflits


def test_a_stranger_writes_nothing(brouillon, og):
    with pytest.raises(Refus) as refus:
        ecrire(brouillon, porteuse(og, "zoe"), logiciel="Titan")
    assert refus.value.code is Code.HORS_PERIMETRE


def test_an_unknown_field_is_refused(brouillon):
    with pytest.raises(Refus, match="aide"):
        ecrire(brouillon, brouillon.referent, aide="1000000")


def test_a_draft_opened_here_is_not_filed_half_filled(brouillon):
    with pytest.raises(Refus) as refus:
        franchir(brouillon, "deposer", brouillon.referent)
    assert refus.value.code in (Code.FENETRE_FERMEE, Code.DONNEES_INVALIDES, Code.PIECE_MANQUANTE)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_understood_or_refused_in_french(texte):
    for nom in ("projet", "segur", "debut", "courriel", "telephone", "presentation"):
        champ = field_of(Section.PROJET, nom)
        faute = check(Section.PROJET, {nom: {"valeur": texte}}).get(nom)
        assert faute.endswith(".") if faute else parse(champ, texte) is not NotImplemented


def test_missing_answers_are_named():
    manques = missing(Section.ENGAGEMENTS, {"sincerite": {"valeur": "oui"}})
    assert [manque.champ for manque in manques] == ["interlocuteur", "pas_de_cumul", "usages"]
    assert not check(Section.ENGAGEMENTS, {"sincerite": {"valeur": ""}})


def test_a_repeated_section_is_asked_of_each_organisation():
    manques = missing(Section.EQUIPEMENT, {"310000010.postes": {"valeur": "4"}}, ["310000010", "310000028"])
    assert "310000028.postes" in {manque.champ for manque in manques}
    assert "310000010.postes" not in {manque.champ for manque in manques}


@pytest.mark.parametrize("reponse", ["oui", "non"])
def test_a_yes_or_no_is_an_answer(reponse):
    assert columns(Section.PROJET, {"segur": {"valeur": reponse}}) == {"segur": reponse == "oui"}
    assert "segur" not in {manque.champ for manque in missing(Section.PROJET, {"segur": {"valeur": reponse}})}
