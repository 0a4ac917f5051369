"""What hostile people send, ask for and guess: refused with a sentence, or never there at all."""

import tracemalloc
from io import BytesIO, RawIOBase

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as essais
from hypothesis import strategies as st

from aap.models import PieceFournie, Section
from config import stockage
from tests.fabriques import PORTE, amener, campagne
from tests.fichiers import MAUVAIS, envoye, pdf

FRONTIERE = "----frontiere"


@pytest.fixture(autouse=True)
def coffre(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    return tmp_path / "pieces"


@pytest.fixture
def camp(db):
    return campagne(dossiers=[{"pieces": [], "porteur": "porteur:a"}, {"pieces": [], "porteur": "porteur:b"}])


@pytest.fixture
def dossier(camp):
    return camp.dossier("D1")


@pytest.fixture
def autre(camp):
    return camp.dossier("D2")


def porte(dossier):
    return dossier.dossieruserobjectpermission_set.get().user


def navigateur(dossier, **options):
    client = Client(**options)
    client.force_login(porte(dossier), backend=PORTE)
    return client


def fournir(dossier, code="rib"):
    return reverse("portail:fournir", args=[dossier.pk, code])


def envoyer(client, dossier, nom="rib.pdf", contenu=None):
    return client.post(fournir(dossier), {"fichier": envoye(nom, pdf() if contenu is None else contenu)})


class Flux(RawIOBase):
    """A body made as it is read: what it holds is never in memory, and what was read of it is known."""

    def __init__(self, *morceaux):
        self.morceaux = list(morceaux)
        self.lus = 0

    def read(self, taille=-1):
        sortie = b""
        while self.morceaux and (taille < 0 or len(sortie) < taille):
            reste = len(sortie) + len(self.morceaux[0]) if taille < 0 else taille
            morceau = self.morceaux[0]
            pris = morceau[: reste - len(sortie)]
            sortie += pris
            self.morceaux[0:1] = [morceau[len(pris) :]] if len(pris) < len(morceau) else []
        self.lus += len(sortie)
        return sortie


def corps(jeton, blocs, nom="lourd.pdf"):
    """The body of a form, its file made of `blocs` blocks of 1 MiB that are one and the same object."""
    tete = (
        f'--{FRONTIERE}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{jeton}\r\n'
        f'--{FRONTIERE}\r\nContent-Disposition: form-data; name="fichier"; filename="{nom}"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF-1.4\n"
    ).encode()
    fin = f"%%EOF\r\n--{FRONTIERE}--\r\n".encode()
    bloc = b" " * 2**20
    return [tete, *[bloc] * blocs, fin]


def poster(client, dossier, morceaux):
    """As a server hands it over, the body not yet read. Returns (status, bytes read, peak of memory in bytes)."""
    flux = Flux(*morceaux)
    environ = client._base_environ(
        REQUEST_METHOD="POST", PATH_INFO=fournir(dossier), CONTENT_TYPE=f"multipart/form-data; boundary={FRONTIERE}",
        CONTENT_LENGTH=str(sum(map(len, morceaux))), **{"wsgi.input": flux},
    )  # fmt: skip
    tracemalloc.start()
    try:
        statut = client.handler(environ).status_code
        return statut, flux.lus, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def jeton(client, dossier):
    page = client.get(reverse("portail:pieces", args=[dossier.pk]))
    return page.context["csrf_token"]


# Weight.


def test_50_megabytes_are_refused_before_a_byte_is_read(dossier, coffre):
    client = navigateur(dossier, enforce_csrf_checks=True)
    statut, lus, pic = poster(client, dossier, corps(jeton(client, dossier), 50))
    assert (statut, lus) == (413, 0)
    assert pic < 10 * 2**20
    assert not coffre.exists()


def test_a_file_just_under_the_limit_is_taken_in_little_memory(dossier):
    client = navigateur(dossier, enforce_csrf_checks=True)
    statut, lus, pic = poster(client, dossier, corps(jeton(client, dossier), 19))
    assert statut == 302
    assert lus > 19 * 2**20
    assert pic < 10 * 2**20
    assert dossier.pieces.get().taille == 19 * 2**20 + 14


def test_a_file_just_over_the_limit_is_refused_with_what_to_do(dossier, coffre):
    client = navigateur(dossier, enforce_csrf_checks=True)
    morceaux = corps(jeton(client, dossier), 20)
    assert sum(map(len, morceaux)) < settings.PIECE_TAILLE_MAX + 2**16
    assert poster(client, dossier, morceaux)[0] == 409
    assert not coffre.exists()


# Contents.


@pytest.mark.parametrize("nom", MAUVAIS)
def test_a_hostile_content_is_refused_and_leaves_nothing(dossier, coffre, nom):
    reponse = envoyer(navigateur(dossier), dossier, nom, MAUVAIS[nom][0])
    assert reponse.status_code == 409
    assert reponse.context["refus"].message.endswith(".")
    assert not PieceFournie.objects.exists()
    assert not coffre.exists()


def test_a_pdf_that_is_also_a_page_is_only_ever_a_pdf_to_download(dossier):
    """Both at once: nothing tells it from a PDF. What it is served as is what protects."""
    polyglotte = pdf().replace(b"%PDF-1.4\n", b"%PDF-1.4\n%<html><script>alert(document.cookie)</script></html>\n", 1)
    client = navigateur(dossier)
    assert envoyer(client, dossier, contenu=polyglotte).status_code == 302
    reponse = client.get(reverse("portail:piece", args=[dossier.pk, dossier.pieces.get().pk]))
    assert reponse.getvalue() == polyglotte
    assert reponse.headers["Content-Type"] == "application/pdf"
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="rib.pdf"'
    assert reponse.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        reponse.headers["Content-Security-Policy"]
        == "sandbox; default-src 'none'; img-src 'self'; frame-ancestors 'none'"
    )


