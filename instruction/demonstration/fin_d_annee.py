"""What is in force on the day of the demonstration besides roles: a role that is lent, an officer who keeps out."""

from collections.abc import Mapping
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
    lie, dossier = gens[dit["lie"]], Dossier.objects.get(aap__code=campagne.code, reference=dit["dossier"])
    declare(
        lie, dossier.grappe.og_porteur, lie, nature=NatureInteret(dit["nature"]), du=horloge.aujourdhui(),
        commentaire=dit["commentaire"],
    )  # fmt: skip
