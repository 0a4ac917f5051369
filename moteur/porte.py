"""The one door through which anything changes state.

`franchir` crosses a transition of a machine; `acte` makes a door of the same kind for what changes
an object without moving its state. Both, in one transaction: lock the row, check role, region and
object permission, then the state, read the data, run guards and act, save, write journal and outbox.

A guard or an effect is declared by the floor that owns the facts it reads or writes, whatever floor
owns the machine; nobody can cross without meeting them all. What only has to follow (an agenda) is a `suite`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, NamedTuple, TypeVar

from django.db import transaction

from moteur import horloge, journal, signature, suites
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Arete, Machine, Passage, Titre, field_of
from moteur.texte import cite

M = TypeVar("M", bound=Machine)
Garde = Callable[[Any, Passage], None]
Effet = Callable[[Any, Passage], None]

_GARDES: dict[tuple[type[Machine], str], list[Garde]] = {}
_EFFETS: dict[tuple[type[Machine], str], list[Effet]] = {}
_ACTES: dict[tuple[type[Machine], str], "Acte"] = {}


@dataclass(frozen=True)
class Acte:
    """An act that moves no state: in which states, by whom, carried out by which function."""

    nom: str
    libelle: str
    dans: frozenset[str]
    roles: frozenset[str]
    fonction: Callable[..., Any]
    porte: Callable[..., Any]


def garde(modele: type[Machine], *transitions: str) -> Callable[[Garde], Garde]:
    """Declare a check made before these transitions. It raises Refus, or returns. It writes nothing."""

    def declare(fonction: Garde) -> Garde:
        for nom in transitions:
            _GARDES.setdefault((modele, nom), []).append(fonction)
        return fonction

    return declare


def effet(modele: type[Machine], *transitions: str) -> Callable[[Effet], Effet]:
    """Declare what else must be written in the transaction of these transitions, after the journal row."""

    def declare(fonction: Effet) -> Effet:
        for nom in transitions:
            _EFFETS.setdefault((modele, nom), []).append(fonction)
        return fonction

    return declare


def gardes(modele: type[Machine], transition: str) -> Iterable[Garde]:
    """Guards of a transition, lowest floor first."""
    return tuple(_GARDES.get((modele, transition), ()))


def effets(modele: type[Machine], transition: str) -> Iterable[Effet]:
    """Effects of a transition, lowest floor first."""
    return tuple(_EFFETS.get((modele, transition), ()))


def actes(modele: type[Machine]) -> Mapping[str, Acte]:
    """Acts declared on a machine, by name."""
    return {nom: declare for (porteur, nom), declare in _ACTES.items() if porteur is modele}


def acte(
    modele: type[Machine],
    libelle: str,
    *,
    dans: Collection[str],
    par: str | tuple[str, ...],
    selon: Callable[[Any, Mapping[str, Any]], frozenset[str]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make `fonction(objet, passage, *, ...)` the act of that name, and return its door.

    The door is called `fonction(objet, par, **donnees)`: it reloads and locks `objet`, checks, calls,
    saves what changed on it, journals, and returns what the function returned.
    `selon`: which of the roles in `par` this object and these data call for, where not all of them will do.
    """
    roles = frozenset({par} if isinstance(par, str) else par)

    def declare(fonction: Callable[..., Any]) -> Callable[..., Any]:
        nom = fonction.__name__

        @wraps(fonction)
        def porte(objet: Machine, par: Acteur, **donnees: Any) -> Any:
            with transaction.atomic(), traduire(), suites.ensuite():
                frais = lock(objet)
                droit = right_of(frais, par, libelle, roles)
                if frais.etat not in dans:
                    raise _interdite(frais, libelle)
                valides = signature.lire(fonction, donnees)
                if selon is not None:
                    droit = right_of(frais, par, libelle, selon(frais, valides))
                passage = _passage(par, droit, fonction, valides)
                resultat = _apply(frais, lambda: fonction(frais, passage, **valides))
                journal.append(frais, nom, passage)
                suites.note(frais, nom)
            return resultat

        _ACTES[modele, nom] = Acte(nom, libelle, frozenset(dans), roles, fonction, porte)
        return porte

    return declare


