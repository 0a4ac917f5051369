"""The pages of messages, both sides: what is written is shown as text, kept when refused, and nobody else's."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.messages import TEXTE_MAX, send
from aap.models import LectureMessage, Message
from config import stockage
from moteur import horloge
from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.fichiers import MAUVAIS, envoye, pdf

HOSTILE = '<script>alert(1)</script><a href="javascript:x">ici</a> https://exemple.fr {{ 7|add:7 }} \u202etxt'


@pytest.fixture(autouse=True)
def coffre(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}


@pytest.fixture
def camp(db):
    return campagne(dossiers=[{"porteur": "porteur"}, {"porteur": "porteur:b"}])


@pytest.fixture
def dossier(camp):
    return camp.dossier("D1")


def signed_in(qui, region="76", **options):
    navigateur = Client(**options)
    navigateur.force_login(personne(qui, region), backend=PORTE)
    return navigateur


@pytest.fixture
def client(dossier):
    return signed_in("porteur")


@pytest.fixture
def agent(dossier):
    return signed_in("instructeur")


def page(dossier, nom="portail:messages"):
    return reverse(nom, args=[dossier.pk])


def write(client, dossier, texte="Bonjour", nom="portail:messages-ecrire", **fichiers):
    return client.post(page(dossier, nom), {"texte": texte} | fichiers)


def test_an_empty_page_says_what_will_be_there(client, dossier):
    texte = client.get(page(dossier)).content.decode()
    assert "Aucun message pour l'instant" in texte.replace("&#x27;", "'")
    assert "Votre message" in texte


def test_one_writes_the_other_reads_and_answers(client, agent, dossier):
    assert write(client, dossier, "Une question").headers["Location"] == page(dossier)
    lu = agent.get(page(dossier, "messages")).content.decode()
    assert "Une question" in lu
    assert "Nouveau" in lu
    assert write(agent, dossier, "Une réponse", "messages-ecrire").status_code == 302
    assert "Une réponse" in client.get(page(dossier)).content.decode()


def test_what_is_typed_is_shown_as_text_and_no_link_is_made(client, agent, dossier):
    write(client, dossier, HOSTILE)
    for texte in (client.get(page(dossier)).content.decode(), agent.get(page(dossier, "messages")).content.decode()):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in texte
        assert "<script>alert" not in texte
        assert 'href="javascript' not in texte
        assert 'href="https://exemple.fr' not in texte
        assert "{{ 7|add:7 }}" in texte


def test_the_longest_message_is_kept_and_a_longer_one_stays_on_the_page(client, dossier):
    assert write(client, dossier, "a\r\n" * (TEXTE_MAX // 2)).status_code == 302
    trop = write(client, dossier, "b" * (TEXTE_MAX + 1))
    assert trop.status_code == 409
    texte = trop.content.decode()
    assert "b" * (TEXTE_MAX + 1) in texte
    assert "Raccourcissez" in texte
    assert "<title>Erreur" in texte
    assert Message.objects.count() == 1


@pytest.mark.parametrize("nom", ["page.pdf", "dessin.svg", "bombe.docx", "macros.docx"])
def test_a_hostile_file_is_refused_and_the_text_stays(client, dossier, nom):
    contenu, dit = MAUVAIS[nom]
    reponse = write(client, dossier, "Mon texte", fichiers=[envoye("bon.pdf", pdf()), envoye(nom, contenu)])
    assert reponse.status_code == 409
    assert dit in reponse.content.decode()
    assert "Mon texte</textarea>" in reponse.content.decode()
    assert not Message.objects.exists()


def test_a_body_too_heavy_is_not_read(client, agent, dossier, settings):
    settings.PIECE_TAILLE_MAX = 1000
    for qui, nom in ((client, "portail:messages-ecrire"), (agent, "messages-ecrire")):
        lourds = [envoye(fichier, pdf(taille=40_000)) for fichier in ("a.pdf", "b.pdf")]
        reponse = write(qui, dossier, "Lourd", nom, fichiers=lourds)
        assert reponse.status_code == 413
        assert "plusieurs messages" in reponse.content.decode()
    assert not Message.objects.exists()


def test_files_are_handed_to_those_who_read_the_dossier_only(client, agent, dossier):
    write(client, dossier, "Voici", fichiers=[envoye("rib.pdf", pdf())])
    jointe = Message.objects.get().jointes.get()
    adresse = reverse("message-jointe", args=[dossier.pk, jointe.pk])
    for qui in (client, agent):
        reponse = qui.get(adresse)
        assert reponse.getvalue() == pdf()
        assert reponse.headers["Content-Disposition"].startswith("attachment;")
        assert reponse.headers["Content-Security-Policy"].startswith("sandbox;")
        assert reponse.headers["X-Content-Type-Options"] == "nosniff"
    for qui in (signed_in("porteur:b"), signed_in("instructeur:ailleurs", "11")):
        assert qui.get(adresse).status_code == 404
    assert Client().get(adresse).status_code == 302


def test_a_file_is_not_found_under_another_dossier(client, camp, dossier):
    write(client, dossier, "Voici", fichiers=[envoye("rib.pdf", pdf())])
    jointe = Message.objects.get().jointes.get()
    autre = signed_in("porteur:b")
    assert autre.get(reverse("message-jointe", args=[camp.dossier("D2").pk, jointe.pk])).status_code == 404


def test_another_porteurs_dossier_does_not_exist(client, camp):
    autre = camp.dossier("D2")
    for nom in ("portail:messages", "messages"):
        assert client.get(page(autre, nom)).status_code == 404
    for nom in ("portail:messages-ecrire", "portail:messages-lus", "messages-ecrire", "messages-lus"):
        assert client.post(page(autre, nom), {"texte": "Bonjour", "jusqu_a": "1"}).status_code == 404
    assert not Message.objects.exists()


def test_an_officer_of_another_region_finds_nothing(dossier):
    ailleurs = signed_in("instructeur:ailleurs", "11")
    assert ailleurs.get(page(dossier, "messages")).status_code == 404
    assert ailleurs.post(page(dossier, "messages-ecrire"), {"texte": "x"}).status_code == 404


def test_an_auditor_reads_and_cannot_write(client, dossier):
    write(client, dossier)
    auditeur = signed_in("auditeur", None)
    texte = auditeur.get(page(dossier, "messages")).content.decode()
    assert "Bonjour" in texte
    assert "<textarea" not in texte
    assert write(auditeur, dossier, "x", "messages-ecrire").status_code == 409
    assert Message.objects.count() == 1


@pytest.mark.parametrize("nom", ["portail:messages-ecrire", "portail:messages-lus", "messages-ecrire", "messages-lus"])
def test_a_form_from_elsewhere_is_not_believed(dossier, nom):
    strict = signed_in("porteur" if nom.startswith("portail") else "instructeur", enforce_csrf_checks=True)
    assert strict.post(page(dossier, nom), {"texte": "x", "jusqu_a": "1"}).status_code == 403
    assert strict.get(page(dossier, nom)).status_code == 405
    assert not Message.objects.exists()


def test_nothing_else_is_assigned_by_the_form(client, dossier):
    client.post(
        page(dossier, "portail:messages-ecrire"),
        {"texte": "Moi", "role": "responsable", "auteur": "1", "rang": "99", "ecrit_le": "2000-01-01"},
    )
    message = Message.objects.get()
    assert (message.role, message.auteur, message.rang) == ("porteur", personne("porteur"), 1)


def test_a_dossier_just_closed_says_what_to_do_and_keeps_the_text(camp, dossier, client, monkeypatch):
    texte = client.get(page(dossier)).content.decode()
    assert "<textarea" in texte
    agir(dossier, "abandonner", "porteur", motif="Fin.")
    reponse = write(client, dossier, "Mon dernier mot")
    assert reponse.status_code == 409
    texte = reponse.content.decode()
    assert "demande d&#x27;aide" in texte or "demande d'aide" in texte
    assert "Mon dernier mot" in texte
    assert reverse("aide:accueil") in texte
    assert "<textarea" not in client.get(page(dossier)).content.decode()


def test_reading_is_marked_by_the_button_and_by_htmx(client, agent, dossier):
    write(client, dossier)
    assert agent.post(page(dossier, "messages-lus"), {"jusqu_a": "1"}).status_code == 302
    assert (
        agent.post(page(dossier, "messages-lus"), {"jusqu_a": "1"}, headers={"HX-Request": "true"}).status_code == 200
    )
    assert LectureMessage.objects.filter(personne=personne("instructeur")).count() == 1
    assert "Lu par" in client.get(page(dossier)).content.decode()
    for faux in ("", "x", "-1", "9" * 40, "1.5"):
        agent.post(page(dossier, "messages-lus"), {"jusqu_a": faux})
    assert LectureMessage.objects.count() == 2


def test_five_hundred_messages_cost_as_much_as_three(client, agent, dossier):
    adresses = [(client, page(dossier)), (agent, page(dossier, "messages"))]
    for rang in range(3):
        send(dossier, personne("porteur"), texte=f"Message {rang}", fichiers=[envoye("a.pdf", pdf(str(rang)))])
    comptes = []
    for suite in range(2):
        for qui, adresse in adresses:
            qui.get(adresse)
            with CaptureQueriesContext(connection) as requetes:
                lue = qui.get(adresse)
            comptes.append(len(requetes))
        if suite == 0:
            le, auteur = horloge.maintenant(), personne("porteur")
            Message.objects.bulk_create(
                Message(dossier=dossier, rang=rang, auteur=auteur, role="porteur", texte="x" * 500, ecrit_le=le)
                for rang in range(4, 501)
            )
    assert comptes[:2] == comptes[2:]
    assert max(comptes) <= 12
    assert lue.content.decode().count('class="message ') == 25
    derniere = client.get(page(dossier), {"page": "20"}).content.decode()
    assert "Message 0" in derniere
    assert client.get(page(dossier), {"page": "abc"}).status_code == 200


def test_the_dossier_page_leads_to_the_messages(agent, dossier):
    amener(dossier, "depose")
    assert page(dossier, "messages") in agent.get(reverse("dossier", args=[dossier.pk])).content.decode()
