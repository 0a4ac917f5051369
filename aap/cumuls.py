"""Double funding: what else is paid for the ESSMS of a dossier, confronted with it by the rules E9 to E13."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from aap.compatibilite import AutreFinancement, Cas, CommandeConnue, Compatibilite, confronter, same_software
from aap.eligibilite import Contexte, project_software
from aap.faits import Faits
from aap.models import Dossier
from grappes.models import Membre
from grappes.projets import Projet


@dataclass(frozen=True, kw_only=True)
class Confrontation:
    """A SONS order of an ESSMS of the dossier, and what the rules say of it. `declaree`: by the porteur."""

    finess: str
    nom: str
    commande: CommandeConnue
    declaree: bool
    verdicts: list[Compatibilite]

    @property
    def is_compatible(self) -> bool:
        return all(verdict.ok for verdict in self.verdicts)

    @property
    def a_dire(self) -> list[Compatibilite]:
        """What bars, else what makes the order compatible."""
        return [un for un in self.verdicts if not un.ok] or [un for un in self.verdicts if un.regle == "E10"]


def confront(dossier: Dossier, faits: Faits, contexte: Contexte) -> list[Confrontation]:
    """Each SONS order of the context, with what the rules say of it. One query, none when there is no order."""
    if not contexte.commandes:
        return []
    logiciel = project_software(faits, contexte)
    ailleurs = committed(contexte.commandes, dossier.aap.rejeu, sauf=dossier)
    return [
        Confrontation(
            finess=essms.finess,
            nom=essms.nom,
            commande=commande,
            declaree=same_software(commande.logiciel, essms.sons_logiciel),
            verdicts=confronter(_case(faits, logiciel, commande, ailleurs.get(essms.finess))),
        )
        for essms in faits.essms
        for commande in contexte.commandes.get(essms.finess, ())
    ]


def committed(
    numeros: Iterable[str], rejeu: UUID | None = None, *, sauf: Dossier | None = None
) -> Mapping[str, AutreFinancement]:
    """FINESS ET of those of these ESSMS that a dossier with committed credits counts on, and which one. One query."""
    tenus = Membre.objects.filter(
        essms__finess__in=numeros,
        essms__rejeu=rejeu,
        retenu_par__isnull=False,
        grappe__dossier__etat__in=Dossier.FINANCES,
    )
    if sauf:
        tenus = tenus.exclude(grappe=sauf.grappe_id)
    return {
        membre.essms.finess: AutreFinancement(
            dossier=membre.grappe.dossier.reference,
            logiciel=membre.grappe.dossier.logiciel,
            projet=Projet(membre.grappe.dossier.projet),
            segur=membre.grappe.dossier.segur,
        )
        for membre in tenus.select_related("essms", "grappe__dossier").order_by("-retenu_par")
    }


def _case(faits: Faits, logiciel: str, commande: CommandeConnue, deja: AutreFinancement | None) -> Cas:
    return Cas(
        projet=faits.projet,
        segur=faits.segur,
        logiciel=logiciel,
        contrat_signe=faits.contrat_signe,
        financement_ue=faits.financement_ue,
        commande=commande,
        deja=deja,
    )
