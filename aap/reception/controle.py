"""What the register, the call and the scale say of a record: every fault at once, each with what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from aap.bareme import calculer_dossier
from aap.eligibilite import essms_retenus
from aap.examen import state
from aap.faits import FaitsEssms
from aap.models import Dossier
from aap.reception.contexte import Contexte, columns, members
from aap.reception.etablissements import check_grappe, check_porteur
from aap.reception.montants import check_expenses, check_requested_aid
from aap.reception.schema import DossierRecu
from aap.reception.trouvailles import Trouvaille, fault
from grappes.models import Grappe
from moteur.erreurs import Refus
from moteur.horloge import aujourdhui
from moteur.lots import Faute
from moteur.texte import cite, en_toutes_lettres, soigner


@dataclass(frozen=True, kw_only=True)
class Constat:
    """All that was found in a record."""

    fautes: tuple[Faute, ...]
    avertissements: tuple[str, ...]


def check(recu: DossierRecu, contexte: Contexte) -> Constat:
    """Judge a record that has the right shape."""
    trouvailles = [trouvaille for controle in _CONTROLES for trouvaille in controle(recu, contexte)]
    return Constat(
        fautes=tuple(une for une in trouvailles if isinstance(une, Faute)),
        avertissements=tuple(soigner(une) for une in trouvailles if isinstance(une, str)),
    )


def _check_call(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    """A closed window stops nothing: what comes in is a draft, the window is judged when it is filed."""
    aap = contexte.aap
    if aap is None:
        ouverts = ", ".join(contexte.ouverts) or "aucun"
        yield fault("aap", f"l'appel à projets {cite(recu.aap)} n'existe pas ; ouverts aujourd'hui : {ouverts}")
    elif not any(fenetre.is_open(aujourdhui()) for fenetre in aap.fenetres.all()):
        yield f"aap : aucune fenêtre de {aap.code} n'est ouverte aujourd'hui ; le brouillon ne pourra pas être déposé."


def _check_dates(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    if recu.recu_le and recu.recu_le > aujourdhui():
        yield fault(
            "recu_le", f"le {en_toutes_lettres(recu.recu_le)} n'est pas encore venu : jour et mois sont-ils inversés ?"
        )
    if recu.debut_prevu and recu.fin_prevue and recu.fin_prevue < recu.debut_prevu:
        debut, fin = en_toutes_lettres(recu.debut_prevu), en_toutes_lettres(recu.fin_prevue)
        yield fault(
            "fin_prevue", f"le projet finirait le {fin}, avant de commencer le {debut} : corrigez l'une des dates"
        )


def _check_documents(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    if contexte.aap is None:
        return
    connues = {piece.code for piece in contexte.aap.regles.pieces}
    for rang, piece in enumerate(recu.pieces):
        if piece.code not in connues:
            liste = ", ".join(sorted(connues)) or "aucune"
            yield fault(f"pieces[{rang}].code", f"{cite(piece.code)} n'est pas au règlement ; pièces connues : {liste}")


def _check_expenses(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    yield from check_expenses(recu.depenses)


def _check_aid(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    """The aid asked for is the one of the scale. Compared once all the ESSMS are known, else it would mislead."""
    if recu.aide_demandee is None or contexte.aap is None or contexte.og is None:
        return
    if any(lecture.motif for lecture in contexte.lectures):
        return
    brouillon = Dossier(aap=contexte.aap, grappe=Grappe(og_porteur=contexte.og), **columns(recu))
    regles = contexte.aap.regles
    faits = state(brouillon, members(recu, contexte.essms))
    retenus = essms_retenus(faits, {})

    def aid_for(nombre: int) -> Decimal:
        return calculer_dossier(regles, faits, _resized(retenus, nombre)).total

    try:
        calculee = calculer_dossier(regles, faits, retenus)
        yield from check_requested_aid(recu.aide_demandee, calculee, regles.code, len(retenus), aid_for)
    except Refus as refus:  # the rule set gives no scale for such a project
        yield f"aide_demandee : elle n'a pas été comparée. {refus.message}"


def _resized(retenus: tuple[FaitsEssms, ...], nombre: int) -> tuple[FaitsEssms, ...]:
    """That many ESSMS: the first ones, or the last one again."""
    return (*retenus, *retenus[-1:] * (nombre - len(retenus)))[:nombre]


_CONTROLES: tuple[Callable[[DossierRecu, Contexte], Iterator[Trouvaille]], ...] = (
    _check_call,
    check_porteur,
    check_grappe,
    _check_dates,
    _check_expenses,
    _check_documents,
    _check_aid,
)
