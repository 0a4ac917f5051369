"""A campaign written as JSON: its shape, and a reader that names every fault. Format: docs/contrat.md."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from comptes.models.delegation import Nature
from comptes.roles import Role
from grappes.categories import Secteur
from grappes.finess import is_well_formed
from grappes.models import NatureInteret
from grappes.projets import Projet
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.fichiers import read_json
from moteur.signature import ANNEES, Jour, fautes_de, unstorable
from moteur.texte import cite

TAILLE_MAX = 32 * 1024 * 1024
FAUTES_MONTREES = 20


def _euros(valeur: object) -> object:
    if isinstance(valeur, float | bool):
        raise ValueError('montant attendu entre guillemets, par exemple "5000000.00"')
    return valeur


def _twice(codes: list[str]) -> tuple[int, str] | None:
    """Index and value of the first code already seen."""
    vus: set[str] = set()
    for rang, code in enumerate(codes):
        if code in vus:
            return rang, code
        vus.add(code)
    return None


def _finess(valeur: str) -> str:
    if not is_well_formed(valeur):
        raise ValueError(f"{cite(valeur)} n'est pas un numéro FINESS (9 caractères, par exemple 310000028)")
    return valeur


def _instant(valeur: object) -> datetime:
    """A date means 09:00 in Paris; an instant carries its offset."""
    exemple = "date (2022-04-04) ou instant avec fuseau (2022-04-01T10:00:00+02:00) attendu"
    if not isinstance(valeur, str):
        raise ValueError(exemple)
    try:
        instant = datetime.fromisoformat(valeur)
    except ValueError:
        raise ValueError(f"{cite(valeur)} : {exemple}") from None
    if not ANNEES[0] <= instant.year <= ANNEES[1]:
        raise ValueError(f"{cite(valeur)} : année entre {ANNEES[0]} et {ANNEES[1]} attendue")
    if len(valeur) == len("2022-04-04"):
        return horloge.ouverture(instant.date())
    if instant.tzinfo is None:
        raise ValueError(f"{cite(valeur)} : {exemple}")
    return instant


Euros = Annotated[Decimal, BeforeValidator(_euros), Field(ge=0, max_digits=12, decimal_places=2)]
Finess = Annotated[str, AfterValidator(_finess)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Nom = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Libelle = Annotated[str, StringConstraints(max_length=200)]
Court = Annotated[str, StringConstraints(max_length=100)]
Par = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(Role.values)})(:[\w.-]{{1,40}})?$")]
Porteur = Annotated[str, StringConstraints(pattern=rf"^{Role.PORTEUR}(:[\w.-]{{1,40}})?$")]
Total = Annotated[int, Field(ge=1, le=1_000_000)]


class Partie(BaseModel):
    """A part of the scenario. Unknown keys are kept aside and reported, never an error."""

    model_config = ConfigDict(extra="allow", frozen=True)


class FenetreScenario(Partie):
    code: Nom
    ouvre: Jour
    ferme: Jour
    projets: list[Projet] = []
    secteurs: list[Secteur] = []
    multi_region: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ferme < self.ouvre:
            raise ValueError(f"la fenêtre {self.code} ferme avant d'ouvrir")
        return self


class AapScenario(Partie):
    """`region`: INSEE code, absent for the national call. `dernier_engagement` replaces the rule set's.

    `objectifs`: kind of task → working days that the agency gives itself, as the play starts.
    """

    code: Nom
    intitule: Libelle = ""
    region: Nom | None = None
    enveloppe: Euros
    fenetres: Annotated[list[FenetreScenario], Field(min_length=1)]
    dernier_engagement: Jour | None = None
    objectifs: dict[str, int] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        if double := _twice([fenetre.code for fenetre in self.fenetres]):
            raise ValueError(f"fenetres[{double[0]}].code : {cite(double[1])} est déjà pris")
        return self


class Generer(Partie):
    """ESSMS made up, spread evenly over `og` OGs and the départements. `og_total`: all ESSMS of each OG."""

    essms: Annotated[int, Field(ge=1, le=2000, strict=True)]
    og: Annotated[int, Field(ge=1, strict=True)] = 1
    secteur: Secteur = Secteur.PA
    departements: Annotated[list[Nom], Field(min_length=1)]
    og_total: Total | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.og > self.essms:
            raise ValueError("plus d'OG que d'ESSMS : chaque OG apporte au moins un ESSMS")
        return self


class EssmsScenario(Partie):
    finess_et: Finess
    categorie: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4)]
    departement: Nom
    nom: Libelle = ""
    heures_eligibles: Annotated[int, Field(ge=0)] | None = None
    heures_totales: Total | None = None
    sons_logiciel: Court = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.heures_eligibles is None) != (self.heures_totales is None):
            raise ValueError("donnez « heures_eligibles » et « heures_totales », ou aucune des deux")
        if (self.heures_eligibles or 0) > (self.heures_totales or 0):
            raise ValueError("« heures_eligibles » dépasse « heures_totales »")
        return self


class OgScenario(Partie):
    finess_ej: Finess
    nom: Libelle = ""
    porteur: bool = False
    og_total: Total | None = None
    essms: Annotated[list[EssmsScenario], Field(min_length=1, max_length=2000)]


class OptionsScenario(Partie):
    equipement: bool = False
    amoa_marche: bool = False
    amoa_projet: bool = False


class DossierScenario(Partie):
    """`pieces`: codes provided, absent for all of them. `porteur`: the person who carries it."""

    ref: Nom
    projet: Projet
    segur: bool
    generer: Generer | None = None
    og: Annotated[list[OgScenario], Field(min_length=1)] | None = None
    options: OptionsScenario = OptionsScenario()
    pieces: list[Nom] | None = None
    porteur: Porteur | None = None
    nom: Libelle = ""
    logiciel: Court = ""
    contrat_signe: bool = False
    financement_ue: Court = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.generer is None) == (self.og is None):
            raise ValueError("donnez « generer » ou « og », l'un des deux seulement")
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        vus: set[str] = set()
        for i, og in enumerate(self.og or []):
            for j, essms in enumerate(og.essms):
                if essms.finess_et in vus:
                    raise ValueError(f"og[{i}].essms[{j}].finess_et : {essms.finess_et} figure déjà dans ce dossier")
                vus.add(essms.finess_et)
        return self


class Evenement(Partie):
    le: Instant
    par: Par | None = None
    dossier: Nom | None = None
    action: Nom
    donnees: Annotated[dict[str, Any], BeforeValidator(lambda donnees: {} if donnees is None else donnees)] = {}


class DelegationScenario(Partie):
    """`de` lends her role to `a` in the region of the AAP, given when the play starts."""

    de: Par
    a: Par
    du: Jour
    au: Jour
    nature: Nature = Nature.SUPPLEANCE
    acte: Court = ""
    acte_le: Jour | None = None


class InteretScenario(Partie):
    """What ties `par` to the OG that carries that dossier, since before the play."""

    par: Par
    dossier: Nom
    nature: NatureInteret
    commentaire: Court = ""


class Scenario(Partie):
    """A whole campaign: one AAP, its dossiers, what happens to them in order."""

    version: Literal[1]
    reglement: Nom
    aap: AapScenario
    dossiers: Annotated[list[DossierScenario], Field(max_length=5000)]
    delegations: Annotated[list[DelegationScenario], Field(max_length=1000)] = []
    interets: Annotated[list[InteretScenario], Field(max_length=1000)] = []
    evenements: Annotated[list[Evenement], Field(max_length=200_000)] = []

    @model_validator(mode="after")
    def _references(self) -> Self:
        refs = {dossier.ref for dossier in self.dossiers}
        if double := _twice([dossier.ref for dossier in self.dossiers]):
            raise ValueError(f"dossiers[{double[0]}].ref : {cite(double[1])} est déjà pris")
        for i, interet in enumerate(self.interets):
            if interet.dossier not in refs:
                raise ValueError(f"interets[{i}].dossier : « {interet.dossier} » n'est pas un dossier du scénario")
        for i, evenement in enumerate(self.evenements):
            if evenement.action == PASSER:
                continue
            if evenement.par is None:
                raise ValueError(f"evenements[{i}].par : clé obligatoire absente")
            if evenement.dossier not in refs:
                raise ValueError(f"evenements[{i}].dossier : « {evenement.dossier} » n'est pas un dossier du scénario")
        return self


PASSER = "passer"


def read_file(chemin: Path) -> Scenario:
    """Read a scenario file. Raises: Refus DONNEES_INVALIDES naming the line or the path of each fault."""
    return read(read_json(chemin, TAILLE_MAX, "un scénario"))


def read(brut: object) -> Scenario:
    """Validate a scenario already parsed. Raises: Refus DONNEES_INVALIDES naming the path of each fault."""
    if (chemin := unstorable(brut)) is not None:
        raise _invalid(f"{chemin} : ce texte contient un caractère illisible ; retapez-le.", chemin=chemin)
    try:
        return Scenario.model_validate(brut)
    except ValidationError as erreur:
        fautes = fautes_de(erreur)
    lignes = [f"{f['chemin']} : {f['message']}" if f["chemin"] else f["message"] for f in fautes[:FAUTES_MONTREES]]
    reste = len(fautes) - len(lignes)
    suite = f" ; et {reste} autre(s)" if reste else ""
    raise _invalid(f"Scénario à corriger — {' ; '.join(lignes)}{suite}.", fautes=fautes[:FAUTES_MONTREES])


def unknown_keys(partie: BaseModel, chemin: str = "") -> Iterator[str]:
    """Paths of the keys the format does not know, which are ignored."""
    yield from (f"{chemin}{cle}" for cle in partie.model_extra or {})
    for nom in type(partie).model_fields:
        valeur = getattr(partie, nom)
        elements = enumerate(valeur) if isinstance(valeur, list) else [("", valeur)]
        for indice, element in elements:
            if isinstance(element, BaseModel):
                yield from unknown_keys(element, f"{chemin}{nom}{f'[{indice}]' if indice != '' else ''}.")


def _invalid(message: str, **details: object) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, message, **details)
