"""Shape of a rule set file. Source: regles.md §0 to §7.

A field of type `Valeur[...] | None` left out of the file means: the texts do not say. Whoever needs it
goes through `exiger`, which refuses. Amounts: euros, Decimal. Lists are tuples, so a rule set is immutable.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from aap.regles.valeurs import Confiance, Section, Texte, Valeur
from grappes.categories import Secteur

CodeCourt = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$")]
Montant = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Part = Annotated[Decimal, Field(gt=0, lt=1)]
Positif = Annotated[int, Field(ge=1)]
Pourcentage = Annotated[Decimal, Field(ge=0)]

Mesurable = Literal[
    "personnes",
    "dossiers_actifs",
    "dossiers_avec_projet",
    "dossiers_avec_evenement",
    "messages_mss",
    "dmp_alimentes",
]


def _no_duplicate(chemin: str, codes: Sequence[str]) -> None:
    doublons = sorted({code for code in codes if codes.count(code) > 1})
    if doublons:
        raise ValueError(f"{chemin} : code en double ({', '.join(doublons)})")


class ModeSeuil(StrEnum):
    """Three readings of the threshold at 50. Source: regles.md §2.2, docs/adr/0003."""

    RANG_50_REDUIT = "rang_50_reduit"
    RANG_50_PLEIN = "rang_50_plein"
    TEL_QU_IMPRIME = "tel_qu_imprime"


class MinimumEssms(Section):
    """Smallest grappe by territory. Source: regles.md §1, E3."""

    metropole: Valeur[Positif] | None = None
    corse: Valeur[Positif] | None = None
    outre_mer: Valeur[Positif] | None = None


class Eligibilite(Section):
    minimum_essms: MinimumEssms = MinimumEssms()
    petit_og_moins_de: Valeur[Positif] | None = None
    acquisition_referencee: Valeur[bool] | None = None
    montee_de_version_referencee: Valeur[bool] | None = None
    secteurs_sans_reference: Valeur[tuple[Secteur, ...]] | None = None


class Routage(Section):
    """National when both thresholds are reached. Source: regles.md §1, "Routing"."""

    national_a_partir_de: Valeur[Positif] | None = None
    regions_minimum_national: Valeur[Positif] | None = None


class Fenetre(Section):
    """A filing window as a predicate: a field left out does not discriminate. `limite`: as printed."""

    code: CodeCourt
    guichet: Literal["regional", "national"]
    multi_region: bool | None = None
    ouvre: date | None = None
    limite: date | None = None
    source: Texte
    confiance: Confiance


class Calendrier(Section):
    dernier_engagement: Valeur[date] | None = None
    fenetres: tuple[Fenetre, ...] = ()


class Taux(Section):
    """Euros per ESSMS, below and beyond the threshold."""

    plein: Valeur[Montant] | None = None
    reduit: Valeur[Montant] | None = None


class TauxUsage(Section):
    acquisition: Taux = Taux()
    montee_de_version: Taux = Taux()


class TauxLogiciel(Section):
    """Acquisition only: an upgrade is paid to the editor by SONS."""

    reference: Taux = Taux()
    non_reference: Taux = Taux()
    secteurs_non_reference: Valeur[tuple[Secteur, ...]] | None = None


class PetitsOg(Section):
    """Extras for small OGs: equipment per ESSMS, AMOA per grappe. Source: regles.md §2.1."""

    equipement_par_essms: Valeur[Montant] | None = None
    amoa_marche: Valeur[Montant] | None = None
    amoa_projet: Valeur[Montant] | None = None
    amoa_grappe_mixte: Valeur[bool] | None = None


class Forfait(Section):
    """Single lump sum per ESSMS (amorçage). Source: regles.md §2.4."""

    acquisition: Valeur[Montant] | None = None
    montee_de_version: Valeur[Montant] | None = None
    og_unique_plafond: Valeur[Positif] | None = None


class Bareme(Section):
    seuil: Valeur[Positif] | None = None
    mode_seuil: Valeur[ModeSeuil] | None = None
    usage: TauxUsage = TauxUsage()
    logiciel: TauxLogiciel = TauxLogiciel()
    petits_og: PetitsOg = PetitsOg()
    forfait: Forfait | None = None


class Piece(Section):
    """A document of the file. Only `obligatoire` ones can block, at the moment they are due."""

    code: CodeCourt
    libelle: Texte
    condition: Literal["toujours", "si_equipement", "si_heures_mixtes", "si_montee_de_version", "si_plusieurs_og"] = (
        "toujours"
    )
    exigible_au: Literal["depot", "signature"] = "depot"
    obligatoire: bool = True
    source: Texte
    confiance: Confiance


class Critere(Section):
    """A criterion of the grid. No weight is in the sources: absent, ranking refuses."""

    code: CodeCourt
    libelle: Texte
    poids: Valeur[Montant] | None = None
    source: Texte
    confiance: Confiance


class Grille(Section):
    criteres: tuple[Critere, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_duplicate("grille.criteres", [critere.code for critere in self.criteres])
        return self


Decision = Literal["selectionner", "mettre_en_attente", "ecarter", "notifier", "signer_convention"]


class VisaRequis(Section):
    """Before that decision, somebody else in that role must agree with what it rests on."""

    transition: Decision
    role: Literal["instructeur", "responsable", "comptable", "conseiller_grades"]
    source: Texte
    confiance: Confiance


class Instruction(Section):
    """`visas`: none required when absent."""

    evaluations_requises: Valeur[Positif] | None = None
    avis_grades_requis: Valeur[bool] | None = None
    visas: tuple[VisaRequis, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_duplicate("instruction.visas", [f"{visa.transition}, {visa.role}" for visa in self.visas])
        return self


class Exemption(Section):
    """A sector freed from an indicator, possibly only for ESSMS that SONS does not cover."""

    secteur: Secteur
    si_non_eligible_sons: bool = False
    source: Texte
    confiance: Confiance


class Indicateur(Section):
    """Usage indicator: numerateur / denominateur × 100 against `cible`. Source: regles.md §4."""

    code: Literal["DUI1", "DUI2", "DUI3", "MSS", "DMP"]
    libelle: Texte
    numerateur: Valeur[Mesurable] | None = None
    denominateur: Valeur[Mesurable] | None = None
    cible: Valeur[Pourcentage] | None = None
    exemptions: tuple[Exemption, ...] = ()


class Usages(Section):
    indicateurs: tuple[Indicateur, ...] = ()
    premiere_mesure_mois: Valeur[Positif] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_duplicate("usages.indicateurs", [indicateur.code for indicateur in self.indicateurs])
        return self


class Versements(Section):
    """Payment schedule. `premiere_part`: share paid at signature; the rest is total minus that."""

    premiere_part: Valeur[Part] | None = None
    vsr_requise: Valeur[bool] | None = None


#: What an agency and its GRADeS have to do on a dossier, in the order of its life.
Interne = Literal[
    "prendre_en_charge",
    "declarer_recevable",
    "declarer_irrecevable",
    "evaluer",
    "donner_avis_grades",
    "cloturer_instruction",
    "inscrire_au_comite",
    "viser",
    "selectionner",
    "notifier",
    "signer",
    "signer_convention",
    "certifier",
    "ordonnancer",
    "executer",
    "verser_premiere_moitie",
    "constater_cibles",
    "constater_echec",
    "verser_seconde_moitie",
    "cloturer",
]
INTERNES: tuple[str, ...] = get_args(Interne)


class DelaiTache(Section):
    """Working days given to the agency for one of its tasks, from the day it opens."""

    action: Interne
    jours_ouvres: Positif
    source: Texte
    confiance: Confiance


class Delais(Section):
    """Months given to reach the targets, from the engagement. `taches`: no text gives the agency any delay."""

    acquisition_mois: Valeur[Positif] | None = None
    montee_de_version_mois: Valeur[Positif] | None = None
    point_de_depart: Valeur[Literal["signature_convention", "notification"]] | None = None
    taches: tuple[DelaiTache, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_duplicate("delais.taches", [delai.action for delai in self.taches])
        return self


class Politiques(Section):
    """What no text read settles: each is absent until somebody decides. Source: regles.md §5."""

    evaluation_cibles: Valeur[Literal["agregee", "par_essms"]] | None = None
    atteinte_partielle: Valeur[str] | None = None
    reversement: Valeur[str] | None = None
    retrait_membre: Valeur[str] | None = None
    prorogation: Valeur[str] | None = None


class Tranche(Section):
    """SONS tranche: `de`..`a` ESSMS of the OG (`a` absent: no upper bound), flat rate for all of them."""

    code: CodeCourt
    de: Positif
    a: Positif | None = None
    unitaire: Montant
    source: Texte
    confiance: Confiance


class Sons(Section):
    publication: Valeur[date] | None = None
    anteriorite_jours: Valeur[Positif] | None = None
    avance: Valeur[Part] | None = None
    tranches: tuple[Tranche, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        attendu = 1
        for tranche in self.tranches:
            if tranche.de != attendu or (tranche.a is not None and tranche.a < tranche.de):
                raise ValueError(f"sons.tranches : la tranche {tranche.code} ne suit pas la précédente")
            attendu = (tranche.a or tranche.de) + 1
        if any(tranche.a is None for tranche in self.tranches[:-1]):
            raise ValueError("sons.tranches : seule la dernière tranche peut être sans borne haute")
        return self


class Convention(Section):
    """Condition on the software when the convention is signed, for the sectors listed."""

    statuts_solution: Valeur[tuple[str, ...]] | None = None
    secteurs: Valeur[tuple[Secteur, ...]] | None = None


class Regles(Section):
    """A whole rule set. `texte` is the legal reference, `en_vigueur` the day it takes effect."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    intitule: Texte
    texte: Texte
    en_vigueur: date
    eligibilite: Eligibilite = Eligibilite()
    routage: Routage = Routage()
    calendrier: Calendrier = Calendrier()
    bareme: Bareme = Bareme()
    pieces: tuple[Piece, ...] = ()
    grille: Grille | None = None
    instruction: Instruction = Instruction()
    usages: Usages = Usages()
    versements: Versements = Versements()
    delais: Delais = Delais()
    politiques: Politiques = Politiques()
    sons: Sons = Sons()
    convention: Convention = Convention()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _no_duplicate("pieces", [piece.code for piece in self.pieces])
        return self
