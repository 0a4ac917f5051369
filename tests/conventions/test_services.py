"""Signing, paying by two people, giving more time."""

from datetime import date

import pytest

from comptes.models import Affectation
from comptes.roles import Role
from conventions.models import EtatVersement, Signature, Versement
from conventions.querysets import due_date, payment
from moteur.erreurs import Code, Refus
from moteur.porte import franchir, obstacles
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db


def code_of(*args: object, **donnees: object) -> Code:
    with pytest.raises(Refus) as refus:
        agir(*args, **donnees)  # type: ignore[arg-type]
    return refus.value.code


def test_two_parties_for_one_og_four_for_two() -> None:
    camp = campagne(dossiers=[{}, {"og": 2}])
    attendus = {}
    for ref in ("D1", "D2"):
        dossier = amener(camp.dossier(ref), "notifie")
        attendus[ref] = sorted(partie.code.split(":")[0] for partie in dossier.convention.signataires.all())
    assert attendus == {"D1": ["ars", "porteur"], "D2": ["ars", "og", "og", "porteur"]}


def test_all_signs_what_is_missing_only() -> None:
    dossier = amener(campagne(dossiers=[{"og": 2}]).dossier("D1"), "notifie")
    agir(dossier, "signer", "porteur", jour="2022-10-07", signataire="porteur")
    agir(dossier, "signer", "responsable", jour="2022-10-08", signataire="tous")
    signatures = Signature.objects.order_by("le", "pk")
    assert [s.par.last_name for s in signatures] == ["porteur", "responsable", "responsable", "responsable"]
    assert code_of(dossier, "signer", "porteur", jour="2022-10-09", signataire="porteur") is Code.DONNEES_INVALIDES


def test_one_person_with_both_roles_never_pays_what_she_ordered() -> None:
    """The roles are not enough: the person is compared too."""
    dossier = amener(campagne().dossier("D1"), "conventionne")
    cumul = personne("responsable:cumul")
    Affectation.objects.create(utilisateur=cumul, role=Role.COMPTABLE, region_id="76", du=date(2022, 1, 1))
    agir(dossier, "certifier", cumul, jour="2022-11-02", rang=1)
    agir(dossier, "ordonnancer", cumul, jour="2022-11-03", rang=1)
    ordonnance = payment(dossier, 1)
    assert ordonnance is not None
    assert [refus.code for refus in obstacles(ordonnance, "executer", cumul)] == [Code.SEPARATION_DES_ROLES]
    assert code_of(dossier, "executer", cumul, jour="2022-11-04", rang=1) is Code.SEPARATION_DES_ROLES
    agir(dossier, "executer", "comptable", jour="2022-11-04", rang=1)
    versement = payment(dossier, 1)
    assert versement is not None
    assert (versement.ordonnance_par, versement.execute_par) == (cumul, personne("comptable"))
    assert (versement.etat, versement.execute_le) == ("execute", date(2022, 11, 4))


def test_rejected_payment_is_proposed_anew_for_the_same_amount() -> None:
    dossier = amener(campagne().dossier("D1"), "conventionne")
    agir(dossier, "certifier", "responsable", jour="2022-11-02", rang=1)
    agir(dossier, "ordonnancer", "responsable", jour="2022-11-03", rang=1)
    refuse = payment(dossier, 1)
    assert refuse is not None
    franchir(refuse, "rejeter", personne("comptable"), motif="RIB erroné.")
    nouveau = payment(dossier, 1)
    assert nouveau is not None
    assert (nouveau.pk != refuse.pk, nouveau.montant, nouveau.etat) == (True, refuse.montant, EtatVersement.PROPOSE)
    assert Versement.objects.get(pk=refuse.pk).motif == "RIB erroné."
    for action, qui in (("certifier", "responsable"), ("ordonnancer", "responsable"), ("executer", "comptable")):
        agir(dossier, action, qui, jour="2022-11-05", rang=1)
    assert payment(dossier, 1).etat == "execute"  # type: ignore[union-attr]


def test_no_payment_before_the_convention() -> None:
    dossier = amener(campagne().dossier("D1"), "notifie")
    assert payment(dossier, 1) is None
    assert code_of(dossier, "certifier", "responsable", jour="2022-10-10", rang=1) is Code.TRANSITION_INTERDITE


@pytest.mark.parametrize("rang", [0, 3, -1, None, "a", 1.5, [1], {}])
def test_there_are_two_halves(rang: object) -> None:
    dossier = amener(campagne().dossier("D1"), "conventionne")
    assert code_of(dossier, "certifier", "responsable", jour="2022-11-02", rang=rang) is Code.DONNEES_INVALIDES


def test_more_time_is_a_dated_decision() -> None:
    dossier = amener(campagne().dossier("D1"), "en_deploiement")
    assert due_date(dossier) == date(2024, 4, 21)
    agir(dossier, "proroger", "responsable", jour="2024-04-01", jusqu_au="2024-12-31", motif="Éditeur en retard.")
    assert due_date(dossier) == date(2024, 12, 31)
    assert dossier.convention.echeance_cibles == date(2024, 4, 21)
    assert code_of(dossier, "proroger", "responsable", jour="2024-04-02", jusqu_au="2024-12-30", motif="x") is (
        Code.DONNEES_INVALIDES
    )
    assert due_date(campagne(code="X").dossier("D1")) is None
