"""What the ARS asks of the porteur, where to answer it, and whether the step before her is open."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from aap.complements import Ouverture, opening
from aap.models import Dossier, Etat, Partie
from moteur import horloge

#: The step where each part is answered.
ETAPES_DES_PARTIES = {
    Partie.GRAPPE: "grappe",
    Partie.PROJET: "projet",
    Partie.AUTODIAGNOSTIC: "pieces",
    Partie.EQUIPEMENT: "pieces",
    Partie.ENGAGEMENTS: "depot",
}


@dataclass(frozen=True)
class Lien:
    """One thing that is open, and where."""

    texte: str
    adresse: str


@dataclass(frozen=True, kw_only=True)
class Bandeau:
    """What the partial `_complements.html` shows. `ouverts`: empty when everything is open; `ici`: this step is.

    `reste`: days left, negative when late.
    """

    dossier: Dossier
    motif: str
    echeance: date
    reste: int
    ouverts: list[Lien]
    ici: bool


def banner(dossier: Dossier, etape: str = "") -> Bandeau | None:
    """For that step, or for no step in particular; None unless complements are awaited. One query."""
    if dossier.etat != Etat.A_COMPLETER or dossier.echeance is None:
        return None
    ouverte = opening(dossier)
    return Bandeau(
        dossier=dossier,
        motif=dossier.motif,
        echeance=dossier.echeance,
        reste=(dossier.echeance - horloge.aujourdhui()).days,
        ouverts=_links(dossier, ouverte) if ouverte else [],
        ici=ouverte is None or etape in ("", "appel") or etape in open_steps(ouverte),
    )


def open_steps(ouverte: Ouverture) -> set[str]:
    """Codes of the steps where something may be changed."""
    etapes = {ETAPES_DES_PARTIES[partie] for partie in ouverte.parties}
    return etapes | {"pieces"} if ouverte.pieces else etapes


def _links(dossier: Dossier, ouverte: Ouverture) -> list[Lien]:
    liens = [
        Lien(partie.label, reverse("portail:etape", args=[dossier.pk, ETAPES_DES_PARTIES[partie]]))
        for partie in Partie
        if partie in ouverte.parties
    ]
    pieces = reverse("portail:pieces", args=[dossier.pk])
    return liens + [
        Lien(f"Pièce : {libelle}", f"{pieces}#piece-{code}") for code, libelle in ouverte.documents(dossier)
    ]
