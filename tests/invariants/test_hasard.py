"""Random people try random things on one campaign, at the right door or not; every law holds after every step.

`HYPOTHESIS_PROFILE=long` plays many more and longer campaigns, never the same ones.
"""

import os
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from aap.models import Dossier, Etat
from aap.objectifs import fixer_objectifs
from aap.regles import INTERNES
from comptes.delegations import Etendue, deleguer, revoquer
from comptes.models import Delegation, Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from conventions.querysets import due_date
from instruction import agenda
from instruction.rejeu import actions
from instruction.taches import tasks
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.journal import TITRE
from moteur.models import Entree
from moteur.porte import actes, aretes_par_nom, franchir
from tests.fabriques import ATTEINTES, FAVORABLE, MANQUEES, NOTES, Campagne, amener
from tests.invariants import monde
from tests.invariants.lois import tout_tient

CALME = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
#: Shrinking a failure takes minutes: every run of the tests goes without, the long one does it.
SANS_REDUCTION = [Phase.explicit, Phase.generate]
PROFILS: dict[str, settings] = {
    "ci": settings(max_examples=12, stateful_step_count=25, derandomize=True, phases=SANS_REDUCTION, **CALME),  # type: ignore[arg-type]
    "long": settings(max_examples=200, stateful_step_count=40, **CALME),  # type: ignore[arg-type]
}
#: What the agenda's next step may meet, though the right person does it with right data, and what to do then.
SINON = {
    Code.ENVELOPPE_INSUFFISANTE: "mettre_en_attente", Code.CIBLES_NON_ATTEINTES: "refuser_usages",
    Code.DELAI_DEPASSE: "abandonner", Code.FENETRE_FERMEE: "abandonner",
}  # fmt: skip
ACTIONS = sorted(actions())
#: Nobody is attached to an OG here, no ESSMS is to spare, and no risk is shared: only tried with wrong data.
SANS_DONNEES = {
    "composer", "signaler_depart", "inviter_coediteur", "retirer_coediteur", "transmettre", "ouvrir_risque",
    "rattacher_risque", "detacher_risque", "suivre_action", "affecter_conseiller", "retirer_conseiller", "attribuer",
}  # fmt: skip
DEBUT = date(2022, 4, 1)
REFS = st.sampled_from(sorted(monde.PORTEURS))
CHIFFRES = st.sampled_from([ATTEINTES, ATTEINTES, MANQUEES])
RANGS = st.sampled_from([1, 2])
PAIEMENTS = ("certifier", "ordonnancer", "executer")
#: Those who might try to move a convention, a payment or a declaration by itself.
MANIEURS = ("responsable", "comptable", "double", "instructeur", "porteur", "porteur:b", "comptable:b", "comptable@11")
#: Those who may pay, one of them at both ends.
PAYEURS = ("responsable", "comptable", "double")
JUSTE = "juste"
QUI = st.one_of(st.just(JUSTE), st.sampled_from(monde.PERSONNES))
DEFAUTS = st.sampled_from(["", "", "", "manque", "vide", "inconnue", "nul"])
#: Where the dossiers of `monde.ouvrir` are when the trials begin: at the start, half-way, near the end.
DEPARTS: list[dict[str, str]] = [
    {},
    {"D1": "en_comite", "D2": "en_instruction", "D3": "notifie", "D4": "a_completer"},
    {"D1": "en_verification", "D2": "conventionne", "D3": "cibles_atteintes", "D4": "en_comite"},
]
#: A run that never gets there proves nothing.
ETATS_PROFONDS = {
    Etat.LISTE_ATTENTE, Etat.NON_RETENU, Etat.ABANDONNE, Etat.EN_DEPLOIEMENT, Etat.CIBLES_ATTEINTES, Etat.SOLDE,
    Etat.CLOS, Etat.EN_REVERSEMENT,
}  # fmt: skip
REFUS_ATTENDUS = {
    Code.TRANSITION_INTERDITE, Code.ROLE_INTERDIT, Code.HORS_PERIMETRE, Code.MOTIF_REQUIS, Code.DONNEES_INVALIDES,
    Code.ENVELOPPE_INSUFFISANTE, Code.SEPARATION_DES_ROLES, Code.VERSEMENT_DEJA_EFFECTUE,
}  # fmt: skip
#: A sentence for people: capital or quote first, a full stop last, no code left in it.
PHRASE = re.compile(r"[A-ZÀ-Ý«\d].*[.…]", re.DOTALL)
BROUILLAGE = re.compile(r"None|True|False|[{}]|\b(must|should|not|error|invalid)\b")


