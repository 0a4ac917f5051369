"""Documents that are filled in here: once every answer is given, the form joins the dossier as a document like another.

What is joined is a JSON text in one canonical form, so that its SHA-256 says whether the answers changed since.
A joined version stays the document of the dossier until another one is joined: filing takes it as it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from aap.bareme import is_small_og
from aap.champs import Champ, Manque, Saisies, form, missing, parse
from aap.faits import Faits, FaitsOg
from aap.models import Dossier, PieceFournie, Saisie, Section
from aap.regles import Regles
from moteur.tableaux import csv_of


@dataclass(frozen=True, kw_only=True)
class FormulaireOg:
    """The part of one OG. `manques`: what it still lacks."""

    og: FaitsOg
    manques: list[Manque]


@dataclass(frozen=True, kw_only=True)
class EtatFormulaire:
    """Where a form stands. `contenu`: the document that joining it now would give."""

    section: Section
    parties: list[FormulaireOg]
    contenu: bytes

    @property
    def complet(self) -> bool:
        return bool(self.parties) and not any(partie.manques for partie in self.parties)

    @property
    def empreinte(self) -> str:
        return sha256(self.contenu).hexdigest()


@cache
def section_of(code: str) -> Section | None:
    """The form that stands for this document; None when it is a file."""
    return next((section for section in Section if form(section).piece == code), None)


def asked_of(section: Section, regles: Regles, faits: Faits) -> tuple[FaitsOg, ...]:
    """The OGs that fill this form in. Raises: Refus REGLE_NON_RENSEIGNEE when nothing says what a small OG is."""
    if form(section).par == "petit_og":
        return tuple(og for og in faits.ogs if is_small_og(regles, og.total_essms))
    return faits.ogs


def review(dossier: Dossier, section: Section, faits: Faits, saisie: Saisie | None) -> EtatFormulaire:
    """Where this form stands for that dossier. Raises: Refus REGLE_NON_RENSEIGNEE."""
    saisies: Saisies = saisie.champs if saisie else {}
    ogs = asked_of(section, dossier.aap.regles, faits)
    return EtatFormulaire(
        section=section,
        parties=[FormulaireOg(og=og, manques=missing(section, saisies, [og.finess])) for og in ogs],
        contenu=_canonical(_document(dossier, section, ogs, saisies)),
    )


def load(piece: PieceFournie, contenu: bytes) -> dict[str, Any]:
    """A joined form, as it was written. Raises: ValueError when this document is not one."""
    if section_of(piece.code) is None or not isinstance(lu := json.loads(contenu), dict):
        raise ValueError(piece.code)
    return lu


def as_csv(formulaire: Mapping[str, Any]) -> str:
    """One row per answer, for a spreadsheet: semicolons, and the mark that tells Excel it is UTF-8."""
    lignes = [
        (og["finess"], og["nom"], reponse["question"], reponse["reponse"])
        for og in formulaire["organismes"]
        for reponse in og["reponses"]
    ]
    return "".join(csv_of([("finess", "organisme", "question", "reponse"), *lignes]))


def _document(dossier: Dossier, section: Section, ogs: tuple[FaitsOg, ...], saisies: Saisies) -> dict[str, object]:
    """No date and no author: two joins of the same answers are the same document."""
    formulaire = form(section)
    return {
        "formulaire": section.value,
        "titre": formulaire.titre,
        "dossier": dossier.reference,
        "organismes": [
            {
                "finess": og.finess,
                "nom": og.nom,
                "reponses": [
                    _answer(champ, saisies.get(f"{og.finess}.{champ.nom}", {"valeur": ""})["valeur"])
                    for champ in formulaire.champs
                ],
            }
            for og in ogs
        ],
    }


def _answer(champ: Champ, texte: str) -> dict[str, object]:
    """`valeur`: for programs, amounts as "0.00" and days as ISO 8601; `reponse`: in the words of the page."""
    try:
        valeur = parse(champ, texte)
    except ValueError:
        valeur = texte
    exact = valeur if isinstance(valeur, bool | int | None) else str(valeur)
    return {
        "champ": champ.nom,
        "question": champ.libelle,
        "valeur": exact,
        "reponse": champ.reponses.get(texte.strip(), texte.strip()),
    }


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
