"""Documents in a store that speaks S3, on this machine: as on the disc, they come, are read, and orphans are swept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from moto.server import ThreadedMotoServer

from aap.documents.balayage import sweep
from aap.documents.depot import deposit
from aap.documents.entrepot import holds, keep, read
from aap.models import Dossier
from config import stockage
from tests.fabriques import PORTE, campagne, personne
from tests.fichiers import envoye, pdf

ACCES = {"aws_access_key_id": "cle", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def adresse() -> Iterator[str]:
    serveur = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    serveur.start()
    _, port = serveur.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    serveur.stop()


@pytest.fixture
def seau(adresse: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Any:
    """The store as the environment configures it, and its bucket seen from outside."""
    nom = tmp_path.name.replace("_", "-")
    boto3.client("s3", endpoint_url=adresse, **ACCES).create_bucket(Bucket=nom)
    variables = {"BUCKET": nom, "ENDPOINT": adresse, "REGION": "us-east-1", "KEY": "cle", "SECRET": "secret"}
    for variable, valeur in variables.items():
        monkeypatch.setenv(f"PIECES_S3_{variable}", valeur)
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.documents(tmp_path)}
    return boto3.resource("s3", endpoint_url=adresse, **ACCES).Bucket(nom)


@pytest.fixture
def dossier(db: None, seau: Any) -> Dossier:
    return campagne(dossiers=[{"pieces": []}]).dossier("D1")


def give(dossier: Dossier, contenu: bytes) -> Any:
    deposit(dossier, personne("porteur"), code="rib", fichier=envoye("rib.pdf", contenu))
    return dossier.pieces.latest("pk")


def test_a_document_is_kept_under_its_sha_256_and_read_back(dossier: Dossier, seau: Any) -> None:
    contenu = pdf("Relevé")
    piece = give(dossier, contenu)
    cles = [objet.key for objet in seau.objects.filter(Prefix=f"{dossier.pk}/")]
    assert cles == [f"{dossier.pk}/{piece.empreinte}"]
    with read(piece) as lu:
        assert lu.read() == contenu


def test_it_is_served_by_the_program_alone(dossier: Dossier, adresse: str) -> None:
    contenu = pdf("Relevé servi")
    piece = give(dossier, contenu)
    porteur, autre = Client(), Client()
    porteur.force_login(personne("porteur"), backend=PORTE)
    autre.force_login(personne("porteur:b"), backend=PORTE)
    lien = reverse("portail:piece", args=[dossier.pk, piece.pk])
    assert b"".join(porteur.get(lien).streaming_content) == contenu  # type: ignore[attr-defined]
    assert autre.get(lien).status_code == 404


def test_what_no_row_names_is_swept_and_the_rest_stays(dossier: Dossier, seau: Any) -> None:
    piece = give(dossier, pdf("Gardé"))
    orphelin = "a" * 64
    keep(dossier, orphelin, ContentFile(b"oublie"))
    bilan = sweep(age=timedelta(0))
    assert list(bilan.orphelins) == [f"{dossier.pk}/{orphelin}"]
    assert not holds(f"{dossier.pk}/{orphelin}")
    assert holds(f"{dossier.pk}/{piece.empreinte}")


def test_a_content_the_store_lost_is_said_lost(dossier: Dossier, seau: Any) -> None:
    piece = give(dossier, pdf("Perdu"))
    seau.Object(f"{dossier.pk}/{piece.empreinte}").delete()
    with pytest.raises(FileNotFoundError):
        read(piece)
