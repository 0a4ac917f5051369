"""The machines and the door: what Python declares, the database enforces, and nothing else moves a state."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models
from django_fsm import TransitionNotAllowed

from aap.models import Dossier, Etat
from moteur.declencheurs import aretes
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import actes, franchir, obstacles
from tests.fabriques import AIDE, agir, amener, campagne, personne
from tests.moteur.sql import guarded

pytestmark = pytest.mark.django_db

INSTANT = datetime(2022, 4, 1, tzinfo=UTC)
AVANT_CONVENTION = (
    "brouillon depose en_recevabilite a_completer en_instruction instruit en_comite liste_attente selectionne notifie"
)
#: The table of the design: from (any of), transition, to, who.
TABLE = [
    ("brouillon", "deposer", "depose", "porteur"),
    ("depose", "prendre_en_charge", "en_recevabilite", "instructeur"),
    ("en_recevabilite", "demander_complements", "a_completer", "instructeur"),
    ("a_completer", "completer", "en_recevabilite", "porteur"),
    ("en_recevabilite", "declarer_recevable", "en_instruction", "instructeur"),
    ("en_recevabilite a_completer", "declarer_irrecevable", "irrecevable", "instructeur"),
    ("en_recevabilite", "reorienter", "reoriente", "instructeur"),
    ("en_instruction", "cloturer_instruction", "instruit", "instructeur"),
    ("instruit", "inscrire_au_comite", "en_comite", "instructeur"),
    ("en_comite", "ajourner", "instruit", "responsable"),
    ("en_comite liste_attente", "selectionner", "selectionne", "responsable"),
    ("en_comite", "mettre_en_attente", "liste_attente", "responsable"),
    ("en_comite liste_attente", "ecarter", "non_retenu", "responsable"),
    ("selectionne", "notifier", "notifie", "responsable"),
    ("notifie", "signer_convention", "conventionne", "responsable"),
    ("conventionne", "verser_premiere_moitie", "en_deploiement", "comptable"),
    ("en_deploiement", "soumettre_usages", "en_verification", "porteur"),
    ("en_verification", "refuser_usages", "en_deploiement", "instructeur"),
    ("en_verification", "constater_cibles", "cibles_atteintes", "responsable"),
    ("cibles_atteintes", "verser_seconde_moitie", "solde", "comptable"),
    ("solde", "cloturer", "clos", "instructeur"),
    ("en_deploiement en_verification", "constater_echec", "en_reversement", "responsable"),
    ("en_reversement", "cloturer", "clos", "comptable"),
    (AVANT_CONVENTION, "abandonner", "abandonne", "porteur"),
]


def installed_edges(modele: type[models.Model]) -> set[tuple[str, str]]:
    """The edges written in the trigger that is really in the database."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND t.tgname LIKE %s",
            [modele._meta.db_table, "pgtrigger_aretes%"],
        )
        (source,) = curseur.fetchone()
    (liste,) = re.findall(r"ANY\('\{([^}]*)\}'", source)
    return {(de, vers) for de, vers in (arete.split(":") for arete in liste.split(","))}


@pytest.mark.parametrize("modele", guarded(), ids=lambda modele: modele._meta.model_name)
def test_python_and_the_database_know_the_same_edges(modele: type[models.Model]) -> None:
    assert installed_edges(modele) == aretes(modele)
    champ: Any = modele._meta.get_field("etat")
    etats = {etat for etat, _ in champ.choices}
    assert {etat for arete in aretes(modele) for etat in arete} <= etats


def test_dossier_has_the_edges_of_the_design() -> None:
    attendues = {
        (de, nom, vers, role) for sources, nom, vers, role in TABLE for de in sources.split()
    }  # fmt: skip
    declarees = {
        (arete.source, arete.name, arete.target, *arete.custom["arete"].roles)
        for arete in Dossier._meta.get_field("etat").get_all_transitions(Dossier)
    }
    assert declarees == attendues


def test_every_state_can_be_reached_and_ended() -> None:
    suivants: dict[str, set[str]] = {}
    for de, vers in aretes(Dossier):
        suivants.setdefault(de, set()).add(vers)
    atteints, a_voir = {Etat.BROUILLON.value}, [Etat.BROUILLON.value]
    while a_voir:
        nouveaux = suivants.get(a_voir.pop(), set()) - atteints
        atteints |= nouveaux
        a_voir += nouveaux
    assert atteints == set(Etat.values)
    assert set(Etat.values) - suivants.keys() == {"irrecevable", "reoriente", "non_retenu", "clos", "abandonne"}


def test_state_is_protected_in_python() -> None:
    dossier = campagne().dossier("D1")
    with pytest.raises(AttributeError):
        dossier.etat = "clos"
    with pytest.raises((TransitionNotAllowed, Refus, TypeError)):
        dossier.verser_seconde_moitie(Passage(par=personne("comptable"), role="comptable", le=INSTANT, donnees={}))


def test_stale_object_is_reloaded_by_the_door() -> None:
    """Two pages open on the same draft: the second filing is refused, whatever its copy says."""
    camp = campagne()
    un, autre = camp.dossier("D1"), camp.dossier("D1")
    agir(un, "deposer", "porteur", jour="2022-04-01")
    assert autre.etat == "brouillon"
    with pytest.raises(Refus) as refus:
        agir(autre, "deposer", "porteur", jour="2022-04-01")
    assert refus.value.code is Code.TRANSITION_INTERDITE
    assert refus.value.details == {"etat": "depose"}


def test_unknown_transition() -> None:
    with pytest.raises(Refus) as refus:
        franchir(campagne().dossier("D1"), "supprimer", personne("porteur"))
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_refusal_says_what_is_possible() -> None:
    with pytest.raises(Refus) as refus:
        agir(campagne().dossier("D1"), "prendre_en_charge", "instructeur", jour="2022-04-01")
    assert "Déposer" in refus.value.message
    assert "Abandonner" in refus.value.message


def test_another_region_is_out_of_reach() -> None:
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "depose")
    ailleurs = personne("instructeur", "84")
    for action, donnees in (
        ("prendre_en_charge", {}),
        ("demander_complements", {"motif": "x", "echeance": "2022-05-01"}),
    ):
        with pytest.raises(Refus) as refus:
            agir(dossier, action, ailleurs, jour="2022-04-04", **donnees)
        assert refus.value.code is Code.HORS_PERIMETRE


def test_version_counts_the_acts() -> None:
    dossier = campagne().dossier("D1")
    avant = dossier.version
    apres = amener(dossier, "en_recevabilite")
    assert apres.version == avant + 2


def test_obstacles_are_those_of_the_door() -> None:
    camp = campagne(dotation="1.00", dossiers=[{"essms": 14}])
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    codes = [refus.code for refus in obstacles(dossier, "declarer_recevable", personne("instructeur"))]
    assert codes == [Code.REGLE_NON_SATISFAITE]
    assert Dossier.objects.get(pk=dossier.pk).etat == "en_recevabilite"


def test_acts_are_all_declared_with_people_and_states() -> None:
    for nom, acte in actes(Dossier).items():
        assert acte.roles, nom
        assert acte.dans <= set(Etat.values), nom
        assert acte.libelle[0].isupper(), nom


def test_aid_of_the_default_dossier() -> None:
    assert str(amener(campagne().dossier("D1"), "selectionne").aide) == AIDE
