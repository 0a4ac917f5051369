"""The usage declaration: five steps, a grid kept as one types, a file read, a receipt; and nobody else's."""

import csv
import hashlib
import json
from datetime import date
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aap.models import Dossier
from comptes.models import Utilisateur
from grappes.models import Essms
from moteur import horloge
from moteur.models import Entree
from tests.fabriques import ATTEINTES, MANQUEES, PORTE, agir, amener, campagne, personne, porteuse
from usages.lecture_fichier import read
from usages.models import ColonnesUsages, Declaration, Mesure, RecuUsages, SaisieUsages, Vsr
from usages.saisie import study
from usages.verification import funded

MOIS = date(2023, 6, 1)
CONTACT = {"contact.nom": "Odile Delmas", "contact.courriel": "odile@exemple.fr", "contact.telephone": "0561000000"}


@pytest.fixture(autouse=True)
def jour():
    """The deployment has run for some months."""
    with horloge.figer(horloge.ouverture(date(2023, 7, 5))):
        yield


@pytest.fixture
def dossier(db):
    return deploye()


@pytest.fixture
def client(dossier):
    return connect(dossier)


def deploye(**demande):
    """A dossier in deployment. `demande`: `essms`, how many, as many as one likes."""
    dossier = amener(campagne(dossiers=[demande], dotation="50000000.00").dossier("D1"), "en_recevabilite")
    agir(dossier, "deroger", "responsable", jour="2022-04-05", regle="ROUTAGE", motif="Taille de l'essai.")
    return amener(Dossier.objects.with_rules().get(pk=dossier.pk), "en_deploiement")


def connect(dossier):
    navigateur = Client()
    navigateur.force_login(porteur(dossier), backend=PORTE)
    return navigateur


def porteur(dossier):
    return Utilisateur.objects.get(dossieruserobjectpermission__content_object=dossier)


def adresse(dossier, code="chiffres", mois="2023-06"):
    return reverse("portail:usages-etape", args=[dossier.pk, mois, code])


def essms(dossier):
    return [un.finess for un in funded(dossier)]


def grille(dossier, chiffres=ATTEINTES, **autres):
    """The whole grid as a form without JavaScript sends it, over blank fields."""
    valeurs = {f"{finess}.{compte}": str(nombre) for finess in essms(dossier) for compte, nombre in chiffres.items()}
    return posted(valeurs | autres)


def posted(valeurs, **vues):
    return valeurs | {f"vue:{nom}": vues.get(nom, "") for nom in valeurs}


def fill(client, dossier, chiffres=ATTEINTES, mois="2023-06"):
    assert client.post(adresse(dossier, "contact", mois), posted(CONTACT)).status_code == 302
    assert client.post(adresse(dossier, "chiffres", mois), grille(dossier, chiffres)).status_code == 302


def validate(client, dossier, mois="2023-06", **champs):
    lu = client.get(adresse(dossier, "validation", mois)).context["etude"].empreinte
    return client.post(adresse(dossier, "validation", mois), {"lu": lu} | posted(champs))


def text(reponse):
    return reponse.content.decode()


def register_of(dossier):
    return list(Essms.objects.filter(participations__grappe=dossier.grappe).order_by("pk").values())


def test_the_home_lists_the_months_and_what_is_missing_to_hand_in(client, dossier):
    page = client.get(reverse("portail:usages", args=[dossier.pk]))
    assert [un.code for un in page.context["mois"]] == [
        "2023-07", "2023-06", "2023-05", "2023-04", "2023-03", "2023-02", "2023-01", "2022-12", "2022-11", "2022-10",
    ]  # fmt: skip
    assert text(page).count("À déclarer") == 9
    assert "En cours, jusqu'au 31" in text(page).replace("&#x27;", "'")
    assert "Il manque les chiffres du dernier mois pour 15 ESSMS" in text(page)
    assert "VSR n" in text(page)


