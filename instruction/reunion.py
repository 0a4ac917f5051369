"""Rows of several tables that hang from one object, read in one query: a page of a dossier reads a dozen of them.

Each table comes as an array of JSON objects, made models again. `prefetch_related` would be one query a table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DecimalField, F, Field, Model, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

#: What is read of a person: enough to name her.
PERSONNE = ("id", "username", "first_name", "last_name")


@dataclass(frozen=True)
class Lot:
    """Rows of one model. `avec`: foreign key → the columns read of what it leads to; `sans`: heavy columns left."""

    lignes: "QuerySet[Any]"
    avec: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sans: tuple[str, ...] = ()

    @property
    def colonnes(self) -> "list[Field[Any, Any]]":
        return [champ for champ in self.lignes.model._meta.concrete_fields if champ.name not in self.sans]


def together(racine: Model, lots: Sequence[Lot]) -> list[list[Any]]:
    """The rows of each lot, in its order. One query. `racine`: any saved object, the row the query starts from."""
    une = type(racine)._base_manager.filter(pk=racine.pk)
    lus = une.values_list(*[ArraySubquery(lot.lignes.values(ligne=_as_json(lot))) for lot in lots]).get()
    # NULL stands for a lot that Django knew to be empty.
    return [[_revive(lot, ligne) for ligne in lignes or ()] for lot, lignes in zip(lots, lus, strict=True)]


def remember(objet: Model, relation: str, lignes: Iterable[Model]) -> None:
    """Put rows where `prefetch_related` leaves them: `objet.<relation>.all()` then asks nothing."""
    lues = getattr(objet, relation).get_queryset()
    lues._result_cache, lues._prefetch_done = list(lignes), True
    objet.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = lues


def _as_json(lot: Lot) -> JSONObject:
    champs = {champ.attname: _exact(champ, champ.attname) for champ in lot.colonnes}
    for relation, noms in lot.avec.items():
        modele = _led_to(lot, relation)
        champs |= {f"{relation}.{nom}": _exact(modele._meta.get_field(nom), f"{relation}__{nom}") for nom in noms}
    return JSONObject(**champs)


def _exact(champ: Any, chemin: str) -> F | Cast:
    """A decimal goes through text: as a JSON number it would come back a float."""
    return Cast(chemin, TextField()) if isinstance(champ, DecimalField) else F(chemin)


def _revive(lot: Lot, ligne: Mapping[str, Any]) -> Any:
    modele = lot.lignes.model
    objet = _build(modele, {champ.attname: ligne[champ.attname] for champ in lot.colonnes})
    for relation, noms in lot.avec.items():
        valeurs = {nom: ligne[f"{relation}.{nom}"] for nom in noms}
        absente = getattr(objet, modele._meta.get_field(relation).attname) is None
        setattr(objet, relation, None if absente else _build(_led_to(lot, relation), valeurs))
    return objet


def _build(modele: type[Model], valeurs: Mapping[str, Any]) -> Model:
    """A row as the database gives it; what was not read is deferred."""
    par_nom = {champ.attname: champ for champ in modele._meta.concrete_fields}
    return modele.from_db("default", list(valeurs), [par_nom[nom].to_python(lu) for nom, lu in valeurs.items()])


def _led_to(lot: Lot, relation: str) -> type[Model]:
    modele: type[Model] = lot.lignes.model._meta.get_field(relation).related_model
    return modele
