"""A document is what its content says, is kept under its SHA-256, and joins the dossier through the door."""

import hashlib
import json
import os
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from aap.documents.bureautique import _check_swelling
from aap.documents.depot import deposit
from aap.documents.entrepot import keep, read
from aap.documents.erreurs import Ecarte
from aap.documents.formats import recognise
from aap.documents.formulaires import as_csv, load, review
from aap.documents.jonction import join
from aap.documents.noms import LONGUEUR, check_name
from aap.examen import facts, missing_documents
from aap.models import Format, PieceFournie, Section
from aap.saisie import read as read_section
from aap.saisie import saisir
from config import env, stockage
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.texte import en_octets
from tests.fabriques import agir, amener, campagne
from tests.fichiers import BONS, MAUVAIS, envoye, openxml, pdf

JOUR = "2022-04-01"


@pytest.fixture
def coffre(settings, tmp_path):
    """A store of this test alone."""
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    return tmp_path / "pieces"


@pytest.fixture
def brouillon(db, coffre):
    return campagne(dossiers=[{"pieces": []}]).dossier("D1")


def campagne_porteur(dossier):
    return dossier.dossieruserobjectpermission_set.select_related("user").first().user


def donner(dossier, nom="rib.pdf", contenu=None, code="rib"):
    return deposit(
        dossier, campagne_porteur(dossier), code=code, fichier=envoye(nom, pdf() if contenu is None else contenu)
    )


def refus_de(action):
    with pytest.raises(Refus) as refus:
        action()
    return refus.value


def fichiers(coffre):
    return sorted(str(f.relative_to(coffre)) for f in coffre.rglob("*") if f.is_file())


def judged(nom, contenu):
    """A format, or a sentence: anything else is a defect."""
    try:
        return recognise(nom, BytesIO(contenu)) in Format.values
    except Ecarte as refus:
        return str(refus).endswith(".")


# What a file is.


@pytest.mark.parametrize("nom", BONS)
def test_a_good_file_is_recognised(nom):
    attendu = {"jpg": "jpeg"}.get(nom.rpartition(".")[2].lower(), nom.rpartition(".")[2].lower())
    assert recognise(nom, BytesIO(BONS[nom])) == attendu


@pytest.mark.parametrize("nom", MAUVAIS)
def test_a_bad_file_is_refused_with_what_to_do(nom):
    contenu, mots = MAUVAIS[nom]
    with pytest.raises(Ecarte, match=mots) as refus:
        recognise(nom, BytesIO(contenu))
    phrase = str(refus.value)
    assert phrase.endswith(".")
    assert any(verbe in phrase for verbe in ("nregistrez", "envoyez", "etirez", "onvertissez")), phrase


@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "a.docx", "a.odt", "a.csv", "a.png", "a.jpeg", "a.txt"]))
def test_whatever_the_bytes_a_file_is_recognised_or_refused(contenu, nom):
    assert judged(nom, contenu)


@given(st.data())
def test_a_damaged_office_file_is_refused_or_sound_never_a_traceback(data):
    brut = bytearray(openxml())
    for _ in range(data.draw(st.integers(1, 4))):
        brut[data.draw(st.integers(4, len(brut) - 1))] = data.draw(st.integers(0, 255))
    assert judged("a.docx", bytes(brut))


@pytest.mark.parametrize("place", [-6, -5, -4, -10, -9])
def test_a_table_of_contents_that_points_nowhere_is_damage(place):
    brut = bytearray(openxml())
    brut[place] = 0xFF
    assert judged("a.docx", bytes(brut))


@pytest.mark.parametrize(
    ("deplie", "plie", "juste"),
    [(200, 100, True), (201, 100, False), (10, 0, True), (11, 0, False), (100, 1, True), (101, 1, False)],
)
def test_an_office_file_swells_within_bounds(deplie, plie, juste):
    """In MiB: 200 unpacked at most; beyond 10, a hundred times its weight at most."""
    with nullcontext() if juste else pytest.raises(Ecarte, match="démesuré"):
        _check_swelling(deplie * 2**20, plie * 2**20)


# What it is called.


@pytest.mark.parametrize(
    "nom",
    [
        "../../etc/passwd.pdf",
        "C:\\Users\\a.pdf",
        "a\0.pdf",
        "a\n.pdf",
        "fac\u202efdp.exe",
        "é" * 300 + ".pdf",
        "",
        "..",
        " ",
    ],
)
def test_a_name_that_hides_something_is_refused(nom):
    with pytest.raises(Ecarte, match="enommez|Nommez"):
        check_name(nom)


