"""The headless engine: plays a scenario through the same doors as the screens, and tells what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from aap.models import Aap, Dossier, Fenetre
from aap.objectifs import fixer_objectifs
from aap.services import TOUTES, create_draft, fournir_piece, open_call, publish, share
from comptes.delegations import Etendue, deleguer
from comptes.models import Region, Utilisateur
from comptes.roles import Role
from conventions import services as conventions
from conventions.models import Reversement
from grappes.interets import declarer_interet
from grappes.models import Essms, Membre, OrganismeGestionnaire
from instruction import agenda
from instruction.bilan import Bilan, summarize
from instruction.echeances import fire
from instruction.peuplement import Numeros, check_departements, invent, person, register
from instruction.scenario import PASSER, DossierScenario, Evenement, OgScenario, Scenario, unknown_keys
from moteur import horloge, journal, signature, suites
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur
from moteur.porte import actes, aretes_par_nom, franchir

Suivi = Callable[[int, int], None]


@dataclass
class Rejeu:
    """A play under way. `rejeu`: None when it is kept, and lives in the real register."""

    scenario: Scenario
    rejeu: UUID | None
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    personnes: dict[str, Utilisateur] = field(default_factory=dict)
    refus: list[dict[str, object]] = field(default_factory=list)
    avertissements: list[str] = field(default_factory=list)


def play(
    scenario: Scenario,
    *,
    keep: bool = False,
    suivi: Suivi | None = None,
    personnes: Mapping[str, Utilisateur] | None = None,
) -> Bilan:
    """Play the whole scenario and return its outcome. Without `keep`, everything is rolled back.

    `suivi`: called with (events played, events in all). `personnes`: people who exist already, by the name the
    events give them; the others are made up. An event that is refused is reported, and the play goes on.
    Raises: Refus DONNEES_INVALIDES when the scenario cannot even start.
    """
    rejeu = Rejeu(scenario, None if keep else uuid4(), personnes=dict(personnes or {}))
    rejeu.avertissements += [f"{cle} : clé inconnue, ignorée" for cle in unknown_keys(scenario)]
    with transaction.atomic(), traduire():
        with horloge.figer(_start(scenario)):
            aap = _set_up(rejeu)
            debut = journal.last()
        fin = _run(rejeu, suivi)
        with horloge.figer(fin):
            _settle()
            if keep:
                agenda.catch_up(horloge.jour(fin), aap=aap)
            bilan = summarize(aap, rejeu.dossiers, rejeu.personnes, rejeu.refus, rejeu.avertissements, after=debut)
        transaction.set_rollback(not keep)
    return bilan


def actions() -> Mapping[str, Callable[..., Any]]:
    """What an event may do: each transition and act of a dossier, the steps of a payment, a waiver of debt."""
    portes: dict[str, Callable[..., Any]] = {nom: declare.porte for nom, declare in actes(Dossier).items()}
    for nom in aretes_par_nom(Dossier):
        portes[nom] = _crossing(nom)
    portes |= {nom: getattr(conventions, nom) for nom in ("certifier", "ordonnancer", "executer")}
    return portes | {"remettre": _waive}


def _start(scenario: Scenario) -> datetime:
    """The clock at the beginning: the first event, or the opening of the first window."""
    if scenario.evenements:
        return scenario.evenements[0].le
    return horloge.ouverture(min(fenetre.ouvre for fenetre in scenario.aap.fenetres))


def _set_up(rejeu: Rejeu) -> Aap:
    """Write the call, the register, the drafts and their documents."""
    scenario = rejeu.scenario
    _check_actions(scenario)
    check_departements(scenario.dossiers)
    region = scenario.aap.region
    if region is not None and not Region.objects.filter(code=region).exists():
        raise Refus(Code.DONNEES_INVALIDES, f"aap.region : la région « {region} » n'existe pas.", chemin="aap.region")
    aap = open_call(
        scenario.aap.code,
        par=_person(rejeu, Role.ADMINISTRATEUR),
        region=region,
        reglement=publish(scenario.reglement, rejeu.rejeu),
        dotation=scenario.aap.enveloppe,
        intitule=scenario.aap.intitule,
        dernier_engagement=scenario.aap.dernier_engagement,
        rejeu=rejeu.rejeu,
    )
    _open_windows(rejeu, aap.pk)
    if scenario.aap.objectifs:
        fixer_objectifs(aap, scenario.aap.objectifs, _person(rejeu, Role.RESPONSABLE), du=horloge.aujourdhui())
    numeros = Numeros(rejeu.rejeu)
    ogs = {
        demande.ref: invent(demande.generer, numeros) if demande.generer else demande.og or []
        for demande in scenario.dossiers
    }
    essms = register(ogs, rejeu.rejeu)
    for rang, demande in enumerate(scenario.dossiers):
        rejeu.dossiers[demande.ref] = _draft(rejeu, aap, demande, ogs[demande.ref], essms)
        _provide(rejeu, aap, rang, demande)
    _lend_and_tie(rejeu, aap)
    return aap


def _lend_and_tie(rejeu: Rejeu, aap: Aap) -> None:
    """Write who lends her role to whom, and who is tied to which OG: given and declared as the play starts."""
    for une in rejeu.scenario.delegations:
        etendue = Etendue(
            nature=une.nature, role=Role(une.de.partition(":")[0]), region=aap.region, du=une.du, au=une.au,
            acte=une.acte, acte_le=une.acte_le,
        )  # fmt: skip
        deleguer(_person(rejeu, une.a), etendue, _person(rejeu, une.de))
    for un in rejeu.scenario.interets:
        personne, grappe = _person(rejeu, un.par), rejeu.dossiers[un.dossier].grappe
        declarer_interet(
            personne, grappe.og_porteur, personne, nature=un.nature, du=horloge.aujourdhui(), commentaire=un.commentaire
        )


def _provide(rejeu: Rejeu, aap: Aap, rang: int, demande: DossierScenario) -> None:
    """Provide the documents of a draft; a code the rule set does not know is reported, not an error."""
    connues = {piece.code for piece in aap.regles.pieces} | {TOUTES}
    for place, code in enumerate([TOUTES] if demande.pieces is None else demande.pieces):
        if code in connues:
            fournir_piece(rejeu.dossiers[demande.ref], _carrier(rejeu, demande), code=code)
        else:
            rejeu.avertissements.append(
                f"dossiers[{rang}].pieces[{place}] : « {code} » n'est pas prévue par le règlement, ignorée"
            )


def _check_actions(scenario: Scenario) -> None:
    connues = sorted({*actions(), PASSER})
    for i, evenement in enumerate(scenario.evenements):
        if evenement.action not in connues:
            chemin = f"evenements[{i}].action"
            phrase = f"{chemin} : « {evenement.action} » n'existe pas. Actions : {', '.join(connues)}."
            raise Refus(Code.DONNEES_INVALIDES, phrase, chemin=chemin)


def _open_windows(rejeu: Rejeu, aap_id: int) -> None:
    for fenetre in rejeu.scenario.aap.fenetres:
        Fenetre.objects.create(
            aap_id=aap_id,
            code=fenetre.code,
            ouvre=fenetre.ouvre,
            ferme=fenetre.ferme,
            projets=[projet.value for projet in fenetre.projets],
            secteurs=[secteur.value for secteur in fenetre.secteurs],
            multi_region=fenetre.multi_region,
        )


def _draft(rejeu: Rejeu, aap: Aap, demande: DossierScenario, ogs: list[OgScenario], essms: dict[str, Essms]) -> Dossier:
    """Write the draft dossier and its grappe, and share it with its porteur."""
    porteur = next((og for og in ogs if og.porteur), ogs[0])
    dossier = create_draft(
        aap,
        og=OrganismeGestionnaire.objects.get(finess=porteur.finess_ej, rejeu=rejeu.rejeu),
        nom=demande.nom or f"Grappe {demande.ref}",
        reference=demande.ref,
        projet=demande.projet.value,
        segur=demande.segur,
        logiciel=demande.logiciel,
        contrat_signe=demande.contrat_signe,
        financement_ue=demande.financement_ue,
        **demande.options.model_dump(),
    )
    Membre.objects.bulk_create(
        Membre(
            grappe=dossier.grappe,
            essms=essms[un.finess_et],
            heures_eligibles=un.heures_eligibles,
            heures_totales=un.heures_totales,
            sons_logiciel=un.sons_logiciel,
            arrive_le=horloge.aujourdhui(),
        )
        for og in ogs
        for un in og.essms
    )
    share(dossier, _carrier(rejeu, demande))
    suites.tell(suites.Mouvement(Dossier, dossier.pk))
    return dossier


def _carrier(rejeu: Rejeu, demande: DossierScenario) -> Utilisateur:
    """The porteur of a dossier: named by it, else "porteur" where it acts on it, else the first to."""
    if demande.porteur:
        return _person(rejeu, demande.porteur)
    porteurs = [
        evenement.par
        for evenement in rejeu.scenario.evenements
        if evenement.dossier == demande.ref and evenement.par and evenement.par.startswith(Role.PORTEUR)
    ]
    habituel = Role.PORTEUR.value
    return _person(rejeu, habituel if habituel in porteurs or not porteurs else porteurs[0])


def _person(rejeu: Rejeu, par: str) -> Utilisateur:
    if par not in rejeu.personnes:
        rejeu.personnes[par] = person(par, rejeu.scenario.aap.region, rejeu.rejeu)
    return rejeu.personnes[par]


def _run(rejeu: Rejeu, suivi: Suivi | None) -> datetime:
    """Play the events in file order; return where the clock stopped."""
    maintenant = _start(rejeu.scenario)
    portes = actions()
    total = len(rejeu.scenario.evenements)
    for rang, evenement in enumerate(rejeu.scenario.evenements):
        try:
            if evenement.le < maintenant:
                raise Refus(
                    Code.DONNEES_INVALIDES,
                    f"evenements[{rang}].le : le temps ne revient pas en arrière ; cet événement n'est pas joué.",
                    chemin=f"evenements[{rang}].le",
                )
            maintenant = evenement.le
            with horloge.figer(maintenant):
                _play_one(rejeu, rang, evenement, portes)
        except Refus as refus:
            rejeu.refus.append({"evenement": rang} | refus.as_dict())
        if suivi:
            suivi(rang + 1, total)
    return maintenant


def _play_one(rejeu: Rejeu, rang: int, evenement: Evenement, portes: Mapping[str, Callable[..., Any]]) -> None:
    if evenement.action == PASSER:
        fire(rejeu.dossiers.values())
        return
    porte = portes[evenement.action]
    connues = signature.cles(porte)
    for cle in sorted(evenement.donnees.keys() - connues):
        rejeu.avertissements.append(f"evenements[{rang}].donnees.{cle} : clé inconnue, ignorée")
    donnees = {cle: valeur for cle, valeur in evenement.donnees.items() if cle in connues}
    par = _person(rejeu, evenement.par or "")
    porte(rejeu.dossiers[evenement.dossier or ""], par, **donnees)


def _settle() -> None:
    """Have the deferred triggers judge now what a commit would have them judge: no state without its journal."""
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        curseur.execute("SET CONSTRAINTS ALL DEFERRED")  # a caller's transaction goes on as before


def _crossing(nom: str) -> Callable[..., Any]:
    def crosses(dossier: Dossier, par: Acteur, **donnees: Any) -> Dossier:
        return franchir(dossier, nom, par, **donnees)

    crosses.__wrapped__ = getattr(Dossier, nom)  # type: ignore[attr-defined]  # its data are the transition's
    return crosses


def _waive(dossier: Dossier, par: Acteur, **donnees: Any) -> Reversement:
    reversement: Reversement | None = Reversement.objects.filter(dossier=dossier).first()
    if reversement is None:
        raise Refus(Code.TRANSITION_INTERDITE, "Aucun reversement n'est demandé à ce dossier.")
    return franchir(reversement, "remettre", par, **donnees)


_waive.__wrapped__ = Reversement.remettre  # type: ignore[attr-defined]
