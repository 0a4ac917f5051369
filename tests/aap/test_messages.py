"""Messages: written once, in order, by who may, to who reads; their files are judged like documents."""

from hashlib import sha256

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.messages import DEUX_CLICS, TEXTE_MAX, ecrire_message, mark_read, send, unread
from aap.models import LectureMessage, Message, PieceJointe
from config import stockage
from courriels.models import Courriel, Nature
from courriels.releve import collect
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import amener, campagne, personne
from tests.fichiers import BONS, MAUVAIS, envoye, pdf


@pytest.fixture(autouse=True)
def coffre(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    return tmp_path / "pieces"


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "depose")


def kept(coffre):
    return [un for un in coffre.rglob("*") if un.is_file()]


def test_both_sides_write_in_one_order_and_the_author_has_read_her_own(dossier):
    for qui, texte in (("porteur", "Bonjour"), ("instructeur", "Bonjour à vous"), ("porteur", "Merci")):
        send(dossier, personne(qui), texte=texte)
    assert [(un.rang, un.role, un.texte) for un in dossier.messages.all()] == [
        (1, "porteur", "Bonjour"),
        (2, "instructeur", "Bonjour à vous"),
        (3, "porteur", "Merci"),
    ]
    assert [un.rang for un in unread(dossier, personne("porteur"))] == [2]
    assert [un.rang for un in unread(dossier, personne("instructeur"))] == [1, 3]


def test_the_journal_holds_the_hash_and_never_the_text(dossier):
    send(dossier, personne("porteur"), texte="  Un secret d'été  ")
    entree = Entree.objects.get(action="ecrire_message")
    assert entree.donnees["texte"] == sha256("Un secret d'été".encode()).hexdigest()
    assert "secret" not in str(entree.donnees)
    assert not list(journal.verify([dossier.chaine]))


@pytest.mark.parametrize("qui", ["pilote_national", "auditeur", "administrateur"])
def test_who_reads_every_region_writes_to_nobody(dossier, qui):
    with pytest.raises(Refus) as refus:
        send(dossier, personne(qui, None), texte="Bonjour")
    assert refus.value.code is Code.ROLE_INTERDIT


@pytest.mark.parametrize("qui", ["porteur:autre", "instructeur:ailleurs"])
def test_neither_another_porteur_nor_another_region_writes(dossier, qui):
    with pytest.raises(Refus) as refus:
        send(dossier, personne(qui, "11" if "ailleurs" in qui else "76"), texte="Bonjour")
    assert refus.value.code is Code.HORS_PERIMETRE
    assert not Message.objects.exists()


def test_a_message_of_the_longest_kind_is_kept_whole_and_one_more_sign_is_refused(dossier):
    porteur = personne("porteur")
    assert send(dossier, porteur, texte="é" * TEXTE_MAX).texte == "é" * TEXTE_MAX
    with pytest.raises(Refus, match="20001 caractères"):
        send(dossier, porteur, texte="é" * (TEXTE_MAX + 1))
    with pytest.raises(Refus) as refus:
        ecrire_message(dossier, porteur, texte="é" * (TEXTE_MAX + 1))
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert Message.objects.count() == 1


@pytest.mark.parametrize("texte", ["", "   \n\t ", "a\0b", "\ud800"])
def test_what_is_no_text_is_refused(dossier, texte):
    with pytest.raises(Refus) as refus:
        send(dossier, personne("porteur"), texte=texte)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not Message.objects.exists()


@pytest.mark.parametrize("etat", ["clos", "abandonne"])
def test_a_dossier_just_over_says_what_to_do(db, etat, coffre):
    avant = campagne().dossier("D1")
    amener(avant, etat)
    with pytest.raises(Refus) as refus:
        send(avant, personne("porteur"), texte="Trop tard ?")
    assert refus.value.code is Code.TRANSITION_INTERDITE
    assert "demande d'aide" in refus.value.message
    assert not Message.objects.exists()


@pytest.mark.parametrize("nom", BONS)
def test_a_file_comes_with_a_message(dossier, nom, coffre):
    message = send(dossier, personne("porteur"), texte="Voici.", fichiers=[envoye(nom, BONS[nom])])
    jointe = message.jointes.get()
    assert (jointe.nom, jointe.taille, jointe.empreinte) == (nom, len(BONS[nom]), sha256(BONS[nom]).hexdigest())
    assert [un.read_bytes() for un in kept(coffre)] == [BONS[nom]]


