"""What the grappe step reads from a form, and how it shows the members."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from aap.composition import MembreVu, OgVu, Situation
from moteur.erreurs import Code, Refus

TAILLE_MAX = 2 * 2**20
NOMBRE_MAX = 10_000


@dataclass(frozen=True)
class Organisme:
    """An OG of the grappe with the members it brings. `touche`: one of them has just been taken out."""

    vu: OgVu
    membres: list[MembreVu]
    touche: bool = False

    @property
    def refuses(self) -> list[MembreVu]:
        return [membre for membre in self.membres if not membre.ok]

    @property
    def ouvert(self) -> bool:
        """Whether its members are unfolded: there is something to look at, or somebody is at work there."""
        return bool(self.refuses) or self.touche


def by_og(vue: Situation, touche: str = "") -> list[Organisme]:
    """The members under their OG, the one that carries the grappe first. `touche`: the OG somebody is at work in."""
    ogs = sorted(vue.ogs, key=lambda og: (not og.porteur, og.og.nom, og.og.finess))
    return [
        Organisme(og, [un for un in vue.membres if un.essms.og == og.og.finess], og.og.finess == touche) for og in ogs
    ]


def numbers_of(envoi: Mapping[str, str], fichiers: Mapping[str, IO[bytes]]) -> str:
    """The text pasted or sent as a file, whichever the form holds. Raises: Refus DONNEES_INVALIDES."""
    fichier = fichiers.get("fichier")
    texte = _read(fichier) if fichier else envoi.get("numeros", "")
    if not texte.strip():
        raise Refus(Code.DONNEES_INVALIDES, "Collez des numéros FINESS, ou choisissez un fichier qui en contient.")
    if len(texte) > TAILLE_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Cette liste est trop longue : {NOMBRE_MAX} numéros au plus. Une grappe en compte quelques dizaines.",
        )
    return texte


def _read(fichier: IO[bytes]) -> str:
    """A text or CSV file, UTF-8 else Windows. Raises: Refus DONNEES_INVALIDES for anything else."""
    octets = fichier.read(TAILLE_MAX + 1)
    if len(octets) > TAILLE_MAX:
        raise Refus(Code.DONNEES_INVALIDES, "Ce fichier dépasse 2 Mo : gardez-en la seule colonne des numéros FINESS.")
    if b"\0" in octets:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Ce fichier n'est pas du texte : enregistrez votre tableau en CSV, ou collez sa colonne de numéros FINESS.",
        )
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("cp1252", errors="replace")
