from django import forms

from courriels.models import Nature, Rythme

SANS_AUCUN = [choix for choix in Rythme.choices if choix[0] != Rythme.AUCUN]


class PreferencesForm(forms.Form):
    """How soon, for each kind. What is asked of a person can wait for the digest, not be silenced."""

    action = forms.ChoiceField(
        label=Nature.ACTION.label,
        help_text="Compléments demandés, décisions, convention à signer, accusés de réception.",
        choices=SANS_AUCUN,
        widget=forms.RadioSelect,
    )
    information = forms.ChoiceField(
        label=Nature.INFORMATION.label,
        help_text="Étapes franchies, versements, avis rendus.",
        choices=Rythme.choices,
        widget=forms.RadioSelect,
    )

    def rhythms(self) -> list[tuple[Nature, Rythme]]:
        """What was chosen, by kind."""
        return [(Nature(nom), Rythme(valeur)) for nom, valeur in self.cleaned_data.items()]
