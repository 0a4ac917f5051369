"""The visa that a rule set may require before a decision: given by somebody else, and lapsed once what it covers has
changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from aap.examen import compute_aid, facts, waivers
from aap.models import Dossier, Etat, Sens, Visa
from aap.regles import Decision, VisaRequis
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte, edges
from moteur.signature import Motif
from moteur.texte import cite, en_euros, en_liste, en_toutes_lettres

VISEURS = (Role.INSTRUCTEUR, Role.RESPONSABLE, Role.COMPTABLE, Role.CONSEILLER_GRADES)
#: From the check of the dossier to the convention; each decision, until the states it leads to or that follow it.
DANS = frozenset({
    Etat.EN_RECEVABILITE, Etat.EN_INSTRUCTION, Etat.INSTRUIT, Etat.EN_COMITE, Etat.LISTE_ATTENTE, Etat.SELECTIONNE,
    Etat.NOTIFIE,
})  # fmt: skip
PRISE: Mapping[str, frozenset[Etat]] = {
    "selectionner": frozenset({Etat.SELECTIONNE, Etat.NOTIFIE}),
    "mettre_en_attente": frozenset({Etat.LISTE_ATTENTE, Etat.SELECTIONNE, Etat.NOTIFIE}),
    "ecarter": frozenset({Etat.SELECTIONNE, Etat.NOTIFIE}),
    "notifier": frozenset({Etat.NOTIFIE}),
    "signer_convention": frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Portee:
    """What a visa covers, JSON-ready: what the dossier states, the rules waived for it, the aid line by line."""

    faits: Mapping[str, Any]
    derogations: Mapping[str, str]
    aide: Mapping[str, Any]

    @property
    def empreinte(self) -> str:
        """SHA-256 of the three, as JSON with sorted keys."""
        texte = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(texte.encode()).hexdigest()


def scope(dossier: Dossier) -> Portee:
    """What would be decided on now. The aid is the one frozen at selection, else as it is computed today.

    Raises: Refus REGLE_NON_RENSEIGNEE.
    """
    aide = dossier.financement or compute_aid(dossier).as_dict()
    return Portee(
        faits=dossier.instantane or facts(dossier).as_dict(),
        derogations=waivers(dossier),
        aide={"total": aide["total"], "lignes": aide["lignes"]},
    )


def required(dossier: Dossier, transition: str) -> list[VisaRequis]:
    """Visas that the rule set requires before that decision."""
    return [visa for visa in dossier.aap.regles.instruction.visas if visa.transition == transition]


def awaited(dossier: Dossier, transition: str) -> list[VisaRequis]:
    """Those of them that nobody has given yet, that were refused, or that have lapsed."""
    requis = required(dossier, transition)
    return [un for un, refus in _judged(dossier, requis) if refus is not None] if requis else []


def check(dossier: Dossier, transition: str, passage: Passage) -> None:
    """Raises: Refus VISA_MANQUANT, VISA_CADUC, or SEPARATION_DES_ROLES for whoever gave the visa herself."""
    requis = required(dossier, transition)
    if not requis:
        return
    for _, refus in _judged(dossier, requis):
        if refus is not None:
            raise refus
    if dossier.visas.filter(transition=transition, sens=Sens.ACCORDE, par=passage.par.pk).exists():
        raise Refus(
            Code.SEPARATION_DES_ROLES,
            f"Vous avez donné un visa avant {cite(_named(transition))} : une autre personne doit décider.",
        )


def _roles(dossier: Dossier, donnees: Mapping[str, Any]) -> frozenset[str]:
    """Whose visa is required before that decision. Raises: Refus DONNEES_INVALIDES when nobody's is."""
    roles = frozenset(str(visa.role) for visa in required(dossier, donnees["transition"]))
    if not roles:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le règlement de cet appel ne demande aucun visa avant {cite(_named(donnees['transition']))}.",
        )
    return roles


