"""The name of a person, asked at sign-up. Apart from `comptes.forms`, which allauth reads after this."""

from django import forms
from django.http import HttpRequest

from comptes.models import Utilisateur


class Identite(forms.Form):
    """What every sign-up asks, with a password or through an identity provider."""

    first_name = forms.CharField(
        label="Prénom",
        max_length=150,
        widget=forms.TextInput({"autocomplete": "given-name"}),
        error_messages={"required": "Écrivez votre prénom : il signe ce que vous faites ici."},
    )
    last_name = forms.CharField(
        label="Nom",
        max_length=150,
        widget=forms.TextInput({"autocomplete": "family-name"}),
        error_messages={"required": "Écrivez votre nom : il signe ce que vous faites ici."},
    )

    def signup(self, request: HttpRequest, user: Utilisateur) -> None:
        """Nothing more to write: the adapter keeps both names."""
