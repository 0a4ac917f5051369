"""The list of dossiers: who sees what, whose turn, filters, pages, views, exports, and queries that do not grow."""

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from aap.models import Dossier, Etat
from accompagnement.querysets import with_risk
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction import agenda
from instruction.liste import comptes, lecture, ordres
from instruction.models import Parcours, VueEnregistree
from instruction.taches import tasks
from instruction.tours import turn
from tests.instruction import campagne

pytestmark = pytest.mark.django_db
TOUS = len(campagne.ARRETS)


@pytest.fixture
def auditeur(campagne_jouee: dict[str, int], client: Client) -> Client:
    client.force_login(campagne.person("auditeur", Role.AUDITEUR))
    return client


@pytest.fixture
def instructeur(campagne_jouee: dict[str, int], client: Client) -> Client:
    client.force_login(campagne.person("claire", Role.INSTRUCTEUR, "76"))
    return client


def liste(client: Client, adresse: str = "/") -> lecture.Liste:
    lue: lecture.Liste = client.get(adresse).context["liste"]
    return lue


def references(client: Client, adresse: str) -> list[str]:
    """Of every page, from the first to the last."""
    trouvees, suite = [], adresse
    while suite:
        lue = liste(client, suite)
        trouvees += [rangee.parcours.reference for rangee in lue.rangees]
        suite = f"/?{lue.apres}" if lue.apres else ""
    return trouvees


@pytest.mark.parametrize("nom", campagne.ARRETS)
def test_list_and_page_say_the_same_turn(nom: str, campagne_jouee: dict[str, int], jour: date):
    """The row reads the agenda, the page computes the tasks: same people, same date, same things to do."""
    dossier = agenda.with_opened(Dossier.objects.select_related("aap")).get(pk=campagne_jouee[nom])
    de_la_liste, de_la_page = agenda.opened(dossier), tasks(dossier)
    assert {(t.action, t.role, t.echeance) for t in de_la_liste} == {(t.action, t.role, t.echeance) for t in de_la_page}
    tours = [turn(taches, dossier.etat, jour) for taches in (de_la_liste, de_la_page)]
    assert (tours[0].acteur, tours[0].echeance) == (tours[1].acteur, tours[1].echeance)
    assert (tours[0].acteur, tours[0].echeance) == (dossier.parcours.acteur, dossier.parcours.limite)


def test_campaign_covers_every_state_but_reorientation(campagne_jouee: dict[str, int]):
    presents = set(Dossier.objects.values_list("etat", flat=True))
    assert presents == set(Etat.values) - {Etat.REORIENTE}


def test_row_tells_state_turn_and_money_in_french(auditeur: Client):
    texte = campagne.text(auditeur.get("/?q=76-0025").content.decode())
    assert "En déploiement" in texte
    assert "À l'ARS et au porteur de jouer" in texte
    assert "en retard de" in texte
    assert "344 000,00 €" in texte


def test_chips_count_and_filter(auditeur: Client):
    lue = liste(auditeur)
    assert sum(puce.compte.nombre for puce in lue.puces) == lue.compte.nombre == TOUS
    notifies = liste(auditeur, "/?etat=notifie")
    attendus = next(puce.compte.nombre for puce in lue.puces if puce.badge.texte == "Notifié")
    assert notifies.compte.nombre == attendus == len(notifies.rangees) == 3
    choisie = next(puce for puce in notifies.puces if puce.choisie)
    assert choisie.adresse == ""  # clicking again undoes it
    assert liste(auditeur, "/?etat=notifie&etat=depose").compte.nombre == 4


@pytest.mark.parametrize(
    ("adresse", "condition"),
    [
        ("agent=personne", lambda p: p.instructeur is None),
        ("agent=moi", lambda p: False),
        ("acteur=porteur", lambda p: p.acteur == "porteur"),
        ("secteur=PA", lambda p: "PA" in p.secteurs),
        ("secteur=PJM", lambda p: False),
        ("departement=81", lambda p: "81" in p.departements),
        ("projet=acquisition", lambda p: True),
        ("aap=OCC-DEMO", lambda p: True),
        ("aap=inconnu", lambda p: False),
        ("fenetre=F1", lambda p: p.depose_le is not None),
        ("aide_min=300+000", lambda p: p.aide is not None and p.aide >= 300_000),
        ("aide_max=343999,99", lambda p: p.aide is not None and p.aide < 344_000),
        ("delai=sans", lambda p: p.limite is None),
        ("risque=modere", lambda p: p.risque == "modere"),
        ("risque=fort", lambda p: False),
        ("etat=depose&secteur=PA&departement=31", lambda p: p.etat == "depose"),
    ],
)
def test_each_filter(auditeur: Client, adresse: str, condition):
    attendus = sorted(p.reference for p in Parcours.objects.all() if condition(p))
    assert sorted(references(auditeur, f"/?{adresse}")) == attendus
    assert liste(auditeur, f"/?{adresse}").compte.nombre == len(attendus)


