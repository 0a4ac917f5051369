"""What is in force on the day of the demonstration besides roles: one that is lent, an absence, an interest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aap.models import Dossier
from comptes.delegations import Etendue, deleguer
from comptes.models import Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from grappes.models import NatureInteret
from instruction.demonstration import fichiers
from instruction.interets.gestes import declare
from moteur import horloge


def install(gens: Mapping[str, Utilisateur]) -> None:
    """Lend and declare, today. `gens`: by the name the events give them."""
    campagne = fichiers.campagne()
    dit: dict[str, Any] = dict(campagne.fin_d_annee)
    etendue = Etendue(
        nature=Nature.SIGNATURE, role=Role(dit["delegant"]), region=Region.objects.get(pk=campagne.region),
        du=horloge.aujourdhui(), au=dit["au"], acte=dit["acte"], acte_le=dit["acte_le"],
    )  # fmt: skip
    deleguer(gens[dit["delegataire"]], etendue, gens[dit["delegant"]])
    absence = replace(
        etendue,
        nature=Nature.SUPPLEANCE,
        role=Role(dit["suppleante"]),
        au=dit["absente_jusqu_au"],
        acte="",
        acte_le=None,
    )
    deleguer(gens[dit["suppleante"]], absence, gens[dit["absente"]])
    lie, dossier = gens[dit["lie"]], Dossier.objects.get(aap__code=campagne.code, reference=dit["dossier"])
    declare(
        lie, dossier.grappe.og_porteur, lie, nature=NatureInteret(dit["nature"]), du=horloge.aujourdhui(),
        commentaire=dit["commentaire"],
    )  # fmt: skip
