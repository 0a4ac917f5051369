"""The rows of the stock, field by field. Source: regles.md §11.2."""

from grappes.generation.stock import HOPITAL_PUBLIC, Etablissement, Organisme

#: "Etablissements sanitaires": 11xx and 12xx, the only ones that take part, or not, in the public hospital service.
SANITAIRES = ("11", "12")


def structureet(un: Etablissement) -> tuple[str, ...]:
    """32 fields; the last one (numuai) is empty, which makes the trailing separator."""
    qui, quoi, ou = un.identite, un.rubrique, un.territoire
    return (
        "structureet", un.finess, un.organisme.finess, qui.nom, qui.nom_long, qui.complement, "",
        qui.numero, qui.type_voie, qui.voie, "", qui.lieu_dit, qui.commune.code, ou.finess, ou.nom,
        qui.commune.acheminement, qui.telephone, qui.telecopie,
        quoi.code, quoi.libelle, quoi.agregat, quoi.libelle_agregat, un.siret, quoi.ape,
        quoi.tarif, quoi.libelle_tarif, *_participation(un),
        un.ouverture.isoformat(), un.autorisation.isoformat(), un.maj.isoformat(), "",
    )  # fmt: skip


def structureej(un: Organisme) -> tuple[str, ...]:
    """23 fields and the trailing separator."""
    qui = un.identite
    return (
        "structureej", un.finess, qui.nom, qui.nom_long, qui.complement,
        qui.numero, qui.type_voie, qui.voie, "", "", qui.lieu_dit, qui.commune.code, qui.commune.acheminement,
        un.territoire.finess, un.territoire.nom, qui.telephone, un.statut.code, un.statut.libelle,
        "", "", un.siren, "", un.creation.isoformat(), "",
    )  # fmt: skip


def geolocalisation(un: Etablissement) -> tuple[str, ...]:
    """6 fields, without a trailing separator; metres, in the projection of the département."""
    source = f"1,ATLASANTE,96,BAN,{un.territoire.systeme}"
    return "geolocalisation", un.finess, f"{un.x:.1f}", f"{un.y:.1f}", source, un.maj.isoformat()


def _participation(un: Etablissement) -> tuple[str, str]:
    if not un.rubrique.agregat.startswith(SANITAIRES):
        return "", ""
    if un.organisme.statut.code == HOPITAL_PUBLIC:
        return "1", "Etablissement public de santé"
    return "0", "Non concerné"
