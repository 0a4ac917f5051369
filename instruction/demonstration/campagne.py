"""The campaign as a scenario: dossiers with real-looking organisms, and every event with its date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from instruction.demonstration import accompagnement, fichiers
from instruction.demonstration.chemins import Contexte, Pas, path
from instruction.demonstration.fichiers import Campagne, Ligne, Organisme
from instruction.peuplement import Numeros
from instruction.scenario import PASSER, Scenario, read
from moteur import horloge

OPTIONS = ("equipement", "amoa_marche", "amoa_projet")
AIDE_A_DOMICILE = "460"
PIECES_DU_DISTRAIT = ["cadre_de_reponse", "lettre_engagement"]
SOIR = time(18, 0)


def scenario() -> Scenario:
    """The whole campaign. Reads the register to number what it makes up: call it within the play's transaction."""
    campagne = fichiers.campagne()
    registre = _Registre(campagne, fichiers.organismes())
    dossiers: list[dict[str, Any]] = []
    evenements: list[dict[str, Any]] = []
    for ligne in fichiers.lignes():
        dossier = registre.dossier(ligne)
        dossiers.append(dossier)
        finess = [essms["finess_et"] for og in dossier["og"] for essms in og["essms"]]
        evenements += _events(ligne, finess, campagne.absence)
    evenements += accompagnement.events()
    evenements.sort(key=lambda evenement: datetime.fromisoformat(evenement["le"]))
    soir = datetime.combine(campagne.aujourdhui, SOIR, horloge.PARIS)
    aap: dict[str, Any] = {"code": campagne.code, "intitule": campagne.intitule, "region": campagne.region}
    aap |= {"objectifs": dict(campagne.objectifs)}
    return read(
        {
            "version": 1,
            "reglement": campagne.reglement,
            "aap": aap | {"enveloppe": campagne.enveloppe, "fenetres": [_window(campagne)]},
            "dossiers": dossiers,
            "delegations": [_deputy(campagne.absence)],
            "evenements": [*evenements, {"le": soir.isoformat(), "action": PASSER}],
        }
    )


@dataclass
class _Registre:
    """Makes up OGs and ESSMS: an OG keeps its number from one dossier to the next, an ESSMS serves once."""

    campagne: Campagne
    organismes: Mapping[str, Organisme]
    numeros: Numeros = field(default_factory=lambda: Numeros(None))
    juridiques: dict[str, str] = field(default_factory=dict)
    crees: dict[str, int] = field(default_factory=dict)

    def dossier(self, ligne: Ligne) -> dict[str, Any]:
        apports = ligne.apports.items()
        return {
            "ref": ligne.ref,
            "nom": ligne.grappe,
            "projet": ligne.projet,
            "segur": ligne.segur,
            "logiciel": ligne.logiciel,
            "porteur": ligne.porteur,
            "financement_ue": "FEDER" if "feder" in ligne.incidents else "",
            "pieces": PIECES_DU_DISTRAIT if "pieces_oubliees" in ligne.incidents else None,
            "options": {option: option in ligne.options for option in OPTIONS},
            "og": [self._og(code, nombre, ligne, rang) for rang, (code, nombre) in enumerate(apports)],
        }

    def _og(self, code: str, nombre: int, ligne: Ligne, rang: int) -> dict[str, Any]:
        og = self.organismes[code]
        if code not in self.juridiques:
            self.juridiques[code] = self.numeros.next_ej(og.departements[0])
        return {
            "finess_ej": self.juridiques[code],
            "nom": og.nom,
            "porteur": rang == 0,
            "og_total": og.total,
            "essms": [self._essms(og, ligne) for _ in range(nombre)],
        }

    def _essms(self, og: Organisme, ligne: Ligne) -> dict[str, Any]:
        """The n-th of its OG. The places, a prime number of them, come back with another town: no name serves twice."""
        n = self.crees[og.code] = self.crees.get(og.code, -1) + 1
        departement = og.departements[n % len(og.departements)]
        communes = self.campagne.communes[departement]
        modeles = self.campagne.modeles[og.secteur]
        categorie, genre = modeles[n % len(modeles)]
        depart = list(self.organismes).index(og.code)
        lieu = self.campagne.lieux[(n * 7 + depart) % len(self.campagne.lieux)]
        essms: dict[str, Any] = {
            "finess_et": self.numeros.next_et(departement),
            "categorie": categorie,
            "departement": departement,
            "nom": f"{genre} {lieu}, {communes[n // len(og.departements) % len(communes)]}",
        }
        if ligne.projet == "montee_de_version":
            essms["sons_logiciel"] = ligne.logiciel
        if categorie == AIDE_A_DOMICILE:
            essms |= {"heures_eligibles": 9000 + n * 370, "heures_totales": 15000 + n * 410}
        return essms


def _events(ligne: Ligne, finess: list[str], absence: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The dossier's events. Each one a few minutes after the one before, within the same day or later."""
    jour = ligne.depot
    fin = ligne.fin
    for place, (etat, pas) in enumerate(path(ligne.etat, ligne.incidents)):
        if etat == ligne.etat and fin:
            jour, fin = fin, None
        else:
            jour = _day(ligne, jour, pas)
        contexte = Contexte(ligne, finess, jour)
        yield {
            "le": _instant(jour, ligne.rang, place),
            "par": _who(ligne, pas, jour, absence),
            "dossier": ligne.ref,
            "action": pas.action,
            "donnees": pas.donnees(contexte),
        }


def _day(ligne: Ligne, jour: date, pas: Pas) -> date:
    """A working day, at the pace of the dossier."""
    if pas.delai is None:
        return ligne.seance or jour
    jour += timedelta(days=pas.delai * ligne.rythme // 100)
    return jour + timedelta(days=(7 - jour.weekday()) if jour.weekday() > 4 else 0)


def _instant(jour: date, rang: int, place: int) -> str:
    matin = datetime.combine(jour, horloge.HEURE_OUVREE, horloge.PARIS)
    return (matin + timedelta(minutes=rang * 9 + place * 4)).isoformat()


def _who(ligne: Ligne, pas: Pas, jour: date, absence: Mapping[str, Any]) -> str:
    if pas.par == absence["qui"] and absence["du"] <= jour <= absence["au"]:
        return str(absence["suppleant"])
    autre = "instructeur:b" if ligne.instructeur == "instructeur" else "instructeur"
    noms = {"porteur": ligne.porteur, "instructeur": ligne.instructeur, "instructeur:autre": autre}
    return noms.get(pas.par, pas.par)


def _deputy(absence: Mapping[str, Any]) -> dict[str, str]:
    return {"de": absence["qui"], "a": absence["suppleant"], "du": str(absence["du"]), "au": str(absence["au"])}


def _window(campagne: Campagne) -> dict[str, str]:
    return {cle: str(valeur) for cle, valeur in campagne.fenetre.items()}
