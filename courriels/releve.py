"""From the outbox to e-mails: each row is read once, and each person is told once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from aap.models import Dossier
from courriels import expedition, preferences
from courriels.avis import AVIS, CELUI_QUI_DOIT, Avis
from courriels.destinataires import Annuaire, directory
from courriels.models import Courriel, Nature, Rythme, Sort
from courriels.redaction import news, write
from instruction.recit import step
from instruction.taches import Tache, tasks
from moteur import envois, horloge
from moteur.erreurs import Refus
from moteur.models import Entree, Envoi


@dataclass(frozen=True)
class Lecture:
    """What the rows of one batch are about, loaded in a fixed number of queries; tasks once per dossier."""

    dossiers: Mapping[str, Dossier]
    entrees: Mapping[int, Entree]
    annuaire: Annuaire
    _taches: dict[int, list[Tache]] = field(default_factory=dict)

    def dossier(self, envoi: Envoi) -> Dossier | None:
        """The dossier a row is about; None for another chain, and for a play's."""
        entree = self.entrees.get(envoi.charge.get("entree", 0))
        return self.dossiers.get(entree.chaine if entree else str(envoi.charge.get("objet", "")))

    def tasks(self, dossier: Dossier) -> list[Tache]:
        """What is awaited now; nothing where the rule set is silent: the page says why."""
        if dossier.pk not in self._taches:
            try:
                self._taches[dossier.pk] = tasks(dossier)
            except Refus:
                self._taches[dossier.pk] = []
        return self._taches[dossier.pk]


def collect() -> int:
    """Read the outbox until nothing more can be read now; return how many rows. Safe beside another doing the same."""
    total = 0
    while lus := envois.consume(deliver):
        total += lus
    return total


def deliver(lot: Sequence[Envoi]) -> None:
    """Write the e-mails these rows call for, and have those that cannot wait sent, in the caller's transaction."""
    lecture = _load([envoi for envoi in lot if envoi.sujet in AVIS])
    courriels = [courriel for envoi in lot for courriel in _of(envoi, lecture)]
    courriels = _settle(courriels)
    Courriel.objects.bulk_create(courriels, ignore_conflicts=True)
    expedition.enqueue({courriel.evenement for courriel in courriels if courriel.sort == Sort.A_ENVOYER})


def _load(lot: Sequence[Envoi]) -> Lecture:
    entrees = Entree.objects.select_related("par").in_bulk([envoi.charge.get("entree", 0) for envoi in lot])
    noms = {entree.chaine for entree in entrees.values()} | {str(envoi.charge.get("objet", "")) for envoi in lot}
    cles = [int(numero) for nom in noms if (numero := nom.removeprefix("dossier:")).isdigit()]
    dossiers = Dossier.objects.filter(pk__in=cles, aap__rejeu=None).with_rules().select_related("convention")
    par_nom = {dossier.cle: dossier for dossier in dossiers}
    return Lecture(par_nom, entrees, directory(list(par_nom.values()), horloge.aujourdhui()))


def _of(envoi: Envoi, lecture: Lecture) -> Iterator[Courriel]:
    """The e-mails of one row, one per person: the first line of the table that names her."""
    dossier = lecture.dossier(envoi)
    deja: set[int] = set()
    entree = lecture.entrees.get(envoi.charge.get("entree", 0))
    for avis in AVIS.get(envoi.sujet, ()) if dossier else ():
        assert dossier is not None
        if avis.en_face and entree and entree.role == avis.role:
            continue
        for courriel in _to_role(envoi, dossier, avis, lecture):
            if courriel.destinataire_id not in deja:
                deja.add(courriel.destinataire_id)
                yield courriel


def _to_role(envoi: Envoi, dossier: Dossier, avis: Avis, lecture: Lecture) -> Iterator[Courriel]:
    entree = lecture.entrees.get(envoi.charge.get("entree", 0))
    role = str(envoi.charge["role"]) if avis.role == CELUI_QUI_DOIT else avis.role
    taches = lecture.tasks(dossier)
    attendu = any(tache.role == role for tache in taches)
    alerte = str(envoi.charge.get("alerte", ""))
    if entree is None and not alerte and not any(tache.action == envoi.charge["action"] for tache in taches):
        return  # done since: nothing to remind of
    auteur = entree.par_id if entree and not avis.auteur else None
    personnes = [qui for qui in lecture.annuaire.people(dossier, role) if qui != auteur]
    if not personnes:
        return
    etape = step(entree, dossier) if entree else None
    jour = horloge.aujourdhui()
    nouvelle = news(
        dossier, envoi.cree_le, etape, taches=taches, role=role, jour=jour, demande=avis.demande, alerte=alerte
    )
    dit = write(nouvelle)
    nature = avis.nature if attendu or not avis.demande else Nature.INFORMATION
    for personne in personnes:
        yield Courriel(
            evenement=f"envoi:{envoi.pk}", destinataire_id=personne, dossier=dossier, nature=nature,
            sujet=dit.sujet, texte=dit.texte, html=dit.html, fait_le=envoi.cree_le, cree_le=horloge.maintenant(),
        )  # fmt: skip


def _settle(courriels: Sequence[Courriel]) -> list[Courriel]:
    """Choose what becomes of each, from what its reader prefers, and leave out what she does not want."""
    choix = preferences.choices({courriel.destinataire_id for courriel in courriels})
    tout_de_suite = Sort.A_ENVOYER if settings.COURRIELS_ENVOYES else Sort.RETENU
    sorts = {Rythme.TOUT_DE_SUITE: tout_de_suite, Rythme.RESUME: Sort.AU_RESUME}
    voulus = []
    for courriel in courriels:
        rythme = preferences.rhythm(choix, courriel.destinataire_id, Nature(courriel.nature))
        if rythme != Rythme.AUCUN:
            courriel.sort = sorts[rythme]
            voulus.append(courriel)
    return voulus
