"""What scoring asks before an instruction is closed."""

from aap.models import Dossier
from aap.regles import exiger
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import garde


@garde(Dossier, "cloturer_instruction")
def evaluations_in(dossier: Dossier, passage: Passage) -> None:
    """As many evaluations, by different people, as the rule set requires."""
    regles = dossier.aap.regles
    requises = exiger(regles.instruction.evaluations_requises, "instruction.evaluations_requises", regles.code)
    rendues = len(dossier.evaluations.all())
    if rendues < requises:
        raise Refus(
            Code.EVALUATIONS_INCOMPLETES,
            f"Évaluations rendues : {rendues} sur {requises}. Il en faut de {requises} personnes différentes : "
            "faites évaluer le dossier par qui ne l'a pas fait.",
            rendues=rendues,
            requises=requises,
        )