class Hasard(RuleBasedStateMachine):
    """The test's campaign, in a savepoint that the end of the example undoes."""

    camp: ClassVar[Campagne]
    gens: ClassVar[dict[str, Utilisateur]]
    perimes: ClassVar[dict[str, Dossier]]

    atteints: ClassVar[Counter[str]] = Counter()
    refus: ClassVar[Counter[str]] = Counter()
    pretes: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open_savepoint(self) -> None:
        """Nothing was tried yet. The dossiers are known as they were on the first day."""
        self.atomique = transaction.atomic()
        self.atomique.__enter__()
        derniere = Entree.objects.order_by("le").last()
        self.instant = derniere.le if derniere else horloge.ouverture(DEBUT)
        self._check()

    def teardown(self) -> None:
        if hasattr(self, "atomique"):
            transaction.set_rollback(True)
            self.atomique.__exit__(None, None, None)

    @rule(jours=st.sampled_from([1, 10, 40, 100]))
    def wait(self, jours: int) -> None:
        self.instant += timedelta(days=jours)

    @rule(ref=REFS, pas=st.integers(3, 12), chiffres=CHIFFRES)
    def go_on(self, ref: str, pas: int, chiffres: dict[str, int]) -> None:
        """Do what the agenda says comes next, several times over."""
        for _ in range(pas):
            dossier = self.camp.dossier(ref)
            self.instant += timedelta(days=2)
            with horloge.figer(self.instant):
                proposees = tasks(dossier)
            if not proposees:
                return
            action, role = proposees[0].action, proposees[0].role
            rang = 2 if dossier.etat == Etat.CIBLES_ATTEINTES else 1
            par, donnees = self._somebody_right(ref, action, role), self.data_for(action, chiffres, rang, "tous")
            if refus := self._try(ref, action, par, donnees):
                assert refus.code in SINON, f"{action} est à faire sur {ref}, mais : {refus!r}"
                self._fall_back(ref, SINON[refus.code])
                return

    @rule(choix=st.integers(0, 99), chiffres=CHIFFRES)
    def take_another_road(self, choix: int, chiffres: dict[str, int]) -> None:
        """Any action on any dossier that its state allows, done by the right person with right data."""
        etats = Dossier.objects.order_by("reference").values_list("reference", "etat")
        possibles = [(ref, action) for ref, etat in etats for action in actions_from(etat)]
        if possibles:
            ref, action = possibles[choix % len(possibles)]
            self._try(ref, action, self._right(ref, action), self.data_for(action, chiffres, 1, "porteur"))

    @rule()
    def let_the_deadline_pass(self) -> None:
        """The first dossier that deploys fails for want of proof in time."""
        en_cours = Dossier.objects.filter(etat__in=[Etat.EN_DEPLOIEMENT, Etat.EN_VERIFICATION]).order_by("reference")
        if (dossier := en_cours.first()) and (limite := due_date(dossier)):
            self.instant = max(self.instant, horloge.ouverture(limite + timedelta(days=1)))
            self._try(dossier.reference, "constater_echec", self.gens["responsable"], {"motif": "Rien n'est venu."})

    @rule(prete=st.sampled_from(sorted(monde.PRETS)), jours=st.sampled_from([0, 5, 30]), duree=st.integers(0, 60))
    def lend_a_role(self, prete: str, jours: int, duree: int) -> None:
        """Somebody lends her role for a time, from now or a little later."""
        jour = horloge.jour(self.instant)
        de, role = monde.PRETS[prete]
        etendue = Etendue(
            nature=Nature.SUPPLEANCE, role=Role(role), region=Region.objects.get(pk="76"),
            du=jour + timedelta(days=jours), au=jour + timedelta(days=jours + duree),
        )  # fmt: skip
        self._judge(lambda: deleguer(self.gens[prete], etendue, self.gens[de]))

    @rule(choix=st.integers(0, 9), jours=st.sampled_from([0, 3]))
    def take_it_back(self, choix: int, jours: int) -> None:
        """One of the delegations ends sooner, today or in some days."""
        if donnees := list(Delegation.objects.order_by("pk")):
            delegation = donnees[choix % len(donnees)]
            des = horloge.jour(self.instant) + timedelta(days=jours)
            self._judge(lambda: revoquer(delegation.pk, delegation.delegant, des=des, motif="Retour anticipé."))

    @rule(ref=REFS, choix=st.integers(0, 11), prete=st.sampled_from(sorted(monde.PRETS)), chiffres=CHIFFRES)
    def act_for_another(self, ref: str, choix: int, prete: str, chiffres: dict[str, int]) -> None:
        """Who is lent a role tries what it allows. Nobody has lent it yet, or it is over: she is lent it now."""
        role = monde.PRETS[prete][1]
        if role not in self._known_now(prete).roles_au(horloge.jour(self.instant)):
            self.lend_a_role(prete, 0, 30)
        possibles = [nom for nom in actions_from(self.camp.dossier(ref).etat) if role in roles_of(nom)]
        if possibles:
            action = possibles[choix % len(possibles)]
            avant = Entree.objects.filter(donnees__has_key=TITRE).count()
            self._try(ref, action, self._known_now(prete), self.data_for(action, chiffres, 1, "ars"))
            self.pretes["agi"] += Entree.objects.filter(donnees__has_key=TITRE).count() - avant

    def _known_now(self, nom: str) -> Utilisateur:
        """As a new request loads her."""
        return Utilisateur.objects.get(pk=self.gens[nom].pk)

    @rule(ref=REFS, action=st.sampled_from(ACTIONS), qui=QUI, chiffres=CHIFFRES, rang=RANGS, defaut=DEFAUTS)
    def attempt(self, ref: str, action: str, qui: str, chiffres: dict[str, int], rang: int, defaut: str) -> None:
        """Anybody, anything, anywhere, with data that may be wrong."""
        par = self._right(ref, action) if qui == JUSTE else self.gens[qui]
        self._try(ref, action, par, spoil(self.data_for(action, chiffres, rang, "porteur"), defaut))

    @rule(ref=REFS, choix=st.integers(0, 11), qui=QUI, chiffres=CHIFFRES, defaut=DEFAUTS)
    def attempt_possible(self, ref: str, choix: int, qui: str, chiffres: dict[str, int], defaut: str) -> None:
        """One of the actions that the state allows, whoever tries."""
        if possibles := actions_from(self.camp.dossier(ref).etat):
            self.attempt(ref, possibles[choix % len(possibles)], qui, chiffres, 1, defaut)

    @rule(choix=st.integers(0, 99), qui=st.sampled_from(MANIEURS))
    def attempt_underneath(self, choix: int, qui: str) -> None:
        """Cross a transition of what depends on a dossier directly, and not through the dossier."""
        objets = [objet for ref in monde.PORTEURS for objet in monde.machines_du(self.camp.dossier(ref))[1:]]
        possibles = [(objet, nom) for objet in objets for nom in sorted(aretes_par_nom(type(objet)))]
        if possibles:
            objet, nom = possibles[choix % len(possibles)]
            donnees = self.data_for(nom, ATTEINTES, 1, "") if nom not in PAIEMENTS else {}
            self._judge(lambda: franchir(objet, nom, self.gens[qui], **donnees))

    @rule(ref=REFS, rang=RANGS, qui=st.tuples(*[st.sampled_from(PAYEURS)] * len(PAIEMENTS)))
    def pay(self, ref: str, rang: int, qui: tuple[str, ...]) -> None:
        """Every step of a payment in a row, whoever does each: among all there is to try, money is tried for sure."""
        for action, nom in zip(PAIEMENTS, qui, strict=True):
            self._try(ref, action, self.gens[nom], {"rang": rang})

    def data_for(self, action: str, chiffres: dict[str, int], rang: int, signataire: str) -> dict[str, Any]:
        """Valid data for that action today."""
        jour = horloge.jour(self.instant)
        dans_un_an = (jour + timedelta(days=365)).isoformat()
        motif = {"motif": "Décidé au hasard."}
        connues: dict[str, dict[str, Any]] = {
            "demander_complements": motif | {"echeance": (jour + timedelta(days=30)).isoformat()},
            "deroger": motif | {"regle": "CONCURRENCE"},
            "reorienter": motif | {"aap": "NAT-2022"},
            "evaluer": NOTES,
            "donner_avis_grades": FAVORABLE,
            "annoter_risque": {"axe": "achat", "niveau": "modere"},
            "planifier_action": {
                "phase": "choix",
                "intitule": "Comparer",
                "intervenant": "grades",
                "pour_le": jour.isoformat(),
            },  # fmt: skip
            "inscrire_au_comite": {"seance": jour.isoformat()},
            "mettre_en_attente": {"rang": 1},
            "fournir_piece": {"code": "toutes"},
            "signer": {"signataire": signataire},
            "viser": {"transition": "selectionner"},
            "refuser_visa": motif | {"transition": "notifier"},
            "declarer_usages": {"mois": f"{jour:%Y-%m}", "mesures": {"uniforme": chiffres}},
            "prononcer_vsr": {"le": jour.isoformat()},
            "proroger": motif | {"jusqu_au": dans_un_an},
            "conclure": {"echeance_cibles": dans_un_an},
        }
        motives = ("ecarter", "ajourner", "abandonner", "declarer_irrecevable", "refuser_usages", "constater_echec")
        connues |= dict.fromkeys((*motives, "remettre", "rejeter", "annuler"), motif)
        connues |= dict.fromkeys(PAIEMENTS, {"rang": rang})
        return connues.get(action, {})

    def _right(self, ref: str, action: str) -> Utilisateur:
        """Somebody who holds a role that the action asks for, here."""
        if action in PAIEMENTS:
            return self.gens["comptable" if action == "executer" else "responsable"]
        if action == "remettre":
            return self.gens["responsable"]
        return self._of_role(ref, min(roles_of(action)))

    def _somebody_right(self, ref: str, action: str, role: str) -> Utilisateur:
        """The second evaluation is somebody else's; the agency records all the signatures."""
        if action == "signer":
            return self.gens["responsable"]
        if action == "evaluer" and self.camp.dossier(ref).evaluations.exists():
            return self.gens["instructeur:b"]
        return self._of_role(ref, role)

    def _of_role(self, ref: str, role: str) -> Utilisateur:
        return self.gens[monde.PORTEURS[ref] if role == "porteur" else role]

    def _fall_back(self, ref: str, action: str) -> None:
        if action in actions_from(self.camp.dossier(ref).etat):
            self._try(ref, action, self._right(ref, action), self.data_for(action, ATTEINTES, 1, ""))

    def _try(self, ref: str, action: str, par: Utilisateur, donnees: dict[str, Any]) -> Refus | None:
        return self._judge(lambda: actions()[action](self.perimes[ref], par, **donnees))

    def _judge(self, agir: Any) -> Refus | None:
        """Act on an object read long ago; whatever comes of it, the laws hold, and a refusal wrote nothing."""
        avant, refus = monde.empreinte(), None
        with horloge.figer(self.instant):
            try:
                agir()
            except Refus as non:
                refus = non
        if refus is not None:
            assert monde.empreinte() == avant, f"refusé ({refus.code}), et pourtant écrit"
            assert isinstance(refus.code, Code)
            assert PHRASE.fullmatch(refus.message), refus.message
            assert not BROUILLAGE.search(refus.message), refus.message
            self.refus[refus.code] += 1
        else:
            self._check()
        return refus

    def _check(self) -> None:
        monde.juger_les_differes()
        assert monde.changements() == monde.changements_journalises()
        tout_tient(self.camp.aap)
        self._agenda_agrees()
        self.atteints.update(Dossier.objects.values_list("etat", flat=True))

    def _agenda_agrees(self) -> None:
        """Once time was told to it, the agenda is what rebuilding it would give."""
        with horloge.figer(self.instant):
            agenda.catch_up(horloge.jour(self.instant))
            for dossier in Dossier.objects.filter(aap=self.camp.aap).select_related("aap"):
                assert not (ecart := agenda.accorder(dossier)), f"{dossier} : {ecart}"


