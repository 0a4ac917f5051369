"""Round trip: a dossier of ours, written as the form would have given it, is read back the same."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aap.reception.demarches.correspondance import Correspondance, Regle, lire_fichier
from aap.reception.demarches.fichier import read_answer, read_dossier
from aap.reception.demarches.reprise import take
from aap.reception.schema import DossierRecu
from tests.aap.demarches import Json, champ, repetition

CORRESPONDANCE = lire_fichier("esms-numerique-2022")

# The writer: what Démarches Simplifiées would answer for such a dossier.


def at(objet: Any, chemin: str) -> Any:
    for cle in chemin.split("."):
        objet = objet.get(cle) if objet is not None else None
    return objet


def render(regle: Regle, objet: Json, racine: Json) -> Json:
    """The champ of that rule, filled."""
    if regle.conversion == "repetition":
        lignes = _pieces_rows(regle, racine) if regle.vers == "pieces" else at(objet, regle.vers) or []
        return repetition(regle.libelle, *([render(une, ligne, racine) for une in regle.champs] for ligne in lignes))
    if regle.conversion == "piece":
        fichiers = [
            {"filename": une["nom"], "byteSize": str(une["taille"]), "checksum": checksum(une["md5"])}
            for une in objet.get("pieces") or []
            if une["code"] == regle.piece
        ]
        return champ(regle.libelle, "", "PieceJustificativeChamp", files=fichiers, id=regle.id)
    return champ(regle.libelle, id=regle.id) | RENDUS[regle.conversion](at(objet, regle.vers), regle)


def checksum(md5: str | None) -> str | None:
    return md5 and b64encode(bytes.fromhex(md5)).decode()


def _pieces_rows(regle: Regle, racine: Json) -> list[Json]:
    """One row per document, as the form asks."""
    codes = {une.piece for une in regle.champs}
    return [{"pieces": [une]} for une in racine["pieces"] if une["code"] in codes]


def _choice(valeur: Any, regle: Regle) -> Json:
    dit = next((reponse for reponse, la_notre in regle.choix.items() if la_notre == valeur), None)
    return {"__typename": "DropDownListChamp", "stringValue": dit, "value": dit}


RENDUS: dict[str, Callable[[Any, Regle], Json]] = {
    "texte": lambda valeur, regle: {"stringValue": valeur},
    "finess": lambda valeur, regle: {"stringValue": f"{valeur[:2]} {valeur[2:]} - EHPAD"},
    "oui_non": lambda valeur, regle: {
        "__typename": "YesNoChamp", "stringValue": str(valeur).lower(), "selected": valeur,
    },
    "date": lambda valeur, regle: {"__typename": "DateChamp", "stringValue": valeur and "le jour dit", "date": valeur},
    "montant": lambda valeur, regle: {
        "__typename": "DecimalNumberChamp", "decimalNumber": None if valeur is None else float(valeur),
    },
    "entier": lambda valeur, regle: {
        "__typename": "IntegerNumberChamp", "integerNumber": None if valeur is None else str(valeur),
    },
    "choix": _choice,
}  # fmt: skip


def write(recu: DossierRecu, correspondance: Correspondance) -> Json:
    objet = recu.model_dump(mode="json")
    return {
        "number": int(recu.identifiant),
        "dateDepot": f"{recu.recu_le}T12:00:00+02:00" if recu.recu_le else None,
        "usager": {"email": recu.porteur.courriel},
        "demarche": {"number": correspondance.demarche},
        "champs": [render(regle, objet, objet) for regle in correspondance.champs],
        "annotations": [],
    }


# The dossiers.

noms = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=30).map(str.strip)
finess = st.from_regex(r"[0-9][0-9AB][0-9]{7}", fullmatch=True)
montants = st.decimals(0, 9_999_999_999, places=2).map(lambda valeur: f"{valeur:.2f}")
jours = st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(str)
entiers = st.none() | st.integers(0, 10**6)
essms = st.fixed_dictionaries(
    {"finess_et": finess, "nom": noms, "heures_eligibles": entiers, "heures_totales": entiers, "sons_logiciel": noms}
)
depenses = st.fixed_dictionaries(
    {
        "poste": st.sampled_from(["logiciel", "equipement", "amoa", "formation", "autre"]),
        "libelle": noms,
        "montant_ht": montants,
        "taux_tva": st.decimals(0, 100, places=2).map(str),
        "montant_ttc": montants,
    }
)
#: In the order of the form, which is the order in which documents are read.
CODES = [
    *(regle.piece for regle in CORRESPONDANCE.champs if regle.piece),
    *(sous.piece for regle in CORRESPONDANCE.champs for sous in regle.champs if sous.piece),
]
pieces = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.sampled_from(CODES),
            "nom": noms,
            "taille": st.integers(0, 2**40),
            "md5": st.none() | st.binary(min_size=16, max_size=16).map(bytes.hex),
        }
    ),
    max_size=6,
).map(lambda liste: sorted(liste, key=lambda une: CODES.index(str(une["code"]))))
oui = st.booleans()
dossiers = st.fixed_dictionaries(
    {
        "identifiant": st.integers(1, 2**40).map(str),
        "aap": st.just("OCC-2022"),
        "projet": st.sampled_from(["acquisition", "montee_de_version"]),
        "segur": oui,
        "logiciel": noms,
        "contrat_signe": oui,
        "financement_ue": noms,
        "options": st.fixed_dictionaries({"equipement": oui, "amoa_marche": oui, "amoa_projet": oui}),
        "porteur": st.fixed_dictionaries({"finess_ej": finess, "nom": noms, "courriel": st.just("a@b.fr")}),
        "grappe": st.fixed_dictionaries({"nom": noms, "essms": st.lists(essms, min_size=1, max_size=4)}),
        "depenses": st.lists(depenses, max_size=3),
        "aide_demandee": st.none() | montants,
        "recu_le": jours,
        "debut_prevu": jours,
        "fin_prevue": jours,
        "pieces": pieces,
    }
).map(DossierRecu.model_validate)


@settings(max_examples=100, deadline=None)
@given(dossiers)
def test_a_dossier_written_by_the_form_is_read_back_the_same(recu: DossierRecu) -> None:
    lot = read_answer(json.loads(json.dumps({"data": {"dossier": write(recu, CORRESPONDANCE)}}), parse_float=str))
    [brut] = lot.dossiers
    reprise = take(read_dossier(brut, lot), CORRESPONDANCE)
    assert (reprise.fautes, reprise.laisses, reprise.decoratifs) == ((), (), ())
    assert DossierRecu.model_validate(reprise.enregistrement) == recu
