"""A delegation that ends, or is given, at the very instant somebody counts on it: real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from aap.models import Dossier
from comptes.delegations import Etendue, deleguer, revoquer
from comptes.models import Delegation, Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.porte import franchir
from tests.fabriques import amener, campagne, personne
from tests.invariants.ecluse import apart, course

pytestmark = pytest.mark.usefixtures("base_jetable")
JOUR = date(2022, 10, 5)


def on_the_day(agir: Callable[[], Any]) -> Callable[[], Any]:
    """To be run in a thread, whose clock is its own."""

    def run() -> Any:
        with horloge.figer(horloge.ouverture(JOUR)):
            return agir()

    return run


def giving(de: Utilisateur, a: Utilisateur, role: Role = Role.RESPONSABLE) -> Callable[[], Any]:
    etendue = Etendue(nature=Nature.SUPPLEANCE, role=role, region=Region.objects.get(pk="76"), du=JOUR, au=JOUR)
    return on_the_day(lambda: deleguer(a, etendue, de))


@pytest.fixture
def scene(base_jetable: str) -> tuple[Dossier, Delegation, Utilisateur, Utilisateur]:
    """A dossier in committee; who lent her role; who holds it, and knows so since before."""
    dossier = amener(campagne().dossier("D1"), "en_comite")
    claire, yves = personne("responsable"), personne("instructeur:yves")
    delegation = giving(claire, yves)()
    assert Role.RESPONSABLE in yves.roles_au(JOUR)
    return dossier, delegation, claire, yves


def test_the_door_sees_a_revocation_that_came_first(scene: Any) -> None:
    dossier, delegation, claire, yves = scene
    revoque, decide = course(
        "comptes_delegation",
        "UPDATE",
        on_the_day(lambda: revoquer(delegation.pk, claire, des=JOUR, motif="Retour.")),
        on_the_day(lambda: franchir(dossier, "selectionner", yves)),
    )
    assert isinstance(revoque, Delegation)
    assert isinstance(decide, Refus)
    assert decide.code is Code.ROLE_INTERDIT
    assert Dossier.objects.get().etat == "en_comite"


def test_a_revocation_waits_for_the_decision_under_way(scene: Any) -> None:
    dossier, delegation, claire, yves = scene
    decide, revoque = course(
        "aap_dossier",
        "UPDATE",
        on_the_day(lambda: franchir(dossier, "selectionner", yves)),
        on_the_day(lambda: revoquer(delegation.pk, claire, des=JOUR, motif="Retour.")),
    )
    assert isinstance(decide, Dossier)
    assert isinstance(revoque, Delegation)
    assert Dossier.objects.get().etat == "selectionne"


def test_without_the_lock_she_decides_though_it_has_ended(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What proves the lock: the decision reads past the revocation being written, and does not wait for it."""
    dossier, delegation, claire, yves = scene
    decided: list[Any] = []

    def revoke_meanwhile() -> Any:
        with transaction.atomic():
            revoquer(delegation.pk, claire, des=JOUR, motif="Retour.")
            monkeypatch.setattr("comptes.querysets.DelegationQuerySet.locked", lambda self: self)
            with ThreadPoolExecutor(1) as fil:
                decider = on_the_day(lambda: franchir(dossier, "selectionner", yves))
                decided.append(fil.submit(apart, decider).result(timeout=20))

    on_the_day(revoke_meanwhile)()
    assert isinstance(decided[0], Dossier)
    assert Dossier.objects.get().etat == "selectionne"


def test_the_same_is_given_once_at_a_time(base_jetable: str) -> None:
    claire, yves = personne("responsable"), personne("instructeur:yves")
    issues = course("comptes_delegation", "INSERT", giving(claire, yves), giving(claire, yves))
    assert [type(issue) for issue in issues] == [Delegation, Refus]
    assert issues[1].code is Code.DONNEES_INVALIDES


def test_both_roles_never_come_together(base_jetable: str) -> None:
    yves = personne("instructeur:yves")
    issues = course(
        "comptes_delegation",
        "INSERT",
        giving(personne("responsable"), yves),
        giving(personne("comptable"), yves, Role.COMPTABLE),
    )
    assert [type(issue) for issue in issues] == [Delegation, Refus]
    assert issues[1].code is Code.SEPARATION_DES_ROLES
