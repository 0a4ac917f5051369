"""A request for complements: what it re-opens, what is refused outside it, and what the answer changed.

The acts that write in a dossier (`saisir`, `composer`, `fournir_piece`) ask here, so that they say the same thing.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from aap.champs import form
from aap.comparaison import Difference, MembreDit, Photo, compare
from aap.models import DemandeComplements, Dossier, Etat, Partie, PieceFournie, Section
from grappes.models import Membre
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.texte import cite, en_liste


@dataclass(frozen=True, kw_only=True)
class Ouverture:
    """What the porteur may change while complements are awaited: parts of the form, documents by their code."""

    parties: frozenset[Partie]
    pieces: frozenset[str]

    def describe(self, dossier: Dossier) -> str:
        """What is open, as the end of a sentence: « Projet et logiciel » et la pièce « RIB »."""
        noms = [cite(partie.label) for partie in Partie if partie in self.parties]
        return en_liste(noms + [f"la pièce {cite(libelle)}" for _, libelle in self.documents(dossier)])

    def documents(self, dossier: Dossier) -> list[tuple[str, str]]:
        """(code, name) of the documents that are open as files; a form is named as a part."""
        libelles = {piece.code: piece.libelle for piece in dossier.aap.regles.pieces}
        formulaires = {form(section).piece for section in Section if part_of(section) in self.parties}
        return [(code, libelles.get(code, code)) for code in sorted(self.pieces - formulaires)]


@dataclass(frozen=True, kw_only=True)
class Reponse:
    """A request and what the answer changed so far. `documents`: the versions it brought, each with its rank."""

    demande: DemandeComplements
    difference: Difference
    documents: list[tuple[PieceFournie, int]]

    def __bool__(self) -> bool:
        return bool(self.difference or self.documents)


def opening(dossier: Dossier) -> Ouverture | None:
    """What is open now; None when nothing restricts: the dossier is a draft, or the request named nothing."""
    if dossier.etat != Etat.A_COMPLETER:
        return None
    demande = dossier.demandes_complements.first()
    if demande is None or not (demande.parties or demande.pieces):
        return None
    return opened_by(demande)


def opened_by(demande: DemandeComplements) -> Ouverture:
    """A form and the document it stands for open together."""
    pieces = set(demande.pieces)
    parties = {Partie(code) for code in demande.parties}
    for section in Section:
        piece = form(section).piece
        if piece and piece in pieces:
            parties.add(part_of(section))
        if piece and part_of(section) in parties:
            pieces.add(piece)
    return Ouverture(parties=frozenset(parties), pieces=frozenset(pieces))


def check_section(dossier: Dossier, section: Section) -> None:
    """Raises: Refus TRANSITION_INTERDITE when this section is not re-opened."""
    ouverte = opening(dossier)
    if ouverte is not None and part_of(section) not in ouverte.parties:
        raise _closed(dossier, ouverte, f"La partie {cite(section.label)} n'est pas rouverte", section.value)


def check_grappe(dossier: Dossier) -> None:
    """Raises: Refus TRANSITION_INTERDITE when the grappe is not re-opened. Departures are told all the same."""
    ouverte = opening(dossier)
    if ouverte is not None and Partie.GRAPPE not in ouverte.parties:
        phrase = "La grappe n'est pas rouverte (un ESSMS qui l'a quittée se déclare par « Signaler un départ »)"
        raise _closed(dossier, ouverte, phrase, Partie.GRAPPE.value)


def check_pieces(dossier: Dossier, codes: Collection[str]) -> None:
    """Raises: Refus TRANSITION_INTERDITE naming a document that is not re-opened."""
    ouverte = opening(dossier)
    if ouverte is None or not (fermees := sorted(set(codes) - ouverte.pieces)):
        return
    libelles = {piece.code: piece.libelle for piece in dossier.aap.regles.pieces}
    phrase = f"La pièce {cite(libelles.get(fermees[0], fermees[0]))} n'est pas rouverte"
    raise _closed(dossier, ouverte, phrase, fermees[0])


def part_of(section: Section) -> Partie:
    """The part a section is."""
    return Partie(section.value)


def record(dossier: Dossier, passage: Passage) -> DemandeComplements:
    """Keep what is asked, and what the dossier says at that instant."""
    assert dossier.echeance is not None  # the transition has just set it
    derniere = dossier.pieces.order_by("-pk").first()
    return DemandeComplements.objects.create(
        dossier=dossier, motif=dossier.motif, echeance=dossier.echeance, demandee_le=passage.le,
        parties=sorted(set(passage.donnees["sections"])), pieces=sorted(set(passage.donnees["pieces"])),
        avant=picture(dossier).as_dict(), derniere_piece=derniere.pk if derniere else 0,
    )  # fmt: skip


def picture(dossier: Dossier) -> Photo:
    """What the dossier says now. Two queries, whatever the number of ESSMS."""
    membres = dossier.grappe.membres.presents().select_related("essms").order_by("essms__finess")
    return Photo(
        sections={
            saisie.section: {nom: champ["valeur"] for nom, champ in saisie.champs.items()}
            for saisie in dossier.saisies.all()
        },
        membres={un.essms.finess: MembreDit(nom=un.essms.nom, precisions=_stated(un)) for un in membres},
    )


def answers(dossier: Dossier) -> list[Reponse]:
    """Each request with what changed until the next one, the latest first. No request: one query; else four."""
    demandes = list(dossier.demandes_complements.all())
    if not demandes:
        return []
    versions = _numbered(sorted(dossier.pieces.all(), key=lambda piece: piece.pk))
    apres, borne = picture(dossier), versions[-1][0].pk if versions else 0
    reponses = []
    for demande in demandes:
        avant = Photo.from_dict(demande.avant)
        documents = [(une, rang) for une, rang in versions if demande.derniere_piece < une.pk <= borne]
        reponses.append(Reponse(demande=demande, difference=compare(avant, apres), documents=documents))
        apres, borne = avant, demande.derniere_piece
    return reponses


def _numbered(pieces: list[PieceFournie]) -> list[tuple[PieceFournie, int]]:
    """Each with its rank among those of its code, from 1."""
    comptes: Counter[str] = Counter()
    numerotees = []
    for piece in pieces:
        comptes[piece.code] += 1
        numerotees.append((piece, comptes[piece.code]))
    return numerotees


def _stated(membre: Membre) -> str:
    dits = []
    if membre.heures_totales is not None:
        dits.append(f"{membre.heures_eligibles} heures éligibles sur {membre.heures_totales}")
    if membre.sons_logiciel:
        dits.append(f"logiciel SONS : {membre.sons_logiciel}")
    return " ; ".join(dits)


def _closed(dossier: Dossier, ouverte: Ouverture, phrase: str, cle: str) -> Refus:
    return Refus(
        Code.TRANSITION_INTERDITE,
        f"{phrase} : l'ARS vous demande de compléter {ouverte.describe(dossier)}. S'il faut changer autre chose, "
        "écrivez-lui un message.",
        fermee=cle, parties=sorted(ouverte.parties), pieces=sorted(ouverte.pieces),
    )  # fmt: skip
