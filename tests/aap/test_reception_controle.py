"""What the register, the call and the scale say of a record."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.models import Fenetre
from aap.reception.montants import check_expenses
from aap.reception.noms import agree
from aap.reception.schema import Depense
from grappes.finess import with_key
from grappes.models import Essms
from moteur import horloge
from moteur.argent import euros
from tests.aap.envois import AIDE, AUTRE_OG, JOUR, OG, abime, dossier, fautes, importer, issues, nom, numero, ouvrir

# Names.


@pytest.mark.parametrize(
    ("dit", "officiel"),
    [
        ("Résidence Les Tilleuls", "EHPAD RES LES TILLEULS"),
        ("EHPAD Les Tileuls", "RESIDENCE LES TILLEULS"),
        ("Maison de retraite Sainte-Marie", "MAIS RET STE MARIE"),
        ("E.H.P.A.D. Bellevue", "BELLEVUE"),
        ("SSIAD ADMR de la Vallée", "SSIAD VALLEE ADMR"),
        ("EHPAD du Parc", "EHPAD LE PARC DE LA GARENNE"),
        ("EHPAD n° 3", "EHPAD n° 3"),
        ("EHPAD", "RESIDENCE LES LILAS"),
        ("", "RESIDENCE LES LILAS"),
        ("Les Lilas", ""),
    ],
)
def test_near_names_agree(dit: str, officiel: str) -> None:
    assert agree(dit, officiel)
    assert agree(officiel, dit)


@pytest.mark.parametrize(
    ("dit", "officiel"),
    [
        ("EHPAD Les Lilas", "EHPAD LES ROSES"),
        ("EHPAD n° 3", "EHPAD n° 12"),
        ("Résidence Marie Rose", "RESIDENCE MARIE ANNE"),
        ("IME Saint-Jean", "IME ST PIERRE"),
        ("Foyer Clair Soleil", "FAM CLAIR LOGIS"),
        ("Les Lilas", "LES LIANES"),
    ],
)
def test_far_names_do_not(dit: str, officiel: str) -> None:
    assert not agree(dit, officiel)
    assert not agree(officiel, dit)


def test_any_official_name_will_do() -> None:
    assert agree("Résidence Les Lilas", "EHPAD ROSES", "Résidence Les Lilas de Toulouse")


# Amounts.


@pytest.mark.parametrize(
    ("ht", "taux", "ttc", "champ", "phrase"),
    [
        ("1200.12", "20", "1200.12", "montant_ht", "semble TTC"),
        ("1000.10", "20", "1200.00", "montant_ttc", "centimes arrondis"),
        ("1000.10", "20", "1201.00", "montant_ttc", "centimes arrondis"),
        ("1200.12", "20", "1000.10", "montant_ht", "inversés"),
        ("1000.00", "20", "1055.00", "montant_ttc", "font 1 200,00 € TTC"),
        ("1000.00", "0", "1200.00", "montant_ttc", "font 1 000,00 € TTC"),
    ],
)
def test_a_line_that_does_not_add_up_says_which_slip(ht: str, taux: str, ttc: str, champ: str, phrase: str) -> None:
    ligne = Depense(poste="autre", montant_ht=Decimal(ht), taux_tva=Decimal(taux), montant_ttc=Decimal(ttc))
    [faute] = check_expenses([ligne])
    assert faute.chemin == f"depenses[0].{champ}"
    assert phrase in faute.message.replace("\u202f", " ").replace("\u00a0", " ")


@given(st.decimals(0, 1_000_000, places=2), st.sampled_from(["0", "2.1", "5.5", "8.5", "10", "20"]))
def test_a_line_that_adds_up_to_the_cent_is_right_and_a_cent_more_is_not(ht: Decimal, taux: str) -> None:
    ttc = euros(ht * (100 + Decimal(taux)) / 100)
    juste = Depense(poste="autre", montant_ht=ht, taux_tva=Decimal(taux), montant_ttc=ttc)
    assert list(check_expenses([juste])) == []
    assert len(list(check_expenses([juste.model_copy(update={"montant_ttc": ttc + Decimal("0.01")})]))) == 1


# The rest is judged against the database.


@pytest.fixture
def registre(db: None) -> Iterator[None]:
    with horloge.figer(JOUR):
        ouvrir()
        yield


def told(recu: dict[str, Any]) -> dict[str, str]:
    """Where → why, ordinary spaces; nothing was written."""
    bilan = importer(recu)
    return {ou: message.replace("\u00a0", " ").replace("\u202f", " ") for ou, message in fautes(bilan).items()}


@pytest.mark.parametrize(
    ("demandee", "phrase"),
    [
        ("268750.00", "divisé par 1,20"),
        ("387000.00", "multiplié par 1,20"),
        ("344000.00", "l'aide de 16 ESSMS"),
        ("301000.00", "l'aide de 14 ESSMS"),
        ("322499.00", "centimes"),
        ("5.00", "retirez ce montant"),
    ],
)
def test_an_aid_that_is_not_the_one_of_the_scale_is_told_with_its_lines(
    registre: None, demandee: str, phrase: str
) -> None:
    if phrase == "centimes":  # an aid with cents: shares of hours
        heures = {"finess_et": numero(0), "heures_eligibles": 1, "heures_totales": 3}
        recu = abime(dossier(aide_demandee="308167.00"), "grappe.essms.0", heures)
        assert "308 166,66 €" in told(recu)["aide_demandee"]
    else:
        recu = dossier(aide_demandee=demandee)
        assert "usage 15 × 7 000,00 € ; logiciel 15 × 14 500,00 €" in told(recu)["aide_demandee"]
    assert phrase in told(recu)["aide_demandee"]


def test_the_right_aid_and_no_aid_pass(registre: None) -> None:
    assert issues(importer(dossier(aide_demandee=AIDE), dossier("A-2", aide_demandee=None))) == ["importe"] * 2


def test_an_unknown_call_lists_those_that_are_open(registre: None) -> None:
    assert told(dossier(aap="OCC-2032"))["aap"] == (
        "l'appel à projets « OCC-2032 » n'existe pas ; ouverts aujourd'hui : OCC-2022"
    )
    Fenetre.objects.update(close_le=date(2022, 3, 31))
    assert "ouverts aujourd'hui : aucun" in told(dossier(aap="OCC-2032"))["aap"]


def test_a_closed_window_is_a_warning(registre: None) -> None:
    Fenetre.objects.update(close_le=date(2022, 3, 31))
    bilan = importer(dossier())
    assert issues(bilan) == ["importe"]
    assert "aucune fenêtre" in bilan.jugements[0].avertissements[0]


@pytest.mark.parametrize(
    ("donne", "phrase"),
    [
        (with_key("31999999"), "aucun ESSMS"),
        ("310001009", "sa clé est fausse"),
        (OG, "numéro juridique"),
        (numero(1), "déjà plus haut"),
    ],
    ids=["unknown", "key", "legal", "twice"],
)
def test_a_number_that_is_no_essms_says_what_it_is(registre: None, donne: str, phrase: str) -> None:
    rang = 2
    trouvees = told(abime(dossier(), f"grappe.essms.{rang}", {"finess_et": donne}))
    assert list(trouvees) == [f"grappe.essms[{rang}].finess_et"]
    assert phrase in trouvees[f"grappe.essms[{rang}].finess_et"]


def test_a_closed_essms_is_refused_from_the_day_it_closed(registre: None) -> None:
    Essms.objects.filter(finess=numero(0)).update(ferme_le=date(2022, 4, 2))
    assert told(dossier()) == {}
    Essms.objects.filter(finess=numero(0)).update(ferme_le=date(2022, 4, 1))
    assert "fermé depuis le 1er avril 2022" in told(dossier("A-2"))["grappe.essms[0].finess_et"]


def test_a_name_that_is_another_ones_is_refused_with_the_registers(registre: None) -> None:
    trouvees = told(abime(dossier(), "grappe.essms.0.nom", nom(1)))
    assert trouvees == {
        "grappe.essms[0].nom": f"le registre nomme {numero(0)} « EHPAD Les Lilas », le fichier dit "
        "« EHPAD Les Roses » : corrigez le numéro, ou le nom"
    }
    assert "Jardins de Garonne" in told(abime(dossier(), "porteur.nom", "Croix-Rouge"))["porteur.nom"]


def test_the_og_is_known_by_its_legal_number(registre: None) -> None:
    inconnu = told(dossier(porteur={"finess_ej": with_key("31000009")}))
    assert "aucun organisme" in inconnu["porteur.finess_ej"]
    confondu = told(dossier(porteur={"finess_ej": numero(0)}))
    assert (
        f"numéro géographique de « EHPAD Les Lilas » : donnez le numéro juridique de son organisme, {OG}"
        in (confondu["porteur.finess_ej"])
    )


def test_an_og_may_carry_without_bringing(registre: None) -> None:
    bilan = importer(dossier(porteur={"finess_ej": AUTRE_OG}))
    assert issues(bilan) == ["importe"]
    assert "sans y apporter d'ESSMS" in bilan.jugements[0].avertissements[0]


@pytest.mark.parametrize(
    ("heures", "ou"),
    [
        ({"heures_eligibles": 10}, "heures_totales"),
        ({"heures_totales": 10}, "heures_eligibles"),
        ({"heures_eligibles": 11, "heures_totales": 10}, "heures_eligibles"),
        ({"heures_eligibles": 0, "heures_totales": 0}, "heures_totales"),
    ],
)
def test_hours_that_do_not_hold_together(registre: None, heures: dict[str, int], ou: str) -> None:
    recu = dossier(aide_demandee=None)
    recu["grappe"]["essms"][4] |= heures
    assert list(told(recu)) == [f"grappe.essms[4].{ou}"]


def test_dates_follow_one_another(registre: None) -> None:
    assert "n'est pas encore venu" in told(dossier(recu_le="2022-04-02"))["recu_le"]
    assert told(dossier("A-2", recu_le="2022-04-01")) == {}
    assert "avant de commencer" in told(dossier(debut_prevu="2023-02-01", fin_prevue="2023-01-31"))["fin_prevue"]


def test_an_unknown_document_lists_those_of_the_rule_set(registre: None) -> None:
    trouvees = told(dossier(pieces=[{"code": "rib"}, {"code": "devis"}]))
    assert list(trouvees) == ["pieces[1].code"]
    assert "lettre_engagement" in trouvees["pieces[1].code"]


def test_all_the_faults_of_a_record_are_told_at_once(registre: None) -> None:
    recu = dossier(recu_le="2023-01-01", aide_demandee="1.00", pieces=[{"code": "devis"}])
    recu["depenses"][0]["montant_ht"] = recu["depenses"][0]["montant_ttc"]
    recu["grappe"]["essms"][0]["nom"] = nom(5)
    assert set(told(recu)) == {
        "recu_le", "aide_demandee", "pieces[0].code", "depenses[0].montant_ht", "grappe.essms[0].nom",
    }  # fmt: skip
