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


class ParcoursQuerySet(QuerySet["Parcours"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Those whose dossier this person may read that day: the same rule as `DossierQuerySet.visible_to`."""
        if utilisateur.lit_tout(jour):
            return self.all()
        partages = DossierUserObjectPermission.objects.filter(user=utilisateur, content_object=OuterRef("dossier"))
        return self.filter(Q(region__in=utilisateur.regions_lues(jour)) | Q(Exists(partages)))

    def locked(self) -> Self:
        """The lock of `InstructionFlow`, taken by whoever knows the dossier and not yet its process."""
        return self.select_for_update(of=("self",), no_key=True)

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

    def with_locked_process(self) -> Self:
        """Each with its process, locked as `ParcoursQuerySet.locked` does, in the same query."""
        avec = self.select_related("process").defer(*(f"process__{nom}" for nom in LOURDES))
        return avec.select_for_update(of=("process",), no_key=True)
