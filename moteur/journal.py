"""The journal: append, seal, verify. Its rules live in the triggers of `moteur.models`."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from moteur import horloge
from moteur.machine import Machine, Passage, field_of
from moteur.models import ORIGINE, Entree, Sceau

VERROU_SCEAU = 0x5CEA0
#: Where a row says under which delegation its author acted. No parameter of an act can bear that name.
TITRE = "@delegation"
COLONNES = "chaine, rang, le, enregistre_le, par_id, role, objet, action, de, vers, precedent, empreinte, donnees::text"
#: The two rows of an act, in one statement: neither goes without the other, and every act of every object makes them.
ECRIRE = """
    WITH entree AS (
        INSERT INTO moteur_entree (chaine, objet, action, le, par_id, role, de, vers, donnees)
        VALUES (%(chaine)s, %(objet)s, %(action)s, %(le)s, %(par)s, %(role)s, %(de)s, %(vers)s, %(donnees)s)
        RETURNING id, objet, le
    )
    INSERT INTO moteur_envoi (sujet, charge, cree_le, essais, erreur)
    SELECT %(sujet)s, jsonb_build_object('entree', id, 'objet', objet), le, 0, '' FROM entree
"""


@dataclass(frozen=True)
class Anomalie:
    """Where the journal no longer holds: a chain, a rank in it, and a French sentence."""

    chaine: str
    rang: int
    raison: str


def append(objet: Machine, action: str, passage: Passage, *, de: str | None = None, vers: str | None = None) -> None:
    """Write the journal row of an act and its outbox row. Call it inside the act's transaction."""
    append_to(objet.chaine, objet.cle, action, passage, de=de, vers=vers)


def append_to(
    chaine: str, cle: str, action: str, passage: Passage, *, de: str | None = None, vers: str | None = None
) -> None:
    """Same, for an object that is not a machine (an envelope): its chain and key are named."""
    titre = {TITRE: dict(passage.titre)} if passage.titre else {}
    valeurs = {
        "chaine": chaine, "objet": cle, "action": action, "le": passage.le, "par": passage.par.pk,
        "role": passage.role, "de": de, "vers": vers, "donnees": Jsonb(dict(passage.donnees) | titre),
        "sujet": f"{cle.partition(':')[0]}.{action}",
    }  # fmt: skip
    with connection.cursor() as curseur:
        curseur.execute(ECRIRE, valeurs)


def last() -> int:
    """Number of the last entry written, 0 in an empty journal."""
    return Entree.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def canonical(ligne: Mapping[str, Any], donnees: str) -> str:
    """The text that is hashed, computed apart from the database. `donnees`: the column as jsonb text."""
    avant = [ligne["chaine"], ligne["rang"], _instant(ligne["le"]), _instant(ligne["enregistre_le"])]
    avant += [ligne[nom] for nom in ("par_id", "role", "objet", "action", "de", "vers")]
    parties = [json.dumps(valeur, ensure_ascii=False) for valeur in avant]
    return f"[{', '.join([*parties, donnees, json.dumps(ligne['precedent'])])}]"


def _instant(le: datetime) -> str:
    return le.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verify(chaines: list[str] | None = None) -> Iterator[Anomalie]:
    """Read the chains (all of them, or those named) and yield what breaks, the first break of each chain.

    Streams with a server-side cursor: memory does not grow with the journal.
    """
    filtre = "WHERE chaine = ANY(%s)" if chaines is not None else ""
    attendu, rang, rompue, courante = ORIGINE, 0, "", ""
    for ligne in _stream(f"SELECT {COLONNES} FROM moteur_entree {filtre} ORDER BY chaine, rang", chaines):
        if ligne["chaine"] != courante:
            courante, attendu, rang = ligne["chaine"], ORIGINE, 0
        rang += 1
        if rompue == courante:
            continue
        if raison := _broken(ligne, rang, attendu):
            rompue = courante
            yield Anomalie(courante, ligne["rang"], raison)
        attendu = ligne["empreinte"]


def _broken(ligne: Mapping[str, Any], rang: int, attendu: str) -> str:
    if ligne["rang"] != rang:
        return f"l'entrée n° {rang} manque : la suivante porte le n° {ligne['rang']}"
    if ligne["precedent"] != attendu:
        return "l'empreinte de l'entrée précédente n'est pas celle attendue"
    if hashlib.sha256(canonical(ligne, ligne["donnees"]).encode()).hexdigest() != ligne["empreinte"]:
        return "le contenu ne correspond pas à son empreinte : il a été modifié"
    return ""


