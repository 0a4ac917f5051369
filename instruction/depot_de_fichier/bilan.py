"""The verdicts on a file, as the page shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aap.models import Dossier, FichierRecu
from aap.reception.lecture import read_bytes
from comptes.models import Utilisateur
from instruction.libelles import Badge
from moteur import horloge
from moteur.lots import BilanLot, Faute, Issue, Jugement

BADGES = {
    Issue.IMPORTE: Badge("Importé", "success", "checkbox-circle-line"),
    Issue.MODIFIE: Badge("Mis à jour", "success", "refresh-line"),
    Issue.INCHANGE: Badge("Inchangé", "info", "equal-circle-line"),
    Issue.REJETE: Badge("Refusé", "error", "close-circle-line"),
}
#: The same before anything is written.
A_VENIR = BADGES | {
    Issue.IMPORTE: Badge("Valable", "success", "checkbox-circle-line"),
    Issue.MODIFIE: Badge("Mise à jour valable", "success", "refresh-line"),
}
#: The places of a record that people name otherwise than the file does.
LIEUX: Mapping[str, str] = {
    "aap": "Appel à projets",
    "identifiant": "Identifiant",
    "projet": "Projet",
    "segur": "Logiciel référencé Ségur",
    "logiciel": "Logiciel",
    "porteur.finess_ej": "Organisme porteur, numéro FINESS",
    "porteur.nom": "Organisme porteur, nom",
    "porteur.courriel": "Organisme porteur, adresse électronique",
    "grappe.nom": "Nom de la grappe",
    "aide_demandee": "Aide demandée",
}
ESSMS = re.compile(r"grappe\.essms\[(\d+)\]")
#: Reasons shown at once; the others unfold.
MONTRES = 5


@dataclass(frozen=True, kw_only=True)
class Motif:
    """Why a record is refused. `lieu`: where, in words; empty when only the file has a name for it, `chemin`."""

    lieu: str
    chemin: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Rangee:
    """One record. `dossier`: its key when the reader may open it. `motifs`, then `suite`: all its reasons."""

    jugement: Jugement
    motifs: list[Motif]
    suite: list[Motif]
    badge: Badge
    dossier: int | None


@dataclass(frozen=True, kw_only=True)
class Bilan:
    """`valables`: records that the import will write; `refuses`: records that come back."""

    depot: FichierRecu
    rangees: list[Rangee]
    valables: int
    inchanges: int
    refuses: int


def read(depot: FichierRecu, lecteur: Utilisateur) -> Bilan:
    """Two queries at most, whatever the number of records."""
    lu = BilanLot.from_dict(depot.bilan)
    badges = A_VENIR if lu.simule else BADGES
    cles = _keys(depot, lu, lecteur)
    comptes = lu.counts()
    return Bilan(
        depot=depot,
        rangees=[
            Rangee(
                jugement=un,
                motifs=[_told(faute) for faute in un.fautes[:MONTRES]],
                suite=[_told(faute) for faute in un.fautes[MONTRES:]],
                badge=badges[un.issue],
                dossier=cles.get(un.identifiant) if un.resultat else None,
            )
            for un in lu.jugements
        ],
        valables=comptes[Issue.IMPORTE] + comptes[Issue.MODIFIE],
        inchanges=comptes[Issue.INCHANGE],
        refuses=comptes[Issue.REJETE],
    )


def _told(faute: Faute) -> Motif:
    trouve = ESSMS.match(faute.chemin)
    lieu = f"Établissement {int(trouve[1]) + 1}" if trouve else LIEUX.get(faute.chemin, "")
    return Motif(lieu=lieu, chemin=faute.chemin, message=faute.message)


def _keys(depot: FichierRecu, bilan: BilanLot, lecteur: Utilisateur) -> dict[str, int]:
    """Keys of the dossiers she may open, by the identifier the source gives them."""
    identifiants = [un.identifiant for un in bilan.jugements if un.resultat]
    if not identifiants:
        return {}
    source = read_bytes(bytes(depot.contenu), depot.nom).source
    visibles = Dossier.objects.visible_to(lecteur, horloge.aujourdhui())
    recus = visibles.filter(receptions__source=source, receptions__identifiant__in=identifiants)
    return dict(recus.order_by().values_list("receptions__identifiant", "pk"))
