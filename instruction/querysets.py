from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from viewflow.workflow.status import STATUS

from aap.models import DossierUserObjectPermission
from comptes.models import Utilisateur
from comptes.roles import Role

if TYPE_CHECKING:
    from instruction.models import Parcours, TacheSuivie  # noqa: F401

LOURDES = ("mots", "recherche")
#: Where dossiers without a date are sorted: after all the others.
SANS_DATE = date(9999, 12, 31)
#: To be done: neither done nor lapsed.
OUVERTES = (STATUS.NEW, STATUS.ASSIGNED)
VERROU = "WHERE dossier_id = %s FOR NO KEY UPDATE"


class ParcoursQuerySet(QuerySet["Parcours"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Those whose dossier this person may read that day: the same rule as `DossierQuerySet.visible_to`."""
        if utilisateur.lit_tout(jour):
            return self.all()
        partages = DossierUserObjectPermission.objects.filter(user=utilisateur, content_object=OuterRef("dossier"))
        return self.filter(Q(region__in=utilisateur.regions_lues(jour)) | Q(Exists(partages)))

    def locked(self, dossier: int) -> "Parcours | None":
        """The process of that dossier under the lock of `InstructionFlow`, without its words; None: it has none yet.

        Written in SQL, as `TacheQuerySet.of_process`, for every act of every dossier asks both.
        """
        colonnes = [champ.column for champ in self.model._meta.concrete_fields if champ.name not in LOURDES]
        lus = self.raw(f"SELECT {', '.join(colonnes)} FROM instruction_parcours {VERROU}", [dossier])  # noqa: S608
        return next(iter(lus), None)

    def told_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Each with what this person may know of it: `limite_lue`, its nearest day; `risque_lu`, its worst level of
        risk, empty when it is not hers to read; `interne`, whether she reads it as an agency does.

        A porteur reads the days of the law alone (ADR 0020). For an agency these are the columns, read by their index.
        """
        roles = utilisateur.roles_au(jour)
        if utilisateur.lit_tout(jour) or (roles and Role.PORTEUR not in roles):
            return self.annotate(limite_lue=F("limite_tri"), risque_lu=F("risque"), interne=Value(value=True))
        ici = Q(region__in=utilisateur.regions_lues(jour))
        return self.annotate(
            limite_lue=Case(When(ici, then=F("limite_tri")), default=self._day_of_the_law()),
            risque_lu=Case(When(ici, then=F("risque")), default=Value("")),
            interne=Case(When(ici, then=Value(value=True)), default=Value(value=False)),
        )

    def _day_of_the_law(self) -> Coalesce:
        """Of the porteur's own tasks when she has any, else of all: as `instruction.tours.turn` says it to her."""
        taches = self._tasks().filter(process=OuterRef("pk"))
        a_elle_d_abord = Case(When(role=Role.PORTEUR, then=0), default=1)
        return Coalesce(Subquery(taches.order_by(a_elle_d_abord, "echeance").values("echeance")[:1]), Value(SANS_DATE))

    def light(self) -> Self:
        """Without the words it is searched by, which nobody reads."""
        return self.defer(*LOURDES)

    def with_open_tasks(self) -> Self:
        """Each with its open tasks, as `ouvertes`, in one query more."""
        return self.prefetch_related(Prefetch("taches", self._tasks().order_by("pk"), to_attr="ouvertes"))

    def _tasks(self) -> "TacheQuerySet":
        taches: TacheQuerySet = self.model._meta.get_field("taches").related_model.objects.open()
        return taches


class TacheQuerySet(QuerySet["TacheSuivie"]):
    def open(self) -> Self:
        """To be done: neither done nor lapsed."""
        return self.filter(status__in=OUVERTES)

    def of_process(self, parcours: int) -> "list[TacheSuivie]":
        """All the tasks of a process, done or not, the oldest first."""
        return list(self.raw("SELECT * FROM instruction_tachesuivie WHERE process_id = %s ORDER BY id", [parcours]))
