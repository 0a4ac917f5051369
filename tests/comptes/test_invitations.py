"""Roles of the agency are offered, never taken: by whom, to whom, once, for a while."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptes import invitations
from comptes.models import Affectation, Invitation, Region, Utilisateur
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.journal import verify
from moteur.models import Entree
from tests.comptes.gens import link_in, mail_to, sign_up, signed_in, someone
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
ADRESSE = "samuel@grades.fr"


@pytest.fixture
def admin() -> Utilisateur:
    return someone("lucie", Role.ADMINISTRATEUR)


@pytest.fixture
def occitanie() -> Region:
    return Region.objects.get(pk="76")


@pytest.fixture
def lien(admin: Utilisateur, occitanie: Region, django_capture_on_commit_callbacks) -> str:
    """The path of an invitation to instruct in Occitanie, as the guest reads it."""
    with django_capture_on_commit_callbacks(execute=True):
        invitations.invite(ADRESSE, Role.INSTRUCTEUR, occitanie, admin)
    return link_in(mail_to(ADRESSE))


def roles(utilisateur: Utilisateur) -> dict[str, frozenset[str | None]]:
    return Utilisateur.objects.get(pk=utilisateur.pk).roles_au(horloge.aujourdhui())


def test_a_guest_without_account_opens_one_and_accepts(lien: str):
    """The link proves the address: no second e-mail, and no role but the one offered."""
    invite = Client()
    assert "Lucie Essai vous propose le rôle « Instructeur ARS »" in text(invite.get(lien).content.decode())
    inscription = invite.post(lien)["Location"]
    page = invite.get(inscription).content.decode()
    assert f'value="{ADRESSE}"' in page
    assert sign_up(invite, ADRESSE, adresse=inscription)["Location"] == lien
    assert len(mail.outbox) == 1
    samuel = Utilisateur.objects.get(email=ADRESSE)
    assert roles(samuel) == {}
    assert invite.post(lien)["Location"] == "/compte/"
    assert roles(samuel) == {Role.INSTRUCTEUR: frozenset({"76"})}


def test_the_link_proves_its_own_address_and_no_other(lien: str):
    invite = Client()
    inscription = invite.post(lien)["Location"]
    sign_up(invite, "autre@exemple.fr", adresse=inscription)
    adresses = EmailAddress.objects.order_by("email").filter(email__in=[ADRESSE, "autre@exemple.fr"])
    assert list(adresses.values_list("email", "verified")) == [("autre@exemple.fr", False), (ADRESSE, True)]


def test_the_link_takes_over_no_account_of_its_address(lien: str):
    samuel = guest()
    invite = Client()
    inscription = invite.post(lien)["Location"]
    sign_up(invite, ADRESSE, adresse=inscription)
    assert not get_user(invite).is_authenticated
    assert Utilisateur.objects.get(email=ADRESSE) == samuel


def test_somebody_else_cannot_use_it(lien: str):
    client = signed_in(someone("voisin"))
    assert "autre compte" in text(client.get(lien).content.decode())
    reponse = client.post(lien)
    assert (reponse.status_code, Affectation.objects.filter(role=Role.INSTRUCTEUR).exists()) == (410, False)
    assert "qui n'est pas une adresse vérifiée" in text(reponse.content.decode())


def test_an_address_claimed_but_not_proven_does_not_count(lien: str):
    voisin = someone("voisin")
    EmailAddress.objects.create(user=voisin, email=ADRESSE, verified=False)
    assert signed_in(voisin).post(lien).status_code == 410


def guest() -> Utilisateur:
    samuel = someone("samuel")
    EmailAddress.objects.filter(user=samuel).update(email=ADRESSE)
    Utilisateur.objects.filter(pk=samuel.pk).update(email=ADRESSE)
    return Utilisateur.objects.get(pk=samuel.pk)


def test_it_serves_once(lien: str):
    client = signed_in(guest())
    assert client.post(lien).status_code == 302
    deuxieme = client.post(lien)
    assert deuxieme.status_code == 410
    assert "a déjà servi" in text(deuxieme.content.decode())
    assert Affectation.objects.filter(role=Role.INSTRUCTEUR).count() == 1


def test_it_expires(lien: str):
    client = signed_in(guest())
    with horloge.figer(horloge.maintenant() + invitations.VALIDITE):
        reponse = client.post(lien)
    assert reponse.status_code == 410
    assert "DELAI_DEPASSE" in text(reponse.content.decode())


def test_it_can_be_taken_back(lien: str, admin: Utilisateur):
    bureau = signed_in(admin)
    [invitation] = Invitation.objects.all()
    bureau.post(f"/invitations/{invitation.pk}/annuler/")
    assert "a été annulée" in text(signed_in(guest()).post(lien).content.decode())
    refuse = bureau.post(f"/invitations/{invitation.pk}/annuler/", follow=True)
    assert "a été annulée" in text(refuse.content.decode())


def test_a_link_made_up_does_not_exist(lien: str, client: Client):
    assert client.get(lien[:-4] + "xxx/").status_code == 404
    [invitation] = Invitation.objects.all()
    assert client.get(f"/invitation/{invitation.empreinte}/").status_code == 404  # what a leaked base would give


def test_accepting_a_role_already_held_adds_nothing(lien: str):
    samuel = guest()
    Affectation.objects.create(utilisateur=samuel, role=Role.INSTRUCTEUR, region_id="76", du="2020-01-01")
    signed_in(samuel).post(lien)
    assert Affectation.objects.filter(utilisateur=samuel).count() == 1


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATEUR])
def test_who_may_invite_whom(role: Role):
    invitant = someone("invitant", role)
    permis = {Role.PORTEUR} if role is Role.PORTEUR else set()
    for offert in set(Role) - permis:
        with pytest.raises(Refus) as refus:
            invitations.invite(ADRESSE, offert, None, invitant)
        assert refus.value.code is Code.ROLE_INTERDIT
    for offert in permis:
        invitations.invite(ADRESSE, offert, None, invitant)
    assert Invitation.objects.count() == len(permis)


@pytest.mark.parametrize(
    ("adresse", "role", "regional", "phrase"),
    [
        ("samuel", Role.INSTRUCTEUR, True, "nom@domaine.fr"),
        (ADRESSE, Role.AUDITEUR, True, "lit toutes les régions"),
        (ADRESSE, Role.PORTEUR, True, "n'a pas de région"),
    ],
)
def test_what_makes_no_sense_is_refused(admin, occitanie, adresse: str, role: Role, regional: bool, phrase: str):
    with pytest.raises(Refus, match=phrase) as refus:
        invitations.invite(adresse, role, occitanie if regional else None, admin)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not Invitation.objects.exists()


def test_a_refused_transaction_sends_nothing(admin, occitanie, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Refus):
        invitations.invite("samuel", Role.INSTRUCTEUR, occitanie, admin)
    assert mail.outbox == []


def test_the_journal_remembers_without_the_address(lien: str):
    signed_in(guest()).post(lien)
    lignes = list(Entree.objects.filter(objet__startswith="invitation:").values_list("action", "role", "donnees"))
    offert = {"role": "instructeur", "region": "76"}
    assert lignes == [("inviter", "administrateur", offert), ("accepter", "instructeur", offert)]
    assert list(verify()) == []


@pytest.mark.parametrize("role", [None, *[r for r in Role if r != Role.ADMINISTRATEUR]])
def test_the_page_exists_for_administrators_only(role: Role | None):
    client = signed_in(someone("x", role))
    assert client.get("/invitations/").status_code == 404
    assert client.post("/invitations/", {"courriel": ADRESSE, "role": "porteur"}).status_code == 404
    assert client.post("/invitations/1/annuler/").status_code == 404


def test_the_page_invites_and_says_what_is_wrong(admin: Utilisateur, django_capture_on_commit_callbacks):
    client = signed_in(admin)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/invitations/", {"courriel": ADRESSE.upper(), "role": "instructeur", "region": "76"})
    assert "Instructeur ARS" in mail_to(ADRESSE).body
    refuse = client.post("/invitations/", {"courriel": ADRESSE, "role": "auditeur", "region": "76"})
    assert "lit toutes les régions" in text(refuse.content.decode())


def test_the_list_costs_the_same_whatever_its_length(admin: Utilisateur, occitanie: Region):
    client = signed_in(admin)
    comptes = []
    for _ in range(2):
        for rang in range(10):
            invitations.invite(f"x{rang}@exemple.fr", Role.INSTRUCTEUR, occitanie, admin)
        with CaptureQueriesContext(connection) as requetes:
            assert client.get("/invitations/").status_code == 200
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] <= 12