def test_the_five_steps_to_a_receipt(client, dossier):
    debut = text(client.get(adresse(dossier, "identite")))
    assert "Première mesure : sur 3 mois" in debut.replace("\xa0", " ")
    assert client.post(adresse(dossier, "etablissements"), {}).headers["Location"] == adresse(dossier, "contact")
    fill(client, dossier)
    resume = text(client.get(adresse(dossier, "validation")))
    assert "15 sur 15" in resume
    assert "Rien n&#x27;est à expliquer" in resume or "Rien n'est à expliquer" in resume
    reponse = validate(client, dossier)
    recu = RecuUsages.objects.get()
    assert reponse.headers["Location"] == reverse("portail:usages-recu", args=[dossier.pk, recu.pk])
    assert Mesure.objects.count() == 15
    assert recu.entree == Entree.objects.filter(action="declarer_usages").get()
    assert recu.contenu["signalements"] == []
    assert recu.contenu["contact"]["courriel"] == "odile@exemple.fr"
    assert recu.contenu["journal"]["empreinte"] == recu.entree.empreinte
    page = text(client.get(reponse.headers["Location"]))
    assert recu.empreinte in page
    assert "ne demande pas de relecture" in page


def test_the_receipt_downloaded_has_the_hash_it_bears(client, dossier):
    fill(client, dossier)
    validate(client, dossier)
    recu = RecuUsages.objects.get()
    fichier = client.get(reverse("portail:usages-recu-json", args=[dossier.pk, recu.pk]))
    assert hashlib.sha256(fichier.content).hexdigest() == recu.empreinte
    assert json.loads(fichier.content)["mois"] == "2023-06"
    tableau = client.get(reverse("portail:usages-recu-csv", args=[dossier.pk, recu.pk])).content.decode("utf-8-sig")
    lignes = list(csv.DictReader(StringIO(tableau), delimiter=";"))
    assert len(lignes) == 15
    assert lignes[0]["personnes"] == "100"


def test_a_second_click_finds_the_same_receipt(client, dossier):
    fill(client, dossier)
    lu = client.get(adresse(dossier, "validation")).context["etude"].empreinte
    premier, second = (client.post(adresse(dossier, "validation"), {"lu": lu}) for _ in range(2))
    assert premier.headers["Location"] == second.headers["Location"]
    assert RecuUsages.objects.count() == 1


def test_what_changed_since_the_summary_is_not_declared(client, dossier):
    fill(client, dossier)
    lu = client.get(adresse(dossier, "validation")).context["etude"].empreinte
    un = f"{essms(dossier)[0]}.personnes"
    client.post(reverse("portail:usages-champ", args=[dossier.pk, "2023-06"]), {un: "101", f"vue:{un}": "100"})
    reponse = client.post(adresse(dossier, "validation"), {"lu": lu})
    assert reponse.status_code == 409
    assert "ont changé depuis" in text(reponse)
    assert not Declaration.objects.exists()


def test_an_incomplete_month_says_where_to_go(client, dossier):
    client.post(adresse(dossier, "contact"), posted(CONTACT))
    page = text(client.get(adresse(dossier, "validation")))
    assert "90\xa0réponses à donner" in page
    assert adresse(dossier, "chiffres") in page
    reponse = validate(client, dossier)
    assert reponse.status_code == 409
    assert not RecuUsages.objects.exists()


def test_a_flag_is_explained_before_it_is_declared(client, dossier):
    agir(dossier, "declarer_usages", porteur(dossier), mois="2023-05", mesures={"uniforme": ATTEINTES})
    fill(client, dossier, ATTEINTES | {"dmp_alimentes": 4})
    # May gave three months of documents: 25 over three months is a little more than 8 a month; 4 is half of it.
    page = text(client.get(adresse(dossier, "validation")))
    assert "−52 % par rapport à mai 2023 en moyenne mensuelle (4 contre 25)" in page.replace("\xa0", " ")
    assert validate(client, dossier).status_code == 409
    mots = {f"{finess}.explication": "Panne du connecteur DMP." for finess in essms(dossier)}
    assert validate(client, dossier, **mots).status_code == 302
    recu = RecuUsages.objects.get()
    assert {un["motif"] for un in recu.contenu["signalements"]} == {"variation"}
    assert recu.contenu["essms"][0]["explication"] == "Panne du connecteur DMP."


