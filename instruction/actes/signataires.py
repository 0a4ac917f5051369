"""Who may sign for whom: the agency for itself or for a signature on paper, a porteur for the OGs she acts for."""

from dataclasses import dataclass

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.models import Qualite, Signataire
from conventions.services import TOUS, signs_for
from moteur.porte import roles_sur


@dataclass(frozen=True)
class Partie:
    """A party one may sign for: its code at the door, and its words."""

    code: str
    libelle: str


def signatories(dossier: Dossier) -> list[Signataire]:
    """Every party, with its signature when it is given."""
    lus = Signataire.objects.filter(convention__dossier=dossier)
    return list(lus.select_related("og", "signature__par").order_by("qualite", "og__finess"))


def parties(dossier: Dossier, personne: Utilisateur) -> list[Partie]:
    """Those this person may sign for now, hers first."""
    attendus = [une for une in signatories(dossier) if not hasattr(une, "signature")]
    if Role.RESPONSABLE not in roles_sur(dossier, personne):
        return [Partie(une.code, _name(une, dossier)) for une in attendus if signs_for(personne, dossier, une)]
    offertes = [Partie(une.code, _recorded(une, dossier)) for une in attendus]
    if len(offertes) > 1:
        offertes.append(Partie(TOUS, "Toutes les parties qui manquent, signatures recueillies sur papier"))
    return offertes


def _name(partie: Signataire, dossier: Dossier) -> str:
    if partie.qualite == Qualite.PORTEUR:
        return f"{dossier.grappe.og_porteur.nom}, porteur de la grappe"
    return f"{partie}, membre de la grappe" if partie.og else str(partie)


def _recorded(partie: Signataire, dossier: Dossier) -> str:
    nom = _name(partie, dossier)
    return nom if partie.qualite == Qualite.ARS else f"{nom} (signature recueillie sur papier)"
