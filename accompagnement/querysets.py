from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject
from django.db.models.lookups import LessThan

from aap.querysets import DossierQuerySet
from accompagnement.reglages import days_without_evaluation
from accompagnement.suivis import SUIVIS
from comptes.models import Utilisateur
from moteur.horloge import PARIS
from moteur.machine import MachineQuerySet
from moteur.models import Entree

if TYPE_CHECKING:
    from accompagnement.models import ActionPlan, Annotation, DemandeAide, Risque  # noqa: F401

#: The axes of the national follow-up: as long as one of them was not evaluated, the dossier is not.
AXES = 5


class DemandeAideQuerySet(MachineQuerySet):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Requests this person may read that day: hers, those on the dossiers she carries, those of the regions she
        follows, all of them for a national role. What is filtered out does not exist (404)."""
        if utilisateur.lit_tout(jour):
            return self.all()
        return self.filter(
            Q(pk__in=self.of_porteur(utilisateur).values("pk"))
            | Q(departement__region__in=utilisateur.regions_lues(jour))
        )

    def of_porteur(self, utilisateur: Utilisateur) -> Self:
        """Requests she made, or that were made on a dossier she carries."""
        portees = Q(
            dossier__dossieruserobjectpermission__user=utilisateur,
            dossier__dossieruserobjectpermission__permission__codename="porter",
        )
        return self.filter(Q(auteur=utilisateur) | portees).distinct()

    def overdue(self, jour: date) -> Self:
        """Requests that nobody saw to in time."""
        return self.filter(echeance__lt=jour, etat__in=("ouverte", "prise_en_charge")).order_by("pk")

    def with_people(self) -> Self:
        """Each with what a page says of it."""
        return self.select_related("departement__region", "dossier", "auteur", "prise_par")

    def by_urgency(self) -> Self:
        """The first to be due first, those without a day after, then the oldest."""
        return self.order_by(F("echeance").asc(nulls_last=True), "pk")


class RisqueQuerySet(QuerySet["Risque"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Shared causes of the regions she follows that day through an agency or GRADeS role; all, if national."""
        if utilisateur.lit_tout(jour):
            return self.all()
        return self.filter(region__in=utilisateur.regions_lues(jour))

    def alive(self) -> Self:
        """Those that a dossier still shares, each with how many do, the most shared first."""
        nombre = Count("liens", filter=Q(liens__fin_le__isnull=True))
        return self.annotate(nombre_dossiers=nombre).filter(nombre_dossiers__gt=0).order_by("-nombre_dossiers", "pk")


