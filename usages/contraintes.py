"""How the constraints of this app are refused to people."""

from moteur.contraintes import enseigner
from moteur.erreurs import Code

enseigner(
    "mesure_dossiers_coherents",
    Code.DONNEES_INVALIDES,
    "Les dossiers avec projet ou avec événement ne peuvent dépasser les dossiers actifs : corrigez ces nombres.",
)
enseigner(
    "mesure_figee",
    Code.TRANSITION_INTERDITE,
    "Cette déclaration est transmise : ses chiffres ne changent plus. Déclarez un autre mois.",
)
enseigner(
    "declaration_une_par_mois",
    Code.DONNEES_INVALIDES,
    "Ce mois est déjà déclaré : attendez sa vérification, ou déclarez un autre mois.",
)
enseigner(
    "declaration_premier_du_mois",
    Code.DONNEES_INVALIDES,
    "Une déclaration vaut pour un mois entier : désignez-le par son premier jour.",
)
enseigner(
    "mesure_une_par_essms",
    Code.DONNEES_INVALIDES,
    "Les chiffres de cet établissement sont déjà saisis pour ce mois : corrigez-les au lieu d'en ajouter.",
)
