"""The file handed over: read and checked here, judged and kept by `aap.reception.depot`."""

from dataclasses import dataclass
from typing import Any

from django import forms

from aap.reception.lecture import read_bytes
from aap.reception.schema import Fichier
from moteur.erreurs import Refus
from moteur.texte import soigner

TAILLE_MAX = 10 * 1024 * 1024
DOSSIERS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Recu:
    """A file that can be judged: its name, its bytes, its envelope."""

    nom: str
    octets: bytes
    fichier: Fichier


class Depot(forms.Form):
    """Whatever its name and type say, the content decides. `cleaned_data["fichier"]` is a `Recu`."""

    fichier = forms.FileField(
        label="Fichier de dossiers (JSON)",
        error_messages={
            "required": "Choisissez d'abord un fichier.",
            "empty": "Ce fichier est vide : choisissez-en un autre.",
        },
    )

    def clean_fichier(self) -> Recu:
        envoye: Any = self.cleaned_data["fichier"]
        nom = (envoye.name or "fichier").replace("\0", "")[:200]
        if (envoye.size or 0) > TAILLE_MAX:
            raise forms.ValidationError(
                soigner(f"{nom} dépasse {TAILLE_MAX // 2**20} Mo : coupez-le, ou demandez l'import par la commande.")
            )
        octets = envoye.read()
        try:
            fichier = read_bytes(octets, nom)
        except Refus as refus:
            raise forms.ValidationError(refus.message) from None
        if not fichier.dossiers:
            raise forms.ValidationError(f"{nom} ne contient aucun dossier.")
        if len(fichier.dossiers) > DOSSIERS_MAX:
            trop = (
                f"{nom} contient {len(fichier.dossiers)} dossiers, cette page en prend {DOSSIERS_MAX} : coupez-le, ou"
            )
            raise forms.ValidationError(soigner(f"{trop} demandez l'import par la commande « importer_dossiers »."))
        return Recu(nom=nom, octets=octets, fichier=fichier)