def test_a_name_keeps_its_accents_and_loses_its_odd_spaces():
    assert check_name(" Lettre\u202fd’engagement e\u0301crite.pdf ") == "Lettre d’engagement écrite.pdf"


@given(st.text(max_size=260))
def test_a_name_kept_is_short_visible_and_no_path(nom):
    try:
        garde = check_name(nom)
    except Ecarte:
        return
    assert garde.isprintable()
    assert garde == garde.strip()
    assert 0 < len(garde) <= LONGUEUR
    assert os.path.basename(garde) == garde not in (".", "..")
    assert "\\" not in garde
    assert check_name(garde) == garde


# Giving it.


def test_a_document_is_kept_under_its_hash_and_recorded(brouillon, coffre):
    piece = donner(brouillon)
    empreinte = hashlib.sha256(pdf()).hexdigest()
    assert (piece.nom, piece.empreinte, piece.taille, piece.format) == ("rib.pdf", empreinte, len(pdf()), "pdf")
    assert fichiers(coffre) == [f"{brouillon.pk}/{empreinte}"]
    assert Path(coffre, fichiers(coffre)[0]).stat().st_mode & 0o077 == 0
    with read(piece) as contenu:
        assert contenu.read() == pdf()
    donnees = Entree.objects.get(chaine=brouillon.chaine, action="fournir_piece").donnees
    assert (donnees["empreinte"], donnees["format"]) == (empreinte, "pdf")


def test_versions_add_up_and_the_last_comes_first(brouillon):
    un, deux = donner(brouillon, contenu=pdf("un")), donner(brouillon, contenu=pdf("deux"))
    assert [piece.pk for piece in brouillon.pieces.all()] == [deux.pk, un.pk]
    with read(un) as contenu:
        assert contenu.read() == pdf("un")


def test_what_was_kept_is_harmless_when_the_transaction_fails(brouillon, coffre):
    with transaction.atomic():
        donner(brouillon)
        transaction.set_rollback(True)
    assert not PieceFournie.objects.exists()
    assert len(fichiers(coffre)) == 1
    assert donner(brouillon).empreinte in fichiers(coffre)[0]


