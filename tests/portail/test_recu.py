"""The receipt: what it says, that it never changes, that nothing typed moves it, and what the public page tells."""

import hashlib
import re
from datetime import date
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from aap.documents.depot import deposit
from aap.models import Aap
from aap.recus import code_of
from config import stockage
from grappes.models import Essms, Grappe
from moteur import horloge
from portail.recu import contenu
from portail.recu.ecriture import DESSINES, legible
from portail.recu.mise_en_page import compose, render
from tests.fabriques import PORTE, agir, amener, campagne, personne, porteuse
from tests.fichiers import envoye, pdf
from tests.instruction.campagne import text
from tests.portail.recus import read, squeeze, words

RANG = "0123456789abcdef" * 4


@pytest.fixture
def dossier(db):
    cache.clear()
    return amener(campagne().dossier("D1"), "depose")


@pytest.fixture
def recu(dossier):
    return read(dossier)


@pytest.fixture
def client(dossier):
    navigateur = Client()
    navigateur.force_login(dossier.dossieruserobjectpermission_set.get().user, backend=PORTE)
    return navigateur


# What it says.


def test_it_says_what_was_filed_and_proves_it(dossier, recu):
    dit = words(render(recu))
    faits = dossier.faits_deposes
    for attendu in [
        "Reçu de dépôt", "1er avril 2022 à 9 h 00 (heure de Paris)", dossier.reference, dossier.aap.intitule,
        "ARS Occitanie", dossier.grappe.nom, dossier.grappe.og_porteur.nom, dossier.grappe.og_porteur.finess,
        "Acquisition d'un logiciel", "322 500,00 €", "15 × 7 000,00 €", recu.empreinte, recu.entree.empreinte,
        f"Acte n° {recu.entree.rang} du journal", recu.code,
        *(un.finess for un in faits.essms), *(un.nom for un in faits.essms),
    ]:  # fmt: skip
        assert squeeze(attendu).replace("'", "’") in dit.replace("'", "’"), attendu
    for piece in dossier.pieces.all():
        assert squeeze(piece.nom) in dit


