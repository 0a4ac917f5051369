"""The questions of a section as the page asks them: the answer so far, who gave it, what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aap.champs import Champ, Saisies, check, form
from aap.models import Dossier, Saisie, Section
from aap.saisie import Conflit, read


@dataclass(frozen=True, kw_only=True)
class Question:
    """One field on the page. `id`: of its element; `vue`: the value this page was given, sent back with the answer."""

    champ: Champ
    nom: str
    valeur: str
    par: str = ""
    le: datetime | None = None
    faute: str = ""
    conflit: Conflit | None = None

    @property
    def id(self) -> str:
        return f"champ-{self.nom.replace('.', '-')}"

    @property
    def vue(self) -> str:
        return self.conflit.actuelle if self.conflit else self.valeur

    @property
    def affichee(self) -> str:
        """What the field shows: in a conflict, what its writer typed, so that nothing she wrote is lost."""
        return self.conflit.proposee if self.conflit else self.valeur

    @property
    def type_html(self) -> str:
        return {"courriel": "email", "telephone": "tel"}.get(self.champ.nature, "text")

    @property
    def clavier(self) -> str:
        """`inputmode`: which keyboard a phone opens."""
        return {"entier": "numeric", "montant": "decimal"}.get(self.champ.nature, "")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A section to fill in: its questions, and its version when it was read. `champs`: every answer, of every OG."""

    section: Section
    titre: str
    questions: list[Question]
    champs: Saisies
    version: int
    le: datetime | None
    par: str

    @property
    def fautes(self) -> list[Question]:
        return [question for question in self.questions if question.faute or question.conflit]


def ask(
    dossier: Dossier, section: Section, *, og: str = "", conflits: Iterable[Conflit] = (), montrer: bool = True
) -> Page:
    """The questions of a section, or of the part of one OG. `montrer`: say what is wrong with the answers typed."""
    saisie = read(dossier, section)
    champs: Saisies = saisie.champs if saisie else {}
    fautes = check(section, champs) if montrer else {}
    par_champ = {conflit.champ: conflit for conflit in conflits}
    questions = []
    for champ in form(section).champs:
        nom = f"{og}.{champ.nom}" if og else champ.nom
        ecrit = champs.get(nom)
        questions.append(
            Question(
                champ=champ,
                nom=nom,
                valeur=ecrit["valeur"] if ecrit else "",
                par=ecrit["par"] if ecrit else "",
                le=datetime.fromisoformat(ecrit["le"]) if ecrit else None,
                faute=fautes.get(nom, ""),
                conflit=par_champ.get(nom),
            )
        )
    return Page(
        section=section,
        titre=form(section).titre,
        questions=questions,
        champs=champs,
        version=saisie.version if saisie else 0,
        le=saisie.le if saisie else None,
        par=_author(saisie),
    )


def _author(saisie: Saisie | None) -> str:
    """Who wrote last."""
    if saisie is None or not saisie.champs:
        return ""
    return str(max(saisie.champs.values(), key=lambda champ: champ["le"])["par"])
