"""The file: whatever answer of the GraphQL API somebody saved, down to its dossiers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aap.reception.demarches.champs import Champ, Nature, read_champ
from moteur.erreurs import Code, Refus
from moteur.fichiers import read_json
from moteur.texte import cite

TAILLE_MAX = 256 * 1024 * 1024
#: Deeper than any answer of the API: nobody wrote this by filling a form.
PROFONDEUR = 60
#: The objects of the API that hold `dossiers { nodes }`.
RECUEILS = ("demarche", "groupeInstructeur")
#: Any of these keys says that an object is a dossier.
DOSSIER = frozenset({"champs", "annotations", "dateDepot", "usager", "demandeur"})
DECORS = ("HeaderSectionChampDescriptor", "ExplicationChampDescriptor")


@dataclass(frozen=True)
class Lot:
    """Dossiers of one file, raw. `demarche`: number of the démarche, where the file says it above its dossiers.

    `decors`: ids of the descriptors that only lay out the form, where the file holds the form.
    """

    dossiers: tuple[Any, ...]
    demarche: str = ""
    decors: frozenset[str] = frozenset()
    avertissements: tuple[str, ...] = ()


@dataclass(frozen=True)
class DossierDs:
    """One dossier. `numero`: "" when it has none."""

    brut: Mapping[str, Any]
    numero: str
    demarche: str
    champs: tuple[Champ, ...]
    annotations: tuple[Champ, ...]
    decors: frozenset[str]

    def walk(self) -> Iterator[Champ]:
        """Every champ, annotation and champ of a repeated row."""
        for champ in (*self.champs, *self.annotations):
            yield from champ.walk()


def read_file(chemin: Path) -> Lot:
    """Read a file. Raises: Refus DONNEES_INVALIDES when it is no answer of the API with dossiers in it."""
    return read_answer(read_json(chemin, TAILLE_MAX, "un export de dossiers", decimaux=str))


def read_answer(brut: object) -> Lot:
    """The dossiers of an answer of the API, parsed with its decimal numbers left as text."""
    if _is_too_deep(brut):
        raise _refus(f"Ce fichier s'emboîte sur plus de {PROFONDEUR} niveaux : ce n'est pas une réponse de l'API.")
    if isinstance(brut, list):
        return Lot(tuple(brut))
    if not isinstance(brut, Mapping):
        raise _refus(
            "Un objet ou une liste JSON est attendu : la réponse de l'API à « getDossier » ou « getDemarche »."
        )
    if brut.get("errors"):
        raise _refus(f"L'API a répondu par une erreur : {cite(_first_message(brut['errors']))}. Relancez l'export.")
    return _dossiers(_object(brut, "data") or brut)


def read_dossier(brut: object, lot: Lot) -> DossierDs:
    """One dossier of the lot, as far as it can be read."""
    objet: Mapping[str, Any] = brut if isinstance(brut, Mapping) else {}
    demarche = _object(objet, "demarche")
    return DossierDs(
        brut=objet,
        numero=_number(objet),
        demarche=_number(demarche) or lot.demarche,
        champs=tuple(read_champ(champ, Nature.CHAMP) for champ in _list(objet, "champs")),
        annotations=tuple(read_champ(champ, Nature.ANNOTATION) for champ in _list(objet, "annotations")),
        decors=lot.decors | _layout(demarche),
    )


def _dossiers(donnees: Mapping[str, Any]) -> Lot:
    if donnees.keys() & DOSSIER:
        return Lot((donnees,))
    if isinstance(donnees.get("dossier"), Mapping):
        return Lot((donnees["dossier"],))
    cle = next((cle for cle in RECUEILS if isinstance(donnees.get(cle), Mapping)), "")
    return _collection(donnees[cle] if cle else donnees, cle)


def _collection(recueil: Mapping[str, Any], cle: str) -> Lot:
    page = _object(recueil, "dossiers")
    if not isinstance(page.get("nodes"), list):
        raise _refus(
            "Ce fichier ne contient aucun dossier, seulement une description. Exportez les dossiers : requête "
            "« getDossier », ou « getDemarche » avec « includeDossiers »."
        )
    suite = _object(page, "pageInfo").get("hasNextPage") is True
    return Lot(
        dossiers=tuple(page["nodes"]),
        demarche="" if cle == "groupeInstructeur" else _number(recueil),
        decors=_layout(recueil),
        avertissements=(
            ("Ce fichier n'est qu'une page de la démarche : importez aussi les suivantes (« hasNextPage »).",)
            if suite
            else ()
        ),
    )


def _layout(demarche: Mapping[str, Any]) -> frozenset[str]:
    """Descriptors that hold no answer, where the form came with the file."""
    revisions = (_object(demarche, "activeRevision"), _object(demarche, "revision"))
    listes = (_list(revision, cle) for revision in revisions for cle in ("champDescriptors", "annotationDescriptors"))
    return frozenset(
        str(descripteur["id"])
        for liste in listes
        for descripteur in liste
        if isinstance(descripteur, Mapping) and descripteur.get("__typename") in DECORS and "id" in descripteur
    )


def _number(objet: Mapping[str, Any]) -> str:
    numero = objet.get("number")
    est_un_nombre = isinstance(numero, int | str) and not isinstance(numero, bool)
    return str(numero).strip() if est_un_nombre else ""


def _object(objet: Mapping[str, Any], cle: str) -> Mapping[str, Any]:
    valeur = objet.get(cle)
    return valeur if isinstance(valeur, Mapping) else {}


def _list(objet: Mapping[str, Any], cle: str) -> list[Any]:
    valeur = objet.get(cle)
    return valeur if isinstance(valeur, list) else []


def _is_too_deep(brut: object) -> bool:
    pile: list[tuple[int, object]] = [(0, brut)]
    while pile:
        niveau, valeur = pile.pop()
        if niveau > PROFONDEUR:
            return True
        if isinstance(valeur, dict):
            pile += [(niveau + 1, sous) for sous in valeur.values()]
        elif isinstance(valeur, list):
            pile += [(niveau + 1, sous) for sous in valeur]
    return False


def _first_message(erreurs: object) -> object:
    premiere = erreurs[0] if isinstance(erreurs, list) else erreurs
    return premiere.get("message", premiere) if isinstance(premiere, Mapping) else premiere


def _refus(message: str) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, message)
