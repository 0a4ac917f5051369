"""Who is signed in, with her roles of the day: one query, on every page."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from comptes.models import Affectation, Delegation, Utilisateur
from moteur import horloge


class Porte(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Sign in by e-mail or by name; whoever comes back is loaded with her roles of the day, delegated ones too."""

    def get_user(self, user_id: int) -> Utilisateur | None:
        """The person of this session, if her account is still open."""
        jour = horloge.aujourdhui()
        siennes = Affectation.objects.valides_le(jour).filter(utilisateur=OuterRef("pk")).order_by("pk")
        recues = Delegation.objects.en_vigueur(jour).filter(delegataire=OuterRef("pk")).order_by("pk")
        personnes = Utilisateur.objects.annotate(
            du_jour=ArraySubquery(siennes.values(une=JSONObject(role="role", region="region_id"))),
            recues=ArraySubquery(recues.values(une=JSONObject(role="role", region="region_id", delegation="pk"))),
        )
        personne = personnes.filter(pk=user_id).first()
        if personne is None or not self.user_can_authenticate(personne):
            return None
        tenus = [*personne.du_jour, *personne.recues]
        personne.learn(jour, [(une["role"], une["region"], une.get("delegation")) for une in tenus])
        return personne
