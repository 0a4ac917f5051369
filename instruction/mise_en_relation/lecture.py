"""What the page of mise en relation shows to a person: her demands with suggestions, and those she may read."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from aap.faits import territoire_de
from aap.models import Aap, Dossier, Etat
from aap.regles import Regles
from aap.routage import minimum_essms
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import DemandeGrappe, EtatDemande, Membre, OrganismeGestionnaire
from grappes.rapprochement import Candidat, Minimum, Suggestion, suggest
from instruction.libelles import PROJETS, SECTEURS
from moteur.erreurs import Refus

MONTREES = 5


@dataclass(frozen=True, kw_only=True)
class Proposition:
    """A suggestion, and whom to write to; empty when she did not accept to be contacted."""

    suggestion: Suggestion
    contact: str


@dataclass(frozen=True, kw_only=True)
class Demande:
    """A demand in words. `propositions`: for an open demand of hers."""

    demande: DemandeGrappe
    projet: str
    secteur: str
    contact: str
    propositions: list[Proposition]

    @property
    def ouverte(self) -> bool:
        return bool(self.demande.etat == EtatDemande.OUVERTE)


@dataclass(frozen=True, kw_only=True)
class Page:
    """`ogs`: those she acts for. `silence`: why nothing is suggested, empty when something may be."""

    porteur: bool
    ogs: list[OrganismeGestionnaire]
    siennes: list[Demande]
    autres: list[Demande]
    silence: str


def read(lecteur: Utilisateur, jour: date) -> Page:
    """A constant number of queries, however many demands there are."""
    visibles = list(DemandeGrappe.objects.visible_to(lecteur, jour).with_places())
    porteur = Role.PORTEUR in lecteur.roles_au(jour)
    ogs = her_ogs(lecteur, jour) if porteur else []
    siens = {og.pk for og in ogs}
    miennes = [demande for demande in visibles if demande.og_id in siens]
    autres = [un for un in visibles if un.og_id not in siens and un.etat == EtatDemande.OUVERTE]
    regles = rules_of_the_day(jour)
    silence = "" if regles else "Aucun appel à projets n'est ouvert : les suggestions viendront avec le prochain."
    candidats = _candidates(autres) if regles and miennes else []
    siennes = []
    for demande in miennes:
        propositions: list[Proposition] = []
        if regles and demande.etat == EtatDemande.OUVERTE:
            propositions, silence = _propose(demande, candidats, regles, autres, silence)
        siennes.append(_tell(demande, demande.contact, propositions))
    return Page(
        porteur=porteur,
        ogs=ogs,
        siennes=siennes,
        autres=[_tell(un, un.contact_public if porteur else un.contact, []) for un in autres],
        silence=silence,
    )


def her_ogs(lecteur: Utilisateur, jour: date) -> list[OrganismeGestionnaire]:
    """The OGs of the real register she acts for that day."""
    rattachements = lecteur.rattachements.on(jour).filter(og__rejeu__isnull=True).select_related("og")
    return [rattachement.og for rattachement in rattachements.order_by("og__finess")]


def rules_of_the_day(jour: date) -> Regles | None:
    """The rule set of the call that takes dossiers the longest, of those already open; None without any."""
    ouverts = Aap.objects.filter(rejeu__isnull=True, fenetres__ouvre__lte=jour, fenetres__ferme__gte=jour)
    aap = ouverts.annotate(ferme=Max("fenetres__ferme")).select_related("reglement").order_by("-ferme", "code").first()
    return aap.regles if aap else None


def _propose(
    demande: DemandeGrappe, candidats: list[Candidat], regles: Regles, autres: list[DemandeGrappe], silence: str
) -> tuple[list[Proposition], str]:
    """The first suggestions, or why the rule set allows none."""
    try:
        suggestions = suggest(_candidate(demande), candidats, _minimum(regles))[:MONTREES]
    except Refus as refus:
        return [], refus.message
    contacts = {un.og.finess: un.contact_public for un in autres}
    return [
        Proposition(
            suggestion=une, contact=next((contacts[og] for og in sorted(une.candidat.ogs) if og in contacts), "")
        )
        for une in suggestions
    ], silence


def _minimum(regles: Regles) -> Minimum:
    def smallest(regions: Collection[str]) -> int:
        return minimum_essms(regles, territoire_de(regions))

    return smallest


def _candidates(demandes: Iterable[DemandeGrappe]) -> list[Candidat]:
    """The open demands of others; where one of these OGs already composes a grappe for it, that grappe instead."""
    par_og = {(un.og_id, un.projet): un for un in demandes}
    grappes = _drafts(par_og)
    pris = {(og, projet) for og, projet, _ in grappes}
    return [candidat for _, _, candidat in grappes] + [
        _candidate(un) for un in demandes if (un.og_id, un.projet) not in pris
    ]


def _candidate(demande: DemandeGrappe) -> Candidat:
    return Candidat(
        cle=demande.cle,
        nom=str(demande.og),
        ogs=frozenset({demande.og.finess}),
        projet=demande.projet,
        nombre=demande.nombre,
        secteurs=frozenset({demande.secteur}),
        departements=frozenset({demande.departement_id}),
        regions=frozenset({demande.departement.region_id}),
    )


def _drafts(demandes: dict[tuple[int, str], DemandeGrappe]) -> list[tuple[int, str, Candidat]]:
    """Grappes being composed by OGs that say they look for others: nobody else's draft is shown. Two queries."""
    brouillons = (
        Dossier.objects.filter(
            etat=Etat.BROUILLON, aap__rejeu__isnull=True, grappe__og_porteur__in={og for og, _ in demandes}
        )
        .select_related("grappe__og_porteur")
        .order_by("pk")
    )
    ouverts = [un for un in brouillons if (un.grappe.og_porteur_id, un.projet) in demandes]
    membres: dict[int, list[Membre]] = {un.grappe_id: [] for un in ouverts}
    for membre in (
        Membre.objects.presents().filter(grappe__in=membres).select_related("essms__og", "essms__departement")
    ):
        membres[membre.grappe_id].append(membre)
    return [
        (un.grappe.og_porteur_id, un.projet, _draft(un, membres[un.grappe_id]))
        for un in ouverts
        if membres[un.grappe_id]
    ]


def _draft(dossier: Dossier, membres: list[Membre]) -> Candidat:
    return Candidat(
        cle=dossier.cle,
        nom=f"La grappe que compose {dossier.grappe.og_porteur}",
        ogs=frozenset({dossier.grappe.og_porteur.finess, *(membre.essms.og.finess for membre in membres)}),
        projet=dossier.projet,
        nombre=len(membres),
        secteurs=frozenset(str(membre.essms.secteur) for membre in membres if membre.essms.secteur),
        departements=frozenset(membre.essms.departement_id for membre in membres),
        regions=frozenset(membre.essms.departement.region_id for membre in membres),
    )


def _tell(demande: DemandeGrappe, contact: str, propositions: list[Proposition]) -> Demande:
    return Demande(
        demande=demande,
        projet=PROJETS[demande.projet],
        secteur=SECTEURS[demande.secteur],
        contact=contact,
        propositions=propositions,
    )
