"""`bareme`: what a project would receive, before anybody files anything. Needs no database."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from rich.console import Console
from rich.table import Table

from aap import bareme, sons
from aap.faits import FaitsOptions
from aap.regles import ModeSeuil, Regles, charger, lire_fichier
from grappes.projets import Projet
from moteur.erreurs import Code, Refus
from moteur.texte import en_euros

MAX_ESSMS = 100_000  # Three times the country: beyond it is a typing error, not a grappe.
REGLEMENT_SONS = "sons-ms1-v1"

EXEMPLES = """exemples :
  46 ESSMS acquièrent un logiciel référencé Ségur (989 000 €) :
    python manage.py bareme --reglement esms-2022 --projet acquisition --essms 46 --segur oui
  8 ESSMS d'un petit organisme, tous les compléments (447 000 €) :
    python manage.py bareme --reglement esms-2022 --projet acquisition --essms 8 --segur oui \\
        --petits-og 8 --equipement --amoa-marche --amoa-projet
  64 ESSMS, lecture de la diapositive telle qu'imprimée, en JSON :
    python manage.py bareme --reglement esms-2022 --projet acquisition --essms 64 --segur oui \\
        --mode-seuil tel_qu_imprime --json
  SONS d'un organisme de 8 ESSMS :
    python manage.py bareme --sons --essms-og 8

sortie : 0 calculé, 1 refusé (le règlement ne dit pas), 2 données invalides. Avec --json, le refus aussi est
en JSON, sur la sortie standard.
Les montants sont des maxima en euros TTC, sous réserve de l'instruction par l'ARS."""

Choix = TypeVar("Choix", bound=StrEnum)
Options = Mapping[str, Any]


class Aide(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Keeps the line breaks of the examples."""


