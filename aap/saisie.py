"""Filling in a dossier, field by field, by several people at once: nobody overwrites what she has not seen.

A writer says of each field what she saw and what she wants. Where somebody else wrote in between, hers is not
kept but returned beside the other's, and the rest of what she sent is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from aap.champs import Manque, check, columns, form, missing
from aap.complements import check_section
from aap.examen import compose
from aap.models import Dossier, Etat, Saisie, Section
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.texte import cite

Valeur = Annotated[str, StringConstraints(max_length=20_000)]
NomChamp = Annotated[str, StringConstraints(min_length=1, max_length=80)]


@dataclass(frozen=True, kw_only=True)
class Conflit:
    """Somebody else wrote this field since it was read: `actuelle`, by `par`, at `le` (ISO 8601)."""

    champ: str
    proposee: str
    actuelle: str
    par: str
    le: str


@dataclass(frozen=True, kw_only=True)
class Ecriture:
    """What became of a writing. `fautes`: {field: sentence} of the values kept as typed but not understood."""

    saisie: Saisie
    conflits: tuple[Conflit, ...]
    fautes: Mapping[str, str]


@acte(Dossier, "Remplir une section", dans={Etat.BROUILLON, Etat.A_COMPLETER}, par=Role.PORTEUR)
def saisir(
    dossier: Dossier,
    passage: Passage,
    *,
    section: Section,
    valeurs: Annotated[dict[NomChamp, Valeur], Field(max_length=400)],
    vues: dict[NomChamp, Valeur],
) -> Ecriture:
    """Write these fields of a section. `vues`: the value the writer saw of each, "" when it was blank.

    Locks: the dossier's row, by the door. Raises: Refus DONNEES_INVALIDES for a field the section has not,
    TRANSITION_INTERDITE while complements are awaited elsewhere.
    """
    check_section(dossier, section)
    _check_asked(dossier, section, valeurs)
    saisie = read(dossier, section) or Saisie(dossier=dossier, section=section)
    conflits = merge(saisie.champs, valeurs, vues, par=str(passage.par), le=passage.le)
    fautes = check(section, saisie.champs)
    for colonne, valeur_lue in columns(section, saisie.champs).items():
        setattr(dossier, colonne, valeur_lue)
    saisie.version += 1
    saisie.par_id, saisie.le = passage.par.pk, passage.le
    saisie.save()
    return Ecriture(saisie=saisie, conflits=conflits, fautes=fautes)


def _check_asked(dossier: Dossier, section: Section, valeurs: Mapping[str, str]) -> None:
    """A section repeated per OG is answered for the OGs of the grappe. Raises: Refus DONNEES_INVALIDES."""
    if not form(section).par:
        return
    ogs = {og.finess for og in compose(dossier).ogs}
    if etrangers := sorted({nom.partition(".")[0] for nom in valeurs} - ogs):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Aucun organisme de la grappe ne porte le numéro {cite(etrangers[0])} : relisez l'étape « Votre grappe ».",
            og=etrangers[0],
        )


def merge(
    champs: dict[str, dict[str, str]], valeurs: Mapping[str, str], vues: Mapping[str, str], *, par: str, le: datetime
) -> tuple[Conflit, ...]:
    """Write in `champs` each value whose writer saw the last one; the others come back, beside the last one."""
    conflits = []
    for champ, valeur in valeurs.items():
        actuel = champs.get(champ, {"valeur": "", "par": "", "le": ""})
        if valeur == actuel["valeur"]:
            continue
        if vues.get(champ, "") == actuel["valeur"]:
            champs[champ] = {"valeur": valeur, "par": par, "le": le.isoformat()}
        elif valeur != vues.get(champ, ""):
            conflits.append(
                Conflit(champ=champ, proposee=valeur, actuelle=actuel["valeur"], par=actuel["par"], le=actuel["le"])
            )
    return tuple(conflits)


def unfilled(dossier: Dossier) -> dict[Section, list[Manque]]:
    """What the sections due from every porteur still lack. Two sections are forms in place of documents: not here."""
    saisies = {saisie.section: saisie.champs for saisie in dossier.saisies.all()}
    return {section: missing(section, saisies.get(section, {})) for section in (Section.PROJET, Section.ENGAGEMENTS)}


def read(dossier: Dossier, section: Section) -> Saisie | None:
    """What was typed in that section; None while nothing was."""
    return Saisie.objects.filter(dossier=dossier, section=section).first()
