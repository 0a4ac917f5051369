"""The people of the demonstration, and the one password of those one may log in as.

The password is worked out from the secret key of this copy: printed at will, known nowhere else.
"""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.crypto import salted_hmac

from comptes.models import Affectation, Utilisateur
from instruction.demonstration.fichiers import Personne, personnes
from instruction.peuplement import DEBUT
from moteur.erreurs import Code, Refus

PREFIXE = "demo."
SEL = "instruction.demonstration"


def check_local() -> None:
    """Accounts with a printed password never leave the local demonstration. Raises: Refus."""
    if not (settings.LOCAL and settings.DEBUG):
        raise Refus(
            Code.DONNEES_INVALIDES,
            "La démonstration crée des comptes au mot de passe affiché : elle ne tourne que sur la base embarquée, "
            "avec DEBUG. Retirez DATABASE_URL et DEBUG=0 de l'environnement, ou jouez un scénario avec « rejouer ».",
        )


def password() -> str:
    """Letters and digits in threes of four."""
    texte = salted_hmac(SEL, "mot de passe").hexdigest()[:12]
    return "-".join(texte[i : i + 4] for i in range(0, 12, 4))


def create() -> dict[str, Utilisateur]:
    """The people of the play, by the name its events give them."""
    chiffre = make_password(password())
    return {personne.par: _create_one(personne, chiffre) for personne in personnes()}


def renew() -> None:
    """Give the accounts what signs them in: a proven address, and the password that is printed, should the secret key
    have changed since.
    """
    comptes = Utilisateur.objects.filter(username__startswith=PREFIXE)
    un = comptes.first()
    if un is not None and not un.check_password(password()):
        comptes.update(password=make_password(password()))
    for sans_adresse in comptes.filter(emailaddress=None):
        _prove_address(sans_adresse)


def _create_one(personne: Personne, chiffre: str) -> Utilisateur:
    ouvert = personne.identifiant.startswith(PREFIXE)
    utilisateur = Utilisateur.objects.create(
        username=personne.identifiant,
        first_name=personne.prenom,
        last_name=personne.nom,
        password=chiffre if ouvert else make_password(None),
    )
    _prove_address(utilisateur)
    Affectation.objects.create(utilisateur=utilisateur, role=personne.role, region_id=personne.region or None, du=DEBUT)
    return utilisateur


def _prove_address(utilisateur: Utilisateur) -> None:
    """An address under a domain reserved for examples (RFC 2606): nothing sent there arrives."""
    utilisateur.email = f"{utilisateur.username}@demonstration.example"
    utilisateur.save(update_fields=["email"])
    EmailAddress.objects.create(user=utilisateur, email=utilisateur.email, primary=True, verified=True)
