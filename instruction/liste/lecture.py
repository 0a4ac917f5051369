"""One page of the list of dossiers: rows, counts by state, and what may be chosen, in five queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from aap.models import Aap, Dossier, Etat, Fenetre
from accompagnement.models import Niveau
from comptes.models import Affectation, Departement, Utilisateur
from comptes.roles import Role
from instruction.agenda import said
from instruction.libelles import PROJETS, SECTEURS, Badge, badge
from instruction.liste.colonnes import Colonne, columns
from instruction.liste.comptes import PLAFOND, Compte, count_by_state, total
from instruction.liste.filtre import ACTEURS, DELAIS, MOI, PERSONNE, Filtre
from instruction.liste.ordres import page, read_mark
from instruction.models import Parcours, VueEnregistree
from instruction.querysets import ParcoursQuerySet
from instruction.tours import Tour, turn

PAR_PAGE = 40


@dataclass(frozen=True, kw_only=True)
class Rangee:
    """One dossier of the list."""

    parcours: Parcours
    badge: Badge
    tour: Tour
    projet: str

    @property
    def deport(self) -> bool:
        """Whether a declared interest keeps the reader out of it."""
        return bool(self.parcours.deport)  # annotated by _rows

    @property
    def interne(self) -> bool:
        """Whether it is read as an agency reads it."""
        return bool(self.parcours.interne)  # annotated by told_to


@dataclass(frozen=True, kw_only=True)
class Puce:
    """A state one may filter by: how many dossiers are in it, and the address that shows them."""

    badge: Badge
    compte: Compte
    choisie: bool
    adresse: str


@dataclass(frozen=True, kw_only=True)
class Choix:
    """What the filters offer: (value, words)."""

    aaps: list[tuple[str, str]]
    fenetres: list[tuple[str, str]]
    agents: list[tuple[str, str]]
    departements: Sequence[tuple[str, str]]
    secteurs: Sequence[tuple[str, str]]
    projets: Sequence[tuple[str, str]]
    delais: Sequence[tuple[str, str]]
    acteurs: Sequence[tuple[str, str]]
    risques: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Liste:
    """Everything the page shows. `compte`: what matches; `avant`, `apres`: addresses of the pages around."""

    filtre: Filtre
    compte: Compte
    puces: list[Puce]
    colonnes: list[Colonne]
    rangees: list[Rangee]
    avant: str
    apres: str
    choix: Choix
    vues: list[VueEnregistree]


def visible(lecteur: Utilisateur, jour: date) -> ParcoursQuerySet:
    """Where every list, count and export starts: what this person may read, and know of each."""
    return Parcours.objects.visible_to(lecteur, jour).told_to(lecteur, jour)


def matching(lecteur: Utilisateur, filtre: Filtre, jour: date) -> ParcoursQuerySet:
    """The whole set a filter gives this reader: what bulk actions and exports work on."""
    return filtre.apply(visible(lecteur, jour), lecteur, jour)


def read_list(lecteur: Utilisateur, filtre: Filtre, jour: date) -> Liste:
    """One page of what this person may read; her own dossiers are told to her as to their porteur."""
    visibles = visible(lecteur, jour)
    comptes = _by_state(visibles, filtre, lecteur, jour)
    retenus = {etat: un for etat, un in comptes.items() if not filtre.etats or etat in filtre.etats}
    lignes, avant, apres = page(
        _rows(filtre.apply(visibles, lecteur, jour), lecteur, jour),
        filtre.tri,
        read_mark(filtre.apres, filtre.tri),
        PAR_PAGE,
    )
    return Liste(
        filtre=filtre,
        compte=total(retenus, au_moins=0 if filtre.etats else PLAFOND),
        puces=_chips(comptes, filtre),
        colonnes=columns(filtre),
        rangees=[_row(parcours, jour) for parcours in lignes],
        avant=filtre.query(apres=avant) if avant else "",
        apres=filtre.query(apres=apres) if apres else "",
        choix=_choices(lecteur, jour),
        vues=list(VueEnregistree.objects.filter(utilisateur=lecteur)),
    )


def _by_state(visibles: ParcoursQuerySet, filtre: Filtre, lecteur: Utilisateur, jour: date) -> dict[str, Compte]:
    """State → how many match the rest of the filter, in the order of a dossier's life."""
    autres = filtre.apply(visibles, lecteur, jour, sauf="etats")
    return count_by_state(autres, filtre.etats)


