"""What an adviser types: parsed here, judged by the door."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from aap.models import Dossier
from accompagnement.models import Avis, Axe, Intervenant, Maitrise, Niveau, PhasePlan, Risque, StatutAction

#: Marks a choice that is still to be made.
A_CHOISIR = ("", "Choisissez")
DATE = {"invalid": "Cette date n'est pas comprise : écrivez-la comme 2026-12-31."}


def _date(**options: Any) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput({"type": "date"}), error_messages=DATE | options.pop("dit", {}), **options
    )


class DireRisque(forms.Form):
    """What is said of a risk: how strong, who masters it, what is to be done. Its axis is known otherwise."""

    niveau = forms.ChoiceField(
        label="Niveau", choices=[A_CHOISIR, *Niveau.choices], error_messages={"required": "Choisissez un niveau."}
    )
    maitrise = forms.ChoiceField(
        label="Le risque est-il maîtrisé ?", choices=Maitrise.choices, initial=Maitrise.AUCUNE, required=False
    )
    commentaire = forms.CharField(
        label="Ce que vous constatez",
        help_text="Obligatoire pour un risque fort.",
        max_length=5_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    a_faire = forms.CharField(label="À faire", max_length=5_000, required=False, widget=forms.Textarea({"rows": 2}))
    a_faire_par = forms.ChoiceField(label="Par qui", choices=[A_CHOISIR, *Intervenant.choices], required=False)
    pour_le = _date(label="Pour le", required=False)
    partagee = forms.BooleanField(
        label="Visible du porteur",
        help_text="Le porteur lit le niveau, le constat et ce qui est à faire sur la page de son dossier.",
        required=False,
    )

    def donnees(self) -> dict[str, Any]:
        """What the door reads: nothing where nothing was typed."""
        lues = {cle: valeur for cle, valeur in self.cleaned_data.items() if valeur not in ("", None)}
        return {"partagee": False} | lues


class Annoter(DireRisque):
    """The same on one dossier. `risque`: the shared cause it is about, among those the dossier shares."""

    axe = forms.ChoiceField(choices=Axe.choices, widget=forms.HiddenInput)
    risque = forms.TypedChoiceField(
        label="Risque partagé",
        help_text="Si ce que vous dites tient à une cause commune à plusieurs dossiers.",
        coerce=int,
        empty_value=None,
        required=False,
    )

    field_order = (
        "axe",
        "niveau",
        "maitrise",
        "commentaire",
        "risque",
        "a_faire",
        "a_faire_par",
        "pour_le",
        "partagee",
    )

    def __init__(self, partages: Iterable[Risque], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choix = [("", "Aucun, ce dossier seulement"), *[(risque.pk, risque.libelle) for risque in partages]]
        if len(choix) == 1:
            del self.fields["risque"]
        else:
            self.fields["risque"].choices = choix  # type: ignore[attr-defined]


class OuvrirRisque(forms.Form):
    """Name a cause that other dossiers may share."""

    axe = forms.ChoiceField(label="Axe", choices=Axe.choices)
    libelle = forms.CharField(
        label="Nom de la cause",
        help_text="Par exemple : « Éditeur X, connecteur MSSanté en échec ».",
        max_length=150,
        error_messages={"required": "Donnez un nom à cette cause."},
    )


class Rattacher(forms.Form):
    """Dossiers that share the cause too."""

    dossiers = forms.TypedMultipleChoiceField(
        label="Dossiers à rattacher",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un dossier."},
    )

    def __init__(self, candidats: Iterable[Dossier], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dossiers"].choices = [  # type: ignore[attr-defined]
            (un.pk, f"{un.reference} · {un.grappe.nom}" + (f" ({un.logiciel})" if un.logiciel else ""))
            for un in candidats
        ]


class DonnerAvis(forms.Form):
    """The opinion, and a level per axis: those of the current annotations unless she changes them."""

    avis = forms.ChoiceField(
        label="Avis du GRADeS",
        choices=Avis.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un avis : favorable, réservé ou défavorable."},
    )
    commentaire = forms.CharField(
        label="Ce qui fonde l'avis",
        help_text="L'instructeur et le comité le lisent.",
        max_length=10_000,
        required=False,
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, courants: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for axe in Axe:
            self.fields[axe.value] = forms.ChoiceField(
                label=axe.label, choices=Niveau.choices, initial=courants[axe.value]
            )
        self.order_fields([*Axe.values, "avis", "commentaire"])

    def donnees(self) -> dict[str, Any]:
        """What the door reads."""
        risques = {axe: self.cleaned_data[axe] for axe in Axe.values}
        return {"avis": self.cleaned_data["avis"], "commentaire": self.cleaned_data["commentaire"], "risques": risques}


class Planifier(forms.Form):
    """An action of the support plan."""

    phase = forms.ChoiceField(label="Phase", choices=PhasePlan.choices)
    intitule = forms.CharField(label="Action", max_length=200, error_messages={"required": "Dites ce qui est à faire."})
    intervenant = forms.ChoiceField(
        label="Par qui",
        choices=[A_CHOISIR, *Intervenant.choices],
        error_messages={"required": "Choisissez qui fait cette action."},
    )
    precision = forms.CharField(
        label="Personne ou structure", help_text="Facultatif : un nom, un service.", max_length=150, required=False
    )
    pour_le = _date(label="Pour le", dit={"required": "Donnez une date."})


class Suivre(forms.Form):
    """A follow-up of an action."""

    statut = forms.ChoiceField(label="Où en est-elle ?", choices=StatutAction.choices)
    pour_le = _date(label="Nouvelle date", required=False)
    note = forms.CharField(label="Note de suivi", max_length=5_000, required=False, widget=forms.Textarea({"rows": 2}))
