"""Complements: only what is re-opened may change, and the answer is told field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.champs import form
from aap.comparaison import MembreDit, Photo, compare
from aap.complements import answers, opening
from aap.models import DemandeComplements, Partie, Section
from aap.services import AUTRE
from moteur.erreurs import Code, Refus
from moteur.porte import franchir
from tests.fabriques import MOTIF, agir, amener, campagne, personne

ECHEANCE = {"echeance": "2022-05-01"}
JOUR = "2022-04-06"


@pytest.fixture
def dossier(db):
    dossier = campagne(dossiers=[{"essms": 17, "pieces": ["rib", "toutes"]}]).dossier("D1")
    write(dossier, Section.PROJET, editeur="Ancien éditeur")
    return amener(dossier, "en_recevabilite")


def first_field(section):
    return next(champ.nom for champ in form(section).champs if champ.nature in ("texte", "texte_long"))


def write(dossier, section, jour=None, **valeurs):
    nom = first_field(section)
    valeur = next(iter(valeurs.values()))
    vue = next((un.champs.get(nom, {"valeur": ""})["valeur"] for un in dossier.saisies.filter(section=section)), "")
    return agir(
        dossier, "saisir", "porteur", jour=jour, section=section, valeurs={nom: valeur}, vues={nom: vue}
    )  # fmt: skip


def ask(dossier, **quoi):
    return agir(dossier, "demander_complements", "instructeur", jour="2022-04-05", **MOTIF, **ECHEANCE, **quoi)


def refusal(agit):
    with pytest.raises(Refus) as refus:
        agit()
    return refus.value


def test_naming_nothing_opens_everything(dossier):
    ask(dossier)
    write(dossier, Section.PROJET, JOUR, editeur="Nouveau")
    agir(dossier, "fournir_piece", "porteur", jour=JOUR, code="rib")
    parti = dossier.grappe.membres.first().essms.finess
    agir(dossier, "composer", "porteur", jour=JOUR, retirer=[parti], motif="Fermeture.")


def test_only_the_section_named_may_change(dossier):
    ask(dossier, sections=["projet"])
    write(dossier, Section.PROJET, JOUR, editeur="Nouveau")
    parti = dossier.grappe.membres.first().essms.finess
    refus = [
        refusal(lambda: agir(dossier, "fournir_piece", "porteur", jour=JOUR, code="rib")),
        refusal(lambda: agir(dossier, "composer", "porteur", jour=JOUR, retirer=[parti], motif="Fermeture.")),
        refusal(
            lambda: agir(
                dossier, "saisir", "porteur", jour=JOUR, section=Section.ENGAGEMENTS, valeurs={"a": "oui"}, vues={}
            )
        ),
    ]
    assert {un.code for un in refus} == {Code.TRANSITION_INTERDITE}
    assert all("« Projet et logiciel »".replace(" »", "\u00a0»").replace("« ", "«\u00a0") in un.message for un in refus)


def test_only_the_document_named_may_be_given(dossier):
    ask(dossier, pieces=["rib"])
    agir(dossier, "fournir_piece", "porteur", jour=JOUR, code="rib")
    for code in (AUTRE, "toutes", "cadre_de_reponse"):
        refus = refusal(lambda code=code: agir(dossier, "fournir_piece", "porteur", jour=JOUR, code=code))
        assert refus.code is Code.TRANSITION_INTERDITE
        assert "écrivez-lui un message" in refus.message


def test_only_the_grappe_when_it_is_named(dossier):
    ask(dossier, sections=["grappe"])
    parti = dossier.grappe.membres.first().essms.finess
    agir(dossier, "composer", "porteur", jour=JOUR, retirer=[parti], motif="Fermeture.")
    assert refusal(lambda: write(dossier, Section.PROJET, JOUR, editeur="x")).code is Code.TRANSITION_INTERDITE


def test_a_form_and_its_document_open_together(dossier):
    piece = form(Section.AUTODIAGNOSTIC).piece
    ask(dossier, sections=["autodiagnostic"])
    frais = type(dossier).objects.with_rules().get(pk=dossier.pk)
    assert piece in opening(frais).pieces
    answer(frais)
    agir(frais, "demander_complements", "instructeur", jour="2022-04-08", **MOTIF, **ECHEANCE, pieces=[piece])
    frais = type(dossier).objects.with_rules().get(pk=dossier.pk)
    assert Partie.AUTODIAGNOSTIC in opening(frais).parties


def answer(dossier):
    agir(dossier, "completer", "porteur", jour="2022-04-07")


def test_a_departure_is_told_whatever_is_open(dossier):
    """Else a member that closed meanwhile would block the answer."""
    ask(dossier, sections=["projet"])
    parti = dossier.grappe.membres.first().essms.finess
    agir(dossier, "signaler_depart", "porteur", jour=JOUR, finess=parti, motif="Fermeture.")
    answer(dossier)


@pytest.mark.parametrize(
    "quoi", [{"sections": ["tout"]}, {"pieces": ["inconnue"]}, {"sections": "projet"}, {"pieces": [""]}]
)
def test_what_does_not_exist_is_not_re_opened(dossier, quoi):
    assert refusal(lambda: ask(dossier, **quoi)).code is Code.DONNEES_INVALIDES
    assert not DemandeComplements.objects.exists()


def test_the_answer_is_told_field_by_field(dossier):
    ask(dossier)
    write(dossier, Section.PROJET, JOUR, editeur="Nouvel éditeur")
    parti = dossier.grappe.membres.first().essms
    agir(dossier, "composer", "porteur", jour=JOUR, retirer=[parti.finess], motif="Fermeture.")
    agir(dossier, "fournir_piece", "porteur", jour=JOUR, code="rib", nom="rib-2.pdf")
    answer(dossier)
    [reponse] = answers(type(dossier).objects.get(pk=dossier.pk))
    [champ] = reponse.difference.champs
    assert (champ.avant, champ.apres, champ.section) == ("Ancien éditeur", "Nouvel éditeur", Section.PROJET)
    assert [un.finess for un in reponse.difference.partis] == [parti.finess]
    assert [(piece.nom, rang) for piece, rang in reponse.documents][-1][0] == "rib-2.pdf"
    assert reponse.documents[-1][1] >= 2


def test_each_request_has_its_own_answer(dossier):
    for rang, jour in enumerate(("2022-04-05", "2022-04-09")):
        agir(dossier, "demander_complements", "instructeur", jour=jour, motif=f"Tour {rang}.", **ECHEANCE)
        write(dossier, Section.PROJET, jour, editeur=f"Tour {rang}")
        agir(dossier, "completer", "porteur", jour=jour)
    second, premier = answers(type(dossier).objects.get(pk=dossier.pk))
    assert [(un.demande.motif, un.difference.champs[0].apres) for un in (premier, second)] == [
        ("Tour 0.", "Tour 0"),
        ("Tour 1.", "Tour 1"),
    ]
    assert second.difference.champs[0].avant == "Tour 0"


def test_an_answer_that_changes_nothing_is_empty(dossier):
    ask(dossier)
    answer(dossier)
    [reponse] = answers(type(dossier).objects.get(pk=dossier.pk))
    assert not reponse


def test_the_question_reaches_the_journal_with_what_it_opens(dossier):
    ask(dossier, sections=["grappe", "projet"], pieces=["rib"])
    demande = DemandeComplements.objects.get()
    assert (demande.parties, demande.pieces) == (["grappe", "projet"], ["rib"])
    assert opening(type(dossier).objects.with_rules().get(pk=dossier.pk)).parties == {Partie.GRAPPE, Partie.PROJET}


def test_every_section_may_be_re_opened():
    assert {section.value for section in Section} | {"grappe"} == set(Partie.values)
    assert all(Partie(section.value).label == section.label for section in Section)


def test_an_officer_of_another_region_asks_nothing(dossier):
    with pytest.raises(Refus) as refus:
        franchir(dossier, "demander_complements", personne("instructeur:ailleurs", "11"), **MOTIF, **ECHEANCE)
    assert refus.value.code is Code.HORS_PERIMETRE


# The comparison, alone.

CHAMPS = [champ.nom for champ in form(Section.PROJET).champs]
REPONSES = st.dictionaries(st.sampled_from(CHAMPS), st.text(alphabet="abc ", max_size=4))
MEMBRES = st.dictionaries(
    st.sampled_from([f"31000{un:04d}" for un in range(6)]),
    st.builds(MembreDit, nom=st.just("EHPAD"), precisions=st.sampled_from(["", "logiciel SONS : Osiris"])),
)
PHOTOS = st.builds(
    lambda champs, membres: Photo(sections={"projet": champs}, membres=membres), champs=REPONSES, membres=MEMBRES
)


@given(PHOTOS)
def test_the_same_picture_shows_no_change(photo):
    assert not compare(photo, photo)
    assert Photo.from_dict(photo.as_dict()) == photo


@given(PHOTOS, PHOTOS)
def test_the_changes_backwards_are_the_changes_upside_down(avant, apres):
    aller, retour = compare(avant, apres), compare(apres, avant)
    assert [(un.avant, un.apres) for un in aller.champs] == [(un.apres, un.avant) for un in retour.champs]
    assert [un.finess for un in aller.arrives] == [un.finess for un in retour.partis]
    assert len(aller.precises) == len(retour.precises)


@given(PHOTOS, PHOTOS)
def test_what_is_not_told_is_the_same_on_both_sides(avant, apres):
    dits = {un.question for un in compare(avant, apres).champs}
    for champ in form(Section.PROJET).champs:
        if champ.libelle not in dits and champ.nature != "case":
            anciens, nouveaux = avant.sections["projet"], apres.sections["projet"]
            assert anciens.get(champ.nom, "").strip() == nouveaux.get(champ.nom, "").strip()