@acte(Dossier, "Viser", dans=DANS, par=VISEURS, selon=_roles)
def viser(dossier: Dossier, passage: Passage, *, transition: Decision) -> Visa:
    """Agree with a decision before it is taken, on what the dossier states and grants now.

    Raises: Refus DONNEES_INVALIDES (no such visa is required, or it is given already), TRANSITION_INTERDITE (decided).
    """
    _check_undecided(dossier, transition)
    portee, dernier = scope(dossier), _latest(dossier).get((transition, passage.role))
    if dernier is not None and dernier.sens == Sens.ACCORDE and dernier.empreinte == portee.empreinte:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{dernier.par} a déjà donné ce visa le {_day(dernier)}, et rien n'a changé depuis : rien n'est à refaire.",
        )
    return _keep(dossier, passage, transition, portee, Sens.ACCORDE)


@acte(Dossier, "Refuser le visa", dans=DANS, par=VISEURS, selon=_roles)
def refuser_visa(dossier: Dossier, passage: Passage, *, transition: Decision, motif: Motif) -> Visa:
    """Object to a decision before it is taken, saying why. A visa given before is worth nothing any more."""
    _check_undecided(dossier, transition)
    return _keep(dossier, passage, transition, scope(dossier), Sens.REFUSE, motif)


def _check_undecided(dossier: Dossier, transition: str) -> None:
    if dossier.etat in PRISE[transition]:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"{cite(_named(transition))} n'attend plus de visa : le dossier est « {dossier.libelle_etat} ».",
            etat=dossier.etat,
        )


def _keep(dossier: Dossier, passage: Passage, transition: str, portee: Portee, sens: Sens, motif: str = "") -> Visa:
    return Visa.objects.create(
        dossier=dossier, transition=transition, role=passage.role, sens=sens, motif=motif, empreinte=portee.empreinte,
        par_id=passage.par.pk, le=passage.le, **asdict(portee),
    )  # fmt: skip


def _judged(dossier: Dossier, requis: Sequence[VisaRequis]) -> Iterator[tuple[VisaRequis, Refus | None]]:
    """Each visa required, with why it does not count; None when it does."""
    derniers, portee = _latest(dossier), scope(dossier)
    for un in requis:
        yield un, _objection(un, derniers.get((un.transition, un.role)), portee)


def _latest(dossier: Dossier) -> dict[tuple[str, str], Visa]:
    """By decision and role. One query."""
    return {(visa.transition, visa.role): visa for visa in dossier.visas.select_related("par").order_by("pk")}


def _objection(requis: VisaRequis, visa: Visa | None, portee: Portee) -> Refus | None:
    details = {"transition": requis.transition, "role": requis.role}
    qui = f"un {requis.role.replace('_', ' ')}"
    if visa is None:
        phrase = f"Le règlement demande le visa de {qui} avant {cite(_named(requis.transition))} : demandez-le-lui."
        return Refus(Code.VISA_MANQUANT, phrase, **details)
    if visa.sens == Sens.REFUSE:
        phrase = (
            f"{visa.par} a refusé son visa le {_day(visa)} : « {visa.motif} ». Traitez ce qui l'empêche, puis "
            "demandez-le à nouveau."
        )
        return Refus(Code.VISA_MANQUANT, phrase, **details)
    if visa.empreinte != portee.empreinte:
        phrase = (
            f"{visa.par} a visé le {_day(visa)} une aide de {en_euros(Decimal(visa.aide['total']))} ; depuis, "
            f"{en_liste(list(_changes(visa, portee)))} : demandez un nouveau visa."
        )
        return Refus(Code.VISA_CADUC, phrase, **details)
    return None


def _changes(visa: Visa, portee: Portee) -> Iterator[str]:
    """What is no longer as it was read, in words."""
    avant, apres = ({un["finess"] for un in faits["essms"]} for faits in (visa.faits, portee.faits))
    if avant != apres:
        yield "les ESSMS du dossier ont changé"
    elif visa.faits != portee.faits:
        yield "ce que le dossier déclare a changé"
    if visa.derogations != portee.derogations:
        yield "une règle a été levée par dérogation"
    if visa.aide["total"] != portee.aide["total"]:
        yield f"l'aide est passée à {en_euros(Decimal(portee.aide['total']))}"
    elif visa.aide != portee.aide:
        yield "le détail de l'aide a changé"


def _day(visa: Visa) -> str:
    return en_toutes_lettres(horloge.jour(visa.le))


def _named(transition: str) -> str:
    """The decision in French."""
    return next(iter(edges(Dossier, transition).values())).libelle
