"""Who acts on a dossier: let in by an address, taken out, handed over to; nobody for somebody else's organisation."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from aap.models import Dossier
from grappes.models import OrganismeGestionnaire
from tests.fabriques import PORTE, porteuse


def adresse(dossier, acte=None):
    return (
        reverse("portail:personne", args=[dossier.pk, acte])
        if acte
        else reverse("portail:personnes", args=[dossier.pk])
    )


def prouver(personne):
    EmailAddress.objects.create(user=personne, email=personne.email, verified=True, primary=True)
    return personne


@pytest.fixture
def collegue(og):
    """A porteur of another organisation, whose address is proven."""
    autre = OrganismeGestionnaire.objects.create(finess="310000226", nom="Ailleurs")
    return prouver(porteuse(autre, "yvonne"))


def test_a_known_address_acts_at_once(client, brouillon, og, collegue):
    page = client.post(adresse(brouillon), {"courriel": collegue.email, "og": og.pk}, follow=True).content.decode()
    assert "agit désormais sur ce dossier" in page
    assert collegue.has_perm("porter", brouillon)


def test_an_unknown_address_is_invited(client, brouillon, og, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(adresse(brouillon), {"courriel": "nouvelle@exemple.fr", "og": og.pk})
    assert [message.to for message in mail.outbox] == [["nouvelle@exemple.fr"]]


def test_nobody_is_let_in_for_an_organisation_that_is_not_hers(client, brouillon, collegue):
    ailleurs = collegue.rattachements.get().og
    reponse = client.post(adresse(brouillon), {"courriel": collegue.email, "og": ailleurs.pk})
    assert "Vous n&#x27;agissez pas pour lui" in reponse.content.decode()
    assert not collegue.has_perm("porter", brouillon)


def test_a_co_editor_is_taken_out_but_not_the_referent(client, brouillon, og, collegue, personne):
    client.post(adresse(brouillon), {"courriel": collegue.email, "og": og.pk})
    client.post(adresse(brouillon, "retirer"), {"personne": collegue.username})
    assert not type(collegue).objects.get(pk=collegue.pk).has_perm("porter", brouillon)
    reponse = client.post(adresse(brouillon, "retirer"), {"personne": personne.username})
    assert reponse.status_code == 409
    assert "référente" in reponse.content.decode()


def test_the_dossier_is_handed_over_within_the_organisation(client, brouillon, og, collegue):
    client.post(adresse(brouillon), {"courriel": collegue.email, "og": og.pk})
    client.post(adresse(brouillon, "transmettre"), {"personne": collegue.username})
    assert Dossier.objects.get(pk=brouillon.pk).referent == collegue


def test_another_porteur_sees_nobody(brouillon, og):
    etrangere = Client()
    etrangere.force_login(porteuse(og, "zoe"), backend=PORTE)
    assert etrangere.get(adresse(brouillon)).status_code == 404
    assert etrangere.post(adresse(brouillon, "transmettre"), {"personne": "zoe"}).status_code == 404
