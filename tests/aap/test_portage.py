"""Who acts for a dossier: co-editors come and go, the referent hands over within the OG porteur."""

from datetime import date

import pytest

from aap.models import Dossier
from comptes.models import Utilisateur
from grappes.models import OrganismeGestionnaire
from grappes.services import attach, detach
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import Campagne, agir, amener, campagne, personne

pytestmark = pytest.mark.django_db
JOUR = "2022-04-01"


@pytest.fixture
def camp() -> Campagne:
    """D1 of two OGs; its porteur is its referent, attached to the first."""
    camp = campagne(dossiers=[{"og": 2}])
    dossier = camp.dossier("D1")
    attached("porteur", dossier.grappe.og_porteur)
    Dossier.objects.filter(pk=dossier.pk).update(referent=personne("porteur"))
    return camp


def attached(nom: str, og: OrganismeGestionnaire) -> Utilisateur:
    quelqu_un = personne(nom)
    attach(quelqu_un, og, du=date(2022, 1, 1))
    return quelqu_un


def other_og(camp: Campagne) -> OrganismeGestionnaire:
    grappe = camp.dossier("D1").grappe
    og: OrganismeGestionnaire = OrganismeGestionnaire.objects.exclude(pk=grappe.og_porteur_id).get()
    return og


def act(camp: Campagne, action: str, personne_: Utilisateur | str, par: str = "porteur", jour: str = JOUR) -> object:
    nom = personne_ if isinstance(personne_, str) else personne_.username
    return agir(camp.dossier("D1"), action, par, jour=jour, personne=nom)


def refused(camp: Campagne, action: str, personne_: Utilisateur | str, par: str = "porteur") -> Refus:
    with pytest.raises(Refus) as refus:
        act(camp, action, personne_, par)
    return refus.value


def test_a_person_of_the_grappe_is_invited_acts_and_is_taken_out(camp: Campagne) -> None:
    collegue = attached("porteur:b", other_og(camp))
    assert refused(camp, "inviter_coediteur", collegue, "porteur:b").code is Code.HORS_PERIMETRE
    assert act(camp, "inviter_coediteur", collegue) == collegue
    agir(camp.dossier("D1"), "fournir_piece", "porteur:b", jour=JOUR, code="rib")
    act(camp, "retirer_coediteur", collegue)
    with pytest.raises(Refus) as refus:
        agir(camp.dossier("D1"), "fournir_piece", "porteur:b", jour=JOUR, code="rib")
    assert refus.value.code is Code.HORS_PERIMETRE
    actes = Entree.objects.filter(chaine=camp.dossier("D1").chaine, action__endswith="_coediteur").order_by("rang")
    assert [(un.action, un.donnees["personne"]) for un in actes] == [
        ("inviter_coediteur", collegue.username), ("retirer_coediteur", collegue.username),
    ]  # fmt: skip


def test_nobody_else_is_invited_and_nothing_is_learnt_of_who_exists(camp: Campagne) -> None:
    """A stranger, a former colleague, one to come and an unknown name are refused in the same words."""
    etranger, ancienne, future = personne("porteur:x"), personne("porteur:y"), personne("porteur:z")
    og = camp.dossier("D1").grappe.og_porteur
    attach(ancienne, og, du=date(2022, 1, 1), au=date(2022, 3, 31))
    attach(future, og, du=date(2022, 4, 2))
    phrases = {
        refused(camp, "inviter_coediteur", nom).message.replace(str(nom), "X")
        for nom in (etranger.username, ancienne.username, future.username, "inconnu")
    }
    assert len(phrases) == 1
    assert "faites-la d'abord rattacher" in phrases.pop()


def test_a_closed_account_is_not_invited(camp: Campagne) -> None:
    collegue = attached("porteur:b", other_og(camp))
    Utilisateur.objects.filter(pk=collegue.pk).update(is_active=False)
    assert refused(camp, "inviter_coediteur", collegue).code is Code.DONNEES_INVALIDES


def test_twice_is_told(camp: Campagne) -> None:
    collegue = attached("porteur:b", other_og(camp))
    act(camp, "inviter_coediteur", collegue)
    assert "agit déjà" in refused(camp, "inviter_coediteur", collegue).message
    act(camp, "retirer_coediteur", collegue)
    assert "n'agit pas" in refused(camp, "retirer_coediteur", collegue).message


def test_the_referent_is_not_taken_out(camp: Campagne) -> None:
    collegue = attached("porteur:b", camp.dossier("D1").grappe.og_porteur)
    act(camp, "inviter_coediteur", collegue)
    assert "transmettez d'abord" in refused(camp, "retirer_coediteur", personne("porteur"), "porteur:b").message


def test_the_last_one_does_not_leave_the_dossier_alone(camp: Campagne) -> None:
    Dossier.objects.update(referent=None)
    assert "avant de vous en retirer" in refused(camp, "retirer_coediteur", personne("porteur")).message


def test_the_referent_hands_over(camp: Campagne) -> None:
    suivante = attached("porteur:b", camp.dossier("D1").grappe.og_porteur)
    act(camp, "transmettre", suivante)
    assert camp.dossier("D1").referent == suivante
    act(camp, "retirer_coediteur", personne("porteur"), "porteur:b")
    assert Entree.objects.get(chaine=camp.dossier("D1").chaine, action="transmettre").donnees == {
        "personne": suivante.username
    }


def test_the_role_stays_within_the_og_porteur(camp: Campagne) -> None:
    assert refused(camp, "transmettre", attached("porteur:b", other_og(camp))).code is Code.DONNEES_INVALIDES
    assert "déjà la personne référente" in refused(camp, "transmettre", personne("porteur")).message


def test_a_coeditor_does_not_take_the_role(camp: Campagne) -> None:
    collegue = attached("porteur:b", camp.dossier("D1").grappe.og_porteur)
    act(camp, "inviter_coediteur", collegue)
    refus = refused(camp, "transmettre", collegue, "porteur:b")
    assert refus.code is Code.HORS_PERIMETRE
    assert str(personne("porteur")) in refus.message


@pytest.mark.parametrize("sans_referent", [False, True])
def test_once_she_has_left_a_coeditor_of_the_og_takes_over(camp: Campagne, sans_referent: bool) -> None:
    collegue = attached("porteur:b", camp.dossier("D1").grappe.og_porteur)
    d_ailleurs = attached("porteur:c", other_og(camp))
    for invitee in (collegue, d_ailleurs):
        act(camp, "inviter_coediteur", invitee)
    if sans_referent:
        Dossier.objects.update(referent=None)
    detach(personne("porteur").rattachements.get(), au=date(2022, 3, 31))
    assert refused(camp, "transmettre", collegue, "porteur:c").code is Code.HORS_PERIMETRE
    act(camp, "transmettre", collegue, "porteur:b")
    assert camp.dossier("D1").referent == collegue


@pytest.mark.parametrize("etat", ["abandonne", "irrecevable", "clos"])
def test_nothing_of_it_once_it_has_ended(camp: Campagne, etat: str) -> None:
    amener(camp.dossier("D1"), etat)
    for action in ("inviter_coediteur", "retirer_coediteur", "transmettre"):
        with pytest.raises(Refus) as refus:
            act(camp, action, "x", jour="2023-12-01")
        assert refus.value.code is Code.TRANSITION_INTERDITE
