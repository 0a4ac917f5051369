"""Joining a form to the dossier: what was answered becomes a document, once every OG has answered."""

from django.core.files.base import ContentFile

from aap.champs import form
from aap.documents.depot import record
from aap.documents.formulaires import FormulaireOg, review
from aap.examen import facts
from aap.models import Dossier, Format, PieceFournie, Section
from aap.saisie import read
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur
from moteur.texte import en_liste


def join(dossier: Dossier, par: Acteur, section: Section) -> PieceFournie:
    """Give the form as a document; where the last one joined says the same, that one. Raises: Refus."""
    etat = review(dossier, section, facts(dossier), read(dossier, section))
    if not etat.complet:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"« {form(section).titre} » n'est pas complet : {_lacking(etat.parties)}. "
            "Répondez à ces questions, puis joignez-le.",
            section=section.value,
        )
    code = form(section).piece
    derniere = dossier.pieces.filter(code=code).first()
    if derniere is not None and derniere.format and derniere.empreinte == etat.empreinte:
        return derniere
    return record(
        dossier, par, code=code, nom=f"{section.value}-{dossier.reference}.json", format=Format.JSON,
        contenu=ContentFile(etat.contenu),
    )  # fmt: skip


def _lacking(parties: list[FormulaireOg]) -> str:
    """Who has how many answers left to give."""
    if not parties:
        return "aucun organisme de la grappe n'a à le remplir"
    restes = [
        f"{partie.og.nom or partie.og.finess} ({len(partie.manques)} à donner)" for partie in parties if partie.manques
    ]
    return en_liste(restes[:5]) + (f" et {len(restes) - 5} autres organismes" if len(restes) > 5 else "")
