"""SONS "Prestation Ségur" scale and conditions, paid by the ASP to the editor. Source: regles.md §3.

A flat rate of the tranche times n, not marginal: the total may fall when n grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aap.regles import Regles, Tranche, exiger
from moteur.argent import euros
from moteur.erreurs import Code, Refus
from moteur.texte import en_toutes_lettres, soigner

#: Waves and the rule set of each; empty where no text of ours gives its conditions (regles.md §0).
VAGUES: Mapping[str, str] = {"MS1": "sons-ms1-v1", "PDE": ""}


@dataclass(frozen=True, kw_only=True)
class BaremeSons:
    """Aid for one OG, euros TTC."""

    tranche: str
    unitaire: Decimal
    total: Decimal
    avance_30: Decimal
    solde_70: Decimal

    def as_dict(self) -> dict[str, str]:
        return {
            "tranche": self.tranche,
            "unitaire": str(self.unitaire),
            "total": str(self.total),
            "avance_30": str(self.avance_30),
            "solde_70": str(self.solde_70),
        }


@dataclass(frozen=True, kw_only=True)
class CommandeSons:
    """Whether an order can be aided. `jours`: from the order to the complete file, None when not filed."""

    eligible: bool
    motif: str
    jours: int | None


def tranche(regles: Regles, n: int) -> Tranche:
    """Tranche of an OG of `n` ESSMS."""
    if n < 1:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le nombre d'ESSMS de l'organisme gestionnaire vaut {n}. Indiquez un entier d'au moins 1.",
            essms_og=n,
        )
    trouvees = [une for une in regles.sons.tranches if n >= une.de and (une.a is None or n <= une.a)]
    if not trouvees:
        exiger(None, "sons.tranches", regles.code)
    return trouvees[0]


def bareme(regles: Regles, n: int) -> BaremeSons:
    """Aid for an OG of `n` ESSMS; the balance is the total minus the advance."""
    une = tranche(regles, n)
    total = euros(une.unitaire * n)
    avance = euros(total * exiger(regles.sons.avance, "sons.avance", regles.code))
    return BaremeSons(
        tranche=une.code,
        unitaire=euros(une.unitaire),
        total=total,
        avance_30=avance,
        solde_70=total - avance,
    )


def verifier_commande(
    regles: Regles,
    *,
    commande: date,
    dossier_complet: date | None = None,
    acquisition_financee: bool = False,
) -> CommandeSons:
    """Is an order eligible? Not before the publication, nor too long before the complete file, nor for an
    ESSMS already funded for the acquisition of a referenced DUI (regles.md E11, §3)."""
    jours = (dossier_complet - commande).days if dossier_complet else None
    motif = ""
    if acquisition_financee:
        motif = "ACQUISITION_FINANCEE"
    elif commande < exiger(regles.sons.publication, "sons.publication", regles.code):
        motif = "COMMANDE_AVANT_PUBLICATION"
    elif jours is not None and jours > exiger(regles.sons.anteriorite_jours, "sons.anteriorite_jours", regles.code):
        motif = "COMMANDE_TROP_ANCIENNE"
    return CommandeSons(eligible=not motif, motif=motif, jours=jours)


def explain(regles: Regles, commande: CommandeSons, ailleurs: str = "") -> str:
    """Why an order is not eligible, naming the rule; empty when it is. `ailleurs`: the dossier that funds it."""
    if not commande.motif:
        return ""
    phrases = {
        "ACQUISITION_FINANCEE": (
            f"E11 : {ailleurs} finance déjà l'acquisition d'un DUI référencé pour cet ESSMS, ce qui ferme la vague 1 "
            "du SONS. Signalez-le à l'agence de paiement."
        ),
        "COMMANDE_AVANT_PUBLICATION": (
            "la commande précède la publication de l'arrêté"
            f"{_from(regles)} : elle n'est pas éligible. Vérifiez sa date auprès de l'agence de paiement."
        ),
        "COMMANDE_TROP_ANCIENNE": (
            f"{commande.jours} jours entre la commande et le dossier complet, pour {_delay(regles)} au plus : elle "
            "n'est pas éligible. Vérifiez les deux dates auprès de l'agence de paiement."
        ),
    }
    return soigner(f"{commande.motif} : {phrases[commande.motif]}")


def _from(regles: Regles) -> str:
    return f", le {en_toutes_lettres(exiger(regles.sons.publication, 'sons.publication', regles.code))}"


def _delay(regles: Regles) -> int:
    return exiger(regles.sons.anteriorite_jours, "sons.anteriorite_jours", regles.code)
