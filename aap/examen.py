"""A dossier examined: its facts, its verdicts and its aid, gathered from the database for the pure rules.

Screens, commands, guards and transitions all ask here, so they all say the same thing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from aap.bareme import Financement, calculer_dossier
from aap.compatibilite import CommandeConnue
from aap.eligibilite import Contexte, Detenteur, Verdict, essms_retenus, pieces_manquantes, verifier
from aap.faits import Faits, FaitsEssms, FaitsOg
from aap.regles import Piece
from grappes.models import CommandeSons, Essms, Membre, OrganismeGestionnaire
from moteur.horloge import aujourdhui

if TYPE_CHECKING:
    from aap.models import Dossier


#: Where an object keeps the facts it was composed of, and what its eligibility rests on.
_LUS = "_faits_lus"
_CONTEXTE = "_contexte_lu"


def compose(dossier: "Dossier") -> Faits:
    """What the dossier states today, read from its grappe. Three queries, whatever the number of ESSMS."""
    membres = dossier.grappe.membres.presents().select_related("essms__departement", "essms__og")
    return state(dossier, list(membres.order_by("essms__finess")))


def state(dossier: "Dossier", membres: Sequence[Membre]) -> Faits:
    """What a dossier of these members states; neither need be saved. One query: `membres` come with their ESSMS."""
    ogs = {membre.essms.og.finess: membre.essms.og for membre in membres}
    tailles = _sizes(membres)
    return Faits(
        projet=dossier.type_projet,
        segur=dossier.segur,
        logiciel=dossier.logiciel,
        contrat_signe=dossier.contrat_signe,
        financement_ue=dossier.financement_ue,
        options=dossier.options,
        ogs=tuple(
            FaitsOg(finess=finess, nom=og.nom, total_essms=tailles[finess]) for finess, og in sorted(ogs.items())
        ),
        essms=tuple(_essms(membre) for membre in membres),
        og_porteur=dossier.grappe.og_porteur.finess,
    )


def _sizes(membres: Iterable[Membre]) -> dict[str, int]:
    """All the ESSMS of each OG, by FINESS EJ: those open in the register today, or more when it declares more."""
    apportes = Counter(membre.essms.og_id for membre in membres)
    ouverts = Count("essms", filter=Q(essms__ferme_le=None) | Q(essms__ferme_le__gt=aujourdhui()))
    ogs = OrganismeGestionnaire.objects.filter(pk__in=apportes).annotate(ouverts=ouverts)
    return {
        finess: max(declares or 0, connus, apportes[pk])
        for pk, finess, declares, connus in ogs.values_list("pk", "finess", "essms_declares", "ouverts")
    }


def freeze(dossier: "Dossier") -> Faits:
    """What the dossier states, while nobody else states anything of its ESSMS until the end of the transaction.

    Locks: the ESSMS, by number (docs/verrous.md). Of two dossiers received at the same instant, the second is then
    numbered in the journal after the first is there for all to see.
    """
    essms = Essms.objects.filter(participations__in=dossier.grappe.membres.presents())
    list(essms.order_by("finess").select_for_update(of=("self",), no_key=True).values_list("pk"))
    return compose(dossier)


def facts(dossier: "Dossier", membres: Sequence[Membre] = ()) -> Faits:
    """The frozen snapshot once filed, what the grappe states today before. `membres`: those present, when already read
    with their ESSMS."""
    lus = dossier.faits_deposes or getattr(dossier, _LUS, None)
    return lus or (state(dossier, membres) if membres else compose(dossier))


def current(dossier: "Dossier") -> Faits:
    """What the dossier would state were it received now, filed or not.

    Composed once for this object: a page that only reads it asks many times. The door never sees it.
    """
    faits: Faits = getattr(dossier, _LUS, None) or compose(dossier)
    setattr(dossier, _LUS, faits)
    return faits


def context(dossier: "Dossier", faits: Faits, *, sons_lues: bool | None = None) -> Contexte:
    """What the eligibility of a dossier rests on, besides what it states. `sons_lues`: as in `known_orders`."""
    return Contexte(
        national=dossier.aap.is_national,
        pieces_fournies=_provided(dossier),
        deja_pris=taken_elsewhere(dossier, faits.essms),
        derogations=waivers(dossier),
        commandes=known_orders(dossier, faits.essms, sons_lues=sons_lues),
    )


def remember(dossier: "Dossier", contexte: Contexte) -> Contexte:
    """Keep it on this object: a page that only reads it asks many times. The door never sees it."""
    setattr(dossier, _CONTEXTE, contexte)
    return contexte


def check_eligibility(
    dossier: "Dossier", faits: Faits | None = None, contexte: Contexte | None = None
) -> list[Verdict]:
    """A verdict per eligibility rule of the dossier's rule set, in its order. `faits`, `contexte`: when already read.

    Raises: Refus REGLE_NON_RENSEIGNEE when the texts give no threshold.
    """
    faits = faits or facts(dossier)
    contexte = contexte or getattr(dossier, _CONTEXTE, None) or context(dossier, faits)
    return verifier(dossier.aap.regles, faits, contexte)


def compute_aid(dossier: "Dossier", faits: Faits | None = None) -> Financement:
    """The aid by the dossier's rule set, line by line. `faits`: its own, when already read.

    Raises: Refus REGLE_NON_RENSEIGNEE.
    """
    faits = faits or facts(dossier)
    return calculer_dossier(dossier.aap.regles, faits, essms_retenus(faits, waivers(dossier)))


def missing_documents(dossier: "Dossier", faits: Faits | None = None) -> list[Piece]:
    """Mandatory documents not yet provided, those due at filing. `faits`: its own, when already read."""
    return pieces_manquantes(dossier.aap.regles, faits or facts(dossier), _provided(dossier))


def waivers(dossier: "Dossier") -> Mapping[str, str]:
    """Rules waived for this dossier, with the reason."""
    return {derogation.regle: derogation.motif for derogation in dossier.derogations.all()}


def known_orders(
    dossier: "Dossier", essms: Iterable[FaitsEssms], *, sons_lues: bool | None = None
) -> dict[str, list[CommandeConnue]] | None:
    """SONS orders of these ESSMS as the payment agency knows them today, cancelled or not, by FINESS ET.

    Read today, not at filing: an order the porteur kept silent comes to light whenever the agency tells it.
    None: no order of the agency was ever read, so nothing can be said of one it does not know. `sons_lues`: whether
    some were, when that was already asked.
    """
    presents = list(essms)
    du_registre = CommandeSons.objects.of_register(dossier.aap.rejeu)
    connues: dict[str, list[CommandeConnue]] = {}
    for commande in du_registre.of_essms(un.finess for un in presents):
        connues.setdefault(commande.essms.finess, []).append(_known(commande))
    if connues or not any(un.sons_logiciel for un in presents):
        return connues
    lues = du_registre.exists() if sons_lues is None else sons_lues
    return connues if lues else None


def _provided(dossier: "Dossier") -> frozenset[str]:
    return frozenset(piece.code for piece in dossier.pieces.all())


def taken_elsewhere(dossier: "Dossier", essms: Iterable[FaitsEssms]) -> dict[str, Detenteur]:
    """FINESS ET of these ESSMS held by another dossier, anywhere in the country, and by which.

    Of two dossiers the first whose snapshot named the ESSMS, by the journal, holds it; a funded one always does
    (regles.md §12.7). Leaving a grappe frees nothing while the snapshot counts on it.
    Starts from the ESSMS: its cost does not grow with the number of dossiers.
    """
    numeros = [un.finess for un in essms]
    tenus = Membre.objects.filter(essms__finess__in=numeros, essms__rejeu=dossier.aap.rejeu, retenu_par__isnull=False)
    par_grappe: dict[int, dict[str, int]] = {}
    for grappe, finess, rang in tenus.values_list("grappe_id", "essms__finess", "retenu_par_id"):
        par_grappe.setdefault(grappe, {})[finess] = rang
    depuis = par_grappe.pop(dossier.grappe_id, {})
    if not par_grappe:
        return {}
    modele = type(dossier)
    autres = modele.objects.filter(grappe__in=par_grappe).exclude(etat__in=modele.SANS_EFFET)
    titres = {
        (finess, autre.etat not in modele.FINANCES, rang): autre
        for autre in autres.select_related("aap__region").order_by("pk")
        for finess, rang in par_grappe[autre.grappe_id].items()
        if autre.etat in modele.FINANCES or rang < depuis.get(finess, math.inf)
    }
    return {
        finess: _holder(titres[finess, en_attente, rang]) for finess, en_attente, rang in sorted(titres, reverse=True)
    }


def _known(commande: CommandeSons) -> CommandeConnue:
    return CommandeConnue(
        reference=commande.reference,
        logiciel=commande.logiciel,
        commandee_le=commande.commandee_le,
        situation=commande.situation,
    )


def _holder(dossier: "Dossier") -> Detenteur:
    region = dossier.aap.region
    return Detenteur(
        dossier=dossier.reference,
        aap=dossier.aap.code,
        region=region.nom if region else "national",
        etat=dossier.etat,
    )


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
