"""What came of a play, in the words of the contract."""

from collections.abc import Iterable, Mapping
from typing import Any

from aap.bareme import Financement
from aap.examen import check_eligibility, compute_aid
from aap.models import Aap, Dossier
from comptes.models import Utilisateur
from conventions.models import Convention, Reversement, Versement
from instruction.taches import tasks
from moteur import horloge, journal
from moteur.erreurs import Refus
from moteur.models import Entree
from usages.models import Declaration
from usages.verification import targets

Bilan = dict[str, Any]


def summarize(
    aap: Aap,
    dossiers: Mapping[str, Dossier],
    personnes: Mapping[str, Utilisateur],
    refus: list[dict[str, object]],
    avertissements: list[str],
    *,
    after: int,
) -> Bilan:
    """The outcome as JSON-ready data. Shape: docs/contrat.md.

    `after`: the journal is told from after this entry; what prepared the play is not part of it.
    """
    frais = Dossier.objects.with_rules().in_bulk([d.pk for d in dossiers.values()])
    par_ref = {ref: frais[dossier.pk] for ref, dossier in dossiers.items()}
    chaines = [aap.enveloppe.cle, *(dossier.chaine for dossier in par_ref.values())]
    entrees = Entree.objects.filter(chaine__in=chaines, pk__gt=after).order_by("pk")
    return {
        "dossiers": {ref: _dossier(dossier, avertissements) for ref, dossier in par_ref.items()},
        "journal": _journal(entrees, _names(aap, par_ref), personnes),
        "refus": refus,
        "enveloppe": aap.enveloppe.position().as_dict(),
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
    entrees: Iterable[Entree], noms: Mapping[str, str], personnes: Mapping[str, Utilisateur]
) -> list[dict[str, Any]]:
    auteurs = {personne.pk: par for par, personne in personnes.items()}
    return [
        {
            "n": n,
            "le": entree.le.astimezone(horloge.PARIS).isoformat(),
            "par": auteurs.get(entree.par_id or 0, entree.role),
            "objet": noms[entree.objet],
            "action": entree.action,
            "de": entree.de,
            "vers": entree.vers,
        }
        for n, entree in enumerate(entrees, start=1)
    ]


def _names(aap: Aap, dossiers: Mapping[str, Dossier]) -> dict[str, str]:
    """How the outcome names each object of the journal: the same from one play to the next."""
    refs = {dossier.pk: ref for ref, dossier in dossiers.items()}
    noms = {aap.enveloppe.cle: f"enveloppe:{aap.code}"}
    noms |= {dossier.cle: f"dossier:{ref}" for ref, dossier in dossiers.items()}
    for modele in (Convention, Reversement):
        for un in modele.objects.filter(dossier__in=refs):
            noms[un.cle] = f"{un._meta.model_name}:{refs[un.dossier_id]}"
    for versement in Versement.objects.filter(convention__dossier__in=refs).select_related("convention"):
        noms[versement.cle] = f"versement:{refs[versement.convention.dossier_id]}/{versement.rang}"
    for declaration in Declaration.objects.filter(dossier__in=refs):
        noms[declaration.cle] = f"declaration:{refs[declaration.dossier_id]}/{declaration.mois:%Y-%m}"
    return noms
