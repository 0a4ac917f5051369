"""What is typed on the page of mise en relation: parsed here, judged and written by `grappes.services`."""

from collections.abc import Iterable
from typing import Any

from django import forms

from comptes.models import Departement
from grappes.models import OrganismeGestionnaire
from instruction.libelles import PROJETS, SECTEURS


class Recherche(forms.Form):
    """An OG looks for a grappe. The OG is one of hers: any other is refused here as unknown."""

    og = forms.TypedChoiceField(label="Organisme gestionnaire", coerce=int)
    departement = forms.ChoiceField(
        label="Département des ESSMS que vous apporteriez", error_messages={"required": "Choisissez un département."}
    )
    secteur = forms.ChoiceField(
        label="Secteur",
        choices=[("", "Choisir un secteur"), *SECTEURS.items()],
        error_messages={"required": "Choisissez un secteur."},
    )
    projet = forms.ChoiceField(
        label="Projet",
        choices=[("", "Choisir un projet"), *PROJETS.items()],
        error_messages={"required": "Choisissez un projet."},
    )
    nombre = forms.IntegerField(
        label="Nombre d'ESSMS que vous apporteriez",
        min_value=1,
        max_value=2_000,
        error_messages={"required": "Dites combien d'ESSMS vous apporteriez."},
    )
    contact = forms.EmailField(label="Adresse de contact", required=False, max_length=254)
    contact_accepte = forms.BooleanField(
        label="J'accepte que les organismes qui cherchent une grappe voient cette adresse", required=False
    )
    precisions = forms.CharField(
        label="Précisions", required=False, max_length=2_000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, ogs: Iterable[OrganismeGestionnaire], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["og"].choices = [(og.pk, str(og)) for og in ogs]  # type: ignore[attr-defined]
        self.fields["departement"].choices = [  # type: ignore[attr-defined]
            ("", "Choisir un département"), *((un.code, str(un)) for un in Departement.objects.all())
        ]  # fmt: skip