def _rows(parcours: ParcoursQuerySet, lecteur: Utilisateur, jour: date) -> ParcoursQuerySet:
    deports = Dossier.objects.deported(lecteur, jour).filter(pk=OuterRef("dossier"))
    lignes = parcours.light().select_related("aap", "region", "instructeur").with_open_tasks()
    annotees: ParcoursQuerySet = lignes.annotate(deport=Exists(deports))
    return annotees


def _row(parcours: Parcours, jour: date) -> Rangee:
    interne: bool = parcours.interne  # annotated by told_to
    return Rangee(
        parcours=parcours,
        badge=badge(parcours.etat),
        tour=turn([said(tache) for tache in parcours.ouvertes], parcours.etat, jour, porteur=not interne),
        projet=PROJETS[parcours.projet],
    )


def _chips(comptes: Mapping[str, Compte], filtre: Filtre) -> list[Puce]:
    """One chip per state present; those chosen stay, even empty, so that they can be undone."""
    vide = total({})
    return [
        Puce(
            badge=badge(etat),
            compte=comptes.get(etat, vide),
            choisie=etat in filtre.etats,
            adresse=filtre.query(etats=_toggled(filtre.etats, etat)),
        )
        for etat in Etat.values
        if etat in comptes or etat in filtre.etats
    ]


def _toggled(etats: tuple[str, ...], etat: str) -> tuple[str, ...]:
    return tuple(un for un in etats if un != etat) if etat in etats else (*etats, etat)


def _choices(lecteur: Utilisateur, jour: date) -> Choix:
    """Calls, windows and officers of her regions, in one query; the rest is known."""
    lus = _offered(None if lecteur.lit_tout(jour) else lecteur.regions_lues(jour), jour)
    return Choix(
        aaps=lus["aap"],
        fenetres=lus["fenetre"],
        agents=[(MOI, "Moi"), (PERSONNE, "Personne"), *lus["agent"]],
        departements=_departements(),
        secteurs=tuple(SECTEURS.items()),
        projets=tuple(PROJETS.items()),
        delais=tuple(DELAIS.items()),
        acteurs=tuple(ACTEURS.items()),
        risques=Niveau.choices,
    )


def _offered(regions: set[str] | None, jour: date) -> dict[str, list[tuple[str, str]]]:
    aaps, fenetres = Aap.objects.filter(rejeu=None), Fenetre.objects.filter(aap__rejeu=None)
    agents = Affectation.objects.valides_le(jour).filter(role=Role.INSTRUCTEUR, utilisateur__is_active=True)
    if regions is not None:
        aaps, agents = aaps.filter(region__in=regions), agents.filter(region__in=regions)
        fenetres = fenetres.filter(aap__region__in=regions)
    nom = Coalesce(
        NullIf(Trim(Concat("utilisateur__first_name", Value(" "), "utilisateur__last_name")), Value("")),
        "utilisateur__username",
    )
    lignes = (
        aaps.order_by().values_list(Value("aap"), "code", "intitule", named=False)
        .union(fenetres.order_by().values_list(Value("fenetre"), "code", "code"))
        .union(agents.order_by().values_list(Value("agent"), Cast("utilisateur_id", CharField()), nom))
    )  # fmt: skip
    lus: dict[str, list[tuple[str, str]]] = {"aap": [], "fenetre": [], "agent": []}
    for genre, valeur, mots in sorted(lignes, key=itemgetter(2, 1)):
        lus[genre].append((valeur, mots))
    return lus


@cache
def _departements() -> Sequence[tuple[str, str]]:
    """The 101 départements, read once per process: reference data that migrations alone change."""
    return [(un.code, str(un)) for un in Departement.objects.all()]
