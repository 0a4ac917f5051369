"""How the triggers of this app are refused to people."""

from moteur.contraintes import enseigner
from moteur.erreurs import Code

enseigner(
    "interet_clos_une_fois",
    Code.TRANSITION_INTERDITE,
    "La fin de cet intérêt est déjà enregistrée : s'il a repris, déclarez-en un nouveau.",
)
