"""The journal proves itself: its formula computed again from the documentation, and every way of tampering found."""

import hashlib
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aap.models import Dossier, Recu
from moteur import horloge, journal
from moteur.journal import Anomalie
from moteur.machine import Passage
from moteur.models import ORIGINE, Entree, Sceau
from tests.fabriques import agir, campagne, personne
from tests.moteur.sql import sql, tampering

ECHAPPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
TEXTES = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), st.sampled_from("\"'\\/é€𝄞\n\t\x01\x7f")
    ),
    max_size=30,
)
DONNEES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), TEXTES),
    lambda fils: st.one_of(st.lists(fils, max_size=4), st.dictionaries(TEXTES, fils, max_size=4)),
    max_leaves=12,
)


def jsonb(valeur: Any) -> str:
    """How PostgreSQL writes that value as jsonb: the keys by length then bytes, one space after : and ,."""
    if isinstance(valeur, bool) or valeur is None:
        return {True: "true", False: "false", None: "null"}[valeur]
    if isinstance(valeur, int):
        return str(valeur)
    if isinstance(valeur, str):
        return '"' + "".join(_escaped(c) for c in valeur) + '"'
    if isinstance(valeur, list):
        return f"[{', '.join(map(jsonb, valeur))}]"
    cles = sorted(valeur, key=lambda cle: (len(cle.encode()), cle.encode()))
    return "{" + ", ".join(f"{jsonb(cle)}: {jsonb(valeur[cle])}" for cle in cles) + "}"


def _escaped(caractere: str) -> str:
    if caractere in ECHAPPES:
        return ECHAPPES[caractere]
    return f"\\u{ord(caractere):04x}" if ord(caractere) < 32 else caractere


def expected_hash(entree: Entree, donnees: Any) -> str:
    """The documented formula, from the values given to the journal."""
    le, enregistre_le = (
        instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z" for instant in (entree.le, entree.enregistre_le)
    )
    champs = [
        entree.chaine, entree.rang, le, enregistre_le, entree.par_id, entree.role, entree.objet, entree.action,
        entree.de, entree.vers, donnees, entree.precedent,
    ]  # fmt: skip
    return hashlib.sha256(jsonb(champs).encode()).hexdigest()


@pytest.mark.django_db
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    donnees=st.dictionaries(TEXTES, DONNEES, max_size=4),
    action=TEXTES.filter(bool),
    microsecondes=st.integers(0, 10**15),
    etats=st.tuples(st.none() | TEXTES, st.none() | TEXTES),
)
@example(
    donnees={'"': "'; DROP TABLE x; --", "é\n": {"b": [], "a": {}, "aa": None}},
    action="é",
    microsecondes=1,
    etats=("", None),
)
def test_formula(
    donnees: dict[str, Any], action: str, microsecondes: int, etats: tuple[str | None, str | None]
) -> None:
    le = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microsecondes)
    auteur = personne("instructeur")
    avant = Entree.objects.filter(chaine="essai:1").order_by("-rang").first()
    passage = Passage(par=auteur, role="instructeur", le=le, donnees=donnees)
    journal.append_to("essai:1", "essai:1", action, passage, de=etats[0], vers=etats[1])
    entree = Entree.objects.filter(chaine="essai:1").latest("rang")
    assert entree.empreinte == expected_hash(entree, donnees)
    assert entree.precedent == (avant.empreinte if avant else ORIGINE)
    assert entree.rang == (avant.rang + 1 if avant else 1)
    assert list(journal.verify(["essai:1"])) == []


def found() -> list[Anomalie]:
    return [*journal.verify(), *journal.verify_seals(), *journal.verify_states()]


def chain(dossier: Dossier) -> list[Entree]:
    return list(Entree.objects.filter(chaine=dossier.chaine).order_by("rang"))


def test_intact(monde: dict[str, Dossier]) -> None:
    assert found() == []
    assert Sceau.objects.count() == 1


