"""Forms parse and clean; services write."""

from typing import Any

from django import forms

from aap.models import Aap
from comptes.models import Utilisateur
from grappes.finess import FORMAT
from grappes.models import OrganismeGestionnaire
from grappes.projets import Projet
from instruction.libelles import PROJETS
from moteur import horloge


class NouveauDossier(forms.Form):
    """Which call, for which organisation, what project."""

    aap = forms.ModelChoiceField(
        label="Appel à projets",
        queryset=Aap.objects.none(),
        empty_label="Choisir un appel à projets",
        error_messages={"required": "Choisissez l'appel à projets.", "invalid_choice": "Cet appel n'est plus ouvert."},
    )
    og = forms.ModelChoiceField(
        label="Organisme qui porte la grappe",
        queryset=OrganismeGestionnaire.objects.none(),
        empty_label=None,
        error_messages={"required": "Choisissez votre organisme.", "invalid_choice": "Vous n'agissez pas pour lui."},
    )
    projet = forms.ChoiceField(
        label="Votre projet",
        choices=list(PROJETS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites s'il s'agit d'une acquisition ou d'une montée de version."},
    )
    nom = forms.CharField(
        label="Nom de votre grappe",
        help_text="Par exemple : Grappe des Tilleuls. Vous pourrez le changer.",
        max_length=200,
        error_messages={"required": "Donnez un nom à la grappe."},
    )

    def __init__(self, utilisateur: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        jour = horloge.aujourdhui()
        appels = Aap.objects.filter(rejeu=None, fenetres__ferme__gte=jour).select_related("region").distinct()
        agit = OrganismeGestionnaire.objects.filter(
            rattachements__in=utilisateur.rattachements.current(), rejeu=None
        ).distinct()
        self.fields["aap"].queryset = appels  # type: ignore[attr-defined]
        self.fields["aap"].label_from_instance = _call_name  # type: ignore[attr-defined]
        self.fields["og"].queryset = agit  # type: ignore[attr-defined]

    def clean_projet(self) -> Projet:
        return Projet(self.cleaned_data["projet"])


class RejoindreOrganisme(forms.Form):
    """The FINESS EJ of an organisation, and what one does there."""

    finess = forms.RegexField(
        FORMAT,
        label="Numéro FINESS juridique (EJ)",
        help_text="Neuf caractères, par exemple 310000010. Il figure sur vos arrêtés d'autorisation.",
        error_messages={
            "required": "Donnez le numéro FINESS juridique de votre organisme.",
            "invalid": "Un numéro FINESS a neuf caractères, zéros de tête compris : recopiez-le en entier.",
        },
    )
    fonction = forms.CharField(
        label="Votre fonction",
        max_length=100,
        required=False,
        help_text="Par exemple : directrice générale.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    def clean_finess(self) -> str:
        return str(self.cleaned_data["finess"]).strip().upper()


def _call_name(aap: Aap) -> str:
    return f"{aap.intitule} — {aap.region.nom if aap.region else 'appel national'}"
