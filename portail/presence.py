"""Who else is on a step of a filing, and what the others changed there since the page was read.

What changed is read in the journal: each act writes one row and adds one to the version of the dossier, so the rows
since the page was read are as many as the versions since.
"""

import re
from collections.abc import Iterable, Iterator

from django.urls import reverse

from aap.champs import field_of
from aap.models import Dossier, Section
from aap.presence import Changement, Voisinage, others, sentence
from aap.saisie import read
from aap.services import AUTRE
from comptes.models import Utilisateur
from moteur.erreurs import Refus
from moteur.models import Entree
from moteur.texte import INSECABLE, cite, en_liste
from portail.etapes import ETAPES

#: The place of a section that fills a step by itself; the others are filled OG by OG, each a place of its own.
LIEUX = {Section.PROJET: "projet", Section.ENGAGEMENTS: "depot"}
SECTIONS = {lieu: section for section, lieu in LIEUX.items()}
#: A form of one OG: "autodiagnostic.310000010".
PAR_OG = re.compile(rf"({'|'.join(section for section in Section if section not in LIEUX)})\.([0-9A-Z]{{9}})")
#: Rows read at most: beyond, the page says enough to be read again.
RELUES = 50

#: (what was done, to what): "a modifié", "« Logiciel visé »".
Fait = tuple[str, str]


def place(section: Section, og: str = "") -> str:
    """Where one is when filling in that section, for that OG if it is asked of each."""
    return LIEUX.get(section) or f"{section}.{og}"


def is_place(lieu: str) -> bool:
    return lieu in {etape.code for etape in ETAPES} or PAR_OG.fullmatch(lieu) is not None


def around(dossier: Dossier, personne: Utilisateur, lieu: str, *, vue: int | None = None) -> Voisinage:
    """What the page of that step shows of the others. `vue`: the version it was read at, by default this one."""
    ecrivent, lisent = others(dossier, personne, lieu=lieu)
    return Voisinage(
        adresse=reverse("portail:presence", args=[dossier.pk, lieu]),
        page=_page(dossier, lieu),
        vue=dossier.version if vue is None else vue,
        phrases=[
            *sentence(ecrivent, "modifie cette section", "modifient cette section"),
            *sentence(lisent, "a cette section ouverte", "ont cette section ouverte"),
        ],
        changements=list(_changes(dossier, personne, lieu, vue)) if vue is not None else [],
    )


def _page(dossier: Dossier, lieu: str) -> str:
    if trouve := PAR_OG.fullmatch(lieu):
        return reverse("portail:formulaire", args=[dossier.pk, Section(trouve[1]), trouve[2]])
    return reverse("portail:etape", args=[dossier.pk, lieu])


def _changes(dossier: Dossier, personne: Utilisateur, lieu: str, vue: int) -> Iterator[Changement]:
    """What others changed here since that version, one sentence a person and a kind of act. Two queries at most."""
    nombre = min(dossier.version - vue, RELUES)
    if nombre <= 0:
        return
    recentes = Entree.objects.filter(objet=dossier.cle).select_related("par").order_by("-pk")[:nombre]
    entrees = [entree for entree in reversed(recentes) if entree.par_id not in (None, personne.pk)]
    groupes: dict[tuple[int | None, str], tuple[Entree, list[str]]] = {}
    for entree, (verbe, quoi) in _told(entrees, dossier, lieu):
        _, choses = groupes.get((entree.par_id, verbe), (entree, []))
        groupes[entree.par_id, verbe] = (entree, choses if quoi in choses else [*choses, quoi])
    for (_, verbe), (derniere, choses) in groupes.items():
        yield Changement(qui=str(derniere.par), quoi=_say(verbe, choses), le=derniere.le)


def _say(verbe: str, choses: list[str]) -> str:
    if verbe.endswith("ESSMS"):
        return verbe.replace("ESSMS", f"{len(choses)}{INSECABLE}ESSMS")
    return f"{verbe} {en_liste(choses)}"


def _told(entrees: Iterable[Entree], dossier: Dossier, lieu: str) -> Iterator[tuple[Entree, Fait]]:
    trouve = PAR_OG.fullmatch(lieu)
    section = Section(trouve[1]) if trouve else SECTIONS.get(lieu)
    gardes = _kept(entrees, dossier, section) if section else {}
    for entree in entrees:
        if entree.action in ("deposer", "completer"):
            yield entree, ("a déposé", "le dossier : vos réponses ne changent plus")
        elif entree.action == "saisir" and section:
            yield from ((entree, fait) for fait in _answers(entree, section, trouve[2] if trouve else "", gardes))
        elif entree.action == "composer" and lieu == "grappe":
            yield from ((entree, ("a ajouté ESSMS", finess)) for finess in entree.donnees.get("ajouter", ()))
            yield from ((entree, ("a retiré ESSMS", finess)) for finess in entree.donnees.get("retirer", ()))
        elif entree.action == "fournir_piece" and lieu == "pieces":
            yield entree, ("a fourni", _document(entree, dossier))


def _kept(entrees: Iterable[Entree], dossier: Dossier, section: Section) -> dict[str, dict[str, str]]:
    """The answers as they stand: an answer that met a conflict is in the journal, but was not kept."""
    if not any(entree.action == "saisir" for entree in entrees):
        return {}
    saisie = read(dossier, section)
    return saisie.champs if saisie else {}


def _answers(entree: Entree, section: Section, og: str, gardes: dict[str, dict[str, str]]) -> Iterator[Fait]:
    """The questions of this place whose answer is still the one this row wrote."""
    if entree.donnees.get("section") != section:
        return
    for nom, valeur in entree.donnees.get("valeurs", {}).items():
        gardee = gardes.get(nom, {})
        if nom.rpartition(".")[0] == og and (gardee.get("valeur"), gardee.get("par")) == (valeur, str(entree.par)):
            yield "a modifié", cite(_label(section, nom))


def _label(section: Section, nom: str) -> str:
    try:
        return field_of(section, nom).libelle
    except Refus:
        return nom


def _document(entree: Entree, dossier: Dossier) -> str:
    code = entree.donnees.get("code", "")
    libelles = {piece.code: piece.libelle for piece in dossier.aap.regles.pieces}
    return cite(entree.donnees.get("nom", "") if code == AUTRE else libelles.get(code, code))
