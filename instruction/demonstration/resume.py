"""The campaign shown in a terminal, 100 columns wide: dossiers, states, envelope, refusals, journal, accounts."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from aap.examen import compute_aid
from aap.models import Aap, Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.demonstration import comptes
from instruction.demonstration.appel_ouvert import organismes
from instruction.demonstration.jeu import day
from instruction.libelles import nom_role
from instruction.taches import tasks
from instruction.tours import Tour, turn
from moteur import horloge, journal
from moteur.models import Entree
from moteur.texte import FINE, INSECABLE, en_euros, en_toutes_lettres

ADRESSE = "http://127.0.0.1:8000/"
BARRE = 80
COULEURS = {"retard": "bold red", "bientot": "yellow", "": ""}
#: Shares of the envelope: a sign and a colour each, for those who do not see colours.
PARTS = (("versé", "█", "green"), ("à verser", "▓", "cyan"), ("réservé", "▒", "yellow"), ("disponible", "░", ""))


def show(aap: Aap, refus: Sequence[dict[str, Any]] | None, console: Console) -> None:
    """Everything. `refus`: what was refused during the play; None when it was played another time."""
    with horloge.figer(horloge.ouverture(day())):
        dossiers = list(
            Dossier.objects.filter(aap=aap).with_rules().annotate(essms=Count("grappe__membres")).order_by("reference")
        )
        console.print(_title(aap))
        console.print(_dossiers(dossiers))
        console.print(_states(dossiers))
        console.print(_envelope(aap))
        dus = _owed(dossiers)
    if refus:
        console.print(_refusals(refus))
    elif refus is None:
        console.print("\nLes refus de la création ne sont pas gardés : le journal ne retient que ce qui a eu lieu.")
    console.print(_journal(dossiers, aap))
    console.print(_accounts(dus))


def _title(aap: Aap) -> Text:
    return Text.assemble(
        (f"\n{aap.intitule}\n", "bold"),
        f"Situation au {en_toutes_lettres(day())}, la veille du dernier engagement.\n",
        "Organismes, grappes, établissements, logiciels et personnes sont fictifs.\n",
    )


def _dossiers(dossiers: Sequence[Dossier]) -> Table:
    table = _table(f"Les {len(dossiers)} dossiers (en gris : aide estimée, avant toute décision)")
    table.add_column("Dossier", no_wrap=True)
    table.add_column("Grappe", no_wrap=True, width=25)
    table.add_column("ESSMS", justify="right", no_wrap=True, min_width=5)
    table.add_column("État", no_wrap=True)
    table.add_column("Aide", justify="right", no_wrap=True)
    table.add_column("À qui de jouer")
    for dossier in dossiers:
        tour = turn(tasks(dossier), dossier.etat, day())
        table.add_row(
            dossier.reference, dossier.grappe.nom, str(dossier.essms), dossier.get_etat_display(),  # type: ignore[attr-defined]
            _aid(dossier), _turn(tour),
        )  # fmt: skip
    return table


def _aid(dossier: Dossier) -> Text:
    if dossier.aide is not None:
        return Text(_round(dossier.aide))
    return Text(_round(compute_aid(dossier).total), style="dim")


def _turn(tour: Tour) -> Text:
    if tour.acteur == "personne":
        return Text(tour.qui, style="dim")
    texte = Text(f"{tour.qui.removesuffix(' de jouer')} : {tour.quoi}")
    if tour.delai:
        texte.append(f", {tour.delai}", style=COULEURS[tour.urgence])
    return texte


def _states(dossiers: Sequence[Dossier]) -> Table:
    nombres = Counter(dossier.etat for dossier in dossiers)
    table = _table("\nPar état", show_header=False)
    for etat in Etat:
        nombre = nombres[etat.value]
        table.add_row(etat.label, Text("█" * nombre * 4, style="blue") + Text(f" {nombre}"))
    return table


def _envelope(aap: Aap) -> Group:
    position = aap.enveloppe.position()
    montants = (position.verse, position.engage - position.verse, position.reserve, position.disponible)
    barre, legende = Text(), Text()
    for montant, (nom, signe, couleur) in zip(montants, PARTS, strict=True):
        barre.append(signe * round(BARRE * montant / position.dotation), style=couleur)
        legende.append(f"{signe} {nom} {_round(montant)}   ", style=couleur)
    phrase = (
        f"Sur {en_euros(position.dotation)}, {en_euros(position.engage)} sont engagés, dont {en_euros(position.verse)} "
        f"versés ; {en_euros(position.reserve)} sont réservés ; il reste {en_euros(position.disponible)}."
    )
    return Group(Text("\nL'enveloppe", style="bold"), Text(phrase), barre, legende)


def _refusals(refus: Sequence[dict[str, Any]]) -> Table:
    table = _table(f"\n{len(refus)} refus en chemin : chacun dit ce qu'il a constaté et ce qu'il faut faire")
    table.add_column("Dossier", no_wrap=True)
    table.add_column("Refus", no_wrap=True)
    table.add_column("Pourquoi, et que faire")
    for un in refus:
        table.add_row(un["dossier"], un["code"], un["message"])
    return table


def _journal(dossiers: Sequence[Dossier], aap: Aap) -> Text:
    chaines = [dossier.chaine for dossier in dossiers] + [aap.enveloppe.cle]
    lignes = f"{Entree.objects.filter(chaine__in=chaines).count():,}".replace(",", FINE)
    anomalies = [*journal.verify(chaines), *journal.verify_seals()]
    if anomalies:
        premiere = anomalies[0]
        return Text(f"\nJournal ROMPU : {premiere.chaine} n° {premiere.rang}, {premiere.raison}.", style="bold red")
    return Text.assemble(
        "\nJournal : ", (f"intact, {lignes} lignes en {len(chaines)} chaînes, vérifiées et scellées.", "green"), "\n"
    )


def _accounts(dus: str) -> Panel:
    table = Table(box=None, show_header=False)
    ouverts = Utilisateur.objects.filter(username__startswith=comptes.PREFIXE).prefetch_related("affectations")
    for utilisateur in ouverts.order_by("username"):
        roles = ", ".join(nom_role(affectation.role) for affectation in utilisateur.affectations.all())
        table.add_row(utilisateur.username, str(utilisateur), roles)
    return Panel(
        Group(
            Text.assemble("Adresse : ", (ADRESSE, "bold")),
            Text.assemble("Mot de passe, le même pour tous et propre à cette copie : ", (comptes.password(), "bold")),
            table,
            Text.assemble("Pour déposer un dossier : ", ("demo.directrice", "bold"), _free()),
            Text.assemble("Pour suivre ses dossiers : ", ("demo.porteur", "bold"), dus),
        ),
        title="Le site et ses comptes (démonstration locale seulement)",
        title_align="left",
    )


def _free() -> str:
    """Which organism a newcomer may act for, and with which other her grappe is large enough."""
    libre, voisin = organismes()[0], organismes()[-1]
    return (
        f", qui agira pour {libre.nom} (FINESS {libre.finess}, {libre.essms} ESSMS) ; "
        f"{voisin.nom} ({voisin.essms} ESSMS) cherche une grappe à rejoindre"
    )


def _owed(dossiers: Sequence[Dossier]) -> str:
    """What the porteur of the demonstration owes on that day, dossier by dossier."""
    porteur = Utilisateur.objects.get(username=f"{comptes.PREFIXE}{Role.PORTEUR}")
    siens = set(Dossier.objects.visible_to(porteur, day()).values_list("pk", flat=True))
    dus = []
    for dossier in dossiers:
        tour = turn(tasks(dossier), dossier.etat, day(), porteur=True)
        if dossier.pk in siens and tour.acteur == "porteur":
            dus.append(f"{dossier.reference} ({', '.join(filter(None, (tour.quoi, tour.delai)))})")
    return f", qui y doit : {' ; '.join(dus)}"


def _table(titre: str, *, show_header: bool = True) -> Table:
    return Table(
        title=titre, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), show_header=show_header
    )


def _round(montant: Decimal) -> str:
    """Whole euros, which is enough for a glance."""
    return f"{montant:,.0f}".replace(",", FINE) + f"{INSECABLE}€"
