"""Requests for help: each act tells the right people, once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accompagnement.aide import demander_aide
from accompagnement.escalade import escalate
from accompagnement.models import DemandeAide
from comptes.models import Affectation
from courriels.models import Courriel, Nature, Preference, Sort
from courriels.redaction import link
from courriels.releve import collect
from courriels.resumes import send_digests
from moteur import horloge
from moteur.models import Envoi
from moteur.porte import franchir
from tests.fabriques import Campagne, amener, personne

pytestmark = pytest.mark.django_db
JOUR = date(2022, 4, 1)
EQUIPE = {"conseiller_grades": Nature.ACTION, "instructeur": Nature.INFORMATION, "responsable": Nature.INFORMATION}
TRES_PRIVE = "Mon compte bancaire est le suivant."


def on(jours: int) -> Any:
    return horloge.figer(horloge.ouverture(JOUR + timedelta(days=jours)))


@pytest.fixture
def demande() -> DemandeAide:
    for qui in ("porteur", *EQUIPE):
        personne(qui)
    personne("pilote_national", None)
    personne("instructeur:ailleurs", "11")
    with on(0):
        return demander_aide(personne("porteur"), departement="31", sujet="Ma grappe", texte=TRES_PRIVE)


def cross(demande: DemandeAide, transition: str, qui: str, jours: int = 1, **donnees: Any) -> None:
    region = None if qui == "pilote_national" else "76"
    with on(jours):
        franchir(demande, transition, personne(qui, region), **donnees)


def told(jours: int = 1) -> dict[str, tuple[str, str]]:
    """Who was told what, since the last time: name → (kind, subject) of her last e-mail."""
    deja = set(Courriel.objects.values_list("pk", flat=True))
    with on(jours):
        collect()
    nouveaux = Courriel.objects.exclude(pk__in=deja).select_related("destinataire").order_by("pk")
    return {str(un.destinataire): (un.nature, un.sujet) for un in nouveaux}


def test_a_question_is_acknowledged_and_told_to_the_region(demande: DemandeAide) -> None:
    dits = told()
    assert Courriel.objects.count() == len(dits)  # one each
    natures = {qui: nature for qui, (nature, _) in dits.items()}
    assert natures == {"porteur": Nature.ACTION} | EQUIPE
    assert dits["instructeur"][1] == "Demande d'aide « Ma grappe » : porteur a demandé de l'aide"
    courriel = Courriel.objects.get(destinataire=personne("conseiller_grades"))
    assert "Prendre cette demande en charge, puis y répondre, au plus tard le 6\u00a0avril\u00a02022." in courriel.texte
    assert courriel.demande == demande
    assert f"http://127.0.0.1:8000/demandes-aide/{demande.pk}/" in courriel.texte
    assert f"/demandes-aide/{demande.pk}/" in link(courriel)


def test_taken_then_answered_the_porteur_knows_by_whom(demande: DemandeAide) -> None:
    told()
    cross(demande, "prendre_en_charge", "conseiller_grades")
    assert told() == {
        "porteur": (
            Nature.INFORMATION,
            "Demande d'aide « Ma grappe » : conseiller_grades a pris la demande d'aide en charge",
        )
    }
    cross(demande, "resoudre", "conseiller_grades", reponse="Le mien aussi.")
    assert told() == {
        "porteur": (Nature.ACTION, "Demande d'aide « Ma grappe » : conseiller_grades a répondu à la demande d'aide")
    }


def test_what_is_asked_and_answered_stays_on_the_page(demande: DemandeAide) -> None:
    cross(demande, "prendre_en_charge", "instructeur")
    cross(demande, "resoudre", "instructeur", reponse="Le mien aussi.")
    told()
    for prive in (TRES_PRIVE, "Le mien aussi."):
        assert not Courriel.objects.filter(texte__contains=prive).exists()
        assert not Courriel.objects.filter(html__contains=prive).exists()


def test_passed_on_by_hand_the_referent_is_asked_with_the_reason(demande: DemandeAide) -> None:
    told()
    cross(demande, "transmettre", "instructeur", motif="Cela dépasse la région.")
    assert {qui: nature for qui, (nature, _) in told().items()} == {
        "pilote_national": Nature.ACTION, "porteur": Nature.INFORMATION,
    }  # fmt: skip
    courriel = Courriel.objects.get(destinataire=personne("pilote_national", None))
    assert "Motif : Cela dépasse la région." in courriel.texte
    assert "Prendre cette demande en charge, puis y répondre." in courriel.texte
    cross(demande, "prendre_en_charge", "pilote_national")
    cross(demande, "resoudre", "pilote_national", reponse="Voici.")
    assert told().keys() == {"porteur"}


def test_nobody_answered_the_referent_is_asked_and_the_region_knows(demande: DemandeAide) -> None:
    told()
    with on(8):
        assert escalate() == 1
    dits = told(8)
    assert {qui: nature for qui, (nature, _) in dits.items()} == {
        "pilote_national": Nature.ACTION, "porteur": Nature.INFORMATION,
        "conseiller_grades": Nature.INFORMATION, "instructeur": Nature.INFORMATION,
    }  # fmt: skip
    assert dits["pilote_national"][1].endswith(
        "Le système a transmis la demande d'aide au référent national, faute de réponse"
    )


def test_a_question_already_taken_is_news_to_the_others(demande: DemandeAide) -> None:
    cross(demande, "prendre_en_charge", "instructeur")
    dits = told()
    assert dits.keys() == {"porteur", *EQUIPE}
    assert dits["conseiller_grades"][0] == Nature.INFORMATION
    courriel = Courriel.objects.get(destinataire=personne("conseiller_grades"))
    assert "Rien pour l'instant. instructeur y répond, au plus tard le" in courriel.texte


def test_read_again_nobody_is_told_twice(demande: DemandeAide) -> None:
    told()
    Envoi.objects.update(traite_le=None)
    assert told() == {}


def test_preferences_are_obeyed(demande: DemandeAide) -> None:
    Preference.objects.create(utilisateur=personne("instructeur"), nature="information", rythme="aucun")
    Preference.objects.create(utilisateur=personne("conseiller_grades"), nature="action", rythme="resume")
    assert "instructeur" not in told()
    assert Courriel.objects.get(destinataire=personne("conseiller_grades")).sort == Sort.AU_RESUME
    with on(2):
        send_digests()
    resume = Courriel.objects.get(destinataire=personne("conseiller_grades"), nature=Nature.RESUME)
    assert f"/demandes-aide/{demande.pk}/" in resume.texte


def test_whoever_left_is_not_told(demande: DemandeAide) -> None:
    Affectation.objects.filter(utilisateur=personne("porteur")).update(au=JOUR)
    assert "porteur" not in told()


def test_a_request_about_a_dossier_names_it_and_is_no_e_mail_of_the_dossier(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "depose")
    told()
    with on(0):
        demander_aide(personne("porteur"), dossier, departement="31", sujet="Mon reçu", texte="?")
    told()
    courriel = Courriel.objects.filter(destinataire=personne("porteur")).first()
    assert courriel is not None
    assert f"sur le dossier {dossier.reference}" in courriel.texte
    assert courriel.dossier is None
    with pytest.raises(IntegrityError, match="courriel_un_seul_objet"), transaction.atomic():
        Courriel.objects.filter(pk=courriel.pk).update(dossier=dossier)


def test_queries_do_not_grow_with_the_requests() -> None:
    for qui in ("porteur", *EQUIPE):
        personne(qui)
    comptes = []
    for nombre in (1, 8):
        for rang in range(nombre):
            with on(0):
                demander_aide(personne("porteur"), departement="31", sujet=f"Question {rang}", texte="?")
        with CaptureQueriesContext(connection) as requetes, on(1):
            collect()
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1]
