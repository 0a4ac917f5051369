"""Saved views: a person keeps a filter under a name. Nothing of a dossier changes, so nothing is journalled."""

from comptes.models import Utilisateur
from instruction.liste.filtre import Filtre
from instruction.models import VueEnregistree
from moteur.erreurs import Code, Refus

LONGUEUR = 60
VUES_MAX = 30


def keep(utilisateur: Utilisateur, nom: str, filtre: Filtre) -> VueEnregistree:
    """Keep a filter under that name, in place of the one that had it. Raises: Refus DONNEES_INVALIDES."""
    nom = " ".join(nom.replace("\x00", "").split())[:LONGUEUR]
    if not nom:
        raise Refus(Code.DONNEES_INVALIDES, "Donnez un nom à cette vue, puis enregistrez-la.")
    siennes = VueEnregistree.objects.filter(utilisateur=utilisateur)
    if siennes.exclude(nom=nom).count() >= VUES_MAX:
        raise Refus(Code.DONNEES_INVALIDES, f"Vous avez déjà {VUES_MAX} vues : supprimez-en une d'abord.")
    vue, _ = siennes.update_or_create(nom=nom, utilisateur=utilisateur, defaults={"requete": filtre.query()})
    return vue


def forget(utilisateur: Utilisateur, pk: int) -> bool:
    """Delete one of her views; whether it was hers."""
    return VueEnregistree.objects.filter(utilisateur=utilisateur, pk=pk).delete()[0] > 0
