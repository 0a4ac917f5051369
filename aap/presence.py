"""Who else has the same thing open, told to those who have it open too. A courtesy, never a lock: nothing waits for it.

Whoever calls has checked that the person may see the object: nothing here does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import CharField, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, JSONObject

from aap.models import Dossier, Presence
from aap.querysets import DossierQuerySet
from comptes.models import Utilisateur
from moteur import horloge
from moteur.machine import Machine
from moteur.texte import en_liste

#: Somebody unheard of for that long has left: three times what a page waits between two words.
FENETRE = timedelta(seconds=60)
#: What is older says nothing any more, and is removed by whoever comes next.
OUBLI = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Changement:
    """What somebody else changed since the page was read."""

    qui: str
    quoi: str
    le: datetime


@dataclass(frozen=True, kw_only=True)
class Voisinage:
    """What a page shows of the others. `adresse`: where it says that it is open; `page`: its own, to read it again.

    `vue`: the version of the object the page was read at, by which it asks what changed since.
    """

    adresse: str
    phrases: Sequence[str]
    page: str = ""
    vue: int = 0
    changements: Sequence[Changement] = ()


def announce(objet: Machine, personne: Utilisateur, *, lieu: str = "", ecrit: bool = False) -> None:
    """Say that this person has this place open, and whether she is writing there; forget those long gone.

    Locks: her own row, and the old ones that nobody holds.
    """
    maintenant = horloge.reelle()
    presence = Presence(
        objet=objet.cle, lieu=lieu, personne=personne, vue_le=maintenant, ecrit_le=maintenant if ecrit else None
    )
    Presence.objects.bulk_create(
        [presence],
        update_conflicts=True,
        unique_fields=["objet", "lieu", "personne"],
        update_fields=["vue_le", "ecrit_le"] if ecrit else ["vue_le"],
    )
    _forget(maintenant - OUBLI)


def _forget(avant: datetime) -> None:
    vieilles = Presence.objects.filter(vue_le__lt=avant)
    if not vieilles.exists():
        return
    with transaction.atomic():
        cles = [une.pk for une in vieilles.select_for_update(skip_locked=True).only("pk")]
        Presence.objects.filter(pk__in=cles).delete()


def with_presences(dossiers: DossierQuerySet) -> DossierQuerySet:
    """Each with those who have it open, in `presences`: the query that loads a dossier asks for nothing more."""
    depuis = horloge.reelle() - FENETRE
    cle = Concat(Value("dossier:"), Cast(OuterRef("pk"), CharField()))
    la = Presence.objects.filter(objet=cle, vue_le__gte=depuis)
    par_nom = la.order_by("personne__last_name", "personne__first_name", "pk")
    dite = JSONObject(
        lieu="lieu", personne="personne", prenom="personne__first_name", nom="personne__last_name",
        compte="personne__username", ecrit=Q(ecrit_le__isnull=False, ecrit_le__gte=depuis),
    )  # fmt: skip
    lus: DossierQuerySet = dossiers.annotate(presences=ArraySubquery(par_nom.values(dite=dite)))
    return lus


def others(dossier: Dossier, personne: Utilisateur, *, lieu: str = "") -> tuple[list[str], list[str]]:
    """Names of the others who write there, then of those who read. The dossier was loaded `with_presences`."""
    ecrivent: list[str] = []
    lisent: list[str] = []
    for une in getattr(dossier, "presences"):  # noqa: B009 - an annotation, which the type of a dossier ignores
        if une["lieu"] == lieu and une["personne"] != personne.pk:
            nom = Utilisateur(first_name=une["prenom"], last_name=une["nom"], username=une["compte"])
            (ecrivent if une["ecrit"] else lisent).append(str(nom))
    return ecrivent, lisent


def sentence(noms: Sequence[str], un: str, plusieurs: str) -> list[str]:
    """ "Mme X consulte ce dossier.", in the plural from two on; nothing for nobody."""
    return [f"{en_liste(noms)} {un if len(noms) == 1 else plusieurs}."] if noms else []
