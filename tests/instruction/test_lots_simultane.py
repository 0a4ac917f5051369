"""Two hundred dossiers, real connections: one batch, one worker or two, a launch from two windows."""

import pytest

from aap.models import Dossier
from bench.dossiers import copies, one_filed
from bench.rapport import SUCCES
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from instruction.liste.filtre import Filtre
from instruction.lots import services
from instruction.lots.actes import en_masse
from instruction.lots.execution import advance
from instruction.lots.selection import Selection
from instruction.models import LigneLot, Lot, Sort, TacheSuivie
from instruction.peuplement import DEBUT
from instruction.scenario import read_file
from moteur import journal
from moteur.models import Entree

BEAUCOUP = 200


def officer(nom: str, region: str | None) -> Utilisateur:
    qui = Utilisateur.objects.create_user(username=nom, password="motdepasse")
    Affectation.objects.create(utilisateur=qui, role=Role.INSTRUCTEUR, region_id=region, du=DEBUT)
    return qui


@pytest.fixture
def lot(base_jetable: str) -> Lot:
    """Claire gives 200 dossiers to Hugo: prepared, not tried yet."""
    modele, _ = one_filed(read_file(SUCCES))
    claire, _ = (officer(nom, modele.aap.region_id) for nom in ("claire", "hugo"))
    copies(modele, BEAUCOUP - 1)
    choix = Selection(filtre=Filtre(aap=modele.aap.code, etats=("depose",)), tous=True)
    return services.prepare(choix, en_masse()["attribuer"], {"personne": "hugo"}, claire)


def test_200_dossiers_are_assigned_by_one_batch(lot: Lot) -> None:
    assert lot.lignes.count() == BEAUCOUP
    assert advance(lot.pk) == BEAUCOUP
    assert set(lot.lignes.values_list("sort", flat=True)) == {Sort.POSSIBLE}
    assert not Dossier.objects.exclude(instructeur=None).exists()
    services.launch(lot, lot.par)
    assert advance(lot.pk) == BEAUCOUP
    assert_all_given_once(lot)
    assert set(TacheSuivie.objects.open().values_list("owner__username", flat=True)) == {"hugo"}
    assert not [*journal.verify(), *journal.verify_states()]


def test_two_workers_share_a_batch_and_do_no_row_twice(lot: Lot, en_parallele) -> None:
    essais = en_parallele(*[lambda: advance(lot.pk)] * 2)
    assert sum(essais) == BEAUCOUP
    services.launch(lot, lot.par)
    faites = en_parallele(*[lambda: advance(lot.pk)] * 2)
    assert sum(faites) == BEAUCOUP
    assert all(faites), "un seul a travaillé : rien n'est prouvé"
    assert_all_given_once(lot)


def test_launched_from_two_windows_it_is_launched_once(lot: Lot, en_parallele) -> None:
    advance(lot.pk)
    assert en_parallele(*[lambda: services.launch(lot, lot.par)] * 2) == [None, None]
    assert Entree.objects.filter(chaine=lot.cle, action="lancer").count() == 1


def assert_all_given_once(lot: Lot) -> None:
    assert Dossier.objects.filter(instructeur__username="hugo").count() == BEAUCOUP
    actes = Entree.objects.filter(action="attribuer")
    assert actes.count() == BEAUCOUP
    assert set(actes.values_list("par__username", "role")) == {("claire", Role.INSTRUCTEUR)}
    faites = LigneLot.objects.filter(lot=lot, sort=Sort.FAITE).values_list("dossier_id", "entree")
    assert {(f"dossier:{pk}", rang) for pk, rang in faites} == set(actes.values_list("chaine", "rang"))
