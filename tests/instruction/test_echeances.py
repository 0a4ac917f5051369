"""A deadline that passes is told once, to the outbox."""

from datetime import date

import pytest

from instruction.echeances import fire
from instruction.taches import deadlines
from moteur import horloge
from moteur.models import Envoi
from tests.fabriques import amener, campagne

pytestmark = pytest.mark.django_db


def passees() -> list[str | None]:
    return list(Envoi.objects.filter(sujet="dossier.echeance_depassee").values_list("cle", flat=True).order_by("pk"))


def test_complements_that_never_came_are_told_once() -> None:
    dossier = amener(campagne().dossier("D1"), "a_completer")
    with horloge.figer(horloge.ouverture(date(2022, 5, 1))):
        assert fire([dossier]) == 0  # the due date itself is in time
    with horloge.figer(horloge.ouverture(date(2022, 5, 2))):
        assert fire([dossier]) == 1
        assert fire([dossier]) == 0
    with horloge.figer(horloge.ouverture(date(2022, 6, 2))):
        assert fire([dossier]) == 0
    assert passees() == [f"echeance:{dossier.cle}:completer:2022-05-01"]


def test_targets_past_their_day_are_told() -> None:
    dossier = amener(campagne().dossier("D1"), "en_deploiement")
    with horloge.figer(horloge.ouverture(date(2022, 12, 1))):
        [limite] = {tache.echeance for tache in deadlines(dossier)}
        assert fire([dossier]) == 0
    assert limite is not None
    with horloge.figer(horloge.ouverture(limite.replace(year=limite.year + 1))):
        assert fire([dossier]) == len(passees()) > 0


def test_what_has_no_day_is_never_late() -> None:
    dossier = amener(campagne().dossier("D1"), "depose")
    with horloge.figer(horloge.ouverture(date(2030, 1, 1))):
        assert fire([dossier]) == 0
