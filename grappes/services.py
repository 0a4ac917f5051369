"""Who acts for an OG, and the demands of those who look for a grappe."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from pydantic import AfterValidator, Field

from comptes.models import Departement, Utilisateur
from comptes.roles import Role
from grappes.categories import Secteur
from grappes.models import DemandeGrappe, EtatDemande, OrganismeGestionnaire, Rattachement
from grappes.projets import Projet
from moteur import horloge, journal, signature
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte, check_right


def _email(texte: str) -> str:
    """Empty, or an address."""
    try:
        if texte:
            validate_email(texte)
    except ValidationError:
        raise ValueError("adresse électronique attendue, par exemple nom@exemple.fr") from None
    return texte


#: ESSMS an OG would bring: no OG of the register has more.
Nombre = Annotated[int, Field(ge=1, le=2_000)]
Contact = Annotated[str, Field(max_length=254), AfterValidator(_email)]
Precisions = Annotated[str, Field(max_length=2_000)]


@transaction.atomic
def attach(
    utilisateur: Utilisateur, og: OrganismeGestionnaire, *, du: date, au: date | None = None, fonction: str = ""
) -> Rattachement:
    """Let a person act for an OG between two days, included. Raises: Refus DONNEES_INVALIDES."""
    with traduire():
        return Rattachement.objects.create(utilisateur=utilisateur, og=og, du=du, au=au, fonction=fonction)


@transaction.atomic
def detach(rattachement: Rattachement, *, au: date) -> None:
    """End an attachment on that day, included. Raises: Refus DONNEES_INVALIDES."""
    rattachement.au = au
    with traduire():
        rattachement.save(update_fields=["au"])


def declarer_recherche(
    og: OrganismeGestionnaire,
    par: Utilisateur,
    *,
    departement: str,
    secteur: Secteur,
    projet: Projet,
    nombre: Nombre,
    contact_accepte: bool,
    contact: Contact = "",
    precisions: Precisions = "",
) -> DemandeGrappe:
    """Say that this OG looks for a grappe. `departement`: INSEE code.

    Its first journal row is that of its birth; nobody changes what it says but through `modifier`.
    Raises: Refus ROLE_INTERDIT, HORS_PERIMETRE (she does not act for that OG), DONNEES_INVALIDES.
    """
    donnees = {
        "departement": departement, "secteur": secteur, "projet": projet, "nombre": nombre,
        "contact_accepte": contact_accepte, "contact": contact, "precisions": precisions,
    }  # fmt: skip
    valides = signature.lire(declarer_recherche, donnees)
    demande = DemandeGrappe(og=og, par=par, declaree_le=horloge.maintenant(), **_columns(valides))
    with transaction.atomic(), traduire():
        role = check_right(demande, par, "Déclarer une recherche", frozenset({Role.PORTEUR}))
        demande.save()
        passage = Passage(
            par=par, role=role, le=demande.declaree_le, donnees=signature.jsonable(declarer_recherche, valides)
        )
        journal.append(demande, "declarer_recherche", passage, vers=EtatDemande.OUVERTE)
    return demande


@acte(DemandeGrappe, "Modifier la demande", dans={EtatDemande.OUVERTE}, par=Role.PORTEUR)
def modifier(
    demande: DemandeGrappe,
    passage: Passage,
    *,
    nombre: Nombre,
    contact_accepte: bool,
    contact: Contact = "",
    precisions: Precisions = "",
) -> DemandeGrappe:
    """State again how many ESSMS it would bring and whom to write to. What it looks for does not change."""
    demande.nombre, demande.precisions = nombre, precisions
    demande.contact_accepte, demande.contact = contact_accepte, contact
    return demande


def _columns(valides: Mapping[str, Any]) -> dict[str, Any]:
    """Raises: Refus DONNEES_INVALIDES when there is no such département."""
    departement = Departement.objects.filter(code=valides["departement"]).first()
    if departement is None:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"departement : le département « {valides['departement']} » n'existe pas. Donnez son code, par exemple 31.",
            chemin="departement",
        )
    return {
        **valides,
        "departement": departement,
        "projet": valides["projet"].value,
        "secteur": valides["secteur"].value,
    }
