"""The agenda follows the law: after each act, the tasks of the dossier are those that its state calls for.

One function does it all, whatever happened: `accorder` compares the tasks that are open with those that are awaited
(`instruction.taches`), closes the ones that are done or lapsed, opens the new ones. Rebuilding is calling it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from viewflow.workflow.status import PROCESS, STATUS

from aap.examen import facts
from aap.faits import Faits
from aap.models import Dossier, Etat
from accompagnement.querysets import with_risk
from comptes.roles import Role
from grappes.recherche import normalize
from instruction.delais import with_objectives
from instruction.flows import InstructionFlow, step
from instruction.libelles import SANS_AIDE, TERMINES
from instruction.models import Parcours, TacheSuivie
from instruction.querysets import OUVERTES
from instruction.taches import Tache, tasks
from instruction.tours import whose_turn
from moteur import horloge
from moteur.erreurs import Refus
from moteur.suites import Mouvement, suite

RANGS = {etat.value: rang for rang, etat in enumerate(Etat)}
ATTRIBUE = "attribuer"
#: After these acts the risks are read again, after those the grappe: they change by no other.
JUGENT = frozenset({"annoter_risque", "donner_avis_grades"})
COMPOSENT = frozenset({"recevoir", "composer", "signaler_depart", "deposer", "completer"})


@dataclass(frozen=True, kw_only=True)
class Ecart:
    """What was not as the state says: node names. Empty when the agenda agreed."""

    ouvertes: tuple[str, ...] = ()
    faites: tuple[str, ...] = ()
    caduques: tuple[str, ...] = ()
    copie: bool = False

    def __bool__(self) -> bool:
        return bool(self.ouvertes or self.faites or self.caduques or self.copie)


@suite(Dossier)
def follow(mouvement: Mouvement) -> None:
    """After an act on a dossier or on what it owns. A play keeps no agenda: nobody has it to do."""
    dossier = mouvement.racine
    if not isinstance(dossier, Dossier):
        dossier = Dossier.objects.select_related("aap").get(pk=mouvement.pk)
    if dossier.aap.rejeu is None:
        accorder(dossier, mouvement.actions)


def accorder(dossier: Dossier, actions: Collection[str] | None = None) -> Ecart:
    """Bring the process of a dossier to what its state says. `actions`: what was just done; None reads all again.

    Locks: the process (docs/verrous.md); whoever acts already holds the dossier.
    """
    parcours = Parcours.objects.locked(dossier.pk) or _born(dossier)
    parcours.dossier = dossier
    suivies = TacheSuivie.objects.of_process(parcours.pk) if parcours.pk else []
    ouvertes = {tache.cle: tache for tache in suivies if tache.status in OUVERTES}
    attendues = with_objectives(awaited(dossier), suivies, {} if actions is None else ouvertes, dossier.aap)
    copie = _copy(parcours, dossier, attendues, actions)
    return _settle(parcours, ouvertes, attendues, actions or (), copie=copie)


def _born(dossier: Dossier) -> Parcours:
    """The process of a dossier that has none yet."""
    return Parcours(flow_class=InstructionFlow, dossier=dossier, created=horloge.maintenant())


def catch_up(jour: date, **parmi: Any) -> int:
    """Settle the dossiers that time alone has moved: a date of theirs has passed. How many changed.

    `parmi`: which processes, all of them without. One transaction each, and nothing to do the second time: any number
    of machines may run it.
    """
    echues = TacheSuivie.objects.open().filter(process=OuterRef("pk"), echeance__lt=jour)
    passes = Parcours.objects.filter(Exists(echues), **parmi).exclude(status=PROCESS.DONE)
    return sum(
        bool(rebuild(pk, frozenset())) for pk in passes.order_by("limite", "pk").values_list("dossier", flat=True)
    )


def rebuild(pk: int, actions: Collection[str] | None = None, *, simuler: bool = False) -> Ecart:
    """Settle one dossier under its lock; what was not as its state says. `simuler`: only tell."""
    with transaction.atomic():
        ecart = accorder(Dossier.objects.locked().select_related("aap").get(pk=pk), actions)
        if simuler:
            transaction.set_rollback(True)
    return ecart


def with_opened(dossiers: "QuerySet[Dossier]") -> "QuerySet[Dossier]":
    """Each with what `opened` reads, in two queries more."""
    return dossiers.prefetch_related(Prefetch("parcours", Parcours.objects.light().with_open_tasks()))


def opened(dossier: Dossier) -> list[Tache]:
    """The open tasks of a dossier come through `with_opened`, as `instruction.taches` says them."""
    parcours: Parcours | None = getattr(dossier, "parcours", None)
    return [said(tache) for tache in parcours.ouvertes] if parcours else []


def said(tache: TacheSuivie) -> Tache:
    """A task of the agenda as `instruction.taches` says it."""
    return Tache(
        action=tache.action,
        role=tache.role,
        echeance=tache.echeance,
        etape=tache.flow_task.name,
        objectif=tache.objectif,
    )


def awaited(dossier: Dossier) -> list[Tache]:
    """The tasks of a dossier; none where its rule set is silent, which its page says."""
    try:
        return tasks(dossier)
    except Refus:
        return []


def _settle(
    parcours: Parcours,
    ouvertes: Mapping[tuple[str, int], TacheSuivie],
    attendues: Iterable[Tache],
    actions: Collection[str],
    *,
    copie: bool,
) -> Ecart:
    """Close and open tasks, so that the open ones are `attendues`."""
    voulues = {tache.cle: tache for tache in attendues}
    finies = [tache for cle, tache in ouvertes.items() if cle not in voulues]
    nouvelles = [tache for cle, tache in voulues.items() if cle not in ouvertes]
    faites = [tache for tache in finies if not tache.flow_task.fins.isdisjoint(actions)]
    caduques = [tache for tache in finies if tache.flow_task.fins.isdisjoint(actions)]
    _close(faites, STATUS.DONE)
    _close(caduques, STATUS.CANCELED)
    redatees = _redate(ouvertes, voulues)
    if ATTRIBUE in actions:
        _hand_over(ouvertes.values(), parcours)
    TacheSuivie.objects.bulk_create(_new(parcours, tache) for tache in nouvelles)
    return Ecart(
        ouvertes=tuple(tache.cle[0] for tache in nouvelles),
        faites=tuple(tache.flow_task.name for tache in faites),
        caduques=tuple(tache.flow_task.name for tache in caduques),
        copie=copie or redatees,
    )


def _close(taches: Iterable[TacheSuivie], statut: str) -> None:
    if pks := [tache.pk for tache in taches]:
        TacheSuivie.objects.filter(pk__in=pks).update(status=statut, finished=horloge.maintenant())


def _redate(ouvertes: Mapping[tuple[str, int], TacheSuivie], voulues: Mapping[tuple[str, int], Tache]) -> bool:
    """A deadline moved (a prorogation, a window that closed): the task is the same, its day is not. Whether any did."""
    communes = [(ouvertes[cle], voulues[cle]) for cle in ouvertes.keys() & voulues.keys()]
    autres = [
        (une, autre) for une, autre in communes if (une.echeance, une.objectif) != (autre.echeance, autre.objectif)
    ]
    for une, autre in autres:
        TacheSuivie.objects.filter(pk=une.pk).update(echeance=autre.echeance, objectif=autre.objectif)
    return bool(autres)


def _hand_over(ouvertes: Iterable[TacheSuivie], parcours: Parcours) -> None:
    """A new officer in charge takes over the tasks of an officer, except those that ask for somebody else."""
    if (qui := _in_charge(parcours)) is not None:
        siennes = [tache.pk for tache in ouvertes if _is_hers(tache)]
        TacheSuivie.objects.filter(pk__in=siennes).update(owner=qui, status=STATUS.ASSIGNED)


def _in_charge(parcours: Parcours) -> int | None:
    """The officer in charge, unless a declared interest keeps her out: nothing is asked of her then."""
    qui: int | None = parcours.instructeur_id
    return None if qui is None or parcours.dossier.tie_of(qui, horloge.aujourdhui()) else qui


def _is_hers(tache: TacheSuivie | Tache) -> bool:
    """Whether it falls to the officer in charge: a second evaluation is somebody else's."""
    return tache.role == Role.INSTRUCTEUR and not tache.tour


