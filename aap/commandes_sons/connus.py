"""What is already known of a block of rows: four queries, whatever their number."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from aap.commandes_sons.controle import Lue
from aap.compatibilite import AutreFinancement, closes_first_wave
from aap.cumuls import committed
from grappes.finess import has_valid_key, is_well_formed
from grappes.models import CommandeSons, Essms, OrganismeGestionnaire
from moteur.lots import Faute
from moteur.texte import cite

_SEPARATEURS = re.compile(r"[\s.'-]+")


@dataclass
class Connus:
    """The real register and the orders already there, for a block. `finances`: acquisitions that close wave 1."""

    essms: Mapping[str, Essms]
    ogs: Mapping[str, OrganismeGestionnaire]
    finances: Mapping[str, AutreFinancement]
    par_reference: dict[str, list[CommandeSons]] = field(default_factory=dict)
    par_vague: dict[tuple[str, str], CommandeSons] = field(default_factory=dict)

    def learn(self, commande: CommandeSons) -> None:
        """An order that is there from now on."""
        self.par_reference.setdefault(commande.reference, []).append(commande)
        if commande.annulee_le is None:
            self.par_vague[commande.essms.finess, commande.vague] = commande

    def forget(self, commande: CommandeSons) -> None:
        """An order that was cancelled: its wave is free again."""
        self.par_vague.pop((commande.essms.finess, commande.vague), None)


def load(lues: Sequence[Lue]) -> Connus:
    """Everything a block of rows may refer to."""
    numeros = set(chain.from_iterable(_candidates([lue.finess_et, lue.finess_ej]) for lue in lues))
    etablissements = Essms.objects.filter(finess__in=numeros, rejeu=None).select_related("og")
    organismes = OrganismeGestionnaire.objects.filter(finess__in=numeros, rejeu=None)
    connus = Connus(
        essms={un.finess: un for un in etablissements},
        ogs={un.finess: un for un in organismes},
        finances={
            finess: autre
            for finess, autre in committed(numeros).items()
            if closes_first_wave(autre.projet, segur=autre.segur)
        },
    )
    references = {lue.textes.get("reference", "") for lue in lues}
    for commande in CommandeSons.objects.of_register(None).concerning(references, connus.essms.values()):
        connus.learn(commande)
    return connus


def check_numbers(lue: Lue, connus: Connus) -> list[Faute]:
    """Both FINESS numbers: their shape, known of the register, and one managing the other."""
    fautes = []
    essms, og = connus.essms.get(lue.finess_et), connus.ogs.get(lue.finess_ej)
    if lue.finess_et and essms is None:
        fautes.append(
            Faute(chemin="finess_et", message=_unknown(lue.finess_et, connus.essms, connus.ogs, "d'un ESSMS"))
        )
    if lue.finess_ej and og is None:
        message = _unknown(lue.finess_ej, connus.ogs, connus.essms, "d'un organisme gestionnaire")
        fautes.append(Faute(chemin="finess_ej", message=message))
    if essms and og and essms.og_id != og.pk:
        message = f"L'ESSMS {essms} relève de {essms.og} et non de {og} : corrigez l'un des deux numéros."
        fautes.append(Faute(chemin="finess_ej", message=message))
    return fautes


def _unknown(numero: str, attendus: Mapping[str, object], autres: Mapping[str, object], quoi: str) -> str:
    """What to write instead of a number that the register does not know."""
    proche = next((candidat for candidat in _candidates([numero]) if candidat in attendus), None)
    if proche:
        mange = " (un tableur a mangé le zéro de tête)" if numero.isdigit() and len(numero) < 9 else ""
        return f"{cite(numero)} n'est pas un numéro FINESS{mange} : écrivez {cite(proche)}, {attendus[proche]}."
    if numero in autres:
        return f"{cite(numero)} est au registre, mais ce n'est pas le numéro {quoi} : les deux sont-ils intervertis ?"
    if not is_well_formed(numero):
        return f"{cite(numero)} n'a pas la forme d'un numéro FINESS : 9 caractères, comme 310000028 ou 2A0000014."
    doute = "" if has_valid_key(numero) else " Sa clé est fausse : une faute de frappe, sans doute."
    return (
        f"{cite(numero)} n'est pas au registre comme numéro {quoi}.{doute} Corrigez-le, ou importez d'abord le "
        "registre FINESS à jour."
    )


def _candidates(numeros: Iterable[str]) -> list[str]:
    """The numbers that may be meant: as written, then without separators, in capitals, with its leading zeros."""
    serres = [_SEPARATEURS.sub("", numero).upper() for numero in numeros]
    complets = [numero.zfill(9) if numero.isdigit() else numero for numero in serres]
    return [numero for numero in complets if is_well_formed(numero)]
