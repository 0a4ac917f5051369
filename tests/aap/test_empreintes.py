"""A fingerprint nobody computed is nowhere: imports, plays, receipts, the journal, and the rows of before."""

import hashlib
import importlib
from base64 import b64encode
from typing import Any

import pytest
from django.db import connection

from aap.models import Dossier, PieceFournie, Reception
from aap.reception.accueil import SANS_MD5, fingerprint
from aap.reception.schema import DossierRecu
from aap.recus import fingerprint as receipt_fingerprint
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.aap.envois import JOUR, Objet, dossier, importer, issues, ouvrir
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db
MD5 = hashlib.md5(b"contenu").hexdigest()


def received(*pieces: Objet) -> Dossier:
    """The draft of a record with these documents."""
    with horloge.figer(JOUR):
        ouvrir()
        assert issues(importer(dossier(pieces=list(pieces)))) == ["importe"]
    recu: Dossier = Dossier.objects.get()
    return recu


def again(*pieces: Objet, **autres: Any) -> list[str]:
    with horloge.figer(JOUR):
        return issues(importer(dossier(pieces=list(pieces), **autres)))


def test_a_record_without_fingerprint_gives_none() -> None:
    [piece] = received({"code": "rib"}).pieces.all()
    assert (piece.empreinte, piece.md5, piece.empreinte_annoncee) == ("", "", None)
    assert piece.mention == "empreinte SHA-256 non connue\u00a0: document annoncé, dont le contenu n'a pas été reçu ici"


def test_an_md5_is_kept_as_what_it_is() -> None:
    recu = received({"code": "rib", "md5": MD5}, {"code": "chiffrage", "md5": MD5, "empreinte": "a" * 64})
    chiffrage, rib = recu.pieces.all()
    assert (rib.empreinte, rib.md5, rib.empreinte_annoncee) == ("", MD5, ("MD5", MD5))
    assert rib.mention.startswith("empreinte SHA-256 non connue")
    assert (chiffrage.empreinte_annoncee, chiffrage.md5) == (("SHA-256", "a" * 64), MD5)
    assert chiffrage.mention == "document annoncé, dont le contenu n'a pas été reçu ici"
    assert "a" * 64 not in str(list(Entree.objects.filter(chaine=recu.chaine).values_list("donnees")))
    assert list(journal.verify()) == []


@pytest.mark.parametrize("faux", ["a" * 31, "A" * 32, b64encode(bytes(16)).decode()])
def test_what_is_no_md5_is_refused_where_it_is(faux: str) -> None:
    with horloge.figer(JOUR):
        ouvrir()
        bilan = importer(dossier(pieces=[{"code": "rib", "md5": faux}]))
    [faute] = bilan.jugements[0].fautes
    assert (faute.chemin, "32 caractères" in faute.message) == ("pieces[0].md5", True)


def test_a_file_replaced_at_the_source_is_one_more_version() -> None:
    recu = received({"code": "rib", "nom": "rib.pdf", "md5": MD5})
    assert again({"code": "rib", "nom": "rib.pdf", "md5": MD5}) == ["inchange"]
    assert again({"code": "rib", "nom": "rib.pdf", "md5": "b" * 32}) == ["modifie"]
    assert [piece.md5 for piece in recu.pieces.all()] == ["b" * 32, MD5]


def test_a_version_kept_before_md5s_is_the_same_record() -> None:
    """Filed or not, importing again what came before this field existed changes nothing."""
    recu = received({"code": "rib"})
    premiere = Reception.objects.get()
    ancien = premiere.contenu | {"pieces": [{"code": "rib", "nom": "", "empreinte": None, "taille": 0}]}
    Reception.objects.create(
        source=premiere.source, identifiant=premiere.identifiant, rang=2, dossier=recu, contenu=ancien,
        empreinte=fingerprint(DossierRecu.model_validate(ancien), SANS_MD5), par=premiere.par, le=premiere.le,
    )  # fmt: skip
    assert again({"code": "rib", "md5": MD5}) == ["inchange"]
    assert again({"code": "rib", "md5": MD5}, logiciel="Netvie") == ["modifie"]
    assert again({"code": "rib", "md5": "b" * 32}, logiciel="Netvie") == ["modifie"]


def test_a_play_makes_no_fingerprint_up_and_is_filed_all_the_same() -> None:
    depose = amener(campagne().dossier("D1"), "depose")
    assert set(depose.pieces.values_list("empreinte", "md5")) == {("", "")}
    dits = Entree.objects.filter(chaine=depose.chaine, action="fournir_piece").values_list("donnees__empreinte")
    assert set(dits) == {(None,)}


def test_a_receipt_holds_a_document_by_its_content_or_by_all_that_was_announced() -> None:
    brouillon = campagne(dossiers=[{"pieces": []}]).dossier("D1")

    def given(**donnees: Any) -> str:
        """The fingerprint of a receipt with that document alone; nothing stays."""
        [piece] = agir(brouillon, "fournir_piece", "porteur", jour="2022-04-01", code="rib", **donnees)
        dite = receipt_fingerprint(brouillon)
        with connection.cursor() as curseur:
            curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
            curseur.execute("ALTER TABLE aap_piecefournie DISABLE TRIGGER USER")
            PieceFournie.objects.filter(pk=piece.pk).delete()
            curseur.execute("ALTER TABLE aap_piecefournie ENABLE TRIGGER USER")
        return dite

    assert given(empreinte="a" * 64, nom="un.pdf") == given(empreinte="a" * 64, nom="deux.pdf", taille=3)
    assert len({given(), given(nom="un.pdf"), given(nom="un.pdf", taille=3), given(empreinte="a" * 64)}) == 4


def test_a_content_without_its_fingerprint_is_refused_by_the_database() -> None:
    brouillon = campagne(dossiers=[{"pieces": []}]).dossier("D1")
    with pytest.raises(Refus) as refus:
        agir(brouillon, "fournir_piece", "porteur", jour="2022-04-01", code="rib", format="pdf")
    assert (refus.value.code, "a son empreinte SHA-256" in refus.value.message) == (Code.DONNEES_INVALIDES, True)


def test_the_values_made_up_before_are_blanked_and_no_other() -> None:
    """What the migration does, and its way back."""
    recu = campagne(dossiers=[{"pieces": []}]).dossier("D1")
    inventee = hashlib.sha256(f"{recu.reference}/rib".encode()).hexdigest()
    PieceFournie.objects.bulk_create(
        PieceFournie(
            dossier=recu, code="rib", nom=nom, empreinte=empreinte, taille=0, format=format, par=personne("porteur"),
            fournie_le=JOUR,
        )
        for nom, empreinte, format in [("i", inventee, ""), ("d", "d" * 64, ""), ("r", inventee, "pdf")]
    )  # fmt: skip
    migration = importlib.import_module("aap.migrations.0012_empreintes_inconnues")
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        curseur.execute(migration.INVENTEES)
        apres = dict(recu.pieces.values_list("nom", "empreinte"))
        curseur.execute(migration.REINVENTER)
        retour = dict(recu.pieces.values_list("nom", "empreinte"))
    assert apres == {"i": "", "d": "d" * 64, "r": inventee}
    assert retour == {"i": inventee, "d": "d" * 64, "r": inventee}
    with pytest.raises(Exception, match="sans_modification"):
        PieceFournie.objects.update(empreinte="")
