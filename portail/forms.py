"""Forms parse and clean; services write."""

from typing import Any

from django import forms
from django.db.models import Q

from aap.models import Aap, Dossier
from aap.querysets import DossierQuerySet
from comptes.models import Departement, Utilisateur
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
        if len(appels) == 1 and not self.initial.get("aap"):
            self.initial["aap"] = appels[0].pk
        self.fields["aap"].label_from_instance = _call_name  # type: ignore[attr-defined]
        self.fields["og"].queryset = agit  # type: ignore[attr-defined]

    @property
    def acts(self) -> bool:
        """Whether she acts for some organisation."""
        return bool(self.fields["og"].queryset.exists())  # type: ignore[attr-defined]

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


class NouvelleDemandeAide(forms.Form):
    """A question to the ARS and the GRADeS. `dossiers`: hers; the view has refused any other."""

    dossier = forms.ChoiceField(label="À propos de quel dossier", required=False)
    departement = forms.ChoiceField(
        label="Votre département",
        help_text="Il désigne l'ARS et le GRADeS qui vous répondront, et votre contact sur place.",
        error_messages={"required": "Choisissez votre département.", "invalid_choice": "Choisissez dans la liste."},
    )
    sujet = forms.CharField(
        label="Objet", max_length=150, error_messages={"required": "Dites en quelques mots de quoi il s'agit."}
    )
    texte = forms.CharField(
        label="Votre question",
        max_length=10_000,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": "Écrivez votre question."},
    )

    def __init__(self, dossiers: DossierQuerySet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        siens = [(un.pk, f"{un.reference} · {un.grappe.nom}") for un in dossiers]
        self.fields["dossier"].choices = [("", "Aucun en particulier"), *siens]  # type: ignore[attr-defined]
        self.fields["departement"].choices = [  # type: ignore[attr-defined]
            ("", "Choisir un département"), *((un.code, str(un)) for un in Departement.objects.all())
        ]  # fmt: skip


class DonnerAcces(forms.Form):
    """A person by her address, and for which organisation of the grappe she acts."""

    courriel = forms.EmailField(
        label="Son adresse électronique",
        help_text="Par exemple : prenom.nom@association.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Donnez l'adresse de la personne à qui donner accès.",
            "invalid": "Ce n'est pas une adresse : écrivez-la comme prenom.nom@association.fr.",
        },
    )
    og = forms.ModelChoiceField(
        label="Organisme pour lequel elle agit",
        queryset=OrganismeGestionnaire.objects.none(),
        required=False,
        empty_label="Le sien, déjà membre de la grappe",
        error_messages={"invalid_choice": "Vous n'agissez pas pour lui."},
    )

    def __init__(self, dossier: Dossier, utilisateur: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        de_la_grappe = Q(pk=dossier.grappe.og_porteur_id) | Q(essms__participations__grappe=dossier.grappe_id)
        siens = OrganismeGestionnaire.objects.filter(
            de_la_grappe, rattachements__in=utilisateur.rattachements.current()
        )
        self.fields["og"].queryset = siens.distinct()  # type: ignore[attr-defined]
        self.fields["og"].initial = siens.first()


def _call_name(aap: Aap) -> str:
    return f"{aap.intitule} — {aap.region.nom if aap.region else 'appel national'}"
