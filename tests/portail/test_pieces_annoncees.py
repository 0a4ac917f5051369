"""Documents taken over from Démarches Simplifiées: no SHA-256 anywhere, until the file itself is sent here."""

import hashlib
import re
from base64 import b64decode
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from aap.models import Dossier
from aap.services import share
from config import stockage
from grappes.models import Rattachement
from moteur import horloge
from moteur.models import Entree
from portail.recu.mise_en_page import render
from tests.aap import demarches
from tests.fabriques import PORTE, agir, personne
from tests.fichiers import envoye, pdf
from tests.instruction.campagne import text
from tests.portail.recus import read, squeeze, words

#: What the API gave of the two documents read below.
DEVIS = b64decode("bTiOu0YycpTljfH9LNcNYg==").hex()
MENTION = "empreinte SHA-256 non connue : document annoncé, dont le contenu n'a pas été reçu ici"
SHA256 = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@pytest.fixture(autouse=True)
def jour(settings, tmp_path):
    """Not that of the other tests of the portal: the example came later."""
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    with horloge.figer(demarches.JOUR):
        yield


@pytest.fixture
def porteur(db):
    og = demarches.register_example()
    elle = personne("porteur")
    Rattachement.objects.create(utilisateur=elle, og=og, du=horloge.jour(demarches.JOUR))
    agent = personne("instructeur").username
    call_command("importer_demarche", demarches.EXEMPLE, correspondance=demarches.ESMS, par=agent, stdout=StringIO())
    share(Dossier.objects.get(), elle)
    return elle


@pytest.fixture
def dossier(porteur):
    return Dossier.objects.get()


@pytest.fixture
def client(porteur):
    navigateur = Client()
    navigateur.force_login(porteur, backend=PORTE)
    return navigateur


def shown(client, nom, *args):
    """The text of a page, and all the SHA-256 written in it, titles included."""
    brut = client.get(reverse(nom, args=args)).content.decode()
    return text(brut).replace("\xa0", " "), SHA256.findall(brut)


def test_no_document_of_the_form_has_a_sha256(dossier):
    pieces = {piece.nom: piece for piece in dossier.pieces.all()}
    assert len(pieces) == 6
    assert {piece.empreinte for piece in pieces.values()} == {""}
    assert pieces["devis.pdf"].empreinte_annoncee == ("MD5", DEVIS)
    [entree] = Entree.objects.filter(chaine=dossier.chaine)
    assert entree.donnees.keys() == {"source", "identifiant", "rang"}


def test_the_pages_say_so_and_name_the_md5(client, dossier, porteur):
    dit, sommes = shown(client, "portail:pieces", dossier.pk)
    assert (dit.count(MENTION), sommes) == (6, [])
    assert f"MD5 annoncé {DEVIS[:12]}…" in dit
    assert "Annoncée le 20 juin 2022" in dit
    assert "5 sur 6 documents attendus au dépôt, dont 5 annoncés sans leur contenu." in dit
    give(client, dossier, "rib")
    agir(dossier, "deposer", porteur)
    dit, _ = shown(client, "portail:suivi", dossier.pk)
    assert dit.count(MENTION) == len(dossier.pieces.exclude(code="rib").values("code").distinct("code"))


def test_the_receipt_says_so_and_proves_only_what_came(client, dossier, porteur):
    give(client, dossier, "rib")
    agir(dossier, "deposer", porteur)
    recu = read(dossier)
    dit = words(render(recu))
    assert dit.count(squeeze("Empreinte SHA-256 non connue")) == 6
    assert f"MD5annoncé:{DEVIS}" in dit
    attendues = {recu.empreinte, recu.entree.empreinte, hashlib.sha256(pdf("rib")).hexdigest()}
    assert set(SHA256.findall(dit)) <= attendues
    assert all(une in dit for une in attendues)
    public, sommes = shown(Client(), "recu-public", recu.code)
    assert "ne prouve le contenu d'un document que si l'empreinte SHA-256" in public
    assert sommes == [recu.empreinte]


def test_the_file_itself_gives_its_sha256_in_a_new_version(client, dossier):
    give(client, dossier, "chiffrage")
    recue, *annoncees = dossier.pieces.filter(code="chiffrage")
    assert (recue.empreinte, recue.md5, recue.mention) == (hashlib.sha256(pdf("chiffrage")).hexdigest(), "", "")
    assert ("", DEVIS) in [(une.empreinte, une.md5) for une in annoncees]
    dit, sommes = shown(client, "portail:pieces", dossier.pk)
    assert sommes == [recue.empreinte]
    assert dit.count(MENTION) == 6


def test_the_officer_reads_it_in_the_answer_to_complements(client, dossier, porteur):
    give(client, dossier, "rib")
    agir(dossier, "deposer", porteur)
    agir(dossier, "prendre_en_charge", "instructeur")
    demande = {"motif": "Devis.", "echeance": "2022-07-20"}
    agir(dossier, "demander_complements", "instructeur", **demande)
    agir(dossier, "fournir_piece", porteur, code="chiffrage", nom="devis-2.pdf")
    agir(dossier, "completer", porteur)
    agent = Client()
    agent.force_login(personne("instructeur"), backend=PORTE)
    dit, _ = shown(agent, "dossier", dossier.pk)
    assert "devis-2.pdf" in dit
    assert MENTION in dit


def give(client, dossier, code):
    """Send a file here, as the page does."""
    reponse = client.post(
        reverse("portail:fournir", args=[dossier.pk, code]), {"fichier": envoye(f"{code}.pdf", pdf(code))}
    )
    assert reponse.status_code == 302
