"""What each act asks: built from its signature, or drawn by hand where that would be poor. Parsed here, judged by the
door."""

from collections.abc import Mapping
from typing import Any

from django import forms

from aap.delais import add_working_days
from aap.eligibilite import Verdict
from aap.examen import check_eligibility
from aap.models import Dossier
from aap.regles import Critere
from comptes.models import Utilisateur
from conventions.querysets import due_date
from conventions.services import TOUS
from instruction.actes.catalogue import ACTES, Acte
from instruction.actes.champs import ChoixField, JourField, field, fields_of
from instruction.actes.seances import next_rank, sessions_ahead
from instruction.actes.signataires import parties, signatories
from instruction.constats import explain
from instruction.echanges.forms import Complements
from moteur import horloge, signature
from moteur.erreurs import unless_silent
from moteur.porte import edges, roles_sur
from moteur.texte import en_liste, en_toutes_lettres
from scoring.classement import DECIMALES
from scoring.models import Evaluation
from scoring.services import grid
from usages.calcul import Cible
from usages.verification import targets

#: Working days proposed for complements. No text gives a number: the officer changes it as she likes.
DELAI_PROPOSE = 15


class Formulaire(forms.Form):
    """The form of an act: `donnees()` is what its door takes. `silences`: what the rule set does not say."""

    #: Why there is nothing to ask, when there is not.
    vide = ""

    def __init__(self, acte: Acte, dossier: Dossier, personne: Utilisateur, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acte, self.dossier, self.personne = acte, dossier, personne
        self.silences: list[str] = []
        self.build()

    def build(self) -> None:
        """Draw the fields."""
        self.fields.update(fields_of(self.acte))

    def donnees(self) -> dict[str, Any]:
        """What was typed, as the door takes it."""
        return self.cleaned_data


class DemanderComplements(Formulaire):
    """Why, until when, what is re-opened."""

    def build(self) -> None:
        self.fields.update(Complements(self.dossier).fields)
        aide = "Si vous ne cochez rien, ni partie ni pièce, tout est rouvert."
        for nom in ("sections", "pieces"):
            self.fields[nom].help_text = aide
        self.fields["echeance"] = JourField(
            label="À fournir au plus tard le", initial=add_working_days(horloge.aujourdhui(), DELAI_PROPOSE),
            help_text=f"Ce jour est compris. Proposé : {DELAI_PROPOSE} jours ouvrés, qu'aucun texte ne fixe.",
            error_messages={"required": "Donnez une échéance.", "invalid": "Cette date n'est pas comprise."},
        )  # fmt: skip


class Deroger(Formulaire):
    """Which rule that fails, each with what was found and what is expected."""

    def build(self) -> None:
        super().build()
        verdicts = unless_silent(lambda: check_eligibility(self.dossier), list[Verdict](), self.silences)
        regles = [explain(un, self.dossier.aap.regles) for un in verdicts]
        choix = [(une.code, f"{une.titre} : constaté {une.constat} · attendu {une.attendu}")
                 for une in regles if une.issue == "ko"]  # fmt: skip
        self.vide = "" if choix or self.silences else "Aucune règle n'empêche la recevabilité : il n'y a rien à lever."
        self.fields["regle"] = ChoixField(
            label="Règle à lever", choices=choix, passes=[une.code for une in regles if une.issue == "levee"],
            error_messages={"required": "Choisissez la règle à lever."},
        )  # fmt: skip


class Reorienter(Formulaire):
    """To which call, and why."""

    def build(self) -> None:
        super().build()
        self.fields["aap"].help_text = "Son code ou son nom, que le porteur lira ; par exemple l'appel national."


class Evaluer(Formulaire):
    """A share of its scale per criterion."""

    def build(self) -> None:
        criteres = unless_silent(lambda: grid(self.dossier.aap).criteres, tuple[Critere, ...](), self.silences)
        siennes = Evaluation.objects.filter(dossier=self.dossier, evaluateur=self.personne).first()
        self.rendue = siennes is not None
        for critere in criteres:
            self.fields[critere.code] = forms.DecimalField(
                label=critere.libelle, min_value=0, max_value=1, decimal_places=DECIMALES, localize=True,
                help_text="Part de l'échelle, de 0 (rien) à 1 (tout) ; par exemple 0,8.",
                initial=siennes.notes.get(critere.code) if siennes else None,
                widget=forms.TextInput({"inputmode": "decimal"}),
                error_messages={"required": "Notez ce critère.", "invalid": "Écrivez un nombre, par exemple 0,8."},
            )  # fmt: skip

    def donnees(self) -> dict[str, Any]:
        return {"notes": {code: format(part.normalize(), "f") for code, part in self.cleaned_data.items()}}


class InscrireAuComite(Formulaire):
    def build(self) -> None:
        super().build()
        prevues = [f"{en_toutes_lettres(jour)} ({combien})" for jour, combien in sessions_ahead(self.dossier.aap)]
        self.fields["seance"].help_text = (
            f"Déjà prévues, avec leur nombre de dossiers : {en_liste(prevues)}." if prevues
            else "Aucune séance à venir n'a encore de dossier."
        )  # fmt: skip


class MettreEnAttente(Formulaire):
    def build(self) -> None:
        super().build()
        self.fields["rang"].initial = next_rank(self.dossier.aap)


class Signer(Formulaire):
    """For which party: those this person may sign for, and have not signed."""

    def build(self) -> None:
        self.fields["signataire"] = ChoixField(
            label="Vous signez pour", choices=[(une.code, une.libelle) for une in parties(self.dossier, self.personne)],
            passes=[TOUS, *(une.code for une in signatories(self.dossier))],
            error_messages={"required": "Choisissez pour qui vous signez."},
        )  # fmt: skip
        if not self.fields["signataire"].choices:  # type: ignore[attr-defined]
            self.vide = "Vous avez signé tout ce qui vous revient : les autres signatures sont à d'autres que vous."


class Viser(Formulaire):
    """Before which decision: those that require a visa of one of this person's roles."""

    def build(self) -> None:
        if "motif" in signature.champs(self.acte.fonction):
            self.fields["motif"] = fields_of_one(self.acte, "motif")
        roles = roles_sur(self.dossier, self.personne)
        demandes = [un for un in self.dossier.aap.regles.instruction.visas if un.role in roles]
        noms = {un.transition: next(iter(edges(Dossier, un.transition).values())).libelle for un in demandes}
        self.fields["transition"] = ChoixField(
            label="Décision visée", choices=list(noms.items()), passes=noms,
            error_messages={"required": "Choisissez la décision que vous visez."},
        )  # fmt: skip
        self.order_fields(["transition", "motif"])
        if not noms:
            self.vide = "Le règlement ne demande aucun visa à votre rôle."


class Proroger(Formulaire):
    def build(self) -> None:
        super().build()
        actuelle = due_date(self.dossier)
        if actuelle:
            self.fields["jusqu_au"].help_text = f"L'échéance est aujourd'hui le {en_toutes_lettres(actuelle)}."


class RefuserUsages(Formulaire):
    """A reason per indicator, then a general one: the porteur reads them as one text."""

    def build(self) -> None:
        cibles = unless_silent(lambda: targets(self.dossier), list[Cible](), self.silences)
        noms = {str(un.code): un.libelle for un in self.dossier.aap.regles.usages.indicateurs}
        self.indicateurs = {f"motif_{c.indicateur}": c.indicateur for c in cibles}
        for cible in cibles:
            constat = "atteinte" if cible.atteinte else "non atteinte"
            self.fields[f"motif_{cible.indicateur}"] = forms.CharField(
                label=f"{noms.get(cible.indicateur, cible.indicateur)} ({constat})", required=False, max_length=800,
                help_text="Ce qui n'est pas prouvé ; vide si rien n'est à redire.", widget=forms.Textarea({"rows": 2}),
            )  # fmt: skip
        self.fields["general"] = forms.CharField(
            label="Pour l'ensemble", required=False, max_length=1000, widget=forms.Textarea({"rows": 3}),
            help_text="Le porteur lit ces motifs tels quels.",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        dits = self.cleaned_data
        if not any(dits.values()):
            self.add_error("general", "Donnez au moins un motif : le porteur doit savoir quoi corriger.")
        return dits

    def donnees(self) -> dict[str, Any]:
        dits: Mapping[str, str] = self.cleaned_data
        lignes = [f"{code} : {dits[nom]}" for nom, code in self.indicateurs.items() if dits.get(nom)]
        return {"motif": "\n".join([*lignes, dits["general"]]).strip()}


def fields_of_one(acte: Acte, nom: str) -> forms.Field:
    """The field of one datum of an act whose others call for a form of their own."""
    return field(nom, signature.champs(acte.fonction)[nom])


FORMULAIRES: Mapping[str, type[Formulaire]] = {
    "demander_complements": DemanderComplements,
    "deroger": Deroger,
    "reorienter": Reorienter,
    "evaluer": Evaluer,
    "inscrire_au_comite": InscrireAuComite,
    "mettre_en_attente": MettreEnAttente,
    "signer": Signer,
    "viser": Viser,
    "refuser_visa": Viser,
    "proroger": Proroger,
    "refuser_usages": RefuserUsages,
}


def form_of(nom: str, dossier: Dossier, personne: Utilisateur, envoi: Any = None) -> Formulaire:
    """The form of that act on that dossier, for that person."""
    return FORMULAIRES.get(nom, Formulaire)(ACTES[nom], dossier, personne, envoi)
