"""What an officer types to ask for complements: parsed here, judged by the door."""

from typing import Any

from django import forms

from aap.documents.formulaires import section_of
from aap.models import Dossier, Partie
from aap.services import AUTRE


class Complements(forms.Form):
    """Why, until when, and what is re-opened: nothing ticked, everything is."""

    motif = forms.CharField(
        label="Ce qui manque, et pourquoi",
        help_text="Le porteur lit ce texte tel quel, sur ses pages et par courriel.",
        max_length=5_000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Dites au porteur ce qui manque."},
    )
    echeance = forms.DateField(
        label="À fournir au plus tard le",
        widget=forms.DateInput({"type": "date"}),
        error_messages={
            "required": "Donnez une échéance.",
            "invalid": "Cette date n'est pas comprise : écrivez-la comme 2026-12-31.",
        },
    )
    sections = forms.MultipleChoiceField(
        label="Parties à rouvrir", choices=Partie.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    pieces = forms.MultipleChoiceField(label="Pièces à rouvrir", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, dossier: Dossier, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A document that is a form here is re-opened as a part, with its questions.
        connues = [(piece.code, piece.libelle) for piece in dossier.aap.regles.pieces if section_of(piece.code) is None]
        self.fields["pieces"].choices = [*connues, (AUTRE, "Un autre document")]  # type: ignore[attr-defined]
