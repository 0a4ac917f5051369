"""How the constraints of this app are refused to people."""

from moteur.contraintes import enseigner
from moteur.erreurs import Code

enseigner(
    "versement_un_par_rang",
    Code.VERSEMENT_DEJA_EFFECTUE,
    "Un versement est déjà en cours ou effectué pour cette moitié de l'aide : rien n'est à refaire.",
)
enseigner(
    "versement_roles_separes",
    Code.SEPARATION_DES_ROLES,
    "Qui a ordonnancé un versement ne l'exécute pas : un autre comptable doit le faire.",
)
enseigner(
    "versement_convention_signee",
    Code.TRANSITION_INTERDITE,
    "La première moitié se paie sur une convention signée et en vigueur : vérifiez l'état du dossier.",
)
enseigner(
    "versement_cibles_atteintes",
    Code.CIBLES_NON_ATTEINTES,
    "La seconde moitié n'est due qu'une fois les cibles d'usage constatées : faites d'abord vérifier les usages.",
)
