"""From what the engine does to who is told what, once."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from aap.models import Aap
from aap.services import share
from comptes.models import Affectation, Utilisateur
from courriels.avis import AVIS, SILENCES
from courriels.models import Courriel, Nature, Preference, Sort
from courriels.releve import collect
from instruction.rejeu import play
from instruction.scenario import read_file
from moteur import horloge
from moteur.journal import machines
from moteur.models import Envoi
from moteur.porte import actes, aretes_par_nom
from tests.fabriques import REGION, Campagne, agir, amener, campagne, personne
from tests.test_docs import SUCCES

pytestmark = pytest.mark.django_db
JOUR = date(2022, 4, 5)


def recus(qui: str) -> list[tuple[str, str, str]]:
    """(event, kind, what became of it) of the e-mails of that person, the oldest first."""
    envois_de = Courriel.objects.filter(destinataire=personne(qui)).order_by("pk")
    sujets = dict(Envoi.objects.values_list("pk", "sujet"))
    return [(sujets[int(un.evenement.removeprefix("envoi:"))], un.nature, un.sort) for un in envois_de]


def read_on(jour: date = JOUR) -> int:
    with horloge.figer(horloge.ouverture(jour)):
        return collect()


def test_every_act_is_told_or_silent_for_a_reason() -> None:
    du_dossier = {"dossier", "convention", "versement", "declaration", "reversement", "demandeaide"}
    faits = {
        f"{machine._meta.model_name}.{nom}"
        for machine in machines()
        if machine._meta.model_name in du_dossier
        for nom in [*aretes_par_nom(machine), *actes(machine)]
    }
    assert AVIS.keys() & SILENCES.keys() == set()
    autres = {"dossier.echeance_proche", "dossier.echeance_depassee", "dossier.risque_sans_mesure"}
    autres |= {"dossier.risque_non_evalue", "demandeaide.demander_aide"}
    autres |= {"dossier.relancer", "dossier.relancer_equipe", "dossier.signaler_retard"}
    assert AVIS.keys() | SILENCES.keys() == faits | autres


def test_filing_is_acknowledged_at_once_and_told_to_the_officers_in_their_digest(camp: Campagne, settings: Any) -> None:
    settings.COURRIELS_ENVOYES = True
    personne("instructeur")
    amener(camp.dossier("D1"), "depose")
    read_on()
    assert recus("porteur") == [("dossier.deposer", Nature.ACTION, Sort.A_ENVOYER)]
    assert recus("instructeur") == [("dossier.deposer", Nature.INFORMATION, Sort.AU_RESUME)]


def test_complements_say_what_why_until_when_and_where(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "a_completer")
    read_on()
    courriel = Courriel.objects.filter(nature=Nature.ACTION).first()
    assert courriel is not None
    assert courriel.sujet == "Dossier D1 : compléter, au plus tard le 1er\u00a0mai\u00a02022"
    for attendu in (
        "instructeur (Instructeur ARS) a demandé des compléments",
        "Motif : Motif du test.",
        "Compléter, au plus tard le 1er\u00a0mai\u00a02022 (reste 26\u00a0jours)",
        f"http://127.0.0.1:8000/dossiers/{dossier.pk}/",
    ):
        assert attendu in courriel.texte
    assert "<strong>Compléter</strong>" in courriel.html


def test_what_is_no_longer_asked_is_news(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "a_completer")
    agir(dossier, "completer", "porteur", jour="2022-04-20")
    read_on(date(2022, 4, 21))
    natures = dict((sujet, nature) for sujet, nature, _ in recus("porteur"))
    assert natures["dossier.demander_complements"] == Nature.INFORMATION
    assert natures["dossier.completer"] == Nature.ACTION


def test_the_author_is_not_told_what_she_did(camp: Campagne) -> None:
    amener(camp.dossier("D1"), "instruit")
    read_on()
    assert ("dossier.cloturer_instruction", "information", "au_resume") not in recus("instructeur")
    assert ("dossier.cloturer_instruction", "information", "au_resume") in recus("instructeur:b")


def test_whoever_may_act_is_told_and_nobody_else(camp: Campagne) -> None:
    dossier = camp.dossier("D1")
    associee, partie, lectrice, fermee = (personne(f"porteur:{nom}") for nom in ("b", "c", "d", "e"))
    for qui, droit in ((associee, "porter"), (partie, "porter"), (lectrice, "suivre"), (fermee, "porter")):
        share(dossier, qui, droit)
    Affectation.objects.filter(utilisateur=partie).update(au=date(2022, 3, 1))
    Utilisateur.objects.filter(pk=fermee.pk).update(is_active=False)
    ailleurs, national = personne("instructeur", "11"), personne("instructeur", None)
    personne("instructeur")
    amener(dossier, "depose")
    read_on()
    dits = set(Courriel.objects.values_list("destinataire", flat=True))
    assert dits == {personne("porteur").pk, associee.pk, personne("instructeur").pk}
    assert not dits & {ailleurs.pk, national.pk}


def test_the_referent_is_told(camp: Campagne) -> None:
    """Whom the ARS writes to, shared with or not."""
    dossier, referente = camp.dossier("D1"), personne("porteur:ref")
    amener(dossier, "depose")
    type(dossier).objects.filter(pk=dossier.pk).update(referent=referente)
    read_on()
    assert recus("porteur:ref") == [("dossier.deposer", Nature.ACTION, Sort.RETENU)]


def test_the_aid_is_not_told_before_it_is_notified(camp: Campagne) -> None:
    amener(camp.dossier("D1"), "selectionne")
    read_on()
    assert not Courriel.objects.filter(texte__contains="Aide accordée").exists()
    assert not any(sujet == "dossier.selectionner" for sujet, _, _ in recus("porteur"))
    amener(camp.dossier("D1"), "notifie")
    read_on()
    assert (
        "Aide accordée : 322\u202f500,00\u00a0€" in Courriel.objects.filter(destinataire=personne("porteur"))[0].texte
    )


def test_reading_again_writes_nothing_more(camp: Campagne, settings: Any) -> None:
    settings.COURRIELS_ENVOYES = True
    amener(camp.dossier("D1"), "a_completer")
    assert read_on() > 0
    avant = (Courriel.objects.count(), ProcrastinateJob.objects.count())
    assert read_on() == 0
    Envoi.objects.update(traite_le=None)  # as a restored backup would have it
    assert read_on() > 0
    assert (Courriel.objects.count(), ProcrastinateJob.objects.count()) == avant


def test_what_nobody_wants_is_not_written_and_what_is_asked_may_wait(camp: Campagne, settings: Any) -> None:
    settings.COURRIELS_ENVOYES = True
    Preference.objects.create(utilisateur=personne("porteur"), nature="information", rythme="aucun")
    Preference.objects.create(utilisateur=personne("porteur"), nature="action", rythme="resume")
    Preference.objects.create(utilisateur=personne("instructeur"), nature="information", rythme="tout_de_suite")
    amener(camp.dossier("D1"), "en_recevabilite")
    read_on()
    assert recus("porteur") == [("dossier.deposer", Nature.ACTION, Sort.AU_RESUME)]
    assert recus("instructeur") == [("dossier.deposer", Nature.INFORMATION, Sort.A_ENVOYER)]


def test_a_bad_row_stops_no_other_and_is_read_once_repaired(camp: Campagne) -> None:
    mauvais = Envoi.objects.create(sujet="dossier.deposer", charge={"entree": "douze"}, cree_le=horloge.maintenant())
    amener(camp.dossier("D1"), "depose")
    read_on()
    mauvais.refresh_from_db()
    assert mauvais.traite_le is None
    assert "douze" in mauvais.erreur
    assert recus("porteur") == [("dossier.deposer", Nature.ACTION, Sort.RETENU)]
    mauvais.charge = Envoi.objects.exclude(pk=mauvais.pk).get(sujet="dossier.deposer").charge
    mauvais.save()
    assert read_on() == 1


# A play sends nothing.


def test_a_play_leaves_nothing_to_send() -> None:
    play(read_file(SUCCES))
    assert read_on() == 0
    assert not Courriel.objects.exists()


def test_a_play_read_inside_its_transaction_tells_nobody(camp: Campagne, settings: Any) -> None:
    settings.COURRIELS_ENVOYES = True
    amener(camp.dossier("D1"), "depose")
    Aap.objects.update(rejeu=uuid4())
    assert read_on() > 0
    assert not Courriel.objects.exists()


def test_the_embedded_base_keeps_what_it_writes(camp: Campagne) -> None:
    """As settings are here, and in the demonstration."""
    amener(camp.dossier("D1"), "depose")
    read_on()
    assert set(Courriel.objects.filter(nature="action").values_list("sort", flat=True)) == {Sort.RETENU}
    assert not ProcrastinateJob.objects.exists()


def test_queries_do_not_grow_with_the_rows() -> None:
    comptes = []
    for rang, nombre in enumerate((1, 8)):
        camp = campagne(code=f"C{rang}", dossiers=nombre)
        for numero in range(1, nombre + 1):
            agir(camp.dossier(f"D{numero}"), "deposer", "porteur", jour="2022-04-01")
        with CaptureQueriesContext(connection) as requetes:
            read_on()
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1]
    assert Courriel.objects.filter(destinataire=personne("porteur", REGION)).count() == 9
