"""The people and the register of a play: made from the scenario, in bulk."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from comptes.models import Affectation, Departement, Utilisateur
from comptes.roles import Role
from grappes.categories import CATEGORIE_TYPE, Secteur
from grappes.finess import with_key
from grappes.models import Essms, OrganismeGestionnaire
from instruction.scenario import DossierScenario, EssmsScenario, Generer, OgScenario
from moteur.erreurs import Code, Refus

DEBUT = date(2000, 1, 1)
#: FINESS numbers overseas do not start with the code of the département (regles.md §11.4).
PREFIXES = {"971": "9701", "972": "9702", "973": "9703", "974": "9704", "976": "9805"}
PREFIXES |= {"9A": "9701", "9B": "9702", "9C": "9703", "9D": "9704", "9F": "9805"}
#: Third character of made-up numbers: establishments and legal bodies, out of the ranges in use.
MARQUE_ET, MARQUE_EJ = "9", "8"
NOMS = {
    Secteur.PA: "EHPAD",
    Secteur.PH: "MAS",
    Secteur.DOM: "SSIAD",
    Secteur.PDS: "CSAPA",
    Secteur.PDE: "MECS",
    Secteur.AHI: "CHRS",
    Secteur.PJM: "Service mandataire",
}


@dataclass
class Numeros:
    """Hands out valid FINESS numbers that the register (or the play) does not hold yet."""

    rejeu: UUID | None
    _suivants: dict[str, int] = field(default_factory=dict)

    def next_et(self, departement: str) -> str:
        return self._next(departement, MARQUE_ET)

    def next_ej(self, departement: str) -> str:
        return self._next(departement, MARQUE_EJ)

    def _next(self, departement: str, marque: str) -> str:
        prefixe = PREFIXES.get(departement, departement) + marque
        numero = self._suivants[prefixe] + 1 if prefixe in self._suivants else self._first_free(prefixe)
        self._suivants[prefixe] = numero
        largeur = 8 - len(prefixe)
        if numero >= 10**largeur:
            raise Refus(Code.DONNEES_INVALIDES, f"Trop d'ESSMS à inventer dans le département {departement}.")
        return with_key(f"{prefixe}{numero:0{largeur}d}")

    def _first_free(self, prefixe: str) -> int:
        if self.rejeu is not None:
            return 0
        pris = [
            modele.objects.filter(finess__startswith=prefixe, rejeu=None).order_by("-finess").values_list("finess")[:1]
            for modele in (Essms, OrganismeGestionnaire)
        ]
        derniers = [int(ligne[0][len(prefixe) : 8]) for lignes in pris for ligne in lignes]
        return max(derniers, default=-1) + 1


def invent(demande: Generer, numeros: Numeros) -> list[OgScenario]:
    """OGs and ESSMS spread evenly; the first OG carries the grappe."""
    parts: dict[int, list[EssmsScenario]] = defaultdict(list)
    for rang in range(demande.essms):
        departement = demande.departements[rang % len(demande.departements)]
        finess = numeros.next_et(departement)
        nom = f"{NOMS[demande.secteur]} n° {rang + 1}"
        parts[rang % demande.og].append(
            EssmsScenario(finess_et=finess, categorie=CATEGORIE_TYPE[demande.secteur], departement=departement, nom=nom)
        )
    return [
        OgScenario(
            finess_ej=numeros.next_ej(demande.departements[0]),
            nom=f"Association n° {rang + 1}",
            porteur=rang == 0,
            og_total=demande.og_total,
            essms=parts[rang],
        )
        for rang in range(demande.og)
    ]


def register(ogs: dict[str, list[OgScenario]], rejeu: UUID | None) -> dict[str, Essms]:
    """Write the OGs and ESSMS of the whole scenario, sorted, and return the ESSMS by number.

    A number the register already holds is taken as the register has it. Sorted so that two plays kept at
    the same time wait for each other instead of deadlocking.
    """
    uniques = {og.finess_ej: og for parts in ogs.values() for og in parts}
    OrganismeGestionnaire.objects.bulk_create(
        (
            OrganismeGestionnaire(finess=numero, nom=og.nom or f"OG {numero}", essms_declares=og.og_total, rejeu=rejeu)
            for numero, og in sorted(uniques.items())
        ),
        ignore_conflicts=True,
    )
    connus = {og.finess: og for og in OrganismeGestionnaire.objects.filter(rejeu=rejeu, finess__in=uniques)}
    codes = departements()
    Essms.objects.bulk_create(
        (
            Essms(
                finess=essms.finess_et, nom=essms.nom or f"ESSMS {essms.finess_et}", categorie=essms.categorie,
                departement_id=codes[essms.departement], og=connus[numero_og], rejeu=rejeu,
            )
            for essms, numero_og in sorted(_essms(ogs), key=lambda paire: paire[0].finess_et)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    numeros = [essms.finess_et for essms, _ in _essms(ogs)]
    return {essms.finess: essms for essms in Essms.objects.filter(rejeu=rejeu, finess__in=numeros)}


def departements() -> dict[str, str]:
    """INSEE code of each département, by INSEE and by FINESS code."""
    connus = Departement.objects.values_list("code", "finess")
    return {cle: insee for insee, finess in connus for cle in (insee, finess)}


def check_departements(dossiers: list[DossierScenario]) -> None:
    """Raises: Refus DONNEES_INVALIDES naming the path of the first unknown département."""
    connus = departements()
    for i, dossier in enumerate(dossiers):
        for chemin, code in _departements(dossier):
            if code not in connus:
                raise Refus(
                    Code.DONNEES_INVALIDES,
                    f"dossiers[{i}].{chemin} : le département « {code} » n'existe pas.",
                    chemin=f"dossiers[{i}].{chemin}",
                )


def person(par: str, region: str | None, rejeu: UUID | None) -> Utilisateur:
    """The person a scenario calls "instructeur" or "instructeur:b", holding that role in the AAP's region."""
    role = par.partition(":")[0]
    identifiant = f"{rejeu or region or 'national'}.{par}"
    utilisateur, nouveau = Utilisateur.objects.get_or_create(
        username=identifiant, defaults={"last_name": par, "password": "!"}
    )
    if nouveau:
        Affectation.objects.create(
            utilisateur=utilisateur, role=role, region_id=None if role == Role.PORTEUR else region, du=DEBUT
        )
    return utilisateur


def _essms(ogs: dict[str, list[OgScenario]]) -> Iterator[tuple[EssmsScenario, str]]:
    for parts in ogs.values():
        for og in parts:
            yield from ((essms, og.finess_ej) for essms in og.essms)


def _departements(dossier: DossierScenario) -> Iterator[tuple[str, str]]:
    if dossier.generer:
        yield from ((f"generer.departements[{i}]", code) for i, code in enumerate(dossier.generer.departements))
    for i, og in enumerate(dossier.og or []):
        yield from ((f"og[{i}].essms[{j}].departement", essms.departement) for j, essms in enumerate(og.essms))