@pytest.mark.parametrize("nom", MAUVAIS)
def test_a_hostile_file_sends_nothing(dossier, nom, coffre):
    contenu, dit = MAUVAIS[nom]
    fichiers = [envoye("bon.pdf", pdf()), envoye(nom, contenu)]
    with pytest.raises(Refus, match=dit) as refus:
        send(dossier, personne("porteur"), texte="Voici.", fichiers=fichiers)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not Message.objects.exists()
    assert kept(coffre) == []


def test_files_of_messages_count_in_the_room_of_the_dossier(dossier, settings):
    settings.PIECES_DOSSIER_MAX = len(pdf()) * 2
    send(dossier, personne("porteur"), texte="Un.", fichiers=[envoye("a.pdf", pdf())])
    with pytest.raises(Refus, match="pèsent déjà"):
        send(dossier, personne("porteur"), texte="Deux.", fichiers=[envoye("a.pdf", pdf()), envoye("b.pdf", pdf("x"))])


def test_six_files_are_too_many(dossier):
    with pytest.raises(Refus, match="5 au plus"):
        send(dossier, personne("porteur"), texte="Voici.", fichiers=[envoye(f"{un}.pdf", pdf()) for un in range(6)])


def test_a_second_click_sends_once_and_the_same_words_later_send_again(dossier):
    porteur, fichier = personne("porteur"), [envoye("a.pdf", pdf())]
    premier = send(dossier, porteur, texte="Merci", fichiers=fichier)
    assert send(dossier, porteur, texte="Merci", fichiers=fichier) == premier
    assert send(dossier, porteur, texte="Merci") != premier
    with horloge.figer(horloge.maintenant() + 2 * DEUX_CLICS):
        send(dossier, porteur, texte="Merci")
    assert dossier.messages.count() == 3


def test_two_clicks_at_once_send_once(base_jetable, en_parallele):
    dossier = amener(campagne().dossier("D1"), "depose")
    porteur = personne("porteur")
    issues = en_parallele(*[lambda: send(dossier, porteur, texte="Merci")] * 3)
    assert {issue.rang for issue in issues} == {1}


def test_reading_is_marked_once_up_to_what_was_seen(dossier):
    for rang in range(3):
        send(dossier, personne("porteur"), texte=f"Message {rang}")
    elle = personne("instructeur")
    assert [mark_read(dossier, elle, 2), mark_read(dossier, elle, 2), mark_read(dossier, elle, 3)] == [2, 0, 1]
    assert LectureMessage.objects.filter(personne=elle).count() == 3


def test_the_other_side_is_told_once_per_message_and_never_the_text(dossier):
    collect()
    personne("instructeur:b")
    Courriel.objects.all().delete()
    send(dossier, personne("instructeur"), texte="Il manque une signature.")
    send(dossier, personne("porteur"), texte="La voici.")
    collect()
    recus = [(un.destinataire.last_name, un.nature) for un in Courriel.objects.order_by("pk")]
    assert len(recus) == 3
    assert (personne("porteur").last_name, Nature.ACTION) in recus
    assert all("signature" not in un.texte and "a écrit un message" in un.texte for un in Courriel.objects.all())


def test_a_message_never_blocks_the_dossier_it_is_about(dossier):
    send(dossier, personne("porteur"), texte="Bonjour")
    assert amener(dossier, "en_recevabilite").etat == "en_recevabilite"


def test_writing_costs_as_much_after_many(dossier):
    porteur = personne("porteur")
    send(dossier, porteur, texte="Un premier, qui apprend ses rôles")
    couts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as requetes:
            send(dossier, porteur, texte="Un message")
        couts.append(len(requetes))
        le = horloge.maintenant()
        dernier = dossier.messages.count()
        Message.objects.bulk_create(
            Message(dossier=dossier, rang=dernier + un, auteur=porteur, role="porteur", texte="x", ecrit_le=le)
            for un in range(1, 301)
        )
    assert couts[0] == couts[1]


def test_two_people_write_at_once_and_both_are_kept_in_order(base_jetable, en_parallele):
    dossier = amener(campagne().dossier("D1"), "depose")
    gens = [personne("porteur"), personne("instructeur")]
    issues = en_parallele(*[lambda qui=qui, n=n: send(dossier, qui, texte=f"{n}") for n, qui in enumerate(gens * 3)])
    assert sorted(issue.rang for issue in issues) == [1, 2, 3, 4, 5, 6]
    assert PieceJointe.objects.count() == 0
