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
enseigner(
    "fenetre_code_unique",
    Code.DONNEES_INVALIDES,
    "Deux fenêtres de cet appel à projets portent le même code : donnez-en un autre à l'une d'elles.",
)
enseigner(
    "mouvement_rang_unique",
    Code.TRANSITION_INTERDITE,
    "Quelqu'un vient d'agir sur cette enveloppe : relisez-la puis recommencez.",
)
enseigner(
    "mouvement_montant_positif",
    Code.DONNEES_INVALIDES,
    "Un mouvement porte un montant positif : seule la dotation peut être diminuée. Vérifiez le montant.",
)
enseigner(
    "mouvement_nature_complete",
    Code.DONNEES_INVALIDES,
    "Ce mouvement ne dit pas pour quel dossier, ou pour quelle moitié de l'aide : précisez-le.",
)
