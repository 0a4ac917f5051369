"""What is typed to declare an interest, or its end: parsed here, judged by `grappes.interets` and the database."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from comptes.models import Utilisateur
from grappes.interets import LONGUEUR
from grappes.models import NatureInteret, OrganismeGestionnaire
from instruction.delegations.forms import ChampJour
from moteur.texte import soigner

PROPOSES = 5


class NouvelInteret(forms.Form):
    """Whose, with which OG. The OG is given by its number, or by words of its name that no other bears."""

    personne = forms.TypedChoiceField(label="Personne concernée", coerce=int)
    og = forms.CharField(
        label="Organisme gestionnaire",
        max_length=200,
        help_text="Son numéro FINESS juridique (9 caractères), ou une partie de son nom.",
        error_messages={"required": "Donnez l'organisme auquel la personne est liée."},
    )
    nature = forms.ChoiceField(
        label="Nature du lien",
        choices=[("", "Choisir une nature"), *NatureInteret.choices],
        error_messages={"required": "Choisissez la nature du lien."},
    )
    du = ChampJour(
        label="Depuis le",
        help_text="La date peut être passée.",
        error_messages={"required": "Donnez le jour depuis lequel ce lien existe, même approché."},
    )
    commentaire = forms.CharField(
        label="Précisions", required=False, max_length=LONGUEUR, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, personnes: Sequence[Utilisateur], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.personnes = {une.pk: une for une in personnes}
        moi, *autres = personnes
        self.fields["personne"].choices = [(moi.pk, f"Moi ({moi})"), *((une.pk, str(une)) for une in autres)]  # type: ignore[attr-defined]
        if not autres:
            self.fields["personne"].widget = forms.HiddenInput()
        self.fields["personne"].initial = moi.pk

    def clean_og(self) -> OrganismeGestionnaire:
        dit = self.cleaned_data["og"].strip()
        trouves = OrganismeGestionnaire.objects.filter(rejeu__isnull=True)
        candidats = list(
            trouves.filter(Q(finess__iexact=dit) | Q(nom__icontains=dit)).order_by("nom", "pk")[: PROPOSES + 1]
        )
        exacts = [og for og in candidats if dit.lower() in (og.finess.lower(), og.nom.lower())]
        choisis = exacts if len(exacts) == 1 else candidats
        if len(choisis) == 1:
            return choisis[0]
        if not choisis:
            raise forms.ValidationError(
                soigner("Aucun organisme du registre ne porte ce numéro ni ce nom : vérifiez-les.")
            )
        noms = " ; ".join(str(og) for og in choisis[:PROPOSES])
        suite = " ; et d'autres" if len(choisis) > PROPOSES else ""
        raise forms.ValidationError(soigner(f"Plusieurs organismes : {noms}{suite}. Écrivez le numéro du bon."))

    @property
    def concernee(self) -> Utilisateur:
        return self.personnes[self.cleaned_data["personne"]]


class FinInteret(forms.Form):
    """The last day it lasts."""

    au = ChampJour(
        label="Dernier jour",
        help_text="Aujourd'hui au plus tôt : la fin ne remonte jamais le temps.",
        error_messages={"required": "Donnez le dernier jour."},
    )
