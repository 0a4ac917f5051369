"""A form field for each datum of an act, from the annotations that its door reads: one contract, two readers."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, get_args, get_origin

from django import forms
from django.db.models import Choices
from pydantic.fields import FieldInfo

from instruction.actes.catalogue import Acte
from moteur import signature

#: Above this, a text is a paragraph.
UNE_LIGNE = 200
#: What each datum is called, and what helps to give it; a datum that an act alone takes may be renamed there.
LIBELLES: Mapping[str, tuple[str, str]] = {
    "motif": ("Motif", "Montré au porteur tel quel, et conservé dans l'historique."),
    "echeance": ("À fournir au plus tard le", "Ce jour est compris."),
    "aap": ("Appel à projets qui convient", "Son code, par exemple NAT-2022."),
    "seance": ("Séance du comité", ""),
    "rang": ("Rang en liste d'attente", "1 pour le premier à retenir si des crédits se libèrent."),
    "jusqu_au": ("Nouvelle échéance des cibles", "Ce jour est compris."),
    "le": ("Prononcée le", "La date du procès-verbal, passée ou d'aujourd'hui."),
    "avis": ("Votre avis", ""),
}
VIDE: Mapping[str, str] = {"motif": "Donnez le motif de cet acte : il sera montré et conservé."}


class JourField(forms.DateField):
    """A day, as the browser's own field gives it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            **options,
        )


class ChoixField(forms.ChoiceField):
    """Choices shown as they are now. `passes`: those that were, which the door refuses in words, or finds done."""

    widget = forms.RadioSelect

    def __init__(self, *, passes: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self.passes = passes

    def valid_value(self, value: Any) -> bool:
        return value in self.passes or super().valid_value(value)


def fields_of(acte: Acte) -> dict[str, forms.Field]:
    """One field per datum, in the order of the signature."""
    return {nom: field(nom, info) for nom, info in signature.champs(acte.fonction).items()}


def field(nom: str, info: FieldInfo) -> forms.Field:
    """The field that reads that datum. Raises: TypeError for a type that calls for a form of its own."""
    libelle, aide = LIBELLES.get(nom, (nom.capitalize().replace("_", " "), ""))
    options: dict[str, Any] = {"label": libelle, "help_text": aide, "required": info.is_required()}
    options["error_messages"] = {
        "required": VIDE.get(nom, f"Remplissez « {libelle} »."),
        "invalid": "Cette valeur n'est pas comprise : vérifiez-la.",
    }
    return _field(info.annotation, _bounds(info), options)


def _field(genre: Any, bornes: Mapping[str, Any], options: dict[str, Any]) -> forms.Field:
    if get_origin(genre) is tuple:
        choix = get_args(genre)[0].choices
        return forms.MultipleChoiceField(choices=choix, widget=forms.CheckboxSelectMultiple, **options)
    if not isinstance(genre, type):
        raise TypeError(f"{genre} : ce type demande son propre formulaire")
    if issubclass(genre, Choices):
        return forms.ChoiceField(choices=genre.choices, widget=forms.RadioSelect, **options)
    if issubclass(genre, date):
        return JourField(**options)
    if issubclass(genre, int):
        return forms.IntegerField(min_value=bornes.get("ge"), max_value=bornes.get("le"), **options)
    if issubclass(genre, str):
        longueur = bornes.get("max_length", UNE_LIGNE)
        widget = forms.Textarea({"rows": 5}) if longueur > UNE_LIGNE else forms.TextInput()
        return forms.CharField(max_length=longueur, widget=widget, **options)
    raise TypeError(f"{genre} : ce type demande son propre formulaire")


def _bounds(info: FieldInfo) -> dict[str, Any]:
    """ge, le and max_length, wherever pydantic keeps them."""
    return {
        nom: valeur
        for contrainte in info.metadata
        for nom in ("ge", "le", "max_length")
        if (valeur := getattr(contrainte, nom, None)) is not None
    }