class Command(BaseCommand):
    help = "Calcule l'aide d'un projet ESMS numérique, ou le barème SONS, et explique chaque ligne."
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, formatter_class=Aide, epilog=EXEMPLES, **kwargs)
        parser.called_from_command_line = False  # Bad arguments raise, so that --json can report them.
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reglement", metavar="CODE", help="règlement appliqué, par exemple esms-2022")
        parser.add_argument("--projet", metavar="PROJET", help="acquisition ou montee_de_version")
        parser.add_argument("--essms", metavar="N", help="nombre d'ESSMS éligibles de la grappe")
        parser.add_argument(
            "--segur",
            metavar="oui|non",
            help="le logiciel est-il référencé Ségur ? (par défaut oui pour une montée de version)",
        )
        parser.add_argument(
            "--petits-og",
            metavar="N",
            help="combien de ces ESSMS relèvent de petits organismes gestionnaires",
        )
        parser.add_argument("--equipement", action="store_true", help="demander l'équipement (petits OG)")
        parser.add_argument("--amoa-marche", action="store_true", help="demander l'AMOA marché (par grappe)")
        parser.add_argument("--amoa-projet", action="store_true", help="demander l'AMOA projet (par grappe)")
        parser.add_argument("--mode-seuil", metavar="MODE", help=f"lecture du seuil : {_choices(ModeSeuil)}")
        parser.add_argument("--sons", action="store_true", help="calculer le barème SONS d'un organisme")
        parser.add_argument("--essms-og", metavar="N", help="avec --sons : nombre d'ESSMS de l'organisme")
        parser.add_argument("--json", action="store_true", help="écrire le résultat en JSON")

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            super().run_from_argv(argv)
        except CommandError as erreur:
            detail = str(erreur).removeprefix("Error: ")
            message = f"Arguments non compris ({detail}). Voyez les exemples avec --help."
            self._refuse(Refus(Code.DONNEES_INVALIDES, message), as_json="--json" in argv)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["sons"]:
                self._show_sons(read_sons(options), as_json=options["json"])
            else:
                self._show(compute(options), as_json=options["json"])
        except Refus as refus:
            self._refuse(refus, as_json=options["json"])

    def _refuse(self, refus: Refus, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(_json(refus.as_dict()))
        else:
            self.stderr.write(f"{refus.code.value} : {refus.message}")
        sys.exit(2 if refus.code is Code.DONNEES_INVALIDES else 1)

    def _show(self, financement: bareme.Financement, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(_json(financement.as_dict()))
            return
        table = _table("Aide calculée", "Poste", "Quantité", "Taux", "Montant")
        table.add_column("Référence")
        for ligne in financement.lignes:
            montants = en_euros(ligne.taux), en_euros(ligne.montant)
            table.add_row(ligne.poste, str(ligne.as_dict()["quantite"]), *montants, ligne.reference)
        table.add_section()
        table.add_row("total", "", "", en_euros(financement.total), "")
        self._print(table, *(f"Attention : {texte}" for texte in financement.avertissements))

    def _show_sons(self, aide: sons.BaremeSons, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(_json(aide.as_dict()))
            return
        table = _table("SONS", "Tranche", "Unitaire", "Total", "Avance 30 %", "Solde 70 %")
        montants = aide.unitaire, aide.total, aide.avance_30, aide.solde_70
        table.add_row(aide.tranche, *(en_euros(montant) for montant in montants))
        self._print(table)

    def _print(self, *objets: Any) -> None:
        texte = StringIO()
        console = Console(file=texte, highlight=False, force_terminal=self.stdout.isatty())
        for objet in objets:
            console.print(objet)
        self.stdout.write(texte.getvalue(), ending="")


def compute(options: Options) -> bareme.Financement:
    """Read the options, load the rule set, compute. Raises: Refus."""
    if options["essms_og"] is not None:
        raise _invalid("--essms-og", "ne va qu'avec --sons. Ajoutez --sons, ou utilisez --essms")
    projet = _choice(options, "projet", Projet)
    essms = _integer(options, "essms", minimum=1)
    segur = _yes_no(options, default="oui" if projet is Projet.MONTEE_DE_VERSION else None)
    petits_og = _integer(options, "petits_og", minimum=0) if options["petits_og"] is not None else 0
    mode = _choice(options, "mode_seuil", ModeSeuil) if options["mode_seuil"] is not None else None
    return bareme.calculer(
        _rules(_given(options, "reglement")),
        projet=projet,
        segur=segur,
        parts=[Decimal(1)] * essms,
        petits_og=petits_og,
        options=FaitsOptions(
            equipement=options["equipement"],
            amoa_marche=options["amoa_marche"],
            amoa_projet=options["amoa_projet"],
        ),
        mode=mode,
    )


def read_sons(options: Options) -> sons.BaremeSons:
    """SONS scale of one OG. Raises: Refus."""
    reglement = options["reglement"] or REGLEMENT_SONS
    return sons.bareme(_rules(reglement), _integer(options, "essms_og", minimum=1))


def _rules(code: str) -> Regles:
    return charger(lire_fichier(code))


def _given(options: Options, nom: str) -> str:
    valeur = options[nom]
    if valeur is None:
        raise _invalid(_flag(nom), "manque. Voyez les exemples avec --help")
    return str(valeur)


def _integer(options: Options, nom: str, *, minimum: int) -> int:
    brut = _given(options, nom)
    nombre = int(brut) if brut.isascii() and brut.isdigit() and len(brut) <= 9 else -1
    if not minimum <= nombre <= MAX_ESSMS:
        raise _invalid(_flag(nom), f"vaut « {brut} ». Donnez un entier de {minimum} à {MAX_ESSMS}")
    return nombre


def _choice(options: Options, nom: str, choix: type[Choix]) -> Choix:
    brut = _given(options, nom)
    try:
        return choix(brut)
    except ValueError:
        raise _invalid(_flag(nom), f"vaut « {brut} ». Choisissez parmi : {_choices(choix)}") from None


def _yes_no(options: Options, *, default: str | None) -> bool:
    brut = options["segur"] or default
    if brut not in ("oui", "non"):
        constat = "manque" if brut is None else f"vaut « {brut} »"
        raise _invalid("--segur", f"{constat}. Écrivez --segur oui ou --segur non")
    return brut == "oui"


def _choices(choix: type[StrEnum]) -> str:
    return ", ".join(un.value for un in choix)


def _flag(nom: str) -> str:
    return f"--{nom.replace('_', '-')}"


def _invalid(argument: str, constat: str) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, f"L'argument {argument} {constat}.", argument=argument)


def _table(titre: str, premiere: str, *autres: str) -> Table:
    table = Table(premiere, title=titre, title_justify="left")
    for colonne in autres:
        table.add_column(colonne, justify="right", no_wrap=True)
    return table


def _json(donnees: Mapping[str, object]) -> str:
    return json.dumps(donnees, ensure_ascii=False, indent=2)
