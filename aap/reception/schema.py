"""The exchange format of dossiers: what a file may hold. Published as JSON Schema (docs/echange/).

Only shapes here; what the register, the call and the scale say of them is judged by `aap.reception.controle`.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from grappes.projets import Projet
from moteur.signature import Jour

VERSION = 1
Court = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Nom = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Identifiant = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Finess = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9][0-9A-Z][0-9]{7}$")]
Empreinte = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
#: Euros, to the cent, as text: "1234.50". A JSON number is refused, it would have lost its cents already.
Montant = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2, strict=False)]
Taux = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class Partie(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EssmsRecu(Partie):
    """`nom`: as the file says it, checked against the register; empty: not checked."""

    finess_et: Finess
    nom: Nom = ""
    heures_eligibles: Annotated[int, Field(ge=0)] | None = None
    heures_totales: Annotated[int, Field(gt=0)] | None = None
    sons_logiciel: Court = ""


class GrappeRecue(Partie):
    nom: Nom = ""
    essms: Annotated[list[EssmsRecu], Field(min_length=1, max_length=2000)]


class PorteurRecu(Partie):
    """The OG that carries the grappe, and the person to write to."""

    finess_ej: Finess
    nom: Nom = ""
    courriel: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = ""


class OptionsRecues(Partie):
    equipement: bool = False
    amoa_marche: bool = False
    amoa_projet: bool = False


class Depense(Partie):
    """One line of the financing plan. `montant_ttc` is `montant_ht` plus `taux_tva` percent, to the cent."""

    poste: Literal["logiciel", "equipement", "amoa", "formation", "autre"]
    libelle: Nom = ""
    montant_ht: Montant
    taux_tva: Taux
    montant_ttc: Montant


class PieceRecue(Partie):
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    nom: Nom = ""
    empreinte: Empreinte | None = None
    taille: Annotated[int, Field(ge=0, le=2**50)] = 0


class DossierRecu(Partie):
    """One dossier. `identifiant`: that of the source, for ever. `aide_demandee`: euros TTC, what the porteur counts on.

    `motifs`: why it was returned last time; ignored, so that a returned file is corrected and sent again as it is.
    """

    identifiant: Identifiant
    aap: Court
    projet: Projet
    segur: bool
    logiciel: Court = ""
    contrat_signe: bool = False
    financement_ue: Court = ""
    options: OptionsRecues = OptionsRecues()
    porteur: PorteurRecu
    grappe: GrappeRecue
    depenses: list[Depense] = []
    aide_demandee: Montant | None = None
    recu_le: Jour | None = None
    debut_prevu: Jour | None = None
    fin_prevue: Jour | None = None
    pieces: list[PieceRecue] = []
    motifs: list[dict[str, Any]] = Field(default_factory=list, exclude=True)


class Fichier(BaseModel):
    """The envelope of a file. Records stay raw: each is judged alone."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    dossiers: Annotated[list[Any], Field(max_length=10_000)]
