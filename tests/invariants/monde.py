"""A small campaign, the people around it, and every table seen at once."""

from collections import Counter
from datetime import date
from typing import Any

from django.db import connection

from aap.models import Dossier
from aap.services import share
from comptes.models import Affectation, Utilisateur
from conventions.models import Convention, Reversement, Versement
from grappes.finess import with_key
from moteur import journal
from moteur.machine import Machine
from tests.fabriques import Campagne, campagne, personne
from usages.models import Declaration

PORTEURS = {"D1": "porteur", "D2": "porteur", "D3": "porteur:b", "D4": "porteur:b"}
#: Two dossiers out of four fit in the envelope, with the small one.
DOTATION = "660000.00"
AILLEURS = "11"
#: The right people, the second ones, and those who may not: elsewhere, before or after their time, readers only.
PERSONNES = (
    "porteur", "porteur:b", "porteur:suit", "instructeur", "instructeur:b", "responsable", "responsable:b",
    "comptable", "comptable:b", "conseiller_grades", "pilote_national", "auditeur", "administrateur",
    "instructeur@11", "responsable@11", "comptable@11", "conseiller_grades@11",
    "responsable:ancien", "comptable:futur", "double", "instructeur:adjoint", "instructeur:commis",
)  # fmt: skip

#: Who may be lent which role, by whom; one may not, for she pays already.
PRETS = {
    "instructeur:adjoint": ("responsable", "responsable"),
    "instructeur:commis": ("comptable", "comptable"),
    "responsable:b": ("instructeur", "instructeur"),
    "comptable:b": ("responsable", "responsable"),
}


def ouvrir() -> Campagne:
    """Four dossiers of 15 ESSMS: one of several OGs, one whose aid cannot be halved without a cent left over.

    Time enough for the second halves: the dates are wide.
    """
    return campagne(
        dotation=DOTATION,
        dossiers=[
            {"porteur": "porteur"},
            {"porteur": "porteur", "og": 3},
            {"porteur": "porteur:b", "projet": "montee_de_version", "og": [og_mixte()]},
            {"porteur": "porteur:b"},
        ],
        fenetres=[{"code": "F1", "ouvre": "2022-03-15", "ferme": "2024-12-31"}],
        dernier_engagement="2026-12-31",
    )


def og_mixte() -> dict[str, Any]:
    """Home services of which one hour in seven is eligible: 75 000 € / 7, an odd number of cents."""
    services = [
        {
            "finess_et": with_key(f"319800{rang:02d}"),
            "categorie": "354",
            "departement": "31",
            "heures_eligibles": 1,
            "heures_totales": 7,
        }
        for rang in range(15)
    ]
    return {"finess_ej": with_key("31980099"), "nom": "Aide à domicile", "porteur": True, "essms": services}


def peupler(camp: Campagne) -> dict[str, Utilisateur]:
    """Everybody in `PERSONNES`, by name."""
    gens = {nom: _personne(nom) for nom in PERSONNES}
    share(camp.dossier("D1"), gens["porteur:suit"], "suivre")
    return gens


def machines_du(dossier: Dossier) -> list[Machine]:
    """The dossier and what has a state under it, oldest first."""
    de_lui = {"dossier": dossier}
    sous = [
        *Convention.objects.filter(**de_lui),
        *Versement.objects.filter(convention__dossier=dossier).order_by("pk"),
        *Declaration.objects.filter(**de_lui).order_by("pk"),
        *Reversement.objects.filter(**de_lui),
    ]
    return [dossier, *sous]


def empreinte() -> str:
    """One digest of every row of every table: two equal ones mean that nothing at all was written."""
    tables = connection.introspection.table_names()
    parties = (
        f"(SELECT md5(COALESCE(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t)" for table in tables
    )
    with connection.cursor() as curseur:
        curseur.execute(f"SELECT md5(concat({', '.join(parties)}))")
        (somme,) = curseur.fetchone()
    return str(somme)


def compter() -> dict[str, int]:
    """Rows of every table."""
    with connection.cursor() as curseur:
        tables = connection.introspection.table_names(curseur)
        curseur.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables))
        return dict(curseur.fetchall())


def poster_temoins() -> None:
    """Have PostgreSQL itself note every change of a state: an observer that the engine does not know of."""
    with connection.cursor() as curseur:
        curseur.execute("CREATE TABLE temoin (objet text, de text, vers text)")
        for modele in journal.machines():
            table, nom = modele._meta.db_table, modele._meta.model_name
            curseur.execute(f"""
                CREATE FUNCTION temoin_{nom}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO temoin VALUES ('{nom}:' || NEW.id, OLD.etat, NEW.etat); RETURN NULL; END $$;
                CREATE TRIGGER temoin AFTER UPDATE OF etat ON {table} FOR EACH ROW
                    WHEN (OLD.etat IS DISTINCT FROM NEW.etat) EXECUTE FUNCTION temoin_{nom}();
            """)


def changements() -> Counter[tuple[str, str, str]]:
    """What the observer saw, to be compared with the journal."""
    return _counted("SELECT objet, de, vers FROM temoin")


def changements_journalises() -> Counter[tuple[str, str, str]]:
    return _counted("SELECT objet, de, vers FROM moteur_entree WHERE vers IS NOT NULL")


def juger_les_differes() -> None:
    """Have the deferred triggers judge now what a commit would have them judge."""
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        curseur.execute("SET CONSTRAINTS ALL DEFERRED")


def _counted(requete: str) -> Counter[tuple[str, str, str]]:
    with connection.cursor() as curseur:
        curseur.execute(requete)
        return Counter(curseur.fetchall())


def _personne(nom: str) -> Utilisateur:
    if nom == "double":
        return _with_two_roles()
    if nom == "responsable:ancien":
        return personne(nom, au=date(2021, 12, 31))
    if nom == "comptable:futur":
        return personne(nom, du=date(2090, 1, 1))
    role, _, region = nom.partition("@")
    return personne(role, region) if region else personne(role)


def _with_two_roles() -> Utilisateur:
    """Responsable and comptable at once: the law shuts her out of executing what she ordered."""
    qui = personne("responsable:double")
    Affectation.objects.create(utilisateur=qui, role="comptable", region_id="76", du=date(2000, 1, 1))
    return qui
