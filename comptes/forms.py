"""Forms of the accounts: those of allauth, in the words of the site."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, SignupForm
from django import forms

from comptes.models import Region
from comptes.roles import Role

EXEMPLE = "Format attendu : nom@domaine.fr"


class Connexion(LoginForm):  # type: ignore[misc]  # allauth is typed in part
    """Sign in with an e-mail address, or with the name of an account opened by the agency."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = "Adresse électronique ou identifiant"
        login.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["password"].help_text = ""

    def add_prefix(self, field_name: str) -> str:
        """The identifier is posted as `username`: the name that password managers know."""
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class Inscription(SignupForm):  # type: ignore[misc]
    """Open an account."""

    field_order = ["first_name", "last_name", "email", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Adresse électronique"
        self.fields["email"].help_text = f"{EXEMPLE}. Elle vous servira d'identifiant."
        self.fields["password2"].label = "Confirmation du mot de passe"


class MotDePasseOublie(ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link that sets a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Adresse électronique de votre compte"
        self.fields["email"].help_text = EXEMPLE


class NouvelleInvitation(forms.Form):
    """Whom to invite, and to do what."""

    courriel = forms.EmailField(
        label="Adresse électronique", help_text=EXEMPLE, widget=forms.EmailInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(label="Rôle", choices=[("", "Choisir un rôle"), *Role.choices])
    region = forms.ModelChoiceField(
        label="Région",
        queryset=Region.objects.all(),
        required=False,
        empty_label="Aucune : niveau national, ou porteur",
        help_text="Celle de l'agence, pour un rôle régional.",
    )
