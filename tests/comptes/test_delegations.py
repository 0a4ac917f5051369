"""A role lent for a time: to whom, until when, and what the door and the journal make of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comptes.backends import Porte
from comptes.delegations import Etendue, deleguer, may_revoke, revoquer
from comptes.models import Affectation, Delegation, Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from courriels.models import Courriel
from courriels.releve import collect
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.journal import TITRE
from moteur.models import Entree
from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.instruction.campagne import text, told
from tests.moteur.sql import refusal, settle

pytestmark = pytest.mark.django_db

DU, AU = date(2022, 10, 1), date(2022, 10, 31)
ACTE: dict[str, Any] = {"acte": "arrêté n° 2022-17", "acte_le": date(2022, 9, 1)}
SEANCE = "2022-10-05"


def donner(de: Utilisateur, a: Utilisateur, le: date = DU, **autres: Any) -> Delegation:
    """A delegation of signature of the responsable, in October, given that day."""
    voulue: dict[str, Any] = {
        "nature": Nature.SIGNATURE,
        "role": Role.RESPONSABLE,
        "region": Region.objects.get(pk="76"),
    }
    voulue |= {"du": DU, "au": AU} | ACTE | autres
    with horloge.figer(horloge.ouverture(le)):
        return deleguer(a, Etendue(**voulue), de)


def terminer(delegation: Delegation, par: Utilisateur, des: date, le: date, motif: str = "Retour.") -> Delegation:
    with horloge.figer(horloge.ouverture(le)):
        return revoquer(delegation.pk, par, des=des, motif=motif)


def refus_de(**donnees: Any) -> Code:
    with pytest.raises(Refus) as refus:
        donner(**donnees)
    return refus.value.code


def fraiche(utilisateur: Utilisateur) -> Utilisateur:
    """As another request loads her."""
    return Utilisateur.objects.get(pk=utilisateur.pk)


@pytest.fixture
def claire() -> Utilisateur:
    return personne("responsable")


@pytest.fixture
def yves() -> Utilisateur:
    return personne("instructeur:yves")


@pytest.fixture
def en_comite(db: None) -> Any:
    return amener(campagne().dossier("D1"), "en_comite")


# What it gives.


@pytest.mark.parametrize(
    ("jour", "tenu"), [(DU - timedelta(1), False), (DU, True), (AU, True), (AU + timedelta(1), False)]
)
def test_both_ends_are_included(claire: Utilisateur, yves: Utilisateur, jour: date, tenu: bool) -> None:
    donner(claire, yves)
    roles = yves.roles_au(jour)
    assert (Role.RESPONSABLE in roles) is tenu
    assert yves.roles_propres_au(jour).keys() == {Role.INSTRUCTEUR}
    if tenu:
        assert roles[Role.RESPONSABLE] == {"76"}


def test_whoever_signs_in_comes_with_it_in_one_query(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    with horloge.figer(horloge.ouverture(DU)), CaptureQueriesContext(connection) as requetes:
        chargee = Porte().get_user(yves.pk)
        assert chargee is not None
        assert chargee.roles_au(DU) == {"instructeur": {"76"}, "responsable": {"76"}}
        assert chargee.titre_pour(Role.RESPONSABLE, frozenset({"76"}), DU) is not None
        assert chargee.titre_pour(Role.INSTRUCTEUR, frozenset({"76"}), DU) is None
    assert len(requetes) == 1


def test_roles_cost_one_query(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    with CaptureQueriesContext(connection) as requetes:
        fraiche(yves).roles_au(DU)
    assert len(requetes) == 2  # herself, then her roles


def test_the_decision_says_under_what_it_was_taken(en_comite: Any, claire: Utilisateur, yves: Utilisateur) -> None:
    delegation = donner(claire, yves)
    agir(en_comite, "selectionner", yves, jour=SEANCE)
    entree = Entree.objects.get(action="selectionner")
    assert (entree.par_id, entree.role) == (yves.pk, Role.RESPONSABLE)
    assert entree.donnees == {
        TITRE: {
            "delegation": delegation.pk, "nature": "signature", "delegant": claire.pk, "acte": "arrêté n° 2022-17",
            "acte_le": "2022-09-01",
        }
    }  # fmt: skip
    etape = told(en_comite)[0]
    assert (etape.qui, etape.titre) == (
        "instructeur:yves",
        "par délégation de responsable (arrêté n° 2022-17 du 1er\xa0septembre\xa02022)",
    )
    assert list(journal.verify([en_comite.chaine])) == []


def test_the_porteur_reads_it_too_on_her_page_and_in_her_e_mail(en_comite: Any, claire: Utilisateur) -> None:
    donner(claire, personne("instructeur:yves"))
    agir(en_comite, "selectionner", claire, jour=SEANCE)
    agir(en_comite, "notifier", personne("instructeur:yves"), jour=SEANCE)
    dit = "instructeur:yves, par délégation de responsable (arrêté n° 2022-17 du 1er septembre 2022),"
    porteur = en_comite.dossieruserobjectpermission_set.get().user
    client = Client()
    client.force_login(porteur, backend=PORTE)
    lue = text(client.get(reverse("portail:suivi", args=[en_comite.pk])).content.decode()).replace("\xa0", " ")
    assert f"{dit} a notifié la décision" in lue
    assert "responsable a sélectionné" in lue
    with horloge.figer(horloge.ouverture(date.fromisoformat(SEANCE))):
        collect()
    courriel = Courriel.objects.get(destinataire=porteur, sujet__contains="a notifié la décision")
    for corps in (courriel.texte, courriel.html):
        assert f"{dit} (" in corps.replace("\xa0", " ")


def test_a_deputy_is_told_as_one(en_comite: Any, claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves, nature=Nature.SUPPLEANCE, acte="", acte_le=None)
    agir(en_comite, "selectionner", yves, jour=SEANCE)
    assert told(en_comite)[0].titre == "en suppléance de responsable"


def test_one_s_own_role_comes_first(en_comite: Any, claire: Utilisateur) -> None:
    autre = personne("responsable:b")
    donner(claire, autre)
    agir(en_comite, "selectionner", autre, jour=SEANCE)
    assert TITRE not in Entree.objects.get(action="selectionner").donnees


def test_one_s_own_role_comes_before_another_that_is_delegated(claire: Utilisateur) -> None:
    """A payment is certified by an instructeur or a responsable: hers is the one recorded."""
    dossier = amener(campagne().dossier("D1"), "conventionne")
    commis = personne("instructeur:commis")
    autre = personne("responsable:chef")
    donner(personne("instructeur"), autre, role=Role.INSTRUCTEUR, du=date(2022, 11, 1), au=date(2022, 11, 30))
    donner(claire, commis, du=date(2022, 11, 1), au=date(2022, 11, 30))
    for qui, role in ((autre, "responsable"), (commis, "instructeur")):
        with horloge.figer(horloge.ouverture(date(2022, 11, 2))):
            titre = qui.titre_pour(role, frozenset({"76"}), date(2022, 11, 2))
        assert titre is None
    agir(dossier, "certifier", autre, jour="2022-11-02", rang=1)
    assert Entree.objects.get(action="certifier").role == Role.RESPONSABLE


@pytest.mark.parametrize("jour", ["2022-09-30", "2022-11-01"])
def test_outside_its_days_the_door_stays_shut(
    en_comite: Any, claire: Utilisateur, yves: Utilisateur, jour: str
) -> None:
    donner(claire, yves, le=date(2022, 9, 1))
    with pytest.raises(Refus) as refus:
        agir(en_comite, "selectionner", yves, jour=jour)
    assert refus.value.code is Code.ROLE_INTERDIT


def test_it_opens_one_region_only(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    ailleurs = amener(campagne(region="11", code="IDF").dossier("D1"), "en_comite")
    with pytest.raises(Refus) as refus:
        agir(ailleurs, "selectionner", yves, jour=SEANCE)
    assert refus.value.code is Code.HORS_PERIMETRE


def test_who_ordered_under_it_never_executes(claire: Utilisateur) -> None:
    """Even once it is over, and with a role of comptable of her own."""
    dossier = amener(campagne().dossier("D1"), "conventionne")
    adjoint = personne("instructeur:adjoint")
    donner(claire, adjoint, du=date(2022, 11, 1), au=date(2022, 11, 5))
    agir(dossier, "certifier", claire, jour="2022-11-02", rang=1)
    agir(dossier, "ordonnancer", adjoint, jour="2022-11-03", rang=1)
    Affectation.objects.create(utilisateur=adjoint, role=Role.COMPTABLE, region_id="76", du=date(2022, 11, 6))
    with pytest.raises(Refus) as refus:
        agir(dossier, "executer", fraiche(adjoint), jour="2022-11-07", rang=1)
    assert refus.value.code is Code.SEPARATION_DES_ROLES


# To whom, by whom.


def test_no_chain(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    assert refus_de(de=yves, a=personne("instructeur:z")) is Code.ROLE_INTERDIT


def test_one_s_own_role_only_and_for_as_long_as_it_lasts(claire: Utilisateur, yves: Utilisateur) -> None:
    assert refus_de(de=yves, a=personne("instructeur:z")) is Code.ROLE_INTERDIT
    assert refus_de(de=claire, a=yves, region=Region.objects.get(pk="11")) is Code.ROLE_INTERDIT
    partante = personne("responsable:partante", au=date(2022, 10, 15))
    assert refus_de(de=partante, a=yves) is Code.ROLE_INTERDIT


@pytest.mark.parametrize("qui", ["porteur", "conseiller_grades", "auditeur", "instructeur:parti"])
def test_never_outside_the_agency(claire: Utilisateur, qui: str) -> None:
    autre = personne(qui, au=date(2022, 9, 30)) if qui.endswith("parti") else personne(qui)
    assert refus_de(de=claire, a=autre) is Code.DONNEES_INVALIDES


def test_never_to_the_agency_of_elsewhere(claire: Utilisateur) -> None:
    assert refus_de(de=claire, a=personne("instructeur", "11")) is Code.DONNEES_INVALIDES


@pytest.mark.parametrize(("de", "a"), [("responsable", "comptable"), ("comptable", "responsable:b")])
def test_never_both_roles_that_stay_apart(de: str, a: str) -> None:
    assert refus_de(de=personne(de), a=personne(a), role=Role(de)) is Code.SEPARATION_DES_ROLES


def test_never_both_by_two_delegations(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    comptable = personne("comptable")
    assert refus_de(de=comptable, a=yves, role=Role.COMPTABLE) is Code.SEPARATION_DES_ROLES
    donner(comptable, yves, role=Role.COMPTABLE, du=AU + timedelta(1), au=AU + timedelta(9))


def test_a_role_that_comes_later_suspends_it(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    Affectation.objects.create(utilisateur=yves, role=Role.COMPTABLE, region_id="76", du=date(2022, 10, 10))
    assert Role.RESPONSABLE in fraiche(yves).roles_au(date(2022, 10, 9))
    assert Role.RESPONSABLE not in fraiche(yves).roles_au(date(2022, 10, 10))


@pytest.mark.parametrize("qui", ["claire", "yves"])
def test_it_stops_when_either_leaves(claire: Utilisateur, yves: Utilisateur, qui: str) -> None:
    donner(claire, yves)
    partie = {"claire": claire, "yves": yves}[qui]
    Affectation.objects.filter(utilisateur=partie).update(au=date(2022, 10, 10))
    assert Role.RESPONSABLE in fraiche(yves).roles_au(date(2022, 10, 10))
    assert Role.RESPONSABLE not in fraiche(yves).roles_au(date(2022, 10, 11))


def test_the_same_is_not_given_twice(claire: Utilisateur, yves: Utilisateur) -> None:
    premiere = donner(claire, yves)
    assert refus_de(de=claire, a=yves, du=AU, au=AU + timedelta(9)) is Code.DONNEES_INVALIDES
    donner(personne("responsable:b"), yves)
    donner(claire, personne("instructeur:z"))
    terminer(premiere, claire, date(2022, 10, 20), date(2022, 10, 2))
    donner(claire, yves, du=date(2022, 10, 20))


def test_at_national_level(yves: Utilisateur) -> None:
    """No region is a level of its own."""
    nationale, adjointe = personne("responsable:n", None), personne("instructeur:n", None)
    donner(nationale, adjointe, region=None)
    assert refus_de(de=nationale, a=adjointe, region=None) is Code.DONNEES_INVALIDES
    assert refus_de(de=nationale, a=yves, region=None) is Code.DONNEES_INVALIDES
    assert adjointe.roles_au(DU)[Role.RESPONSABLE] == {None}


# On what, when.


@pytest.mark.parametrize(
    "donnees",
    [
        {"acte": "", "acte_le": None},
        {"acte": "arrêté n° 3", "acte_le": None},
        {"nature": Nature.SUPPLEANCE, "acte": "", "acte_le": date(2022, 9, 1)},
        {"du": date(2022, 9, 30)},
        {"au": date(2022, 9, 1)},
        {"acte_le": date(2022, 10, 2)},
        {"role": Role.PORTEUR},
        {"role": Role.CONSEILLER_GRADES},
    ],
)
def test_what_makes_no_sense_is_refused(claire: Utilisateur, yves: Utilisateur, donnees: dict[str, Any]) -> None:
    assert refus_de(de=claire, a=yves, **donnees) in (Code.DONNEES_INVALIDES, Code.ROLE_INTERDIT)
    assert not Delegation.objects.exists()


def test_not_to_oneself(claire: Utilisateur) -> None:
    assert refus_de(de=claire, a=claire) is Code.DONNEES_INVALIDES


# The end.


def test_revoked_from_a_day_on(claire: Utilisateur, yves: Utilisateur) -> None:
    terminer(donner(claire, yves), claire, date(2022, 10, 10), date(2022, 10, 2))
    assert Role.RESPONSABLE in fraiche(yves).roles_au(date(2022, 10, 9))
    assert Role.RESPONSABLE not in fraiche(yves).roles_au(date(2022, 10, 10))
    assert [(e.action, e.par_id, e.rang) for e in Entree.objects.filter(chaine__startswith="delegation")] == [
        ("deleguer", claire.pk, 1), ("revoquer", claire.pk, 2),
    ]  # fmt: skip


def test_a_revocation_comes_sooner_never_later(claire: Utilisateur, yves: Utilisateur) -> None:
    delegation = donner(claire, yves)
    terminer(delegation, claire, date(2022, 10, 20), date(2022, 10, 2))
    with pytest.raises(Refus):
        terminer(delegation, claire, date(2022, 10, 21), date(2022, 10, 2))
    assert terminer(delegation, claire, date(2022, 10, 3), date(2022, 10, 3)).dernier_jour == date(2022, 10, 2)


@pytest.mark.parametrize(
    ("qui", "des", "motif", "code"),
    [
        ("instructeur:yves", DU, "Fini.", Code.ROLE_INTERDIT),
        ("responsable:b", DU, "Fini.", Code.ROLE_INTERDIT),
        ("responsable", DU - timedelta(1), "Fini.", Code.DONNEES_INVALIDES),
        ("responsable", AU + timedelta(1), "Fini.", Code.DONNEES_INVALIDES),
        ("responsable", DU, "  ", Code.MOTIF_REQUIS),
    ],
)
def test_who_revokes_and_when(
    claire: Utilisateur, yves: Utilisateur, qui: str, des: date, motif: str, code: Code
) -> None:
    delegation = donner(claire, yves)
    with pytest.raises(Refus) as refus:
        terminer(delegation, personne(qui), des, DU, motif)
    assert refus.value.code is code


def test_an_administrator_revokes_what_nobody_else_can(claire: Utilisateur, yves: Utilisateur) -> None:
    delegation, lucie = donner(claire, yves), personne("administrateur", None)
    assert may_revoke(lucie, delegation, DU)
    assert terminer(delegation, lucie, DU, DU).dernier_jour is None
    assert not may_revoke(lucie, Delegation.objects.get(pk=delegation.pk), DU)
    assert Role.RESPONSABLE not in fraiche(yves).roles_au(DU)


# Who reads them.


def test_who_sees_them(claire: Utilisateur, yves: Utilisateur) -> None:
    donner(claire, yves)
    voient = {"responsable", "instructeur:yves", "responsable:b", "auditeur"}
    for qui in (*voient, "instructeur", "comptable", "porteur"):
        assert Delegation.objects.visible_to(personne(qui), DU).exists() is (qui in voient), qui
    assert not Delegation.objects.visible_to(personne("responsable", "11"), DU).exists()


# What plain SQL cannot do.

DONNEE = (
    "INSERT INTO comptes_delegation (delegant_id, delegataire_id, nature, role, region_id, du, au, acte, donnee_le,"
    " motif_revocation) VALUES (%s, %s, 'suppleance', 'responsable', '76', '2022-10-05', '2022-10-06', '', now(), '')"
)


def test_plain_sql_lends_no_role_that_is_not_held(claire: Utilisateur, yves: Utilisateur) -> None:
    comptable, dehors = personne("comptable"), personne("conseiller_grades")
    assert refusal(DONNEE, [yves.pk, claire.pk]) == "delegation_role_tenu"
    assert refusal(DONNEE, [claire.pk, dehors.pk]) == "delegation_dans_l_agence"
    assert refusal(DONNEE, [claire.pk, comptable.pk]) == "delegation_roles_separes"
    donner(claire, yves)
    assert refusal(DONNEE, [claire.pk, yves.pk]) == "delegation_sans_chevauchement"
    assert refusal(DONNEE, [yves.pk, personne("instructeur:z").pk]) == "delegation_role_tenu"


@pytest.mark.parametrize(
    ("ordre", "non"),
    [
        ("UPDATE comptes_delegation SET au = au + 30", "pgtrigger: Cannot update"),
        ("UPDATE comptes_delegation SET revoquee_des = NULL", "revocation_sans_retour"),
        ("UPDATE comptes_delegation SET revoquee_des = revoquee_des + 1", "revocation_sans_retour"),
        ("DELETE FROM comptes_delegation", "sans_suppression"),
        ("TRUNCATE comptes_delegation CASCADE", "sans_vidage"),
    ],
)
def test_plain_sql_rewrites_no_delegation(claire: Utilisateur, yves: Utilisateur, ordre: str, non: str) -> None:
    terminer(donner(claire, yves), claire, date(2022, 10, 10), DU)
    settle()
    assert refusal(ordre).startswith(non)