def _new(parcours: Parcours, tache: Tache) -> TacheSuivie:
    noeud, le = step(tache.cle[0]), horloge.maintenant()
    owner = _in_charge(parcours) if _is_hers(tache) else None
    return TacheSuivie(
        process=parcours, flow_task=noeud, flow_task_type=noeud.task_type, role=tache.role, tour=tache.tour,
        status=STATUS.ASSIGNED if owner else STATUS.NEW, owner_id=owner, assigned=le if owner else None,
        region_id=parcours.region_id, echeance=tache.echeance, objectif=tache.objectif, created=le,
    )  # fmt: skip


def _copy(
    parcours: Parcours,
    dossier: Dossier,
    attendues: Sequence[Tache],
    actions: Collection[str] | None,
) -> bool:
    """Copy on the process what lists read; whether anything changed. What no act touched is not read again."""
    grappe = parcours._state.adding or actions is None or not COMPOSENT.isdisjoint(actions)
    valeurs = _columns(dossier, attendues)
    if grappe:
        valeurs |= _grappe_columns(dossier)
    if actions is None or not JUGENT.isdisjoint(actions):
        valeurs["risque"] = with_risk(Dossier.objects.filter(pk=dossier.pk)).values_list("risque", flat=True).get()
    changees = [nom for nom, valeur in valeurs.items() if getattr(parcours, nom) != valeur]
    for nom in changees:
        setattr(parcours, nom, valeurs[nom])
    if parcours._state.adding:
        parcours.save()
    elif changees:
        parcours.save(update_fields=changees)
    return bool(changees)


