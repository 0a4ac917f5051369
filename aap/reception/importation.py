"""A file of dossiers let in: each record judged alone, the refused ones handed back in a file of the same format."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

from django.db import transaction

from aap.reception.accueil import receive
from aap.reception.lecture import identify
from aap.reception.schema import VERSION, Fichier
from aap.reception.trouvailles import fault
from comptes.models import Affectation, Region, Utilisateur
from comptes.roles import Role
from moteur.horloge import aujourdhui
from moteur.lots import Accueil, BilanLot, Rejet, Suivi, treat

Ligne = tuple[int, Any]


class Accueillir(Protocol):
    """Lets in one record of a file. `rang`: its place in it, from 0. Raises: Rejet, Refus."""

    def __call__(self, rang: int, brut: Any, *, source: str, par: Utilisateur) -> Accueil: ...


def receive_as_it_is(rang: int, brut: Any, *, source: str, par: Utilisateur) -> Accueil:
    """A record that says all there is to say."""
    return receive(brut, source=source, par=par)


def import_file(
    fichier: Fichier,
    par: Utilisateur,
    *,
    simuler: bool = False,
    suivi: Suivi = lambda fait: None,
    accueillir: Accueillir = receive_as_it_is,
) -> BilanLot:
    """Judge every record, and let in those that are right. `par`: whose rights are checked, whom the journal names."""
    premiers: dict[str, int] = {}
    for rang, brut in enumerate(fichier.dossiers):
        premiers.setdefault(identify(brut), rang)
    return treat(
        list(enumerate(fichier.dossiers)),
        partial(_judge, source=fichier.source, premiers=premiers, par=par, accueillir=accueillir),
        identifier=lambda ligne: identify(ligne[1]),
        simuler=simuler,
        suivi=suivi,
    )


def simulate_for_all(
    fichier: Fichier, suivi: Suivi = lambda fait: None, accueillir: Accueillir = receive_as_it_is
) -> BilanLot:
    """Simulate with every right: what the records are worth, whoever sends them. Nothing is kept."""
    with _anybody() as personne:
        return import_file(fichier, personne, simuler=True, suivi=suivi, accueillir=accueillir)


def rejects(fichier: Fichier, bilan: BilanLot) -> dict[str, Any]:
    """The refused records as they came, each with its reasons: to be corrected, and sent again as it is."""
    return {
        "version": VERSION,
        "source": fichier.source,
        "dossiers": [
            _returned(fichier.dossiers[refuse.rang - 1], [faute.as_dict() for faute in refuse.fautes])
            for refuse in bilan.rejetes
        ],
    }


def _judge(ligne: Ligne, *, source: str, premiers: dict[str, int], par: Utilisateur, accueillir: Accueillir) -> Accueil:
    rang, brut = ligne
    identifiant = identify(brut)
    if identifiant and (premier := premiers[identifiant]) != rang:
        message = f"le dossier {premier + 1} de ce fichier porte déjà cet identifiant : gardez-en un seul"
        raise Rejet([fault("identifiant", message)])
    return accueillir(rang, brut, source=source, par=par)


def _returned(brut: Any, motifs: list[dict[str, str]]) -> dict[str, Any]:
    """A record that was not even an object is kept under a key of its own."""
    return {**brut, "motifs": motifs} if isinstance(brut, dict) else {"valeur": brut, "motifs": motifs}


@contextmanager
def _anybody() -> Iterator[Utilisateur]:
    """A person who may let in whatever comes, gone at the end."""
    with transaction.atomic():
        personne = Utilisateur.objects.create(username=f"simulation.{uuid4()}", password="!")
        Affectation.objects.bulk_create(
            Affectation(utilisateur=personne, role=Role.ADMINISTRATEUR, region=region, du=aujourdhui())
            for region in (None, *Region.objects.all())
        )
        yield personne
        transaction.set_rollback(True)
