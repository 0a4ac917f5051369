"""What the GRADeS's part asks before an instruction is closed."""

from aap.models import Dossier
from aap.regles import exiger
from accompagnement.models import AvisGrades
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import garde


@garde(Dossier, "cloturer_instruction")
def opinion_in(dossier: Dossier, passage: Passage) -> None:
    """The opinion is there, where the rule set requires one."""
    regles = dossier.aap.regles
    requis = exiger(regles.instruction.avis_grades_requis, "instruction.avis_grades_requis", regles.code)
    if requis and not AvisGrades.objects.filter(dossier=dossier).exists():
        raise Refus(
            Code.AVIS_GRADES_MANQUANT,
            "Le GRADeS n'a pas encore donné son avis : demandez-le à son conseiller.",
        )
