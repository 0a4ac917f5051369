"""Typing a month together, the template and its round trip, the receipt's own rules."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aap.faits import FaitsEssms
from aap.models import Dossier
from comptes.models import Utilisateur
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import ATTEINTES, MOTIF, agir, amener, campagne, personne
from usages.calcul import COMPTES
from usages.chiffres import LIBELLES, incoherence, parse
from usages.colonnes import take, understand
from usages.lecture_fichier import read
from usages.modele import as_csv, as_xlsx
from usages.models import SaisieUsages
from usages.mois import length, months, period
from usages.recus import declare
from usages.saisie import CONTACT, Etude, saisir, study

MOIS = date(2023, 6, 1)
COORDONNEES = {"contact.nom": "Odile", "contact.courriel": "odile@exemple.fr", "contact.telephone": "0561000000"}


@pytest.fixture
def dossier(db: None) -> Any:
    with horloge.figer(horloge.ouverture(date(2023, 7, 5))):
        yield amener(campagne().dossier("D1"), "en_deploiement")


@pytest.fixture
def porteur(dossier: Dossier) -> Utilisateur:
    return dossier.dossieruserobjectpermission_set.get().user


def frais(dossier: Dossier) -> Dossier:
    trouve: Dossier = Dossier.objects.with_rules().get(pk=dossier.pk)
    return trouve


def write(dossier: Dossier, par: Utilisateur, mois: date = MOIS, **vues: str) -> Any:
    def ecrire(valeurs: dict[str, str]) -> Any:
        return saisir(dossier, par, mois=mois, valeurs=valeurs, vues={nom: vues.get(nom, "") for nom in valeurs})

    return ecrire


def complete(dossier: Dossier) -> dict[str, str]:
    lus = {f"{un.finess}.{compte}": str(ATTEINTES[compte]) for un in study(dossier, MOIS).essms for compte in COMPTES}
    return lus | COORDONNEES


def test_only_a_porteur_of_the_dossier_types(dossier: Dossier, porteur: Utilisateur) -> None:
    for qui, code in (("instructeur", Code.ROLE_INTERDIT), ("porteur:z", Code.HORS_PERIMETRE)):
        with pytest.raises(Refus) as refus:
            write(dossier, personne(qui))(COORDONNEES)
        assert refus.value.code is code
    assert not SaisieUsages.objects.exists()


def test_what_is_typed_is_not_in_the_journal(dossier: Dossier, porteur: Utilisateur) -> None:
    avant = Entree.objects.count()
    write(dossier, porteur)(COORDONNEES)
    assert Entree.objects.count() == avant
    assert SaisieUsages.objects.get().version == 1


@pytest.mark.parametrize("mois", [date(2022, 9, 1), date(2023, 8, 1), date(2023, 6, 2)])
def test_a_month_out_of_the_deployment(dossier: Dossier, porteur: Utilisateur, mois: date) -> None:
    with pytest.raises(Refus) as refus:
        write(dossier, porteur, mois)(COORDONNEES)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_a_dossier_handed_in_is_not_typed(dossier: Dossier, porteur: Utilisateur) -> None:
    agir(dossier, "declarer_usages", "porteur", mois="2023-06", mesures={"uniforme": ATTEINTES})
    agir(dossier, "prononcer_vsr", "porteur", le="2023-06-01")
    agir(dossier, "soumettre_usages", "porteur")
    with pytest.raises(Refus) as refus:
        write(dossier, porteur)(COORDONNEES)
    assert refus.value.code is Code.TRANSITION_INTERDITE


def test_a_draft_declared_otherwise_is_where_one_starts(dossier: Dossier, porteur: Utilisateur) -> None:
    agir(dossier, "declarer_usages", "porteur", mois="2023-06", mesures={"uniforme": ATTEINTES})
    etude = study(frais(dossier), MOIS)
    assert len(etude.complets) == 15
    assert not SaisieUsages.objects.exists()


def test_the_contact_follows_from_month_to_month(dossier: Dossier, porteur: Utilisateur) -> None:
    write(dossier, porteur, date(2023, 5, 1))(COORDONNEES)
    etude = study(dossier, MOIS)
    assert [etude.value(champ.nom) for champ in CONTACT] == list(COORDONNEES.values())


@pytest.mark.parametrize(
    ("champ", "valeur"), [("contact.courriel", "odile"), ("contact.telephone", "12"), ("contact.nom", "x" * 201)]
)
def test_a_contact_is_checked(dossier: Dossier, porteur: Utilisateur, champ: str, valeur: str) -> None:
    write(dossier, porteur)(COORDONNEES | {champ: valeur})
    assert champ in study(dossier, MOIS).fautes


def test_the_first_measure_covers_three_months(dossier: Dossier, porteur: Utilisateur) -> None:
    premiere = period(frais(dossier), MOIS)
    assert (premiere.du, premiere.au, premiere.duree) == (date(2023, 4, 1), date(2023, 6, 30), 3)
    agir(dossier, "declarer_usages", "porteur", mois="2023-05", mesures={"uniforme": ATTEINTES})
    assert length(frais(dossier), MOIS) == 1


def test_a_month_refused_is_due_again(dossier: Dossier, porteur: Utilisateur) -> None:
    agir(dossier, "declarer_usages", "porteur", mois="2023-06", mesures={"uniforme": ATTEINTES})
    agir(dossier, "prononcer_vsr", "porteur", le="2023-06-01")
    agir(dossier, "soumettre_usages", "porteur")
    juin = next(un for un in months(frais(dossier), date(2023, 7, 5)) if un.premier == MOIS)
    assert not juin.a_declarer
    agir(dossier, "refuser_usages", "instructeur", **MOTIF)
    juin = next(un for un in months(frais(dossier), date(2023, 7, 5)) if un.premier == MOIS)
    assert juin.a_declarer
    write(dossier, porteur)(complete(frais(dossier)) | {"mois.explication": "De nouveau."})
    recu = declare(frais(dossier), porteur, mois=MOIS, vue=study(frais(dossier), MOIS).empreinte)
    assert recu.declaration.etat == "brouillon"


def test_a_refusal_leaves_nothing_half_done(dossier: Dossier, porteur: Utilisateur) -> None:
    write(dossier, porteur)(complete(dossier))
    avant = Entree.objects.count()
    with pytest.raises(Refus):
        declare(dossier, porteur, mois=MOIS, vue="autre")
    assert Entree.objects.count() == avant


@pytest.mark.parametrize(
    ("texte", "nombre"), [("", None), (" ", None), ("0", 0), ("1 234", 1234), ("7\u202f000", 7000)]
)
def test_a_count_as_typed(texte: str, nombre: int | None) -> None:
    assert parse(texte) == nombre


@given(st.integers(0, 10_000_000))
def test_every_count_is_read_back(nombre: int) -> None:
    assert parse(str(nombre)) == nombre


def test_incoherent_counts_are_said_only_when_both_are_there() -> None:
    assert incoherence({"dossiers_actifs": 1, "dossiers_avec_evenement": 2})
    assert not incoherence({"dossiers_avec_evenement": 2})
    assert not incoherence({"dossiers_actifs": 2, "dossiers_avec_projet": 2})


NOMS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.fixed_dictionaries({nom: st.integers(0, 10_000) for nom in COMPTES}), min_size=1, max_size=6),
    st.lists(
        NOMS | st.sampled_from(["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "a;b", 'x"y']), min_size=6, max_size=6
    ),
)
def test_the_template_is_read_back_as_it_was_written(chiffres: list[dict[str, int]], noms: list[str]) -> None:
    """Whatever the names, by both formats: each ESSMS finds its figures again."""
    for lus in chiffres:
        lus["dossiers_actifs"] = max(
            lus["dossiers_actifs"], lus["dossiers_avec_projet"], lus["dossiers_avec_evenement"]
        )
    attendus = {f"01000{rang:04d}": lus for rang, lus in enumerate(chiffres)}
    etude = Etude(
        dossier=Dossier(), mois=MOIS, saisie=SaisieUsages(), chiffres=attendus, fautes={}, manques=[], signalements=[],
        essms=tuple(
            FaitsEssms(finess=finess, nom=nom, categorie="500", departement="01", region="84", og="010000010")
            for finess, nom in zip(attendus, noms, strict=False)
        ),
    )  # fmt: skip
    for nom, contenu in (("m.xlsx", as_xlsx(etude)), ("m.csv", as_csv(etude).encode())):
        tableau = read(nom, BytesIO(contenu))
        assert tableau.lignes[0] == ["FINESS", "Établissement", *LIBELLES.values()]
        reprise = take(understand(tableau, {}), attendus)
        assert reprise.rejets == []
        assert {finess: {c: int(t) for c, t in lus.items()} for finess, lus in reprise.chiffres.items()} == attendus
    assert not any(cellule.startswith(("=", "+", "-", "@")) for ligne in tableau.lignes for cellule in ligne)
