"""What the adviser did in the demonstration: events among those of the campaign, and a shared cause on its last day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from aap.models import Aap, Dossier
from accompagnement.annotation import annotate_shared, attach, ouvrir_risque
from comptes.models import Utilisateur
from instruction.demonstration import fichiers
from moteur import horloge

MIDI = time(14, 0)


def events() -> Iterator[dict[str, Any]]:
    """The dossiers she follows, the annotations, the plans: each on its day, in the afternoon."""
    lu = _file()
    for ref in lu["suivis"]["dossiers"]:
        yield _event(
            lu["suivis"]["jour"], "responsable", ref, "affecter_conseiller", personne=lu["suivis"]["conseiller"]
        )
    for une in lu["annotations"]:
        donnees = {cle: _plain(valeur) for cle, valeur in une.items() if cle not in ("ref", "jour", "par")}
        yield _event(une["jour"], une.get("par", "conseiller_grades"), une["ref"], "annoter_risque", **donnees)
    yield from _plans(lu["plans"])


def _plans(plans: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    rangs: dict[str, int] = {}
    for un in plans:
        rang = rangs[un["ref"]] = rangs.get(un["ref"], 0) + 1
        donnees = {cle: _plain(valeur) for cle, valeur in un.items() if cle not in ("ref", "jour", "suivis")}
        yield _event(un["jour"], "conseiller_grades", un["ref"], "planifier_action", **donnees)
        for suivi in un.get("suivis", []):
            suite = {cle: _plain(valeur) for cle, valeur in suivi.items() if cle != "jour"}
            yield _event(suivi["jour"], "conseiller_grades", un["ref"], "suivre_action", rang=rang, **suite)


def share(aap: Aap, conseiller: Utilisateur) -> None:
    """The causes that several dossiers share, annotated for all of them at once. The clock is held by the caller."""
    for partage in _file()["partages"]:
        donnees = dict(partage)
        axe, libelle, refs = donnees.pop("axe"), donnees.pop("libelle"), donnees.pop("dossiers")
        premier, *autres = Dossier.objects.filter(aap=aap, reference__in=refs).order_by("reference")
        risque = ouvrir_risque(premier, conseiller, axe=axe, libelle=libelle)
        attach(risque, [un.pk for un in autres], conseiller)
        annotate_shared(risque, conseiller, donnees)


def _event(jour: date, par: str, ref: str, action: str, /, **donnees: Any) -> dict[str, Any]:
    rang = int(ref.removeprefix("OCC-"))
    instant = datetime.combine(jour, MIDI, horloge.PARIS) + timedelta(minutes=rang)
    return {"le": instant.isoformat(), "par": par, "dossier": ref, "action": action, "donnees": donnees}


def _plain(valeur: Any) -> Any:
    """As an event writes it: a day is text."""
    return valeur.isoformat() if isinstance(valeur, date) else valeur


@cache
def _file() -> dict[str, Any]:
    return fichiers.accompagnement()
