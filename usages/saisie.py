"""Typing the figures of a month, field by field, by several people at once; and what they are worth so far.

Fields: "310000028.personnes" for a count, "310000028.correction" and "310000028.explication" for words about an ESSMS,
"mois.explication" about the month, "contact.courriel". Nobody overwrites what she has not seen: see `aap.saisie`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

from django.db import transaction

from aap.champs import Champ
from aap.champs import parse as parse_field
from aap.faits import FaitsEssms
from aap.models import Dossier, Etat
from aap.saisie import Conflit, merge
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.porte import check_right, lock
from moteur.signature import unstorable
from usages.calcul import COMPTES
from usages.chiffres import incoherence, parse
from usages.models import Declaration, EtatDeclaration, SaisieUsages
from usages.mois import length, months, previous
from usages.signalements import Releve, Signalement, flag
from usages.verification import funded

CONTACT = (
    Champ(nom="contact.nom", libelle="Référent de la déclaration", nature="texte", obligatoire=True,
          aide="La personne que l'ARS appelle si un chiffre l'étonne."),
    Champ(nom="contact.courriel", libelle="Adresse électronique", nature="courriel", obligatoire=True),
    Champ(nom="contact.telephone", libelle="Téléphone", nature="telephone", obligatoire=True),
)  # fmt: skip
CORRECTION, EXPLICATION, MOIS = "correction", "explication", "mois"
LONGUEUR_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Ecriture:
    """What became of a writing."""

    saisie: SaisieUsages
    conflits: tuple[Conflit, ...]


@dataclass(frozen=True, kw_only=True)
class Etude:
    """What was typed for a month, understood. `fautes`: {field: sentence}; `manques`: fields still blank."""

    dossier: Dossier
    mois: date
    saisie: SaisieUsages
    essms: tuple[FaitsEssms, ...]
    chiffres: Mapping[str, Mapping[str, int]]
    fautes: Mapping[str, str]
    manques: list[str]
    signalements: list[Signalement]

    def value(self, champ: str) -> str:
        """What was typed there, as typed."""
        return str(self.saisie.champs.get(champ, {"valeur": ""})["valeur"])

    @cached_property
    def empreinte(self) -> str:
        """SHA-256 of all that was typed but the explanations: what a declarant read before she validates."""
        lus = {champ: ecrit["valeur"] for champ, ecrit in self.saisie.champs.items() if not champ.endswith(EXPLICATION)}
        return sha256(json.dumps(lus, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @cached_property
    def complets(self) -> dict[str, Mapping[str, int]]:
        """The ESSMS whose every figure is there and right."""
        fautifs = {champ.partition(".")[0] for champ in self.fautes}
        return {
            finess: lus for finess, lus in self.chiffres.items() if len(lus) == len(COMPTES) and finess not in fautifs
        }

    @cached_property
    def a_expliquer(self) -> list[str]:
        """Fields in which a flag is to be explained, and is not yet."""
        champs = dict.fromkeys(f"{un.finess or MOIS}.{EXPLICATION}" for un in self.signalements)
        return [champ for champ in champs if not self.value(champ).strip()]


def saisir(
    dossier: Dossier, par: Utilisateur, *, mois: date, valeurs: Mapping[str, str], vues: Mapping[str, str]
) -> Ecriture:
    """Write these fields of a month. `vues`: the value the writer saw of each, "" when it was blank.

    Locks: the dossier's row. Raises: Refus ROLE_INTERDIT, HORS_PERIMETRE, TRANSITION_INTERDITE, DONNEES_INVALIDES.
    """
    with transaction.atomic(), traduire():
        frais = lock(dossier)
        check_right(frais, par, "Saisir les usages", frozenset({Role.PORTEUR}))
        if frais.etat != Etat.EN_DEPLOIEMENT:
            raise Refus(
                Code.TRANSITION_INTERDITE,
                f"Les usages ne se saisissent plus : dossier à l'état « {frais.libelle_etat} ».",
                etat=frais.etat,
            )
        _check_month(frais, mois)
        _check_fields(frais, valeurs)
        saisie, le = start(frais, mois), horloge.maintenant()
        conflits = merge(saisie.champs, valeurs, vues, par=str(par), le=le)
        saisie.version += 1
        saisie.par, saisie.le = par, le
        saisie.save()
    return Ecriture(saisie=saisie, conflits=conflits)


def start(dossier: Dossier, mois: date) -> SaisieUsages:
    """What was typed for that month; else, unsaved, what is known of it: a draft declared otherwise, the contact."""
    saisies = {saisie.mois: saisie for saisie in dossier.saisies_usages.order_by("mois")}
    if mois in saisies:
        return saisies[mois]
    brouillon = {"par": "", "le": horloge.maintenant().isoformat()}
    champs: dict[str, dict[str, str]] = {}
    if saisies:
        derniere = next(reversed(saisies.values()))
        champs = {champ.nom: derniere.champs[champ.nom] for champ in CONTACT if champ.nom in derniere.champs}
    declaration = drafted(dossier, mois)
    for mesure in declaration.mesures.all() if declaration else ():
        champs |= {
            f"{mesure.finess}.{compte}": brouillon | {"valeur": str(getattr(mesure, compte))} for compte in COMPTES
        }
    return SaisieUsages(dossier=dossier, mois=mois, champs=champs)


def study(dossier: Dossier, mois: date) -> Etude:
    """What the month is worth so far: figures read, faults, blanks, flags."""
    saisie, essms = start(dossier, mois), funded(dossier)
    chiffres: dict[str, dict[str, int]] = {}
    fautes: dict[str, str] = {}
    manques = []
    for un in essms:
        lus = chiffres.setdefault(un.finess, {})
        for compte in COMPTES:
            champ = f"{un.finess}.{compte}"
            try:
                nombre = parse(_typed(saisie, champ))
            except ValueError as erreur:
                fautes[champ] = str(erreur)
                continue
            if nombre is None:
                manques.append(champ)
            else:
                lus[compte] = nombre
        if phrase := incoherence(lus):
            fautes[f"{un.finess}.dossiers_actifs"] = phrase
    _read_contact(saisie, fautes, manques)
    corrections = {un.finess: texte for un in essms if (texte := _typed(saisie, f"{un.finess}.{CORRECTION}").strip())}
    releve = Releve(mois=mois, duree=length(dossier, mois), chiffres=chiffres, corrections=corrections)
    return Etude(
        dossier=dossier, mois=mois, saisie=saisie, essms=essms, chiffres=chiffres, fautes=fautes, manques=manques,
        signalements=flag(releve, _before(dossier, mois), deja_declare=_exists(dossier, mois)),
    )  # fmt: skip


def drafted(dossier: Dossier, mois: date) -> Declaration | None:
    """The declaration of that month that may still be corrected."""
    brouillons = (une for une in dossier.declarations.all() if une.mois == mois)
    return next((une for une in brouillons if une.etat == EtatDeclaration.BROUILLON), None)


def _typed(saisie: SaisieUsages, champ: str) -> str:
    return str(saisie.champs.get(champ, {"valeur": ""})["valeur"])


def _read_contact(saisie: SaisieUsages, fautes: dict[str, str], manques: list[str]) -> None:
    for champ in CONTACT:
        try:
            if not parse_field(champ, _typed(saisie, champ.nom)):
                manques.append(champ.nom)
        except ValueError as erreur:
            fautes[champ.nom] = str(erreur)


def _before(dossier: Dossier, mois: date) -> Releve | None:
    declaration = previous(dossier.declarations.all(), mois)
    if declaration is None:
        return None
    chiffres = {
        mesure.finess: {compte: getattr(mesure, compte) for compte in COMPTES} for mesure in declaration.mesures.all()
    }
    return Releve(mois=declaration.mois, duree=length(dossier, declaration.mois), chiffres=chiffres)


def _exists(dossier: Dossier, mois: date) -> bool:
    return any(une.mois == mois for une in dossier.declarations.all())


def _check_month(dossier: Dossier, mois: date) -> None:
    if mois not in {un.premier for un in months(dossier, horloge.aujourdhui())}:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le mois {mois:%m/%Y} ne se déclare pas : choisissez un mois depuis la signature de la convention.",
        )


def _check_fields(dossier: Dossier, valeurs: Mapping[str, str]) -> None:
    """Only the fields of this grappe, with text that can be kept."""
    connus = {champ.nom for champ in CONTACT} | {f"{MOIS}.{EXPLICATION}"}
    connus |= {f"{un.finess}.{nom}" for un in funded(dossier) for nom in (*COMPTES, CORRECTION, EXPLICATION)}
    for champ, valeur in valeurs.items():
        if champ not in connus:
            raise Refus(
                Code.DONNEES_INVALIDES,
                f"Le champ « {champ[:60]} » n'est pas de cette déclaration : rechargez la page.",
                champ=champ[:60],
            )
        if len(valeur) > LONGUEUR_MAX or unstorable(valeur) is not None:
            raise Refus(
                Code.DONNEES_INVALIDES,
                f"Ce texte est trop long ou illisible : {LONGUEUR_MAX} caractères au plus. Retapez-le plus court.",
                champ=champ,
            )
