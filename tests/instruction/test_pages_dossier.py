"""The page of one dossier: the answer, the money, the proofs and the whole history."""

import re
from pathlib import Path

import dsfr
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aap.bareme import POSTES
from aap.eligibilite import REGLES
from aap.models import Dossier, Etat
from aap.services import publish
from aap.titres import TITRES
from comptes.roles import Role
from conventions.models import EtatVersement
from instruction import historique, libelles, recit
from moteur import journal
from moteur.models import Entree
from moteur.porte import actes, aretes_par_nom
from tests.instruction import campagne
from usages.calcul import COMPTES

pytestmark = pytest.mark.django_db
REQUETES = 12


@pytest.fixture
def auditeur(campagne_jouee: dict[str, int], client: Client) -> Client:
    client.force_login(campagne.person("auditeur", Role.AUDITEUR))
    return client


@pytest.mark.parametrize("nom", campagne.ARRETS)
def test_every_state_has_its_page_in_few_queries(nom: str, auditeur: Client, campagne_jouee: dict[str, int]):
    adresse = f"/dossiers/{campagne_jouee[nom]}/"
    auditeur.get(adresse)  # the rule set and the départements are read once per process
    with CaptureQueriesContext(connection) as requetes:
        reponse = auditeur.get(adresse)
    assert reponse.status_code == 200
    assert len(requetes) <= REQUETES, [requete["sql"][:90] for requete in requetes]


def test_money_is_a_sentence(auditeur: Client, campagne_jouee: dict[str, int]):
    assert re.search(
        r"344 000,00 € : 172 000,00 € versés le \d.+ \d{4} et 172 000,00 € versés le \d.+ \d{4}\.",
        _page(auditeur, campagne_jouee["clos"]),
    )
    assert re.search(
        r"172 000,00 € à l'atteinte des cibles, au plus tard le \d", _page(auditeur, campagne_jouee["en_deploiement"])
    )
    assert "Aide estimée à 344 000,00 €." in _page(auditeur, campagne_jouee["depose"])
    assert "344 000,00 € accordés." in _page(auditeur, campagne_jouee["notifie"])


def test_money_says_when_there_is_none_or_it_comes_back(auditeur: Client, campagne_jouee: dict[str, int]):
    for nom in ("abandonne_selectionne", "irrecevable"):
        texte = _page(auditeur, campagne_jouee[nom])
        assert "Aucune aide ne sera versée" in texte
        assert "Calcul de l'aide" not in texte
    assert "Reversement de 172 000,00 € : émis." in _page(auditeur, campagne_jouee["en_reversement"])


def test_what_changed_since_the_filing_is_told_only_when_something_did(
    auditeur: Client, campagne_jouee: dict[str, int]
):
    dossier = Dossier.objects.get(pk=campagne_jouee["en_deploiement"])
    assert "Depuis le dépôt" not in _page(auditeur, dossier.pk)
    essms = dossier.grappe.membres.select_related("essms")[0].essms
    assert dossier.depose_le is not None
    essms.ferme_le = dossier.depose_le.date()
    essms.save(update_fields=["ferme_le"])
    texte = _page(auditeur, dossier.pk)
    assert "Depuis le dépôt" in texte
    assert f"{essms.finess} « {essms.nom} » a fermé le " in texte


def test_targets_show_their_formula(auditeur: Client, campagne_jouee: dict[str, int]):
    texte = _page(auditeur, campagne_jouee["en_verification"])
    assert "1 120 messages ÷ 1 600 personnes accompagnées = 70,00 % ≥ 70 % ✔" in texte
    assert "cible à confirmer" in texte


def test_waived_rule_shows_what_was_found_and_why(auditeur: Client, campagne_jouee: dict[str, int]):
    texte = _page(auditeur, campagne_jouee["derogation"])
    assert "Constaté : 14 ESSMS · attendu : au moins 15 ESSMS" in texte
    assert f"Motif de la dérogation : « {campagne.DEROGATION} »" in texte
    assert "9 règles satisfaites sur 10, 1 levée par dérogation." in texte


def test_first_line_says_whose_turn_by_when(auditeur: Client, campagne_jouee: dict[str, int]):
    texte = _page(auditeur, campagne_jouee["a_completer"])
    assert "Au porteur de jouer : compléter." in texte
    assert re.search(r"Reste 23 jours : au plus tard le \d", texte)
    assert "Motif de la dernière décision : « RIB illisible. »" in texte
    assert "En retard de" in _page(auditeur, campagne_jouee["en_retard"])


