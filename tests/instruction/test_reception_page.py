"""The page where a file of dossiers is handed over: tried, imported, its refused ones handed back. And to whom."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aap.models import Dossier, FichierRecu, Reception
from instruction.depot_de_fichier import forms
from moteur import horloge
from moteur.fichiers import to_json
from tests.aap.envois import AUTRE_OG, JOUR, attacher, dossier, envoi, ouvrir
from tests.fabriques import personne

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def campagne_ouverte() -> Iterator[None]:
    with horloge.figer(JOUR):
        ouvrir()
        yield


@pytest.fixture
def agent(client: Client) -> Client:
    client.force_login(personne("instructeur"))
    return client


def hand_over(client: Client, *dossiers: Any, octets: bytes | None = None, nom: str = "envoi.json") -> HttpResponse:
    contenu = to_json(envoi(*dossiers)) if octets is None else octets
    reponse: HttpResponse = client.post(
        "/importer/essayer/", {"fichier": SimpleUploadedFile(nom, contenu, content_type="text/plain")}
    )  # type: ignore[assignment]
    return reponse


def text(reponse: Any) -> str:
    return " ".join(reponse.content.decode().replace("\u00a0", " ").split())


def test_tried_then_imported_then_the_refused_ones_come_back(agent: Client) -> None:
    assert "Vérifier le fichier" in text(agent.get("/importer/"))
    adresse = hand_over(agent, dossier("A-1"), dossier("A-2", recu_le="20/03/2022"), dossier("A-3"))["Location"]
    assert (Dossier.objects.count(), Reception.objects.count()) == (0, 0)
    essai = text(agent.get(adresse))
    assert "Rien n'est encore enregistré" in essai
    assert "Importer les 2 dossiers valables" in essai
    assert "<code>recu_le</code>" in essai
    assert "écrivez 2022-03-20" in essai
    assert agent.post(f"{adresse}importer/")["Location"] == adresse
    assert sorted(Dossier.objects.values_list("reference", flat=True)) == ["A-1", "A-3"]
    fini = text(agent.get(adresse))
    assert "2 dossiers enregistrés, 0 inchangé, 1 refusé" in fini
    assert "Importer les" not in fini
    for un in Dossier.objects.all():
        assert f'<a href="/dossiers/{un.pk}/">{un.reference}</a>' in fini
    rendus = agent.get(f"{adresse}refuses/")
    assert "attachment" in rendus["Content-Disposition"]
    [rendu] = json.loads(rendus.content)["dossiers"]
    assert (rendu["identifiant"], rendu["motifs"][0]["chemin"]) == ("A-2", "recu_le")
    rendu["recu_le"] = "2022-03-20"
    adresse = hand_over(agent, rendu)["Location"]
    agent.post(f"{adresse}importer/")
    assert Dossier.objects.count() == 3


def test_importing_twice_keeps_the_first_verdicts(agent: Client) -> None:
    adresse = hand_over(agent, dossier())["Location"]
    agent.post(f"{adresse}importer/")
    agent.post(f"{adresse}importer/")
    assert "1 dossier enregistré" in text(agent.get(adresse))
    adresse = hand_over(agent, dossier())["Location"]
    assert "0 dossier valable, 1 inchangé, 0 refusé" in text(agent.get(adresse))


def test_a_porteur_sees_the_refusals_of_ogs_that_are_not_hers(client: Client) -> None:
    client.force_login(attacher(personne("porteur")))
    adresse = hand_over(client, dossier("A-1"), dossier("A-2", porteur={"finess_ej": AUTRE_OG}))["Location"]
    page = text(client.get(adresse))
    assert "Importer le dossier valable" in page
    assert "vous n&#x27;agissez pas pour Fondation Bellevue" in page


def test_rights_are_checked_again_when_importing(client: Client) -> None:
    porteur = attacher(personne("porteur"))
    client.force_login(porteur)
    adresse = hand_over(client, dossier())["Location"]
    porteur.rattachements.all().delete()
    client.post(f"{adresse}importer/")
    assert "1 refusé" in text(client.get(adresse))
    assert Dossier.objects.count() == 0


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "vide"),
        (b"PK\x03\x04\xff", "UTF-8"),
        (b'{"version": 1,}', "ligne 1, colonne 15"),
        (b"[]", "objet attendu"),
        (b'{"version": 1, "source": "x", "dossiers": []}', "aucun dossier"),
        (to_json(envoi(*range(forms.DOSSIERS_MAX + 1))), "201 dossiers, cette page en prend 200"),
    ],
    ids=["empty", "zip", "comma", "list", "none", "many"],
)
def test_what_is_not_a_file_of_dossiers_says_so_beside_the_field(agent: Client, octets: bytes, phrase: str) -> None:
    """Whatever its name and its announced type: only its content counts."""
    reponse = hand_over(agent, octets=octets, nom="dossiers.json")
    assert reponse.status_code == 422
    assert phrase in text(reponse)
    assert FichierRecu.objects.count() == 0


def test_a_file_too_large_is_not_even_read(agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "TAILLE_MAX", 2**20)
    reponse = hand_over(agent, octets=b" " * (2**20 + 1))
    assert "dépasse 1 Mo" in text(reponse)


def test_no_file_at_all(agent: Client) -> None:
    assert "Choisissez d&#x27;abord un fichier" in text(agent.post("/importer/essayer/"))


def test_a_name_or_a_text_is_shown_as_text(agent: Client) -> None:
    adresse = hand_over(agent, dossier("<b>A</b>", segur="<script>"), nom="<i>.json")["Location"]
    page = text(agent.get(adresse))
    assert "<b>A</b>" not in page
    assert "<script>" not in page.split("<main")[1]


# Who.


@pytest.mark.parametrize("role", ["comptable", "conseiller_grades", "auditeur", "pilote_national"])
def test_those_who_import_nothing_are_refused(client: Client, role: str) -> None:
    garde = FichierRecu.objects.create(nom="x", contenu=b"", bilan={}, par=personne("porteur"), recu_le=JOUR)
    client.force_login(personne(role))
    assert client.get("/importer/").status_code == 403
    assert hand_over(client, dossier()).status_code == 403
    for adresse in (f"/importer/{garde.pk}/", f"/importer/{garde.pk}/refuses/"):
        assert client.get(adresse).status_code == 403
    assert client.post(f"/importer/{garde.pk}/importer/").status_code == 403


def test_the_file_of_another_does_not_exist(agent: Client, client: Client) -> None:
    adresse = hand_over(agent, dossier(), dossier("A-2", segur=1))["Location"]
    client.force_login(personne("responsable"))
    for cle in (adresse, f"/importer/{uuid4()}/"):
        assert client.get(cle).status_code == 404
        assert client.get(f"{cle}refuses/").status_code == 404
        assert client.post(f"{cle}importer/").status_code == 404
    assert Dossier.objects.count() == 0


def test_a_visitor_signs_in_first(client: Client) -> None:
    assert client.get("/importer/")["Location"] == "/connexion/?next=/importer/"
    assert hand_over(client, dossier())["Location"].startswith("/connexion/")
    assert client.post(f"/importer/{uuid4()}/importer/")["Location"].startswith("/connexion/")
    assert FichierRecu.objects.count() == 0


def test_nothing_is_written_by_get_nor_without_a_token(agent: Client) -> None:
    adresse = hand_over(agent, dossier())["Location"]
    assert agent.get("/importer/essayer/").status_code == 405
    assert agent.get(f"{adresse}importer/").status_code == 405
    assert agent.post("/importer/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(personne("instructeur"))
    assert hand_over(strict, dossier()).status_code == 403
    assert strict.post(f"{adresse}importer/").status_code == 403
    assert Dossier.objects.count() == 0


def test_the_list_shows_the_way_to_those_who_may(agent: Client) -> None:
    assert "/importer/" in text(agent.get("/"))
    agent.force_login(personne("auditeur"))
    assert "/importer/" not in text(agent.get("/"))


# Keeping.


def test_old_files_are_forgotten(agent: Client) -> None:
    hand_over(agent, dossier())
    with horloge.figer(JOUR + timedelta(days=8)):
        agent.force_login(personne("instructeur"))
        hand_over(agent, dossier("A-2"))
    assert FichierRecu.objects.count() == 1


def test_the_verdicts_cost_the_same_however_many_there_are(agent: Client) -> None:
    def queries(nombre: int) -> int:
        adresse = hand_over(
            agent, *(dossier(f"A-{rang}", essms=range(2), aide_demandee=None) for rang in range(nombre))
        )["Location"]
        agent.post(f"{adresse}importer/")
        with CaptureQueriesContext(connection) as vues:
            agent.get(adresse)
        return len(vues)

    queries(1)
    assert queries(2) == queries(12) <= 10


@pytest.mark.parametrize("nom", ["dossiers-exemple.json", "dossiers.schema.json"])
def test_an_example_and_the_format_are_handed_out(agent: Client, nom: str) -> None:
    assert f"/importer/modele/{nom}" in text(agent.get("/importer/"))
    reponse = agent.get(f"/importer/modele/{nom}")
    assert json.loads(reponse.content)["version" if nom.startswith("dossiers-") else "$schema"]
    assert reponse["Content-Disposition"].startswith("attachment")


def test_nothing_else_is_handed_out(agent: Client) -> None:
    assert agent.get("/importer/modele/settings.py").status_code == 404


def test_many_reasons_are_told_in_words_and_the_last_ones_unfold(agent: Client) -> None:
    inconnus = [{"finess_et": f"31000{rang:04d}", "nom": "EHPAD"} for rang in range(8)]
    un = dossier("A-1")
    un["grappe"]["essms"] = inconnus
    page = text(agent.get(hand_over(agent, un)["Location"]))
    assert "<strong>Établissement 1</strong>" in page
    assert "<summary>" in page
