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
enseigner(
    "convention_montant_positif",
    Code.DONNEES_INVALIDES,
    "Une convention porte une aide positive : vérifiez le calcul de l'aide du dossier.",
)
enseigner(
    "signataire_unique",
    Code.DONNEES_INVALIDES,
    "Cette partie figure déjà parmi les signataires de la convention : rien n'est à refaire.",
)
enseigner(
    "signataire_og_nomme",
    Code.DONNEES_INVALIDES,
    "Un organisme gestionnaire signataire est nommé par son numéro FINESS ; l'ARS et le porteur n'en ont pas.",
)
enseigner(
    "versement_rang_connu",
    Code.DONNEES_INVALIDES,
    "L'aide se verse en deux moitiés : le rang d'un versement est 1 ou 2.",
)
enseigner(
    "versement_montant_positif",
    Code.DONNEES_INVALIDES,
    "L'une des deux moitiés serait nulle : vérifiez la part versée à la signature dans le règlement.",
)
enseigner(
    "versement_execute_date",
    Code.TRANSITION_INTERDITE,
    "Un versement exécuté garde son jour et les personnes qui l'ont certifié, ordonnancé et exécuté : reprenez "
    "ces étapes dans l'ordre.",
)
enseigner(
    "reversement_montant_positif",
    Code.DONNEES_INVALIDES,
    "Rien n'a été versé à ce dossier : il n'y a rien à lui redemander.",
)
