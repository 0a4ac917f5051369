"""A world where every table of ours has a row, made once per file; each test works in a transaction undone."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from typing import Any

import pgtrigger
import pytest
from django.db import connection, transaction
from psycopg import sql

from aap.messages import ecrire_message
from aap.models import Dossier, PieceJointe, Reception, Sens, Visa
from aap.notes import ecrire_note
from aap.objectifs import fixer_objectifs
from accompagnement.aide import demander_aide
from comptes.delegations import Etendue, deleguer
from comptes.invitations import invite
from comptes.models import Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from grappes.importation import import_files
from grappes.interets import declarer_interet
from grappes.models import CommandeSons, DemandeGrappe, Essms, NatureInteret, Rattachement
from moteur import horloge, journal
from moteur.models import Entree
from moteur.porte import franchir
from tests.fabriques import Campagne, agir, amener, campagne
from tests.grappes.fichiers_finess import ECHANTILLON
from usages.models import Declaration, RecuUsages, SaisieUsages

NUMEROS = count(1)


@pytest.fixture(scope="module")
def base_peuplee(base_modele: str, django_db_blocker: Any) -> Iterator[str]:
    nom = f"{base_modele}_peuplee_{next(NUMEROS)}"
    with django_db_blocker.unblock():
        _maintain("CREATE DATABASE {} TEMPLATE {}", nom, base_modele)
        with connected_to(nom):
            _populate()
    yield nom
    with django_db_blocker.unblock():
        _maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)", nom)


@pytest.fixture
def monde(base_peuplee: str, django_db_blocker: Any) -> Iterator[dict[str, Dossier]]:
    """D1 failed and owes its first half back; D2, of several OGs, is closed; D3 is a draft; one seal; one import."""
    with django_db_blocker.unblock(), connected_to(base_peuplee), transaction.atomic():
        yield {dossier.reference: dossier for dossier in Dossier.objects.select_related(*Dossier.AVEC)}
        transaction.set_rollback(True)


@pytest.fixture(params=[False, True], ids=["", "pgtrigger.ignore"])
def ignorant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every trigger named in the variable that switches those of django-pgtrigger off."""
    with pgtrigger.ignore() if request.param else nullcontext():
        yield


def _populate() -> None:
    camp = campagne(dossiers=[{}, {"og": 2}, {}])
    motif = {"motif": "Essai."}
    d1, d2 = camp.dossier("D1"), camp.dossier("D2")
    amener(d1, "a_completer")
    agir(d1, "completer", "porteur", jour="2022-04-05")
    agir(d1, "deroger", "responsable", jour="2022-04-05", regle="CUMUL_UE", **motif)
    amener(camp.dossier("D1"), "en_verification")
    agir(d1, "proroger", "responsable", jour="2024-04-02", jusqu_au="2024-06-01", **motif)
    agir(d1, "constater_echec", "responsable", jour="2024-06-03", **motif)
    amener(d2, "en_instruction")
    _accompany(d2)
    amener(camp.dossier("D2"), "clos")
    import_files([ECHANTILLON])
    _populate_apart(camp)
    journal.seal()


def _accompany(dossier: Dossier) -> None:
    """A cause shared and annotated, before the opinion says otherwise; a plan with one action."""
    risque = agir(
        dossier, "ouvrir_risque", "conseiller_grades", jour="2022-04-12", axe="achat", libelle="Marché régional"
    )
    agir(
        dossier, "annoter_risque", "conseiller_grades", jour="2022-04-12", axe="achat", niveau="fort",
        commentaire="Marché infructueux.", risque=risque.pk, a_faire="Relancer", a_faire_par="ars",
        pour_le="2022-05-01",
    )  # fmt: skip
    agir(
        dossier, "planifier_action", "conseiller_grades", jour="2022-04-12", phase="choix", intitule="Comparer",
        intervenant="grades", pour_le="2022-05-01",
    )  # fmt: skip


