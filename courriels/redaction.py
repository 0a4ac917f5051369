"""What an e-mail says: what happened, what is asked of its reader, by when, and where to read more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from aap.models import Dossier
from comptes.roles import Role
from courriels.models import Courriel
from instruction.recit import Etape
from instruction.taches import Tache
from instruction.tours import Tour, turn

#: Lines of a digest; what is left out is counted, and seen on the pages.
LIGNES = 60
#: What people typed may hold a line break; a header may not. No-break spaces stay.
BLANCS = re.compile(r"[^\S\u00a0\u202f]+")


@dataclass(frozen=True, kw_only=True)
class Texte:
    sujet: str
    texte: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Nouvelle:
    """What the templates of one e-mail read. `etape`: what happened, None for a due date or an alert.

    `alerte`: what should worry the reader, as a sentence; empty otherwise.

    `tour`: what is asked of the reader, None when nothing is; `attente`: whose turn it is otherwise.
    `demande`: this very piece of news asks it, so that its subject says so.
    """

    dossier: Dossier
    le: datetime
    etape: Etape | None
    tour: Tour | None
    attente: Tour
    demande: bool
    alerte: str = ""
    lien: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lien", address(reverse("dossier", args=[self.dossier.pk])))

    @property
    def aide(self) -> Decimal | None:
        """The aid granted, once it was notified; before, it is nobody's to know."""
        return self.dossier.aide if getattr(self.dossier, "convention", None) else None


def news(
    dossier: Dossier,
    le: datetime,
    etape: Etape | None,
    *,
    taches: Sequence[Tache],
    role: str,
    jour: date,
    demande: bool,
    alerte: str = "",
) -> Nouvelle:
    """`taches`: all that is awaited on the dossier; `role`: the one under which its reader is told."""
    porteur = role == Role.PORTEUR
    siennes = [tache for tache in taches if tache.role == role]
    return Nouvelle(
        dossier=dossier,
        le=le,
        etape=etape,
        tour=turn(siennes, dossier.etat, jour, porteur=porteur) if siennes else None,
        attente=turn(taches, dossier.etat, jour, porteur=porteur),
        demande=demande and bool(siennes),
        alerte=alerte,
    )


def write(nouvelle: Nouvelle) -> Texte:
    """The e-mail of one piece of news."""
    return render("courriels/message/nouvelle.html", {"nouvelle": nouvelle})


def write_digest(courriels: Sequence[Courriel], jour: date, desabonnement: str) -> Texte:
    """The digest of these e-mails, what is asked first. `desabonnement`: what its link carries."""
    demandes = [courriel for courriel in courriels if courriel.nature == "action"]
    nouvelles = [courriel for courriel in courriels if courriel.nature != "action"]
    retenus = [*demandes, *nouvelles][:LIGNES]
    contexte = {
        "demandes": [(un, link(un)) for un in retenus if un.nature == "action"],
        "nouvelles": [(un, link(un)) for un in retenus if un.nature != "action"],
        "autres": len(courriels) - len(retenus),
        "total": len(courriels),
        "jour": jour,
        "liste": address(reverse("dossiers")),
        "desabonnement": address(reverse("courriels-desabonnement", args=[desabonnement])),
    }
    return render("courriels/message/resume.html", contexte)


def link(courriel: Courriel) -> str:
    """Where what an e-mail is about is read; the list, when it is about nothing."""
    if courriel.demande_id is not None:
        return address(reverse("demande-aide", args=[courriel.demande_id]))
    if courriel.dossier_id is None:
        return address(reverse("dossiers"))
    return address(reverse("dossier", args=[courriel.dossier_id]))


def address(chemin: str) -> str:
    """A path of the site as a whole address."""
    return f"{settings.ADRESSE_SITE}{chemin}"


def render(gabarit: str, contexte: dict[str, object]) -> Texte:
    """An e-mail from the template of the HTML, and those of the text and of the subject beside it."""
    base = gabarit.removesuffix(".html")
    commun = contexte | {"preferences": address(reverse("courriels-preferences"))}
    sujet = render_to_string(f"{base}_sujet.txt", commun)
    return Texte(
        sujet=BLANCS.sub(" ", sujet).strip()[:200],
        texte=render_to_string(f"{base}.txt", commun).strip() + "\n",
        html=render_to_string(gabarit, commun),
    )
