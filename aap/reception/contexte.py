"""What the database knows of a record received: its call, the register rows it names. A fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from aap.models import Aap
from aap.reception.schema import DossierRecu
from grappes.composition import Issue, Lecture, resolve
from grappes.models import Essms, Membre, OrganismeGestionnaire
from moteur.horloge import aujourdhui


@dataclass(frozen=True, kw_only=True)
class Contexte:
    """`ouverts`: codes of the calls that take files today, when `aap` is unknown. `lectures`: what the register says
    of each ESSMS, in the order of the record. `confondu`: the ESSMS whose number was given for that of the OG."""

    aap: Aap | None
    ouverts: tuple[str, ...] = ()
    og: OrganismeGestionnaire | None = None
    confondu: Essms | None = None
    lectures: tuple[Lecture, ...] = ()

    @property
    def essms(self) -> dict[str, Essms]:
        """The ESSMS found, by number."""
        return {une.essms.finess: une.essms for une in self.lectures if une.issue is Issue.TROUVE and une.essms}


def load(recu: DossierRecu) -> Contexte:
    """Six queries at most, whatever the number of ESSMS."""
    aap = Aap.objects.select_related("reglement").prefetch_related("fenetres").filter(code=recu.aap, rejeu=None).first()
    porteur = recu.porteur.finess_ej
    og = OrganismeGestionnaire.objects.filter(finess=porteur, rejeu=None).first()
    return Contexte(
        aap=aap,
        ouverts=() if aap else _open_calls(),
        og=og,
        confondu=None if og else Essms.objects.filter(finess=porteur, rejeu=None).select_related("og").first(),
        lectures=resolve([un.finess_et for un in recu.grappe.essms], jour=aujourdhui()).lectures,
    )


def members(recu: DossierRecu, essms: dict[str, Essms], **autres: Any) -> list[Membre]:
    """The members this record states, not saved. `autres`: fields they share. Raises: KeyError for an unknown ESSMS."""
    return [
        Membre(
            essms=essms[un.finess_et],
            heures_eligibles=un.heures_eligibles,
            heures_totales=un.heures_totales,
            sons_logiciel=un.sons_logiciel,
            **autres,
        )
        for un in recu.grappe.essms
    ]


def columns(recu: DossierRecu) -> dict[str, Any]:
    """The fields of a dossier that this record states."""
    return {
        "projet": recu.projet.value,
        "segur": recu.segur,
        "logiciel": recu.logiciel,
        "contrat_signe": recu.contrat_signe,
        "financement_ue": recu.financement_ue,
        **recu.options.model_dump(),
    }


def _open_calls() -> tuple[str, ...]:
    jour = aujourdhui()
    ouvertes = Q(fenetres__ouvre__lte=jour, fenetres__ferme__gte=jour)
    ouvertes &= Q(fenetres__close_le=None) | Q(fenetres__close_le__gte=jour)
    codes = Aap.objects.filter(ouvertes, rejeu=None).order_by("code").values_list("code", flat=True)
    return tuple(codes.distinct())
