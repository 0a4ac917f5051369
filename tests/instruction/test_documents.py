"""Documents shown in place: each as what it is, shut in; what would act is only ever handed over."""

import zlib
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from aap.documents.depot import deposit
from aap.documents.inerte import INSPECTES, is_inert
from config import stockage
from instruction.documents.lecture import TEXTE_MONTRE, as_text
from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.fichiers import BONS, envoye, pdf, png
from tests.instruction.campagne import text


@pytest.fixture(autouse=True)
def coffre(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    return tmp_path / "pieces"


@pytest.fixture
def dossier(db):
    return campagne().dossier("D1")


def signed_in(qui) -> Client:
    client = Client()
    client.force_login(qui, backend=PORTE)
    return client


def given(dossier, nom: str, contenu: bytes, code: str = "autre"):
    deposit(dossier, personne("porteur"), code=code, fichier=envoye(nom, contenu))
    return dossier.pieces.latest("pk")


def seen(dossier, piece, qui="instructeur", *, htmx: bool = False) -> str:
    entetes = {"HX-Request": "true"} if htmx else {}
    reponse = signed_in(personne(qui)).get(reverse("piece-voir", args=[dossier.pk, piece.pk]), headers=entetes)
    assert reponse.status_code == 200
    return reponse.content.decode()


@pytest.mark.parametrize(
    ("nom", "montre"),
    [
        ("scan.png", "<img"),
        ("photo.jpeg", "<img"),
        ("lettre.pdf", "<iframe"),
        ("note.txt", "Une note, écrite sous Windows."),
        ("essms.csv", "310000010;Les Tilleuls é"),
        ("cadre.docx", "ne se montre pas dans la page"),
        ("tableau.ods", "ne se montre pas dans la page"),
    ],
)
def test_each_format_is_shown_as_what_it_is(nom: str, montre: str, dossier):
    assert montre in seen(dossier, given(dossier, nom, BONS[nom]))


def test_the_part_of_the_page_is_not_a_page(dossier):
    piece = given(dossier, "scan.png", png())
    partie = seen(dossier, piece, htmx=True)
    assert "<img" in partie
    assert "<html" not in partie


def test_a_text_that_looks_like_a_page_is_text(dossier):
    piece = given(dossier, "note.txt", "Écrire <b onclick=alert(1)>ici</b>, puis &amp;".encode())
    assert "Écrire &lt;b onclick=alert(1)&gt;ici&lt;/b&gt;, puis &amp;amp;" in seen(dossier, piece)


def test_a_pdf_that_acts_is_not_shown_and_can_be_kept(dossier):
    piece = given(
        dossier, "piege.pdf", pdf().replace(b"/Type /Catalog", b"/OpenAction << /S /JavaScript >> /Type /Catalog")
    )
    assert "s'exécutent à l'ouverture" in text(seen(dossier, piece))
    client = signed_in(personne("instructeur"))
    assert client.get(reverse("piece-apercu", args=[dossier.pk, piece.pk])).status_code == 404
    gardee = client.get(reverse("piece", args=[dossier.pk, piece.pk]))
    assert gardee.getvalue().startswith(b"%PDF")
    assert gardee["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("nom", ["note.txt", "essms.csv", "cadre.docx"])
def test_only_images_and_pdf_are_served_to_be_framed(nom: str, dossier):
    piece = given(dossier, nom, BONS[nom])
    client = signed_in(personne("instructeur"))
    assert client.get(reverse("piece-apercu", args=[dossier.pk, piece.pk])).status_code == 404


def test_a_document_without_a_file_says_so(dossier):
    agir(dossier, "fournir_piece", "porteur", code="rib", nom="rib.pdf")
    piece = dossier.pieces.filter(code="rib").latest("pk")
    dit = text(piece.mention)
    assert dit[1:] in text(seen(dossier, piece))
    lue = text(signed_in(personne("instructeur")).get(reverse("dossier", args=[dossier.pk])).content.decode())
    assert dit in lue
    assert piece.empreinte in lue


@pytest.mark.parametrize("nom", ["piece", "piece-lire", "piece-tableur"])
def test_what_is_asked_of_a_document_without_a_file_leads_to_the_page_that_says_so(nom: str, dossier):
    agir(dossier, "fournir_piece", "porteur", code="rib", nom="rib.pdf")
    piece = dossier.pieces.filter(code="rib").latest("pk")
    reponse = signed_in(personne("instructeur")).get(reverse(nom, args=[dossier.pk, piece.pk]), follow=True)
    assert reponse.redirect_chain == [(reverse("piece-voir", args=[dossier.pk, piece.pk]), 302)]
    assert "rien à montrer ni à télécharger" in text(reponse.content.decode())


def test_versions_are_counted_from_the_first(dossier):
    for contenu in ("un", "deux"):
        given(dossier, "rib.pdf", pdf(contenu), code="rib")
    lue = text(signed_in(personne("instructeur")).get(reverse("dossier", args=[dossier.pk])).content.decode())
    assert "Version 3 ·" in lue
    assert "2 versions plus anciennes" in lue


@pytest.mark.parametrize("nom", ["piece", "piece-voir", "piece-apercu"])
@pytest.mark.parametrize(
    ("qui", "code"),
    [("instructeur", 200), ("conseiller_grades", 200), ("porteur", 200), ("porteur:autre", 404), ("ailleurs", 404)],
)
def test_a_document_is_for_whoever_reads_its_dossier(nom: str, qui: str, code: int, dossier):
    piece = given(dossier, "scan.png", png())
    lecteur = personne("instructeur:ailleurs", "11") if qui == "ailleurs" else personne(qui)
    reponse = signed_in(lecteur).get(reverse(nom, args=[dossier.pk, piece.pk]))
    assert reponse.getvalue()  # read to its end, which closes the file
    assert reponse.status_code == code
    autre = campagne(code="OCC-AUTRE").dossier("D1")
    assert signed_in(lecteur).get(reverse(nom, args=[autre.pk, piece.pk])).status_code == 404
    assert Client().get(reverse(nom, args=[dossier.pk, piece.pk])).status_code == 302


# What acts in a PDF.


def stream(contenu: bytes) -> bytes:
    serre = zlib.compress(contenu)
    return b"%%PDF-1.5\n1 0 obj << /Type /ObjStm /Filter /FlateDecode /Length %d >>\nstream\n" % len(serre) + serre


@pytest.mark.parametrize(
    "contenu",
    [
        pdf(),
        pdf("Un /JavaScript dans une phrase n'est qu'un texte").replace(b"/JavaScript", b"JavaScript"),
        stream(b"<< /Type /Page /JSomething 1 >>"),
        b"<< /Type /Catalog /OpenAction [3 0 R /XYZ null null 0] >>",
        b"",
    ],
)
def test_what_does_nothing_is_inert(contenu: bytes):
    assert is_inert(BytesIO(contenu))


@pytest.mark.parametrize(
    "contenu",
    [
        b"<< /S /JavaScript /JS (app.alert(1)) >>",
        b"<< /S /J#61vaScript >>",
        b"<</JS(x)>>",
        b"<< /OpenAction 5 0 R >>",
        b"<< /AA << /O 3 0 R >> >>",
        b"<< /Launch (cmd.exe) >>",
        b"<< /Names << /EmbeddedFiles 2 0 R >> >>",
        b"<< /AcroForm << /XFA 4 0 R >> >>",
        b"trailer << /Encrypt 9 0 R >>",
        stream(b"<< /S /JavaScript >>"),
        stream(b" " * 2**20 + b"<</S/Launch>>"),
    ],
)
def test_what_acts_is_found_in_the_clear_and_packed(contenu: bytes):
    assert not is_inert(BytesIO(contenu))


def test_what_is_too_large_to_be_looked_at_is_not_inert():
    assert not is_inert(BytesIO(stream(b" " * (INSPECTES + 1))))


def test_a_text_cut_in_the_middle_of_a_letter_is_still_a_text():
    texte, entier = as_text(BytesIO("é".encode() * TEXTE_MONTRE))
    assert set(texte) == {"é"}
    assert not entier
    assert as_text(BytesIO(b"\xef\xbb\xbfa;b")) == ("a;b", True)
    assert as_text(BytesIO("é".encode("cp1252"))) == ("é", True)


def test_the_story_of_complements_keeps_its_documents(dossier):
    """What answers a request is not shown to the officer before the answer is."""
    amener(dossier, "a_completer")
    given(dossier, "devis.pdf", pdf())
    agent = signed_in(personne("instructeur"))
    adresse = reverse("dossier", args=[dossier.pk])
    assert "devis.pdf" not in text(agent.get(adresse).content.decode())
    agir(dossier, "completer", "porteur", jour="2022-04-20")
    assert "devis.pdf" in text(agent.get(adresse).content.decode())
