"""Amounts as a file states them: what does not add up, and the slip that explains it. Pure; Decimal euros."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from aap.bareme import Financement
from aap.reception.schema import Depense
from aap.reception.trouvailles import fault
from moteur.argent import euros
from moteur.lots import Faute
from moteur.texte import en_euros

CENT = Decimal(100)
TVA_USUELLE = Decimal("1.20")
#: How many ESSMS more or fewer are tried to explain an aid.
ESSMS_ESSAYES = 30


def check_expenses(depenses: Sequence[Depense]) -> Iterator[Faute]:
    """A fault per line whose TTC is not its HT plus the tax, to the cent."""
    for rang, depense in enumerate(depenses):
        attendu = _with_tax(depense.montant_ht, depense.taux_tva)
        if depense.montant_ttc != attendu:
            champ, message = _explain(depense, attendu)
            yield fault(f"depenses[{rang}].{champ}", message)


def check_requested_aid(
    demandee: Decimal, calculee: Financement, reglement: str, essms: int, for_count: Callable[[int], Decimal]
) -> Iterator[Faute]:
    """A fault when the aid asked for is not the one computed for `essms` ESSMS. `for_count`: the total of that many."""
    if demandee == calculee.total:
        return
    lignes = " ; ".join(f"{un.poste} {_count(un.quantite)} × {en_euros(un.taux)}" for un in calculee.lignes)
    pourquoi = _why(demandee, calculee.total) or _other_count(demandee, essms, for_count)
    yield fault(
        "aide_demandee",
        f"{en_euros(demandee)} au lieu de {en_euros(calculee.total)}, que donne le règlement {reglement} "
        f"({lignes or 'aucune ligne'}). {pourquoi}",
    )


def _explain(depense: Depense, attendu: Decimal) -> tuple[str, str]:
    """Which field of the line is probably wrong, and why."""
    ht, taux, ttc = depense.montant_ht, depense.taux_tva, depense.montant_ttc
    if ht == ttc:
        vrai = euros(ttc / (1 + taux / CENT))
        return "montant_ht", (
            f"le montant HT semble TTC : {en_euros(ht)} des deux côtés avec une TVA à {taux} % ; "
            f"si {en_euros(ttc)} est bien le TTC, le HT est {en_euros(vrai)}"
        )
    if ht == _with_tax(ttc, taux):
        return "montant_ht", f"HT et TTC sont inversés : {en_euros(ttc)} HT font {en_euros(ht)} TTC"
    if _lost_cents(ttc, attendu):
        return "montant_ttc", f"centimes arrondis : {en_euros(ttc)} au lieu de {en_euros(attendu)}"
    return "montant_ttc", (
        f"{en_euros(ht)} HT avec une TVA à {taux} % font {en_euros(attendu)} TTC, le fichier dit {en_euros(ttc)}"
    )


def _why(demandee: Decimal, calculee: Decimal) -> str:
    """The slip of arithmetic that leads from one to the other; empty when none does."""
    if _lost_cents(demandee, calculee):
        return "Les centimes ont été arrondis : écrivez le montant exact."
    if demandee == euros(calculee / TVA_USUELLE):
        return "C'est ce montant divisé par 1,20 : le barème est TTC, n'en retirez pas la TVA."
    if demandee == euros(calculee * TVA_USUELLE):
        return "C'est ce montant multiplié par 1,20 : le barème est déjà TTC, n'ajoutez pas la TVA."
    return ""


def _other_count(demandee: Decimal, essms: int, for_count: Callable[[int], Decimal]) -> str:
    essais = (n for ecart in range(1, ESSMS_ESSAYES + 1) for n in (essms - ecart, essms + ecart) if n > 0)
    autre = next((n for n in essais if for_count(n) == demandee), None)
    if autre is None:
        return "Vérifiez le projet, les options et les ESSMS, ou retirez ce montant."
    return f"C'est l'aide de {autre} ESSMS, la grappe en compte {essms} à financer : vérifiez la liste."


def _count(quantite: Decimal) -> str:
    """15; 14,33 where shares of hours make it fractional."""
    return f"{euros(quantite).normalize():f}".replace(".", ",")


def _lost_cents(dit: Decimal, exact: Decimal) -> bool:
    """Rounded to the euro, up or down, where there were cents."""
    return dit == dit.to_integral_value() and dit != exact and abs(dit - exact) < 1


def _with_tax(ht: Decimal, taux: Decimal) -> Decimal:
    return euros(ht * (1 + taux / CENT))