def test_only_a_content_received_is_proved(db, settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    brouillon = campagne().dossier("D1")
    with horloge.figer(horloge.ouverture(date(2022, 3, 31))):
        deposit(brouillon, personne("porteur"), code="rib", fichier=envoye("rib.pdf", pdf()))
    recu = read(amener(brouillon, "depose"))
    dit = words(render(recu))
    recus, annonces = dit.split("Documentsreçus")[1].split("Documentsannoncés")
    [recue] = brouillon.pieces.exclude(format="")
    assert squeeze("L'empreinte SHA-256 d'un fichier change") in recus.replace("’", "'")
    assert hashlib.sha256(pdf()).hexdigest() == recue.empreinte in recus
    assert annonces.count("EmpreinteSHA256nonconnue") == brouillon.pieces.filter(format="").count() == 6
    assert set(re.findall("[0-9a-f]{64}", annonces)) == {recu.empreinte, recu.entree.empreinte}


def test_it_is_archival_accessible_and_self_contained(recu):
    lecteur = PdfReader(BytesIO(render(recu)))
    xmp = lecteur.xmp_metadata.stream.get_data().decode()
    assert re.findall(r"pdfaid:(part|conformance)>(\w)<", xmp) == [("part", "2"), ("conformance", "A")]
    assert "pdfuaid:part>1<" in xmp
    assert lecteur.metadata.title == f"Reçu de dépôt {recu.dossier.reference}"
    assert lecteur.metadata.creation_date == recu.delivre_le
    assert lecteur.trailer["/Root"]["/MarkInfo"]["/Marked"] is True or lecteur.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert lecteur.trailer["/Root"]["/Lang"].startswith("fr")
    polices = [police.get_object() for page in lecteur.pages for police in page["/Resources"]["/Font"].values()]
    assert polices
    for police in polices:
        assert "/FontFile3" in str(police["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()) or (
            "/FontFile2" in str(police["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object())
        )


def test_the_same_receipt_gives_the_same_bytes_whatever_happens_since(dossier, recu):
    avant = render(recu)
    Aap.objects.update(intitule="Un autre appel")
    Grappe.objects.update(nom="Une autre grappe")
    Essms.objects.update(nom="Un autre nom")
    dossier.grappe.og_porteur.__class__.objects.update(nom="Un autre organisme")
    with horloge.figer(horloge.ouverture(date(2030, 1, 1))):
        assert render(read(dossier)) == avant


def test_documents_given_later_are_on_the_next_receipt_only(dossier):
    amener(dossier, "a_completer")
    agir(dossier, "fournir_piece", "porteur", jour="2022-04-20", code="rib")
    agir(dossier, "completer", "porteur", jour="2022-04-20")
    premier, second = (contenu.provided(read(dossier, rang)) for rang in (0, 1))
    assert {piece.pk for piece in premier} < {piece.pk for piece in second}
    assert "Reçudecompléments" in words(render(read(dossier, 1)))
    assert "lescomplémentsdudossier" in words(render(read(dossier, 1)))


def test_an_aid_the_rules_do_not_give_is_said_unknown(recu):
    recu.mentions["aide"] = None
    assert squeeze("ne permettait pas d'estimer l'aide").replace("'", "’") in words(render(recu)).replace("'", "’")


# Nothing typed moves the page.


MODELE = {
    "titre": "Reçu de dépôt", "reference": "R", "phrase": "P", "faits": [["Grappe", "G"]], "grappe": "1 ESSMS",
    "ogs": [{"nom": "O", "finess": "310000010", "essms": [["310000028", "E", "31"]]}], "aide": None,
    "pieces": [{"nom": "N", "detail": "L", "empreinte": RANG}],
    "annonces": [{"nom": "N", "detail": "L", "mention": "M", "empreinte": RANG}],
    "preuves": [["Empreinte du reçu", RANG]], "adresse": "https://exemple.fr/recu/0/", "instant": [2022, 4, 1, 7, 0, 0],
}  # fmt: skip
TITRES = ["Ledossier", "Aideestimée", "Grappe:1ESSMS", "Documentsreçus", "Documentsannoncés", "Preuves"]
HOSTILES = [
    "#panic()", "$ x^2 $", "[un] ]]", "*gras* _it_ `code`", '#import "@preview/x:1": *', "= Titre", "\\u{202e}", '"',
    "//", "#set page(width: 1pt)", "\u202efdp.exe", "مرحبا", "😀" * 20, "a" * 5000, "e\u0301" * 50,
    "Z" + "\u0336" * 500, "\x00\x07", "\ud800", "<label> @ref", "ligne\n= autre\n\n+ trois",
]  # fmt: skip


def composed(texte):
    """The receipt with that text wherever somebody typed one."""
    dit = legible(texte)
    essms = [["310000028", dit, "31"]]
    ogs = [{"nom": dit, "finess": "310000010", "essms": essms}]
    pieces, annonces = ([MODELE[cle][0] | {"nom": dit, "detail": dit}] for cle in ("pieces", "annonces"))
    dits = {"reference": dit, "phrase": dit, "faits": [["Grappe", dit]], "ogs": ogs}
    return compose(MODELE | dits | {"pieces": pieces, "annonces": annonces})


@pytest.mark.parametrize("texte", HOSTILES, ids=range(len(HOSTILES)))
def test_hostile_text_is_printed_as_typed(texte):
    dit = words(composed(texte))
    assert dit.count(squeeze(legible(texte))[:40]) >= 4
    for titre in TITRES:
        assert titre in dit


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_no_text_moves_the_page_or_raises(texte):
    dit = words(composed(texte))
    assert [titre for titre in TITRES if titre not in dit] == []
    assert RANG in dit


@given(st.text(max_size=300))
def test_what_is_printed_is_always_drawn(texte):
    assert all(any(a <= ord(signe) <= b for a, b in DESSINES) or signe == "\u200b" for signe in legible(texte))


def test_every_character_kept_as_typed_is_drawn_by_the_fonts():
    """PDF/A refuses a character without a drawing: this one test sets them all."""
    tous = " ".join(legible(chr(point)) for a, b in DESSINES for point in range(a, b + 1))
    assert composed(tous).startswith(b"%PDF")


# Who may download it.


def test_the_porteur_and_the_agency_download_it(client, dossier, recu):
    adresse = reverse("portail:recu", args=[dossier.pk, recu.pk])
    reponse = client.get(adresse)
    assert reponse.headers["Content-Type"] == "application/pdf"
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="recu-D1-2022-04-01.pdf"'
    assert reponse.content == render(recu)


def test_it_does_not_exist_for_anybody_else(client, dossier, recu):
    autre = amener(campagne(code="OCC-2", dossiers=[{}, {}]).dossier("D2"), "depose")
    etrangere = Client()
    etrangere.force_login(porteuse(dossier.grappe.og_porteur, "autre"), backend=PORTE)
    assert etrangere.get(reverse("portail:recu", args=[dossier.pk, recu.pk])).status_code == 404
    assert client.get(reverse("portail:recu", args=[dossier.pk, read(autre).pk])).status_code == 404
    assert Client().get(reverse("portail:recu", args=[dossier.pk, recu.pk])).status_code == 302


# The public page.


def page(recu):
    return reverse("recu-public", args=[recu.code])


def test_anybody_learns_that_it_is_authentic_and_nothing_else(dossier, recu):
    reponse = Client().get(page(recu))
    mots = text(reponse.content.decode()).replace("\xa0", " ")
    assert "Un dossier a été déposé le 1er avril 2022 à 9 h 00, heure de Paris, à l'ARS Occitanie." in mots
    assert recu.empreinte in mots
    secrets = [
        dossier.grappe.nom,
        dossier.grappe.og_porteur.nom,
        dossier.grappe.og_porteur.finess,
        dossier.aap.intitule,
    ]
    secrets += [dossier.faits_deposes.essms[0].finess, "322 500", recu.mentions["par"]]
    assert [secret for secret in secrets if secret in mots] == []
    assert f">{dossier.reference}<" not in reponse.content.decode()


def test_the_code_says_nothing_and_cannot_be_found_from_what_was_filed(dossier, recu):
    assert re.fullmatch(r"[0-9a-f]{32}", recu.code)
    assert recu.code == code_of(recu.entree.empreinte, recu.empreinte)
    assert recu.code not in (recu.empreinte, recu.entree.empreinte)


@pytest.mark.parametrize("code", ["0" * 32, "x", "é", "A" * 500])
def test_an_unknown_code_teaches(db, code):
    cache.clear()
    reponse = Client().get(reverse("recu-public", args=[code]))
    assert reponse.status_code == 404
    assert "mal recopiée" in text(reponse.content.decode())


def compared(recu, **envoi):
    reponse = Client().post(page(recu), envoi)
    return reponse.context["reponse"]


def test_the_pdf_is_compared_byte_for_byte(recu):
    pdf = render(recu)
    assert compared(recu, fichier=SimpleUploadedFile("recu.pdf", pdf)).conforme
    change = compared(recu, fichier=SimpleUploadedFile("recu.pdf", pdf.replace(b"2022", b"2023")))
    assert not change.conforme
    assert "modifié" in change.quoi


def test_a_fingerprint_is_compared_however_it_was_pasted(recu):
    assert compared(recu, empreinte=recu.empreinte).conforme
    assert compared(recu, empreinte=f" {recu.entree.empreinte[:30].upper()}\n{recu.entree.empreinte[30:]}").conforme
    assert not compared(recu, empreinte=hashlib.sha256(b"autre").hexdigest()).conforme


@pytest.mark.parametrize(
    ("empreinte", "titre"), [("", "Rien à comparer"), ("abc", "mal formée"), ("é" * 64, "mal formée")]
)
def test_what_cannot_be_compared_is_said(recu, empreinte, titre):
    assert titre in compared(recu, empreinte=empreinte).titre


def test_a_file_too_heavy_is_not_read(recu):
    assert compared(recu, fichier=SimpleUploadedFile("gros.pdf", bytes(5 * 2**20 + 1))).titre == "Fichier trop lourd"
    reponse = Client().post(page(recu), {}, headers={"Content-Length": str(10**9)})
    assert reponse.status_code == 413


def test_the_page_is_asked_at_a_bounded_pace(recu):
    navigateur = Client()
    codes = [navigateur.get(page(recu)).status_code for _ in range(62)]
    assert codes[0] == 200
    assert codes[-1] == 429


def test_complements_are_said_so(dossier):
    amener(dossier, "a_completer")
    agir(dossier, "completer", "porteur", jour="2022-04-20")
    assert "Des compléments ont été déposés le 20" in text(Client().get(page(read(dossier, 1))).content.decode())
