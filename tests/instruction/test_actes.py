"""Each act has its page: the right person does it, others are told why not, and a page read too long ago is refused."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.models import Dossier, Etat
from comptes.delegations import Etendue, deleguer
from comptes.models import Region
from comptes.models.delegation import Nature
from comptes.roles import Role
from conventions.models import Reversement, Versement
from courriels.avis import AVIS, PORTEUR
from instruction.actes import service
from instruction.actes.catalogue import A_SA_PAGE, ACTES, AILLEURS, offered
from instruction.actes.champs import fields_of
from instruction.actes.forms import FORMULAIRES
from instruction.actes.textes import AVERTISSENT, SUITES
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.porte import actes, aretes_par_nom
from tests import reglements
from tests.fabriques import ATTEINTES, MOTIF, PORTE, agir, amener, campagne, personne
from tests.instruction.campagne import text

JOUR = "2030-05-01"
#: The page of one dossier, who else has it open, and the acts of who reads it with what each lacks.
REQUETES = 12
#: Act → the state in which it is tried, who does it, what she types, what comes first.
CAS: dict[str, tuple[str, str, dict[str, Any], list[tuple[str, str, dict[str, Any]]]]] = {
    "prendre_en_charge": ("depose", "instructeur", {}, []),
    "declarer_recevable": ("en_recevabilite", "instructeur", {}, []),
    "demander_complements": ("en_recevabilite", "instructeur", MOTIF | {"echeance": JOUR, "pieces": ["rib"]}, []),
    "reorienter": ("en_recevabilite", "instructeur", MOTIF | {"aap": "NAT-2022"}, []),
    "declarer_irrecevable": ("en_recevabilite", "instructeur", MOTIF, []),
    "evaluer": (
        "en_instruction",
        "instructeur",
        {"equilibre_territorial": "0,8", "equilibre_sectoriel": "0.5", "mixite_des_tailles": "1"},
        [],
    ),
    "cloturer_instruction": (
        "en_instruction",
        "instructeur",
        {},
        [
            ("instructeur", "evaluer", {"notes": {"uniforme": "0.8"}}),
            ("instructeur:b", "evaluer", {"notes": {"uniforme": "0.7"}}),
            ("conseiller_grades", "donner_avis_grades", {"avis": "favorable"}),
        ],
    ),
    "inscrire_au_comite": ("instruit", "instructeur", {"seance": JOUR}, []),
    "selectionner": ("en_comite", "responsable", {}, []),
    "mettre_en_attente": ("en_comite", "responsable", {"rang": "2"}, []),
    "ajourner": ("en_comite", "responsable", MOTIF, []),
    "ecarter": ("en_comite", "responsable", MOTIF, []),
    "notifier": ("selectionne", "responsable", {}, []),
    "signer": ("notifie", "responsable", {"signataire": "ars"}, []),
    "signer_convention": ("notifie", "responsable", {}, [("responsable", "signer", {"signataire": "tous"})]),
    "certifier": ("conventionne", "instructeur", {}, []),
    "ordonnancer": ("conventionne", "responsable", {}, [("instructeur", "certifier", {"rang": 1})]),
    "executer": (
        "conventionne",
        "comptable",
        {},
        [("instructeur", "certifier", {"rang": 1}), ("responsable", "ordonnancer", {"rang": 1})],
    ),
    "rejeter": (
        "conventionne",
        "comptable",
        MOTIF,
        [("instructeur", "certifier", {"rang": 1}), ("responsable", "ordonnancer", {"rang": 1})],
    ),
    "verser_premiere_moitie": (
        "conventionne",
        "comptable",
        {},
        [
            ("instructeur", "certifier", {"rang": 1}),
            ("responsable", "ordonnancer", {"rang": 1}),
            ("comptable", "executer", {"rang": 1}),
        ],
    ),
    "prononcer_vsr": ("en_deploiement", "porteur", {"le": "2023-06-01"}, []),
    "soumettre_usages": (
        "en_deploiement",
        "porteur",
        {},
        [
            ("porteur", "declarer_usages", {"mois": "2023-06", "mesures": {"uniforme": ATTEINTES}}),
            ("porteur", "prononcer_vsr", {"le": "2023-06-01"}),
        ],
    ),
    "constater_cibles": ("en_verification", "responsable", {}, []),
    "refuser_usages": (
        "en_verification",
        "instructeur",
        {"motif_MSS": "Messages non comptés.", "general": "Revoyez."},
        [],
    ),
    "proroger": ("en_deploiement", "responsable", MOTIF | {"jusqu_au": JOUR}, []),
    "constater_echec": ("en_deploiement", "responsable", MOTIF, []),
    "verser_seconde_moitie": (
        "cibles_atteintes",
        "comptable",
        {},
        [
            ("instructeur", "certifier", {"rang": 2}),
            ("responsable", "ordonnancer", {"rang": 2}),
            ("comptable", "executer", {"rang": 2}),
        ],
    ),
    "recouvrer": ("en_reversement", "comptable", {}, []),
    "remettre": ("en_reversement", "responsable", MOTIF, []),
    "cloturer": ("solde", "instructeur", {}, []),
    "abandonner": ("selectionne", "porteur", MOTIF, []),
}
#: A role that never does it.
AUTRES = {"instructeur": "comptable", "responsable": "instructeur", "comptable": "conseiller_grades",
          "conseiller_grades": "responsable", "porteur": "comptable"}  # fmt: skip


@pytest.fixture
def camp(db):
    return campagne(dossiers=[{"porteur": "porteur"}], dernier_engagement="2099-12-31")


def signed_in(qui: str, region: str | None = "76") -> Client:
    client = Client()
    client.force_login(personne(qui, region), backend=PORTE)
    return client


def page(dossier: Dossier, acte: str) -> str:
    return reverse("agir", args=[dossier.pk, acte])


def send(client: Client, dossier: Dossier, acte: str, /, *, vu: Any = None, **donnees: Any) -> Any:
    """What the page read at that rank (now, when not given) sends."""
    rang = service.last_rank(dossier.pk) if vu is None else vu
    return client.post(page(dossier, acte), donnees | {"vu": str(rang)})


def fresh(dossier: Dossier) -> Dossier:
    frais: Dossier = Dossier.objects.with_rules().get(pk=dossier.pk)
    return frais


def ready(camp: Any, acte: str) -> Dossier:
    etat, _, _, avant = CAS[acte]
    dossier = amener(camp.dossier("D1"), etat)
    for par, nom, donnees in avant:
        agir(dossier, nom, par, **donnees)
    return fresh(dossier)


# The whole path.


def test_every_act_of_a_dossier_has_a_page_or_says_where_it_is() -> None:
    tous = {nom for modele in (Dossier, Versement, Reversement) for nom in (*actes(modele), *aretes_par_nom(modele))}
    assert tous == ACTES.keys() | AILLEURS.keys()
    assert CAS.keys() == ACTES.keys() - {"deroger", "declarer_usages", "viser", "refuser_visa", *A_SA_PAGE}


@pytest.mark.parametrize("nom", sorted(ACTES.keys() - FORMULAIRES.keys() - A_SA_PAGE.keys() - {"declarer_usages"}))
def test_a_form_is_drawn_from_the_signature_with_words(nom: str) -> None:
    for champ in fields_of(ACTES[nom]).values():
        assert str(champ.label)[0].isupper()
        assert "requis" not in champ.error_messages["required"]


def test_every_act_says_what_will_happen_and_who_is_told() -> None:
    assert ACTES.keys() - SUITES.keys() == {"declarer_usages"}
    avertis = {sujet.partition(".")[2] for sujet, lignes in AVIS.items() if any(un.role == PORTEUR for un in lignes)}
    assert avertis & ACTES.keys() == AVERTISSENT


@pytest.mark.parametrize("nom", CAS)
def test_the_right_person_reads_the_page_and_does_it(camp, nom: str) -> None:
    dossier = ready(camp, nom)
    _, qui, donnees, _ = CAS[nom]
    client = signed_in(qui)
    lue = client.get(page(dossier, nom))
    assert lue.status_code == 200
    assert "Ce qui va se passer" in lue.content.decode()
    assert f'name="vu" value="{service.last_rank(dossier.pk)}"' in lue.content.decode()
    reponse = send(client, dossier, nom, **donnees)
    assert reponse.status_code == 302, text(reponse.content.decode())
    derniere = Entree.objects.filter(chaine=dossier.chaine, action=nom).order_by("-rang").first()
    assert derniere is not None
    assert derniere.par == personne(qui)
    assert "est fait" in text(client.get(reponse["Location"]).content.decode())


@pytest.mark.parametrize("nom", CAS)
def test_others_are_told_it_is_not_theirs_and_elsewhere_it_does_not_exist(camp, nom: str) -> None:
    dossier = ready(camp, nom)
    _, qui, donnees, _ = CAS[nom]
    autre = signed_in(AUTRES[qui])
    for reponse in (autre.get(page(dossier, nom)), send(autre, dossier, nom, **donnees)):
        assert reponse.status_code == 403
        assert ACTES[nom].libelle in text(reponse.content.decode())
    ailleurs = signed_in(f"{qui}:ailleurs", None if qui == "porteur" else "11")
    assert ailleurs.get(page(dossier, nom)).status_code == 404
    assert send(ailleurs, dossier, nom, **donnees).status_code == 404
    assert fresh(dossier).version == dossier.version


def test_nobody_acts_without_signing_in_nor_on_an_act_that_does_not_exist(camp) -> None:
    dossier = ready(camp, "notifier")
    adresse = page(dossier, "notifier")
    assert Client().get(adresse)["Location"] == f"/connexion/?next={adresse}"
    assert send(Client(), dossier, "notifier").status_code == 302
    responsable = signed_in("responsable")
    assert responsable.get(page(dossier, "deposer")).status_code == 404
    assert responsable.get(page(dossier, "tout_valider")).status_code == 404
    assert fresh(dossier).etat == "selectionne"


@pytest.mark.parametrize("nom", A_SA_PAGE)
def test_an_act_with_its_own_page_has_no_other(camp, nom: str) -> None:
    dossier = amener(camp.dossier("D1"), "en_instruction")
    sienne = reverse(A_SA_PAGE[nom], args=[dossier.pk])
    conseiller = signed_in("conseiller_grades")
    assert conseiller.get(page(dossier, nom))["Location"] == sienne
    assert send(conseiller, dossier, nom, avis="favorable")["Location"] == sienne
    html = conseiller.get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert sienne in html
    assert page(dossier, nom) not in html
    assert fresh(dossier).version == dossier.version


# A page read too long ago.


def test_the_second_of_two_people_is_told_what_the_first_did_and_keeps_what_she_typed(camp) -> None:
    dossier = ready(camp, "demander_complements")
    vu = service.last_rank(dossier.pk)
    personne("instructeur:b")
    send(signed_in("instructeur:b"), dossier, "demander_complements", **MOTIF, echeance=JOUR)
    agir(dossier, "completer", "porteur")
    reponse = send(signed_in("instructeur"), dossier, "demander_complements", vu=vu, motif="Le RIB.", echeance=JOUR)
    dit = text(reponse.content.decode())
    assert reponse.status_code == 409
    assert "a complété le dossier à" in dit
    assert "a demandé des compléments à" in dit
    assert "Relisez, puis recommencez." in dit
    assert "Le RIB." in dit
    assert Entree.objects.filter(chaine=dossier.chaine, action="demander_complements").count() == 1
    nouveau = f'name="vu" value="{service.last_rank(dossier.pk)}"'
    assert nouveau in reponse.content.decode()


def test_when_it_is_no_longer_possible_the_page_says_what_happened(camp) -> None:
    dossier = ready(camp, "selectionner")
    vu = service.last_rank(dossier.pk)
    assert send(signed_in("responsable"), dossier, "selectionner").status_code == 302
    reponse = send(signed_in("responsable:b"), dossier, "ecarter", vu=vu, **MOTIF)
    assert reponse.status_code == 409
    assert "a sélectionné le dossier" in text(reponse.content.decode())
    assert '<form method="post" novalidate>' not in reponse.content.decode()
    assert signed_in("responsable:b").get(page(dossier, "ecarter")).status_code == 409
    assert fresh(dossier).etat == "selectionne"


def test_what_happens_to_a_payment_makes_a_page_of_its_dossier_stale(camp) -> None:
    dossier = ready(camp, "ordonnancer")
    vu = service.last_rank(dossier.pk)
    assert send(signed_in("responsable"), dossier, "ordonnancer").status_code == 302
    with pytest.raises(Refus) as refus:
        service.agir(dossier.pk, "executer", personne("comptable"), vu=vu, donnees={})
    assert refus.value.code is Code.DOSSIER_MODIFIE


@pytest.mark.parametrize("nom", ["selectionner", "signer", "executer", "evaluer", "demander_complements"])
def test_a_form_sent_twice_is_told_as_done_and_done_once(camp, nom: str) -> None:
    dossier = ready(camp, nom)
    _, qui, donnees, _ = CAS[nom]
    vu, client = service.last_rank(dossier.pk), signed_in(qui)
    une, autre = (send(client, dossier, nom, vu=vu, **donnees) for _ in range(2))
    assert (une.status_code, autre.status_code) == (302, 302)
    assert "envoyé deux fois" in text(client.get(autre["Location"]).content.decode())
    assert Entree.objects.filter(chaine=dossier.chaine, action=nom).count() == 1


def test_the_same_act_with_other_data_is_not_the_same_form(camp) -> None:
    dossier = ready(camp, "signer")
    vu, client = service.last_rank(dossier.pk), signed_in("responsable")
    assert send(client, dossier, "signer", vu=vu, signataire="ars").status_code == 302
    assert send(client, dossier, "signer", vu=vu, signataire="porteur").status_code == 409


def test_what_was_badly_typed_is_still_judged_by_the_rank_it_was_read_at(camp) -> None:
    dossier = ready(camp, "selectionner")
    vu = service.last_rank(dossier.pk)
    send(signed_in("responsable"), dossier, "mettre_en_attente", rang="1")
    client = signed_in("responsable:b")
    assert f'value="{vu}"' in send(client, dossier, "ecarter", vu=vu, motif="").content.decode()
    assert send(client, dossier, "ecarter", vu=vu, **MOTIF).status_code == 409


@pytest.mark.parametrize("vu", ["", "abc", "-1", "9" * 30, "²"])
def test_a_form_without_its_rank_does_nothing(camp, vu: str) -> None:
    dossier = ready(camp, "notifier")
    reponse = signed_in("responsable").post(page(dossier, "notifier"), {"vu": vu})
    assert reponse.status_code == 422
    assert "relisez la page" in text(reponse.content.decode())
    assert fresh(dossier).etat == "selectionne"


# What is missing.


def test_what_is_missing_is_beside_the_act_with_where_to_solve_it(camp) -> None:
    dossier = amener(camp.dossier("D1"), "en_instruction")
    client = signed_in("instructeur")
    bloquee = next(un for un in offered(dossier, personne("instructeur")) if un.nom == "cloturer_instruction")
    assert [manque.issue.adresse for manque in bloquee.manques if manque.issue] == [
        page(dossier, "evaluer"), reverse("messages", args=[dossier.pk]),
    ]  # fmt: skip
    for adresse in (reverse("dossier", args=[dossier.pk]), page(dossier, "cloturer_instruction")):
        html = client.get(adresse).content.decode()
        assert "Évaluations rendues : 0 sur 2" in text(html)
        assert page(dossier, "evaluer") in html
    assert (
        page(dossier, "cloturer_instruction") not in client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    )
    refus = send(client, dossier, "cloturer_instruction")
    assert refus.status_code == 422
    assert fresh(dossier).etat == "en_instruction"


def test_what_the_dossier_awaits_comes_first(camp) -> None:
    dossier = ready(camp, "cloturer_instruction")
    offerts = offered(dossier, personne("instructeur"))
    assert [(un.nom, un.attendu) for un in offerts[:2]] == [("cloturer_instruction", True), ("evaluer", False)]


def test_an_envelope_too_small_is_said_before_the_ledger_refuses(db) -> None:
    petite = campagne(dotation="300000.00", code="PETITE")
    dossier = amener(petite.dossier("D1"), "en_comite")
    client = signed_in("responsable")
    dit = text(client.get(page(dossier, "selectionner")).content.decode())
    assert "il manque 22 500,00 €" in dit.replace("\u202f", " ")
    reponse = send(client, dossier, "selectionner")
    assert reponse.status_code == 422
    assert fresh(dossier).etat == "en_comite"


def test_a_rule_that_fails_is_waived_from_what_was_found(db) -> None:
    petit = campagne(dossiers=[{"essms": 14}])
    dossier = amener(petit.dossier("D1"), "en_recevabilite")
    instructeur, responsable = signed_in("instructeur"), signed_in("responsable")
    assert "MIN_ESSMS" in text(instructeur.get(page(dossier, "declarer_recevable")).content.decode())
    lue = text(responsable.get(page(dossier, "deroger")).content.decode())
    assert "constaté 14 ESSMS · attendu au moins 15 ESSMS" in lue
    assert "ROUTAGE" not in lue
    assert send(responsable, dossier, "deroger", regle="ROUTAGE", **MOTIF).status_code == 422
    assert send(responsable, dossier, "deroger", regle="MIN_ESSMS", **MOTIF).status_code == 302
    assert send(instructeur, dossier, "declarer_recevable").status_code == 302


def test_marks_are_sealed_until_ones_own_are_in(camp) -> None:
    dossier = amener(camp.dossier("D1"), "en_instruction")
    agir(dossier, "evaluer", "instructeur:b", notes={"uniforme": "0.37"})
    client = signed_in("instructeur")
    avant = text(client.get(page(dossier, "evaluer")).content.decode())
    assert "1 évaluation est déjà rendue" in avant
    assert "0,37" not in avant
    assert str(personne("instructeur:b")) not in avant
    send(client, dossier, "evaluer", **CAS["evaluer"][2])
    apres = text(client.get(page(dossier, "evaluer")).content.decode())
    assert "0,37" in apres
    assert "écart 0,43" in apres


def test_separation_of_duties_is_said_before_it_refuses(camp) -> None:
    dossier = ready(camp, "executer")
    refusee = signed_in("responsable").get(page(dossier, "executer"))
    assert refusee.status_code == 403
    assert "qui ordonnance n'exécute pas" in text(refusee.content.decode())
    assert "Vous ne pourrez pas l'exécuter" in text(
        signed_in("responsable").get(page(ready_again(dossier), "ordonnancer")).content.decode()
    )


def ready_again(dossier: Dossier) -> Dossier:
    """The payment sent back, certified anew."""
    agir_versement(dossier, "rejeter", "comptable", **MOTIF)
    agir(dossier, "certifier", "instructeur", rang=1)
    return fresh(dossier)


def agir_versement(dossier: Dossier, nom: str, par: str, **donnees: Any) -> None:
    service.agir(dossier.pk, nom, personne(par), vu=service.last_rank(dossier.pk), donnees=donnees)


# What is asked.


def test_what_was_typed_comes_back_with_why(camp) -> None:
    dossier = ready(camp, "reorienter")
    reponse = send(signed_in("instructeur"), dossier, "reorienter", aap="NAT-2022", motif="  ")
    assert reponse.status_code == 422
    assert "NAT-2022" in reponse.content.decode()
    assert "Donnez le motif" in text(reponse.content.decode())
    assert fresh(dossier).etat == "en_recevabilite"


def test_reasons_per_indicator_make_one_text(camp) -> None:
    dossier = ready(camp, "refuser_usages")
    assert send(signed_in("instructeur"), dossier, "refuser_usages").status_code == 422
    assert send(signed_in("instructeur"), dossier, "refuser_usages", **CAS["refuser_usages"][2]).status_code == 302
    assert fresh(dossier).motif == "MSS : Messages non comptés.\nRevoyez."


@pytest.mark.parametrize("etat", sorted(set(Etat.values) - {"irrecevable", "reoriente", "non_retenu", "abandonne"}))
def test_the_bar_costs_little_in_every_state(camp, etat: str) -> None:
    dossier = amener(camp.dossier("D1"), etat)
    for qui in ("instructeur", "responsable", "comptable", "porteur", "conseiller_grades"):
        if qui == "porteur" and etat == "brouillon":
            continue  # her draft is the steps of filing
        client = signed_in(qui)
        adresse = reverse("portail:suivi" if qui == "porteur" else "dossier", args=[dossier.pk])
        client.get(adresse)
        with CaptureQueriesContext(connection) as requetes:
            assert client.get(adresse).status_code == 200
        assert len(requetes) <= REQUETES, (etat, qui)


def test_the_bar_costs_little_for_who_stands_in_and_decided_so(camp) -> None:
    dossier, claire, yves = amener(camp.dossier("D1"), "selectionne"), personne("responsable"), personne("instructeur")
    jour = horloge.aujourdhui()
    deleguer(yves, Etendue(nature=Nature.SUPPLEANCE, role=Role.RESPONSABLE, region=Region.objects.get(pk="76"),
                           du=jour, au=jour), claire)  # fmt: skip
    client = signed_in("instructeur")
    assert send(client, dossier, "notifier").status_code == 302
    adresse = reverse("dossier", args=[dossier.pk])
    client.get(adresse)
    with CaptureQueriesContext(connection) as requetes:
        assert "en suppléance de responsable" in text(client.get(adresse).content.decode())
    assert len(requetes) <= REQUETES


def test_the_journal_stays_intact(camp) -> None:
    dossier = ready(camp, "executer")
    send(signed_in("comptable"), dossier, "executer")
    assert list(journal.verify([dossier.chaine])) == []


def test_a_visa_is_given_where_the_rule_set_requires_one(db, monkeypatch, tmp_path) -> None:
    reglements.with_visas(monkeypatch, tmp_path)
    dossier = amener(campagne(reglement=reglements.CODE).dossier("D1"), "en_comite")
    client = signed_in("instructeur")
    assert [acte.nom for acte in offered(dossier, personne("instructeur"))][:2] == ["viser", "refuser_visa"]
    assert "tels qu&#x27;ils sont" in client.get(page(dossier, "viser")).content.decode()
    assert send(client, dossier, "viser", transition="notifier").status_code == 422
    assert send(client, dossier, "viser", transition="selectionner").status_code == 302
    assert dossier.visas.get().transition == "selectionner"


def test_no_visa_is_offered_where_no_text_requires_one(camp) -> None:
    dossier = amener(camp.dossier("D1"), "en_comite")
    assert {"viser", "refuser_visa"}.isdisjoint(acte.nom for acte in offered(dossier, personne("instructeur")))
    assert signed_in("instructeur").get(page(dossier, "viser")).status_code in (403, 404, 409, 422)
