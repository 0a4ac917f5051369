"""Annotate the risks of a dossier, alone or with the others that share a cause. What was said is never changed."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from django.db import transaction
from django.db.models import QuerySet
from pydantic import Field, StringConstraints

from aap.models import Dossier
from accompagnement.models import Annotation, Axe, Intervenant, LienRisque, Maitrise, Niveau, Organisation, Risque
from accompagnement.suivis import ACCOMPAGNANTS, SUIVIS
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.signature import Jour, Motif

Texte = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)]
Libelle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Cle = Annotated[int, Field(ge=1)]


@acte(Dossier, "Annoter un risque", dans=SUIVIS, par=ACCOMPAGNANTS)
def annoter_risque(
    dossier: Dossier,
    passage: Passage,
    *,
    axe: Axe,
    niveau: Niveau,
    maitrise: Maitrise = Maitrise.AUCUNE,
    commentaire: Texte = "",
    a_faire: Texte = "",
    a_faire_par: Intervenant | None = None,
    pour_le: Jour | None = None,
    partagee: bool = False,
    risque: Cle | None = None,
) -> Annotation:
    """Say how strong a risk is and who masters it, on behalf of one's organisation. It adds to what was said before.

    `risque`: key of the shared cause it is about. Raises: Refus DONNEES_INVALIDES when the dossier does not share it.
    """
    if risque is not None:
        _check_shared(dossier, axe, risque)
    return Annotation.objects.create(
        dossier=dossier, axe=axe, niveau=niveau, maitrise=maitrise, commentaire=commentaire, a_faire=a_faire,
        a_faire_par=a_faire_par or "", pour_le=pour_le, partagee=partagee, risque_id=risque, **owner(dossier, passage),
    )  # fmt: skip


@acte(Dossier, "Ouvrir un risque partagé", dans=SUIVIS, par=ACCOMPAGNANTS)
def ouvrir_risque(dossier: Dossier, passage: Passage, *, axe: Axe, libelle: Libelle) -> Risque:
    """Name a cause that other dossiers may share, and attach this one to it."""
    risque = Risque.objects.create(
        axe=axe, libelle=libelle, region_id=dossier.aap.region_id, par_id=passage.par.pk, le=passage.le
    )
    LienRisque.objects.create(risque=risque, dossier=dossier, par_id=passage.par.pk, le=passage.le)
    return risque


@acte(Dossier, "Rattacher à un risque partagé", dans=SUIVIS, par=ACCOMPAGNANTS)
def rattacher_risque(dossier: Dossier, passage: Passage, *, risque: Cle) -> LienRisque:
    """Say that this dossier shares that cause too; what was last said of the cause is said of this dossier.

    Raises: Refus DONNEES_INVALIDES when the région has no such cause, or the dossier shares it already.
    """
    trouve = Risque.objects.filter(pk=risque, region=dossier.aap.region_id).first()
    if trouve is None:
        raise Refus(
            Code.DONNEES_INVALIDES, "Ce risque partagé n'est pas de la région de ce dossier : choisissez-en un autre."
        )
    lien = LienRisque.objects.create(risque=trouve, dossier=dossier, par_id=passage.par.pk, le=passage.le)
    dernier = trouve.annotations.order_by("-pk").first()
    if dernier is not None:
        Annotation.objects.create(
            dossier=dossier, axe=trouve.axe, risque=trouve, partagee=False,
            **{nom: getattr(dernier, nom) for nom in REPRIS}, **owner(dossier, passage),
        )  # fmt: skip
    return lien


@acte(Dossier, "Détacher d'un risque partagé", dans=SUIVIS, par=ACCOMPAGNANTS)
def detacher_risque(dossier: Dossier, passage: Passage, *, risque: Cle, motif: Motif) -> LienRisque:
    """The cause no longer concerns this dossier, which keeps all that was said of it."""
    lien = _link(dossier, risque)
    lien.fin_le, lien.fin_par_id = passage.le, passage.par.pk
    lien.save(update_fields=["fin_le", "fin_par"])
    return lien


#: What a dossier takes over from the cause it is attached to; whether its porteur reads it is decided anew.
REPRIS = ("niveau", "maitrise", "commentaire", "a_faire", "a_faire_par", "pour_le")


@transaction.atomic
def annotate_shared(risque: Risque, par: Utilisateur, donnees: Mapping[str, Any]) -> list[Annotation]:
    """Annotate every dossier that shares this cause, through the door of each; none if one of them refuses.

    Locks: the dossiers, in the order of their keys. Raises: Refus, as the door does.
    """
    concernes = linked(risque).filter(etat__in=SUIVIS).order_by("pk")
    if not concernes:
        raise Refus(
            Code.TRANSITION_INTERDITE, "Plus aucun dossier suivi ne partage ce risque : rattachez-en un d'abord."
        )
    return [annoter_risque(un, par, **{**donnees, "axe": risque.axe, "risque": risque.pk}) for un in concernes]


@transaction.atomic
def attach(risque: Risque, dossiers: Iterable[int], par: Utilisateur) -> None:
    """Attach these dossiers (keys) to the cause; none if one of them refuses. Locks, Raises: as `annotate_shared`."""
    for un in Dossier.objects.filter(pk__in=dossiers).order_by("pk"):
        rattacher_risque(un, par, risque=risque.pk)


def linked(risque: Risque) -> Any:
    """The dossiers that share this cause now."""
    actifs = LienRisque.objects.filter(risque=risque, fin_le__isnull=True)
    return Dossier.objects.filter(pk__in=actifs.values("dossier"))


def freeze_levels(dossier: Dossier, passage: Passage, dits: Mapping[str, Niveau], avis: Any) -> None:
    """What an opinion says of the risks is an annotation of that moment, wherever it says something new."""
    courants = current_levels(dossier)
    Annotation.objects.bulk_create(
        Annotation(
            dossier=dossier, axe=axe, niveau=niveau, maitrise=Maitrise.AUCUNE, avis=avis, **owner(dossier, passage)
        )
        for axe, niveau in dits.items()
        if courants[axe] != niveau
    )


def shared_with_porteur(dossier: Dossier) -> "QuerySet[Annotation]":
    """What the porteur reads: of each axis, the last annotation that was shared with her.

    A later one that was not shared hides nothing of what she has read, and tells her nothing more.
    """
    partagees = dossier.annotations.filter(partagee=True).select_related("region")
    lues: QuerySet[Annotation] = partagees.order_by("axe", "-pk").distinct("axe")
    return lues


def current_levels(dossier: Dossier) -> dict[str, str]:
    """Axis → its current level, for the five axes."""
    niveaux: Iterable[tuple[str, str]] = dossier.niveaux.values_list("axe", "niveau")
    return {axe.value: Niveau.NON_EVALUE.value for axe in Axe} | dict(niveaux)


def owner(dossier: Dossier, passage: Passage) -> dict[str, Any]:
    """Who an annotation belongs to: its author, and the organisation her role is of, in the région of the dossier."""
    return {
        "par_id": passage.par.pk, "organisation": organisation_of(passage), "region_id": dossier.aap.region_id,
        "le": passage.le,
    }  # fmt: skip


def organisation_of(passage: Passage) -> Organisation:
    return Organisation.GRADES if passage.role == Role.CONSEILLER_GRADES else Organisation.ARS


def may_annotate(dossier: Dossier, personne: Utilisateur) -> bool:
    """Whether the page offers it: the door alone decides."""
    regions: set[str | None] = set()
    for role, tenues in personne.roles_au(horloge.aujourdhui()).items():
        regions |= tenues if role in ACCOMPAGNANTS else set()
    return dossier.etat in SUIVIS and not regions.isdisjoint(dossier.regions_de(""))


def _check_shared(dossier: Dossier, axe: Axe, risque: int) -> None:
    if _link(dossier, risque).risque.axe != axe:
        raise Refus(Code.DONNEES_INVALIDES, "Ce risque partagé est d'un autre axe : annotez-le sur le sien.")


def _link(dossier: Dossier, risque: int) -> LienRisque:
    lien = dossier.liens_risques.filter(risque=risque, fin_le__isnull=True).select_related("risque").first()
    if lien is None:
        raise Refus(
            Code.DONNEES_INVALIDES, "Ce dossier ne partage pas ce risque : rattachez-le d'abord, ou relisez la page."
        )
    return lien