def test_a_month_declared_again_is_flagged_and_keeps_both_receipts(client, dossier):
    fill(client, dossier)
    validate(client, dossier)
    un = f"{essms(dossier)[0]}.messages_mss"
    client.post(adresse(dossier), {un: "81", f"vue:{un}": "80"})
    assert validate(client, dossier).status_code == 409
    assert validate(client, dossier, **{"mois.explication": "Un chiffre corrigé."}).status_code == 302
    assert [recu.contenu["signalements"] for recu in RecuUsages.objects.all()][0] == []
    assert RecuUsages.objects.last().contenu["signalements"][0]["motif"] == "deja_declare"
    assert Declaration.objects.count() == 1
    assert Mesure.objects.get(finess=essms(dossier)[0]).messages_mss == 81


def test_a_correction_is_proposed_and_changes_no_register(client, dossier):
    finess = essms(dossier)[0]
    avant = register_of(dossier)
    client.post(adresse(dossier, "etablissements"), posted({f"{finess}.correction": "Renommé Les Ormes"}))
    fill(client, dossier)
    assert validate(client, dossier, **{f"{finess}.explication": "Décision du CA."}).status_code == 302
    recu = RecuUsages.objects.get()
    assert recu.contenu["essms"][0]["correction"] == "Renommé Les Ormes"
    assert recu.contenu["signalements"][0]["motif"] == "identification"
    assert register_of(dossier) == avant


def test_a_figure_is_kept_as_typed_and_its_line_judged(client, dossier):
    finess = essms(dossier)[0]
    valeurs = {f"{finess}.{compte}": str(nombre) for compte, nombre in (ATTEINTES | {"messages_mss": 70}).items()}
    reponse = client.post(
        reverse("portail:usages-champ", args=[dossier.pk, "2023-06"]), posted(valeurs), headers={"HX-Request": "true"}
    )
    lu = text(reponse).replace("\xa0", " ").replace("\u202f", " ")
    assert f'id="verdict-{finess}" hx-swap-oob="true"' in lu
    assert "= <strong>70,00 %</strong> ≥ 70 % ✔" in lu
    assert f'name="vue:{finess}.messages_mss" value="70"' in lu
    assert SaisieUsages.objects.get().champs[f"{finess}.messages_mss"]["valeur"] == "70"


@pytest.mark.parametrize(
    "ecrit", ["=cmd|'/c calc'!A1", "-1", "12,5", "1e5", "beaucoup", "99999999999", "<script>", "١٢"]
)
def test_what_is_not_a_count_is_kept_and_said(client, dossier, ecrit):
    champ = f"{essms(dossier)[0]}.personnes"
    reponse = client.post(adresse(dossier), posted({champ: ecrit}))
    assert reponse.status_code == 200
    assert "fr-message--error" in text(reponse)
    assert "<script>" not in text(reponse).partition("<main")[2]
    assert SaisieUsages.objects.get().champs[champ]["valeur"] == ecrit
    assert not Mesure.objects.exists()


def test_two_coeditors_do_not_overwrite_each_other(client, dossier):
    autre = porteuse(dossier.grappe.og_porteur, "brigitte")
    agir(dossier, "inviter_coediteur", porteur(dossier), personne=autre.username)
    seconde = Client()
    seconde.force_login(autre, backend=PORTE)
    champ, voisin = (f"{essms(dossier)[0]}.{compte}" for compte in ("personnes", "messages_mss"))
    client.post(adresse(dossier), posted({champ: "10"}))
    reponse = seconde.post(adresse(dossier), posted({champ: "12", voisin: "7"}))
    assert "a écrit ici « 10 »" in text(reponse).replace("\xa0", " ")
    assert 'value="12"' in text(reponse)
    lus = SaisieUsages.objects.get().champs
    assert (lus[champ]["valeur"], lus[voisin]["valeur"]) == ("10", "7")
    seconde.post(adresse(dossier), {champ: "12", f"vue:{champ}": "10"})
    assert SaisieUsages.objects.get().champs[champ]["valeur"] == "12"


@pytest.mark.parametrize("champ", ["999999999.personnes", "pk", "etat", "contact.fax", "personnes", "x" * 300])
def test_a_field_that_is_not_of_this_grappe_is_refused(client, dossier, champ):
    reponse = client.post(adresse(dossier), posted({champ: "1"}))
    assert reponse.status_code == 409
    assert not SaisieUsages.objects.exists()


