"""The rule set of a call in words. Nothing is restated: each line is a value, its source and its confidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aap.models import Aap
from aap.regles import Indicateur, Piece, Regles, Taux
from instruction.libelles import POSTES, SECTEURS
from moteur.texte import en_toutes_lettres
from vitrine.formes import CONFIANCES, FORMES, SILENCE, Dite, say

CONDITIONS: Mapping[str, str] = {
    "toujours": "Toujours",
    "si_equipement": "Si vous demandez l'aide à l'équipement",
    "si_heures_mixtes": "Si un service à domicile fait aussi des activités de confort",
    "si_montee_de_version": "Pour une montée de version",
    "si_plusieurs_og": "Si la grappe réunit plusieurs organismes gestionnaires",
}
MOMENTS: Mapping[str, str] = {"depot": "Au dépôt", "signature": "À la signature de la convention"}


@dataclass(frozen=True)
class Rubrique:
    """A titled part of the rules. `ancre`: its address in the page."""

    titre: str
    ancre: str
    dites: tuple[Dite, ...]


@dataclass(frozen=True, kw_only=True)
class LigneBareme:
    """A rate of the scale per ESSMS; `reduit` counts around the threshold."""

    quoi: str
    plein: Dite
    reduit: Dite


@dataclass(frozen=True)
class PieceDite:
    """A document due."""

    piece: Piece

    @property
    def quand(self) -> str:
        return MOMENTS[self.piece.exigible_au]

    @property
    def condition(self) -> str:
        return CONDITIONS[self.piece.condition]

    @property
    def confiance(self) -> str:
        return CONFIANCES[self.piece.confiance]


@dataclass(frozen=True)
class CibleDite:
    """A usage indicator: what is counted, over what, and the target."""

    indicateur: Indicateur

    @property
    def cible(self) -> Dite:
        return say("Cible", self.indicateur.cible, "pourcent")

    @property
    def formule(self) -> str:
        numerateur, denominateur = self.indicateur.numerateur, self.indicateur.denominateur
        if numerateur is None or denominateur is None:
            return SILENCE
        return f"{FORMES['mesure'](numerateur.valeur)} pour 100 {FORMES['mesure'](denominateur.valeur)}"

    @property
    def exemptions(self) -> list[str]:
        return [
            SECTEURS[une.secteur] + (", hors ESSMS éligibles au SONS" if une.si_non_eligible_sons else "")
            for une in self.indicateur.exemptions
        ]


def headings(aap: Aap) -> list[Rubrique]:
    """The rules that are single values, in the order a porteur meets them."""
    regles = aap.regles
    return [
        Rubrique("Qui peut déposer", "eligibilite", tuple(_eligibility(regles))),
        Rubrique("Appel régional ou national", "orientation", tuple(_routing(regles))),
        Rubrique("Calendrier de versement", "versements", tuple(_payments(regles))),
        Rubrique("Délais", "delais", tuple(_delays(aap))),
        Rubrique("Ce qui reste à décider", "politiques", tuple(_policies(regles))),
    ]


def scale(regles: Regles) -> list[LigneBareme]:
    """Euros per ESSMS."""
    bareme = regles.bareme
    return [
        _rates("Usage, acquisition d'un logiciel", bareme.usage.acquisition),
        _rates("Logiciel référencé Ségur, acquisition", bareme.logiciel.reference),
        _rates("Logiciel non référencé, acquisition", bareme.logiciel.non_reference),
        _rates("Usage, montée de version", bareme.usage.montee_de_version),
    ]


def extras(regles: Regles) -> list[Dite]:
    """What the scale adds or counts otherwise."""
    petits, forfait = regles.bareme.petits_og, regles.bareme.forfait
    dites = [
        say("Seuil où le taux réduit commence", regles.bareme.seuil, "essms"),
        say("Lecture retenue de ce seuil", regles.bareme.mode_seuil, "texte"),
        say("Logiciel non référencé : secteurs", regles.bareme.logiciel.secteurs_non_reference, "secteurs"),
        say(f"{POSTES['equipement']}, par ESSMS de petit organisme", petits.equipement_par_essms, "euros"),
        say(f"{POSTES['amoa_marche']}, par grappe", petits.amoa_marche, "euros"),
        say(f"{POSTES['amoa_projet']}, par grappe", petits.amoa_projet, "euros"),
        say("AMOA pour une grappe de petits et de grands organismes", petits.amoa_grappe_mixte, "oui_non"),
    ]
    if forfait:
        dites += [
            say("Forfait par ESSMS, acquisition", forfait.acquisition, "euros"),
            say("Forfait par ESSMS, montée de version", forfait.montee_de_version, "euros"),
            say("Organisme unique : ESSMS comptés au plus", forfait.og_unique_plafond, "essms"),
        ]
    return dites


def documents(regles: Regles) -> list[PieceDite]:
    return [PieceDite(piece) for piece in regles.pieces]


def targets(regles: Regles) -> list[CibleDite]:
    return [CibleDite(indicateur) for indicateur in regles.usages.indicateurs]


def _rates(quoi: str, taux: Taux) -> LigneBareme:
    return LigneBareme(
        quoi=quoi, plein=say("taux plein", taux.plein, "euros"), reduit=say("taux réduit", taux.reduit, "euros")
    )


def _eligibility(regles: Regles) -> Iterator[Dite]:
    eligibilite = regles.eligibilite
    minimum = eligibilite.minimum_essms
    yield say("Taille minimale d'une grappe, en métropole", minimum.metropole, "essms")
    yield say("Taille minimale d'une grappe, en Corse", minimum.corse, "essms")
    yield say("Taille minimale d'une grappe, outre-mer", minimum.outre_mer, "essms")
    yield say("Un organisme est « petit » s'il gère moins de", eligibilite.petit_og_moins_de, "essms")
    yield say("Logiciel référencé Ségur exigé, acquisition", eligibilite.acquisition_referencee, "oui_non")
    yield say("Logiciel référencé Ségur exigé, montée de version", eligibilite.montee_de_version_referencee, "oui_non")
    yield say("Secteurs dispensés de logiciel référencé", eligibilite.secteurs_sans_reference, "secteurs")


def _routing(regles: Regles) -> Iterator[Dite]:
    yield say("Appel national à partir de", regles.routage.national_a_partir_de, "essms")
    yield say("Nombre de régions pour l'appel national", regles.routage.regions_minimum_national, "nombre")


def _payments(regles: Regles) -> Iterator[Dite]:
    versements = regles.versements
    yield say("Part versée à la signature de la convention", versements.premiere_part, "part")
    yield say("Vérification de service régulier avant le solde", versements.vsr_requise, "oui_non")
    yield say("Atteinte des cibles mesurée sur la grappe ou par ESSMS", regles.politiques.evaluation_cibles, "texte")


def _delays(aap: Aap) -> Iterator[Dite]:
    regles = aap.regles
    if aap.dernier_engagement:
        yield Dite(
            quoi="Dernier jour pour engager les crédits",
            dit=en_toutes_lettres(aap.dernier_engagement),
            source="Cet appel à projets",
            confiance=CONFIANCES["verifie"],
        )
    else:
        yield say("Dernier jour pour engager les crédits", regles.calendrier.dernier_engagement, "jour")
    yield say("Premier relevé des usages, après", regles.usages.premiere_mesure_mois, "mois")
    yield say("Atteindre les cibles, acquisition", regles.delais.acquisition_mois, "mois")
    yield say("Atteindre les cibles, montée de version", regles.delais.montee_de_version_mois, "mois")
    yield say("Ce délai court depuis", regles.delais.point_de_depart, "texte")


def _policies(regles: Regles) -> Iterator[Dite]:
    politiques = regles.politiques
    yield say("Cibles atteintes en partie", politiques.atteinte_partielle, "texte")
    yield say("Reversement de l'aide", politiques.reversement, "texte")
    yield say("Retrait d'un membre de la grappe", politiques.retrait_membre, "texte")
    yield say("Prorogation des délais", politiques.prorogation, "texte")
