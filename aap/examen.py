"""A dossier examined: its facts, its verdicts and its aid, gathered from the database for the pure rules.

Screens, commands, guards and transitions all ask here, so they all say the same thing.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aap.bareme import Financement, calculer_dossier
from aap.eligibilite import Contexte, Verdict, essms_retenus, pieces_manquantes, verifier
from aap.faits import Faits, FaitsEssms, FaitsOg
from aap.regles import Piece
from grappes.models import Membre

if TYPE_CHECKING:
    from aap.models import Dossier


def compose(dossier: "Dossier") -> Faits:
    """What the dossier states today, read from its grappe. Two queries, whatever the number of ESSMS."""
    membres = list(
        dossier.grappe.membres.presents().select_related("essms__departement", "essms__og").order_by("essms__finess")
    )
    ogs = {membre.essms.og.finess: membre.essms.og for membre in membres}
    declares = {og.finess: og.essms_declares for og in ogs.values()}
    connus = {finess: sum(m.essms.og.finess == finess for m in membres) for finess in ogs}
    return Faits(
        projet=dossier.type_projet,
        segur=dossier.segur,
        logiciel=dossier.logiciel,
        contrat_signe=dossier.contrat_signe,
        financement_ue=dossier.financement_ue,
        options=dossier.options,
        ogs=tuple(
            FaitsOg(finess=finess, nom=og.nom, total_essms=max(declares[finess] or 0, connus[finess]))
            for finess, og in sorted(ogs.items())
        ),
        essms=tuple(_essms(membre) for membre in membres),
        og_porteur=dossier.grappe.og_porteur.finess,
    )


def facts(dossier: "Dossier") -> Faits:
    """The frozen snapshot once filed, what the grappe states today before."""
    return dossier.faits_deposes or compose(dossier)


def check_eligibility(dossier: "Dossier") -> list[Verdict]:
    """A verdict per eligibility rule of the dossier's rule set, in its order.

    Raises: Refus REGLE_NON_RENSEIGNEE when the texts give no threshold.
    """
    faits = facts(dossier)
    contexte = Contexte(
        national=dossier.aap.is_national,
        pieces_fournies=_provided(dossier),
        deja_pris=_taken_elsewhere(dossier, faits),
        derogations=waivers(dossier),
    )
    return verifier(dossier.aap.regles, faits, contexte)


def compute_aid(dossier: "Dossier") -> Financement:
    """The aid by the dossier's rule set, line by line. Raises: Refus REGLE_NON_RENSEIGNEE."""
    faits = facts(dossier)
    return calculer_dossier(dossier.aap.regles, faits, essms_retenus(faits, waivers(dossier)))


def missing_documents(dossier: "Dossier") -> list[Piece]:
    """Mandatory documents not yet provided, those due at filing."""
    return pieces_manquantes(dossier.aap.regles, facts(dossier), _provided(dossier))


def waivers(dossier: "Dossier") -> Mapping[str, str]:
    """Rules waived for this dossier, with the reason."""
    return {derogation.regle: derogation.motif for derogation in dossier.derogations.all()}


def _provided(dossier: "Dossier") -> frozenset[str]:
    return frozenset(piece.code for piece in dossier.pieces.all())


def _taken_elsewhere(dossier: "Dossier", faits: Faits) -> dict[str, str]:
    """FINESS ET of this dossier's ESSMS held by another one, anywhere in the country, and by which.

    Of two dossiers the first whose snapshot named the ESSMS, by the journal, holds it; a funded one always does
    (regles.md §12.7). Leaving a grappe frees nothing while the snapshot counts on it.
    Starts from the ESSMS: its cost does not grow with the number of dossiers.
    """
    numeros = [essms.finess for essms in faits.essms]
    tenus = Membre.objects.filter(essms__finess__in=numeros, essms__rejeu=dossier.aap.rejeu, retenu_par__isnull=False)
    par_grappe: dict[int, dict[str, int]] = {}
    for grappe, finess, rang in tenus.values_list("grappe_id", "essms__finess", "retenu_par_id"):
        par_grappe.setdefault(grappe, {})[finess] = rang
    depuis = par_grappe.pop(dossier.grappe_id, {})
    if not par_grappe:
        return {}
    modele = type(dossier)
    autres = modele.objects.filter(grappe__in=par_grappe).exclude(etat__in=modele.SANS_EFFET)
    return {
        finess: reference
        for grappe, reference, etat in autres.order_by("-depose_le", "-pk").values_list(
            "grappe_id", "reference", "etat"
        )
        for finess, rang in par_grappe[grappe].items()
        if etat in modele.FINANCES or rang < depuis.get(finess, math.inf)
    }


def _essms(membre: Membre) -> FaitsEssms:
    essms = membre.essms
    return FaitsEssms(
        finess=essms.finess,
        nom=essms.nom,
        categorie=essms.categorie,
        departement=essms.departement_id,
        region=essms.departement.region_id,
        og=essms.og.finess,
        part_eligible=membre.part_eligible,
        sons_logiciel=membre.sons_logiciel,
    )
