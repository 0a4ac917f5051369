"""What came of a play, in the words of the contract."""

from collections.abc import Mapping
from typing import Any

from aap.bareme import Financement
from aap.examen import check_eligibility, compute_aid
from aap.models import Dossier
from comptes.models import Utilisateur
from conventions.models import Versement
from instruction.taches import tasks
from moteur import horloge, journal
from moteur.erreurs import Refus
from moteur.models import Entree
from usages.verification import targets

Bilan = dict[str, Any]


def summarize(
    dossiers: Mapping[str, Dossier],
    personnes: Mapping[str, Utilisateur],
    refus: list[dict[str, object]],
    avertissements: list[str],
) -> Bilan:
    """The outcome as JSON-ready data. Shape: design, "The headless engine"; keys beyond it: avertissements."""
    frais = Dossier.objects.select_related(*Dossier.AVEC, "aap__enveloppe").in_bulk([d.pk for d in dossiers.values()])
    par_ref = {ref: frais[dossier.pk] for ref, dossier in dossiers.items()}
    enveloppe = next(iter(par_ref.values())).aap.enveloppe if par_ref else None
    chaines = [dossier.chaine for dossier in par_ref.values()] + ([enveloppe.cle] if enveloppe else [])
    return {
        "dossiers": {ref: _dossier(dossier, avertissements) for ref, dossier in par_ref.items()},
        "journal": _journal(chaines, par_ref, personnes),
        "refus": refus,
        "enveloppe": enveloppe.position().as_dict() if enveloppe else {},
        "journal_intact": next(journal.verify(chaines), None) is None,
        "avertissements": avertissements,
    }


def _dossier(dossier: Dossier, avertissements: list[str]) -> dict[str, Any]:
    return {
        "etat": dossier.etat,
        "eligibilite": _eligibility(dossier, avertissements),
        "financement": dossier.financement or _aid(dossier),
        "versements": [
            {
                "rang": versement.rang,
                "montant": f"{versement.montant:.2f}",
                "etat": versement.etat,
                "le": versement.execute_le.isoformat() if versement.execute_le else None,
            }
            for versement in Versement.objects.filter(convention__dossier=dossier)
        ],
        "cibles": [cible.as_dict() for cible in targets(dossier)],
        "taches": [tache.as_dict() for tache in tasks(dossier)],
    }


def _eligibility(dossier: Dossier, avertissements: list[str]) -> list[dict[str, object]]:
    try:
        return [verdict.as_dict() for verdict in check_eligibility(dossier)]
    except Refus as refus:
        avertissements.append(f"{dossier.reference} : {refus.message}")
        return []


def _aid(dossier: Dossier) -> dict[str, Any]:
    """The aid as it would be computed today; nothing, with the reason, when the rule set cannot tell."""
    try:
        return compute_aid(dossier).as_dict()
    except Refus as refus:
        return Financement(lignes=(), avertissements=(f"{refus.code} : {refus.message}",)).as_dict()


def _journal(
    chaines: list[str], dossiers: Mapping[str, Dossier], personnes: Mapping[str, Utilisateur]
) -> list[dict[str, Any]]:
    noms = {personne.pk: par for par, personne in personnes.items()}
    refs = {dossier.chaine: ref for ref, dossier in dossiers.items()}
    return [
        {
            "n": n,
            "le": entree.le.astimezone(horloge.PARIS).isoformat(),
            "par": noms.get(entree.par_id, entree.role),
            "objet": _named(entree, refs),
            "action": entree.action,
            "de": entree.de,
            "vers": entree.vers,
        }
        for n, entree in enumerate(Entree.objects.filter(chaine__in=chaines).order_by("pk"), start=1)
    ]


def _named(entree: Entree, refs: Mapping[str, str]) -> str:
    """ "dossier:D1"; what belongs to a dossier keeps its number: "versement:D1/7"."""
    modele, _, pk = entree.objet.partition(":")
    ref = refs.get(entree.chaine)
    if ref is None:
        return entree.objet
    return f"{modele}:{ref}" if entree.objet == entree.chaine else f"{modele}:{ref}/{pk}"
