"""Asking for help: routed to the ARS and the GRADeS of the région, with the territorial contact named."""

from datetime import timedelta
from typing import Annotated

from django.db import transaction
from guardian.shortcuts import get_user_perms
from pydantic import StringConstraints

from aap.models import Dossier
from accompagnement.models import DemandeAide, EtatAide
from accompagnement.referents import delays
from comptes.models import Departement, Utilisateur
from comptes.roles import Role
from moteur import horloge, journal, signature
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import check_right
from moteur.texte import cite

Sujet = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]


def demander_aide(
    par: Utilisateur, dossier: Dossier | None = None, *, departement: str, sujet: Sujet, texte: Question
) -> DemandeAide:
    """Ask the région of that département (INSEE code). Its first journal row is that of its birth.

    Raises: Refus ROLE_INTERDIT, HORS_PERIMETRE (the dossier is not hers), DONNEES_INVALIDES.
    """
    valides = signature.lire(demander_aide, {"departement": departement, "sujet": sujet, "texte": texte})
    if dossier is not None and "porter" not in get_user_perms(par, dossier):
        raise Refus(Code.HORS_PERIMETRE, "Ce dossier ne vous est pas partagé : choisissez l'un des vôtres, ou aucun.")
    le = horloge.maintenant()
    demande = DemandeAide(
        departement=_departement(valides["departement"]), dossier=dossier, auteur=par, sujet=valides["sujet"],
        texte=valides["texte"], deposee_le=le,
        echeance=horloge.jour(le) + timedelta(days=delays().prise_en_charge.valeur),
    )  # fmt: skip
    with transaction.atomic(), traduire():
        role = check_right(demande, par, "Demander de l'aide", frozenset({Role.PORTEUR}))
        demande.save()
        donnees = signature.jsonable(demander_aide, valides)
        passage = Passage(par=par, role=role, le=le, donnees=donnees)
        journal.append(demande, "demander_aide", passage, vers=EtatAide.OUVERTE)
    return demande


def _departement(code: str) -> Departement:
    trouve = Departement.objects.select_related("region").filter(code=code).first()
    if trouve is None:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le département {cite(code)} n'existe pas : choisissez-en un dans la liste.",
            chemin="departement",
        )
    return trouve