@pytest.mark.parametrize(
    ("colonne", "valeur"),
    [
        ("donnees", """jsonb_set(donnees, '{motif}', '"Essai!"')"""),
        ("donnees", "donnees || '{\"ajout\": 1}'"),
        ("le", "le + interval '1 microsecond'"),
        ("enregistre_le", "enregistre_le - interval '1 day'"),
        ("par_id", "(SELECT max(id) FROM comptes_utilisateur)"),
        ("par_id", "NULL"),
        ("role", "'comptable'"),
        ("objet", "objet || '0'"),
        ("action", "upper(action)"),
        ("de", "'solde'"),
        ("vers", "'clos'"),
        ("vers", "NULL"),
        ("empreinte", "overlay(empreinte placing 'x' from 64)"),
        ("precedent", "overlay(precedent placing 'x' from 1)"),
    ],
)
def test_one_byte_changed(monde: dict[str, Dossier], colonne: str, valeur: str) -> None:
    """Row 3 of the chain; `verify` says which row, and only the first break of that chain."""
    victime = next(e for e in chain(monde["D1"]) if e.rang == 3)
    with tampering(Entree):
        assert sql(f"UPDATE moteur_entree SET {colonne} = {valeur} WHERE id = %s", [victime.pk]) == 1
    anomalies = list(journal.verify())
    assert [(a.chaine, a.rang) for a in anomalies] == [(monde["D1"].chaine, 3)]
    assert len(anomalies[0].raison) > 20


def test_row_rewritten_with_its_own_hash_breaks_the_next(monde: dict[str, Dossier]) -> None:
    """Whoever recomputes the hash of a row must rewrite all that follows, and then the seal tells."""
    victime = next(e for e in chain(monde["D1"]) if e.rang == 3)
    victime.action = "autre"
    with tampering(Entree):
        sql(
            "UPDATE moteur_entree SET action = 'autre', empreinte = %s WHERE id = %s",
            [expected_hash(victime, victime.donnees), victime.pk],
        )
    assert [(a.chaine, a.rang) for a in journal.verify()] == [(monde["D1"].chaine, 4)]


def test_whole_chain_recomputed_is_caught_by_the_seal(monde: dict[str, Dossier]) -> None:
    entrees = chain(monde["D1"])
    precedent = entrees[2].precedent
    with tampering(Entree):
        for entree in entrees[2:]:
            entree.precedent, entree.role = precedent, "comptable"
            precedent = expected_hash(entree, entree.donnees)
            sql(
                "UPDATE moteur_entree SET role = %s, precedent = %s, empreinte = %s WHERE id = %s",
                [entree.role, entree.precedent, precedent, entree.pk],
            )
    assert list(journal.verify()) == []
    assert [(a.chaine, a.rang) for a in journal.verify_seals()] == [(monde["D1"].chaine, len(entrees))]


def test_row_removed_in_the_middle(monde: dict[str, Dossier]) -> None:
    with tampering(Entree):
        sql("DELETE FROM moteur_entree WHERE chaine = %s AND rang = 3", [monde["D1"].chaine])
    (anomalie,) = journal.verify()
    assert (anomalie.chaine, anomalie.rang) == (monde["D1"].chaine, 4)
    assert "n° 3" in anomalie.raison


def test_row_moved_to_another_chain(monde: dict[str, Dossier]) -> None:
    with tampering(Entree):
        sql("UPDATE moteur_entree SET chaine = 'dossier:9999' WHERE chaine = %s", [monde["D1"].chaine])
    assert {a.chaine for a in journal.verify()} == {"dossier:9999"}
    assert {a.chaine for a in journal.verify_seals()} == {monde["D1"].chaine}


def test_last_row_removed(monde: dict[str, Dossier]) -> None:
    """The chain alone holds; the seal knows how far it went."""
    derniere = chain(monde["D1"])[-1]
    with tampering(Entree):
        sql("DELETE FROM moteur_entree WHERE id = %s", [derniere.pk])
    assert list(journal.verify()) == []
    assert [(a.chaine, a.rang) for a in journal.verify_seals()] == [(monde["D1"].chaine, derniere.rang)]


def test_whole_chain_removed(monde: dict[str, Dossier]) -> None:
    rang = len(chain(monde["D1"]))
    with tampering(Entree, Recu):
        sql("DELETE FROM aap_recu WHERE dossier_id = %s", [monde["D1"].pk])
        sql("UPDATE grappes_membre SET retenu_par_id = NULL WHERE grappe_id = %s", [monde["D1"].grappe_id])
        sql("DELETE FROM moteur_entree WHERE chaine = %s", [monde["D1"].chaine])
    assert list(journal.verify()) == []
    assert (monde["D1"].chaine, rang) in [(a.chaine, a.rang) for a in journal.verify_seals()]
    assert any(a.chaine == monde["D1"].cle for a in journal.verify_states())