def test_history_is_the_journal_latest_first(auditeur: Client, campagne_jouee: dict[str, int]):
    dossier = Dossier.objects.get(pk=campagne_jouee["clos"])
    entrees = list(Entree.objects.filter(chaine=dossier.chaine).order_by("-rang")[: historique.PAR_PAGE])
    reponse = auditeur.get(f"/dossiers/{dossier.pk}/")
    etapes = reponse.context["fiche"].historique.etapes

    assert [(etape.rang, etape.empreinte) for etape in etapes] == [(une.rang, une.empreinte) for une in entrees]
    texte = campagne.text(reponse.content.decode())
    assert "Anne de Rivière (Responsable ARS (ordonnateur)) a sélectionné le dossier et fixé l'aide" in texte
    assert "Dossier : En comité → devient Sélectionné" in texte
    assert f"n° {entrees[0].rang} · {entrees[0].empreinte[:10]}" in texte


def test_history_tells_no_mark_and_no_opinion(auditeur: Client, campagne_jouee: dict[str, int]):
    texte = _page(auditeur, campagne_jouee["instruit"]).split("Du plus récent au plus ancien")[1]
    assert "a rendu son évaluation" in texte
    assert "0.8" not in texte
    assert "favorable" not in texte


def test_silent_rule_set_is_said_not_crashed(auditeur: Client, campagne_jouee: dict[str, int]):
    dossier = Dossier.objects.select_related("aap").get(pk=campagne_jouee["depose"])
    dossier.aap.reglement = publish("esms-2025-b")
    dossier.aap.save()
    assert "Le règlement ne tranche pas" in _page(auditeur, dossier.pk)
    assert auditeur.get("/").status_code == 200


@pytest.mark.parametrize(
    ("role", "region", "code"),
    [
        (Role.INSTRUCTEUR, "76", 200),
        (Role.INSTRUCTEUR, "11", 404),
        (Role.PORTEUR, None, 404),
        (Role.AUDITEUR, None, 200),
    ],
)
def test_dossier_out_of_reach_does_not_exist(
    role: Role, region: str | None, code: int, client: Client, campagne_jouee: dict[str, int]
):
    client.force_login(campagne.person("quelqu-un", role, region))
    assert client.get(f"/dossiers/{campagne_jouee['clos']}/").status_code == code


@pytest.mark.parametrize("nom", ["clos", "derogation", "en_retard", "brouillon"])
def test_no_inline_style_nor_script(nom: str, auditeur: Client, campagne_jouee: dict[str, int]):
    for adresse in ("/", "/connexion/", f"/dossiers/{campagne_jouee[nom]}/"):
        html = auditeur.get(adresse).content.decode()
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=\"", html), adresse


def test_every_word_is_there():
    """Nothing the engine may say is left in its code on the screens."""
    for modele in journal.machines():
        assert set(recit.RECITS[modele]) == set(aretes_par_nom(modele)) | set(actes(modele)), modele
    assert set(TITRES) == set(REGLES)
    assert set(libelles.POSTES) == {*POSTES, "forfait"}
    assert set(libelles.COMPTES) == set(COMPTES)
    assert set(libelles.BADGES) == set(Etat)
    assert set(libelles.BADGES_VERSEMENT) == set(EtatVersement)


def test_every_icon_exists():
    css = (Path(dsfr.__file__).parent / "static/dsfr/dist/utility/icons/icons.main.min.css").read_text(encoding="utf-8")
    racine = Path(__file__).parents[2]
    gabarits = [gabarit.read_text(encoding="utf-8") for app in ("ui", "instruction", "comptes")
                for gabarit in (racine / app / "templates").rglob("*.html")]  # fmt: skip
    icones = {nom for texte in gabarits for nom in re.findall(r"fr-icon-([a-z0-9-]+-(?:line|fill))", texte)}
    icones |= {icone for _, icone in (*libelles.BADGES.values(), *libelles.BADGES_VERSEMENT.values())}
    assert [nom for nom in sorted(icones) if f".fr-icon-{nom}:" not in css] == []


def _page(client: Client, pk: int) -> str:
    return campagne.text(client.get(f"/dossiers/{pk}/").content.decode())
