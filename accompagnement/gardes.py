"""What the GRADeS's part asks before an instruction is closed."""

from aap.models import Dossier
from aap.regles import exiger
from accompagnement.models import DemandeAide
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import garde


@garde(Dossier, "cloturer_instruction")
def opinion_in(dossier: Dossier, passage: Passage) -> None:
    """The opinion is there, where the rule set requires one."""
    regles = dossier.aap.regles
    requis = exiger(regles.instruction.avis_grades_requis, "instruction.avis_grades_requis", regles.code)
    if requis and not dossier.avis_grades.all():
        raise Refus(
            Code.AVIS_GRADES_MANQUANT,
            "Le GRADeS n'a pas encore donné son avis : demandez-le à son conseiller.",
        )


@garde(DemandeAide, "escalader")
def nobody_answered_in_time(demande: DemandeAide, passage: Passage) -> None:
    """Its day has passed: somebody may have seen to it since it was found late."""
    if demande.echeance is None or passage.jour <= demande.echeance:
        raise Refus(
            Code.DELAI_NON_ECHU,
            "Cette demande est encore dans les temps : attendez son échéance, ou transmettez-la avec un motif.",
        )
