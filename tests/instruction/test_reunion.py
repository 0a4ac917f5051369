"""Rows read together are the rows read apart, to the cent and to the microsecond."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.models import Dossier, Message, PieceFournie
from conventions.models import Prorogation, Signataire, Versement
from instruction.reunion import PERSONNE, Lot, remember, together
from moteur.models import Entree
from scoring.models import Evaluation
from usages.models import Declaration

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("nom", ["clos", "en_instruction", "brouillon"])
def test_rows_come_back_exact_in_one_query(nom: str, campagne_jouee: dict[str, int]):
    dossier = Dossier.objects.get(pk=campagne_jouee[nom])
    lignes = [
        PieceFournie.objects.filter(dossier=dossier),
        Versement.objects.filter(convention__dossier=dossier),
        Entree.objects.filter(chaine=dossier.chaine).order_by("-rang")[:7],
        Evaluation.objects.filter(dossier=dossier),
        Declaration.objects.filter(dossier=dossier),
        Dossier.objects.filter(pk=dossier.pk),
    ]
    with CaptureQueriesContext(connection) as requetes:
        lus = together(dossier, [Lot(un) for un in lignes])
    assert len(requetes) == 1
    for ensemble, apart in zip(lus, lignes, strict=True):
        assert [_columns(un) for un in ensemble] == [_columns(un) for un in apart]
        assert [un.get_deferred_fields() for un in ensemble] == [set()] * len(ensemble)


def test_what_a_row_leads_to_comes_with_it(campagne_jouee: dict[str, int]):
    dossier = Dossier.objects.get(pk=campagne_jouee["clos"])
    lots = [
        Lot(Signataire.objects.filter(convention__dossier=dossier), {"og": ("id", "finess", "nom")}),
        Lot(Versement.objects.filter(convention__dossier=dossier), {"execute_par": PERSONNE}),
        Lot(Prorogation.objects.filter(convention__dossier=dossier), {"par": PERSONNE}),
        Lot(Message.objects.filter(dossier=dossier), {"auteur": PERSONNE}),
    ]
    with CaptureQueriesContext(connection) as requetes:
        signataires, versements, *vides = together(dossier, lots)
        dits = ([str(un) for un in signataires], [str(un.execute_par) for un in versements])
    assert len(requetes) == 1
    assert dits[0] == [str(un) for un in Signataire.objects.filter(convention__dossier=dossier)]
    assert dits[1] == ["Paul Lacaze", "Paul Lacaze"]
    assert vides == [[], []]


def test_rows_remembered_are_not_asked_again(campagne_jouee: dict[str, int]):
    dossier = Dossier.objects.get(pk=campagne_jouee["clos"])
    (pieces,) = together(dossier, [Lot(dossier.pieces.all(), {"par": PERSONNE})])
    remember(dossier, "pieces", pieces)
    with CaptureQueriesContext(connection) as requetes:
        assert [piece.par.last_name for piece in dossier.pieces.all()] == ["Castagné"] * len(pieces)
    assert len(requetes) == 0


def _columns(objet):
    return {champ.attname: getattr(objet, champ.attname) for champ in objet._meta.concrete_fields}
