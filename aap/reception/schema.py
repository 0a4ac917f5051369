"""The exchange format of dossiers: what a file may hold. Published as JSON Schema (docs/echange/).

Only shapes here; what the register, the call and the scale say of them is judged by `aap.reception.controle`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aap.reception.valeurs import Empreinte, Finess, Heures, Jour, Md5, Montant, Oui, Taux
from grappes.projets import Projet

VERSION = 1
DOSSIERS_MAX = 10_000
Court = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Nom = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Identifiant = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class Partie(BaseModel):
    """Part of a record. An unknown key is a fault: a misspelt one would be lost without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EssmsRecu(Partie):
    """One establishment of the grappe."""

    finess_et: Finess = Field(description="Numéro FINESS géographique de l'établissement ou du service.")
    nom: Nom = Field(
        default="", description="Nom, comparé à celui du registre pour déceler un mauvais numéro ; vide : non comparé."
    )
    heures_eligibles: Heures | None = Field(
        default=None, description="Services d'aide à domicile mixtes : heures éligibles, avec « heures_totales »."
    )
    heures_totales: Heures | None = Field(default=None, description="Heures totales du service mixte, plus de zéro.")
    sons_logiciel: Court = Field(default="", description="Logiciel d'une commande SONS en cours ; vide : aucune.")


class GrappeRecue(Partie):
    """The establishments that deploy together."""

    nom: Nom = Field(default="", description="Nom de la grappe ; vide : celui de l'organisme porteur.")
    essms: Annotated[list[EssmsRecu], Field(min_length=1, max_length=2000)] = Field(
        description="Établissements et services de la grappe, chacun une fois."
    )


class PorteurRecu(Partie):
    """The OG that carries the grappe, and the person to write to."""

    finess_ej: Finess = Field(description="Numéro FINESS juridique de l'organisme gestionnaire porteur.")
    nom: Nom = Field(default="", description="Nom de l'organisme, comparé à celui du registre ; vide : non comparé.")
    courriel: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = Field(
        default="", description="Courriel de la personne à qui écrire : elle devient référente si elle a un compte."
    )


class OptionsRecues(Partie):
    """What is asked for besides the software."""

    equipement: Oui = Field(default=False, description="Équipement demandé.")
    amoa_marche: Oui = Field(default=False, description="Assistance à la passation du marché demandée.")
    amoa_projet: Oui = Field(default=False, description="Assistance à la conduite du projet demandée.")


class Depense(Partie):
    """One line of the financing plan."""

    poste: Literal["logiciel", "equipement", "amoa", "formation", "autre"] = Field(description="Nature de la dépense.")
    libelle: Nom = Field(default="", description="Ce qui est acheté.")
    montant_ht: Montant = Field(description="Euros hors taxes, au centime, entre guillemets.")
    taux_tva: Taux = Field(description="Taux de TVA en pourcent, entre guillemets.")
    montant_ttc: Montant = Field(
        description="Euros toutes taxes comprises : montant_ht × (1 + taux_tva/100), au centime."
    )


class PieceRecue(Partie):
    """A document, by its metadata: the document itself does not travel in this file."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="Code de la pièce au règlement de l'appel à projets."
    )
    nom: Nom = Field(default="", description="Nom du fichier.")
    empreinte: Empreinte | None = Field(default=None, description="SHA-256 du contenu du fichier, en hexadécimal.")
    md5: Md5 | None = Field(
        default=None,
        description="MD5 du contenu, en hexadécimal, quand l'émetteur n'a que lui ; jamais pris pour un SHA-256.",
    )
    taille: Annotated[int, Field(strict=True, ge=0, le=2**50)] = Field(default=0, description="Taille en octets.")


class DossierRecu(Partie):
    """One dossier. `motifs` is ignored, so that a returned record is corrected and sent again as it is."""

    identifiant: Identifiant = Field(
        description="Identifiant chez l'émetteur : avec « source », il désigne ce dossier pour toujours."
    )
    aap: Court = Field(description="Code de l'appel à projets.")
    projet: Projet = Field(description="Nature du projet.")
    segur: Oui = Field(description="Le logiciel est référencé Ségur.")
    logiciel: Court = Field(default="", description="Nom du logiciel ; vide : pas encore choisi.")
    contrat_signe: Oui = Field(default=False, description="Un contrat est déjà signé avec un éditeur.")
    financement_ue: Court = Field(
        default="", description="Autre financement européen, par exemple FEDER ; vide : aucun."
    )
    options: OptionsRecues = Field(default=OptionsRecues(), description="Options demandées.")
    porteur: PorteurRecu = Field(description="Organisme gestionnaire porteur.")
    grappe: GrappeRecue = Field(description="Grappe d'établissements.")
    depenses: Annotated[list[Depense], Field(max_length=1000)] = Field(
        default=[], description="Plan de financement, conservé avec le dossier."
    )
    aide_demandee: Montant | None = Field(
        default=None, description="Aide attendue, euros TTC, comparée à celle du barème ; absente : non comparée."
    )
    recu_le: Jour | None = Field(default=None, description="Jour où l'émetteur a reçu le dossier.")
    debut_prevu: Jour | None = Field(default=None, description="Début prévu du projet.")
    fin_prevue: Jour | None = Field(default=None, description="Fin prévue du projet.")
    pieces: Annotated[list[PieceRecue], Field(max_length=1000)] = Field(default=[], description="Pièces fournies.")
    motifs: list[Any] = Field(
        default_factory=list,
        exclude=True,
        description="Motifs du refus précédent : écrits au retour, ignorés à l'envoi.",
    )


class Fichier(BaseModel):
    """The envelope of a file. Records stay raw: each is judged alone."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = Field(description="Version de ce format.")
    source: Identifiant = Field(description="Qui numérote les dossiers, toujours le même d'un envoi à l'autre.")
    dossiers: Annotated[list[Any], Field(max_length=DOSSIERS_MAX)] = Field(description="Dossiers, jugés un par un.")
