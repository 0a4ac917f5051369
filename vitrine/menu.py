"""The main menu, by what the reader is: a porteur, an agent, or a visitor."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from aap.reception.accueil import may_import
from comptes.acces import reader_on_loan
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.corbeille.lecture import count as count_tasks
from moteur import horloge


@dataclass(frozen=True)
class Entree:
    """`courante`: "page" on the page itself, "true" on one of its section, else empty (aria-current)."""

    texte: str
    adresse: str
    courante: str


def menu(requete: HttpRequest) -> dict[str, object]:
    """Context processor: the entries, computed only by pages that draw them."""
    return {"menu": SimpleLazyObject(lambda: list(_entries(requete)))}


#: Who answers the requests for help of the porteurs.
REPONDENT = frozenset({Role.INSTRUCTEUR, Role.RESPONSABLE, Role.CONSEILLER_GRADES, Role.PILOTE_NATIONAL})


def carries_only(personne: Utilisateur) -> bool:
    """Whether she is here to carry dossiers, and nothing else."""
    return personne.roles_au(horloge.aujourdhui()).keys() <= {Role.PORTEUR}


def _entries(requete: HttpRequest) -> Iterator[Entree]:
    for texte, nom, sections in _names(requete):
        adresse = reverse(nom)
        ici = requete.path
        courante = "page" if ici == adresse else "true" if ici.startswith((*sections,)) else ""
        yield Entree(texte, adresse, courante)


def _names(requete: HttpRequest) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Words, route, and where the addresses of the section begin."""
    personne = _reader(requete)
    appels = ("Appels à projets", "vitrine:appels", ("/appels/",))
    aide = ("Aide", "vitrine:guide", ("/guide/", "/faq/"))
    relation = ("Mise en relation", "mise-en-relation", ("/mise-en-relation/",))
    if personne is None:
        yield from (appels, aide)
    elif carries_only(personne):
        yield from (("Mes dossiers", "portail:accueil", ("/mes-dossiers/", "/dossiers/")), relation, appels, aide)
        yield ("Demander de l'aide", "aide:accueil", ("/aide/",))
    else:
        yield _inbox(personne)
        yield from (("Dossiers", "dossiers", ("/dossiers/",)), relation)
        yield from _acts(personne)
        if may_import(personne):
            yield ("Importer", "importer", ("/importer/",))
        if not personne.roles_au(horloge.aujourdhui()).keys().isdisjoint(REPONDENT):
            yield ("Risques", "grades", ("/grades/",))
            yield ("Demandes d'aide", "demandes-aide", ("/demandes-aide/",))
        yield appels


def _inbox(personne: Utilisateur) -> tuple[str, str, tuple[str, ...]]:
    """With the number of tasks that wait for her, when some do."""
    nombre = count_tasks(personne, horloge.aujourdhui())
    return (f"Tâches ({nombre})" if nombre else "Tâches", "corbeille", ("/taches/",))


def _acts(personne: Utilisateur) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The lists that lead to acts, for who may do them."""
    roles = personne.roles_au(horloge.aujourdhui()).keys()
    if not roles.isdisjoint({Role.INSTRUCTEUR, Role.RESPONSABLE}):
        yield ("Comité", "comite", ("/comite/",))
        yield ("Vérifications", "verifications", ("/verifications/",))
    if not roles.isdisjoint({Role.RESPONSABLE, Role.COMPTABLE}):
        yield ("Paiements", "paiements", ("/paiements/",))


def _reader(requete: HttpRequest) -> Utilisateur | None:
    """Who is signed in, or the reader lent to the local demonstration."""
    personne = getattr(requete, "user", None)
    return personne if isinstance(personne, Utilisateur) else reader_on_loan()
