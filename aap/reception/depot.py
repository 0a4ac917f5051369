"""A file handed over on the page: tried at once, kept for its sender, imported when she says so."""

from datetime import timedelta
from typing import Any

from aap.models import FichierRecu
from aap.reception.importation import import_file, rejects
from aap.reception.lecture import read_bytes
from aap.reception.schema import Fichier
from comptes.models import Utilisateur
from moteur import horloge
from moteur.lots import BilanLot

#: After that, what was accepted lives in `Reception`, and the rest is gone.
CONSERVATION = timedelta(days=7)


def try_out(nom: str, octets: bytes, fichier: Fichier, par: Utilisateur) -> FichierRecu:
    """Simulate, and keep the file with its verdicts; forget those handed over long ago."""
    maintenant = horloge.maintenant()
    FichierRecu.objects.filter(recu_le__lt=maintenant - CONSERVATION).delete()
    bilan = import_file(fichier, par, simuler=True)
    return FichierRecu.objects.create(nom=nom, contenu=octets, bilan=bilan.as_dict(), par=par, recu_le=maintenant)


def import_kept(depot: FichierRecu, par: Utilisateur) -> None:
    """Import what was tried out. Once done it stays done: asked twice, the first verdicts are those that are kept."""
    if depot.importe_le is not None:
        return
    bilan = import_file(_read(depot), par)
    FichierRecu.objects.filter(pk=depot.pk, importe_le=None).update(
        bilan=bilan.as_dict(), importe_le=horloge.maintenant()
    )


def refused(depot: FichierRecu) -> dict[str, Any]:
    """The file of its refused records."""
    return rejects(_read(depot), BilanLot.from_dict(depot.bilan))


def _read(depot: FichierRecu) -> Fichier:
    return read_bytes(bytes(depot.contenu), depot.nom)
