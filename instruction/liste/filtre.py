"""What a reader asks of the list, as it stands in the address. What makes no sense there falls back to the usual."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, Value
from django.http import QueryDict

from aap.models import Etat
from accompagnement.models import Niveau
from comptes.models import Utilisateur
from grappes.querysets import Correspond
from grappes.recherche import to_query
from instruction.libelles import PROJETS, SECTEURS
from instruction.liste.colonnes import COLONNES
from instruction.liste.ordres import HABITUEL, ORDRES
from instruction.querysets import SANS_DATE, ParcoursQuerySet

LONGUEUR_TEXTE = 100
MOI, PERSONNE = "moi", "personne"
#: Where a date stands, from today: in words, and how many days ahead at most (None: none at all).
DELAIS = {"retard": "En retard", "semaine": "Dans les sept jours", "mois": "Dans les trente jours", "sans": "Sans date"}
ACTEURS = {
    "ars": "À l'ARS de jouer", "porteur": "Au porteur de jouer", "grades": "Au GRADeS de jouer",
    "plusieurs": "À plusieurs de jouer",
}  # fmt: skip
JOURS = {"semaine": 7, "mois": 30}


@dataclass(frozen=True, kw_only=True)
class Filtre:
    """`etats` and the like: codes; `agent`: "moi", "personne" or a key; amounts in euros; `apres`: a mark (ordres)."""

    texte: str = ""
    etats: tuple[str, ...] = ()
    aap: str = ""
    fenetre: str = ""
    secteur: str = ""
    departement: str = ""
    projet: str = ""
    agent: str = ""
    acteur: str = ""
    delai: str = ""
    risque: str = ""
    aide_min: Decimal | None = None
    aide_max: Decimal | None = None
    colonnes: tuple[str, ...] = ()
    tri: str = HABITUEL
    apres: str = ""

    @classmethod
    def from_query(cls, demande: QueryDict) -> "Filtre":
        lus = {nom: lire(demande.getlist(nom)) for nom, lire in LECTEURS.items()}
        return cls(**{CHAMPS.get(nom, nom): valeur for nom, valeur in lus.items()})

    def query(self, **autres: Any) -> str:
        """The address of the same list with something else: back to its first page, usual values left out."""
        return urlencode(replace(self, **{"apres": "", **autres}).pairs())

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of the address."""
        paires = [(NOMS.get(champ.name, champ.name), getattr(self, champ.name)) for champ in fields(self)]
        return [(nom, un) for nom, valeur in paires for un in _said(nom, valeur)]

    @property
    def restreint(self) -> bool:
        """Whether it leaves anything out."""
        return any(
            getattr(self, champ.name) != champ.default for champ in fields(self) if champ.name not in PRESENTATION
        )

    def apply(
        self, parcours: ParcoursQuerySet, lecteur: Utilisateur, jour: date, *, sauf: str = ""
    ) -> ParcoursQuerySet:
        """Those that match. `sauf`: a field left aside, so that what it would give is counted."""
        for nom, condition in CONDITIONS.items():
            valeur = getattr(self, nom)
            if nom != sauf and valeur not in ("", None, ()):
                parcours = parcours.filter(condition(valeur, lecteur, jour))
        return parcours


def _said(nom: str, valeur: Any) -> Iterable[str]:
    if nom == "tri" and valeur == HABITUEL:
        return ()
    return valeur if isinstance(valeur, tuple) else [str(valeur)] if valeur not in ("", None) else ()


def _text(donnees: list[str]) -> str:
    return donnees[-1].replace("\x00", "").strip()[:LONGUEUR_TEXTE] if donnees else ""


def _one_of(valeurs: Iterable[str]) -> Callable[[list[str]], str]:
    connues = frozenset(valeurs)
    return lambda donnees: next((un for un in donnees if un in connues), "")


