"""All that hangs from a dossier and its page reads: one query, whatever its length, and one for the figures."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from aap.models import Dossier, LectureMessage, Mention, Message, Note, Recu
from aap.notes import holding
from comptes.models import Affectation, Delegation
from conventions.models import Prorogation, Signataire, Signature, Versement
from conventions.querysets import remember_unsigned
from grappes.models import CommandeSons
from instruction.argent import has_convention
from instruction.historique import Choix, rows
from instruction.recit import under
from instruction.regard import Regard
from instruction.reunion import PERSONNE, Lot, remember, together
from moteur.models import Entree
from usages.verification import latest

#: Messages and notes shown on the page; the others have their own.
DERNIERS = 3
#: What the calculations find where `prefetch_related` would have left it.
DU_DOSSIER = ("pieces", "derogations", "evaluations", "avis_grades", "declarations", "demandes_complements", "saisies")
DE_LA_CONVENTION = ("versements", "prorogations")


@dataclass(frozen=True, kw_only=True)
class Matiere:
    """What the dossier itself does not carry. `messages`, `notes`: the last ones; `lus`: the messages of these that the
    reader has read; `journal`: one page of it, and one act more; `mouvements`: every change of state;
    `delegations`: those that page was written under; `collegues`: the roles of who reads the notes;
    `sons`: one order of the payment agency, when any was ever read."""

    signataires: list[Signataire]
    signatures: list[Signature]
    messages: list[Message]
    lus: list[LectureMessage]
    notes: list[Note]
    mentions: list[Mention]
    recus: list[Recu]
    mouvements: list[Entree]
    journal: list[Entree]
    delegations: list[Delegation]
    collegues: list[Affectation]
    sons: list[CommandeSons]


def gather(dossier: Dossier, regard: Regard, choix: Choix, jour: date) -> Matiere:
    """Read it, and leave on the dossier what the calculations ask of it."""
    lots = _lots(dossier, regard, choix, jour)
    lus = dict(zip(lots, together(dossier, list(lots.values())), strict=True))
    for relation in DU_DOSSIER:
        remember(dossier, relation, lus.pop(relation))
    for relation in DE_LA_CONVENTION:
        versees = lus.pop(relation)
        if has_convention(dossier):
            remember(dossier.convention, relation, versees)
    remember_unsigned(dossier, lus["signataires"], {une.signataire_id for une in lus["signatures"]})
    if (declaration := latest(dossier)) is not None:
        prefetch_related_objects([declaration], "mesures")
    return Matiere(**lus)


def _lots(dossier: Dossier, regard: Regard, choix: Choix, jour: date) -> dict[str, Lot]:
    par = {"par": PERSONNE}
    messages = dossier.messages.order_by("-rang")[:DERNIERS]
    notes = Note.objects.visible_to(regard.lecteur, jour).filter(dossier=dossier).order_by("-rang")[:DERNIERS]
    journal = rows(dossier, choix, regard)
    collegues = holding(dossier, jour) if regard.agence else Affectation.objects.none()
    lectures = LectureMessage.objects.filter(personne=regard.lecteur, message__in=_keys(messages))
    return {
        "pieces": Lot(dossier.pieces.all(), par),
        "derogations": Lot(dossier.derogations.all(), par),
        "evaluations": Lot(dossier.evaluations.all(), {"evaluateur": PERSONNE}),
        "avis_grades": Lot(dossier.avis_grades.all(), par),
        "declarations": Lot(dossier.declarations.all()),
        "demandes_complements": Lot(dossier.demandes_complements.all()),
        "saisies": Lot(dossier.saisies.all()),
        "versements": Lot(
            Versement.objects.filter(convention__dossier=dossier),
            {nom: PERSONNE for nom in ("certifie_par", "ordonnance_par", "execute_par")},
        ),
        "prorogations": Lot(Prorogation.objects.filter(convention__dossier=dossier), par),
        "signataires": Lot(Signataire.objects.filter(convention__dossier=dossier), {"og": ("id", "finess", "nom")}),
        "signatures": Lot(Signature.objects.filter(signataire__convention__dossier=dossier), par),
        "messages": Lot(messages, {"auteur": PERSONNE}),
        "lus": Lot(lectures),
        "notes": Lot(notes, {"auteur": PERSONNE}),
        "mentions": Lot(Mention.objects.filter(note__in=_keys(notes)), {"personne": PERSONNE}),
        "recus": Lot(dossier.recus.all(), {"entree": ("id", "action")}, sans=("instantane",)),
        "mouvements": Lot(Entree.objects.filter(objet=dossier.cle, vers__isnull=False).order_by("rang")),
        "journal": Lot(journal, par),
        "delegations": Lot(under(Entree.objects.filter(pk__in=_keys(journal))), {"delegant": PERSONNE}),
        "sons": Lot(CommandeSons.objects.of_register(dossier.aap.rejeu)[:1]),
        "collegues": Lot(collegues, {"utilisateur": PERSONNE}),
    }


def _keys(lignes: "QuerySet[Any]") -> "QuerySet[Any]":
    return lignes.values("pk")
