"""The money of a dossier in words: one sentence, its two payments, the lines of its computation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aap.examen import compute_aid
from aap.faits import Faits
from aap.models import Dossier
from conventions.models import EtatVersement, Reversement, Versement
from instruction.libelles import POSTES, SANS_AIDE, Badge, badge_versement
from moteur.texte import en_euros, en_liste, en_toutes_lettres


@dataclass(frozen=True, kw_only=True)
class LigneAide:
    poste: str
    quantite: str
    taux: str
    montant: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Paiement:
    """`etapes`: who did what for it, in words."""

    versement: Versement
    badge: Badge
    quand: str
    etapes: list[str]


def aid(dossier: Dossier, faits: Faits) -> dict[str, Any]:
    """The aid granted, frozen at selection; before, the aid as it would be computed today."""
    return dossier.financement or compute_aid(dossier, faits).as_dict()


def money(dossier: Dossier, aide: Mapping[str, Any]) -> str:
    """The money of the dossier as one sentence."""
    if dossier.etat in SANS_AIDE:
        return f"Aucune aide ne sera versée : le dossier est « {dossier.libelle_etat} »."
    if dossier.aide is None:
        if not aide:
            return "L'aide ne peut pas encore être estimée."
        return f"Aide estimée à {en_euros(Decimal(str(aide['total'])))}. Elle sera fixée à la sélection du dossier."
    versements = [un for un in payments(dossier) if un.etat not in (EtatVersement.REJETE, EtatVersement.ANNULE)]
    if not versements:
        return f"{en_euros(dossier.aide)} accordés. Les deux versements seront fixés à la signature de la convention."
    parts = [f"{en_euros(versement.montant)} {when(versement, dossier)}" for versement in versements]
    return f"{en_euros(dossier.aide)} : {en_liste(parts)}.{_asked_back(dossier)}"


def _asked_back(dossier: Dossier) -> str:
    """What is asked back, as a second sentence; empty when nothing is."""
    reversement: Reversement | None = getattr(dossier, "reversement", None)
    if reversement is None:
        return ""
    return f" Reversement de {en_euros(reversement.montant)} : {reversement.libelle_etat.lower()}."


def payments(dossier: Dossier) -> list[Versement]:
    return list(dossier.convention.versements.all()) if has_convention(dossier) else []


def when(versement: Versement, dossier: Dossier) -> str:
    if versement.execute_le:
        return f"versés le {en_toutes_lettres(versement.execute_le)}"
    if versement.rang == 1:
        return "à la signature de la convention"
    limite: date | None = dossier.limite_cibles  # type: ignore[attr-defined]  # annotated by load
    return "à l'atteinte des cibles" + (f", au plus tard le {en_toutes_lettres(limite)}" if limite else "")


def payment(versement: Versement, dossier: Dossier) -> Paiement:
    quand = when(versement, dossier)
    if versement.etat in (EtatVersement.REJETE, EtatVersement.ANNULE):
        quand = versement.motif
    return Paiement(versement=versement, badge=badge_versement(versement.etat), quand=quand, etapes=_hands(versement))


def _hands(versement: Versement) -> list[str]:
    """Who certified, ordered and executed it, as far as it went."""
    faits = (
        ("certifié", versement.certifie_par),
        ("ordonnancé", versement.ordonnance_par),
        ("exécuté", versement.execute_par),
    )
    return [f"{fait} par {qui}" for fait, qui in faits if qui]


def aid_line(ligne: Mapping[str, object]) -> LigneAide:
    return LigneAide(
        poste=POSTES[str(ligne["poste"])],
        quantite=str(ligne["quantite"]),
        taux=str(ligne["taux"]),
        montant=str(ligne["montant"]),
        reference=str(ligne["reference"]),
    )


def has_convention(dossier: Dossier) -> bool:
    """Whether a decision opened one. It is loaded with the dossier."""
    return getattr(dossier, "convention", None) is not None
