"""What an e-mail about a request for help says. Its question and its answer stay on its page: they may be private."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accompagnement.models import DemandeAide, EtatAide
from accompagnement.models.aide import AIDANTS
from comptes.roles import Role
from courriels.redaction import Texte, address, render
from instruction.recit import RECITS
from moteur.models import Entree
from moteur.texte import en_toutes_lettres

NAISSANCE = {"demander_aide": "a demandé de l'aide"}


@dataclass(frozen=True, kw_only=True)
class NouvelleAide:
    """What the templates read. `attendu`: what is asked of the reader, or what she may wait for."""

    demande: DemandeAide
    le: datetime
    qui: str
    fait: str
    motif: str
    attendu: str
    lien: str


def is_asked(demande: DemandeAide, role: str) -> bool:
    """Whether the request, as it is now, awaits somebody of that role."""
    if demande.etat == EtatAide.OUVERTE:
        return role in AIDANTS
    return demande.etat == EtatAide.TRANSMISE and role == Role.PILOTE_NATIONAL


def write(demande: DemandeAide, entree: Entree, role: str) -> Texte:
    """The e-mail of one act on a request, to a reader told under that role. The people of both are loaded."""
    nouvelle = NouvelleAide(
        demande=demande,
        le=entree.le,
        qui=str(entree.par) if entree.par else "Le système",
        fait=(NAISSANCE | dict(RECITS[DemandeAide]))[entree.action],
        motif=str(entree.donnees.get("motif", "")),
        attendu=_expected(demande, role),
        lien=page(demande.pk),
    )
    return render("courriels/message/aide.html", {"nouvelle": nouvelle})


def page(demande: int) -> str:
    """Where it is read, by both sides."""
    return address(reverse("demande-aide", args=[demande]))


def _expected(demande: DemandeAide, role: str) -> str:
    delai = f", au plus tard le {en_toutes_lettres(demande.echeance)}" if demande.echeance else ""
    if is_asked(demande, role):
        return f"Prendre cette demande en charge, puis y répondre{delai}."
    if demande.etat == EtatAide.RESOLUE:
        return "Lire la réponse sur la page de la demande." if role == Role.PORTEUR else "Rien : elle a sa réponse."
    qui = {
        EtatAide.OUVERTE: "L'ARS ou le GRADeS de la région prend la demande en charge",
        EtatAide.PRISE_EN_CHARGE: f"{demande.prise_par} y répond",
        EtatAide.TRANSMISE: "Le référent national y répond",
    }
    return f"Rien pour l'instant. {qui[EtatAide(demande.etat)]}{delai}."