def franchir(objet: M, transition_: str, par: Acteur, /, **donnees: Any) -> M:
    """Cross a transition and return the fresh, saved object. Nothing is written when it is refused.

    Locks: the object's root (a dossier), then the object (docs/verrous.md).
    Raises: Refus ROLE_INTERDIT, SEPARATION_DES_ROLES, HORS_PERIMETRE, CONFLIT_INTERETS, TRANSITION_INTERDITE,
    MOTIF_REQUIS, DONNEES_INVALIDES, and whatever the guards of the transition raise.
    """
    aretes = edges(type(objet), transition_)
    with transaction.atomic(), traduire(), suites.ensuite():
        frais = lock(objet)
        libelle = next(iter(aretes.values())).libelle
        separes = {arete.separe_de for arete in aretes.values()}
        roles = frozenset().union(*(arete.roles for arete in aretes.values()))
        droit = right_of(frais, par, libelle, roles, separes)
        if (arete := aretes.get(frais.etat)) is None:
            raise _interdite(frais, libelle)
        if droit.role not in arete.roles:
            droit = right_of(frais, par, libelle, arete.roles, separes)
        methode = getattr(type(frais), transition_)
        valides = signature.lire(methode, donnees)
        passage = _passage(par, droit, methode, valides)
        for controle in gardes(type(frais), transition_):
            controle(frais, passage)
        de = frais.etat
        _apply(frais, lambda: getattr(frais, transition_)(passage, **valides))
        journal.append(frais, transition_, passage, de=de, vers=frais.etat)
        for suite in effets(type(frais), transition_):
            suite(frais, passage)
        suites.note(frais, transition_)
    return frais


def obstacles(objet: Machine, transition_: str, par: Acteur) -> list[Refus]:
    """Everything that would refuse this transition now, data apart: what a page shows beside the button."""
    passage = Passage(par=par, role="", le=horloge.maintenant(), donnees=_Attendues())
    refus = []
    for controle in gardes(type(objet), transition_):
        try:
            controle(objet, passage)
        except Refus as non:
            refus.append(non)
        except _PasEncoreDonnee:
            continue
    return refus


class _PasEncoreDonnee(Exception):
    """A guard asked for the data of an act that nobody has typed yet: it judges when they are given."""


class _Attendues(dict[str, Any]):
    """The data of an act before they are typed."""

    def __missing__(self, cle: str) -> Any:
        raise _PasEncoreDonnee(cle)


@cache
def aretes_par_nom(modele: type[Machine]) -> dict[str, dict[str, Arete]]:
    """Every transition of a machine: {name: {source state: edge}}."""
    par_nom: dict[str, dict[str, Arete]] = {}
    for t in field_of(modele).get_all_transitions(modele):
        par_nom.setdefault(t.name, {})[t.source] = t.custom["arete"]
    return par_nom


def edges(modele: type[Machine], transition_: str) -> dict[str, Arete]:
    """Edges of a transition by source state. Raises Refus DONNEES_INVALIDES when there is no such one."""
    aretes = aretes_par_nom(modele).get(transition_)
    if aretes is None:
        raise Refus(Code.DONNEES_INVALIDES, f"L'action « {transition_} » n'existe pas.", action=transition_)
    return aretes


def lock(objet: M) -> M:
    """A fresh row under lock, its root locked first. Never `refresh_from_db`: it unprotects the state."""
    racine = objet.racine()
    if racine is not objet:
        type(racine).objects.locked().only("pk").get(pk=racine.pk)
    frais: M = type(objet).objects.locked().select_related(*objet.AVEC).get(pk=objet.pk)
    return frais


class Droit(NamedTuple):
    """The role under which somebody acts, and by what title when it is not her own."""

    role: str
    titre: Titre | None


def check_right(
    objet: Machine, par: Acteur, libelle: str, roles: frozenset[str], separes: Collection[str | None] = ()
) -> str:
    """The role under which `par` may do this to `objet`. Raises: Refus, as `right_of`."""
    return right_of(objet, par, libelle, roles, separes).role


