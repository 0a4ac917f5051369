"""What a responsable types: parsed here, judged and written by `aap.objectifs`."""

from collections.abc import Sequence
from typing import Any

from django import forms

from aap.models.objectifs import JOURS_MAX
from instruction.objectifs.lecture import Delai


class Objectifs(forms.Form):
    """Working days by task, nothing for none, and the day from which they hold. What the rule set gives is no field."""

    du = forms.DateField(
        label="Pour les tâches qui s'ouvrent à compter du",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Dites à compter de quel jour.",
            "invalid": "Cette date n'est pas comprise : écrivez-la comme 2026-12-31.",
        },
    )

    def __init__(self, delais: Sequence[Delai], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for delai in delais:
            if not delai.source:
                self.fields[delai.action] = forms.IntegerField(
                    label=delai.quoi, required=False, min_value=1, max_value=JOURS_MAX, initial=delai.jours,
                    error_messages=dict.fromkeys(
                        ("invalid", "min_value", "max_value"), f"Un nombre de jours de 1 à {JOURS_MAX}, ou rien."
                    ),
                )  # fmt: skip

    @property
    def jours(self) -> dict[str, int | None]:
        """Action → working days, None for none. To be read once it is valid."""
        return {nom: valeur for nom, valeur in self.cleaned_data.items() if nom != "du"}