class AnnotationQuerySet(QuerySet["Annotation"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Annotations this person may read that day: those of the dossiers of the regions she follows; a porteur,
        those of the dossiers she carries that were shared with her, and no other."""
        if utilisateur.lit_tout(jour):
            return self.all()
        porte = Q(
            dossier__dossieruserobjectpermission__user=utilisateur,
            dossier__dossieruserobjectpermission__permission__codename="porter",
        )
        suivies = Q(dossier__aap__region__in=utilisateur.regions_lues(jour))
        return self.filter(suivies | porte & Q(partagee=True)).distinct()

    def current(self) -> Self:
        """The newest of each axis of each dossier."""
        return self.filter(courante__isnull=False)

    def with_authors(self) -> Self:
        """Each with what a page says of it."""
        return self.select_related("par", "region", "risque", "avis")


class ActionPlanQuerySet(QuerySet["ActionPlan"]):
    def with_status(self) -> Self:
        """Each with the status and the due date of its last follow-up, as `statut` and `pour_le`."""
        suivis = apps.get_model("accompagnement", "SuiviAction").objects.filter(action=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            statut=Subquery(suivis.values("statut")[:1]), pour_le=Subquery(suivis.values("pour_le")[:1])
        )

    def open(self) -> Self:
        """Those that still await something, the first due first."""
        return self.with_status().filter(statut__in=("a_faire", "en_cours")).order_by("pour_le", "pk")

    def late(self, jour: date) -> Self:
        """Those whose day has passed."""
        return self.open().filter(pour_le__lt=jour)


def with_risk(dossiers: DossierQuerySet) -> DossierQuerySet:
    """Each dossier with its worst current level, as `risque`: fort, modere, faible_ou_nul, else non_evalue."""
    pire = _levels().filter(dossier=OuterRef("pk")).order_by("-gravite").values("niveau")[:1]
    lus: DossierQuerySet = dossiers.annotate(risque=Coalesce(Subquery(pire), Value("non_evalue")))
    return lus


def at_risk(dossiers: DossierQuerySet, niveau: str) -> DossierQuerySet:
    """The dossiers whose worst current level is that one, found through the index of levels."""
    gravites = {"fort": 3, "modere": 2, "faible_ou_nul": 1, "non_evalue": 0}
    pires = _levels().filter(gravite__gt=gravites[niveau]).order_by()
    retenus: DossierQuerySet = dossiers.exclude(Exists(pires.filter(dossier=OuterRef("pk"))))
    if niveau == "non_evalue":
        return retenus
    a_ce_niveau = _levels().filter(gravite=gravites[niveau]).order_by().values("dossier")
    ramenes: DossierQuerySet = retenus.filter(pk__in=a_ce_niveau)
    return ramenes


def with_alerts(dossiers: DossierQuerySet, jour: date) -> DossierQuerySet:
    """Each dossier with `fort_sans_mesure` and `non_evalue` that day: false where the dossier is no longer followed.

    `non_evalue`: an axis is still not evaluated although the dossier was taken in charge longer ago than the delay of
    `fixtures/risques.toml`; without a delay there, nothing is late.
    """
    fort = Exists(_levels().filter(dossier=OuterRef("pk"), niveau="fort", maitrise="aucune"))
    lus: DossierQuerySet = dossiers.annotate(
        fort_sans_mesure=_claim(Q(etat__in=SUIVIS) & fort), non_evalue=_not_evaluated(jour)
    )
    return lus


def with_levels(dossiers: DossierQuerySet) -> DossierQuerySet:
    """Each dossier with its `niveaux`, one per axis that was ever evaluated. Two queries, however many dossiers."""
    niveaux = _levels().select_related("annotation__region", "annotation__risque")
    lus: DossierQuerySet = dossiers.prefetch_related(Prefetch("niveaux", niveaux))
    return lus


def with_levels_in_row(dossiers: DossierQuerySet) -> DossierQuerySet:
    """The same for the page of one dossier, without a query of its own: as JSON objects, in `niveaux_lus`."""
    champs = {
        "axe": "axe", "niveau": "niveau", "precedent": "precedent", "maitrise": "maitrise", "le": "annotation__le",
        "organisation": "annotation__organisation", "region": "annotation__region__nom",
    }  # fmt: skip
    niveaux = _levels().filter(dossier=OuterRef("pk")).order_by().values(objet=JSONObject(**champs))
    lus: DossierQuerySet = dossiers.annotate(niveaux_lus=ArraySubquery(niveaux))
    return lus


def _not_evaluated(jour: date) -> Any:
    delai = days_without_evaluation()
    if delai is None:
        return Value(False)
    limite = datetime.combine(jour - timedelta(days=delai), time.min, PARIS)
    pris = Entree.objects.filter(
        objet=Concat(Value("dossier:"), Cast(OuterRef("pk"), CharField())), vers="en_recevabilite", le__lt=limite
    )
    juges = _levels().filter(dossier=OuterRef("pk"), gravite__gt=0).order_by().values("dossier")
    nombre = Coalesce(Subquery(juges.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
    return _claim(Q(etat__in=SUIVIS) & Exists(pris) & LessThan(nombre, Value(AXES)))


def _claim(condition: Any) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def _levels() -> QuerySet[Any]:
    """The table of current levels: asked for late, since the models are built on this module."""
    niveaux: QuerySet[Any] = apps.get_model("accompagnement", "NiveauCourant").objects.all()
    return niveaux
