"""Every write of this floor that is not a transition: open a call, create a dossier, provide, waive."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm
from pydantic import Field, StringConstraints

from aap.complements import check_pieces
from aap.documents.limites import check_room
from aap.eligibilite import REGLES, pieces_requises
from aap.examen import facts
from aap.grand_livre import endow
from aap.models import Aap, Derogation, Dossier, Enveloppe, Etat, Format, PieceFournie, Reglement
from aap.regles import charger, empreinte, lire_fichier
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import Grappe, OrganismeGestionnaire
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Passage
from moteur.porte import acte
from moteur.signature import Motif

CodeCourt = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Empreinte = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
TOUTES = "toutes"
#: A document nobody asked for, given all the same.
AUTRE = "autre"


def publish(code: str, rejeu: UUID | None = None) -> Reglement:
    """Publish the rule set file of that code, or find it already published, by its SHA-256.

    A play (`rejeu`) that finds none publishes its own, so that plays never wait for each other.
    Raises: Refus DONNEES_INVALIDES naming what is wrong in the file, or that there is no such file.
    """
    texte = lire_fichier(code)
    charger(texte)
    sha256 = empreinte(texte)
    if (publie := Reglement.objects.filter(empreinte=sha256, rejeu=None).first()) is not None:
        return publie
    reglement, _ = Reglement.objects.get_or_create(
        empreinte=sha256,
        rejeu=rejeu,
        defaults={"code": code, "texte": texte, "publie_le": horloge.maintenant()},
    )
    return reglement


@transaction.atomic
def open_call(
    code: str,
    *,
    par: Acteur,
    region: str | None,
    reglement: Reglement,
    dotation: Decimal,
    intitule: str = "",
    dernier_engagement: date | None = None,
    rejeu: UUID | None = None,
) -> Aap:
    """Open an AAP with its envelope. `dotation`: euros. `region`: INSEE code, None for the national call."""
    if Aap.objects.filter(code=code, rejeu=rejeu).exists():
        raise Refus(Code.DONNEES_INVALIDES, f"L'appel à projets {code} existe déjà : choisissez un autre code.")
    aap = Aap.objects.create(
        code=code,
        intitule=intitule or code,
        region_id=region,
        reglement=reglement,
        dernier_engagement=dernier_engagement,
        rejeu=rejeu,
    )
    enveloppe = Enveloppe.objects.create(aap=aap)
    if dotation:
        endow(enveloppe, dotation, par)
    return aap


def create_draft(aap: Aap, *, og: OrganismeGestionnaire, nom: str, reference: str, **champs: Any) -> Dossier:
    """A dossier and its grappe, still empty, in the caller's transaction. `champs`: the other columns it has."""
    grappe = Grappe.objects.create(nom=nom, og_porteur=og)
    dossier: Dossier = Dossier.objects.create(aap=aap, reference=reference, grappe=grappe, **champs)
    return dossier


def share(dossier: Dossier, utilisateur: Utilisateur, droit: str = "porter") -> None:
    """Let a person act on (`porter`) or read (`suivre`) one dossier."""
    assign_perm(droit, utilisateur, dossier)


@acte(Dossier, "Fournir une pièce", dans={Etat.BROUILLON, Etat.A_COMPLETER}, par=Role.PORTEUR)
def fournir_piece(
    dossier: Dossier,
    passage: Passage,
    *,
    code: CodeCourt,
    nom: Annotated[str, Field(max_length=200)] = "",
    empreinte: Empreinte | None = None,
    taille: Annotated[int, Field(ge=0, le=2**50)] = 0,
    format: Format | None = None,
) -> list[PieceFournie]:
    """Record a document by its metadata, or with the code "toutes" every document this dossier calls for.

    `empreinte`: SHA-256 of the content; absent, nobody computed it, and none is made up.
    `format`: what the content is, when it was kept before (aap.documents); absent, there is only metadata.
    Raises: Refus DONNEES_INVALIDES when the rule set knows no such document, or when the dossier holds too much;
    TRANSITION_INTERDITE when the complements awaited are not about this document.
    """
    if format is not None:
        check_room(dossier, taille)
    connues = {piece.code for piece in dossier.aap.regles.pieces}
    codes: Collection[str] = [code]
    if code == TOUTES:
        codes = [piece.code for piece in pieces_requises(dossier.aap.regles, facts(dossier))]
    elif code not in connues and code != AUTRE:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La pièce « {code} » n'est pas prévue par le règlement. Pièces connues : {', '.join(sorted(connues))}.",
            pieces=sorted(connues),
        )
    check_pieces(dossier, codes)
    return PieceFournie.objects.bulk_create(
        piece_of(dossier, passage, un, nom=nom, empreinte=empreinte, taille=taille, format=format) for un in codes
    )


def piece_of(
    dossier: Dossier,
    passage: Passage,
    code: str,
    *,
    nom: str,
    empreinte: str | None,
    taille: int,
    md5: str | None = None,
    format: Format | None = None,
) -> PieceFournie:
    """A document given for a dossier, not saved. A fingerprint that nobody gave stays blank."""
    return PieceFournie(
        dossier=dossier, code=code, nom=nom or f"{code}.pdf", taille=taille, par_id=passage.par.pk,
        empreinte=empreinte or "", md5=md5 or "", fournie_le=passage.le, format=format or "",
    )  # fmt: skip


@acte(
    Dossier,
    "Déroger à une règle",
    dans={Etat.DEPOSE, Etat.EN_RECEVABILITE, Etat.A_COMPLETER},
    par=Role.RESPONSABLE,
)
def deroger(dossier: Dossier, passage: Passage, *, regle: CodeCourt, motif: Motif) -> Derogation:
    """Waive one eligibility rule for this dossier. Source: regles.md §1 (forçage motivé)."""
    if regle not in REGLES:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La règle « {regle} » n'existe pas. Règles : {', '.join(REGLES)}.",
            regles=list(REGLES),
        )
    return Derogation.objects.create(dossier=dossier, regle=regle, motif=motif, par_id=passage.par.pk, le=passage.le)
