"""What the simulator reads. Bounds keep a hostile figure from costing anything."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from aap.models import Aap
from comptes.models import Departement
from grappes.categories import Secteur
from grappes.projets import Projet
from instruction.libelles import PROJETS, SECTEURS

ESSMS_MAX = 2_000
NUMEROS_MAX = 500
#: 500 numbers with the names and the separators of a table around them.
TEXTE_MAX = 50_000
OUI_NON = (("oui", "Oui"), ("non", "Non"))


class FormulaireProjet(forms.Form):
    """The project, whatever the way the ESSMS are given."""

    projet = forms.ChoiceField(
        label="Votre projet",
        choices=list(PROJETS.items()),
        error_messages={"invalid_choice": "Choisissez une acquisition ou une montée de version."},
    )
    segur = forms.ChoiceField(
        label="Le logiciel est-il référencé Ségur ?",
        choices=OUI_NON,
        error_messages={"invalid_choice": "Répondez par oui ou par non."},
    )
    equipement = forms.BooleanField(label="Équipement", required=False)
    amoa_marche = forms.BooleanField(label="Assistance à la passation du marché", required=False)
    amoa_projet = forms.BooleanField(label="Assistance à la conduite du projet", required=False)

    OPTIONS = ("equipement", "amoa_marche", "amoa_projet")

    def clean_projet(self) -> Projet:
        return Projet(self.cleaned_data["projet"])

    def clean_segur(self) -> bool:
        return bool(self.cleaned_data["segur"] == "oui")

    @property
    def options(self) -> list[forms.BoundField]:
        """The aids asked for on top, drawn together."""
        return [self[nom] for nom in self.OPTIONS]


class Simulateur(FormulaireProjet):
    """A grappe in figures."""

    essms = forms.IntegerField(
        label="Nombre d'ESSMS de la grappe",
        min_value=1,
        max_value=ESSMS_MAX,
        error_messages={
            "invalid": "Donnez un nombre entier.",
            "min_value": "Une grappe compte au moins un ESSMS.",
            "max_value": f"Le simulateur compte jusqu'à {ESSMS_MAX} ESSMS : vérifiez ce nombre.",
        },
    )
    petits = forms.IntegerField(
        label="dont ESSMS de petits organismes",
        min_value=0,
        required=False,
        error_messages={"invalid": "Donnez un nombre entier.", "min_value": "Ce nombre ne peut pas être négatif."},
    )
    departements = forms.CharField(
        label="Départements des ESSMS",
        max_length=400,
        required=False,
        help_text="Leurs codes, séparés par des virgules : 31, 34, 2A.",
        error_messages={"max_length": "Cette liste est trop longue : la France compte 101 départements."},
    )
    secteurs = forms.MultipleChoiceField(
        label="Secteurs",
        choices=list(SECTEURS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins un secteur.",
            "invalid_choice": "Choisissez parmi les secteurs de la liste.",
            "invalid_list": "Choisissez parmi les secteurs de la liste.",
        },
    )

    @classmethod
    def read(cls, aap: Aap, envoi: QueryDict) -> "Simulateur":
        """What was asked, or the smallest grappe of the call when nothing was."""
        return cls(envoi if any(nom in envoi for nom in cls.base_fields) else _smallest(aap))

    def clean_petits(self) -> int:
        return self.cleaned_data["petits"] or 0

    def clean_departements(self) -> list[Departement]:
        codes = [_code(mot) for mot in self.cleaned_data["departements"].replace(";", ",").split(",") if mot.strip()]
        trouves = list(Departement.objects.filter(code__in=codes).order_by("code"))
        inconnus = sorted(set(codes) - {un.code for un in trouves})
        if inconnus:
            raise forms.ValidationError(
                f"Département inconnu : {', '.join(inconnus[:5])}. Donnez des codes comme 31, 2A ou 974."
            )
        return trouves

    def clean_secteurs(self) -> list[Secteur]:
        return [Secteur(code) for code in self.cleaned_data["secteurs"]]

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or {}
        essms, petits = donnees.get("essms"), donnees.get("petits")
        if essms is not None and petits is not None and petits > essms:
            self.add_error("petits", f"La grappe ne compte que {essms} ESSMS : donnez un nombre qui n'en dépasse pas.")
        return donnees


class Liste(FormulaireProjet):
    """Real establishments, by their numbers."""

    numeros = forms.CharField(
        label="Numéros FINESS géographiques",
        help_text=f"Séparés comme vous voulez, {NUMEROS_MAX} au plus. Ils ne sont pas conservés.",
        max_length=TEXTE_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": "Collez au moins un numéro FINESS.",
            "max_length": f"Cette liste est trop longue : {NUMEROS_MAX} numéros au plus.",
        },
    )


def _code(mot: str) -> str:
    """A code of département as people write it: "1" is 01, "2a" is 2A."""
    return mot.strip().upper().zfill(2)


def _smallest(aap: Aap) -> Mapping[str, Any]:
    """The form as it opens: the minimum of the mainland where the rule set gives one."""
    minimum = aap.regles.eligibilite.minimum_essms.metropole
    return {
        "projet": Projet.ACQUISITION.value,
        "segur": "oui",
        "essms": minimum.valeur if minimum else 20,
        "petits": 0,
        "secteurs": [Secteur.PA.value],
    }