@pytest.mark.parametrize("texte", ["a" * 501, "\0", "\ud800".encode("utf-8", "surrogatepass")])
def test_a_text_that_cannot_be_kept_is_refused(client, dossier, texte):
    reponse = client.post(adresse(dossier, "etablissements"), posted({f"{essms(dossier)[0]}.correction": texte}))
    assert reponse.status_code in (302, 409)
    assert client.get(adresse(dossier, "etablissements")).status_code == 200


def envoyer(client, dossier, nom, contenu):
    fichier = SimpleUploadedFile(nom, contenu)
    return client.post(reverse("portail:usages-fichier", args=[dossier.pk, "2023-06"]), {"fichier": fichier})


def reprendre(client, dossier, page, **choix):
    contexte = page.context
    colonnes = {f"colonne:{nom}": "" if rang is None else str(rang + 1) for nom, _, rang in contexte["champs"]}
    envoi = {"tableau": contexte["tableau"]} | colonnes | {f"colonne:{nom}": rang for nom, rang in choix.items()}
    return client.post(reverse("portail:usages-colonnes", args=[dossier.pk, "2023-06"]), envoi)


def test_the_template_filled_in_is_read_back(client, dossier):
    modele = client.get(reverse("portail:usages-modele-xlsx", args=[dossier.pk, "2023-06"]))
    assert modele.headers["Content-Disposition"].endswith('.xlsx"')
    lu = read("modele.xlsx", BytesIO(modele.content))
    assert [ligne[0] for ligne in lu.lignes[1:]] == essms(dossier)
    texte = "\n".join(";".join([*ligne[:2], "100", "95", "93", "92", "80", "25"]) for ligne in lu.lignes[1:])
    page = envoyer(client, dossier, "rempli.csv", f"{';'.join(lu.lignes[0])}\n{texte}".encode())
    assert page.status_code == 200
    reponse = reprendre(client, dossier, page)
    assert "15\xa0établissements repris" in text(reponse)
    assert len(study(dossier, MOIS).complets) == 15


def test_columns_are_shown_corrected_and_remembered(client, dossier):
    un = essms(dossier)[0]
    contenu = f"Etab;Code;Nb;Truc\nLes Ormes;{un};12;80\n".encode()
    page = envoyer(client, dossier, "export.csv", contenu)
    assert {nom: rang for nom, _, rang in page.context["champs"] if rang is not None} == {}
    assert "n'ont pas" not in text(page)
    assert reprendre(client, dossier, page).status_code == 409
    reponse = reprendre(client, dossier, page, finess="2", personnes="3", messages_mss="4")
    assert "1\xa0établissement repris" in text(reponse)
    assert ColonnesUsages.objects.get().og == dossier.grappe.og_porteur
    encore = envoyer(client, dossier, "export.csv", contenu)
    trouvees = {nom: rang for nom, _, rang in encore.context["champs"] if rang is not None}
    assert trouvees == {"finess": 1, "personnes": 2, "messages_mss": 3}


def test_good_lines_are_taken_and_bad_ones_say_why(client, dossier):
    un, deux, trois = essms(dossier)[:3]
    lignes = [
        "finess,personnes,dossiers_actifs",
        f"{un},10,9",
        f"{deux},-4,1",
        "310000010,1,1",
        f"{trois},1,1",
        f"{trois},2,1",
    ]
    page = reprendre(client, dossier, envoyer(client, dossier, "x.csv", "\n".join(lignes).encode()))
    lu = text(page)
    assert "1\xa0établissement repris, 4\xa0lignes écartées" in lu
    assert "Ligne 3" in lu
    assert "Ligne 4" in lu
    assert set(study(dossier, MOIS).saisie.champs) == {f"{un}.personnes", f"{un}.dossiers_actifs"}


