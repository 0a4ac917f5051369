"""The act that makes a draft what the latest version received of it says."""

from typing import Annotated

from pydantic import Field

from aap.membres import Precisions, take_out, write_members
from aap.models import Dossier, Etat, PieceFournie
from aap.reception.contexte import columns, members
from aap.reception.schema import DossierRecu, Identifiant, PieceRecue
from aap.services import piece_of, share
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import Essms, Grappe, OrganismeGestionnaire
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.models import Entree
from moteur.porte import acte, actes
from moteur.texte import cite, en_toutes_lettres

#: Officers who let files in, for the calls of their region; a porteur does for the OGs she acts for.
AGENTS = (Role.INSTRUCTEUR, Role.RESPONSABLE, Role.ADMINISTRATEUR)


@acte(Dossier, "Recevoir une version", dans={Etat.BROUILLON}, par=(Role.PORTEUR, *AGENTS))
def recevoir(
    dossier: Dossier,
    passage: Passage,
    *,
    source: Identifiant,
    identifiant: Identifiant,
    rang: Annotated[int, Field(ge=1, strict=True)],
) -> Utilisateur | None:
    """Make the draft what the latest version received from another system says (`Reception`); return its referent.

    Raises: Refus DONNEES_INVALIDES without such a version, TRANSITION_INTERDITE once somebody changed the draft here.
    """
    version = dossier.receptions.filter(source=source, identifiant=identifiant).last()
    if version is None or version.rang != rang:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La version {rang} de {cite(identifiant)} n'est pas la dernière reçue : relancez l'import.",
        )
    _check_untouched(dossier)
    recu = DossierRecu.model_validate(version.contenu)
    for nom, valeur in columns(recu).items():
        setattr(dossier, nom, valeur)
    og = OrganismeGestionnaire.objects.get(finess=recu.porteur.finess_ej, rejeu=None)
    dossier.referent = find_referent(recu, og) or _herself(passage)
    if dossier.referent is not None:
        share(dossier, dossier.referent)
    Grappe.objects.filter(pk=dossier.grappe_id).update(nom=grappe_name(recu, og), og_porteur=og)
    _renew_members(dossier, recu, passage)
    _add_documents(dossier, recu, passage)
    return dossier.referent


def find_referent(recu: DossierRecu, og: OrganismeGestionnaire) -> Utilisateur | None:
    """The one person of that address who acts for the OG today; None when nobody does, or several."""
    if not recu.porteur.courriel:
        return None
    rattaches = og.rattachements.current().values("utilisateur")
    trouves = Utilisateur.objects.filter(is_active=True, email__iexact=recu.porteur.courriel, pk__in=rattaches)
    deux = list(trouves.order_by("pk")[:2])
    return deux[0] if len(deux) == 1 else None


def grappe_name(recu: DossierRecu, og: OrganismeGestionnaire) -> str:
    return recu.grappe.nom or f"Grappe de {og.nom or og.finess}"[:200]


def _check_untouched(dossier: Dossier) -> None:
    """The last thing the journal says of the draft is that it was received, if it says anything."""
    derniere = Entree.objects.filter(objet=dossier.cle).select_related("par").last()
    if derniere is None or derniere.action == recevoir.__name__:
        return
    declare = actes(Dossier).get(derniere.action)
    quoi = cite(declare.libelle if declare else derniere.action)
    raise Refus(
        Code.TRANSITION_INTERDITE,
        f"Le dossier {dossier.reference} a été modifié ici depuis qu'il a été reçu : {quoi}, par {derniere.par}, le "
        f"{en_toutes_lettres(horloge.jour(derniere.le))}. Corrigez-le depuis sa page.",
        chemin="identifiant",
    )


def _renew_members(dossier: Dossier, recu: DossierRecu, passage: Passage) -> None:
    """The ESSMS of the record are there, with what it states of them, and no other."""
    dits = {un.finess_et: un for un in recu.grappe.essms}
    presents = {membre.essms.finess: membre for membre in dossier.grappe.membres.presents().select_related("essms")}
    take_out(dossier, [presents.pop(finess) for finess in presents.keys() - dits.keys()], passage, "")
    precisions = {
        finess: Precisions.model_validate(dits[finess].model_dump(include=set(Precisions.model_fields)))
        for finess in presents
    }
    essms = {un.finess: un for un in Essms.objects.filter(finess__in=dits, rejeu=None)}
    for membre in members(recu, essms, grappe_id=dossier.grappe_id, arrive_le=passage.jour):
        presents.setdefault(membre.essms.finess, membre)
    write_members(presents, precisions)


def _add_documents(dossier: Dossier, recu: DossierRecu, passage: Passage) -> None:
    """Documents of the record that are not there yet, by all it says of them; what was given stays."""
    connues = set(dossier.pieces.values_list(*PieceRecue.model_fields))
    pieces = [piece_of(dossier, passage, **piece.model_dump()) for piece in recu.pieces]
    nouvelles = {tuple(getattr(piece, nom) for nom in PieceRecue.model_fields): piece for piece in pieces}
    PieceFournie.objects.bulk_create(piece for cle, piece in nouvelles.items() if cle not in connues)


def _herself(passage: Passage) -> Utilisateur | None:
    """The porteur who brings her own file."""
    return passage.par if passage.role == Role.PORTEUR and isinstance(passage.par, Utilisateur) else None
