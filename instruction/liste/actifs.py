"""The filters in force, in words, each with the address that takes it off."""

from dataclasses import dataclass

from accompagnement.models import Niveau
from instruction.libelles import PROJETS, SECTEURS
from instruction.liste.filtre import ACTEURS, DELAIS, MOI, PERSONNE, Filtre
from instruction.liste.lecture import Choix
from moteur.texte import en_euros


@dataclass(frozen=True, kw_only=True)
class Actif:
    texte: str
    adresse: str


def in_force(filtre: Filtre, choix: Choix) -> list[Actif]:
    """Everything but the states, which the chips show."""
    dits = {
        "texte": f"« {filtre.texte} »",
        "aap": f"Appel {filtre.aap}",
        "fenetre": f"Fenêtre {filtre.fenetre}",
        "secteur": SECTEURS.get(filtre.secteur, ""),
        "departement": dict(choix.departements).get(filtre.departement, filtre.departement),
        "projet": PROJETS.get(filtre.projet, ""),
        "agent": {MOI: "En charge : moi", PERSONNE: "En charge : personne"}.get(
            filtre.agent, f"En charge : {dict(choix.agents).get(filtre.agent, 'inconnu')}"
        ),
        "acteur": ACTEURS.get(filtre.acteur, ""),
        "delai": DELAIS.get(filtre.delai, ""),
        "risque": f"Risque {dict(Niveau.choices).get(filtre.risque, '').lower()}",
        "aide_min": f"Aide d'au moins {en_euros(filtre.aide_min)}" if filtre.aide_min is not None else "",
        "aide_max": f"Aide d'au plus {en_euros(filtre.aide_max)}" if filtre.aide_max is not None else "",
    }
    vides = Filtre()
    return [
        Actif(texte=texte, adresse=filtre.query(**{champ: getattr(vides, champ)}))
        for champ, texte in dits.items()
        if getattr(filtre, champ) != getattr(vides, champ)
    ]