@pytest.mark.parametrize("ref", ["D1", "D3"])
def test_state_changed_without_the_journal(monde: dict[str, Dossier], ref: str) -> None:
    with tampering(Dossier):
        sql("UPDATE aap_dossier SET etat = 'abandonne', motif = 'x' WHERE id = %s", [monde[ref].pk])
    assert list(journal.verify()) == []
    (anomalie,) = journal.verify_states()
    assert anomalie.chaine == monde[ref].chaine
    assert "abandonne" in anomalie.raison


@pytest.mark.parametrize(
    "changement",
    [
        "le = le - interval '1 day'",
        'tetes = tetes || \'{"dossier:1": [1, "x"]}\'',
        "empreinte = repeat('0', 64)",
        "precedent = repeat('1', 64)",
    ],
)
def test_seal_changed(monde: dict[str, Dossier], changement: str) -> None:
    with tampering(Sceau):
        sql(f"UPDATE moteur_sceau SET {changement}")
    assert "sceaux" in {a.chaine for a in journal.verify_seals()}


def test_first_seal_removed(monde: dict[str, Dossier]) -> None:
    agir(monde["D3"], "deposer", "porteur", jour="2022-04-01")
    assert journal.seal() is not None
    with tampering(Sceau):
        sql("DELETE FROM moteur_sceau WHERE id = (SELECT min(id) FROM moteur_sceau)")
    assert [a.chaine for a in journal.verify_seals()] == ["sceaux"]


def test_seal_takes_what_moved_since_the_last_one(monde: dict[str, Dossier]) -> None:
    assert journal.seal() is None
    agir(monde["D3"], "deposer", "porteur", jour="2022-04-01")
    with horloge.figer(datetime(2022, 4, 2, tzinfo=UTC)):
        sceau = journal.seal()
    assert sceau is not None
    premier = Sceau.objects.earliest("pk")
    derniere = chain(monde["D3"])[-1]
    assert sceau.tetes == {monde["D3"].chaine: [derniere.rang, derniere.empreinte]}
    assert (sceau.precedent, sceau.le) == (premier.empreinte, datetime(2022, 4, 2, tzinfo=UTC))
    assert journal.seal() is None
    assert found() == []


def test_chains_grow_apart(monde: dict[str, Dossier]) -> None:
    """A dossier's chain holds its own life and that of its convention and payments; the envelope's, its call's."""
    objets = {entree.objet.split(":")[0] for entree in chain(monde["D2"])}
    assert objets == {"dossier", "convention", "versement", "declaration"}
    appel = monde["D2"].aap
    enveloppe = Entree.objects.filter(chaine=appel.enveloppe.cle)
    assert {entree.objet for entree in enveloppe} == {appel.enveloppe.cle, f"aap:{appel.pk}"}


def test_verification_streams(monde: dict[str, Dossier]) -> None:
    """Through a cursor of the server: at the first anomaly, most of the journal is still there."""
    with tampering(Entree):
        sql("UPDATE moteur_entree SET action = 'autre' WHERE rang = 1")
    lecture = journal.verify()
    next(lecture)
    with connection.cursor() as curseur:
        curseur.execute("SELECT count(*) FROM pg_cursors WHERE NOT is_holdable AND statement LIKE '%moteur_entree%'")
        assert curseur.fetchone() == (1,)


def test_memory_does_not_grow_with_the_journal(monde: dict[str, Dossier]) -> None:
    def peak(combien: int) -> int:
        with tampering(Entree):
            sql(
                "INSERT INTO moteur_entree"
                " (chaine, rang, le, role, objet, action, donnees, transaction, precedent, empreinte)"
                " SELECT 'masse', (SELECT count(*) FROM moteur_entree) + n, now(), '', 'masse:1', 'essai',"
                " jsonb_build_object('texte', repeat('x', 500)), 0, '', '' FROM generate_series(1, %s) n",
                [combien],
            )
        tracemalloc.start()
        assert len(list(journal.verify())) == 1
        sommet = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return sommet

    assert peak(9_000) < 1.3 * peak(3_000)


@pytest.mark.django_db
def test_two_dossiers_do_not_share_a_chain() -> None:
    camp = campagne(dossiers=2)
    for ref in ("D1", "D2"):
        agir(camp.dossier(ref), "deposer", "porteur", jour="2022-04-01")
    rangs = [[entree.rang for entree in chain(camp.dossier(ref))] for ref in ("D1", "D2")]
    assert rangs[0] == rangs[1] == list(range(1, len(rangs[0]) + 1))