@pytest.mark.parametrize(
    ("nom", "contenu"),
    [
        ("x.xlsx", b"PK\x03\x04rien"),
        ("x.csv", b""),
        ("x.csv", b"\n\n"),
        ("x.exe", b"MZ"),
        ("x.csv", b"a\0b"),
    ],
)
def test_a_file_that_is_no_table_is_refused(client, dossier, nom, contenu):
    reponse = envoyer(client, dossier, nom, contenu)
    assert reponse.status_code == 409
    assert "fr-alert--error" in text(reponse)


@pytest.mark.parametrize(
    "tableau", ["", "[]", "{}", '{"nom":1,"entete":9,"lignes":[["a"]]}', "[" * 5000, '{"lignes":3}']
)
def test_a_table_that_did_not_come_back_whole_is_refused(client, dossier, tableau):
    url = reverse("portail:usages-colonnes", args=[dossier.pk, "2023-06"])
    reponse = client.post(url, {"tableau": tableau, "colonne:finess": "1", "colonne:personnes": "2"})
    assert reponse.status_code == 409


def test_a_heavy_file_is_refused_before_it_is_read(client, dossier):
    url = reverse("portail:usages-fichier", args=[dossier.pk, "2023-06"])
    reponse = client.generic(
        "POST", url, b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=50 * 2**20
    )
    assert reponse.status_code == 413
    assert "5 Mo" in text(reponse).replace("\xa0", " ")


def do(client, dossier, nom, vu=None, **donnees):
    """An act of the home of the usages, on a page read now, or at the rank `vu`."""
    page = client.get(reverse("portail:usages", args=[dossier.pk]))
    vu = page.context["vu"] if vu is None else vu
    return client.post(reverse(f"portail:usages-{nom}", args=[dossier.pk]), {"vu": vu} | donnees)


def test_the_vsr_then_handing_in(client, dossier):
    assert do(client, dossier, "vsr", le="2023-12-01").status_code == 409
    assert do(client, dossier, "vsr", le="hier").status_code == 409
    assert do(client, dossier, "vsr", le="2023-06-01").status_code == 302
    assert Vsr.objects.get().prononcee_le == date(2023, 6, 1)
    assert do(client, dossier, "soumettre").status_code == 409
    fill(client, dossier)
    validate(client, dossier)
    page = client.get(reverse("portail:usages", args=[dossier.pk]))
    assert "Tout est là" in text(page)
    assert f'name="vu" value="{page.context["vu"]}"' in text(page)
    assert [do(client, dossier, "soumettre", page.context["vu"]).status_code for _ in range(2)] == [302, 302]
    assert Dossier.objects.get(pk=dossier.pk).etat == "en_verification"


@pytest.mark.parametrize("nom", ["vsr", "soumettre"])
def test_an_act_on_a_page_that_the_dossier_outran_is_refused(client, dossier, nom):
    fill(client, dossier)
    validate(client, dossier)
    if nom == "soumettre":
        do(client, dossier, "vsr", le="2023-06-01")
    vu = client.get(reverse("portail:usages", args=[dossier.pk])).context["vu"]
    agir(dossier, "proroger", "responsable", jour="2023-07-05", jusqu_au="2024-12-31", motif="Retard de l'éditeur.")
    reponse = do(client, dossier, nom, vu, le="2023-06-01")
    assert reponse.status_code == 409
    assert "Relisez, puis recommencez." in text(reponse)
    assert Dossier.objects.get(pk=dossier.pk).etat == "en_deploiement"
    assert Vsr.objects.count() == (nom == "soumettre")
    assert do(client, dossier, nom, reponse.context["vu"], le="2023-06-01").status_code == 302


def test_what_a_co_editor_types_meanwhile_outruns_no_page(client, dossier):
    vu = client.get(reverse("portail:usages", args=[dossier.pk])).context["vu"]
    fill(client, dossier)
    assert do(client, dossier, "vsr", vu, le="2023-06-01").status_code == 302


@pytest.mark.parametrize("vu", ["", "-1", "x", "9" * 10])
def test_a_form_that_bears_no_rank_does_nothing(client, dossier, vu):
    assert do(client, dossier, "vsr", vu, le="2023-06-01").status_code == 409
    assert not Vsr.objects.exists()


