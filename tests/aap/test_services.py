"""Publishing rules, opening a call, providing documents, waiving a rule, sharing a dossier."""

import hashlib
from decimal import Decimal
from uuid import uuid4

import pytest

from aap.models import Aap, Derogation, PieceFournie, Reglement
from aap.regles import lire_fichier
from aap.services import open_call, publish, share
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db


def test_publishing_keeps_the_very_text() -> None:
    reglement = publish("esms-2022")
    texte = lire_fichier("esms-2022")
    assert reglement.texte == texte
    assert reglement.empreinte == hashlib.sha256(texte.encode()).hexdigest()
    assert reglement.regles.code == "esms-2022"


def test_publishing_twice_is_publishing_once() -> None:
    assert publish("esms-2022").pk == publish("esms-2022").pk
    assert Reglement.objects.filter(rejeu=None).count() == 1


@pytest.mark.parametrize("code", ["esms-1999", "../esms-2022", "esms-2022.toml", "", "ESMS-2022/"])
def test_publishing_what_does_not_exist(code: str) -> None:
    with pytest.raises(Refus) as refus:
        publish(code)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not Reglement.objects.exists()


def test_opening_a_call_makes_its_envelope() -> None:
    aap = open_call(
        "OCC-2022",
        par=personne("responsable"),
        region="76",
        reglement=publish("esms-2022"),
        dotation=Decimal("1000.00"),
    )
    position = aap.enveloppe.position()
    assert (position.dotation, position.disponible) == (Decimal("1000.00"), Decimal("1000.00"))
    assert not aap.is_national
    assert Entree.objects.filter(chaine=aap.enveloppe.cle, action="dotation").count() == 1


def test_opening_a_call_twice() -> None:
    reglement, ouvreur = publish("esms-2022"), personne("responsable")
    for rejeu in (None, uuid4()):
        open_call("X", par=ouvreur, region=None, reglement=reglement, dotation=Decimal(0), rejeu=rejeu)
    with pytest.raises(Refus) as refus:
        open_call("X", par=ouvreur, region="76", reglement=reglement, dotation=Decimal(0))
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert Aap.objects.filter(code="X").count() == 2


def test_document_with_its_metadata() -> None:
    dossier = campagne(dossiers=[{"pieces": []}]).dossier("D1")
    empreinte = hashlib.sha256(b"contenu").hexdigest()
    agir(
        dossier, "fournir_piece", "porteur", jour="2022-04-01", code="rib", nom="rib.pdf", empreinte=empreinte, taille=7
    )
    piece = PieceFournie.objects.get(dossier=dossier)
    assert (piece.code, piece.nom, piece.empreinte, piece.taille) == ("rib", "rib.pdf", empreinte, 7)
    assert Entree.objects.filter(chaine=dossier.chaine, action="fournir_piece").count() == 1


def test_a_second_version_adds_to_the_first() -> None:
    dossier = campagne(dossiers=[{"pieces": ["rib"]}]).dossier("D1")
    agir(dossier, "fournir_piece", "porteur", jour="2022-04-01", code="rib")
    assert PieceFournie.objects.filter(dossier=dossier, code="rib").count() == 2


@pytest.mark.parametrize(
    "donnees",
    [
        {"code": "photo"},
        {"code": ""},
        {"code": "rib", "empreinte": "ABC"},
        {"code": "rib", "taille": -1},
        {"code": "rib", "contenu": "…"},
    ],
)
def test_document_that_is_not_one(donnees: dict[str, object]) -> None:
    dossier = campagne(dossiers=[{"pieces": []}]).dossier("D1")
    with pytest.raises(Refus) as refus:
        agir(dossier, "fournir_piece", "porteur", jour="2022-04-01", **donnees)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not PieceFournie.objects.exists()


def test_no_document_once_filed_unless_complements_are_asked() -> None:
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    with pytest.raises(Refus) as refus:
        agir(dossier, "fournir_piece", "porteur", jour="2022-04-05", code="rib")
    assert refus.value.code is Code.TRANSITION_INTERDITE
    dossier = amener(dossier, "a_completer")
    agir(dossier, "fournir_piece", "porteur", jour="2022-04-06", code="rib")
    assert PieceFournie.objects.filter(dossier=dossier, code="rib").exists()


def test_all_the_documents_this_dossier_calls_for() -> None:
    options = {"equipement": True}
    camp = campagne(dossiers=[{}, {"projet": "montee_de_version"}, {"og": 2, "options": options}])
    communes = {"cadre_de_reponse", "autodiagnostic_si", "lettre_engagement", "tableau_essms", "chiffrage", "rib"}
    attendues = {
        "D1": communes,
        "D2": communes | {"bons_commande_sons"},
        "D3": communes | {"besoins_equipement"},
    }
    fournies = {ref: set(camp.dossier(ref).pieces.values_list("code", flat=True)) for ref in attendues}
    assert fournies == attendues


def test_waiver_keeps_its_reason_and_its_author() -> None:
    dossier = amener(campagne().dossier("D1"), "en_recevabilite")
    agir(dossier, "deroger", "responsable:b", jour="2022-04-05", regle="MIN_ESSMS", motif=" Montagne. ")
    derogation = Derogation.objects.get(dossier=dossier)
    assert (derogation.regle, derogation.motif) == ("MIN_ESSMS", "Montagne.")
    assert derogation.par == personne("responsable:b")


@pytest.mark.parametrize("etat", ["brouillon", "en_instruction", "irrecevable"])
def test_waiver_only_while_the_dossier_is_checked(etat: str) -> None:
    dossier = amener(campagne().dossier("D1"), etat)
    with pytest.raises(Refus) as refus:
        agir(dossier, "deroger", "responsable", jour="2022-04-20", regle="MIN_ESSMS", motif="Montagne.")
    assert refus.value.code is Code.TRANSITION_INTERDITE


def test_sharing_lets_a_colleague_act_and_reading_does_not() -> None:
    dossier = campagne().dossier("D1")
    collegue, lecteur = personne("porteur:collegue"), personne("porteur:lecteur")
    share(dossier, collegue)
    share(dossier, lecteur, "suivre")
    with pytest.raises(Refus) as refus:
        agir(dossier, "deposer", lecteur, jour="2022-04-01")
    assert refus.value.code is Code.HORS_PERIMETRE
    agir(dossier, "deposer", collegue, jour="2022-04-01")
