"""How the triggers of this app are refused to people."""

from moteur.contraintes import enseigner
from moteur.erreurs import Code

enseigner(
    "delegation_role_tenu",
    Code.ROLE_INTERDIT,
    "On ne délègue qu'un rôle que l'on tient soi-même, dans cette région et sur toute la période : un rôle reçu par "
    "délégation ne se délègue pas. Choisissez l'un de vos rôles, ou raccourcissez la période.",
)
enseigner(
    "delegation_dans_l_agence",
    Code.DONNEES_INVALIDES,
    "Cette personne ne fait pas partie de l'agence sur cette période : choisissez-en une qui y est instructrice, "
    "responsable ou comptable.",
)
enseigner(
    "delegation_roles_separes",
    Code.SEPARATION_DES_ROLES,
    "Qui ordonnance ne paie pas, et qui paie n'ordonnance pas : cette personne tient déjà l'autre rôle dans cette "
    "région. Choisissez quelqu'un d'autre.",
)
enseigner(
    "delegation_sans_chevauchement",
    Code.DONNEES_INVALIDES,
    "Vous avez déjà délégué ce rôle à cette personne sur une partie de ces jours : changez les dates, ou révoquez "
    "d'abord l'autre délégation.",
)
enseigner(
    "revocation_sans_retour",
    Code.DONNEES_INVALIDES,
    "Cette délégation est déjà révoquée à compter d'un jour plus proche : une révocation s'avance, elle ne se "
    "repousse pas. Donnez une nouvelle délégation.",
)
