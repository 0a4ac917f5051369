"""From the outbox to e-mails: each row is read once, and each person is told once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings

from aap.models import Dossier
from accompagnement.models import DemandeAide
from courriels import aide, expedition, preferences
from courriels.avis import AVIS, CELUI_QUI_DOIT, MENTIONNES, Avis
from courriels.destinataires import Annuaire, Objet, directory
from courriels.models import Courriel, Nature, Rythme, Sort
from courriels.redaction import Texte, news, write
from instruction.models import TacheSuivie
from instruction.recit import step, titles
from instruction.taches import Tache, tasks
from moteur import envois, horloge
from moteur.erreurs import Refus
from moteur.models import Entree, Envoi


@dataclass(frozen=True)
class Lecture:
    """What the rows of one batch are about, loaded in a fixed number of queries; tasks once per dossier."""

    objets: Mapping[str, Objet]
    entrees: Mapping[int, Entree]
    annuaire: Annuaire
    ouvertes: frozenset[int]
    _taches: dict[int, list[Tache]] = field(default_factory=dict)

    def entree(self, envoi: Envoi) -> Entree | None:
        """The journal row a row tells; None for a due date."""
        return self.entrees.get(envoi.charge.get("entree", 0))

    def objet(self, envoi: Envoi) -> Objet | None:
        """The dossier or the request a row is about; None for another chain, and for a play's."""
        entree = self.entree(envoi)
        return self.objets.get(entree.chaine if entree else str(envoi.charge.get("objet", "")))

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
    dossiers = Dossier.objects.filter(pk__in=_keys(noms, "dossier"), aap__rejeu=None).with_rules()
    demandes = DemandeAide.objects.filter(pk__in=_keys(noms, "demandeaide"), dossier__aap__rejeu=None).with_people()
    objets: list[Objet] = [*dossiers.select_related("convention"), *demandes]
    annuaire = directory(objets, horloge.aujourdhui())
    return Lecture({objet.cle: objet for objet in objets}, entrees, annuaire, _still_open(lot))


def _still_open(lot: Sequence[Envoi]) -> frozenset[int]:
    """Those of the tasks these rows are about that are still to be done."""
    cles = [envoi.charge["tache"] for envoi in lot if "tache" in envoi.charge]
    return (
        frozenset(TacheSuivie.objects.open().filter(pk__in=cles).values_list("pk", flat=True)) if cles else frozenset()
    )


def _keys(noms: Iterable[str], modele: str) -> list[int]:
    return [int(numero) for nom in noms if (numero := nom.removeprefix(f"{modele}:")).isdigit()]


def _of(envoi: Envoi, lecture: Lecture) -> Iterator[Courriel]:
    """The e-mails of one row, one per person: the first line of the table that names her."""
    objet, entree = lecture.objet(envoi), lecture.entree(envoi)
    deja: set[int] = set()
    for avis in AVIS.get(envoi.sujet, ()) if objet else ():
        assert objet is not None
        if avis.en_face and entree and entree.role == avis.role:
            continue
        for courriel in _to_role(envoi, objet, avis, lecture):
            if courriel.destinataire_id not in deja:
                deja.add(courriel.destinataire_id)
                yield courriel


def _to_role(envoi: Envoi, objet: Objet, avis: Avis, lecture: Lecture) -> Iterator[Courriel]:
    entree = lecture.entree(envoi)
    role = str(envoi.charge["role"]) if avis.role == CELUI_QUI_DOIT else avis.role
    auteur = entree.par_id if entree and not avis.auteur else None
    gens = _people(objet, role, entree, lecture.annuaire)
    personnes = [qui for qui in gens if qui != auteur and _is_meant(qui, envoi)]
    if not personnes:
        return
    if isinstance(objet, DemandeAide):
        assert entree is not None  # nothing reminds of a request: it is passed on instead
        dit, attendu = aide.write(objet, entree, role), aide.is_asked(objet, role)
    elif entree is None and _was_done(envoi, objet, lecture):
        return  # nothing to remind of
    else:
        dit, attendu = _about_dossier(envoi, objet, avis, role, lecture)
    nature = avis.nature if attendu or not avis.demande else Nature.INFORMATION
    sur = {"demande": objet} if isinstance(objet, DemandeAide) else {"dossier": objet}
    for personne in personnes:
        yield Courriel(
            evenement=f"envoi:{envoi.pk}", destinataire_id=personne, nature=nature, **sur,
            sujet=dit.sujet, texte=dit.texte, html=dit.html, fait_le=envoi.cree_le, cree_le=horloge.maintenant(),
        )  # fmt: skip


def _is_meant(qui: int, envoi: Envoi) -> bool:
    """Everybody of the role, unless the row names some: who has the task in hand."""
    nommes = envoi.charge.get("a")
    return nommes is None or qui in nommes


def _about_dossier(envoi: Envoi, dossier: Dossier, avis: Avis, role: str, lecture: Lecture) -> tuple[Texte, bool]:
    """What is said, and whether something is asked of that role now."""
    entree = lecture.entree(envoi)
    etape = step(entree, dossier, titles([entree])) if entree else None
    if etape and role == MENTIONNES:
        etape = replace(etape, fait="vous mentionne dans une note interne")
    taches, jour = lecture.tasks(dossier), horloge.aujourdhui()
    alerte = str(envoi.charge.get("alerte", ""))
    dit = news(dossier, envoi.cree_le, etape, taches=taches, role=role, jour=jour, demande=avis.demande, alerte=alerte)
    return write(dit), any(tache.role == role for tache in taches)


def _was_done(envoi: Envoi, dossier: Dossier, lecture: Lecture) -> bool:
    """What a reminder was about has been done since. An alert is about nothing to do: it is told all the same."""
    if "tache" in envoi.charge:
        return envoi.charge["tache"] not in lecture.ouvertes
    action = envoi.charge.get("action")
    return "alerte" not in envoi.charge and not any(tache.action == action for tache in lecture.tasks(dossier))


def _people(objet: Objet, role: str, entree: Entree | None, annuaire: Annuaire) -> list[int]:
    """Who holds that role on it, or whom the event names and still reads what it is about."""
    if role != MENTIONNES:
        return annuaire.people(objet, role)
    nommes = set(entree.donnees.get("mentions", ())) if entree else set()
    return [qui for qui in annuaire.officers(objet) if qui in nommes]


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