def test_the_worst_risk_is_copied_from_the_levels(campagne_jouee):
    copies = dict(Parcours.objects.values_list("dossier", "risque"))
    assert copies == dict(with_risk(Dossier.objects.all()).values_list("pk", "risque"))
    assert "modere" in copies.values()


def test_late_means_the_date_has_passed(auditeur: Client, jour: date):
    tardifs = references(auditeur, "/?delai=retard")
    assert tardifs
    assert {p.reference for p in Parcours.objects.filter(limite__lt=jour)} == set(tardifs)
    assert set(references(auditeur, "/?delai=mois")).isdisjoint(tardifs)


@pytest.mark.parametrize("cherche", ["76-0002", "ADAPEI", "grappe adapei", "adap gra", "établissement", "318000"])
def test_text_filter_reads_reference_grappe_organisms_and_finess(auditeur: Client, cherche: str):
    trouves = references(auditeur, f"/?q={cherche}")
    assert trouves
    if cherche not in ("établissement", "318000"):
        assert "76-0002" in trouves
        assert len(trouves) < TOUS


def test_an_abandoned_dossier_is_granted_nothing(auditeur: Client):
    abandonnes = liste(auditeur, "/?etat=abandonne")
    assert [rangee.parcours.aide for rangee in abandonnes.rangees] == [None] * abandonnes.compte.nombre
    assert abandonnes.compte.aide == 0


def test_nothing_found_says_what_to_do(auditeur: Client):
    texte = campagne.text(auditeur.get("/?q=introuvable").content.decode())
    assert "Aucun dossier ne correspond" in texte
    assert "Afficher tous les dossiers" in texte


@pytest.mark.parametrize("cle", ordres.ORDRES)
@pytest.mark.parametrize("taille", [1, 7, 40])
def test_pages_follow_each_other_both_ways_whatever_the_sort(auditeur: Client, cle: str, taille: int, monkeypatch):
    monkeypatch.setattr(lecture, "PAR_PAGE", taille)
    montant, descendant = references(auditeur, f"/?tri={cle}"), references(auditeur, f"/?tri=-{cle}")
    assert montant == descendant[::-1]
    assert len(set(montant)) == len(montant) == TOUS


def test_going_back_shows_the_page_before(auditeur: Client, monkeypatch):
    monkeypatch.setattr(lecture, "PAR_PAGE", 7)
    premiere = liste(auditeur)
    seconde = liste(auditeur, f"/?{premiere.apres}")
    retour = liste(auditeur, f"/?{seconde.avant}")
    assert [r.parcours.pk for r in retour.rangees] == [r.parcours.pk for r in premiere.rangees]
    assert premiere.avant == retour.avant == ""


def test_deadline_sort_puts_the_latest_first_and_the_undated_last(auditeur: Client):
    dates = [rangee.tour.echeance for rangee in liste(auditeur).rangees]
    datees = [une for une in dates if une]
    assert datees == sorted(datees)
    assert dates[: len(datees)] == datees


@pytest.mark.parametrize(
    "adresse",
    ["apres=999", "apres=W10", "apres=é", "tri=drop", "etat=rien", "q=%00", "q=" + "x" * 5000, "agent=x", "agent=9" * 9,
     "aide_min=NaN", "aide_min=1e999", "delai=hier", "col=mot_de_passe", "departement=%27%3B", "aap=%00"],
)  # fmt: skip
def test_nonsense_in_the_address_is_harmless(auditeur: Client, adresse: str):
    assert auditeur.get(f"/?{adresse}").status_code == 200


def test_columns_are_chosen(auditeur: Client):
    lue = liste(auditeur, "/?col=depot&col=secteurs")
    assert [colonne.nom for colonne in lue.colonnes] == ["reference", "depot", "secteurs"]
    assert parse_qs(lue.colonnes[0].adresse)["col"] == ["depot", "secteurs"]


def test_htmx_gets_the_results_alone(auditeur: Client):
    reponse = auditeur.get("/?q=adapei", headers={"HX-Request": "true"})
    assert b"<html" not in reponse.content
    assert b'id="resultats"' in reponse.content
    assert "HX-Request" in reponse["Vary"]


@pytest.mark.parametrize(
    ("role", "region", "tous"),
    [
        (Role.INSTRUCTEUR, "76", True),
        (Role.INSTRUCTEUR, "11", False),
        (Role.PORTEUR, None, False),
        (Role.AUDITEUR, None, True),
    ],
)
def test_only_what_one_may_read_is_listed(role: Role, region: str | None, tous: bool, campagne_jouee, client: Client):
    client.force_login(campagne.person("quelqu-un", role, region))
    lue = liste(client, "/?tri=reference")
    assert lue.compte.nombre == (TOUS if tous else 0)
    assert len(client.get("/dossiers/export.csv").getvalue().splitlines()) == 1 + (TOUS if tous else 0)
    assert bool(lue.choix.aaps) == tous


