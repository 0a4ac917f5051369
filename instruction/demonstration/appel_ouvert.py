"""A call still open on the day of the demonstration, and organisms free to answer it: for whoever wants to file."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aap.models import Fenetre
from aap.services import open_call, publish
from comptes.models import Utilisateur
from grappes.categories import Secteur
from grappes.finess import with_key
from grappes.models import Essms, OrganismeGestionnaire, Rattachement
from grappes.projets import Projet
from grappes.services import declarer_recherche
from instruction.demonstration import fichiers
from instruction.peuplement import DEBUT

#: What comes behind the number of the département in made-up numbers of establishments.
MARQUE_ET = "78"


@dataclass(frozen=True, kw_only=True)
class OrganismeLibre:
    """An OG that brings nothing to any dossier yet. `modeles`: FINESS category and the word before the place."""

    finess: str
    nom: str
    departement: str
    communes: list[str]
    modeles: list[tuple[str, str]]
    essms: int


def organismes() -> list[OrganismeLibre]:
    """Those of `fixtures/demo/campagne.toml`."""
    return [OrganismeLibre(**un) for un in fichiers.campagne().ouvert["ogs"]]


def install(administrateur: Utilisateur, porteuse: Utilisateur) -> None:
    """Open the call with its window, write the register, and attach the porteur of the demonstration to the second OG.

    The first stays free: the director who comes for the first time says that she acts for it. The second, too small to
    file alone, says that it looks for a grappe.
    """
    campagne = fichiers.campagne()
    ouvert: dict[str, Any] = dict(campagne.ouvert)
    aap = open_call(
        ouvert["code"],
        par=administrateur,
        region=campagne.region,
        reglement=publish(campagne.reglement),
        dotation=Decimal(ouvert["enveloppe"]),
        intitule=ouvert["intitule"],
        dernier_engagement=ouvert["dernier_engagement"],
    )
    Fenetre.objects.create(aap=aap, **ouvert["fenetre"])
    ogs = [_register(un) for un in organismes()]
    _attach(porteuse, ogs[-1], DEBUT)
    _look_for_a_grappe(porteuse, ogs[-1])


def _register(libre: OrganismeLibre) -> OrganismeGestionnaire:
    og = OrganismeGestionnaire.objects.create(finess=libre.finess, nom=libre.nom)
    Essms.objects.bulk_create(_essms(libre, og, rang) for rang in range(libre.essms))
    return og


def _essms(libre: OrganismeLibre, og: OrganismeGestionnaire, rang: int) -> Essms:
    categorie, mot = libre.modeles[rang % len(libre.modeles)]
    commune = libre.communes[rang % len(libre.communes)]
    return Essms(
        finess=with_key(f"{libre.departement}{MARQUE_ET}1{rang:03d}"),
        nom=f"{mot} {libre.nom.removeprefix('Association des ')}, {commune}",
        categorie=categorie,
        commune=commune,
        departement_id=libre.departement,
        og=og,
    )


def _attach(personne: Utilisateur, og: OrganismeGestionnaire, du: date) -> None:
    Rattachement.objects.create(utilisateur=personne, og=og, fonction="Direction", du=du)


def _look_for_a_grappe(personne: Utilisateur, og: OrganismeGestionnaire) -> None:
    declarer_recherche(
        og,
        personne,
        departement=organismes()[-1].departement,
        secteur=Secteur.PA,
        projet=Projet.ACQUISITION,
        nombre=organismes()[-1].essms,
        contact=personne.email,
        contact_accepte=True,
        precisions="Nous cherchons un voisin pour mettre en concurrence un même logiciel.",
    )
