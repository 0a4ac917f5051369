"""Whose turn it is, by when: the one line every dossier carries on every screen.

A page of one dossier asks `taches.tasks`. A list cannot ask it for each row: `with_turn` annotates what
the same answer needs, and `tasks_of_row` reads it without a query. A test holds the two together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Coalesce, Least

from aap.models import Dossier, Etat, Fenetre, Reglement
from accompagnement.models import AvisGrades
from comptes.roles import Role
from conventions.models import Prorogation, Qualite, Signataire, Versement
from conventions.querysets import SANS_SUITE
from instruction.libelles import TERMINES, actions
from instruction.taches import ETAPES_VERSEMENT, SIMPLES, SUITES, Tache
from moteur.texte import INSECABLE, en_liste
from scoring.models import Evaluation

ARS = frozenset({Role.INSTRUCTEUR, Role.RESPONSABLE, Role.COMPTABLE})


@dataclass(frozen=True, kw_only=True)
class Tour:
    """`qui`: "À l'ARS de jouer"; `quoi`: what to do; `reste`: days left, negative when late, None without a date.

    `acteur`: "ars", "porteur", "grades", "plusieurs" or "personne", for the sign beside the text.
    """

    qui: str
    quoi: str
    acteur: str
    echeance: date | None = None
    reste: int | None = None

    @property
    def delai(self) -> str:
        """Days left, in words; empty without a date."""
        if self.reste is None:
            return ""
        if self.reste == 0:
            return "dernier jour"
        jours = f"{abs(self.reste)}{INSECABLE}jour{'s' if abs(self.reste) > 1 else ''}"
        return f"reste {jours}" if self.reste > 0 else f"en retard de {jours}"

    @property
    def urgence(self) -> str:
        """ "retard", "bientot" (a week or less) or empty."""
        if self.reste is None or self.reste > 7:
            return ""
        return "retard" if self.reste < 0 else "bientot"


def turn(taches: Sequence[Tache], etat: str, jour: date, *, porteur: bool = False) -> Tour:
    """The line for these tasks. `porteur`: said to the porteur herself, of her own tasks when she has any."""
    if porteur:
        taches = [tache for tache in taches if tache.role == Role.PORTEUR] or taches
    if not taches:
        termine = etat in TERMINES
        return Tour(qui="Terminé" if termine else "Rien à faire", quoi="plus rien n'est attendu", acteur="personne")
    acteurs = sorted({_actor(tache.role) for tache in taches})
    echeance = min((tache.echeance for tache in taches if tache.echeance), default=None)
    verbes = dict.fromkeys(actions()[tache.action] for tache in taches)
    return Tour(
        qui=_who_to_porteur(acteurs) if porteur else _who(acteurs),
        quoi=en_liste([verbe[0].lower() + verbe[1:] for verbe in verbes]),
        acteur=whose_turn(taches),
        echeance=echeance,
        reste=(echeance - jour).days if echeance else None,
    )


def with_turn(dossiers: "QuerySet[Dossier]", jour: date) -> "QuerySet[Dossier]":
    """Annotate what `tasks_of_row` reads, and `limite`, the date of the turn, so that a list sorts by it."""
    return dossiers.annotate(
        evaluations_rendues=Coalesce(_count(Evaluation), 0),
        avis_rendu=Exists(AvisGrades.objects.filter(dossier=OuterRef("pk"))),
        ars_doit_signer=Exists(_unsigned().filter(qualite=Qualite.ARS)),
        og_doit_signer=Exists(_unsigned().exclude(qualite=Qualite.ARS)),
        etape_versement=_payment_step(),
        limite_cibles=due_date(),
    ).annotate(limite=_limit(jour))


def tasks_of_row(dossier: Dossier, jour: date) -> list[Tache]:
    """What `tasks` says of a dossier, from the annotations alone.

    The proof of usage is one task here: to tell which figures are missing takes the figures.
    """
    limite: date | None = dossier.limite  # type: ignore[attr-defined]  # annotated by with_turn
    return [Tache(action=action, role=role, echeance=limite) for action, role in _who_does_what(dossier, jour)]


def due_date() -> Coalesce:
    """Day by which the targets are due, prorogations included."""
    prorogations = Prorogation.objects.filter(convention__dossier=OuterRef("pk")).order_by("-le", "-pk")
    return Coalesce(Subquery(prorogations.values("jusqu_au")[:1]), F("convention__echeance_cibles"))


def _who_does_what(dossier: Dossier, jour: date) -> Iterator[tuple[str, Role]]:
    etat = Etat(dossier.etat)
    if etat in SIMPLES:
        action, role = SIMPLES[etat]
        yield action, Role(role)
    elif etat is Etat.BROUILLON:
        yield "deposer", Role.PORTEUR
    elif etat is Etat.A_COMPLETER:
        late = dossier.echeance is not None and jour > dossier.echeance
        yield ("declarer_irrecevable", Role.INSTRUCTEUR) if late else ("completer", Role.PORTEUR)
    elif etat in (Etat.EN_COMITE, Etat.SELECTIONNE):
        yield ("selectionner" if etat is Etat.EN_COMITE else "notifier"), Role.RESPONSABLE
    elif etat in AUTRES:
        yield from AUTRES[etat](dossier, jour)


def _instruct(dossier: "Dossier", jour: date) -> Iterator[tuple[str, Role]]:
    regles = dossier.aap.regles.instruction
    requises = regles.evaluations_requises.valeur if regles.evaluations_requises else 0
    a_evaluer = dossier.evaluations_rendues < requises  # type: ignore[attr-defined]
    avis_requis = bool(regles.avis_grades_requis and regles.avis_grades_requis.valeur)
    sans_avis = avis_requis and not dossier.avis_rendu  # type: ignore[attr-defined]
    if a_evaluer:
        yield "evaluer", Role.INSTRUCTEUR
    if sans_avis:
        yield "donner_avis_grades", Role.CONSEILLER_GRADES
    if not a_evaluer and not sans_avis:
        yield "cloturer_instruction", Role.INSTRUCTEUR


def _sign(dossier: "Dossier", jour: date) -> Iterator[tuple[str, Role]]:
    if dossier.og_doit_signer:  # type: ignore[attr-defined]
        yield "signer", Role.PORTEUR
    if dossier.ars_doit_signer:  # type: ignore[attr-defined]
        yield "signer", Role.RESPONSABLE
    elif not dossier.og_doit_signer:  # type: ignore[attr-defined]
        yield "signer_convention", Role.RESPONSABLE


def _pay(dossier: "Dossier", jour: date) -> Iterator[tuple[str, Role]]:
    if etape := dossier.etape_versement:  # type: ignore[attr-defined]
        yield ETAPES_VERSEMENT.get(etape, (SUITES[Etat(dossier.etat)], Role.COMPTABLE))


def _deploy(dossier: "Dossier", jour: date) -> Iterator[tuple[str, Role]]:
    limite = dossier.limite  # type: ignore[attr-defined]
    yield "prouver_usages", Role.PORTEUR
    if limite and jour > limite:
        yield "constater_echec", Role.RESPONSABLE


AUTRES = {
    Etat.EN_INSTRUCTION: _instruct,
    Etat.NOTIFIE: _sign,
    Etat.CONVENTIONNE: _pay,
    Etat.CIBLES_ATTEINTES: _pay,
    Etat.EN_DEPLOIEMENT: _deploy,
}


def _limit(jour: date) -> Case:
    """The date of the turn, by state; the same as the deadlines of `tasks`."""
    return Case(
        When(etat=Etat.BROUILLON, then=_next_closing(jour)),
        When(Q(etat=Etat.A_COMPLETER) & Q(echeance__gte=jour), then="echeance"),
        When(etat=Etat.EN_COMITE, then="seance"),
        When(etat__in=[Etat.SELECTIONNE, Etat.NOTIFIE], then=_commitment()),
        When(etat=Etat.EN_DEPLOIEMENT, then="limite_cibles"),
        default=None,
        output_field=DateField(),
    )


def _next_closing(jour: date) -> Subquery:
    fenetres = Fenetre.objects.filter(aap=OuterRef("aap")).annotate(dernier=Least("ferme", "close_le"))
    ouvertes = fenetres.filter(dernier__gte=jour).order_by().values("aap")
    return Subquery(ouvertes.annotate(premiere=Min("dernier")).values("premiere"))


def _commitment() -> Coalesce | F:
    """Last day to commit: the one of the AAP, else of its rule set, whose text alone knows it."""
    propre = F("aap__dernier_engagement")
    textes = [
        When(aap__reglement=reglement.pk, then=Value(limite.valeur))
        for reglement in Reglement.objects.defer("texte")
        if (limite := reglement.regles.calendrier.dernier_engagement)
    ]
    return Coalesce(propre, Case(*textes, output_field=DateField())) if textes else propre


def _count(modele: type[Evaluation]) -> Subquery:
    siens = modele.objects.filter(dossier=OuterRef("pk")).order_by().values("dossier")
    return Subquery(siens.annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def _unsigned() -> "QuerySet[Signataire]":
    return Signataire.objects.filter(convention__dossier=OuterRef("pk"), signature__isnull=True)


def _payment_step() -> Subquery:
    """State of the payment that is due now: the first half on a signed convention, else the second."""
    vivants = Versement.objects.filter(convention__dossier=OuterRef("pk")).exclude(etat__in=SANS_SUITE)
    premier = Q(rang=1, convention__dossier__etat=Etat.CONVENTIONNE)
    second = Q(rang=2, convention__dossier__etat=Etat.CIBLES_ATTEINTES)
    return Subquery(vivants.filter(premier | second).values("etat")[:1])


def whose_turn(taches: Sequence[Tache]) -> str:
    """ "ars", "porteur", "grades", "plusieurs" or "personne"."""
    acteurs = {_actor(tache.role) for tache in taches}
    return acteurs.pop() if len(acteurs) == 1 else "plusieurs" if acteurs else "personne"


def _actor(role: str) -> str:
    if role in ARS:
        return "ars"
    return "grades" if role == Role.CONSEILLER_GRADES else "porteur"


def _who(acteurs: Sequence[str]) -> str:
    noms = {"ars": "à l'ARS", "grades": "au GRADeS", "porteur": "au porteur"}
    phrase = en_liste([noms[acteur] for acteur in acteurs])
    return f"{phrase[0].upper()}{phrase[1:]} de jouer"


def _who_to_porteur(acteurs: Sequence[str]) -> str:
    if "porteur" in acteurs:
        return "À vous de jouer"
    return "L'ARS instruit" if "ars" in acteurs else "En attente du GRADeS"
