"""The porteur's pages on a register of 100 000 ESSMS with 10 000 dossiers, next to the same pages on an empty one.

The page that grows most is the one judged, but for the one that searches: `bench.recherche` judges that. A page is a
whole request by Django's client: session, person, queries, template.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from aap.membres import composer
from aap.models import Aap, Dossier, Fenetre
from aap.ouverture import open_draft
from bench.base import throwaway
from bench.dossiers import copies, one_filed
from bench.finess import written
from bench.mesure import Chrono, Mesure, laps
from comptes.models import Utilisateur
from grappes.importation import import_files
from grappes.models import Essms, Rattachement
from grappes.projets import Projet
from instruction.scenario import Scenario
from moteur import horloge

ESSMS = 100_000
DOSSIERS = 10_000
MEMBRES = 46
TOURS = 15
CIBLE = 1.5
#: What a page may take here, in milliseconds.
ATTENTE = 100
RECHERCHE = "grappe, recherche"
PORTE = "comptes.backends.Porte"


def measure(scenario: Scenario, vierge: str) -> list[Mesure]:
    """Pages per second for the slowest of them, on a copy of the database `vierge`."""
    with throwaway(vierge):
        modele, _ = one_filed(scenario)
        client, adresses = _porteur(modele)
        peu = _time("pages, à vide", client, adresses)
        _fill(modele)
        beaucoup = _time("pages, au volume", client, adresses)
    jugees = [nom for nom in beaucoup if nom != RECHERCHE]
    lente = max(jugees, key=lambda nom: peu[nom].rate(1) / beaucoup[nom].rate(1))
    millisecondes = {nom: round(1000 / chrono.rate(1), 1) for nom, chrono in beaucoup.items()}
    details = {
        "essms": ESSMS, "dossiers": DOSSIERS, "laps": TOURS, "compared_to": "the same page on an empty base",
        "page": lente, "ms": millisecondes, "under_100_ms": max(millisecondes.values()) < ATTENTE,
    }  # fmt: skip
    return [
        Mesure(
            name="pages", unit="pages/s", figure=beaucoup[lente].rate(1), floor=peu[lente].rate(1), aim=CIBLE,
            details=details,
        )
    ]  # fmt: skip


def _porteur(modele: Dossier) -> tuple[Client, dict[str, str]]:
    """A porteur with a draft of 46 ESSMS, signed in; the addresses of her pages."""
    aap: Aap = modele.aap
    jour = horloge.aujourdhui()
    Fenetre.objects.create(aap=aap, code="BANC", ouvre=jour, ferme=jour + timedelta(30))
    og = modele.grappe.og_porteur
    personne = Utilisateur.objects.filter(affectations__role="porteur").first()
    assert personne is not None
    Rattachement.objects.create(utilisateur=personne, og=og, du=jour)
    brouillon = open_draft(aap, par=personne, og=og, nom="Banc", projet=Projet.ACQUISITION)
    composer(brouillon, personne, ajouter=tuple(og.essms.values_list("finess", flat=True)[:MEMBRES]))
    # Asked as a browser would: with DEBUG off, the usual name of test clients is not one that is served.
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0].lstrip("."))
    client.force_login(personne, backend=PORTE)
    grappe = reverse("portail:grappe", args=[brouillon.pk])
    adresses = {
        "accueil": reverse("portail:accueil"),
        "grappe": grappe,
        RECHERCHE: f"{grappe}?q=association",
        "pieces": reverse("portail:pieces", args=[brouillon.pk]),
        "suivi": reverse("portail:suivi", args=[modele.pk]),
    }
    adresses |= {code: reverse("portail:etape", args=[brouillon.pk, code]) for code in ("appel", "projet", "depot")}
    return client, adresses


def _time(nom: str, client: Client, adresses: dict[str, str]) -> dict[str, Chrono]:
    durees = {page: Chrono() for page in adresses}
    for adresse in adresses.values():
        client.get(adresse)
    for _ in laps(nom, TOURS):
        for page, adresse in adresses.items():
            with durees[page].lap():
                reponse = client.get(adresse)
            assert reponse.status_code == 200, (page, reponse.status_code)
    return durees


def _fill(modele: Dossier) -> None:
    """The register, and the dossiers of others, each holding 46 ESSMS of it."""
    with written(ESSMS) as fichiers:
        import_files(fichiers)
    faits = copies(modele, DOSSIERS)
    premier = Essms.objects.filter(vu_le__isnull=False).order_by("pk").values_list("pk", flat=True)[0]
    with connection.cursor() as curseur:
        curseur.execute(
            MEMBRES_DES_AUTRES, {"ids": [un.pk for un in faits], "essms": ESSMS, "membres": MEMBRES, "premier": premier}
        )
        curseur.execute("ANALYZE")


MEMBRES_DES_AUTRES = """
    INSERT INTO grappes_membre (grappe_id, essms_id, sons_logiciel, arrive_le, motif_depart, retenu_par_id)
    SELECT d.grappe_id, %(premier)s + (d.id * %(membres)s + n) %% %(essms)s, '', current_date, '', e.id
    FROM aap_dossier d
    JOIN moteur_entree e ON e.objet = 'dossier:' || d.id AND e.action = 'deposer'
    CROSS JOIN generate_series(0, %(membres)s - 1) n
    WHERE d.id = ANY(%(ids)s)
"""
