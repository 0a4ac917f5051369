"""Who: the register, and the grappes it forms. One module per noun."""

from grappes.models.grappe import Grappe, Membre
from grappes.models.importation import EvenementRegistre, Importation, NatureEvenement
from grappes.models.interets import Interet, NatureInteret
from grappes.models.personnes import Rattachement
from grappes.models.rapprochement import DemandeGrappe, EtatDemande
from grappes.models.registre import Essms, OrganismeGestionnaire, Registre
from grappes.models.sons import CommandeSons

__all__ = [
    "CommandeSons",
    "DemandeGrappe",
    "Essms",
    "EtatDemande",
    "EvenementRegistre",
    "Grappe",
    "Importation",
    "Interet",
    "Membre",
    "NatureEvenement",
    "NatureInteret",
    "OrganismeGestionnaire",
    "Rattachement",
    "Registre",
]
