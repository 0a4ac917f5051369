"""How the constraints of this app are refused to people."""

from moteur.contraintes import enseigner
from moteur.erreurs import Code

enseigner(
    "mouvement_enveloppe_suffisante",
    Code.ENVELOPPE_INSUFFISANTE,
    "Il ne reste pas assez dans l'enveloppe : mettez le dossier en liste d'attente, ou abondez l'enveloppe.",
)
enseigner(
    "mouvement_dossier_couvert",
    Code.ENVELOPPE_INSUFFISANTE,
    "Ce mouvement dépasse ce qui a été réservé ou engagé pour ce dossier : vérifiez le montant.",
)
enseigner(
    "mouvement_versement_unique",
    Code.VERSEMENT_DEJA_EFFECTUE,
    "Cette moitié de l'aide a déjà été versée : rien n'est à refaire.",
)
enseigner(
    "derogation_unique",
    Code.DONNEES_INVALIDES,
    "Cette règle est déjà levée pour ce dossier : rien n'est à refaire.",
)
