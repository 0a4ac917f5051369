from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from viewflow.workflow.status import STATUS

from aap.models import DossierUserObjectPermission
from comptes.models import Utilisateur

if TYPE_CHECKING:
    from instruction.models import Parcours, TacheSuivie  # noqa: F401

LOURDES = ("mots", "recherche")
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

    def light(self) -> Self:
        """Without the words it is searched by, which nobody reads."""
        return self.defer(*LOURDES)

    def with_open_tasks(self) -> Self:
        """Each with its open tasks, as `ouvertes`, in one query more."""
        taches = self.model._meta.get_field("taches").related_model.objects.open().order_by("pk")
        return self.prefetch_related(Prefetch("taches", taches, to_attr="ouvertes"))


class TacheQuerySet(QuerySet["TacheSuivie"]):
    def open(self) -> Self:
        """To be done: neither done nor lapsed."""
        return self.filter(status__in=OUVERTES)

    def of_process(self, parcours: int) -> "list[TacheSuivie]":
        """All the tasks of a process, done or not, the oldest first."""
        return list(self.raw("SELECT * FROM instruction_tachesuivie WHERE process_id = %s ORDER BY id", [parcours]))