def test_porteur_is_told_it_is_her_turn(campagne_jouee: dict[str, int], client: Client):
    client.force_login(Utilisateur.objects.get(username="76.porteur"))
    texte = campagne.text(client.get("/?etat=a_completer").content.decode())
    assert "À vous de jouer" in texte
    assert "L'ARS instruit" in campagne.text(client.get("/?etat=en_recevabilite").content.decode())


def test_eight_queries_at_most_whatever_is_asked(instructeur: Client, django_assert_max_num_queries):
    instructeur.get("/?tri=-aide")  # the départements are read once per process
    for adresse in ("/?tri=-aide", "/?q=adapei&etat=depose&secteur=PA&departement=31&agent=moi&aide_min=1&delai=mois"):
        with django_assert_max_num_queries(8):
            instructeur.get(adresse)


def test_beyond_the_ceiling_a_count_says_more(auditeur: Client, monkeypatch):
    """Never more than there are, never a state left out; a rare state is still counted exactly."""
    exacts = {puce.badge.texte: puce.compte.nombre for puce in liste(auditeur).puces}
    for nom, valeur in {"PLAFOND": 10, "PLAFOND_PAR_ETAT": 2, "PLAFOND_CHOISI": 3}.items():
        monkeypatch.setattr(comptes, nom, valeur)
    monkeypatch.setattr(lecture, "PLAFOND", 10)
    lue = liste(auditeur)
    dits = {puce.badge.texte: puce.compte for puce in lue.puces}
    assert dits.keys() == exacts.keys()
    assert all(un.nombre < exacts[nom] if un.plus else un.nombre == exacts[nom] for nom, un in dits.items())
    assert {un.plus for un in dits.values()} == {True, False}
    assert lue.compte.plus
    assert 10 <= lue.compte.nombre < TOUS
    choisie = liste(auditeur, "/?etat=notifie").compte
    assert (choisie.nombre, choisie.plus) == (3, False)


# Views


def test_a_view_is_kept_found_replaced_and_forgotten(instructeur: Client):
    instructeur.post("/dossiers/vues/garder/", {"nom": " Mes  retards ", "requete": "delai=retard&apres=W10&zzz=1"})
    vue = VueEnregistree.objects.get()
    assert (vue.nom, vue.requete) == ("Mes retards", "delai=retard")
    instructeur.post("/dossiers/vues/garder/", {"nom": "Mes retards", "requete": "delai=semaine"})
    assert VueEnregistree.objects.get().requete == "delai=semaine"
    assert [une.nom for une in liste(instructeur).vues] == ["Mes retards"]
    instructeur.post(f"/dossiers/vues/{vue.pk}/oublier/")
    assert not VueEnregistree.objects.exists()


def test_a_view_without_a_name_is_refused(instructeur: Client):
    page = instructeur.post("/dossiers/vues/garder/", {"nom": " ", "requete": ""}, follow=True)
    assert "Donnez un nom à cette vue" in campagne.text(page.content.decode())


def test_the_views_of_others_do_not_exist(instructeur: Client, campagne_jouee):
    autre = campagne.person("hugo", Role.INSTRUCTEUR, "76")
    vue = VueEnregistree.objects.create(utilisateur=autre, nom="La sienne")
    assert liste(instructeur).vues == []
    assert instructeur.post(f"/dossiers/vues/{vue.pk}/oublier/").status_code == 404


# Exports


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_an_export_is_exactly_what_is_filtered_in_its_order(instructeur: Client, format: str):
    adresse = "etat=notifie&etat=solde&tri=-aide"
    reponse = instructeur.get(f"/dossiers/export.{format}?{adresse}")
    assert reponse.status_code == 200
    assert f'.{format}"' in reponse["Content-Disposition"]
    lignes = rows_of(reponse.getvalue(), format)
    assert [ligne[0] for ligne in lignes[1:]] == references(instructeur, f"/?{adresse}")
    assert lignes[0][0] == "Référence"


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_nothing_exported_is_run_by_a_spreadsheet(instructeur: Client, format: str):
    formule = '=HYPERLINK("http://exemple.fr";"clic")'
    Parcours.objects.filter(etat="notifie").update(porteur=formule)
    lignes = rows_of(instructeur.get(f"/dossiers/export.{format}?etat=notifie").getvalue(), format)
    assert {ligne[4] for ligne in lignes[1:]} == {f"'{formule}" if format == "csv" else formule}


def test_no_other_format(instructeur: Client):
    assert instructeur.get("/dossiers/export.exe").status_code == 404


def rows_of(contenu: bytes, format: str) -> list[Any]:
    if format == "csv":
        return [list(ligne) for ligne in csv.reader(StringIO(contenu.decode("utf-8-sig")), delimiter=";")]
    return CalamineWorkbook.from_filelike(BytesIO(contenu)).get_sheet_by_index(0).to_python()