def _populate_apart(camp: Campagne) -> None:
    """What no step of a dossier writes: an attachment, a demand, a SONS order, a file received, an invitation."""
    invite("samuel@grades.fr", Role.INSTRUCTEUR, Region.objects.get(pk="76"), camp.personne("administrateur"))
    _lend_a_role(camp)
    dossier, porteur = camp.dossier("D3"), camp.personne("porteur")
    essms = Essms.objects.filter(participations__grappe=dossier.grappe)[0]
    Rattachement.objects.create(utilisateur=porteur, og=essms.og, du="2022-01-01")
    DemandeGrappe.objects.create(
        og=essms.og, departement=essms.departement, secteur="PA", projet=dossier.projet, nombre=3,
        contact_accepte=True, contact="porteur@exemple.fr", par=porteur, declaree_le=horloge.maintenant(),
    )  # fmt: skip
    CommandeSons.objects.create(
        reference="S1", og=essms.og, essms=essms, logiciel="Osiris", commandee_le="2022-03-01", complete_le="2022-04-01"
    )
    instructeur = camp.personne("instructeur")
    ecrire_note(dossier, instructeur, texte="À suivre", mentions=[instructeur.pk])
    message = ecrire_message(dossier, porteur, texte="Bonjour")
    PieceJointe.objects.create(message=message, nom="a.pdf", taille=1, empreinte="0" * 64, format="pdf")
    demandes = [demander_aide(porteur, departement="31", sujet="Aide", texte="Comment ?") for _ in range(2)]
    franchir(demandes[0], "prendre_en_charge", camp.personne("instructeur"))
    franchir(demandes[0], "resoudre", camp.personne("instructeur"), reponse="Ainsi.")
    _type_usages(camp, porteur)
    fixer_objectifs(camp.aap, {"evaluer": 10}, camp.personne("responsable"), du=horloge.aujourdhui())
    lie = camp.personne("instructeur:lie")
    declarer_interet(lie, essms.og, lie, nature=NatureInteret.EMPLOI, du=horloge.aujourdhui())
    Visa.objects.create(
        dossier=dossier, transition="selectionner", role=Role.RESPONSABLE, sens=Sens.ACCORDE, faits={}, derogations={},
        aide={}, empreinte="0" * 64, par=camp.personne("responsable"), le=horloge.maintenant(),
    )  # fmt: skip
    Reception.objects.create(
        source="essai", identifiant="1", rang=1, dossier=dossier, empreinte="0" * 64, contenu={}, par=porteur,
        le=horloge.maintenant(),
    )  # fmt: skip


def _lend_a_role(camp: Campagne) -> None:
    """The responsable lends her role to an instructeur, for today."""
    jour, region = horloge.aujourdhui(), Region.objects.get(pk="76")
    etendue = Etendue(
        nature=Nature.SIGNATURE,
        role=Role.RESPONSABLE,
        region=region,
        du=jour,
        au=jour,
        acte="arrêté n° 1",
        acte_le=jour,
    )
    deleguer(camp.personne("instructeur"), etendue, camp.personne("responsable"))


def _type_usages(camp: Campagne, par: Utilisateur) -> None:
    """Figures typed, and the receipt of the month that D2 declared."""
    entree = Entree.objects.filter(action="declarer_usages").latest("pk")
    declaration = Declaration.objects.get(dossier=camp.dossier("D2"))
    le = horloge.maintenant()
    SaisieUsages.objects.create(dossier=declaration.dossier, mois=declaration.mois, par=par, le=le)
    RecuUsages.objects.create(declaration=declaration, entree=entree, contenu={}, empreinte="0" * 64, delivre_le=le)


@contextmanager
def connected_to(nom: str) -> Iterator[None]:
    reglages = connection.settings_dict  # shared by the connections of all threads
    habituelle = reglages["NAME"]
    connection.close()
    reglages["NAME"] = nom
    try:
        yield
    finally:
        connection.close()
        reglages["NAME"] = habituelle


def _maintain(ordre: str, *noms: str) -> None:
    connection.close()
    with connection._nodb_cursor() as curseur:
        curseur.execute(sql.SQL(ordre).format(*map(sql.Identifier, noms)))
