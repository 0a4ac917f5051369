"""One digest per person and per day in Paris, of what happened before seven."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.urls import reverse

from courriels import redaction
from courriels.models import Courriel, Nature, Preference, Rythme, Sort
from courriels.preferences import choose, token
from courriels.releve import collect
from courriels.resumes import send_digests
from moteur import horloge
from tests.fabriques import Campagne, agir, amener, campagne, personne

pytestmark = pytest.mark.django_db
HIER = date(2022, 4, 5)

#: Lines of a digest, in this test.
LIGNES = 5


def at(heure: str, jour: date = date(2022, 4, 6)) -> Any:
    """The clock held at that time in Paris."""
    return horloge.figer(datetime.combine(jour, time.fromisoformat(heure), horloge.PARIS).astimezone(UTC))


@pytest.fixture
def recevable(camp: Campagne) -> Campagne:
    """The porteur waits for two pieces of news: taken in charge the 4th; the instructeur:b for one."""
    personne("instructeur:b")
    amener(camp.dossier("D1"), "en_recevabilite")
    with horloge.figer(horloge.ouverture(HIER)):
        collect()
    return camp


def resumes(qui: str) -> list[Courriel]:
    return list(Courriel.objects.filter(destinataire=personne(qui), nature=Nature.RESUME).order_by("pk"))


def test_it_says_what_happened_with_a_link_to_each(recevable: Campagne) -> None:
    with at("07:00"):
        assert send_digests() == 3
    [resume] = resumes("porteur")
    assert resume.evenement == "resume:2022-04-06"
    assert resume.sujet == "ESMS numérique : 1\u00a0nouvelle, résumé du 6\u00a0avril\u00a02022"
    assert "4\u00a0avril\u00a02022. Dossier D1 : instructeur a pris le dossier en charge" in resume.texte
    lien = reverse("dossier", args=[recevable.dossier("D1").pk])
    assert f"http://127.0.0.1:8000{lien}" in resume.texte
    assert f'href="http://127.0.0.1:8000{lien}"' in resume.html
    assert reverse("courriels-desabonnement", args=[token(resume.destinataire_id)]) in resume.texte
    [nouvelle] = Courriel.objects.filter(destinataire=resume.destinataire_id, nature=Nature.INFORMATION)
    assert (nouvelle.sort, nouvelle.resume_id) == (Sort.REPRIS, resume.pk)


def test_not_before_seven_and_once_a_day(recevable: Campagne) -> None:
    with at("06:59"):
        assert send_digests() == 0
    with at("10:00"):  # the machine was stopped at seven
        assert send_digests() == 3
        assert send_digests() == 0


def test_what_comes_late_waits_for_the_next_day(recevable: Campagne) -> None:
    with at("07:00"):
        send_digests()
    Courriel.objects.filter(nature=Nature.INFORMATION, destinataire=personne("porteur")).update(
        sort=Sort.AU_RESUME, resume=None
    )
    with at("11:00"):
        assert send_digests() == 0  # hers went already
    with at("07:00", date(2022, 4, 7)):
        assert send_digests() == 1
    assert [un.evenement for un in resumes("porteur")] == ["resume:2022-04-06", "resume:2022-04-07"]


def test_what_is_asked_comes_first(camp: Campagne) -> None:
    Preference.objects.create(utilisateur=personne("porteur"), nature="action", rythme="resume")
    amener(camp.dossier("D1"), "a_completer")
    with horloge.figer(horloge.ouverture(HIER)):
        collect()
    with at("07:00"):
        send_digests()
    [resume] = resumes("porteur")
    demande, _, passe = resume.texte.partition("CE QUI S'EST PASSÉ")
    assert "compléter, au plus tard le 1er\u00a0mai" in demande
    assert "a pris le dossier en charge" in passe


def test_a_long_one_is_cut_and_says_how_much(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "LIGNES", LIGNES)
    camp = campagne(dossiers=LIGNES + 2, dotation="90000000.00")
    personne("instructeur:b")
    for rang in range(1, LIGNES + 3):
        agir(camp.dossier(f"D{rang}"), "deposer", "porteur", jour="2022-04-01")
    with horloge.figer(horloge.ouverture(HIER)):
        collect()
    with at("07:00"):
        send_digests()
    [resume] = resumes("instructeur:b")
    assert f"{LIGNES + 2}\u00a0nouvelles" in resume.sujet
    assert resume.texte.count("a déposé le dossier") == LIGNES
    assert "Et 2\u00a0autres nouvelles : http://127.0.0.1:8000/" in resume.texte


def test_what_happens_after_seven_is_for_tomorrow_even_if_today_was_missed(recevable: Campagne) -> None:
    with at("08:00"):
        Courriel.objects.filter(destinataire=personne("porteur")).update(fait_le=horloge.maintenant())
    with at("09:00"):
        assert send_digests() == 2
    assert resumes("porteur") == []
    with at("07:00", date(2022, 4, 7)):
        assert send_digests() == 1


@pytest.mark.parametrize("par_la_page", [True, False], ids=["by the page", "whatever wrote it"])
def test_who_wants_none_any_more_gets_none(recevable: Campagne, *, par_la_page: bool) -> None:
    if par_la_page:
        choose(personne("porteur"), [(Nature.INFORMATION, Rythme.AUCUN)])
    else:  # chosen while the outbox was being read
        Preference.objects.create(utilisateur=personne("porteur"), nature="information", rythme="aucun")
    with at("07:00"):
        assert send_digests() == 2
    assert resumes("porteur") == []
    assert Courriel.objects.filter(destinataire=personne("porteur"), sort=Sort.ECARTE).count() == 1
