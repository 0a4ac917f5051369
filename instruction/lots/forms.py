"""What an act asks once for the whole batch: parsed here, judged by the door for each dossier."""

from datetime import date
from typing import Any

from django import forms

from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from instruction.lots.actes import EnMasse
from instruction.lots.services import MOTIF_MAX

DATES = {
    "echeance": "À fournir au plus tard le",
    "seance": "Séance du comité",
    "jusqu_au": "Nouvelle échéance",
}
#: Whom the act names: the role she holds, and how one is told to choose.
PERSONNES = {
    "attribuer": (Role.INSTRUCTEUR, "Donner ces dossiers à"),
    "affecter_conseiller": (Role.CONSEILLER_GRADES, "Conseiller GRADeS"),
    "retirer_conseiller": (Role.CONSEILLER_GRADES, "Conseiller GRADeS"),
}


class Donnees(forms.Form):
    """The fields of one act, made from the data its door reads."""

    def __init__(self, acte: EnMasse, lecteur: Utilisateur, jour: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "personne" in acte.champs:
            role, titre = PERSONNES[acte.nom]
            self.fields["personne"] = _person(titre, people(role, lecteur, jour))
        for nom in sorted(DATES.keys() & acte.champs):
            self.fields[nom] = _day(DATES[nom])
        if acte.motive:
            self.fields["motif"] = _reason()

    def donnees(self) -> dict[str, str]:
        """What was typed, JSON-ready, as the door reads it."""
        return {nom: str(valeur) for nom, valeur in self.cleaned_data.items()}


def people(role: Role, lecteur: Utilisateur, jour: date) -> list[tuple[str, str]]:
    """(name of the account, name) of those who hold that role in the régions she reads."""
    tenues = Affectation.objects.valides_le(jour).filter(role=role)
    if not lecteur.lit_tout(jour):
        tenues = tenues.filter(region__in=lecteur.regions_lues(jour))
    gens = Utilisateur.objects.filter(pk__in=tenues.values("utilisateur"), is_active=True)
    return [(un.username, str(un)) for un in gens.order_by("last_name", "first_name", "username")]


def _person(titre: str, gens: list[tuple[str, str]]) -> forms.Field:
    return forms.ChoiceField(
        label=titre,
        choices=[("", "Choisissez"), *gens],
        error_messages={
            "required": "Choisissez une personne.",
            "invalid_choice": "Choisissez une personne de la liste.",
        },
    )


def _day(titre: str) -> forms.Field:
    return forms.DateField(
        label=titre,
        widget=forms.DateInput({"type": "date"}),
        error_messages={
            "required": "Donnez une date.",
            "invalid": "Cette date n'est pas comprise : écrivez-la comme 2026-12-31.",
        },
    )


def _reason() -> forms.Field:
    return forms.CharField(
        label="Motif commun",
        help_text="Montré au porteur et conservé. Sur la page suivante, chaque dossier peut avoir le sien.",
        required=False,
        max_length=MOTIF_MAX,
        widget=forms.Textarea({"rows": 4}),
    )
