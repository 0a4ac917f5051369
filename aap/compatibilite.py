"""What one ESSMS may combine with a project: another funding, a SONS order, a contract, European money.

Pure. The rules E9 to E13 of regles.md §1 live here once; eligibility and the import of SONS orders ask here too.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from grappes.commandes import EtatCommande
from grappes.projets import Projet
from moteur.texte import cite, en_toutes_lettres, soigner

E9 = "AAP ARS PACA ; financer-mon-ehpad.com"
E10 = "Webinaire ARS Occitanie (avril 2022), diapositive 67 ; FAQ GRADeS Occitanie"
E11 = "Webinaire ARS Occitanie (avril 2022), diapositive 77"
E12 = "AAP ARS PACA ; instruction 2025/100"
E13 = "FAQ GRADeS Occitanie"


@dataclass(frozen=True, kw_only=True)
class CommandeConnue:
    """A SONS order for one ESSMS, as the payment agency knows it."""

    reference: str
    logiciel: str
    commandee_le: date
    situation: EtatCommande = EtatCommande.COMMANDEE

    def __str__(self) -> str:
        return f"commande SONS {self.reference} du {en_toutes_lettres(self.commandee_le)}"

    @property
    def is_active(self) -> bool:
        return self.situation is not EtatCommande.ANNULEE


@dataclass(frozen=True, kw_only=True)
class AutreFinancement:
    """Credits committed for the same ESSMS by another dossier. `segur`: its software is referenced."""

    dossier: str
    logiciel: str
    projet: Projet
    segur: bool

    def __str__(self) -> str:
        return f"dossier {self.dossier}, {_project(self.projet)} de {cite(self.logiciel or 'logiciel non nommé')}"


@dataclass(frozen=True, kw_only=True)
class Cas:
    """One ESSMS in one project. `logiciel`: that of the project; `segur`: referenced."""

    projet: Projet
    segur: bool
    logiciel: str
    contrat_signe: bool = False
    financement_ue: str = ""
    commande: CommandeConnue | None = None
    deja: AutreFinancement | None = None

    @property
    def active(self) -> CommandeConnue | None:
        """The order, unless it was cancelled."""
        return self.commande if self.commande and self.commande.is_active else None


@dataclass(frozen=True, kw_only=True)
class Compatibilite:
    """One rule applied to one case. `explication`: what it means and what to do, for people."""

    regle: str
    ok: bool
    constat: str
    attendu: str
    explication: str
    reference: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def confronter(cas: Cas) -> list[Compatibilite]:
    """The table of one case: E9 to E13, in order."""
    return [_other_funding(cas), _other_dui(cas), _first_wave(cas), _european(cas), _competition(cas)]


def motif_double_financement(logiciel: str, deja_finance: str | None) -> str:
    """Why an ESSMS funded for `deja_finance` cannot be funded for `logiciel` (E9); empty if it can."""
    if deja_finance is None:
        return ""
    return "DEJA_FINANCE" if same_software(logiciel, deja_finance) else "DEUX_DUI"


def motif_cumul_sons(logiciel: str, sons_logiciel: str) -> str:
    """A SONS order bars any other DUI, not the same one (E10); empty when nothing bars."""
    return "SONS_AUTRE_LOGICIEL" if sons_logiciel and not same_software(logiciel, sons_logiciel) else ""


def closes_first_wave(projet: Projet, *, segur: bool) -> bool:
    """Does this funding close SONS wave 1 to its ESSMS? The acquisition of a referenced DUI does (E11)."""
    return projet is Projet.ACQUISITION and segur


def is_contracted(projet: Projet, *, contrat_signe: bool) -> bool:
    """Only an acquisition needs competition: a signed order does not bar an upgrade (E13)."""
    return projet is Projet.ACQUISITION and contrat_signe


def same_software(un: str, autre: str) -> bool:
    """The same name, whatever its spaces and capitals."""
    return software_key(un) == software_key(autre)


def software_key(nom: str) -> str:
    """What two writings of the same name share."""
    return " ".join(nom.split()).casefold()


def _other_funding(cas: Cas) -> Compatibilite:
    motif = motif_double_financement(cas.logiciel, cas.deja.logiciel if cas.deja else None)
    explications = {
        "": "Aucun autre dossier n'a de crédits engagés pour cet ESSMS : il peut être financé ici.",
        "DEJA_FINANCE": "Ce logiciel est déjà financé pour cet ESSMS : retirez-le de la grappe.",
        "DEUX_DUI": "Un ESSMS est financé pour un seul DUI : retirez-le de la grappe, ou renoncez à l'autre aide.",
    }
    return _verdict("E9", not motif, cas.deja or "aucun autre financement", "aucun autre", explications[motif], E9)


def _other_dui(cas: Cas) -> Compatibilite:
    commande = cas.active
    ok = commande is None or not motif_cumul_sons(cas.logiciel, commande.logiciel)
    if cas.commande and commande is None:
        explication = "La commande SONS est annulée : elle ne fait plus obstacle."
    elif commande is None:
        explication = "Aucune commande SONS : rien à vérifier."
    elif ok:
        explication = "La commande SONS porte sur le même DUI : elle est compatible, le forfait usage reste ouvert."
    else:
        explication = (
            f"La commande SONS porte sur {cite(commande.logiciel)}, le projet sur "
            f"{cite(cas.logiciel or 'un logiciel non nommé')} : retirez l'ESSMS de la grappe, ou faites annuler la "
            "commande par l'éditeur avant de déposer."
        )
    constat = f"{commande} pour {cite(commande.logiciel)}" if commande else "aucune commande active"
    attendu = f"aucune, ou pour {cite(cas.logiciel)}" if cas.logiciel else "aucune"
    return _verdict("E10", ok, constat, attendu, explication, E10)


def _first_wave(cas: Cas) -> Compatibilite:
    ici = closes_first_wave(cas.projet, segur=cas.segur)
    ailleurs = cas.deja is not None and closes_first_wave(cas.deja.projet, segur=cas.deja.segur)
    ferme = ici or ailleurs
    ok = not (ferme and cas.active)
    if not ok:
        explication = (
            "L'acquisition d'un DUI référencé ferme la vague 1 du SONS : le logiciel serait payé deux fois. Faites "
            "annuler la commande, ou "
            + ("déposez une montée de version de ce DUI." if ici else "renoncez à l'acquisition déjà financée.")
        )
    elif ferme:
        explication = "L'acquisition d'un DUI référencé ferme la vague 1 du SONS : ne passez pas de commande SONS."
    else:
        explication = "Aucune acquisition d'un DUI référencé : la vague 1 du SONS reste ouverte à cet ESSMS."
    constat = "acquisition d'un DUI référencé" if ferme else "pas d'acquisition d'un DUI référencé"
    return _verdict("E11", ok, constat, "aucune commande SONS" if ferme else "sans objet", explication, E11)


def _european(cas: Cas) -> Compatibilite:
    autre = cas.financement_ue.strip()
    explication = (
        f"{cite(autre)} finance déjà l'opération : renoncez à l'une des deux aides européennes."
        if autre
        else "Aucun autre financement européen n'est déclaré."
    )
    return _verdict("E12", not autre, autre or "aucun", "aucun", explication, E12)


def _competition(cas: Cas) -> Compatibilite:
    ok = not is_contracted(cas.projet, contrat_signe=cas.contrat_signe)
    if not ok:
        explication = (
            "Le contrat est déjà signé avec un éditeur : l'acquisition, qui suppose une mise en concurrence, ne peut "
            "plus être financée. Rejoignez une grappe de montée de version."
        )
    elif cas.projet is Projet.ACQUISITION:
        explication = "Ne signez avec aucun éditeur avant la mise en concurrence."
    else:
        explication = "Une montée de version admet un contrat ou une commande SONS déjà signés."
    constat = "contrat déjà signé" if cas.contrat_signe else "aucun contrat signé"
    attendu = "aucun contrat signé" if cas.projet is Projet.ACQUISITION else "sans objet"
    return _verdict("E13", ok, constat, attendu, explication, E13)


def _verdict(regle: str, ok: bool, constat: object, attendu: str, explication: str, reference: str) -> Compatibilite:
    return Compatibilite(
        regle=regle,
        ok=ok,
        constat=str(constat),
        attendu=attendu,
        explication=soigner(explication),
        reference=reference,
    )


def _project(projet: Projet) -> str:
    return "acquisition" if projet is Projet.ACQUISITION else "montée de version"
