"""What is typed to lend a role, or to take it back: parsed here, judged by `comptes.delegations` and the database."""

from collections.abc import Sequence
from typing import Any

from django import forms

from comptes.delegations import Etendue
from comptes.models import Utilisateur
from comptes.models.delegation import Nature
from instruction.delegations.lecture import TitrePropre


class ChampJour(forms.DateField):
    """A calendar day, as the browser of the reader writes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            **options,
        )


class NouvelleDelegation(forms.Form):
    """One of her roles, to a colleague of that agency: anything else is refused here as unknown."""

    titre = forms.ChoiceField(label="Rôle délégué")
    delegataire = forms.TypedChoiceField(
        label="À qui",
        coerce=int,
        help_text="Une personne de la même agence.",
        error_messages={"required": "Choisissez la personne qui agira en votre nom."},
    )
    nature = forms.ChoiceField(
        label="Nature",
        choices=Nature.choices,
        help_text="Une suppléance vaut pendant une absence ; une délégation de signature repose sur un acte.",
    )
    du = ChampJour(label="Premier jour", error_messages={"required": "Donnez le premier jour."})
    au = ChampJour(label="Dernier jour (inclus)", error_messages={"required": "Donnez le dernier jour, même lointain."})
    acte = forms.CharField(
        label="Référence de l'acte",
        required=False,
        max_length=100,
        help_text="Exemple : arrêté n° 2026-17. Obligatoire pour une délégation de signature.",
    )
    acte_le = ChampJour(label="Date de l'acte", required=False)

    def __init__(
        self, *args: Any, titres: Sequence[TitrePropre], collegues: Sequence[Utilisateur], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.titres = {titre.cle: titre for titre in titres}
        self.collegues = {un.pk: un for un in collegues}
        self.fields["titre"].choices = [(cle, titre.libelle) for cle, titre in self.titres.items()]  # type: ignore[attr-defined]
        self.fields["delegataire"].choices = [("", "Choisir une personne")] + [  # type: ignore[attr-defined]
            (pk, str(un)) for pk, un in self.collegues.items()
        ]

    @property
    def choisi(self) -> Utilisateur:
        return self.collegues[self.cleaned_data["delegataire"]]

    @property
    def etendue(self) -> Etendue:
        lues = dict(self.cleaned_data)
        titre = self.titres[lues["titre"]]
        return Etendue(
            nature=Nature(lues["nature"]), role=titre.role, region=titre.region, du=lues["du"], au=lues["au"],
            acte=lues["acte"], acte_le=lues["acte_le"],
        )  # fmt: skip


class Revocation(forms.Form):
    """From which day on, and why."""

    des = ChampJour(
        label="À compter du",
        help_text="Ce jour-là, la délégation ne vaut déjà plus.",
        error_messages={"required": "Donnez le jour à compter duquel elle ne vaut plus."},
    )
    motif = forms.CharField(
        label="Motif",
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Dites pourquoi : le motif sera conservé."},
    )
