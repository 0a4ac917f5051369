"""What should worry somebody, told once to the outbox: a strong risk that nobody masters, a silence that lasts."""

from collections.abc import Iterator

from django.db.models import Q

from aap.models import Dossier
from accompagnement.models import Axe, Maitrise, Niveau
from accompagnement.querysets import with_alerts, with_levels
from moteur import horloge
from moteur.models import Envoi
from moteur.texte import en_liste

LOT = 500


def tell() -> int:
    """Write one outbox row per alert, never twice for the same one; how many are new. Safe beside another doing it."""
    jour = horloge.aujourdhui()
    reels = Dossier.objects.filter(aap__rejeu=None)
    alertes = with_alerts(reels, jour).filter(Q(fort_sans_mesure=True) | Q(non_evalue=True)).order_by("pk")
    cles = list(alertes.values_list("pk", flat=True))
    nouveaux = 0
    for debut in range(0, len(cles), LOT):
        lot = with_levels(with_alerts(Dossier.objects.filter(pk__in=cles[debut : debut + LOT]), jour))
        envois = [envoi for dossier in lot for envoi in _of(dossier)]
        avant = Envoi.objects.filter(cle__in=[envoi.cle for envoi in envois]).count()
        Envoi.objects.bulk_create(envois, ignore_conflicts=True)
        nouveaux += len(envois) - avant
    return nouveaux


def _of(dossier: Dossier) -> Iterator[Envoi]:
    """One row per annotation that leaves a strong risk without measure; one for a dossier left without levels."""
    niveaux = {un.axe: un for un in dossier.niveaux.all()}
    if dossier.fort_sans_mesure:  # type: ignore[attr-defined]  # annotated by with_alerts
        for axe, un in niveaux.items():
            if (un.niveau, un.maitrise) == (Niveau.FORT, Maitrise.AUCUNE):
                phrase = f"Risque fort sans mesure en place : {Axe(axe).label}."
                yield _row(dossier, "risque_sans_mesure", f"risque:{un.annotation_id}", phrase)
    if dossier.non_evalue:  # type: ignore[attr-defined]
        muets = [axe.label for axe in Axe if axe not in niveaux or niveaux[axe].niveau == Niveau.NON_EVALUE]
        phrase = f"Risques encore non évalués : {en_liste(muets)}."
        yield _row(dossier, "risque_non_evalue", f"non_evalue:{dossier.pk}", phrase)


def _row(dossier: Dossier, sujet: str, cle: str, phrase: str) -> Envoi:
    return Envoi(
        sujet=f"dossier.{sujet}", charge={"objet": dossier.cle, "alerte": phrase}, cle=cle,
        cree_le=horloge.maintenant(),
    )  # fmt: skip
