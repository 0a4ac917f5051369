"""Two clicks at the same instant, on real connections."""

from comptes import invitations
from comptes.models import Region
from comptes.roles import Role
from moteur.models import Entree
from tests.comptes.gens import someone


def test_two_clicks_at_once_accept_once(base_jetable: str, en_parallele):
    admin, region = someone("lucie", Role.ADMINISTRATEUR), Region.objects.get(pk="76")
    invitation = invitations.invite("samuel@exemple.fr", Role.INSTRUCTEUR, region, admin)
    samuel = someone("samuel")
    issues = en_parallele(*[lambda: invitations.accept(invitation, samuel)] * 2)
    assert sorted(type(issue).__name__ for issue in issues) == ["Affectation", "Refus"]
    assert Entree.objects.filter(action="accepter").count() == 1
