"""Step 4: each document due, what was given of it, and forms in place of documents."""

import csv
import hashlib
import json
from datetime import date
from html import unescape
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from aap.documents.depot import deposit
from aap.examen import facts
from aap.models import Format, Section
from config import stockage
from moteur import horloge
from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.fichiers import BONS, envoye, pdf, png

DIAGNOSTIC = {
    "dui": "partiel", "postes": "12", "mobiles": "3", "reseau": "fibre", "mssante": "oui", "ins": "non",
    "referent": "oui", "sauvegardes": "non", "securite": "ecrite",
}  # fmt: skip


@pytest.fixture(autouse=True)
def coffre(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    return tmp_path / "pieces"


@pytest.fixture
def dossier(db):
    """A draft of two OGs, one of them small, that asks for equipment; nothing is given yet."""
    demande = {"pieces": [], "essms": 16, "og": 2, "options": {"equipement": True}}
    return campagne(dossiers=[demande]).dossier("D1")


@pytest.fixture
def porteur(dossier):
    return dossier.dossieruserobjectpermission_set.get().user


@pytest.fixture
def client(porteur):
    navigateur = Client()
    navigateur.force_login(porteur, backend=PORTE)
    return navigateur


def page(dossier):
    return reverse("portail:pieces", args=[dossier.pk])


def envoyer(client, dossier, nom="rib.pdf", contenu=None, code="rib", **entetes):
    adresse = reverse("portail:fournir", args=[dossier.pk, code])
    return client.post(adresse, {"fichier": envoye(nom, pdf() if contenu is None else contenu)}, headers=entetes)


def telecharger(client, piece, quoi="piece"):
    """The answer, its file read to the end, which closes it: `lu` holds it."""
    reponse = client.get(reverse(f"portail:{quoi}", args=[piece.dossier_id, piece.pk]))
    reponse.lu = reponse.getvalue()
    return reponse


def test_each_document_due_says_what_it_is_and_where_to_give_it(client, dossier):
    texte = client.get(page(dossier)).content.decode()
    for code in (
        "cadre_de_reponse",
        "lettre_engagement",
        "tableau_essms",
        "chiffrage",
        "rib",
        "convention_partenariat",
        "autre",
    ):
        assert f'id="champ-piece-{code}"' in texte, code
    assert texte.count("Manquante") == 5
    assert "Facultatif" in texte
    assert "FAQ GRADeS Occitanie" in texte
    assert "bons_commande_sons" not in texte


def test_every_missing_document_is_linked_to_where_it_is_given(client, dossier):
    """The last step links to ids of this page."""
    texte = client.get(page(dossier)).content.decode()
    manques = (
        client.get(reverse("portail:etape", args=[dossier.pk, "depot"])).context["panneau"].avancement.manques["pieces"]
    )
    assert len(manques) == 5
    assert [manque.champ for manque in manques if f'id="champ-{manque.champ}"' not in texte] == []


def test_without_javascript_a_file_is_given_by_its_button(client, dossier):
    reponse = envoyer(client, dossier)
    assert (reponse.status_code, reponse.headers["Location"]) == (302, page(dossier))
    texte = client.get(page(dossier)).content.decode()
    assert "Fournie le" in texte
    assert hashlib.sha256(pdf()).hexdigest()[:12] in texte
    assert str(dossier.pieces.get().par) in texte


def test_with_javascript_only_its_part_and_the_panel_come_back(client, dossier):
    texte = envoyer(client, dossier, **{"HX-Request": "true"}).content.decode()
    assert 'id="piece-rib"' in texte
    assert "Document reçu et enregistré." in texte
    assert 'id="piece-chiffrage"' not in texte
    assert 'hx-swap-oob="true"' in texte


def test_a_refusal_says_what_to_do_on_the_page_and_in_its_part(client, dossier):
    entiere = envoyer(client, dossier, contenu=b"<html>")
    assert entiere.status_code == 409
    texte = entiere.content.decode()
    assert texte.count("page web") == 1
    assert "<title>Erreur" in texte
    part = envoyer(client, dossier, contenu=b"<html>", **{"HX-Request": "true"})
    assert (part.status_code, part.content.decode().count("page web")) == (409, 1)
    assert not dossier.pieces.exists()


def test_the_last_version_counts_and_the_older_ones_stay_readable(client, dossier):
    for texte in ("un", "deux"):
        envoyer(client, dossier, contenu=pdf(texte))
    assert "1\u00a0version plus ancienne" in client.get(page(dossier)).content.decode()
    derniere, premiere = dossier.pieces.all()
    assert telecharger(client, premiere).lu == pdf("un")
    assert telecharger(client, derniere).lu == pdf("deux")


def test_documents_given_without_content_are_shown_without_a_link(client, dossier):
    agir(dossier, "fournir_piece", "porteur", code="rib")
    texte = client.get(page(dossier)).content.decode()
    assert "empreinte SHA-256 non connue\u00a0: document annoncé, dont le contenu n&#x27;a pas été reçu ici" in texte
    assert ("Fournie le" in texte, "Annoncée le" in texte, "SHA-256 <code" in texte) == (False, True, False)
    assert "n'a pas été reçu" in unescape(client.get(telecharger(client, dossier.pieces.get()).url).content.decode())


@pytest.mark.parametrize("nom", BONS)
def test_what_is_served_is_what_was_found_never_what_was_said(client, dossier, nom):
    envoyer(client, dossier, nom, BONS[nom])
    piece = dossier.pieces.get()
    reponse = telecharger(client, piece)
    assert reponse.lu == BONS[nom]
    assert reponse.headers["Content-Type"] == Format(piece.format).mime
    assert reponse.headers["Content-Type"] not in ("text/html", "image/svg+xml")
    assert reponse.headers["Content-Disposition"].startswith("attachment;")
    assert reponse.headers["X-Content-Type-Options"] == "nosniff"
    assert reponse.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert reponse.streaming


@pytest.mark.parametrize("nom", ["scan.png", "rib.pdf"])
def test_what_is_shown_is_shut_in_and_framed_by_us_alone(client, dossier, nom):
    envoyer(client, dossier, nom, png() if nom == "scan.png" else pdf())
    montree = telecharger(client, dossier.pieces.get(), "apercu")
    assert montree.headers["Content-Disposition"].startswith("inline;")
    assert montree.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert montree.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert montree.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_officers_of_the_region_read_and_others_do_not(client, dossier):
    envoyer(client, dossier)
    piece = dossier.pieces.get()
    for qui, region, attendu in (("instructeur", "76", 200), ("auditeur", None, 200), ("instructeur:autre", "11", 404)):
        lecteur = Client()
        lecteur.force_login(personne(qui, region), backend=PORTE)
        assert telecharger(lecteur, piece).status_code == attendu, qui
        assert lecteur.get(page(dossier)).status_code == 404


def test_any_other_document_may_be_added(client, dossier):
    for nom in ("organigramme.pdf", "plan.png"):
        envoyer(client, dossier, nom, BONS["scan.png"] if nom.endswith("png") else None, code="autre")
    texte = client.get(page(dossier)).content.decode()
    assert "organigramme.pdf" in texte
    assert "plan.png" in texte
    assert "version plus ancienne" not in texte


def test_the_page_costs_the_same_with_200_versions(client, dossier, porteur, django_assert_max_num_queries):
    deposit(dossier, porteur, code="rib", fichier=envoye("rib.pdf", pdf()))
    with django_assert_max_num_queries(200) as peu:
        client.get(page(dossier))
    for rang in range(199):
        deposit(dossier, porteur, code="rib", fichier=envoye("rib.pdf", pdf(str(rang))))
    with django_assert_max_num_queries(len(peu.captured_queries)):
        assert "199\u00a0versions plus anciennes" in client.get(page(dossier)).content.decode()


@pytest.mark.parametrize("essms", [16, 200])
def test_the_page_costs_at_most_twelve_queries(essms, db, django_assert_max_num_queries):
    dossier = campagne(dossiers=[{"pieces": ["rib"], "essms": essms, "og": 4}]).dossier("D1")
    navigateur = Client()
    navigateur.force_login(dossier.dossieruserobjectpermission_set.get().user, backend=PORTE)
    with django_assert_max_num_queries(12):
        assert navigateur.get(page(dossier)).status_code == 200
    og = facts(dossier).ogs[0].finess
    with django_assert_max_num_queries(12):
        assert navigateur.get(formulaire(dossier, og)).status_code == 200


# Forms in place of documents.


def formulaire(dossier, og, section=Section.AUTODIAGNOSTIC):
    return reverse("portail:formulaire", args=[dossier.pk, section, og])


def repondre(client, dossier, og, **valeurs):
    envoi = {f"vue:{og}.{nom}": "" for nom in valeurs} | {f"{og}.{nom}": valeur for nom, valeur in valeurs.items()}
    return client.post(formulaire(dossier, og), envoi)


def joindre(client, dossier, section=Section.AUTODIAGNOSTIC):
    return client.post(reverse("portail:joindre", args=[dossier.pk, section]))


def test_the_count_follows_a_file_sent_alone(client, dossier):
    part = envoyer(client, dossier, code="cadre_de_reponse", **{"HX-Request": "true"}).content.decode()
    assert 'id="pieces-compte" hx-swap-oob="true"' in part
    assert "<strong>1</strong> sur" in part


def test_a_form_leads_from_og_to_og_then_back(client, dossier):
    un, deux = (og.finess for og in facts(dossier).ogs)
    assert repondre(client, dossier, un, **DIAGNOSTIC).headers["Location"] == formulaire(dossier, deux)
    texte = client.get(page(dossier)).content.decode()
    assert "il manque 9" in texte
    assert "complet" in texte
    assert "Joindre au dossier" not in texte
    retour = repondre(client, dossier, deux, **DIAGNOSTIC).headers["Location"]
    assert retour == f"{page(dossier)}#piece-autodiagnostic_si"
    assert "Joindre au dossier" in client.get(page(dossier)).content.decode()


#: What one OG's answers are worth for another: the counts are its own.
REPRISES = {nom: valeur for nom, valeur in DIAGNOSTIC.items() if nom not in ("postes", "mobiles")}


def reprendre(client, dossier, og, de, section=Section.AUTODIAGNOSTIC):
    return client.post(reverse("portail:reprendre", args=[dossier.pk, section, og]), {"de": de})


def reponses(dossier, og, section=Section.AUTODIAGNOSTIC):
    champs = dossier.saisies.get(section=section).champs
    return {nom.partition(".")[2]: un["valeur"] for nom, un in champs.items() if nom.startswith(f"{og}.")}


def test_the_answers_of_one_og_are_taken_up_for_another_but_its_figures(client, dossier):
    un, deux = (og.finess for og in facts(dossier).ogs)
    assert "Reprendre les réponses" not in client.get(formulaire(dossier, un)).content.decode()
    repondre(client, dossier, un, **DIAGNOSTIC | {"remarques": "Le toit fuit."})
    offre = client.get(formulaire(dossier, deux))
    assert offre.context["preteur"].finess == un
    assert f'name="de" value="{un}"' in offre.content.decode()
    assert "Reprendre les réponses" not in client.get(formulaire(dossier, un)).content.decode()
    version = dossier.saisies.get(section=Section.AUTODIAGNOSTIC).version
    reponse = reprendre(client, dossier, deux, un)
    assert reponse.headers["Location"] == formulaire(dossier, deux)
    assert reponses(dossier, deux) == REPRISES
    assert dossier.saisies.get(section=Section.AUTODIAGNOSTIC).version == version + 1
    lue = client.get(formulaire(dossier, deux)).content.decode()
    assert "Corrigez ce qui diffère" in lue
    assert "Reprendre les réponses" not in lue
    suite = repondre(client, dossier, deux, postes="4", mobiles="1").headers["Location"]
    assert suite.startswith(page(dossier))


def test_taking_up_overwrites_nothing_and_happens_once(client, dossier):
    un, deux = (og.finess for og in facts(dossier).ogs)
    repondre(client, dossier, un, **DIAGNOSTIC)
    repondre(client, dossier, deux, mssante="non", postes="7")
    for _ in range(2):
        assert reprendre(client, dossier, deux, un).status_code == 302
    assert reponses(dossier, deux) == REPRISES | {"mssante": "non", "postes": "7"}
    assert dossier.saisies.get(section=Section.AUTODIAGNOSTIC).version == 3


def test_an_answer_not_understood_is_not_taken_up(client, dossier):
    un, deux = (og.finess for og in facts(dossier).ogs)
    repondre(client, dossier, un, reseau="paille", ins="oui")
    reprendre(client, dossier, deux, un)
    assert reponses(dossier, deux) == {"ins": "oui"}


def test_taking_up_needs_two_ogs_of_this_form(client, dossier):
    un, deux = (og.finess for og in facts(dossier).ogs)
    repondre(client, dossier, un, **DIAGNOSTIC)
    for og, de in ((deux, deux), (deux, ""), (deux, "999999999"), ("999999999", un)):
        assert reprendre(client, dossier, og, de).status_code == 404, (og, de)
    assert reprendre(client, dossier, deux, un, Section.PROJET).status_code == 404
    assert client.get(reverse("portail:reprendre", args=[dossier.pk, Section.AUTODIAGNOSTIC, deux])).status_code == 405
    agir(dossier, "abandonner", dossier.dossieruserobjectpermission_set.get().user, motif="Plus rien.")
    assert reprendre(client, dossier, deux, un).status_code == 404
    assert reponses(dossier, deux) == {}


def test_a_wrong_answer_stays_on_the_page_of_its_og(client, dossier):
    un, deux = (og.finess for og in facts(dossier).ogs)
    reponse = repondre(client, dossier, un, postes="douze")
    assert reponse.status_code == 200
    assert f'id="champ-{un}-postes"' in reponse.content.decode()
    assert "pas un nombre entier" in reponse.content.decode()
    assert repondre(client, dossier, deux, **DIAGNOSTIC).status_code == 302


def test_a_field_of_a_form_is_kept_alone(client, dossier):
    og = facts(dossier).ogs[0].finess
    adresse = reverse("portail:champ", args=[dossier.pk, Section.AUTODIAGNOSTIC])
    reponse = client.post(adresse, {f"{og}.postes": "12", f"vue:{og}.postes": ""})
    assert reponse.status_code == 200
    assert 'value="12"' in client.get(formulaire(dossier, og)).content.decode()


def test_joining_too_early_says_what_is_missing(client, dossier):
    reponse = joindre(client, dossier)
    assert reponse.status_code == 409
    assert "9 à donner" in reponse.content.decode()


@pytest.fixture
def jointe(client, dossier):
    for og in facts(dossier).ogs:
        repondre(client, dossier, og.finess, **DIAGNOSTIC | {"dui_nom": "Titan & Cie"})
    joindre(client, dossier)
    return dossier.pieces.get()


def test_a_joined_form_is_read_and_exported_by_an_officer(jointe):
    agent = Client()
    agent.force_login(personne("instructeur"), backend=PORTE)
    texte = telecharger(agent, jointe, "lire").content.decode()
    assert "Titan &amp; Cie" in texte
    assert "Dans une partie des établissements" in texte
    brut = telecharger(agent, jointe).lu
    assert hashlib.sha256(brut).hexdigest() == jointe.empreinte
    assert json.loads(brut)["formulaire"] == "autodiagnostic"
    tableau = telecharger(agent, jointe, "tableur")
    assert tableau.headers["Content-Disposition"] == 'attachment; filename="autodiagnostic-D1.csv"'
    lignes = list(csv.reader(StringIO(tableau.content.decode("utf-8-sig")), delimiter=";"))
    assert len(lignes) == 1 + 2 * 11


def test_answers_changed_since_are_said_and_may_be_joined_again(client, dossier, jointe):
    og = facts(dossier).ogs[0].finess
    assert "plus ancienne que vos réponses" not in client.get(page(dossier)).content.decode()
    client.post(formulaire(dossier, og), {f"{og}.postes": "13", f"vue:{og}.postes": "12"})
    texte = client.get(page(dossier)).content.decode()
    assert "plus ancienne que vos réponses" in texte
    assert "Joindre de nouveau" in texte
    joindre(client, dossier)
    assert "plus ancienne que vos réponses" not in client.get(page(dossier)).content.decode()
    assert dossier.pieces.count() == 2


def test_a_file_that_is_no_form_is_not_read_as_one(client, dossier):
    envoyer(client, dossier)
    assert telecharger(client, dossier.pieces.get(), "lire").status_code == 404
    assert telecharger(client, dossier.pieces.get(), "tableur").status_code == 404


def test_while_complements_are_awaited_the_panel_reads_the_grappe_of_today(db):
    """As on the other steps: not the grappe that was filed."""
    dossier = amener(campagne().dossier("D1"), "a_completer")
    (partant,) = dossier.grappe.membres.values_list("essms__finess", flat=True)[:1]
    agir(dossier, "composer", "porteur", jour="2022-04-06", retirer=[partant], motif="Il nous quitte.")
    navigateur = Client()
    navigateur.force_login(personne("porteur"), backend=PORTE)
    with horloge.figer(horloge.ouverture(date(2022, 4, 6))):
        vus = [
            navigateur.get(reverse(f"portail:{page}", args=[dossier.pk])).context["panneau"].bloquantes
            for page in ("grappe", "pieces")
        ]
    assert [[regle.code for regle in regles] for regles in vus] == [["MIN_ESSMS"], ["MIN_ESSMS"]]
