"""Internal notes: appended, chained, read by the agency alone, and telling whom they name."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.db import DatabaseError, transaction

from aap.models import Mention, Note
from aap.notes import TEXTE_MAX, colleagues, ecrire_note, named, plain, write
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from courriels.models import Courriel
from courriels.releve import collect
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import Campagne, amener, campagne, personne

pytestmark = pytest.mark.django_db
JOUR = date(2022, 4, 20)


@pytest.fixture
def camp() -> Campagne:
    return campagne()


@pytest.fixture
def dossier(camp: Campagne):
    return amener(camp.dossier("D1"), "en_recevabilite")


@pytest.fixture(autouse=True)
def ce_jour():
    with horloge.figer(horloge.ouverture(JOUR)):
        yield


def nommer(qui: Utilisateur, prenom: str, nom: str) -> Utilisateur:
    Utilisateur.objects.filter(pk=qui.pk).update(first_name=prenom, last_name=nom)
    return Utilisateur.objects.get(pk=qui.pk)


def test_a_note_is_chained_by_the_hash_of_its_text(dossier):
    note = write(dossier, personne("instructeur"), texte="Le RIB est douteux.", mentions=[], partagee=False)
    entree = Entree.objects.get(action="ecrire_note")
    assert (note.rang, note.partagee, note.auteur) == (1, False, personne("instructeur"))
    assert entree.donnees["texte"] == sha256(b"Le RIB est douteux.").hexdigest()
    assert (entree.vers, entree.chaine) == (None, dossier.cle)


def test_nothing_is_changed_or_removed_even_in_sql(dossier):
    collegue = personne("responsable")
    note = write(dossier, personne("instructeur"), texte="Vu.", mentions=[collegue.pk], partagee=False)
    for acte in (
        lambda: Note.objects.filter(pk=note.pk).update(texte="x"),
        lambda: Note.objects.filter(pk=note.pk)._raw_delete("default"),
        lambda: Mention.objects.filter(note=note).update(personne=personne("instructeur")),
        lambda: Mention.objects.filter(note=note)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="sans_modification"), transaction.atomic():
            acte()


@pytest.mark.parametrize(
    ("role", "region", "vues"),
    [
        ("instructeur", "76", ["interne", "partagée"]),
        ("responsable", "76", ["interne", "partagée"]),
        ("comptable", "76", ["interne", "partagée"]),
        ("conseiller_grades", "76", ["partagée"]),
        ("instructeur", "11", []),
        ("conseiller_grades", "11", []),
        ("porteur", None, []),
        ("auditeur", None, []),
        ("pilote_national", None, []),
        ("administrateur", None, []),
    ],
)
def test_who_reads_what(dossier, role: str, region: str | None, vues: list[str]):
    for rang, texte in enumerate(("interne", "partagée")):
        write(dossier, personne("instructeur"), texte=texte, mentions=[], partagee=bool(rang))
    lues = Note.objects.visible_to(personne(role, region), JOUR).order_by("rang")
    assert [note.texte for note in lues] == vues


def test_the_notes_of_a_national_call_are_read_by_its_own_agency():
    dossier = campagne(region=None, code="NAT", dossiers=[{"essms": 50}]).dossier("D1")
    write(dossier, personne("instructeur", None), texte="Vu.", mentions=[], partagee=False)
    assert Note.objects.visible_to(personne("responsable", None), JOUR).count() == 1
    assert Note.objects.visible_to(personne("instructeur", "76"), JOUR).count() == 0


@pytest.mark.parametrize("role", ["porteur", "conseiller_grades", "auditeur"])
def test_only_the_agency_writes(dossier, role: str):
    with pytest.raises(Refus) as refus:
        write(dossier, personne(role, None if role != "conseiller_grades" else "76"), texte="Moi.", mentions=[],
              partagee=True)  # fmt: skip
    assert refus.value.code is Code.ROLE_INTERDIT
    assert not Note.objects.exists()


def test_another_region_does_not_write(dossier):
    with pytest.raises(Refus) as refus:
        write(dossier, personne("instructeur", "11"), texte="Moi.", mentions=[], partagee=False)
    assert refus.value.code is Code.HORS_PERIMETRE


@pytest.mark.parametrize(("texte", "dit"), [(" \n ", "est vide"), ("é" * (TEXTE_MAX + 1), "10001 caractères")])
def test_a_text_that_cannot_be_kept_says_why(dossier, texte: str, dit: str):
    with pytest.raises(Refus, match=dit):
        write(dossier, personne("instructeur"), texte=texte, mentions=[], partagee=False)


def test_a_second_click_writes_nothing(dossier):
    auteur = personne("instructeur")
    write(dossier, auteur, texte="Vu.", mentions=[], partagee=False)
    with pytest.raises(Refus, match="rien à refaire"):
        write(dossier, auteur, texte="Vu.", mentions=[], partagee=False)
    with horloge.figer(horloge.maintenant() + timedelta(minutes=5)):
        assert write(dossier, auteur, texte="Vu.", mentions=[], partagee=False).rang == 2


# Mentions.


def test_people_are_named_in_the_text_and_in_the_list(dossier):
    anne = nommer(personne("responsable"), "Hélène", "de Rivière")
    paul = personne("comptable")
    note = write(dossier, personne("instructeur"), texte="@helene.de-riviere, le RIB ? claire@ars.fr a écrit.",
                 mentions=[paul.pk], partagee=False)  # fmt: skip
    assert {une.personne for une in note.mentions.all()} == {anne, paul}
    assert Entree.objects.get(action="ecrire_note").donnees["mentions"] == sorted([anne.pk, paul.pk])


@pytest.mark.parametrize("texte", ["Voir avec @anne.inconnue.", "@ANNE.INCONNUE"])
def test_a_name_nobody_has_is_refused(dossier, texte: str):
    with pytest.raises(Refus, match="personne de ce nom"):
        write(dossier, personne("instructeur"), texte=texte, mentions=[], partagee=False)


def test_a_name_two_people_have_is_refused(dossier):
    for qui in ("instructeur:b", "instructeur:c"):
        nommer(personne(qui), "Marie", "Martin")
    with pytest.raises(Refus, match="plusieurs personnes"):
        write(dossier, personne("instructeur"), texte="@marie.martin", mentions=[], partagee=False)


def test_nobody_is_named_who_may_not_read(dossier):
    auteur, conseillere = personne("instructeur"), personne("conseiller_grades")
    for qui in (personne("instructeur", "11"), personne("porteur"), personne("auditeur", None)):
        with pytest.raises(Refus, match="ne lit pas les notes"):
            ecrire_note(dossier, auteur, texte="Vu ?", mentions=[qui.pk])
    with pytest.raises(Refus, match="cochez «.Partager avec le GRADeS.»"):
        ecrire_note(dossier, auteur, texte="Vu ?", mentions=[conseillere.pk])
    assert ecrire_note(dossier, auteur, texte="Vu ?", mentions=[conseillere.pk], partagee=True).mentions.count() == 1


def test_who_left_is_no_longer_a_colleague(dossier):
    partie, fermee = personne("instructeur:b"), personne("instructeur:c")
    assert {partie, fermee} <= {un.personne for un in colleagues(dossier, JOUR)}
    Affectation.objects.filter(utilisateur=partie).update(au=JOUR - timedelta(days=1))
    Utilisateur.objects.filter(pk=fermee.pk).update(is_active=False)
    assert not {partie, fermee} & {un.personne for un in colleagues(dossier, JOUR)}


def test_an_address_and_a_full_stop_name_nobody():
    assert named("Écrire à anne.durand@ars.fr, ou @anne : tout va bien.", []) == []
    assert plain("Hélène.de Rivière") == "helene.de-riviere"


def test_whoever_is_named_gets_an_e_mail_and_nobody_else(dossier):
    nommee = personne("responsable")
    collect()
    avant = set(Courriel.objects.values_list("pk", flat=True))
    write(dossier, personne("instructeur"), texte="Un secret.", mentions=[nommee.pk], partagee=False)
    collect()
    courriel = Courriel.objects.exclude(pk__in=avant).get()
    assert (courriel.destinataire, courriel.nature) == (nommee, "action")
    assert "vous mentionne dans une note interne" in courriel.sujet
    assert "Un secret" not in courriel.texte + courriel.html


def test_whoever_lost_the_right_to_read_is_not_told(dossier):
    nommee = personne("responsable")
    write(dossier, personne("instructeur"), texte="Vu ?", mentions=[nommee.pk], partagee=False)
    Affectation.objects.filter(utilisateur=nommee, role=Role.RESPONSABLE).update(au=JOUR - timedelta(days=1))
    collect()
    assert not Courriel.objects.filter(destinataire=nommee, sujet__contains="mentionne").exists()