def _stream(sql: str, chaines: list[str] | None) -> Iterator[dict[str, Any]]:
    with transaction.atomic(), connection.chunked_cursor() as curseur:
        curseur.execute(sql, [chaines] if chaines is not None else [])
        noms = [colonne[0] for colonne in curseur.description]
        while lot := curseur.fetchmany(2000):
            for valeurs in lot:
                yield dict(zip(noms, valeurs, strict=True))


def seal() -> Sceau | None:
    """Seal the chains that moved since the last seal; None when none did. One sealer at a time."""
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s)", [VERROU_SCEAU])
        dernier = Sceau.objects.last()
        deja = _sealed_heads()
        tetes = {chaine: tete for chaine, tete in _heads(curseur).items() if deja.get(chaine) != tete}
        if not tetes:
            return None
        precedent = dernier.empreinte if dernier else ORIGINE
        sceau = Sceau(le=horloge.maintenant(), tetes=tetes, precedent=precedent)
        sceau.empreinte = _seal_hash(sceau)
        sceau.save()
        return sceau


def verify_seals() -> Iterator[Anomalie]:
    """Yield what the seals prove missing or altered: a seal, the end of a chain, or a whole chain."""
    attendu = ORIGINE
    for sceau in Sceau.objects.order_by("pk").iterator():
        if sceau.precedent != attendu or sceau.empreinte != _seal_hash(sceau):
            yield Anomalie("sceaux", sceau.pk, "ce sceau, ou celui qui le précède, a été modifié ou retiré")
        attendu = sceau.empreinte
    tetes = _sealed_heads()
    with connection.cursor() as curseur:
        curseur.execute(
            """SELECT s.chaine, s.rang FROM unnest(%s::text[], %s::int[], %s::text[]) AS s (chaine, rang, empreinte)
               LEFT JOIN moteur_entree USING (chaine, rang, empreinte) WHERE moteur_entree.id IS NULL""",
            [list(tetes), [rang for rang, _ in tetes.values()], [empreinte for _, empreinte in tetes.values()]],
        )
        for chaine, rang in curseur.fetchall():
            yield Anomalie(chaine, rang, "une entrée scellée a disparu ou a changé")


def verify_states() -> Iterator[Anomalie]:
    """Yield the objects whose state is not the one their last journal row left them in."""
    for modele in machines():
        table, nom = modele._meta.db_table, modele._meta.model_name
        initial = field_of(modele).get_default()
        with connection.cursor() as curseur:
            curseur.execute(
                f"""SELECT o.id, o.etat, COALESCE(j.vers, %s), COALESCE(j.chaine, ''), COALESCE(j.rang, 0)
                    FROM {connection.ops.quote_name(table)} o LEFT JOIN LATERAL (
                        SELECT vers, chaine, rang FROM moteur_entree
                        WHERE objet = '{nom}:' || o.id AND vers IS NOT NULL ORDER BY id DESC LIMIT 1
                    ) j ON TRUE WHERE o.etat <> COALESCE(j.vers, %s)""",  # noqa: S608 - names come from models
                [initial, initial],
            )
            for pk, etat, attendu, chaine, rang in curseur.fetchall():
                raison = f"l'état est « {etat} » alors que le journal dit « {attendu} »"
                yield Anomalie(chaine or f"{nom}:{pk}", rang, raison)


def machines() -> list[type[Machine]]:
    """Every concrete machine of the project."""
    return [modele for modele in apps.get_models() if issubclass(modele, Machine)]


def _heads(curseur: Any) -> dict[str, list[Any]]:
    curseur.execute("SELECT DISTINCT ON (chaine) chaine, rang, empreinte FROM moteur_entree ORDER BY chaine, rang DESC")
    return {chaine: [rang, empreinte] for chaine, rang, empreinte in curseur.fetchall()}


def _sealed_heads() -> dict[str, list[Any]]:
    heads: dict[str, list[Any]] = {}
    for sceau in Sceau.objects.order_by("pk"):
        heads |= sceau.tetes
    return heads


def _seal_hash(sceau: Sceau) -> str:
    texte = json.dumps([_instant(sceau.le), sceau.tetes, sceau.precedent], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()
