"""What helps to decide, beside the form of an act: the money, the targets, who signed, the marks of the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aap.examen import facts
from aap.models import Dossier
from aap.regles import Critere
from accompagnement.models import AvisGrades
from comptes.models import Utilisateur
from conventions.models import Versement
from instruction import ensemble, fiche
from instruction.actes.enveloppe import reserve
from instruction.actes.signataires import signatories
from instruction.libelles import badge_versement
from moteur.erreurs import Refus, unless_silent
from moteur.machine import Machine
from moteur.texte import en_liste
from scoring.models import Evaluation
from scoring.services import grid


@dataclass(frozen=True, kw_only=True)
class Appui:
    """`gabarit`: the partial that draws it; `contenu`: what that partial shows."""

    gabarit: str
    contenu: Any


@dataclass(frozen=True, kw_only=True)
class Notation:
    """The marks of one criterion: `dossier` is what the dossier says of it, `notes` one mark per evaluator."""

    libelle: str
    reference: str
    dossier: str
    notes: list[Decimal]

    @property
    def ecart(self) -> Decimal:
        return max(self.notes) - min(self.notes)


@dataclass(frozen=True, kw_only=True)
class Evaluations:
    """`rendues`: how many; `evaluateurs`, `notes` of each criterion: told once one's own marks are rendered."""

    rendues: int
    ouvertes: bool
    evaluateurs: list[str]
    criteres: list[Notation]
    silences: list[str]


def _envelope(dossier: Dossier, objet: Machine, personne: Utilisateur) -> Appui | None:
    try:
        return Appui(gabarit="instruction/actes/partials/_enveloppe.html", contenu=reserve(dossier))
    except Refus:
        return None  # it is among what is missing


def _targets(dossier: Dossier, objet: Machine, personne: Utilisateur) -> Appui:
    silences: list[str] = []
    usages = fiche.measured(dossier, silences)
    return Appui(gabarit="instruction/actes/partials/_cibles.html", contenu={"usages": usages, "silences": silences})


def _signatures(dossier: Dossier, objet: Machine, personne: Utilisateur) -> Appui:
    return Appui(
        gabarit="instruction/actes/partials/_signatures.html",
        contenu=[(partie, getattr(partie, "signature", None)) for partie in signatories(dossier)],
    )


def _payment(dossier: Dossier, objet: Machine, personne: Utilisateur) -> Appui:
    lus = Versement.objects.select_related("certifie_par", "ordonnance_par", "execute_par")
    versement = lus.get(pk=objet.pk)
    contenu = {"versement": versement, "badge": badge_versement(versement.etat)}
    return Appui(gabarit="instruction/actes/partials/_versement.html", contenu=contenu)


def _marks(dossier: Dossier, objet: Machine, personne: Utilisateur) -> Appui:
    """Sealed: the marks of the others are not even counted by name before hers are in."""
    silences: list[str] = []
    criteres = unless_silent(lambda: grid(dossier.aap).criteres, tuple[Critere, ...](), silences)
    rendues = list(Evaluation.objects.filter(dossier=dossier).select_related("evaluateur"))
    ouvertes = any(une.evaluateur_id == personne.pk for une in rendues)
    lisibles = rendues if ouvertes else []
    faits = _facts(dossier)
    contenu = Evaluations(
        rendues=len(rendues),
        ouvertes=ouvertes,
        evaluateurs=[str(une.evaluateur) for une in lisibles],
        criteres=[
            Notation(
                libelle=critere.libelle, reference=critere.source, dossier=faits.get(critere.code, ""),
                notes=[Decimal(une.notes[critere.code]) for une in lisibles if critere.code in une.notes],
            )
            for critere in criteres
        ],
        silences=silences,
    )  # fmt: skip
    return Appui(gabarit="instruction/actes/partials/_notes.html", contenu=contenu)


def _facts(dossier: Dossier) -> Mapping[str, str]:
    """What the dossier says about each criterion known today; of another one, nothing is made up."""
    grappe = ensemble.summarize(facts(dossier))
    return {
        "equilibre_territorial": _count(grappe.departements),
        "equilibre_sectoriel": _count(grappe.secteurs),
        "mixite_des_tailles": _count(grappe.ogs),
    }


def _count(parts: Sequence[tuple[str, int]]) -> str:
    return en_liste([f"{nom} : {combien} ESSMS" for nom, combien in parts])


def _opinions(dossier: Dossier, objet: Machine, personne: Utilisateur) -> Appui:
    avis = list(AvisGrades.objects.filter(dossier=dossier).select_related("par").order_by("-le", "-pk"))
    return Appui(gabarit="instruction/actes/partials/_avis.html", contenu=avis)


APPUIS: Mapping[str, Callable[[Dossier, Machine, Utilisateur], Appui | None]] = {
    "selectionner": _envelope,
    "evaluer": _marks,
    "cloturer_instruction": _opinions,
    "signer": _signatures,
    "signer_convention": _signatures,
    "certifier": _payment,
    "ordonnancer": _payment,
    "executer": _payment,
    "rejeter": _payment,
    "soumettre_usages": _targets,
    "constater_cibles": _targets,
    "refuser_usages": _targets,
    "constater_echec": _targets,
}
