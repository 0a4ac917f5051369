"""The state machines as pages, drawn from their declarations: what they say is what the door does."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moteur.machine import Arete, Machine, field_of
from moteur.porte import actes, effets, gardes
from moteur.signature import cles

GENERE = "<!-- Written by `make statuts` from the declarations: change them, not this page. -->"

DROITS = """# Who may do what

{genere}

● may, ⊘ is refused with `SEPARATION_DES_ROLES`, an empty cell is refused with `ROLE_INTERDIT`. The role must be in
force that day, one's own or delegated. A porteur acts on the dossiers shared with him one by one; every other role acts
in the region of the AAP, a national AAP being that of whoever holds the role without a region. Elsewhere the refusal is
`HORS_PERIMETRE`; on a dossier that a declared interest keeps her out of, `CONFLIT_INTERETS`.
`pilote_national`, `auditeur` and `administrateur` read every region and change nothing.
"""


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """One transition to one state, by the same people: `de` lists the states it leaves."""

    nom: str
    de: tuple[str, ...]
    vers: str
    arete: Arete


def pages(modeles: Iterable[type[Machine]], roles: Iterable[str]) -> dict[str, str]:
    """Every page by its path under docs/: one per machine, and the rights. `roles`: the columns, in order."""
    machines = list(modeles)
    textes = {f"statuts/{modele._meta.model_name}.md": _machine(modele) for modele in machines}
    return textes | {"droits.md": _rights(machines, list(roles))}


def rows(modele: type[Machine]) -> list[Ligne]:
    """The transitions of a machine in the order of its states."""
    ordre = {etat: rang for rang, etat in enumerate(_states(modele))}
    groupes: dict[tuple[str, str, Arete], list[str]] = {}
    for t in field_of(modele).get_all_transitions(modele):
        groupes.setdefault((t.name, str(t.target), t.custom["arete"]), []).append(str(t.source))
    lignes = [
        Ligne(nom=nom, de=tuple(sorted(de, key=ordre.__getitem__)), vers=vers, arete=arete)
        for (nom, vers, arete), de in groupes.items()
    ]
    return sorted(lignes, key=lambda ligne: (ordre[ligne.de[0]], ordre[ligne.vers], ligne.nom))


def first_sentence(objet: Any) -> str:
    """The first sentence of a docstring, on one line; empty without one."""
    paragraphe = (objet.__doc__ or "").strip().partition("\n\n")[0]
    return re.split(r"(?<=\.) (?=[A-Z`])", " ".join(paragraphe.split()), maxsplit=1)[0]


def _machine(modele: type[Machine]) -> str:
    parties = [f"# {str(modele._meta.verbose_name).capitalize()}: states", GENERE, first_sentence(modele)]
    parties += ["## Diagram", _diagram(modele), "## Transitions", _transitions(modele)]
    if actes(modele):
        parties += ["## Acts that move no state", _acts(modele)]
    return "\n\n".join(parties) + "\n"


def _diagram(modele: type[Machine]) -> str:
    etats, lignes = _states(modele), rows(modele)
    quittes = {de for ligne in lignes for de in ligne.de}
    trace = [f'state "{libelle}" as {etat}' for etat, libelle in etats.items()]
    trace.append(f"[*] --> {field_of(modele).get_default()}")
    trace += [f"{de} --> {ligne.vers}: {ligne.nom}" for ligne in lignes for de in ligne.de]
    trace += [f"{etat} --> [*]" for etat in etats if etat not in quittes]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {trait}" for trait in trace), "```"])


def _transitions(modele: type[Machine]) -> str:
    lignes = []
    for ligne in rows(modele):
        methode = getattr(modele, ligne.nom)
        lignes.append(
            [
                _codes(ligne.de),
                f"{_call(ligne.nom, methode)}<br>{first_sentence(methode)}",
                f"`{ligne.vers}`",
                _who(ligne.arete),
                _hooks(gardes(modele, ligne.nom)),
                _hooks(effets(modele, ligne.nom)),
            ]
        )
    return _table(["from", "transition", "to", "who", "guards", "effects"], lignes)


def _acts(modele: type[Machine]) -> str:
    ordre = list(_states(modele))
    lignes = [
        [
            _codes(sorted(acte.dans, key=ordre.index)),
            f"{_call(nom, acte.fonction)}<br>{first_sentence(acte.fonction)}",
            _codes(sorted(acte.roles)),
            f"`{acte.fonction.__module__}`",
        ]
        for nom, acte in sorted(actes(modele).items())
    ]
    return _table(["in", "act", "who", "where"], lignes)


def _rights(modeles: list[type[Machine]], roles: list[str]) -> str:
    parties = [DROITS.format(genere=GENERE).rstrip()]
    for modele in modeles:
        lignes = [
            [
                f"`{ligne.nom}`",
                _codes(ligne.de),
                *(_cell(role, ligne.arete.roles, ligne.arete.separe_de) for role in roles),
            ]
            for ligne in rows(modele)
        ]
        ordre = list(_states(modele))
        lignes += [
            [f"`{nom}`", _codes(sorted(acte.dans, key=ordre.index)), *(_cell(role, acte.roles, None) for role in roles)]
            for nom, acte in sorted(actes(modele).items())
        ]
        titre = f"## [{str(modele._meta.verbose_name).capitalize()}](statuts/{modele._meta.model_name}.md)"
        parties += [titre, _table(["act", "in", *roles], lignes)]
    return "\n\n".join(parties) + "\n"


def _states(modele: type[Machine]) -> dict[str, str]:
    return {str(etat): str(libelle) for etat, libelle in field_of(modele).flatchoices}


def _call(nom: str, fonction: Callable[..., Any]) -> str:
    return f"`{nom}({', '.join(sorted(cles(fonction)))})`"


def _who(arete: Arete) -> str:
    separe = f"<br>not `{arete.separe_de}`: SEPARATION_DES_ROLES" if arete.separe_de else ""
    return _codes(sorted(arete.roles)) + separe


def _hooks(fonctions: Iterable[Callable[..., Any]]) -> str:
    return "<br>".join(f"`{f.__module__}.{f.__qualname__}`: {first_sentence(f)}" for f in fonctions)


def _cell(role: str, roles: frozenset[str], separe_de: str | None) -> str:
    if role in roles:
        return "●"
    return "⊘" if role == separe_de else ""


def _codes(noms: Iterable[str]) -> str:
    return ", ".join(f"`{nom}`" for nom in noms)


def _table(entetes: list[str], lignes: Iterable[list[str]]) -> str:
    toutes = [entetes, ["---"] * len(entetes), *([c.replace("|", "\\|") for c in ligne] for ligne in lignes)]
    return "\n".join(f"| {' | '.join(ligne)} |" for ligne in toutes)
