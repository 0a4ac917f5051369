from argparse import ArgumentParser
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from aap.management.commands import importer_dossiers
from aap.management.commands.importer_dossiers import Envoi
from aap.reception.demarches.correspondance import lire_fichier
from aap.reception.demarches.fichier import read_file
from aap.reception.demarches.importation import Livraison, prepare, report, returned
from aap.reception.demarches.reprise import Reprise
from moteur.lots import BilanLot

AIDE = """Importe des dossiers de Démarches Simplifiées (JSON de son API GraphQL : un dossier, ou une démarche).

Une correspondance, un fichier de fixtures/demarches/, dit quel champ du formulaire alimente quel champ du dossier ;
comment l'écrire : docs/echange/demarches-simplifiees.md. Ce qui n'est pas repris est conservé et listé, jamais perdu.

  python manage.py importer_demarche export.json --correspondance esms-numerique-2022 --simuler
  python manage.py importer_demarche export.json --correspondance esms-numerique-2022 --par m.durand
  python manage.py importer_demarche export.json --correspondance esms-numerique-2022 --simuler --json | jq .verdicts

Les dossiers sont jugés comme par importer_dossiers, motifs dits avec le libellé du formulaire. Les refusés sont rendus
dans un fichier que cette commande relit. Recommencer ne change rien.

Code de sortie : 0 tout est entré, 1 des dossiers sont refusés, 2 fichier ou commande à corriger (la phrase dit quoi).
"""
MONTRES = 50


class Command(importer_dossiers.Command):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--correspondance", metavar="CODE", required=True, help="fichier de fixtures/demarches/, sans .toml"
        )

    def read(self, options: dict[str, Any]) -> Envoi:
        livraison = prepare(read_file(options["fichier"]), lire_fichier(options["correspondance"]))
        return Envoi(
            livraison.fichier,
            rendre=partial(returned, livraison),
            accueillir=livraison.accueillir,
            dire=partial(report, livraison),
            montrer=partial(show_champs, livraison),
        )


def show_champs(livraison: Livraison, bilan: BilanLot, console: Console) -> None:
    """What became of the champs of each dossier, as a table, for people."""
    table = Table("Dossier", "Verdict", "Champs", "Repris", "Décor", "Non repris, conservés", "dont avec réponse")
    for jugement, reprise in list(zip(bilan.jugements, livraison.reprises, strict=True))[:MONTRES]:
        table.add_row(jugement.identifiant, jugement.issue.value, *map(str, _counts(reprise)))
    console.print(table)
    if len(livraison.reprises) > MONTRES:
        console.print(f"… et {len(livraison.reprises) - MONTRES} autres dossiers : --json les donne tous.")
    for avertissement in livraison.lot.avertissements:
        console.print(f"⚠ {avertissement}")


def _counts(reprise: Reprise) -> tuple[int, ...]:
    """Of all its champs, annotations and champs of repeated rows."""
    groupes = reprise.repris, reprise.decoratifs, reprise.laisses
    remplis = sum(not champ.is_blank for champ in reprise.laisses)
    return (sum(map(len, groupes)), *map(len, groupes), remplis)
