"""Two officers, one task, real connections."""

from comptes.roles import Role
from instruction.corbeille import gestes
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.erreurs import Refus
from tests.instruction import campagne


def test_two_officers_take_one_task_at_the_same_instant(base_jetable, en_parallele):
    """One has it; the other is told who was faster."""
    campagne.keep(["depose"], horloge.aujourdhui())
    tache = TacheSuivie.objects.open().get(role="instructeur")
    gens = [campagne.person(nom, Role.INSTRUCTEUR, "76") for nom in ("claire", "hugo")]
    issues = en_parallele(*[lambda qui=qui: gestes.prendre(tache, qui) for qui in gens])
    refus = [issue for issue in issues if isinstance(issue, Refus)]
    assert len(refus) == 1, issues
    assert str(TacheSuivie.objects.select_related("owner").get(pk=tache.pk).owner) in refus[0].message
