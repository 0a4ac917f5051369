"""Importing the SONS orders known to the payment agency: each row judged alone, by blocks of the register."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import Q

from aap.commandes_sons.connus import Connus, check_numbers, load
from aap.commandes_sons.controle import Lue, disordered, read
from aap.commandes_sons.lecture import DATES, Ligne, Lot
from aap.compatibilite import same_software
from aap.regles import Regles, charger, lire_fichier
from aap.sons import VAGUES, explain, verifier_commande
from grappes.models import CommandeSons
from moteur.erreurs import Code, Refus
from moteur.horloge import aujourdhui
from moteur.lots import Accueil, BilanLot, Faute, Issue, Rejet, Suivi, treat
from moteur.texte import cite, en_toutes_lettres

BLOC = 500
#: What may come after the order itself; once known, each stays.
COMPLETABLES = ("editeur", *DATES[1:])


@dataclass(frozen=True)
class Candidate:
    """A row read, and all that is known around it."""

    lue: Lue
    connus: Connus

    @property
    def textes(self) -> Mapping[str, str]:
        return self.lue.textes

    @cached_property
    def sous_la_reference(self) -> list[CommandeSons]:
        return self.connus.par_reference.get(self.textes.get("reference", ""), [])

    @property
    def connue(self) -> CommandeSons | None:
        """The same order for the same ESSMS, already there."""
        return next((une for une in self.sous_la_reference if une.essms.finess == self.lue.finess_et), None)


def import_orders(lot: Lot, *, simuler: bool = False, suivi: Suivi = lambda fait: None) -> BilanLot:
    """Let in the orders of a file; those rejected say why. With `simuler`, the same verdicts and nothing kept.

    Raises: Refus when the rule set of a wave cannot be read.
    """
    regles = {vague: charger(lire_fichier(code)) for vague, code in VAGUES.items() if code}
    return treat(
        _candidates(lot),
        lambda candidate: _judge(candidate, regles),
        identifier=lambda candidate: candidate.lue.ligne.nom,
        simuler=simuler,
        suivi=suivi,
    )


def _candidates(lot: Lot) -> Iterator[Candidate]:
    """The rows, a block at a time: what is known of a block is read when its turn comes, after the one before."""
    jour = aujourdhui()
    lignes = lot.lines()
    while bloc := [_read(ligne, lot, jour) for ligne in islice(lignes, BLOC)]:
        connus = load(bloc)
        for lue in bloc:
            yield Candidate(lue, connus)


def _read(ligne: Ligne, lot: Lot, jour: date) -> Lue:
    return read(ligne, jour, iso=lot.format == "json", americaine=lot.americaine)


def _judge(candidate: Candidate, regles: Mapping[str, Regles]) -> Accueil:
    connue = candidate.connue
    fautes = [*candidate.lue.fautes, *(_contradictions(candidate, connue) if connue else _obstacles(candidate))]
    if fautes:
        raise Rejet(fautes)
    avertissement = _warn(candidate, regles)
    issue = _complete(candidate, connue) if connue else _create(candidate)
    return Accueil(
        issue=issue, resultat=candidate.textes["reference"], avertissements=(avertissement,) if avertissement else ()
    )


def _obstacles(candidate: Candidate) -> list[Faute]:
    """Why a new order cannot be let in: its numbers, its reference, its wave."""
    fautes = check_numbers(candidate.lue, candidate.connus)
    if candidate.sous_la_reference:
        fautes += _other_order(candidate, candidate.sous_la_reference[0])
    active = candidate.connus.par_vague.get((candidate.lue.finess_et, candidate.textes.get("vague", "")))
    if active and candidate.lue.dates.get("annulee_le") is None:
        message = (
            f"L'ESSMS {active.essms} a déjà la commande {active.reference} de la vague {active.vague}, pour "
            f"{cite(active.logiciel)} : une seule par vague. Donnez d'abord la date d'annulation de l'une des deux."
        )
        fautes.append(Faute(chemin="finess_et", message=message))
    return fautes


def _other_order(candidate: Candidate, autre: CommandeSons) -> list[Faute]:
    """What the lines of one order share: OG, software, wave and day of the order."""
    textes, commandee_le = candidate.textes, candidate.lue.dates.get("commandee_le")
    return [
        *_differs("finess_ej", autre.og.finess, candidate.lue.finess_ej, autre),
        *_differs("logiciel", autre.logiciel, textes["logiciel"], autre),
        *_differs("vague", autre.vague, textes["vague"], autre),
        *_differs("commandee_le", autre.commandee_le, commandee_le, autre),
    ]


def _contradictions(candidate: Candidate, connue: CommandeSons) -> list[Faute]:
    """What a row says against an order already known; a value it leaves empty says nothing."""
    trouves: Mapping[str, Any] = {**candidate.textes, **candidate.lue.dates}
    fautes = _other_order(candidate, connue)
    for colonne in COMPLETABLES:
        connu, trouve = getattr(connue, colonne), trouves.get(colonne)
        if connu and trouve:
            fautes += _differs(colonne, connu, trouve, connue)
    if not candidate.lue.fautes:
        fautes += disordered({colonne: trouves[colonne] or getattr(connue, colonne) for colonne in DATES})
    return fautes


def _differs(colonne: str, connu: date | str, trouve: date | str | None, commande: CommandeSons) -> list[Faute]:
    """A fault when both are given and do not agree, saying what is known and what was found."""
    if not trouve or connu == trouve:
        return []
    if isinstance(connu, str) and isinstance(trouve, str) and same_software(connu, trouve):
        return []
    message = (
        f"La commande {commande.reference} est connue avec {_say(connu)}, la ligne donne {_say(trouve)} : "
        "corrigez la ligne, ou sa référence si c'est une autre commande."
    )
    return [Faute(chemin=colonne, message=message)]


def _say(valeur: date | str) -> str:
    return f"le {en_toutes_lettres(valeur)}" if isinstance(valeur, date) else cite(valeur)


def _create(candidate: Candidate) -> Issue:
    essms = candidate.connus.essms[candidate.lue.finess_et]
    commande = CommandeSons.objects.create(essms=essms, og=essms.og, **candidate.textes, **candidate.lue.dates)
    candidate.connus.learn(commande)
    return Issue.IMPORTE


def _complete(candidate: Candidate, connue: CommandeSons) -> Issue:
    """Write what is newly known, unless somebody wrote it meanwhile. Raises: Refus."""
    trouves: Mapping[str, Any] = {**candidate.textes, **candidate.lue.dates}
    nouveaux = {
        colonne: trouves[colonne] for colonne in COMPLETABLES if trouves[colonne] and not getattr(connue, colonne)
    }
    if not nouveaux:
        return Issue.INCHANGE
    vides = Q()
    for colonne in nouveaux:
        vides &= Q(editeur="") if colonne == "editeur" else Q(**{f"{colonne}__isnull": True})
    if not CommandeSons.objects.filter(vides, pk=connue.pk).update(**nouveaux):
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"La commande {connue.reference} vient d'être complétée par un autre import : relancez celui-ci.",
        )
    for colonne, valeur in nouveaux.items():
        setattr(connue, colonne, valeur)
    if connue.annulee_le:
        candidate.connus.forget(connue)
    return Issue.MODIFIE


def _warn(candidate: Candidate, regles: Mapping[str, Regles]) -> str:
    """What the rules say against an order that exists all the same: a fact of the agency is not ours to reject."""
    vague = candidate.textes["vague"]
    if vague not in regles:
        return f"vague {vague} : ses conditions ne sont pas au règlement, l'éligibilité n'a pas été vérifiée."
    commandee_le = candidate.lue.dates["commandee_le"]
    assert commandee_le is not None  # a missing one is a fault
    ailleurs = candidate.connus.finances.get(candidate.lue.finess_et)
    verifiee = verifier_commande(
        regles[vague],
        commande=commandee_le,
        dossier_complet=candidate.lue.dates["complete_le"],
        acquisition_financee=ailleurs is not None,
    )
    return explain(regles[vague], verifiee, f"le {ailleurs}" if ailleurs else "")
