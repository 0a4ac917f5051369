"""Is a receipt authentic: what anybody may compare with it, a PDF or a fingerprint, without learning of the dossier."""

import hashlib
import re
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile

from aap.models import Recu
from portail.recu.mise_en_page import render

#: A receipt weighs some hundred kilobytes; a grappe of 2 000 ESSMS, less than that.
POIDS_MAX = 5 * 2**20
EMPREINTE = re.compile(r"[0-9a-f]{64}")
ESPACES = re.compile(r"[\s\u200b]+")


@dataclass(frozen=True, kw_only=True)
class Reponse:
    """The outcome of a comparison, and what to do. `champ`: the field it is about, empty for the whole form."""

    conforme: bool
    titre: str
    quoi: str
    champ: str = ""


def compare(recu: Recu, empreinte: str, fichier: "UploadedFile[bytes] | None") -> Reponse:
    """What was given against the receipt; the file, when there are both."""
    if fichier is not None:
        return _compare_file(recu, fichier)
    lue = ESPACES.sub("", empreinte).lower()
    if not EMPREINTE.fullmatch(lue):
        return RIEN if not lue else MAL_FORMEE
    return MEME_EMPREINTE if lue in (recu.empreinte, recu.entree.empreinte) else AUTRE_EMPREINTE


def _compare_file(recu: Recu, fichier: "UploadedFile[bytes]") -> Reponse:
    if (fichier.size or 0) > POIDS_MAX:
        return TROP_LOURD
    recue = hashlib.sha256(fichier.read()).digest()
    return MEME_FICHIER if recue == hashlib.sha256(render(recu)).digest() else AUTRE_FICHIER


RIEN = Reponse(
    conforme=False, titre="Rien à comparer", champ="empreinte",
    quoi="Choisissez le PDF du reçu, ou collez une empreinte qui y est imprimée.",
)  # fmt: skip
MAL_FORMEE = Reponse(
    conforme=False, titre="Empreinte mal formée", champ="empreinte",
    quoi="Une empreinte compte 64 caractères, chiffres et lettres de a à f. Recopiez-la en entier depuis le reçu.",
)  # fmt: skip
TROP_LOURD = Reponse(
    conforme=False, titre="Fichier trop lourd", champ="fichier",
    quoi="Un reçu pèse moins de 5 Mo : ce fichier n'en est pas un. Choisissez le PDF téléchargé depuis le dossier.",
)  # fmt: skip
MEME_EMPREINTE = Reponse(
    conforme=True, titre="L'empreinte est celle de ce reçu", quoi="Elle figure bien sur le reçu délivré ce jour-là.",
)  # fmt: skip
AUTRE_EMPREINTE = Reponse(
    conforme=False, titre="Cette empreinte n'est pas celle de ce reçu", champ="empreinte",
    quoi="Le document d'où elle vient n'est pas ce reçu, ou il a été modifié. Demandez-en un nouvel exemplaire au "
    "porteur du dossier, qui le télécharge depuis son espace.",
)  # fmt: skip
MEME_FICHIER = Reponse(
    conforme=True, titre="Ce fichier est exactement le reçu délivré", quoi="Pas un octet n'en a été changé.",
)  # fmt: skip
AUTRE_FICHIER = Reponse(
    conforme=False, titre="Ce fichier n'est pas identique au reçu", champ="fichier",
    quoi="Il a été modifié, réenregistré par un logiciel, ou produit par une version précédente du site. Comparez "
    "l'empreinte qui y est imprimée, ou demandez au porteur du dossier un exemplaire téléchargé aujourd'hui.",
)  # fmt: skip
