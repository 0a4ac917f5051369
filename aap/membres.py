"""ESSMS that join and leave the grappe of a dossier: composed before it is filed, dated afterwards."""

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aap.complements import check_grappe
from aap.models import Dossier, Etat
from comptes.roles import Role
from grappes.composition import Issue, resolve
from grappes.finess import FORMAT
from grappes.models import Essms, Membre
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.signature import Jour, Motif
from moteur.texte import en_liste

#: While it may still be composed; and from filing to the end, when only departures are told.
COMPOSABLES = frozenset({Etat.BROUILLON, Etat.A_COMPLETER})
DEPOSES = frozenset(Etat) - frozenset(Dossier.SANS_EFFET) - {Etat.CLOS}
#: How many numbers a sentence names.
NOMMES = 10

Finess = Annotated[str, StringConstraints(pattern=rf"^{FORMAT.pattern}$")]
Numeros = Annotated[tuple[Finess, ...], Field(max_length=10_000)]
Heures = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]


class Precisions(BaseModel):
    """What a member states besides: a yearly number of hours (mixed home services), the software of its SONS order."""

    model_config = ConfigDict(extra="forbid")

    heures_eligibles: Heures | None = None
    heures_totales: Heures | None = None
    sons_logiciel: Annotated[str, Field(max_length=100)] | None = None


@acte(Dossier, "Composer la grappe", dans=COMPOSABLES, par=Role.PORTEUR)
def composer(
    dossier: Dossier,
    passage: Passage,
    *,
    ajouter: Numeros = (),
    retirer: Numeros = (),
    precisions: dict[Finess, Precisions] = {},  # noqa: B006 - read, never changed
    motif: Motif | None = None,
) -> list[Membre]:
    """Add ESSMS of the register, take members out, state their hours and SONS software; return the members left.

    A draft forgets who was taken out. While complements are awaited, whoever leaves keeps the day and the `motif`.
    Raises: Refus DONNEES_INVALIDES naming every number that cannot be, MOTIF_REQUIS, TRANSITION_INTERDITE when the
    complements awaited are not about the grappe. Nothing is half done.
    """
    check_grappe(dossier)
    if not (ajouter or retirer or precisions):
        raise Refus(Code.DONNEES_INVALIDES, "Rien à changer : donnez des ESSMS à ajouter, à retirer ou à préciser.")
    presents = {membre.essms.finess: membre for membre in dossier.grappe.membres.presents().select_related("essms")}
    _check_known(retirer, presents, "à retirer")
    take_out(dossier, [presents.pop(finess) for finess in dict.fromkeys(retirer)], passage, motif or "")
    for essms in _to_add(dossier, ajouter, [*presents, *retirer], passage):
        presents[essms.finess] = Membre(grappe=dossier.grappe, essms=essms, arrive_le=passage.jour)
    _check_known(precisions, presents, "à préciser")
    write_members(presents, precisions)
    return [presents[finess] for finess in sorted(presents)]


@acte(Dossier, "Signaler un départ", dans=DEPOSES, par=Role.PORTEUR)
def signaler_depart(
    dossier: Dossier, passage: Passage, *, finess: Finess, motif: Motif, le: Jour | None = None
) -> Membre:
    """Say that a member has left, `le` that day (today when not given). The snapshot does not move.

    It stays held by this dossier until a snapshot without it is received (aap.recus.hold).
    """
    membre = dossier.grappe.membres.presents().filter(essms__finess=finess).select_related("essms").first()
    if membre is None:
        raise _absent([finess], "à faire partir")
    membre.parti_le, membre.motif_depart = le or passage.jour, motif
    if membre.parti_le > passage.jour:
        raise Refus(Code.DONNEES_INVALIDES, "Ce départ est à venir : signalez-le le jour venu.")
    membre.save(update_fields=["parti_le", "motif_depart"])
    return membre


def _check_known(finess: Collection[str], presents: Mapping[str, Membre], verbe: str) -> None:
    if absents := [numero for numero in dict.fromkeys(finess) if numero not in presents]:
        raise _absent(absents, verbe)


def _absent(numeros: list[str], verbe: str) -> Refus:
    return Refus(
        Code.DONNEES_INVALIDES,
        f"Pas dans la grappe, donc rien {verbe} : {_named(numeros)}. Relisez la liste de ses membres.",
        finess=numeros,
    )


def take_out(dossier: Dossier, partants: list[Membre], passage: Passage, motif: str) -> None:
    """A draft forgets them; afterwards they keep the day and the reason. Raises: Refus MOTIF_REQUIS."""
    membres = Membre.objects.filter(pk__in=[membre.pk for membre in partants])
    if dossier.etat == Etat.BROUILLON:
        membres.delete()
        return
    if partants and not motif:
        raise Refus(Code.MOTIF_REQUIS, "Dites pourquoi ces ESSMS quittent la grappe : le motif sera conservé.")
    membres.update(parti_le=passage.jour, motif_depart=motif)


def _to_add(dossier: Dossier, numeros: Collection[str], deja: Collection[str], passage: Passage) -> list[Essms]:
    """The ESSMS of these numbers. Raises: Refus DONNEES_INVALIDES with the reason of each one that cannot join."""
    lectures = resolve(list(dict.fromkeys(numeros)), jour=passage.jour, rejeu=dossier.aap.rejeu).lectures
    motifs = {une.saisi: une.motif for une in lectures if une.issue is not Issue.TROUVE}
    motifs |= {un: f"{un} est déjà dans la grappe, ou vient d'en être retiré." for un in numeros if un in set(deja)}
    if motifs:
        reste = len(motifs) - NOMMES
        suite = f" Et {reste} autres." if reste > 1 else " Et un autre." if reste == 1 else ""
        raise Refus(
            Code.DONNEES_INVALIDES, f"Rien n'a changé. {' '.join(list(motifs.values())[:NOMMES])}{suite}", motifs=motifs
        )
    return [une.essms for une in lectures if une.essms is not None]


def write_members(membres: Mapping[str, Membre], precisions: Mapping[str, Precisions]) -> None:
    """Save those that are new, and what is stated of each. Both by FINESS number, every one stated being a member."""
    for finess, dites in precisions.items():
        for nom, valeur in dites.model_dump(exclude_unset=True).items():
            setattr(membres[finess], nom, "" if nom == "sons_logiciel" and valeur is None else valeur)
    Membre.objects.bulk_create(membre for membre in membres.values() if membre.pk is None)
    precises = [membres[finess] for finess in precisions]
    Membre.objects.bulk_update(precises, list(Precisions.model_fields), batch_size=1000)


def _named(numeros: list[str]) -> str:
    reste = len(numeros) - NOMMES
    return en_liste([*numeros[:NOMMES], f"{reste} autres"] if reste > 0 else numeros)
