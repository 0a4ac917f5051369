"""Who else has the page of a dossier open: told between agents who may read it, and to nobody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aap.models import Presence
from aap.presence import FENETRE, announce, sentence
from moteur.models import Entree
from tests.fabriques import PORTE, amener, campagne, personne


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "en_recevabilite")


def signed_in(qui):
    navigateur = Client()
    navigateur.force_login(qui, backend=PORTE)
    return navigateur


def adresse(dossier):
    return f"/dossiers/{dossier.pk}/"


def ping(client, dossier):
    return client.post(f"/dossiers/{dossier.pk}/presence/")


def test_two_officers_know_of_each_other(dossier):
    une, autre = signed_in(personne("instructeur")), signed_in(personne("instructeur:b"))
    assert "consulte ce dossier" not in une.get(adresse(dossier)).content.decode()
    ping(autre, dossier)
    dit = f"{personne('instructeur:b')} consulte ce dossier."
    assert dit in une.get(adresse(dossier)).content.decode()
    assert dit in ping(une, dossier).content.decode()
    assert dit not in autre.get(adresse(dossier)).content.decode()


def test_whoever_left_is_no_longer_named(dossier):
    une, autre = signed_in(personne("instructeur")), personne("instructeur:b")
    announce(dossier, autre)
    Presence.objects.update(vue_le=Presence.objects.get().vue_le - FENETRE - timedelta(seconds=1))
    assert "consulte ce dossier" not in une.get(adresse(dossier)).content.decode()


def test_a_porteur_neither_sees_nor_is_seen(dossier):
    announce(dossier, personne("instructeur"))
    porteur = signed_in(dossier.dossieruserobjectpermission_set.get().user)
    page = porteur.get(adresse(dossier)).content.decode()
    assert "consulte ce dossier" not in page
    assert "data-presence" not in page
    assert ping(porteur, dossier).status_code == 403
    assert Presence.objects.count() == 1


def test_another_region_and_nobody_are_kept_out(dossier):
    assert ping(signed_in(personne("instructeur", "11")), dossier).status_code == 404
    assert ping(Client(), dossier).status_code == 302
    assert signed_in(personne("instructeur")).get(f"/dossiers/{dossier.pk}/presence/").status_code == 405
    assert not Presence.objects.exists()


def test_the_reader_lent_to_visitors_is_nobody(dossier, settings):
    settings.LOCAL, settings.DEBUG, settings.LECTEUR_DEMO = True, True, personne("auditeur", None).username
    page = Client().get(adresse(dossier)).content.decode()
    assert dossier.reference in page
    assert "data-presence" not in page


def test_it_is_read_with_the_dossier_and_writes_no_journal(dossier):
    une = signed_in(personne("instructeur"))
    une.get(adresse(dossier))
    avant = Entree.objects.count()
    with CaptureQueriesContext(connection) as requetes:
        une.get(adresse(dossier))
    [seule] = [une["sql"] for une in requetes if "aap_presence" in une["sql"]]
    assert 'FROM "aap_dossier"' in seule
    ping(une, dossier)
    assert Entree.objects.count() == avant


@pytest.mark.parametrize(
    ("noms", "dite"),
    [([], []), (["Mme A"], ["Mme A lit."]), (["Mme A", "M. B", "M. C"], ["Mme A, M. B et M. C lisent."])],
)
def test_the_sentence_agrees(noms, dite):
    assert sentence(noms, "lit", "lisent") == dite


def test_the_table_is_not_logged(db):
    with connection.cursor() as curseur:
        curseur.execute("SELECT relpersistence FROM pg_class WHERE relname = 'aap_presence'")
        assert curseur.fetchone() == ("u",)
