"""A small register and a file of dossiers about it, right until a test damages it."""

import copy
from datetime import date
from typing import Any

from aap.reception.importation import import_file
from aap.reception.lecture import read_envelope
from comptes.models import Utilisateur
from grappes.finess import with_key
from grappes.models import Essms, OrganismeGestionnaire, Rattachement
from moteur import horloge
from moteur.lots import BilanLot
from tests.fabriques import Campagne, campagne, personne

JOUR = horloge.ouverture(date(2022, 4, 1))
SOURCE = "essai"
#: Aid of 15 ESSMS that buy a referenced software, by esms-2022.
AIDE = "322500.00"
FLEURS = ("Lilas", "Roses", "Tilleuls", "Genêts", "Acacias", "Glycines", "Mimosas", "Iris", "Pervenches", "Coquelicots",
          "Violettes", "Bleuets", "Camélias", "Magnolias", "Jonquilles", "Anémones", "Dahlias", "Pivoines")  # fmt: skip
OG, AUTRE_OG = with_key("31000001"), with_key("31000002")

Objet = dict[str, Any]


def numero(rang: int) -> str:
    """FINESS ET of the ESSMS of that rank, from 0."""
    return with_key(f"310001{rang:02d}")


def nom(rang: int) -> str:
    return f"EHPAD Les {FLEURS[rang]}"


def ouvrir(essms: int = len(FLEURS)) -> Campagne:
    """An open call, and a register: one OG with all the ESSMS, another one without."""
    camp = campagne(dossiers=[])
    og = OrganismeGestionnaire.objects.create(finess=OG, nom="Association Les Jardins de Garonne")
    OrganismeGestionnaire.objects.create(finess=AUTRE_OG, nom="Fondation Bellevue")
    Essms.objects.bulk_create(
        Essms(finess=numero(rang), nom=nom(rang), categorie="500", departement_id="31", og=og) for rang in range(essms)
    )
    return camp


def attacher(par: Utilisateur, og: str = OG) -> Utilisateur:
    """A porteur who acts for that OG."""
    Rattachement.objects.create(utilisateur=par, og=OrganismeGestionnaire.objects.get(finess=og), du=date(2020, 1, 1))
    return par


def dossier(identifiant: str = "A-1", *, essms: range = range(15), **autres: Any) -> Objet:
    """A record that is right. `essms`: ranks. `autres`: keys to add or replace."""
    complet: Objet = {
        "identifiant": identifiant,
        "aap": "OCC-2022",
        "projet": "acquisition",
        "segur": True,
        "logiciel": "Titan",
        "porteur": {"finess_ej": OG, "nom": "Les jardins de Garonne", "courriel": ""},
        "grappe": {"nom": "Grappe du Sud", "essms": [{"finess_et": numero(rang), "nom": nom(rang)} for rang in essms]},
        "depenses": [
            {
                "poste": "logiciel",
                "libelle": "Licences",
                "montant_ht": "1000.10",
                "taux_tva": "20",
                "montant_ttc": "1200.12",
            }
        ],
        "aide_demandee": AIDE,
        "recu_le": "2022-03-20",
        "debut_prevu": "2022-09-01",
        "fin_prevue": "2023-12-31",
        "pieces": [{"code": "chiffrage", "nom": "chiffrage.pdf", "empreinte": "a" * 64, "taille": 12}],
    }
    return copy.deepcopy(complet | autres)


def abime(recu: Objet, chemin: str, valeur: Any) -> Objet:
    """The same record with that value at "grappe.essms.0.nom"."""
    change = copy.deepcopy(recu)
    la: Any = change
    *etapes, dernier = chemin.split(".")
    for etape in etapes:
        la = la[int(etape) if etape.isdigit() else etape]
    la[int(dernier) if dernier.isdigit() else dernier] = valeur
    return change


def envoi(*dossiers: Any, source: str = SOURCE) -> Objet:
    return {"version": 1, "source": source, "dossiers": list(dossiers)}


def importer(*dossiers: Any, par: Utilisateur | None = None, simuler: bool = False, source: str = SOURCE) -> BilanLot:
    """Import these records; by an officer of the region when nobody is named."""
    fichier = read_envelope(envoi(*dossiers, source=source))
    return import_file(fichier, par or personne("instructeur"), simuler=simuler)


def fautes(bilan: BilanLot, rang: int = 1) -> dict[str, str]:
    """Where → why, of the record of that rank."""
    return {faute.chemin: faute.message for faute in bilan.jugements[rang - 1].fautes}


def issues(bilan: BilanLot) -> list[str]:
    return [jugement.issue.value for jugement in bilan.jugements]