# Names.


@pytest.mark.parametrize(
    ("nom", "garde"),
    [
        ("../../../etc/cron.d/rib.pdf", "rib.pdf"),
        ("C:\\Users\\moi\\rib.pdf", "rib.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
    ],
)
def test_a_path_in_a_name_is_not_one_here(dossier, coffre, nom, garde):
    """Django cuts what is before the name and what cannot be seen; the name of the file kept is its hash anyway."""
    corps_brut = [
        f'--{FRONTIERE}\r\nContent-Disposition: form-data; name="fichier"; filename="{nom}"\r\n\r\n'.encode(),
        pdf(),
        f"\r\n--{FRONTIERE}--\r\n".encode(),
    ]
    assert poster(navigateur(dossier), dossier, corps_brut)[0] == 302
    piece = dossier.pieces.get()
    assert piece.nom == garde
    assert [f.name for f in coffre.rglob("*") if f.is_file()] == [piece.empreinte]


def test_a_name_of_300_characters_is_refused(dossier):
    reponse = envoyer(navigateur(dossier), dossier, "a" * 300 + ".pdf")
    assert reponse.status_code == 409
    assert "Renommez-le plus court" in reponse.context["refus"].message


@essais(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=40))
def test_whatever_the_name_it_is_taken_or_refused(dossier, coffre, nom):
    fichier = BytesIO(pdf())
    fichier.name = f"{nom}.pdf"
    reponse = navigateur(dossier).post(fournir(dossier), {"fichier": fichier})
    assert reponse.status_code in (302, 409)
    for trouve in (f for f in coffre.rglob("*") if f.is_file()):
        assert trouve.parent == coffre / str(dossier.pk)
        assert len(trouve.name) == 64


@pytest.mark.parametrize("envoi", [{}, {"fichier": ""}, {"fichier": "texte"}, {"autre": "x"}])
def test_a_form_without_its_file_is_said(dossier, envoi):
    reponse = navigateur(dossier).post(fournir(dossier), envoi)
    assert reponse.status_code == 409
    assert "Choisissez un fichier" in reponse.context["refus"].message


def test_a_body_cut_short_is_refused(dossier):
    coupe = corps("x", 0)[:1]
    assert poster(navigateur(dossier), dossier, coupe)[0] in (400, 409)
    assert not PieceFournie.objects.exists()


# Other people's dossiers.


@pytest.fixture
def piece(dossier):
    envoyer(navigateur(dossier), dossier)
    return dossier.pieces.get()


