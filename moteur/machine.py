"""What a state machine is: a model whose `etat` only the door (`moteur.porte`) moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, Self, TypeVar

from django.db import models
from django.db.models import QuerySet
from django_fsm import FSMField
from django_fsm import transition as fsm_transition

from moteur import horloge
from moteur.erreurs import Refus

F = TypeVar("F", bound=Callable[..., None])


class Titre(Protocol):
    """Under what a person acts when the role is not hers: a delegation."""

    def tenir(self, jour: date) -> Mapping[str, Any]:
        """Hold it until the end of the transaction, and say it for the journal. Raises: Refus when it is over."""
        ...


class Acteur(Protocol):
    """A person at the door. `comptes.Utilisateur` is one."""

    pk: Any

    def roles_au(self, jour: date) -> dict[str, frozenset[str | None]]:
        """Roles in force that day, hers or delegated: {role: region codes}, None meaning the national level."""
        ...

    def titre_pour(self, role: str, regions: frozenset[str | None], jour: date) -> Titre | None:
        """Under what she holds that role in one of these regions; None: it is hers. No query once roles are known."""
        ...


@dataclass(frozen=True, kw_only=True)
class Passage:
    """What guards, transitions and effects are told: who, when (business clock) and with what data.

    `titre`: the delegation she acts under, for the journal; None when the role is her own.
    """

    par: Acteur
    role: str
    le: datetime
    donnees: Mapping[str, Any]
    titre: Mapping[str, Any] | None = None

    @property
    def jour(self) -> date:
        """The legal day (Paris)."""
        return horloge.jour(self.le)


class MachineQuerySet(QuerySet[Any]):
    def locked(self) -> Self:
        """Row lock until the end of the transaction; joined tables stay free, and so do foreign keys to us."""
        return self.select_for_update(of=("self",), no_key=True)


class Machine(models.Model):
    """Base of every model with a state. Concrete ones define `etat = champ_etat(...)` and the methods below."""

    #: Relations the door loads with the locked row.
    AVEC: ClassVar[tuple[str, ...]] = ()

    version = models.PositiveIntegerField(default=0, editable=False)

    etat: Any

    objects = MachineQuerySet.as_manager()

    class Meta:
        abstract = True

    def racine(self) -> "Machine":
        """The object whose row is locked first and whose chain the journal continues (a dossier)."""
        return self

    @property
    def libelle_etat(self) -> str:
        """The state in French."""
        return str(dict(field_of(type(self)).flatchoices)[self.etat])

    @property
    def chaine(self) -> str:
        """Name of the journal chain of this object."""
        return self.racine().cle

    @property
    def cle(self) -> str:
        """Stable name of this object in the journal: "dossier:12"."""
        return f"{self._meta.model_name}:{self.pk}"

    def regions_de(self, role: str) -> frozenset[str | None]:
        """Regions in which `role` may act on this object: those of its root, unless it is one."""
        return self.racine().regions_de(role)

    def already_done(self) -> Refus | None:
        """The refusal that says so, when what is asked was done before; None: it is only not possible now."""
        return None

    def conflict_of(self, acteur: Acteur, jour: date) -> Refus | None:
        """What shuts this person out of this object whatever her role, as a refusal; None when nothing does."""
        racine = self.racine()
        return None if racine is self else racine.conflict_of(acteur, jour)

    def est_partage_avec(self, acteur: Acteur, role: str) -> bool | None:
        """Object permission: True or False where `role` needs one, None where the region decides."""
        return self.racine().est_partage_avec(acteur, role)


def field_of(modele: type[Machine]) -> Any:
    """The state field of a machine; `Any` because `django_fsm` has no types."""
    return modele._meta.get_field("etat")  # type: ignore[misc]  # each concrete machine declares it


def champ_etat(choices: type[models.TextChoices], initial: str) -> Any:
    """The protected state field of a machine (an FSMField, which has no type of its own)."""
    return FSMField("état", choices=choices.choices, default=initial, protected=True, db_index=True)


@dataclass(frozen=True)
class Arete:
    """One edge as declared: who may cross it, and whom the separation of roles shuts out by name."""

    libelle: str
    roles: frozenset[str]
    separe_de: str | None


def passage(
    libelle: str, *, de: str | Sequence[str], vers: str, par: str | tuple[str, ...], separe_de: str | None = None
) -> Callable[[F], F]:
    """Declare a transition: `de` any of these states, `vers` that one, by holders of a role in `par`.

    `separe_de`: a role whose holders are refused with SEPARATION_DES_ROLES rather than ROLE_INTERDIT.
    The method takes the Passage, then keyword-only data; its annotations are the contract of that data.
    """
    roles = frozenset({par} if isinstance(par, str) else par)
    decorator: Callable[[F], F] = fsm_transition(
        field="etat",
        source=de if isinstance(de, str) else list(de),
        target=vers,
        custom={"arete": Arete(libelle, roles, separe_de)},
    )
    return decorator
