"""What the page of a dossier shows, and the sentences that sum its parts up. Nothing is read here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from aap.complements import Reponse
from aap.cumuls import Confrontation
from aap.ecarts import Changement
from aap.models import Dossier, Recu
from instruction.argent import LigneAide, Paiement
from instruction.avis import AvisLu
from instruction.compteur import Compteur
from instruction.constats import Regle
from instruction.documents.lecture import Document
from instruction.echanges.resume import Resume
from instruction.ensemble import Grappe, Organisme
from instruction.grades.lecture import LigneRisque, in_short
from instruction.historique import Historique
from instruction.libelles import Badge
from instruction.marques import Marques
from instruction.notes.lecture import Carnet
from instruction.parties import ConventionLue
from instruction.regard import Regard
from instruction.tours import Tour
from moteur.texte import INSECABLE
from usages.calcul import Cible


@dataclass(frozen=True, kw_only=True)
class AFaire:
    """A task in words. `echeance`: by law; `objectif`: what the agency gives itself, None for who may not read it."""

    quoi: str
    role: str
    echeance: date | None
    objectif: date | None = None


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A target with the words of its formula."""

    cible: Cible
    libelle: str
    haut: str
    bas: str

    @property
    def confirmee(self) -> bool:
        return self.cible.confiance != "a_confirmer"


@dataclass(frozen=True, kw_only=True)
class Fiche:
    """Everything the page shows. `complements`: until the convention; afterwards the history tells them.

    `silences`: what the rule set does not say, in the words of the refusal. `marques`, `avis` and `carnet` are None,
    `risques` empty, for who may not read them.
    """

    dossier: Dossier
    regard: Regard
    badge: Badge
    projet: str
    tour: Tour
    depuis: datetime | None
    horloge: Compteur | None
    phase: int | None
    phases: int
    nom_phase: str
    phase_suivante: str
    termine: bool
    a_faire: list[AFaire]
    phrase_aide: str
    aide_fixee: bool
    lignes: list[LigneAide]
    avertissements: list[str]
    versements: list[Paiement]
    convention: ConventionLue | None
    grappe: Grappe
    organismes: list[Organisme]
    commandes_sons: list[Confrontation]
    regles: list[Regle]
    documents: list[Document]
    bilan_documents: str
    recus: list[Recu]
    marques: Marques | None
    avis: AvisLu | None
    echanges: Resume
    carnet: Carnet | None
    usages: list[Usage]
    historique: Historique
    changements: list[Changement]
    complements: list[Reponse]
    risques: list[LigneRisque]
    silences: list[str]

    @property
    def deport(self) -> bool:
        """Whether a declared interest shuts its reader out."""
        return self.regard.deport

    @property
    def total(self) -> Decimal | None:
        """The aid, granted or estimated; None where there is none."""
        return sum((Decimal(ligne.montant) for ligne in self.lignes), Decimal(0)) if self.lignes else self.dossier.aide

    @property
    def postes(self) -> list[tuple[str, Decimal]]:
        """The aid by item, in the order of its lines."""
        sommes: dict[str, Decimal] = {}
        for ligne in self.lignes:
            sommes[ligne.poste] = sommes.get(ligne.poste, Decimal(0)) + Decimal(ligne.montant)
        return list(sommes.items())

    @property
    def fournis(self) -> int:
        return sum(1 for document in self.documents if document.versions)

    @property
    def manquants(self) -> int:
        return sum(document.manque for document in self.documents)

    @property
    def sans_fichier(self) -> int:
        """Documents given by their references alone."""
        return sum(not document.courante.piece.format for document in self.documents if document.courante)

    @property
    def ecartes(self) -> int:
        """ESSMS that closed or left since the filing."""
        return sum(og.ecartes for og in self.organismes)

    @property
    def atteintes(self) -> int:
        return sum(usage.cible.atteinte is True for usage in self.usages)

    @property
    def sommaire(self) -> list[tuple[str, str]]:
        """(anchor, title) of each part of the page that has something to say."""
        parties = (
            ("a-faire", "À faire", self.a_faire),
            ("complements", "Compléments", self.complements),
            ("recevabilite", "Recevabilité", True),
            ("commandes-sons", "Commandes SONS", self.commandes_sons),
            ("aide", "Aide", True),
            ("risques", "Risques", self.risques),
            ("grappe", "Grappe", True),
            ("depuis-le-depot", "Depuis le dépôt", self.changements),
            ("documents", "Documents", True),
            ("evaluations", "Évaluations", self.marques),
            ("avis", "Avis du GRADeS", self.regard.interne),
            ("convention", "Convention et versements", self.convention),
            ("usages", "Usages", True),
            ("echanges", "Échanges", True),
            ("notes", "Notes internes", self.carnet),
            ("historique", "Historique", True),
        )
        return [(ancre, titre) for ancre, titre, montree in parties if montree]

    @property
    def bloquantes(self) -> list[Regle]:
        """The rules that bar the dossier, or would but for a waiver."""
        return [regle for regle in self.regles if regle.issue != "ok"]

    @property
    def nombre_bloquantes(self) -> int:
        return sum(regle.issue == "ko" for regle in self.regles)

    @property
    def satisfaites(self) -> list[Regle]:
        return [regle for regle in self.regles if regle.issue == "ok"]

    @property
    def bilan_regles(self) -> str:
        """The verdicts as one sentence."""
        issues = Counter(regle.issue for regle in self.regles)
        phrase = f"{count(issues['ok'], 'règle satisfaite', 'règles satisfaites')} sur {len(self.regles)}"
        if issues["levee"]:
            phrase += f", {count(issues['levee'], 'levée par dérogation', 'levées par dérogation')}"
        if issues["ko"]:
            phrase += f" ; {count(issues['ko'], 'bloque', 'bloquent')} la recevabilité"
        return f"{phrase}."

    @property
    def bilan_sons(self) -> str:
        """The SONS orders as one sentence."""
        genees = sum(not une.is_compatible for une in self.commandes_sons)
        phrase = count(len(self.commandes_sons), "commande connue", "commandes connues") + " de l'agence de paiement"
        return f"{phrase}, {count(genees, 'incompatible', 'incompatibles') if genees else 'aucune incompatible'}."

    @property
    def bilan_risques(self) -> str:
        """The five axes as one sentence."""
        return in_short(self.risques)

    @property
    def bilan_usages(self) -> str:
        """The targets as one sentence."""
        return f"{count(self.atteintes, 'cible atteinte', 'cibles atteintes')} sur {len(self.usages)}."


def count(quantite: int, un: str, plusieurs: str) -> str:
    """3 règles satisfaites."""
    return f"{quantite}{INSECABLE}{plusieurs if quantite >= 2 else un}"