def test_once_handed_in_the_pages_only_read(client, dossier):
    fill(client, dossier)
    validate(client, dossier)
    do(client, dossier, "vsr", le="2023-06-01")
    do(client, dossier, "soumettre")
    page = text(client.get(reverse("portail:usages", args=[dossier.pk])))
    assert "ne changent plus" in page
    assert "Corriger" not in page
    accueil = reverse("portail:usages", args=[dossier.pk])
    assert client.get(adresse(dossier)).headers["Location"] == accueil
    assert client.post(adresse(dossier), grille(dossier, MANQUEES)).headers["Location"] == accueil
    assert set(Mesure.objects.values_list("messages_mss", flat=True)) == {80}


def test_nothing_of_it_exists_for_another_porteur(client, dossier):
    fill(client, dossier)
    validate(client, dossier)
    recu = RecuUsages.objects.get().pk
    ailleurs = campagne(code="BIS").dossier("D1")
    autre = Client()
    autre.force_login(personne("porteur:z"), backend=PORTE)
    for nom, reste in [
        ("usages", []), ("usages-etape", ["2023-06", "chiffres"]), ("usages-modele-xlsx", ["2023-06"]),
        ("usages-modele-csv", ["2023-06"]), ("usages-recu", [recu]), ("usages-recu-json", [recu]),
        ("usages-recu-csv", [recu]),
    ]:  # fmt: skip
        assert autre.get(reverse(f"portail:{nom}", args=[dossier.pk, *reste])).status_code == 404, nom
    for nom, reste in [
        ("usages-champ", ["2023-06"]), ("usages-fichier", ["2023-06"]), ("usages-colonnes", ["2023-06"]),
        ("usages-vsr", []), ("usages-soumettre", []), ("usages-etape", ["2023-06", "validation"]),
    ]:  # fmt: skip
        assert autre.post(reverse(f"portail:{nom}", args=[dossier.pk, *reste])).status_code == 404, nom
    assert client.get(reverse("portail:usages-recu", args=[ailleurs.pk, recu])).status_code == 404


@pytest.mark.parametrize("mois", ["2021-01", "2023-08", "2023-13", "0001-01"])
def test_a_month_that_is_not_declared_does_not_exist(client, dossier, mois):
    assert client.get(f"/mes-dossiers/{dossier.pk}/usages/{mois}/chiffres/").status_code == 404


def test_the_visitor_signs_in_first(dossier):
    assert "/connexion/" in Client().get(adresse(dossier)).headers["Location"]


@pytest.mark.parametrize("essms", [16, 200])
@pytest.mark.parametrize("page", ["accueil", "identite", "etablissements", "contact", "chiffres", "validation", "recu"])
def test_a_page_costs_few_queries(db, django_assert_max_num_queries, essms, page):
    dossier = deploye(essms=essms)
    client = connect(dossier)
    agir(dossier, "declarer_usages", porteur(dossier), mois="2023-05", mesures={"uniforme": MANQUEES})
    agir(dossier, "declarer_usages", porteur(dossier), mois="2023-06", mesures={"uniforme": ATTEINTES})
    if page == "recu":
        client.post(adresse(dossier, "contact"), posted(CONTACT))
        mots = {f"{finess}.explication": "x" for finess in [un.finess for un in funded(dossier)]}
        assert validate(client, dossier, **mots, **{"mois.explication": "x"}).status_code == 302
        url = reverse("portail:usages-recu", args=[dossier.pk, RecuUsages.objects.get().pk])
    else:
        url = reverse("portail:usages", args=[dossier.pk]) if page == "accueil" else adresse(dossier, page)
    with django_assert_max_num_queries(12):
        assert client.get(url).status_code == 200


def test_a_long_grappe_is_typed_page_by_page(db):
    dossier = deploye(essms=60)
    client = connect(dossier)
    premiers = essms(dossier)[:50]
    valeurs = posted({f"{finess}.{compte}": "1" for finess in premiers for compte in ATTEINTES})
    reponse = client.post(adresse(dossier), valeurs | {"suite": "2"})
    assert reponse.headers["Location"].endswith("?page=2")
    page = client.get(reponse.headers["Location"])
    assert [ligne.essms.finess for ligne in page.context["grille"].lignes] == essms(dossier)[50:]