def actions_from(etat: str) -> list[str]:
    """Transitions and acts whose state is this one, and that can be given right data."""
    transitions = [nom for nom, aretes in aretes_par_nom(Dossier).items() if etat in aretes]
    return sorted({*transitions, *(nom for nom, acte in actes(Dossier).items() if etat in acte.dans)} - SANS_DONNEES)


def roles_of(action: str) -> frozenset[str]:
    """Roles that may do it."""
    if acte := actes(Dossier).get(action):
        return acte.roles
    return frozenset().union(*(arete.roles for arete in aretes_par_nom(Dossier)[action].values()))


def spoil(donnees: dict[str, Any], defaut: str) -> dict[str, Any]:
    """The same data with one fault."""
    cle = min(donnees, default="motif")
    if defaut == "manque":
        return {nom: valeur for nom, valeur in donnees.items() if nom != cle}
    fautes: dict[str, dict[str, Any]] = {"vide": {cle: "   "}, "inconnue": {"zzz": 1}, "nul": {cle: None}}
    return donnees | fautes.get(defaut, {})


def test_every_law_holds_whatever_is_tried(db: None) -> None:
    monde.poster_temoins()
    with horloge.figer(horloge.ouverture(DEBUT)):
        Hasard.camp = monde.ouvrir()
    Hasard.gens = monde.peupler(Hasard.camp)
    with horloge.figer(horloge.ouverture(DEBUT)):
        fixer_objectifs(Hasard.camp.aap, dict.fromkeys(INTERNES, 10), Hasard.gens["responsable"], du=DEBUT)
    Hasard.perimes = {ref: Hasard.camp.dossier(ref) for ref in monde.PORTEURS}
    for departs in DEPARTS:
        with transaction.atomic():
            for ref, etat in departs.items():
                amener(Hasard.perimes[ref], etat, porteur=monde.PORTEURS[ref])
            run_state_machine_as_test(Hasard, settings=PROFILS[os.environ.get("HYPOTHESIS_PROFILE", "ci")])
            transaction.set_rollback(True)
    assert Hasard.atteints.keys() >= ETATS_PROFONDS, f"jamais atteints : {ETATS_PROFONDS - Hasard.atteints.keys()}"
    assert Hasard.pretes["agi"], "personne n'a jamais agi sous une délégation"
    assert Hasard.refus.keys() >= REFUS_ATTENDUS, f"jamais refusé : {REFUS_ATTENDUS - Hasard.refus.keys()}"
