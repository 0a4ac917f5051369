"""What proof of usage asks before a dossier moves."""

from aap.gardes import follow_dossier
from aap.models import Dossier, Etat
from aap.regles import exiger
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import garde
from moteur.texte import en_pourcent
from usages.models import Declaration, Vsr
from usages.verification import are_targets_met, missing_measures, targets

follow_dossier(
    Declaration,
    {
        "transmettre": {Etat.EN_VERIFICATION},
        "valider": {Etat.CIBLES_ATTEINTES},
        "refuser": {Etat.EN_DEPLOIEMENT},
    },
)


@garde(Dossier, "soumettre_usages")
def figures_complete(dossier: Dossier, passage: Passage) -> None:
    """Every funded ESSMS has its figures for the latest month."""
    if manquants := missing_measures(dossier):
        cites = ", ".join(manquants[:5]) + (f" et {len(manquants) - 5} autres" if len(manquants) > 5 else "")
        raise Refus(
            Code.USAGES_INCOMPLETS,
            f"Il manque les chiffres du dernier mois pour {len(manquants)} ESSMS : {cites}. Déclarez-les d'abord.",
            essms=manquants,
        )


@garde(Dossier, "soumettre_usages")
def vsr_signed(dossier: Dossier, passage: Passage) -> None:
    """The VSR is in, where the rule set requires it."""
    regles = dossier.aap.regles
    requise = exiger(regles.versements.vsr_requise, "versements.vsr_requise", regles.code)
    if requise and not Vsr.objects.filter(dossier=dossier).exists():
        raise Refus(Code.VSR_MANQUANTE, "La VSR n'est pas enregistrée : prononcez-la avant de soumettre les usages.")


@garde(Dossier, "constater_cibles")
def targets_met(dossier: Dossier, passage: Passage) -> None:
    """Recomputed from the declarations, never from what a screen says."""
    if are_targets_met(dossier):
        return
    cibles = targets(dossier)
    manquees = [
        f"{cible.indicateur} {en_pourcent(cible.valeur)} pour {en_pourcent(cible.cible)}"
        for cible in cibles
        if not cible.atteinte
    ]
    raise Refus(
        Code.CIBLES_NON_ATTEINTES,
        f"Cibles non atteintes : {' ; '.join(manquees) or 'par au moins un ESSMS'}. Refusez les usages avec un "
        "motif : la grappe pourra déclarer un mois suivant.",
        cibles=[cible.as_dict() for cible in cibles],
    )