def test_a_write_cut_short_leaves_nothing(brouillon, coffre):
    class Coupe(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"debut"
            raise OSError("disque plein")

    with pytest.raises(OSError, match="disque plein"):
        keep(brouillon, "a" * 64, Coupe(b"debut et fin"))
    assert fichiers(coffre) == []


def test_metadata_alone_have_no_content(brouillon):
    agir(brouillon, "fournir_piece", "porteur", jour=JOUR, code="rib")
    with pytest.raises(FileNotFoundError):
        read(brouillon.pieces.get())


def test_the_hash_of_another_dossier_opens_nothing(db, coffre):
    """A dossier's documents are its own: naming a hash does not fetch what another gave."""
    camp = campagne(dossiers=[{"pieces": []}, {"pieces": []}])
    un, deux = camp.dossier("D1"), camp.dossier("D2")
    gardee = donner(un)
    agir(deux, "fournir_piece", "porteur", jour=JOUR, code="rib", empreinte=gardee.empreinte, format="pdf")
    with pytest.raises(FileNotFoundError):
        read(deux.pieces.get())


@pytest.mark.parametrize("nom", ["page.pdf", "bombe.docx", "menteuse.docx"])
def test_a_refused_document_leaves_nothing(brouillon, coffre, nom):
    refus = refus_de(lambda: donner(brouillon, nom, MAUVAIS[nom][0]))
    assert refus.code is Code.DONNEES_INVALIDES
    assert not PieceFournie.objects.exists()
    assert not Entree.objects.filter(action="fournir_piece").exists()
    assert fichiers(coffre) == []


def test_no_file_is_said(brouillon):
    refus = refus_de(lambda: deposit(brouillon, campagne_porteur(brouillon), code="rib", fichier=None))
    assert "Choisissez un fichier" in refus.message


def test_an_unknown_document_is_refused_and_another_one_is_not(brouillon):
    assert "prévue" in refus_de(lambda: donner(brouillon, code="photo")).message
    assert donner(brouillon, code="autre").code == "autre"


def test_a_document_filled_in_online_is_not_sent_as_a_file(brouillon):
    assert "se remplit en ligne" in refus_de(lambda: donner(brouillon, code="autodiagnostic_si")).message


def test_a_document_too_heavy_is_refused(brouillon, coffre, settings):
    settings.PIECE_TAILLE_MAX = 1000
    refus = refus_de(lambda: donner(brouillon, contenu=pdf(taille=3000)))
    assert "1000\u00a0octets au plus" in refus.message
    assert fichiers(coffre) == []


def test_the_documents_of_a_dossier_weigh_so_much_in_all(brouillon, coffre, settings):
    donner(brouillon)
    settings.PIECES_DOSSIER_MAX = 2 * len(pdf()) - 1
    refus = refus_de(lambda: donner(brouillon, contenu=pdf("Bonsoir")))
    assert "toutes versions comprises" in refus.message
    assert len(fichiers(coffre)) == 1
    refus = refus_de(
        lambda: agir(brouillon, "fournir_piece", "porteur", jour=JOUR, code="rib", taille=len(pdf()), format="pdf")
    )
    assert "toutes versions comprises" in refus.message
    assert brouillon.pieces.count() == 1


def test_nothing_is_kept_for_a_dossier_just_filed(db, coffre):
    dossier = amener(campagne().dossier("D1"), "depose")
    assert refus_de(lambda: donner(dossier)).code is Code.TRANSITION_INTERDITE
    assert fichiers(coffre) == []


def test_filed_between_the_check_and_the_door(db, coffre):
    """The page was read before: the door has the last word."""
    avant = campagne().dossier("D1")
    amener(avant, "depose")
    assert refus_de(lambda: donner(avant)).code is Code.TRANSITION_INTERDITE
    assert not PieceFournie.objects.exclude(format="").exists()


def test_two_at_the_same_instant_are_two_versions(base_jetable, coffre, en_parallele):
    dossier = campagne(dossiers=[{"pieces": []}]).dossier("D1")
    issues = en_parallele(*[lambda t=t: donner(dossier, contenu=pdf(t)) for t in ("un", "deux", "trois", "trois")])
    assert all(isinstance(une, PieceFournie) for une in issues), issues
    assert dossier.pieces.count() == 4
    assert len(fichiers(coffre)) == 3


@pytest.mark.parametrize(
    ("octets", "ecrit"), [(450, "450 octets"), (12_400, "12 Ko"), (20 * 2**20, "20 Mo"), (1_600_000, "1,5 Mo")]
)
def test_a_weight_is_read_as_in_a_file_manager(octets, ecrit):
    assert en_octets(octets).replace("\u00a0", " ") == ecrit


# Forms in place of documents.


def repondre(dossier, section, og, **valeurs):
    par = campagne_porteur(dossier)
    valeurs = {f"{og}.{nom}": valeur for nom, valeur in valeurs.items()}
    return saisir(dossier, par, section=section, valeurs=valeurs, vues=dict.fromkeys(valeurs, ""))


DIAGNOSTIC = {
    "dui": "partiel", "postes": "12", "mobiles": "3", "reseau": "fibre", "mssante": "oui", "ins": "non",
    "referent": "oui", "sauvegardes": "non", "securite": "ecrite", "dui_nom": "=Titan",
}  # fmt: skip


@pytest.fixture
def deux_og(db, coffre):
    return campagne(dossiers=[{"pieces": [], "essms": 16, "og": 2}]).dossier("D1")


def ogs(dossier):
    return [og.finess for og in facts(dossier).ogs]


def etat(dossier, section=Section.AUTODIAGNOSTIC):
    return review(dossier, section, facts(dossier), read_section(dossier, section))


def test_a_form_is_joined_when_every_og_has_answered(deux_og):
    un, deux = ogs(deux_og)
    repondre(deux_og, Section.AUTODIAGNOSTIC, un, **DIAGNOSTIC)
    assert [len(partie.manques) for partie in etat(deux_og).parties] == [0, 9]
    refus = refus_de(lambda: join(deux_og, campagne_porteur(deux_og), Section.AUTODIAGNOSTIC))
    assert "9 à donner" in refus.message
    repondre(deux_og, Section.AUTODIAGNOSTIC, deux, **DIAGNOSTIC)
    piece = join(deux_og, campagne_porteur(deux_og), Section.AUTODIAGNOSTIC)
    assert (piece.code, piece.format, piece.empreinte) == ("autodiagnostic_si", "json", etat(deux_og).empreinte)
    assert "autodiagnostic_si" not in {manquante.code for manquante in missing_documents(deux_og)}
    with read(piece) as contenu:
        brut = contenu.read()
    assert hashlib.sha256(brut).hexdigest() == piece.empreinte
    assert brut == json.dumps(json.loads(brut), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    lu = load(piece, brut)
    assert [og["finess"] for og in lu["organismes"]] == [un, deux]
    assert {r["champ"]: r["valeur"] for r in lu["organismes"][0]["reponses"]}["postes"] == 12


def test_joining_twice_the_same_answers_is_joining_once(deux_og):
    for og in ogs(deux_og):
        repondre(deux_og, Section.AUTODIAGNOSTIC, og, **DIAGNOSTIC)
    un, deux = (join(deux_og, campagne_porteur(deux_og), Section.AUTODIAGNOSTIC) for _ in range(2))
    assert un.pk == deux.pk
    assert deux_og.pieces.count() == 1


def test_answers_changed_since_leave_the_joined_version_the_document(deux_og):
    for og in ogs(deux_og):
        repondre(deux_og, Section.AUTODIAGNOSTIC, og, **DIAGNOSTIC)
    piece = join(deux_og, campagne_porteur(deux_og), Section.AUTODIAGNOSTIC)
    par, champ = campagne_porteur(deux_og), f"{ogs(deux_og)[0]}.postes"
    saisir(deux_og, par, section=Section.AUTODIAGNOSTIC, valeurs={champ: "13"}, vues={champ: "12"})
    assert etat(deux_og).empreinte != piece.empreinte
    assert "autodiagnostic_si" not in {manquante.code for manquante in missing_documents(deux_og)}
    assert join(deux_og, par, Section.AUTODIAGNOSTIC).pk != piece.pk
    assert deux_og.pieces.count() == 2


def test_a_form_asked_of_small_ogs_only_asks_no_big_one(deux_og):
    assert len(etat(deux_og, Section.EQUIPEMENT).parties) == 2
    grand = campagne(code="OCC-2023", dossiers=[{"pieces": [], "essms": 16, "og": 1}]).dossier("D1")
    assert etat(grand, Section.EQUIPEMENT).parties == []
    assert "aucun organisme" in refus_de(lambda: join(grand, campagne_porteur(grand), Section.EQUIPEMENT)).message


def test_the_csv_runs_no_formula(deux_og):
    for og in ogs(deux_og):
        repondre(deux_og, Section.AUTODIAGNOSTIC, og, **DIAGNOSTIC)
    texte = as_csv(json.loads(etat(deux_og).contenu))
    assert ";'=Titan\r\n" in texte
    assert ";Oui\r\n" in texte


def test_two_ways_to_type_the_same_answers_are_one_document(deux_og):
    """What is hashed are the answers in the order of the form: not who typed what first, nor when."""
    for og in reversed(ogs(deux_og)):
        repondre(deux_og, Section.AUTODIAGNOSTIC, og, **dict(reversed(DIAGNOSTIC.items())))
    avant = etat(deux_og).empreinte
    saisie = read_section(deux_og, Section.AUTODIAGNOSTIC)
    saisie.champs = {nom: un | {"par": "?", "le": ""} for nom, un in sorted(saisie.champs.items())}
    assert review(deux_og, Section.AUTODIAGNOSTIC, facts(deux_og), saisie).empreinte == avant


# Where it is kept.


@pytest.fixture
def environnement(monkeypatch):
    def pose(**variables):
        for nom, valeur in variables.items():
            monkeypatch.setenv(f"PIECES_S3_{nom}", valeur)

    return pose


def test_without_s3_documents_are_on_the_disc(tmp_path):
    assert stockage.documents(tmp_path) == stockage.on_disk(tmp_path)


def test_s3_is_configured_by_the_environment(environnement, settings, tmp_path):
    pytest.importorskip("storages")
    environnement(BUCKET="pieces", ENDPOINT="https://s3.example.org", REGION="fr-par", KEY="cle", SECRET="secret")
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.documents(tmp_path)}
    magasin = storages["pieces"]
    assert (magasin.bucket_name, magasin.endpoint_url, magasin.default_acl) == (
        "pieces",
        "https://s3.example.org",
        None,
    )
    assert magasin.bucket.meta.client.meta.endpoint_url == "https://s3.example.org"
    assert magasin.get_available_name("1/abc") == "1/abc"
    assert "X-Amz-Signature" in magasin.url("1/abc")


@pytest.mark.parametrize(
    "variables",
    [
        {"ENDPOINT": "https://s3.example.org"},
        {"BUCKET": "pieces", "KEY": "cle"},
        {"BUCKET": "pieces", "ENDPOINT": "http://s3.example.org"},
        {"BUCKET": "pieces", "ENDPOINT": "s3.example.org"},
    ],
)
def test_a_store_half_configured_is_refused(environnement, tmp_path, variables):
    environnement(**variables)
    with pytest.raises(env.VariableInvalide, match="PIECES_S3_"):
        stockage.documents(tmp_path)
