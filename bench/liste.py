"""The list of dossiers, its filters, its sorts, its far pages, the inbox, its exports: 100 000 dossiers next to 1 000.

Each size has its own database, and they are timed in turn, so that what else the machine does weighs on both. What is
asked gives as many rows at both sizes: a page full of what is common, or the same few rows of what is rare. The page
that grows most is the one judged.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from aap.models import Dossier
from bench import export
from bench.base import throwaway
from bench.dossiers import multiply, one_filed
from bench.mesure import Chrono, Mesure, count_queries, laps
from bench.variete import VARIER, VARIER_TACHES, varied
from comptes.models import Affectation, Region, Utilisateur
from comptes.roles import Role
from instruction.corbeille.lecture import LOTS
from instruction.liste.ordres import ORDRES, Repere
from instruction.models import Parcours
from instruction.peuplement import DEBUT
from instruction.scenario import Scenario
from moteur import horloge

PEU, BEAUCOUP = 1_000, 100_000
TOURS = 15
CIBLE = 1.5
#: Of a page of the list, of the inbox.
REQUETES_MAX, REQUETES_TACHES = 8, 15
PORTE = "comptes.backends.Porte"
#: Dossiers written in one transaction.
LOT = 10_000
FILTRES: Mapping[str, str] = {
    "risque": "risque=fort",
    "tout": "", "état": "etat=en_instruction", "états": "etat=depose&etat=clos", "état rare": "etat=reoriente",
    "appel": "aap={aap}", "secteur": "secteur=PA", "secteur rare": "secteur=PJM", "département": "departement=09",
    "département rare": "departement=2A", "moi": "agent=moi", "personne": "agent=personne", "retard": "delai=retard",
    "semaine": "delai=semaine", "sans date": "delai=sans", "acteur": "acteur=porteur", "projet": "projet=acquisition",
    "aide": "aide_min=300000&aide_max=500000", "fenêtre": "fenetre=F2", "fenêtre rare": "fenetre=F9",
    "texte commun": "q=banc", "texte": "q=lettre7", "texte rare": "q=aiguille", "référence": "q=copie-000512",
    "plusieurs": "etat=reoriente&departement=2A&secteur=PJM&agent=moi", "communs": "secteur=PA&agent=personne&q=banc",
    "rien": "q=introuvable", "rien, deux rares": "secteur=PJM&departement=09",
    "rien, deux communs": "etat=clos&projet=montee_de_version",
}  # fmt: skip


@dataclass(frozen=True)
class Base:
    """One of the two databases, and what is asked of it: name of a page → address, then its times."""

    nom: str
    moi: int
    client: Client
    adresses: dict[str, str]
    durees: dict[str, Chrono] = field(default_factory=dict)


def measure(scenario: Scenario, vierge: str) -> list[Mesure]:
    """Pages per second for the one that grows most, then for the inbox."""
    with throwaway(vierge) as petite:
        peu = _filled(scenario, petite, PEU)
        with throwaway(vierge) as grande:
            beaucoup = _filled(scenario, grande, BEAUCOUP)
            requetes = _queries(beaucoup)
            for tour in laps("liste", TOURS):
                # Each goes first in its turn.
                for base in (peu, beaucoup) if tour % 2 else (beaucoup, peu):
                    _time(base)
            memoire = export.measure((petite, peu.moi), (grande, beaucoup.moi), BEAUCOUP)
    taches = {nom for nom in peu.adresses if nom.startswith("tâches")}
    return [
        _judged("liste", peu, beaucoup, requetes, peu.adresses.keys() - taches, REQUETES_MAX),
        _judged("corbeille", peu, beaucoup, requetes, taches, REQUETES_TACHES),
        memoire,
    ]


def _judged(
    nom: str, peu: Base, beaucoup: Base, requetes: Mapping[str, int], pages: Collection[str], maximum: int
) -> Mesure:
    """A page that asks more than `maximum` queries is a fault of the program, whatever its time."""
    assert all(requetes[un] <= maximum for un in pages), requetes
    rapports = {un: round(peu.durees[un].rate(1) / beaucoup.durees[un].rate(1), 2) for un in pages}
    pire = max(rapports, key=lambda un: rapports[un])
    details = {
        "dossiers": BEAUCOUP, "laps": TOURS, "compared_to": f"the same page with {PEU} dossiers", "page": pire,
        "ratios": dict(sorted(rapports.items(), key=lambda un: -un[1])),
        "ms": {un: round(1000 / beaucoup.durees[un].rate(1), 1) for un in sorted(pages)},
        "queries_at_most": max(requetes[un] for un in pages),
        "queries_allowed": maximum,
    }  # fmt: skip
    return Mesure(
        name=nom, unit="pages/s", figure=beaucoup.durees[pire].rate(1), floor=peu.durees[pire].rate(1), aim=CIBLE,
        details=details,
    )  # fmt: skip


def _time(base: Base) -> None:
    with switched(base.nom):
        base.client.get("/")
        for page, adresse in base.adresses.items():
            with base.durees.setdefault(page, Chrono()).lap():
                reponse = base.client.get(adresse)
            assert reponse.status_code == 200, (page, reponse.status_code)


def _queries(base: Base) -> dict[str, int]:
    with switched(base.nom):
        base.client.get("/")
        return {page: count_queries(partial(base.client.get, adresse)) for page, adresse in base.adresses.items()}


def _filled(scenario: Scenario, nom: str, nombre: int) -> Base:
    """A database with that many dossiers, all different, and an officer of their région signed in."""
    modele, moi = one_filed(scenario)
    fill(modele, moi, nombre)
    # Asked as a browser would: with DEBUG off, the usual name of test clients is not one that is served.
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0].lstrip("."))
    client.force_login(moi, backend=PORTE)
    return Base(nom, int(moi.pk), client, {**_addresses(modele), **_far(nombre, moi), **_inbox()})


def fill(modele: Dossier, moi: Utilisateur, nombre: int) -> None:
    """Copy the dossier until there are that many, then make them differ."""
    reste = nombre - 1
    while reste:
        multiply(modele, min(LOT, reste))
        reste -= min(LOT, reste)
    region = Region.objects.get(pk=modele.aap.region_id)
    with connection.cursor() as curseur:
        curseur.execute(VARIER, varied(moi, [_officer(rang, region) for rang in range(11)]))
        curseur.execute(VARIER_TACHES)
        curseur.execute("VACUUM ANALYZE")


def _officer(rang: int, region: Region) -> int:
    qui = Utilisateur.objects.create(username=f"agent-{rang}", last_name=f"Agent {rang}")
    Affectation.objects.create(utilisateur=qui, role=Role.INSTRUCTEUR, region=region, du=DEBUT)
    return int(qui.pk)


def _addresses(modele: Dossier) -> dict[str, str]:
    liste = reverse("dossiers")
    filtres = {f"filtre : {nom}": f"{liste}?{texte}" for nom, texte in FILTRES.items()}
    tris = {f"tri : {sens}{nom}": f"{liste}?tri={sens}{nom}" for nom in ORDRES for sens in ("", "-")}
    return {nom: adresse.replace("{aap}", modele.aap.code) for nom, adresse in {**filtres, **tris}.items()}


def _far(nombre: int, moi: Utilisateur) -> dict[str, str]:
    """Pages in the middle and at the end of the list, whatever it is sorted by, and of two filters."""
    pages, lues = {}, Parcours.objects.told_to(moi, horloge.aujourdhui())
    for (nom, ordre), (ou, rang) in ((un, ou) for un in ORDRES.items() for ou in _places(nombre)):
        ligne = lues.order_by(ordre.champ, "pk")[rang]
        repere = Repere(valeur=getattr(ligne, ordre.champ), pk=ligne.pk)
        for filtre in ("", "secteur=PA&", "agent=personne&") if nom == "echeance" else ("",):
            pages[f"{ou} : {nom} {filtre}".strip()] = f"{reverse('dossiers')}?{filtre}tri={nom}&apres={repere}"
    return pages


def _places(nombre: int) -> Iterator[tuple[str, int]]:
    yield "milieu", nombre // 2
    yield "fin", nombre - 500


def _inbox() -> dict[str, str]:
    return {f"tâches : {lot}": f"{reverse('corbeille')}?lot={lot}" for lot in LOTS}


@contextmanager
def switched(nom: str) -> Iterator[None]:
    """That database under the default connection, then the one that was."""
    reglages = connection.settings_dict
    habituelle = reglages["NAME"]
    connection.close()
    reglages["NAME"] = nom
    try:
        yield
    finally:
        connection.close()
        reglages["NAME"] = habituelle