def _columns(dossier: Dossier, attendues: Sequence[Tache]) -> dict[str, Any]:
    fini = dossier.etat in TERMINES
    return {
        "aap_id": dossier.aap_id,
        "region_id": dossier.aap.region_id,
        "reference": dossier.reference,
        "projet": dossier.projet,
        "instructeur_id": dossier.instructeur_id,
        "etat": dossier.etat,
        "rang": RANGS[dossier.etat],
        "depose_le": horloge.jour(dossier.depose_le) if dossier.depose_le else None,
        "aide": None if dossier.etat in SANS_AIDE else dossier.aide,
        "acteur": whose_turn(attendues),
        "limite": min((tache.pour_le for tache in attendues if tache.pour_le), default=None),
        "status": PROCESS.DONE if fini else PROCESS.NEW,
    }


def _grappe_columns(dossier: Dossier) -> dict[str, Any]:
    faits = facts(dossier)
    return {
        "porteur": dossier.grappe.og_porteur.nom,
        "grappe": dossier.grappe.nom,
        "fenetre": _window(dossier, faits),
        "essms": len(faits.essms),
        "ogs": len({un.og for un in faits.essms}),
        "secteurs": sorted({str(un.secteur) for un in faits.essms if un.secteur}),
        "departements": sorted({un.departement for un in faits.essms}),
        "mots": sorted(_words(dossier, faits)),
    }


def _window(dossier: Dossier, faits: Faits) -> str:
    """The window it was filed in; empty before."""
    if dossier.depose_le is None:
        return ""
    jour, secteurs = horloge.jour(dossier.depose_le), [un.secteur for un in faits.essms if un.secteur]
    ouvertes = (fenetre for fenetre in dossier.aap.fenetres.all() if fenetre.is_open(jour))
    prises = (un for un in ouvertes if un.takes(faits.projet, secteurs, multi_region=len(faits.regions) > 1))
    return next((fenetre.code for fenetre in prises), "")


def _words(dossier: Dossier, faits: Faits) -> set[str]:
    """What a dossier is searched by: its reference, its grappe, the names and numbers of its OGs and ESSMS."""
    textes = [dossier.reference, dossier.grappe.nom, dossier.grappe.og_porteur.nom, dossier.grappe.og_porteur.finess]
    textes += [texte for og in faits.ogs for texte in (og.nom, og.finess)]
    textes += [texte for essms in faits.essms for texte in (essms.nom, essms.finess)]
    return {mot for texte in textes for mot in normalize(texte).split()}
