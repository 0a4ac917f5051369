"""Dossiers of Démarches Simplifiées for tests: the fixtures, champs to compose, random ones."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from aap.reception.demarches.correspondance import Correspondance, charger, lire_fichier
from aap.reception.demarches.fichier import DossierDs, Lot, read_answer, read_dossier, read_file
from aap.reception.demarches.reprise import Reprise, take
from grappes.models import Essms, OrganismeGestionnaire
from moteur import horloge
from tests.fabriques import campagne

PROJET = Path(__file__).resolve().parents[2]
DETR = PROJET / "tests" / "donnees" / "ds" / "dossier_detr_dsil.json"
EXEMPLE = PROJET / "fixtures" / "demarches" / "esms-numerique-2022.exemple.json"

ESMS = "esms-numerique-2022"
CATEGORIES = {"EHPAD": "500", "SSIAD": "354", "IME": "183", "MAS": "255", "FAM": "437", "ESAT": "246"}
#: The day the example is taken over: its call is open.
JOUR = horloge.ouverture(date(2022, 6, 20))

Json = dict[str, Any]


def champ(libelle: str, valeur: str | None = "", type_: str = "TextChamp", **autres: Any) -> Json:
    """One champ. `autres`: its typed keys, or `id`."""
    ident = autres.pop("id", f"id-{libelle}")
    return {
        "id": ident, "champDescriptorId": ident, "__typename": type_, "label": libelle, "stringValue": valeur,
    } | autres  # fmt: skip


def repetition(libelle: str, *lignes: list[Json]) -> Json:
    return champ(libelle, "", "RepetitionChamp", rows=[{"id": f"r{n}", "champs": un} for n, un in enumerate(lignes)])


def mapping(toml: str = "", demarche: int = 1) -> Correspondance:
    """A mapping of that démarche: `toml` is what comes after its name."""
    return charger(f'code = "essai"\nintitule = "Essai"\ndemarche = {demarche}\n{toml}')


def dossier(*champs: Any, annotations: list[Any] | None = None, **entete: Any) -> DossierDs:
    brut = {"number": 7, "champs": list(champs), "annotations": annotations or []} | entete
    return read_dossier(brut, Lot((brut,)))


def taken(toml: str, *champs: Any, **entete: Any) -> Reprise:
    """These champs, read through that mapping."""
    return take(dossier(*champs, **entete), mapping(toml))


def only(chemin: Path) -> DossierDs:
    """The only dossier of a file."""
    lot = read_file(chemin)
    [brut] = lot.dossiers
    return read_dossier(brut, lot)


def register_example() -> OrganismeGestionnaire:
    """An open call, and the OG and the 16 ESSMS of the example in the register."""
    campagne(dossiers=[])
    og = OrganismeGestionnaire.objects.create(finess="310900907", nom="ASSOCIATION AUTAN SOLIDAIRE")
    grappe = take(only(EXEMPLE), lire_fichier(ESMS)).enregistrement["grappe"]
    Essms.objects.bulk_create(
        Essms(
            finess=un["finess_et"], nom=un["nom"].upper(), categorie=CATEGORIES[un["nom"].split()[0]],
            departement_id=un["finess_et"][:2], og=og,
        )
        for un in grappe["essms"]
    )  # fmt: skip
    return og


def answer(valeur: object) -> Lot:
    """What the API would have said, saved and read again."""
    return read_answer(json.loads(json.dumps(valeur), parse_float=str))


LIBELLES = ["Nom", "Nom ", "Montant", "Bloc", "Pièces", ""]
TYPES = [
    "TextChamp", "CheckboxChamp", "YesNoChamp", "DateChamp", "DatetimeChamp", "DecimalNumberChamp",
    "IntegerNumberChamp", "LinkedDropDownListChamp", "MultipleDropDownListChamp", "DropDownListChamp",
    "CiviliteChamp", "AddressChamp", "SiretChamp", "PieceJustificativeChamp", "CarteChamp", "CommuneChamp",
    "DepartementChamp", "RegionChamp", "EpciChamp", "PaysChamp", "DossierLinkChamp", "TitreIdentiteChamp",
    "RNFChamp", "RNAChamp", "EngagementJuridiqueChamp", "HeaderSectionChamp", "ExplicationChamp", "TypeDeDemainChamp",
]  # fmt: skip
textes = st.one_of(
    st.none(), st.sampled_from(["", " ", "oui", "310000028", "12,50", "2022-05-01"]), st.text(max_size=8)
)
valeurs = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), textes),
    lambda enfants: st.one_of(
        st.lists(enfants, max_size=3), st.dictionaries(st.sampled_from("abc"), enfants, max_size=2)
    ),
    max_leaves=4,
)
CLES = [
    "checked", "selected", "value", "values", "date", "datetime", "decimalNumber", "integerNumber", "files", "file",
    "address", "etablissement", "geoAreas", "commune", "rows", "champs", "inconnue",
]  # fmt: skip
simples = st.builds(
    lambda libelle, ident, type_, texte, autres: (
        {"id": ident, "champDescriptorId": ident, "__typename": type_, "label": libelle, "stringValue": texte} | autres
    ),
    st.sampled_from(LIBELLES),
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from(TYPES),
    textes,
    st.dictionaries(st.sampled_from(CLES), valeurs, max_size=3),
)
#: Anything the API could say, and some things it could not.
champs_au_hasard = st.recursive(
    st.one_of(simples, valeurs),
    lambda enfants: st.builds(
        lambda libelle, lignes: repetition(libelle, *lignes),
        st.sampled_from(LIBELLES),
        st.lists(st.lists(enfants, max_size=3), max_size=3),
    ),
    max_leaves=10,
)