LECTURES = ("piece", "apercu", "lire", "tableur")


def test_another_porteur_finds_nothing_at_any_address(dossier, autre, piece):
    etranger = navigateur(autre)
    for nom in LECTURES:
        for pk in (dossier.pk, autre.pk):
            assert etranger.get(reverse(f"portail:{nom}", args=[pk, piece.pk])).status_code == 404, nom
    assert etranger.get(reverse("portail:pieces", args=[dossier.pk])).status_code == 404
    assert envoyer(etranger, dossier).status_code == 404
    for section in Section.values:
        assert etranger.post(reverse("portail:joindre", args=[dossier.pk, section])).status_code == 404
        adresse = reverse("portail:formulaire", args=[dossier.pk, section, "310000010"])
        assert etranger.get(adresse).status_code == 404
        assert etranger.post(adresse).status_code == 404
        assert etranger.post(f"{adresse}reprendre/", {"de": "310000010"}).status_code == 404
    assert dossier.pieces.count() == 1


def test_an_og_of_another_grappe_has_no_form_here(dossier, autre):
    client = navigateur(dossier)
    og = autre.grappe.membres.presents().first().essms.og.finess
    for finess in (og, "999999999", "joindre-toi", "310000010.postes"):
        assert (
            client.get(reverse("portail:formulaire", args=[dossier.pk, Section.AUTODIAGNOSTIC, finess])).status_code
            == 404
        )


def test_a_field_of_another_og_is_not_taken_here(dossier):
    client = navigateur(dossier)
    og = dossier.grappe.membres.presents().first().essms.og.finess
    adresse = reverse("portail:formulaire", args=[dossier.pk, Section.AUTODIAGNOSTIC, og])
    for nom in ("999999999.postes", "postes", f"{og}postes"):
        assert client.post(adresse, {nom: "12", f"vue:{nom}": ""}).status_code == 404
    assert not dossier.saisies.filter(section=Section.AUTODIAGNOSTIC).exists()


def test_sections_that_are_no_documents_have_no_form_here(dossier):
    client = navigateur(dossier)
    og = dossier.grappe.membres.presents().first().essms.og.finess
    for section in (Section.PROJET, Section.ENGAGEMENTS):
        assert client.get(reverse("portail:formulaire", args=[dossier.pk, section, og])).status_code == 404
        assert client.post(reverse("portail:joindre", args=[dossier.pk, section])).status_code == 404


def test_an_unknown_document_is_refused(dossier):
    assert navigateur(dossier).post(fournir(dossier, "photo"), {"fichier": envoye("a.pdf", pdf())}).status_code == 409
    partie = navigateur(dossier).post(
        fournir(dossier, "photo"), {"fichier": envoye("a.pdf", pdf())}, headers={"HX-Request": "true"}
    )
    assert partie.status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(dossier, piece):
    anonyme = Client()
    for nom in LECTURES:
        reponse = anonyme.get(reverse(f"portail:{nom}", args=[dossier.pk, piece.pk]))
        assert (reponse.status_code, "connexion" in reponse.headers["Location"]) == (302, True), nom
    assert envoyer(anonyme, dossier).status_code == 302
    assert dossier.pieces.count() == 1


def test_without_the_token_nothing_is_taken(dossier, coffre):
    client = navigateur(dossier, enforce_csrf_checks=True)
    assert envoyer(client, dossier).status_code == 403
    assert client.post(reverse("portail:joindre", args=[dossier.pk, Section.AUTODIAGNOSTIC])).status_code == 403
    assert not PieceFournie.objects.exists()
    assert not coffre.exists()


def test_a_document_is_given_by_post_only(dossier):
    assert navigateur(dossier).get(fournir(dossier)).status_code == 405


# The moment of filing.


def test_a_dossier_just_filed_takes_no_more_documents(db, coffre):
    dossier = amener(campagne().dossier("D1"), "depose")
    client = navigateur(dossier)
    reponse = envoyer(client, dossier)
    assert reponse.status_code == 409
    assert "ne changent plus" in reponse.context["refus"].message
    assert 'type="file"' not in reponse.content.decode()
    assert not coffre.exists()
    assert client.get(reverse("portail:pieces", args=[dossier.pk])).status_code == 302
