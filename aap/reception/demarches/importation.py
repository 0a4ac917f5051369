"""Dossiers of a démarche let in through the same door as any other file, their rest kept beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from aap.models import Reception
from aap.reception.accueil import receive
from aap.reception.demarches.correspondance import Correspondance
from aap.reception.demarches.fichier import Lot, read_dossier
from aap.reception.demarches.reprise import Reprise, locate, take
from aap.reception.importation import rejects
from aap.reception.lecture import read_envelope
from aap.reception.schema import VERSION, Fichier
from comptes.models import Utilisateur
from moteur.lots import Accueil, BilanLot, Faute, Issue, Rejet
from moteur.texte import soigner

#: What concerns the dossier as a whole: the form has no champ for it.
SANS_CHAMP = ("", "identifiant")


@dataclass(frozen=True)
class Livraison:
    """A file read through its mapping. `fichier`: the same dossiers in our format, in the same order."""

    correspondance: Correspondance
    lot: Lot
    reprises: tuple[Reprise, ...]
    fichier: Fichier

    def accueillir(self, rang: int, brut: Any, *, source: str, par: Utilisateur) -> Accueil:
        """Let in the dossier of that rank, or say all that is wrong with it in the words of its form.

        Raises: Rejet, Refus.
        """
        reprise = self.reprises[rang]
        if any(not faute.chemin for faute in reprise.fautes):
            raise Rejet(reprise.fautes)
        try:
            accueil = receive(brut, source=source, par=par, non_repris=reprise.non_repris)
        except Rejet as rejet:
            raise Rejet(self._located(rejet.fautes, reprise)) from None
        if reprise.fautes:
            raise Rejet(reprise.fautes)
        rate = _outdated(accueil, source, reprise)
        return replace(accueil, avertissements=(*accueil.avertissements, *reprise.avertissements, *rate))

    def _located(self, fautes: Iterable[Faute], reprise: Reprise) -> list[Faute]:
        """With the champ of the form before each reason. What could not be read is said once."""
        dits = {faute.chemin for faute in reprise.fautes}
        autres = [faute for faute in fautes if faute.chemin not in dits]
        return [*reprise.fautes, *(self._in_the_form(faute, reprise) for faute in autres)]

    def _in_the_form(self, faute: Faute, reprise: Reprise) -> Faute:
        if faute.chemin in SANS_CHAMP:
            return faute
        ou = locate(faute.chemin, reprise, self.correspondance)
        return replace(faute, message=soigner(f"{ou} : {faute.message}"))


def prepare(lot: Lot, correspondance: Correspondance) -> Livraison:
    """Read every dossier through the mapping; nothing is judged yet. Raises: Refus when there are too many."""
    reprises = tuple(take(read_dossier(brut, lot), correspondance) for brut in lot.dossiers)
    enregistrements = [reprise.enregistrement for reprise in reprises]
    fichier = read_envelope({"version": VERSION, "source": correspondance.source, "dossiers": enregistrements})
    return Livraison(correspondance, lot, reprises, fichier)


def returned(livraison: Livraison, bilan: BilanLot) -> dict[str, Any]:
    """The rejected dossiers as Démarches Simplifiées gave them, with their reasons: readable by the same command.

    Nothing is lost on the way: in our format, what was not taken over would be.
    """
    bruts = livraison.fichier.model_copy(update={"dossiers": list(livraison.lot.dossiers)})
    demarche = {"number": livraison.correspondance.demarche, "dossiers": {"nodes": rejects(bruts, bilan)["dossiers"]}}
    return {"data": {"demarche": demarche}}


def report(livraison: Livraison, bilan: BilanLot) -> dict[str, Any]:
    """The verdicts, each with how many champs were taken over and the list of the others."""
    dit = bilan.as_dict()
    for verdict, reprise in zip(dit["verdicts"], livraison.reprises, strict=True):
        verdict |= {"champs": reprise.counts(), "non_repris": reprise.non_repris}
    correspondance = livraison.correspondance
    entete = {"correspondance": correspondance.code, "demarche": correspondance.demarche}
    return entete | dit | {"avertissements": list(livraison.lot.avertissements)}


def _outdated(accueil: Accueil, source: str, reprise: Reprise) -> tuple[str, ...]:
    """What is kept beside a version is that of the day it came: says when the rest alone has changed since."""
    if accueil.issue is not Issue.INCHANGE:
        return ()
    versions = Reception.objects.filter(source=source, identifiant=reprise.enregistrement["identifiant"])
    derniere = versions.order_by("rang").values_list("rang", "non_repris").last()
    if derniere is None or derniere[1] == reprise.non_repris:
        return ()
    return (
        f"Ce qui est repris n'a pas changé, ce qui ne l'est pas a changé depuis la version {derniere[0]}, seule "
        "conservée : lisez-le dans la démarche.",
    )