def _some_of(valeurs: Iterable[str]) -> Callable[[list[str]], tuple[str, ...]]:
    ordre = tuple(valeurs)
    return lambda donnees: tuple(un for un in ordre if un in donnees)


def _amount(donnees: list[str]) -> Decimal | None:
    """Euros, written as people write them: "100 000,50"."""
    brut = "".join(_text(donnees).split()).replace("\u202f", "").replace(",", ".")
    try:
        montant = Decimal(brut)
    except InvalidOperation:
        return None
    return montant if montant.is_finite() and 0 <= montant < Decimal(10) ** 10 else None


def _agent(donnees: list[str]) -> str:
    voulu = _text(donnees)
    return voulu if voulu in (MOI, PERSONNE) or (voulu.isdecimal() and len(voulu) < 10) else ""


def _sort(donnees: list[str]) -> str:
    voulu = _text(donnees)
    return voulu if voulu.removeprefix("-") in ORDRES else HABITUEL


#: Names in the address that are not those of the fields.
CHAMPS = {"q": "texte", "etat": "etats", "col": "colonnes"}
NOMS = {champ: nom for nom, champ in CHAMPS.items()}
PRESENTATION = {"colonnes", "tri", "apres"}

LECTEURS: Mapping[str, Callable[[list[str]], Any]] = {
    "q": _text,
    "etat": _some_of(Etat.values),
    "aap": _text,
    "fenetre": _text,
    "secteur": _one_of(SECTEURS),
    "departement": lambda donnees: _text(donnees)[:3],
    "projet": _one_of(PROJETS),
    "agent": _agent,
    "acteur": _one_of(ACTEURS),
    "delai": _one_of(DELAIS),
    "risque": _one_of(Niveau.values),
    "aide_min": _amount,
    "aide_max": _amount,
    "col": _some_of(COLONNES),
    "tri": _sort,
    "apres": lambda donnees: _text(donnees),
}


def _matches(texte: str, lecteur: Utilisateur, jour: date) -> Q:
    """Every word begins one of those of the dossier: its reference, grappe, OGs, ESSMS and their numbers."""
    requete = to_query(texte)
    return Q(Correspond(F("recherche"), Value(requete))) if requete else Q(pk=None)


def _in_charge(agent: str, lecteur: Utilisateur, jour: date) -> Q:
    if agent == PERSONNE:
        return Q(instructeur=None)
    return Q(instructeur=lecteur.pk if agent == MOI else int(agent))


def _due(delai: str, lecteur: Utilisateur, jour: date) -> Q:
    """On what the list is sorted by: the same index gives both, and nobody infers a day that she may not read."""
    if delai == "sans":
        return Q(limite_lue=SANS_DATE)
    if delai == "retard":
        return Q(limite_lue__lt=jour)
    return Q(limite_lue__gte=jour, limite_lue__lte=jour + timedelta(days=JOURS[delai]))


CONDITIONS: Mapping[str, Callable[[Any, Utilisateur, date], Q]] = {
    "texte": _matches,
    "etats": lambda valeur, lecteur, jour: Q(etat__in=valeur),
    "aap": lambda valeur, lecteur, jour: Q(aap__code=valeur),
    "fenetre": lambda valeur, lecteur, jour: Q(fenetre=valeur),
    "secteur": lambda valeur, lecteur, jour: Q(secteurs__contains=[valeur]),
    "departement": lambda valeur, lecteur, jour: Q(departements__contains=[valeur]),
    "projet": lambda valeur, lecteur, jour: Q(projet=valeur),
    "agent": _in_charge,
    "acteur": lambda valeur, lecteur, jour: Q(acteur=valeur),
    "delai": _due,
    "risque": lambda valeur, lecteur, jour: Q(risque_lu=valeur),
    "aide_min": lambda valeur, lecteur, jour: Q(aide_tri__gte=valeur),
    "aide_max": lambda valeur, lecteur, jour: Q(aide_tri__gte=0, aide_tri__lte=valeur),
}
