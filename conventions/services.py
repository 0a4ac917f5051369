"""Writes about money that are not a transition of the dossier: sign, pay step by step, give more time."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from pydantic import Field

from aap.models import Dossier, Etat
from comptes.roles import Role
from conventions.models import Prorogation, Qualite, Signataire, Signature, Versement
from conventions.querysets import payment
from grappes.models import Rattachement
from moteur import signature
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Passage
from moteur.porte import acte, franchir
from moteur.signature import Jour, Motif
from moteur.texte import cite, en_toutes_lettres

TOUS = "tous"
Rang = Annotated[int, Field(ge=1, le=2, strict=True)]
Etape = Callable[..., Versement]


@acte(Dossier, "Signer", dans={Etat.NOTIFIE}, par=(Role.RESPONSABLE, Role.PORTEUR))
def signer(dossier: Dossier, passage: Passage, *, signataire: Annotated[str, Field(max_length=20)]) -> list[Signature]:
    """Record a signature: "ars", "porteur", "og:<finess_ej>", or "tous" for all that are missing.

    Raises: Refus ROLE_INTERDIT when a porteur would sign for the ARS or for an OG she does not act for,
    DONNEES_INVALIDES when the party is unknown or has already signed.
    """
    parties = {
        partie.code: partie
        for partie in Signataire.objects.filter(convention__dossier=dossier).select_related("og", "signature")
    }
    if passage.role == Role.PORTEUR and signataire in ("ars", TOUS):
        raise Refus(Code.ROLE_INTERDIT, "Un porteur ne signe pas pour l'ARS : signez « porteur » ou « og:… ».")
    signees = {code for code, partie in parties.items() if hasattr(partie, "signature")}
    voulues = parties.keys() - signees if signataire == TOUS else {signataire}
    if inconnues := voulues - parties.keys():
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"« {min(inconnues)} » n'est pas partie à cette convention. Parties : {', '.join(sorted(parties))}.",
            signataires=sorted(parties),
        )
    if deja := voulues & signees:
        raise Refus(Code.DONNEES_INVALIDES, f"« {min(deja)} » a déjà signé : rien n'est à refaire.")
    if passage.role == Role.PORTEUR:
        _check_hers(passage.par, dossier, parties[signataire])
    return Signature.objects.bulk_create(
        Signature(signataire=parties[code], par_id=passage.par.pk, le=passage.le) for code in sorted(voulues)
    )


def signs_for(par: Acteur, dossier: Dossier, partie: Signataire) -> bool:
    """Whether this porteur signs for that party: she acts for its OG today.

    Who was never attached to any OG was given the dossier by an import or a play, which know no attachment.
    """
    if partie.qualite == Qualite.ARS:
        return False
    siens = Rattachement.objects.filter(utilisateur=par.pk)
    if not siens.exists():
        return True
    og = dossier.grappe.og_porteur_id if partie.qualite == Qualite.PORTEUR else partie.og_id
    return siens.current().filter(og=og).exists()


def _check_hers(par: Acteur, dossier: Dossier, partie: Signataire) -> None:
    if not signs_for(par, dossier, partie):
        raise Refus(
            Code.ROLE_INTERDIT,
            f"Vous n'agissez pas pour {cite(partie)} : invitez sur ce dossier une personne qui le fait, elle signera.",
            signataire=partie.code,
        )


@acte(Dossier, "Proroger", dans={Etat.EN_DEPLOIEMENT, Etat.EN_VERIFICATION}, par=Role.RESPONSABLE)
def proroger(dossier: Dossier, passage: Passage, *, jusqu_au: Jour, motif: Motif) -> Prorogation:
    """Give more time to reach the targets. Source: regles.md §5 (dated decision, original deadline kept)."""
    convention = dossier.convention
    echeance = convention.echeance
    if jusqu_au < passage.jour:
        raise Refus(Code.DONNEES_INVALIDES, "Ce jour est déjà passé : prorogez jusqu'à un jour à venir.")
    if echeance and jusqu_au <= echeance:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"L'échéance est déjà au {en_toutes_lettres(echeance)} : donnez un jour plus lointain.",
            echeance=echeance.isoformat(),
        )
    return Prorogation.objects.create(
        convention=convention, jusqu_au=jusqu_au, motif=motif, par_id=passage.par.pk, le=passage.le
    )


def _step(fonction: Etape) -> Callable[..., Versement]:
    """Make a step of a payment a door that reads its data as the acts do."""

    @wraps(fonction)
    def porte(dossier: Dossier, par: Acteur, **donnees: Any) -> Versement:
        return fonction(dossier, par, **signature.lire(fonction, donnees))

    return porte


@_step
def certifier(dossier: Dossier, par: Acteur, *, rang: Rang) -> Versement:
    """Certify that a half is due."""
    return franchir(_payment(dossier, rang), "certifier", par)


@_step
def ordonnancer(dossier: Dossier, par: Acteur, *, rang: Rang) -> Versement:
    """Order the payment of a half."""
    return franchir(_payment(dossier, rang), "ordonnancer", par)


@_step
def executer(dossier: Dossier, par: Acteur, *, rang: Rang) -> Versement:
    """Execute the payment of a half."""
    return franchir(_payment(dossier, rang), "executer", par)


def _payment(dossier: Dossier, rang: int) -> Versement:
    if (versement := payment(dossier, rang)) is None:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"Aucun versement de rang {rang} : la convention de ce dossier n'est pas signée, ou n'a plus cours.",
            rang=rang,
        )
    return versement
