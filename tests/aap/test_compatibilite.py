"""What an ESSMS may combine: every case against a table written by hand. Source: regles.md §1, E9 to E13, §12.9."""

from datetime import date
from itertools import product

import pytest

from aap.compatibilite import (
    AutreFinancement,
    Cas,
    CommandeConnue,
    Compatibilite,
    closes_first_wave,
    confronter,
    is_contracted,
    motif_cumul_sons,
    motif_double_financement,
)
from grappes.commandes import EtatCommande
from grappes.projets import Projet

ACQ, MAJ = Projet.ACQUISITION, Projet.MONTEE_DE_VERSION


def order(logiciel: str, situation: EtatCommande = EtatCommande.COMMANDEE) -> CommandeConnue:
    return CommandeConnue(reference="ASP-1", logiciel=logiciel, commandee_le=date(2022, 3, 1), situation=situation)


def funding(logiciel: str, projet: Projet, *, segur: bool) -> AutreFinancement:
    return AutreFinancement(dossier="D9", logiciel=logiciel, projet=projet, segur=segur)


COMMANDES = {
    "aucune": None,
    "meme": order(" ALPHA "),
    "autre": order("Beta"),
    "soldee": order("Beta", EtatCommande.SOLDEE),
    "annulee": order("Beta", EtatCommande.ANNULEE),
}
AILLEURS = {
    "rien": None,
    "meme acq ref": funding("alpha", ACQ, segur=True),
    "autre acq ref": funding("Beta", ACQ, segur=True),
    "autre acq": funding("Beta", ACQ, segur=False),
    "meme maj": funding("alpha", MAJ, segur=True),
}
#: E9: any other funding bars, whatever its software.
E9 = {"rien": True, "meme acq ref": False, "autre acq ref": False, "autre acq": False, "meme maj": False}
#: E10: an order in force for another DUI bars; the same DUI, or a cancelled order, does not.
E10 = {"aucune": True, "meme": True, "autre": False, "soldee": False, "annulee": True}
#: E11: is wave 1 closed? By this project (project, referenced)…
E11_ICI = {(ACQ, True): True, (ACQ, False): False, (MAJ, True): False, (MAJ, False): False}
#: … or by what is funded elsewhere; then no order may be in force.
E11_AILLEURS = {"rien": False, "meme acq ref": True, "autre acq ref": True, "autre acq": False, "meme maj": False}
EN_VIGUEUR = {"aucune": False, "meme": True, "autre": True, "soldee": True, "annulee": False}
#: E12.
E12 = {"": True, "  ": True, "FEDER": False}
#: E13: (project, contract already signed).
E13 = {(ACQ, True): False, (ACQ, False): True, (MAJ, True): True, (MAJ, False): True}


def table(cas: Cas) -> dict[str, Compatibilite]:
    return {verdict.regle: verdict for verdict in confronter(cas)}


def case(**autres: object) -> Cas:
    donnees: dict[str, object] = {"projet": ACQ, "segur": True, "logiciel": "Alpha", **autres}
    return Cas(**donnees)  # type: ignore[arg-type]


def test_every_case_is_judged_as_the_table_says() -> None:
    combinaisons = list(product(Projet, (True, False), COMMANDES, AILLEURS, E12, (True, False)))
    for projet, segur, commande, ailleurs, ue, contrat in combinaisons:
        cas = Cas(
            projet=projet,
            segur=segur,
            logiciel="Alpha",
            contrat_signe=contrat,
            financement_ue=ue,
            commande=COMMANDES[commande],
            deja=AILLEURS[ailleurs],
        )
        ferme = E11_ICI[projet, segur] or E11_AILLEURS[ailleurs]
        attendu = {
            "E9": E9[ailleurs],
            "E10": E10[commande],
            "E11": not (ferme and EN_VIGUEUR[commande]),
            "E12": E12[ue],
            "E13": E13[projet, contrat],
        }
        verdicts = table(cas)
        assert {regle: verdict.ok for regle, verdict in verdicts.items()} == attendu, cas
        for verdict in verdicts.values():
            assert verdict.explication.endswith("."), cas
            assert verdict.constat, cas
            assert verdict.attendu, cas
            assert verdict.reference, cas
    assert len(combinaisons) == 600


@pytest.mark.parametrize(
    ("cas", "regle", "dit"),
    [
        (case(commande=order("alpha")), "E10", "le forfait usage reste ouvert"),
        (case(commande=order("Beta")), "E10", "porte sur « Beta », le projet sur « Alpha »"),
        (case(logiciel="", commande=order("Beta")), "E10", "un logiciel non nommé"),
        (case(commande=order("Beta", EtatCommande.ANNULEE)), "E10", "est annulée"),
        (case(deja=AILLEURS["meme maj"]), "E9", "déjà financé pour cet ESSMS"),
        (case(deja=AILLEURS["autre acq"]), "E9", "un seul DUI"),
        (case(), "E11", "ne passez pas de commande SONS"),
        (case(projet=MAJ), "E11", "reste ouverte"),
        (case(commande=order("alpha")), "E11", "déposez une montée de version"),
        (case(projet=MAJ, commande=order("alpha"), deja=AILLEURS["meme acq ref"]), "E11", "renoncez à l'acquisition"),
        (case(financement_ue=" FEDER "), "E12", "« FEDER » finance déjà l'opération"),
        (case(contrat_signe=True), "E13", "Rejoignez une grappe de montée de version"),
        (case(), "E13", "Ne signez avec aucun éditeur"),
        (case(projet=MAJ, contrat_signe=True), "E13", "une commande SONS déjà signés"),
    ],
)
def test_a_verdict_says_what_to_do(cas: Cas, regle: str, dit: str) -> None:
    assert dit in " ".join(table(cas)[regle].explication.split())


def test_a_verdict_names_the_order_and_the_other_funding() -> None:
    verdicts = table(case(commande=order("Beta"), deja=AILLEURS["autre acq"]))
    dits = {regle: " ".join(verdict.constat.split()) for regle, verdict in verdicts.items()}
    assert dits["E10"] == "commande SONS ASP-1 du 1er mars 2022 pour « Beta »"
    assert dits["E9"] == "dossier D9, acquisition de « Beta »"
    assert verdicts["E9"].as_dict()["regle"] == "E9"


def test_the_rules_one_by_one() -> None:
    assert motif_double_financement("Alpha", None) == ""
    assert motif_double_financement("Alpha", " alpha") == "DEJA_FINANCE"
    assert motif_double_financement("Alpha", "Beta") == "DEUX_DUI"
    assert motif_cumul_sons("Alpha", "") == ""
    assert motif_cumul_sons("Alpha", "ALPHA") == ""
    assert motif_cumul_sons("Alpha", "Beta") == "SONS_AUTRE_LOGICIEL"
    assert [closes_first_wave(projet, segur=segur) for projet, segur in E11_ICI] == list(E11_ICI.values())
    assert [is_contracted(projet, contrat_signe=contrat) for projet, contrat in E13] == [not ok for ok in E13.values()]
