"""A verdict of eligibility in words: what was found, what is expected, and where that is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from aap.composition import say_holder
from aap.eligibilite import Detenteur, Verdict
from aap.regles import Regles
from aap.titres import TITRES
from moteur.texte import INSECABLE

MOTS: Mapping[str, str] = {"regional": "appel régional", "national": "appel national"}
MONTRES = 5


@dataclass(frozen=True, kw_only=True)
class Regle:
    """`issue`: "ok", "levee" (waived) or "ko". `levee_par`: who waived it and when, where the reader may know."""

    code: str
    titre: str
    issue: str
    constat: str
    attendu: str
    reference: str
    motif: str
    levee_par: str = ""


def explain(verdict: Verdict, regles: Regles, levee_par: str = "") -> Regle:
    """The verdict for people."""
    libelles = {piece.code: piece.libelle for piece in regles.pieces}
    ok_sans_ecart = "rien à signaler" if verdict.ok else ""
    return Regle(
        code=verdict.regle,
        titre=TITRES[verdict.regle],
        issue="ok" if verdict.ok else "levee" if verdict.deroge else "ko",
        constat=_found(verdict, libelles) or ok_sans_ecart,
        attendu=_expected(verdict),
        reference=verdict.reference,
        motif=verdict.motif,
        levee_par=levee_par,
    )


def _found(verdict: Verdict, libelles: Mapping[str, str]) -> str:
    if verdict.regle == "UNICITE" and isinstance(verdict.constat, list):
        return _say([_held(un) for un in verdict.constat], libelles)
    texte = _say(verdict.constat, libelles)
    if verdict.regle == "MIN_ESSMS":
        return f"{texte}{INSECABLE}ESSMS"
    return f"manque : {texte}" if verdict.regle == "PIECES" and texte else texte


def _held(constat: Mapping[str, str]) -> str:
    """The ESSMS and the other dossier that holds it."""
    detenteur = Detenteur(**{nom: valeur for nom, valeur in constat.items() if nom != "finess"})
    return f"{constat['finess']}{INSECABLE}: {say_holder(detenteur)}"


def _expected(verdict: Verdict) -> str:
    if verdict.regle == "MIN_ESSMS":
        return f"au moins {verdict.attendu}{INSECABLE}ESSMS"
    if verdict.regle == "PIECES":
        return "toutes les pièces obligatoires"
    return _say(verdict.attendu, {}) or "aucun écart"


def _say(valeur: object, libelles: Mapping[str, str]) -> str:
    """A finding in words: a list shows its first elements and how many more there are."""
    if isinstance(valeur, list | tuple):
        dits = [_say(element, libelles) for element in valeur[:MONTRES]]
        reste = len(valeur) - len(dits)
        return " ; ".join(dits + ([f"et {reste}{INSECABLE}autres"] if reste else []))
    if isinstance(valeur, Mapping):
        finess, *suite = [_say(un, libelles) for un in valeur.values()]
        return f"{finess}{INSECABLE}: {', '.join(suite)}" if suite else finess
    texte = str(valeur)
    return libelles.get(texte) or MOTS.get(texte, texte)
