"""Importing FINESS files into the register: all of them, in one transaction, or nothing (ADR 0010)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from comptes.models import Departement
from grappes import fusion, recus
from grappes.lecture_finess import read_header, read_rows
from grappes.lecture_finess.fichier import Fichier, examine
from grappes.lecture_finess.lignes import (
    A_REPRENDRE,
    Entete,
    Ignore,
    Rejet,
    refuse,
)
from grappes.models import Importation, OrganismeGestionnaire
from grappes.ordinaires import Ordinaires
from grappes.recus import Compte
from grappes.remplissage import filling
from grappes.tri import Reprendre, Tri, sort_for, take_all
from moteur.erreurs import Code, Refus
from moteur.horloge import maintenant
from moteur.texte import cite

Suivi = Callable[[int, int], object]

VERROU = 0x46494E45
LIGNES_PAR_BLOC = 1000
#: What rows are when nothing more is to be told from them.
SANS_SUITE = (str, Ignore, Rejet)
#: Beyond a hundredth of the rows and ten of them, rejections tell of a damaged file, not of bad rows.
REJETS_TOLERES = 10
PART_REJETEE = 0.01
REJETS_MAX = 1000
#: Beyond a hundredth of the register and ten ESSMS, absences tell of a partial stock, not of closures.
ABSENCES_TOLEREES = 10
PART_ABSENTE = 0.01


@dataclass
class Bilan:
    """What an import did. `rejets`: {fichier, lieu, motif}; `ignores`: rows by reason."""

    fichiers: list[dict[str, Any]] = field(default_factory=list)
    crees: int = 0
    modifies: int = 0
    fermes: int = 0
    rouverts: int = 0
    inchanges: int = 0
    og_crees: int = 0
    og_modifies: int = 0
    ignores: dict[str, int] = field(default_factory=dict)
    rejets: list[dict[str, str]] = field(default_factory=list)
    avertissements: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)

    def counts(self) -> dict[str, int]:
        """What changed, by kind."""
        noms = ("crees", "modifies", "fermes", "rouverts", "og_crees", "og_modifies")
        return {nom: getattr(self, nom) for nom in noms}


class Import:
    """One import under way, on its cursor, inside its transaction."""

    def __init__(self, curseur: Any, tri: Tri, suivi: Suivi, total: int) -> None:
        self.curseur = curseur
        self.tri = tri
        self.bilan = Bilan()
        self.ignores: Counter[str] = Counter()
        self.cles_fausses = 0
        self.lus = 0
        self.total = total
        self.suivi = suivi
        self.codes = {d.finess: d.code for d in Departement.objects.order_by("code")}
        self.codes |= {code: code for code in self.codes.values()}

    def load(self, rang: int, fichier: Fichier, entete: Entete) -> None:
        """Copy what a file says into `finess_recu`. Raises: Refus."""
        compte = Compte(tri=self.tri)
        lignes = self._lines(f"{rang}\t{entete.le}", fichier, compte)
        with self.curseur.copy(fusion.COPIE) as copie:
            while bloc := "".join(islice(lignes, LIGNES_PAR_BLOC)):
                copie.write(bloc)
        if not compte.lignes:
            raise refuse(f"{cite(fichier.chemin.name)} ne contient aucune ligne : il est vide ou tronqué.")
        if compte.rejets > max(REJETS_TOLERES, compte.lignes * PART_REJETEE):
            raise self._too_many()
        self.lus += fichier.taille
        self.cles_fausses += compte.cles_fausses
        self.bilan.fichiers.append({
            "nom": fichier.chemin.name, "format": entete.format, "encodage": entete.encodage, "date": str(entete.le),
            "empreinte": fichier.empreinte, "lignes": compte.lignes, "essms": compte.essms,
        })  # fmt: skip

    def _progress(self, octets: int) -> None:
        self.suivi(min(self.lus + octets, self.total), self.total)

    def _lines(self, origine: str, fichier: Fichier, compte: Compte) -> Iterator[str]:
        """Lines of COPY, of the rows that are taken. `origine`: what they all begin with."""
        lues = read_rows(fichier, self._progress, Ordinaires(self.codes, compte))
        for compte.lignes, lue in enumerate(lues, start=1):
            ligne = lue if isinstance(lue, SANS_SUITE) else recus.received(lue, self.codes, compte)
            if isinstance(ligne, str):
                yield f"{origine}\t{compte.lignes}\t{ligne}"
            elif isinstance(ligne, Ignore):
                self.ignores[ligne.motif] += 1
            else:
                compte.rejets += 1
                self._reject(fichier, ligne)

    def _reject(self, fichier: Fichier, rejet: Rejet) -> None:
        self.bilan.rejets.append({"fichier": fichier.chemin.name, "lieu": rejet.lieu, "motif": rejet.motif})
        if len(self.bilan.rejets) > REJETS_MAX:
            raise self._too_many()

    def _too_many(self) -> Refus:
        premier = self.bilan.rejets[0]
        return refuse(
            f"{len(self.bilan.rejets)} lignes à rejeter, c'est trop : le fichier est abîmé. "
            f"La première : {premier['lieu']}, {premier['motif']}. {A_REPRENDRE}"
        )

    def merge(self, fichiers: Sequence[Fichier], entetes: Sequence[Entete]) -> None:
        """From `finess_recu` to the register."""
        if self.tri.may_repeat():
            self._drop_repeated(fichiers)
        self._run(fusion.CIBLE, fusion.PERIMES_OU_INCONNUS)
        perimes, inconnus = self.curseur.fetchone()
        self._ignore("le registre tient ces lignes d'un fichier plus récent", perimes)
        self._ignore("fermé avant d'être connu du registre", inconnus)
        if self.tri.may_repeat() or perimes or inconnus:
            self._ignore_the_rest()
        with filling(self.curseur):
            self._write(entetes)
        self.bilan.ignores = dict(sorted(self.ignores.items()))
        self._warn()
        if any(self.bilan.counts().values()):
            self._run(fusion.STATISTIQUES)
        self._run(fusion.NETTOYAGE)

    def _ignore_the_rest(self) -> None:
        """What was sent for an ESSMS that is not taken in the end; nothing else is, when rows were sorted."""
        self._run(fusion.SANS_OBJET)
        positions, organismes = self.curseur.fetchone()
        self._ignore(recus.POSITION_SANS_OBJET.motif, positions)
        self._ignore(recus.ORGANISME_SANS_OBJET.motif, organismes)

    def _write(self, entetes: Sequence[Entete]) -> None:
        bilan = self.bilan
        importation = self._identifier()
        bilan.og_modifies = self._og(importation)
        bilan.crees, bilan.inchanges = self._essms(importation, entetes)
        if any(bilan.counts().values()):
            Importation.objects.create(pk=importation, le=maintenant(), fichiers=bilan.fichiers, bilan=bilan.counts())

    def _drop_repeated(self, fichiers: Sequence[Fichier]) -> None:
        self._run(fusion.REPETES, fusion.DOUBLONS)
        for rang, _, lieu, finess, premier in sorted(self.curseur.fetchall()):
            self._reject(fichiers[rang], Rejet(lieu, f"{finess} est déjà cité : {premier}"))
        if len(fichiers) > 1:
            self._run(fusion.DEPASSES)

    def _og(self, importation: int) -> int:
        self._run(fusion.OG_ECARTS, "SELECT count(DISTINCT id) FROM finess_og_ecart")
        modifies: int = self.curseur.fetchone()[0]
        self._run(fusion.OG_MODIFIES)
        self.bilan.og_crees = self._run(fusion.OG_CREES)
        self.curseur.execute(fusion.OG_EVENEMENTS, [importation])
        return modifies

    def _essms(self, importation: int, entetes: Sequence[Entete]) -> tuple[int, int]:
        """How many were created, how many were known and stay as they were."""
        self._run(fusion.ECARTS, fusion.INCHANGES)
        inchanges: int = self.curseur.fetchone()[0]
        if stocks := [entete.le for entete in entetes if entete.complet]:
            self._close_absent(max(stocks))
        self._run(fusion.COMPTES)
        self.bilan.modifies, self.bilan.fermes, self.bilan.rouverts = self.curseur.fetchone()
        self._run(fusion.FERMER_ABSENTS, fusion.MODIFIES, fusion.VUS)
        self.curseur.execute(fusion.CREES, [importation])
        crees: int = self.curseur.rowcount
        self.curseur.execute(fusion.EVENEMENTS, [importation])
        return crees, inchanges

    def _close_absent(self, le: date) -> None:
        self.curseur.execute(fusion.ABSENTS, [le])
        absents, connus = self.curseur.fetchone()
        if absents > max(ABSENCES_TOLEREES, connus * PART_ABSENTE):
            self.bilan.avertissements.append(
                f"{absents} ESSMS ouverts du registre, sur {connus}, ne sont pas dans ce stock : il est partiel "
                "ou tronqué, aucune fermeture n'en a été déduite. Donnez le stock national entier pour les constater."
            )
        elif absents:
            self.curseur.execute(fusion.ABSENTS_FERMES, [le, le, le])

    def _warn(self) -> None:
        self._run(fusion.OG_SANS_NOM)
        if sans_nom := self.curseur.fetchone()[0]:
            self.bilan.avertissements.append(
                f"{sans_nom} organismes gestionnaires sans nom : donnez aussi le fichier « cs1100501 » (structureej)."
            )
        if self.cles_fausses:
            self.bilan.avertissements.append(
                f"{self.cles_fausses} numéros FINESS ont une clé de contrôle inattendue ; ils ont été pris tels quels."
            )

    def _identifier(self) -> int:
        self._run("SELECT nextval(pg_get_serial_sequence('grappes_importation', 'id'))")
        numero: int = self.curseur.fetchone()[0]
        return numero

    def _ignore(self, motif: str, nombre: int) -> None:
        if nombre:
            self.ignores[motif] += nombre

    def _run(self, *requetes: str) -> int:
        for requete in requetes:
            self.curseur.execute(requete)
        nombre: int = self.curseur.rowcount
        return nombre


@transaction.atomic(durable=True)
def import_files(chemins: Sequence[Path], suivi: Suivi = lambda fait, total: None) -> Bilan:
    """Bring the real register to what these files say, or change nothing.

    Locks: the advisory lock `VERROU`, for the transaction (docs/verrous.md). Raises: Refus.
    """
    fichiers = [examine(chemin) for chemin in chemins]
    entetes = [_header(fichier) for fichier in fichiers]
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_try_advisory_xact_lock(%s)", [VERROU])
        if not curseur.fetchone()[0]:
            raise Refus(
                Code.TRANSITION_INTERDITE, "Un autre import du registre est en cours : relancez quand il sera fini."
            )
        curseur.execute(fusion.REGLAGES)
        try:
            with transaction.atomic():
                en_cours = _load(curseur, _sort(entetes), fichiers, entetes, suivi)
        except Reprendre:
            en_cours = _load(curseur, take_all(), fichiers, entetes, suivi)
        en_cours.merge(fichiers, entetes)
    return en_cours.bilan


def _sort(entetes: Sequence[Entete]) -> Tri:
    """What tells the rows of no object, when establishments come first."""
    if not any(entete.complet for entete in entetes[:1]) or any(entete.format != "stock" for entete in entetes):
        return take_all()
    return sort_for(OrganismeGestionnaire.objects.filter(rejeu__isnull=True).values_list("finess", flat=True))


def _load(curseur: Any, tri: Tri, fichiers: Sequence[Fichier], entetes: Sequence[Entete], suivi: Suivi) -> Import:
    """Raises: Refus, Reprendre."""
    curseur.execute(fusion.RECU)
    en_cours = Import(curseur, tri, suivi, sum(fichier.taille for fichier in fichiers))
    for rang, (fichier, entete) in enumerate(zip(fichiers, entetes, strict=True)):
        with _named(fichier):
            en_cours.load(rang, fichier, entete)
    return en_cours


def _header(fichier: Fichier) -> Entete:
    with _named(fichier):
        return read_header(fichier)


@contextmanager
def _named(fichier: Fichier) -> Iterator[None]:
    """A refusal says which file."""
    try:
        yield
    except Refus as refus:
        nom = fichier.chemin.name
        raise Refus(refus.code, f"{nom}, {refus.message}", fichier=nom, **refus.details) from refus
