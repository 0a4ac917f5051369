"""Which answers of one OG may stand for another's."""

from aap.models import Section
from aap.reprise import lender, taken_up

UN, DEUX, TROIS = "310000010", "310000028", "310000036"
SECTION = Section.AUTODIAGNOSTIC


def saisies(**ogs):
    """Answers by OG: {"og310000010": {"ins": "oui"}}."""
    return {
        f"{og.removeprefix('og')}.{nom}": {"valeur": valeur} for og, dits in ogs.items() for nom, valeur in dits.items()
    }


def test_what_is_of_one_og_alone_is_left():
    dites = saisies(**{f"og{UN}": {"ins": "oui", "postes": "12", "remarques": "Rien."}})
    assert taken_up(SECTION, dites, de=UN, pour=DEUX) == {f"{DEUX}.ins": "oui"}


def test_what_was_answered_and_what_is_not_understood_are_left():
    dites = saisies(**{f"og{UN}": {"ins": "oui", "reseau": "paille", "dui": " "}, f"og{DEUX}": {"ins": "non"}})
    assert taken_up(SECTION, dites, de=UN, pour=DEUX) == {}


def test_an_answer_wiped_out_is_blank():
    dites = saisies(**{f"og{UN}": {"ins": "oui"}, f"og{DEUX}": {"ins": ""}})
    assert lender(SECTION, dites, [UN, DEUX], pour=DEUX) == UN
    assert taken_up(SECTION, dites, de=UN, pour=DEUX) == {f"{DEUX}.ins": "oui"}


def test_the_one_that_gives_the_most_lends_and_only_to_one_that_gave_nothing():
    dites = saisies(**{f"og{UN}": {"ins": "oui"}, f"og{DEUX}": {"ins": "non", "mssante": "oui"}})
    ogs = [UN, DEUX, TROIS]
    assert lender(SECTION, dites, ogs, pour=TROIS) == DEUX
    assert lender(SECTION, dites, ogs, pour=UN) == ""
    assert lender(SECTION, {}, ogs, pour=TROIS) == ""
    assert lender(SECTION, saisies(**{f"og{UN}": {"postes": "3"}}), ogs, pour=TROIS) == ""
