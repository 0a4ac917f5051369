"""A record let in: what it makes, what it changes, and when it is refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.membres import composer
from aap.models import Dossier, PieceFournie, Reception
from aap.reception.accueil import receive
from aap.reception.version import recevoir
from aap.services import fournir_piece, open_call, publish
from grappes.models import Membre, OrganismeGestionnaire
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.lots import Rejet
from moteur.models import Entree
from tests.aap.envois import AUTRE_OG, JOUR, OG, abime, attacher, dossier, fautes, importer, issues, numero, ouvrir
from tests.fabriques import agir, personne

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def campagne_ouverte() -> Iterator[None]:
    with horloge.figer(JOUR):
        ouvrir()
        yield


def the_dossier() -> Dossier:
    trouve: Dossier = Dossier.objects.select_related("grappe__og_porteur", "referent").get()
    return trouve


def test_a_record_becomes_a_draft_with_all_it_says() -> None:
    mixte = abime(dossier(), "grappe.essms.0", {"finess_et": numero(0), "heures_eligibles": 30, "heures_totales": 40})
    bilan = importer(mixte | {"aide_demandee": None, "options": {"equipement": True}})
    assert (issues(bilan), bilan.jugements[0].resultat) == (["importe"], "A-1")
    recu = the_dossier()
    assert (recu.etat, recu.projet, recu.segur, recu.logiciel, recu.equipement) == (
        "brouillon", "acquisition", True, "Titan", True,
    )  # fmt: skip
    assert (recu.grappe.nom, recu.grappe.og_porteur.finess) == ("Grappe du Sud", OG)
    membres = list(recu.grappe.membres.presents().select_related("essms"))
    assert [membre.essms.finess for membre in membres] == sorted(numero(rang) for rang in range(15))
    assert (membres[0].heures_eligibles, membres[0].heures_totales) == (30, 40)
    assert {membre.arrive_le for membre in membres} == {date(2022, 4, 1)}
    piece = PieceFournie.objects.get()
    assert (piece.code, piece.nom, piece.empreinte, piece.taille) == ("chiffrage", "chiffrage.pdf", "a" * 64, 12)
    version = Reception.objects.get()
    assert (version.rang, version.contenu["identifiant"], version.contenu["depenses"][0]["montant_ttc"]) == (
        1, "A-1", "1200.12",
    )  # fmt: skip
    entree = Entree.objects.get(objet=recu.cle)
    assert (entree.action, entree.donnees) == ("recevoir", {"source": "essai", "identifiant": "A-1", "rang": 1})
    assert list(journal.verify()) == []


def test_the_same_record_again_changes_nothing_in_any_order_of_keys() -> None:
    importer(dossier())
    avant = Entree.objects.count()
    encore = dict(reversed(dossier().items())) | {"contrat_signe": False, "motifs": [{"chemin": "aap"}]}
    bilan = importer(encore)
    assert (issues(bilan), bilan.jugements[0].resultat) == (["inchange"], "A-1")
    assert (Dossier.objects.count(), Reception.objects.count(), Entree.objects.count()) == (1, 1, avant)


def test_a_changed_record_updates_the_draft() -> None:
    importer(dossier())
    change = dossier(essms=range(1, 17), logiciel="Netvie", aide_demandee=None)
    change["grappe"]["essms"][0] |= {"sons_logiciel": "Netvie"}
    change["pieces"].append({"code": "lettre_engagement", "empreinte": "b" * 64})
    assert issues(importer(change)) == ["modifie"]
    recu = the_dossier()
    assert recu.logiciel == "Netvie"
    membres = {membre.essms.finess: membre for membre in Membre.objects.select_related("essms")}
    assert set(membres) == {numero(rang) for rang in range(1, 17)}
    assert membres[numero(1)].sons_logiciel == "Netvie"
    assert PieceFournie.objects.count() == 2
    assert list(Reception.objects.values_list("rang", flat=True)) == [1, 2]
    assert issues(importer(change)) == ["inchange"]
    assert issues(importer(dossier())) == ["modifie"]


def test_a_filed_dossier_is_not_changed_by_a_file() -> None:
    camp_porteur = attacher(personne("porteur"))
    importer(dossier(), par=camp_porteur)
    fournir_piece(the_dossier(), camp_porteur, code="toutes")
    agir(the_dossier(), "deposer", camp_porteur)
    assert issues(importer(dossier())) == ["inchange"]
    bilan = importer(dossier(logiciel="Netvie"))
    [faute] = bilan.jugements[0].fautes
    assert (faute.code, "Déposé" in faute.message) == ("TRANSITION_INTERDITE", True)
    assert the_dossier().logiciel == "Titan"


@pytest.mark.parametrize(
    ("acte", "donnees"),
    [(fournir_piece, {"code": "chiffrage"}), (composer, {"retirer": (numero(3),)})],
    ids=["a document", "the grappe"],
)
def test_a_draft_changed_here_is_not_overwritten(acte: Any, donnees: dict[str, Any]) -> None:
    porteur = attacher(personne("porteur"))
    importer(dossier(), par=porteur)
    acte(the_dossier(), porteur, **donnees)
    bilan = importer(dossier(logiciel="Netvie"), par=porteur)
    [faute] = bilan.jugements[0].fautes
    assert "a été modifié ici depuis" in faute.message
    assert "1er\u00a0avril\u00a02022" in faute.message
    assert (the_dossier().logiciel, Reception.objects.count()) == ("Titan", 1)


def test_a_dossier_keeps_its_call() -> None:
    importer(dossier())
    with_other = personne("administrateur")
    open_call("OCC-2023", par=with_other, region="76", reglement=publish("esms-2022"), dotation=0)  # type: ignore[arg-type]
    assert "répond déjà à OCC-2022" in fautes(importer(dossier(aap="OCC-2023")))["aap"]


def test_two_sources_may_use_the_same_number() -> None:
    importer(dossier())
    bilan = importer(dossier(), source="autre")
    assert bilan.jugements[0].resultat == "A-1-2"
    assert importer(dossier(), source="autre").jugements[0].resultat == "A-1-2"
    assert importer(dossier(), source="troisième").jugements[0].resultat == "A-1-3"


def test_an_identifier_comes_once_in_a_file() -> None:
    bilan = importer(dossier(), dossier("A-2"), dossier(logiciel="Netvie"))
    assert issues(bilan) == ["importe", "importe", "rejete"]
    assert "le dossier 1 de ce fichier" in fautes(bilan, 3)["identifiant"]


# Who may.


@pytest.mark.parametrize("role", ["instructeur", "responsable", "administrateur"])
def test_an_officer_imports_for_her_region(role: str) -> None:
    assert issues(importer(dossier(), par=personne(role))) == ["importe"]
    bilan = importer(dossier("A-2"), par=personne(f"{role}:ailleurs", "11"))
    assert (list(fautes(bilan)), bilan.jugements[0].fautes[0].code) == (["aap"], "HORS_PERIMETRE")


@pytest.mark.parametrize("role", ["comptable", "conseiller_grades", "auditeur", "pilote_national"])
def test_nobody_else_does(role: str) -> None:
    assert issues(importer(dossier(), par=personne(role))) == ["rejete"]


def test_a_porteur_imports_for_the_og_she_acts_for() -> None:
    porteur = attacher(personne("porteur"))
    bilan = importer(dossier(), dossier("A-2", porteur={"finess_ej": AUTRE_OG}), par=porteur)
    assert issues(bilan) == ["importe", "rejete"]
    assert "vous n'agissez pas pour Fondation Bellevue" in fautes(bilan, 2)["porteur.finess_ej"]
    recu = the_dossier()
    assert recu.referent == porteur
    assert recu.est_partage_avec(porteur, "porteur")


def test_a_former_porteur_imports_no_more() -> None:
    porteur = attacher(personne("porteur"))
    porteur.rattachements.update(au=date(2022, 3, 31))
    assert issues(importer(dossier(), par=porteur)) == ["rejete"]


def test_what_belongs_to_another_is_neither_told_nor_changed() -> None:
    importer(dossier(), par=attacher(personne("porteur")))
    autre = attacher(personne("porteur:b"), AUTRE_OG)
    vole = dossier(porteur={"finess_ej": AUTRE_OG})
    bilan = importer(vole, par=autre)
    assert list(fautes(bilan)) == ["identifiant"]
    assert "partagé" in fautes(bilan)["identifiant"]
    assert bilan.jugements[0].resultat == ""
    assert the_dossier().grappe.og_porteur.finess == OG


def test_the_referent_is_the_person_of_that_address_if_she_acts_for_the_og() -> None:
    elle = personne("porteur:c")
    type(elle).objects.filter(pk=elle.pk).update(email="c.martin@exemple.fr")
    adresse = {"finess_ej": OG, "courriel": "C.Martin@exemple.fr"}
    bilan = importer(dossier(porteur=adresse))
    assert the_dossier().referent is None
    assert "sans référent" in bilan.jugements[0].avertissements[0]
    attacher(elle)
    bilan = importer(dossier("A-2", porteur=adresse))
    recu = Dossier.objects.get(reference="A-2")
    assert (recu.referent, bilan.jugements[0].avertissements) == (elle, ())
    assert recu.est_partage_avec(elle, "porteur")


def test_only_the_last_version_is_applied() -> None:
    importer(dossier())
    importer(dossier(logiciel="Netvie"))
    with pytest.raises(Refus) as refus:
        recevoir(the_dossier(), personne("instructeur"), source="essai", identifiant="A-1", rang=1)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_what_has_no_field_is_kept() -> None:
    reste = [{"libelle": "Votre avis", "valeur": "Très bien"}]
    receive(dossier(), source="autre", par=personne("instructeur"), non_repris=reste)
    assert Reception.objects.get().non_repris == reste


def test_the_cost_of_a_record_does_not_grow_with_its_essms() -> None:
    def queries(nom: str, essms: range) -> int:
        with CaptureQueriesContext(
            connection,
        ) as vues:
            assert issues(importer(dossier(nom, essms=essms, aide_demandee=None))) == ["importe"]
        return len(vues)

    queries("A-0", range(2))
    assert queries("A-1", range(2)) == queries("A-2", range(16)) <= 60


def test_a_refused_record_leaves_nothing() -> None:
    avant = OrganismeGestionnaire.objects.count()
    with pytest.raises(Rejet):
        receive(dossier(aide_demandee="1.00"), source="essai", par=personne("instructeur"))
    assert (Dossier.objects.count(), Reception.objects.count(), Membre.objects.count()) == (0, 0, 0)
    assert OrganismeGestionnaire.objects.count() == avant
