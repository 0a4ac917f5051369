"""The calls anybody may read about, with their windows. Two queries, whatever their number. Source: regles.md §6."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import QuerySet

from aap.models import Aap, Fenetre
from instruction.libelles import PROJETS, SECTEURS
from moteur.texte import INSECABLE, en_liste


@dataclass(frozen=True)
class FenetreVue:
    """A filing window on that day."""

    fenetre: Fenetre
    jour: date

    @property
    def etat(self) -> str:
        """ "ouverte", "a_venir" or "fermee"."""
        if self.fenetre.is_open(self.jour):
            return "ouverte"
        return "a_venir" if self.jour < self.fenetre.ouvre else "fermee"

    @property
    def delai(self) -> str:
        """What is left of it: the last day still counts."""
        if self.etat == "fermee":
            return "Fermée"
        if self.etat == "a_venir":
            return f"Ouvre dans {_days((self.fenetre.ouvre - self.jour).days)}"
        restent = (self.fenetre.dernier_jour - self.jour).days
        return f"Encore {_days(restent)} pour déposer" if restent else "Dernier jour pour déposer"

    @property
    def pour_qui(self) -> str:
        """Which projects, sectors and grappes it takes."""
        morceaux = [PROJETS[projet] for projet in self.fenetre.projets] or ["Tous les projets"]
        dits = en_liste(morceaux)
        if self.fenetre.secteurs:
            dits += f" ; secteurs : {en_liste([SECTEURS[un].lower() for un in self.fenetre.secteurs])}"
        if self.fenetre.multi_region is not None:
            dits += " ; grappes de plusieurs régions" if self.fenetre.multi_region else " ; grappes d'une seule région"
        return dits


@dataclass(frozen=True)
class Appel:
    """A call on that day."""

    aap: Aap
    jour: date

    @cached_property
    def fenetres(self) -> list[FenetreVue]:
        return [FenetreVue(fenetre, self.jour) for fenetre in self.aap.fenetres.all()]

    @property
    def etat(self) -> str:
        """That of its windows: open if one is, else to come if one is, else closed."""
        etats = {vue.etat for vue in self.fenetres}
        return next((etat for etat in ("ouverte", "a_venir") if etat in etats), "fermee")

    @property
    def montrees(self) -> list[FenetreVue]:
        """The windows that matter that day: those open or to come, all of them once they are all closed."""
        return [vue for vue in self.fenetres if vue.etat != "fermee"] or self.fenetres

    @property
    def dernier_jour(self) -> date:
        """Last day of its last window; the beginning of time for a call without any."""
        return max((vue.fenetre.dernier_jour for vue in self.fenetres), default=date.min)

    @property
    def territoire(self) -> str:
        return self.aap.region.nom if self.aap.region else "Toute la France"


@dataclass(frozen=True)
class Appels:
    """All the calls, by state."""

    ouverts: list[Appel]
    a_venir: list[Appel]
    fermes: list[Appel]

    @property
    def reference(self) -> Appel | None:
        """The call whose figures the guide shows unless told otherwise: open, else to come, else the last closed."""
        fermes = sorted(self.fermes, key=lambda appel: appel.dernier_jour, reverse=True)
        return next(iter([*self.ouverts, *self.a_venir, *fermes]), None)


def published() -> QuerySet[Aap]:
    """The calls of the real register, never those of a play, with what their pages read."""
    appels = Aap.objects.filter(rejeu=None).select_related("region", "reglement").prefetch_related("fenetres")
    return appels.defer("reglement__texte")


def read(jour: date) -> Appels:
    """The calls as they are that day."""
    appels = [Appel(aap, jour) for aap in published()]
    return Appels(*([appel for appel in appels if appel.etat == etat] for etat in ("ouverte", "a_venir", "fermee")))


def _days(nombre: int) -> str:
    return f"{nombre}{INSECABLE}{'jours' if nombre > 1 else 'jour'}"
