"""Taking a dossier over: each champ ends in one place only, a field of ours, the decor, or the list of the rest."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aap.reception.demarches.champs import DE_MISE_EN_PAGE, REPETITION, Champ, Nature
from aap.reception.demarches.chemins import put
from aap.reception.demarches.conversions import LECTEURS, Illisible, pieces
from aap.reception.demarches.correspondance import PIECES, Correspondance, Entete, Regle
from aap.reception.demarches.fichier import DossierDs
from moteur.lots import Faute
from moteur.signature import unstorable
from moteur.texte import cite, en_liste

#: Heads of a dossier that say something of it. The rest belongs to the platform: urls, officers, flags.
ENTETES = (
    "dateDepot", "state", "usager.email", "deposeParUnTiers", "prenomMandataire", "nomMandataire", "motivation",
    "demandeur.siret", "demandeur.entreprise.siren", "demandeur.entreprise.raisonSociale",
    "demandeur.civilite", "demandeur.nom", "demandeur.prenom", "demandeur.email",
)  # fmt: skip
DE_PIECE = frozenset({"PieceJustificativeChamp", "TitreIdentiteChamp"})


@dataclass(frozen=True)
class Reprise:
    """What a dossier gave. `enregistrement`: shaped as a DossierRecu, to be judged.

    `repris`, `decoratifs`, `laisses`: all its champs, each in one of the three. `non_repris`: what is kept for the
    Reception, JSON-ready: `laisses`, then heads and file fingerprints that no field takes. `origines`: for a path
    of the record, the champ it comes from, in words.
    """

    enregistrement: dict[str, Any]
    repris: tuple[Champ, ...]
    decoratifs: tuple[Champ, ...]
    laisses: tuple[Champ, ...]
    non_repris: list[dict[str, Any]]
    origines: dict[str, str]
    fautes: tuple[Faute, ...] = ()
    avertissements: tuple[str, ...] = ()

    def counts(self) -> dict[str, dict[str, int]]:
        """{"champ": {"repris": 30, "decoratifs": 12, "non_repris": 14}, "annotation": …, "ligne": …}."""
        groupes = {"repris": self.repris, "decoratifs": self.decoratifs, "non_repris": self.laisses}
        return {
            nature.value: {nom: sum(champ.nature is nature for champ in groupe) for nom, groupe in groupes.items()}
            for nature in (Nature.CHAMP, Nature.ANNOTATION, Nature.LIGNE)
        }


@dataclass
class _Releve:
    """What is found while walking through one dossier."""

    enregistrement: dict[str, Any]
    repris: set[Champ] = field(default_factory=set)
    details: list[dict[str, Any]] = field(default_factory=list)
    origines: dict[str, str] = field(default_factory=dict)
    fautes: list[Faute] = field(default_factory=list)
    avertissements: list[str] = field(default_factory=list)

    def refuse(self, chemin: str, message: str) -> None:
        self.fautes.append(Faute(chemin=chemin, message=message))


def take(dossier: DossierDs, correspondance: Correspondance) -> Reprise:
    """Read a dossier through its mapping. Nothing is judged here but what cannot be read."""
    releve = _Releve({"identifiant": dossier.numero})
    _check_whole(dossier, correspondance, releve)
    for chemin, constante in correspondance.constantes.items():
        put(releve.enregistrement, chemin, constante)
    entetes = _take_heads(dossier, correspondance.entetes, releve)
    _take_champs(dossier.champs, correspondance.champs, releve.enregistrement, "", releve)
    _take_champs(dossier.annotations, correspondance.annotations, releve.enregistrement, "", releve)
    restes = [champ for champ in dossier.walk() if champ not in releve.repris]
    decoratifs = {champ for champ in restes if _is_layout(champ, dossier, correspondance)}
    laisses = tuple(champ for champ in restes if champ not in decoratifs)
    return Reprise(
        enregistrement=releve.enregistrement,
        repris=tuple(champ for champ in dossier.walk() if champ in releve.repris),
        decoratifs=tuple(champ for champ in restes if champ in decoratifs),
        laisses=laisses,
        non_repris=[*(champ.as_kept() for champ in (*laisses, *entetes)), *releve.details],
        origines=releve.origines,
        fautes=tuple(releve.fautes),
        avertissements=tuple(releve.avertissements),
    )


def locate(chemin: str, reprise: Reprise, correspondance: Correspondance) -> str:
    """Where an officer finds in the form, or in the mapping, what is at that path of the record."""
    if chemin in correspondance.constantes:
        return f"Constante {cite(chemin)} de la correspondance"
    if chemin in reprise.origines:
        return reprise.origines[chemin]
    dessous = [ou for cle, ou in reprise.origines.items() if cle.startswith((f"{chemin}.", f"{chemin}["))]
    return " ; ".join(dessous[:3]) or _unanswered(chemin, correspondance)


def _unanswered(chemin: str, correspondance: Correspondance) -> str:
    """The champs that would have fed that path, had they been in the dossier."""
    regles = {regle.chemin: regle.libelle for regle in _flat((*correspondance.champs, *correspondance.annotations))}
    regles |= {entete.vers: entete.de for entete in correspondance.entetes}
    nu = f"{_without_rows(chemin)}."
    proches = [libelle for vers, libelle in regles.items() if f"{_without_rows(vers)}.".startswith(nu)]
    if proches:
        return f"Champ {en_liste([cite(libelle) for libelle in proches[:3]])}, sans réponse"
    return f"Aucun champ de la démarche ne donne {cite(chemin)}"


def _without_rows(chemin: str) -> str:
    """grappe.essms.nom of grappe.essms[3].nom."""
    return re.sub(r"\[\d+\]", "", chemin)


def _check_whole(dossier: DossierDs, correspondance: Correspondance, releve: _Releve) -> None:
    if (illisible := unstorable(dict(dossier.brut))) is not None:
        releve.refuse("", f"{illisible} : ce texte contient un caractère illisible ; retapez-le dans la démarche.")
    if not dossier.numero:
        releve.refuse("identifiant", "Ce dossier n'a pas de numéro (« number ») : exportez-le de nouveau.")
    if not isinstance(dossier.brut.get("champs"), list):
        releve.refuse("", "Ce dossier est venu sans ses champs : exportez-le avec « includeChamps ».")
    if dossier.demarche not in ("", str(correspondance.demarche)):
        releve.refuse(
            "",
            f"Ce dossier vient de la démarche {dossier.demarche} ; la correspondance « {correspondance.code} » est "
            f"celle de la démarche {correspondance.demarche}. Choisissez l'autre correspondance.",
        )


def _take_heads(dossier: DossierDs, entetes: Iterable[Entete], releve: _Releve) -> list[Champ]:
    """Feed fields from the head of the dossier; returns what else the head says."""
    pris = set()
    for entete in entetes:
        champ = _head(dossier, entete.de)
        regle = Regle(libelle=entete.de, vers=entete.vers, conversion=entete.conversion)
        if _take_value(champ, regle, releve.enregistrement, "", releve):
            pris.add(entete.de)
    autres = [_head(dossier, chemin) for chemin in ENTETES if chemin not in pris]
    return [champ for champ in autres if not champ.is_blank]


def _head(dossier: DossierDs, chemin: str) -> Champ:
    valeur: Any = dossier.brut
    for cle in chemin.split("."):
        valeur = valeur.get(cle) if isinstance(valeur, Mapping) else None
    return Champ(Nature.ENTETE, {"id": chemin, "label": chemin, "stringValue": valeur})


def _take_champs(
    champs: Sequence[Champ], regles: Iterable[Regle], cible: dict[str, Any], prefixe: str, releve: _Releve
) -> None:
    for regle in regles:
        designes = _designated(champs, regle)
        if len(designes) > 1:
            releve.refuse(
                f"{prefixe}{regle.chemin}",
                f"{designes[0].designation} : {len(designes)} champs de ce dossier portent ce libellé ; donnez dans la "
                "correspondance l'identifiant (« id ») du bon.",
            )
        for champ in designes if len(designes) == 1 else ():
            if _take_one(champ, regle, cible, prefixe, releve):
                releve.repris.add(champ)


def _designated(champs: Sequence[Champ], regle: Regle) -> list[Champ]:
    """By identifier first, else by exact label among the champs that such a conversion can read."""
    par_id = [champ for champ in champs if regle.id and champ.descripteur == regle.id]
    return par_id or [champ for champ in champs if champ.libelle == regle.libelle and _reads(regle, champ)]


def _reads(regle: Regle, champ: Champ) -> bool:
    if regle.conversion == "repetition":
        return champ.type == REPETITION
    if regle.conversion == "piece":
        return champ.type in DE_PIECE
    return champ.type not in DE_PIECE | DE_MISE_EN_PAGE | {REPETITION}


def _take_one(champ: Champ, regle: Regle, cible: dict[str, Any], prefixe: str, releve: _Releve) -> bool:
    """Whether the champ could be read: what cannot is refused, and kept among the rest."""
    if regle.conversion == "repetition":
        return _take_rows(champ, regle, cible, prefixe, releve)
    if regle.conversion == "piece":
        return _take_files(champ, regle, releve)
    return _take_value(champ, regle, cible, prefixe, releve)


def _take_value(champ: Champ, regle: Regle, cible: dict[str, Any], prefixe: str, releve: _Releve) -> bool:
    chemin = f"{prefixe}{regle.vers}"
    releve.origines[chemin] = f"{champ.designation}, sans réponse" if champ.is_blank else champ.designation
    try:
        valeur = LECTEURS[regle.conversion](champ, regle)
    except Illisible as erreur:
        releve.refuse(chemin, f"{champ.designation} : {erreur}.")
        return False
    if valeur is not None:
        put(cible, regle.vers, valeur)
    return True


def _take_files(champ: Champ, regle: Regle, releve: _Releve) -> bool:
    liste = releve.enregistrement.setdefault(PIECES, [])
    try:
        trouvees = pieces(champ, regle)
    except Illisible as erreur:
        releve.refuse(PIECES, f"{champ.designation} : {erreur}.")
        return False
    for piece in trouvees:
        releve.origines |= {f"{PIECES}[{len(liste)}].{cle}": champ.designation for cle in piece}
        liste.append(piece)
    if trouvees:
        releve.details.append(champ.as_kept() | {"nature": Nature.FICHIER.value})
    return True


def _take_rows(champ: Champ, regle: Regle, cible: dict[str, Any], prefixe: str, releve: _Releve) -> bool:
    chemin = f"{prefixe}{regle.vers}"
    if not champ.lignes and not _has_no_row(champ):
        releve.refuse(chemin, f"{champ.designation} : ce bloc répété n'a pas la forme attendue (« rows »).")
        return False
    releve.origines[chemin] = champ.designation
    lignes: list[dict[str, Any]] = []
    deja = _list_at(cible, regle.vers)
    for rang, ligne in enumerate(champ.lignes, start=1):
        element: dict[str, Any] = {}
        avant = len(releve.fautes), len(releve.details)
        _take_champs(ligne, regle.champs, element, f"{chemin}[{len(deja) + len(lignes)}].", releve)
        if element or len(releve.fautes) > avant[0]:
            releve.origines[f"{chemin}[{len(deja) + len(lignes)}]"] = f"{champ.designation}, ligne {rang}"
            lignes.append(dict(regle.constantes) | element)
        elif len(releve.details) == avant[1]:
            releve.avertissements.append(f"{champ.designation}, ligne {rang} : vide, elle ne compte pas.")
    if lignes:
        put(cible, regle.vers, deja + lignes)
    return True


def _list_at(cible: Mapping[str, Any], chemin: str) -> list[Any]:
    """The list another block has already put there."""
    valeur: Any = cible
    for cle in chemin.split("."):
        valeur = valeur.get(cle) if isinstance(valeur, Mapping) else None
    return valeur if isinstance(valeur, list) else []


def _has_no_row(champ: Champ) -> bool:
    return not champ.brut.get("rows") and not champ.brut.get("champs")


def _is_layout(champ: Champ, dossier: DossierDs, correspondance: Correspondance) -> bool:
    """Decor, and nothing else: what holds an answer is never decor, whatever the mapping says."""
    decors = correspondance.decoratifs
    dit = champ.libelle in decors.libelles or champ.descripteur in decors.ids | dossier.decors
    return (dit or champ.type in DE_MISE_EN_PAGE) and champ.is_blank and champ.type != REPETITION


def _flat(regles: Iterable[Regle], prefixe: str = "") -> Iterable[Regle]:
    for regle in regles:
        yield regle.model_copy(update={"vers": f"{prefixe}{regle.chemin}"})
        yield from _flat(regle.champs, f"{prefixe}{regle.chemin}.")