def right_of(
    objet: Machine, par: Acteur, libelle: str, roles: frozenset[str], separes: Collection[str | None] = ()
) -> Droit:
    """The role under which `par` may do this to `objet`: one of her own rather than a delegated one.

    Raises: Refus ROLE_INTERDIT, SEPARATION_DES_ROLES, HORS_PERIMETRE when the role is held elsewhere, or
    CONFLIT_INTERETS when something else shuts her out of this object.
    """
    jour = horloge.aujourdhui()
    detenus = par.roles_au(jour)
    communs = sorted(roles & detenus.keys())
    if not communs:
        raise _not_the_role(libelle, roles, separe=not detenus.keys().isdisjoint(separes))
    droits = [
        Droit(role, par.titre_pour(role, objet.regions_de(role), jour))
        for role in communs
        if _in_perimeter(objet, par, role, detenus[role])
    ]
    if not droits:
        raise Refus(
            Code.HORS_PERIMETRE, "Ce dossier n'est pas dans votre périmètre : demandez qu'il vous soit partagé."
        )
    if (conflit := objet.conflict_of(par, jour)) is not None:
        raise conflit
    return next((droit for droit in droits if droit.titre is None), droits[0])


def roles_sur(objet: Machine, par: Acteur) -> frozenset[str]:
    """Roles under which `par` may act on this object today: those she holds, where it is in her perimeter."""
    detenus = par.roles_au(horloge.aujourdhui())
    return frozenset(role for role in detenus if _in_perimeter(objet, par, role, detenus[role]))


def _not_the_role(libelle: str, roles: frozenset[str], *, separe: bool) -> Refus:
    qui = " ou ".join(sorted(roles)).replace("_", " ")
    if separe:
        phrase = f"{cite(libelle)} revient à un {qui} : qui ordonnance n'exécute pas, qui exécute n'ordonnance pas."
        return Refus(Code.SEPARATION_DES_ROLES, phrase, roles=sorted(roles))
    phrase = f"{cite(libelle)} revient à un autre rôle que le vôtre : adressez-vous à un {qui}."
    return Refus(Code.ROLE_INTERDIT, phrase, roles=sorted(roles))


def _in_perimeter(objet: Machine, par: Acteur, role: str, regions: frozenset[str | None]) -> bool:
    partage = objet.est_partage_avec(par, role)
    if partage is not None:
        return partage
    return not regions.isdisjoint(objet.regions_de(role))


def _passage(par: Acteur, droit: Droit, fonction: Callable[..., Any], valides: Mapping[str, Any]) -> Passage:
    """The passage, and the delegation it is made under held until the end of the transaction."""
    le = horloge.maintenant()
    titre = droit.titre.tenir(horloge.jour(le)) if droit.titre else None
    donnees = signature.jsonable(fonction, valides)
    return Passage(par=par, role=droit.role, le=le, donnees=donnees, titre=titre)


def _apply(objet: Machine, agir: Callable[[], Any]) -> Any:
    """Run `agir`, then save the columns it changed, and the version."""
    avant = dict(objet.__dict__)
    resultat = agir()
    objet.version += 1
    colonnes = {champ.attname for champ in objet._meta.concrete_fields}
    changes = {nom for nom in colonnes if objet.__dict__.get(nom) != avant.get(nom)}
    objet.save(update_fields=changes)
    return resultat


def _interdite(objet: Machine, libelle: str) -> Refus:
    if (fait := objet.already_done()) is not None:
        return fait
    possibles = sorted({a[objet.etat].libelle for a in aretes_par_nom(type(objet)).values() if objet.etat in a})
    suite = f"Possible maintenant : {', '.join(possibles)}." if possibles else "Plus rien n'est possible."
    nom = objet._meta.verbose_name
    return Refus(
        Code.TRANSITION_INTERDITE,
        f"{cite(libelle)} n'est pas possible : {nom} à l'état {cite(objet.libelle_etat)}. {suite}",
        etat=objet.etat,
    )
