"""Eligibility: one verdict per rule, each explaining itself. Source: regles.md §1.

Pure: what needs the database (fundings already granted, documents provided) comes in `Contexte`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from aap.compatibilite import (
    E9,
    E10,
    E12,
    E13,
    CommandeConnue,
    is_contracted,
    motif_cumul_sons,
    same_software,
    software_key,
)
from aap.faits import Faits, FaitsEssms, FaitsOptions, regions, territoire
from aap.regles import Piece, Regles, exiger
from aap.routage import guichet, minimum_essms
from grappes.categories import categorie
from grappes.finess import has_valid_key, is_well_formed
from grappes.projets import Projet

E1 = "CASF, article L.312-1 ; FAQ CNSA ESMS numérique"
E2 = "FAQ CNSA ESMS numérique ; AAP La Réunion 2024"
#: What the porteur and the payment agency do not agree on, about a SONS order.
NON_DECLAREE = "non déclarée"
INCONNUE = "déclarée, sans commande active connue de l'agence de paiement"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One rule checked. `ok` is the raw finding; a waiver (`deroge`, `motif`) never rewrites it."""

    regle: str
    ok: bool
    constat: object
    attendu: object
    reference: str
    deroge: bool = False
    motif: str = ""

    def as_dict(self) -> dict[str, object]:
        donnees: dict[str, object] = {
            "regle": self.regle,
            "ok": self.ok,
            "constat": self.constat,
            "attendu": self.attendu,
            "reference": self.reference,
        }
        return donnees | {"deroge": True, "motif": self.motif} if self.deroge else donnees


@dataclass(frozen=True, kw_only=True)
class Detenteur:
    """The other dossier that holds an ESSMS. `region`: its name, "national" for the national call; `etat`: code."""

    dossier: str
    aap: str
    region: str
    etat: str


@dataclass(frozen=True, kw_only=True)
class Contexte:
    """What the dossier alone does not say. `deja_pris`: FINESS ET to the other dossier that holds it;
    `derogations`: rule to the reason given by a responsable; `commandes`: FINESS ET to the SONS orders the payment
    agency knows, None while no order of the agency was ever read."""

    national: bool
    pieces_fournies: frozenset[str] = frozenset()
    deja_pris: Mapping[str, Detenteur] = field(default_factory=dict)
    derogations: Mapping[str, str] = field(default_factory=dict)
    commandes: Mapping[str, Sequence[CommandeConnue]] | None = None

    def active_orders(self, finess: str) -> list[CommandeConnue]:
        """The orders of that ESSMS known to the agency, without those cancelled."""
        return [commande for commande in (self.commandes or {}).get(finess, ()) if commande.is_active]


@dataclass(frozen=True, kw_only=True)
class _Constat:
    """Raw outcome of one rule, before waivers."""

    ok: bool
    constat: object
    attendu: object
    reference: str


def verifier(
    regles: Regles, faits: Faits, contexte: Contexte, seulement: Collection[str] | None = None
) -> list[Verdict]:
    """All the rules, in the order of the contract, or `seulement` those. Raises: Refus REGLE_NON_RENSEIGNEE."""
    return [
        _judge(regle, verifie(regles, faits, contexte), contexte)
        for regle, verifie in _REGLES
        if seulement is None or regle in seulement
    ]


def non_satisfaites(verdicts: Collection[Verdict]) -> list[Verdict]:
    """Rules that fail and that nobody waived."""
    return [verdict for verdict in verdicts if not verdict.ok and not verdict.deroge]


def essms_retenus(faits: Faits, derogations: Mapping[str, str]) -> tuple[FaitsEssms, ...]:
    """Distinct ESSMS that count and are funded: those under L.312-1, or all when that rule is waived."""
    distincts = {essms.finess: essms for essms in reversed(faits.essms)}
    uniques = [distincts[finess] for finess in dict.fromkeys(essms.finess for essms in faits.essms)]
    return tuple(un for un in uniques if "L312_1" in derogations or not motif_hors_l312_1(un))


def motif_hors_l312_1(essms: FaitsEssms) -> str:
    """Why this ESSMS is not admitted under L.312-1; empty when it is. Who funds it plays no part (E1).

    A reasoned human override always wins: a category alone never proves L.312-1.
    """
    if essms.force_l312_1.strip():
        return ""
    connue = categorie(essms.categorie)
    if connue is None:
        return f"catégorie {essms.categorie or 'absente'} inconnue"
    return "" if connue.statut == "eligible" else connue.motif


def motif_numero(finess: str, juridiques: Collection[str]) -> str:
    """Why this is no number of an establishment (E2); empty when it may be one."""
    if not is_well_formed(finess):
        return "numéro mal formé"
    return "numéro d'un organisme gestionnaire" if finess in juridiques else ""


def numeros_juridiques(faits: Faits) -> set[str]:
    """FINESS EJ of the OGs of the grappe."""
    return {og.finess for og in faits.ogs} | {essms.og for essms in faits.essms}


def motif_options(projet: Projet | None, options: FaitsOptions) -> str:
    """Equipment and AMOA come only with a DUI project (E16); empty when admitted."""
    return "PROJET_DUI_ABSENT" if projet is None and options.is_any else ""


def project_software(faits: Faits, contexte: Contexte) -> str:
    """Name of the DUI; an upgrade left unnamed takes the one software its SONS orders agree on."""
    commandes = {
        software_key(logiciel): logiciel for essms in faits.essms for logiciel, _ in _sons_orders(essms, contexte)
    }
    if not faits.logiciel and faits.projet is Projet.MONTEE_DE_VERSION and len(commandes) == 1:
        return next(iter(commandes.values()))
    return faits.logiciel


def pieces_requises(regles: Regles, faits: Faits, moment: str = "depot") -> tuple[Piece, ...]:
    """Documents due at this moment ("depot" or "signature") for this dossier, the optional ones included."""
    return tuple(piece for piece in regles.pieces if piece.exigible_au == moment and _applies(piece.condition, faits))


def pieces_manquantes(regles: Regles, faits: Faits, fournies: Collection[str], moment: str = "depot") -> list[Piece]:
    """Mandatory documents due and not provided."""
    requises = pieces_requises(regles, faits, moment)
    return [piece for piece in requises if piece.obligatoire and piece.code not in fournies]


def _judge(regle: str, constat: _Constat, contexte: Contexte) -> Verdict:
    deroge = not constat.ok and regle in contexte.derogations
    return Verdict(
        regle=regle,
        ok=constat.ok,
        constat=constat.constat,
        attendu=constat.attendu,
        reference=constat.reference,
        deroge=deroge,
        motif=contexte.derogations[regle] if deroge else "",
    )


def _min_essms(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    retenus = essms_retenus(faits, contexte.derogations)
    lieu = territoire(retenus or faits.essms)
    minimum = minimum_essms(regles, lieu)
    valeur = getattr(regles.eligibilite.minimum_essms, lieu.value.replace("-", "_"))
    return _Constat(ok=len(retenus) >= minimum, constat=len(retenus), attendu=minimum, reference=valeur.source)


def _routage(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    """`constat`: the call it was filed to; `attendu`: the call the rule sends it to."""
    retenus = essms_retenus(faits, contexte.derogations)
    depose = "national" if contexte.national else "regional"
    attendu = guichet(regles, essms=len(retenus), regions=len(regions(retenus)))
    seuil = regles.routage.national_a_partir_de
    return _Constat(ok=depose == attendu, constat=depose, attendu=attendu, reference=seuil.source if seuil else "")


def _finess(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    """Blocks on the shape and on the number of an OG; a wrong check digit is only noted (regles.md §11.1)."""
    juridiques = numeros_juridiques(faits)
    bloquants = []
    notes = []
    for finess in sorted({essms.finess for essms in faits.essms}):
        if motif := motif_numero(finess, juridiques):
            bloquants.append({"finess": finess, "motif": motif})
        elif not has_valid_key(finess):
            notes.append({"finess": finess, "motif": "clé à vérifier (non bloquant)"})
    return _Constat(ok=not bloquants, constat=[*bloquants, *notes], attendu=[], reference=E2)


def _l312_1(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    hors = {essms.finess: motif for essms in faits.essms if (motif := motif_hors_l312_1(essms))}
    constat = [{"finess": finess, "motif": motif} for finess, motif in sorted(hors.items())]
    return _Constat(ok=not constat, constat=constat, attendu=[], reference=E1)


def _unicite(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    pris = [
        {"finess": finess} | asdict(contexte.deja_pris[finess])
        for finess in sorted({essms.finess for essms in faits.essms})
        if finess in contexte.deja_pris
    ]
    return _Constat(ok=not pris, constat=pris, attendu=[], reference=E9)


def _cumul_sons(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    """A declared order and one that the agency alone knows bar alike; what they do not agree on is only noted."""
    logiciel = project_software(faits, contexte)
    bloquants, notes = [], []
    for essms in sorted(faits.essms, key=lambda un: un.finess):
        for commande, mention in _sons_orders(essms, contexte):
            constat = {"finess": essms.finess, "logiciel": commande}
            if motif_cumul_sons(logiciel, commande):
                bloquants.append(constat | ({"commande": mention} if mention else {}))
            elif mention.endswith((NON_DECLAREE, INCONNUE)):
                notes.append(constat | {"commande": f"{mention} (non bloquant)"})
    return _Constat(ok=not bloquants, constat=[*bloquants, *notes], attendu=[], reference=E10)


def _cumul_ue(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    autre = faits.financement_ue.strip()
    return _Constat(ok=not autre, constat=autre or "aucun", attendu="aucun", reference=E12)


def _concurrence(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    ok = not is_contracted(faits.projet, contrat_signe=faits.contrat_signe)
    constat = "contrat déjà signé" if faits.contrat_signe else "aucun contrat signé"
    attendu = "aucun contrat signé" if faits.projet is Projet.ACQUISITION else "sans objet"
    return _Constat(ok=ok, constat=constat, attendu=attendu, reference=E13)


def _logiciel(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    """Must the software be Ségur-referenced? Grappes of exempt sectors only are free of it (E18)."""
    constat = "référencé" if faits.segur else "non référencé"
    sans = regles.eligibilite.secteurs_sans_reference
    secteurs = {essms.secteur for essms in essms_retenus(faits, contexte.derogations)}
    if sans is not None and secteurs and secteurs <= set(sans.valeur):
        return _Constat(ok=True, constat=constat, attendu="libre", reference=sans.source)
    cle = f"{faits.projet.value}_referencee"
    valeur = getattr(regles.eligibilite, cle)
    exige: bool = exiger(valeur, f"eligibilite.{cle}", regles.code)
    attendu = "référencé" if exige else "libre"
    return _Constat(ok=faits.segur or not exige, constat=constat, attendu=attendu, reference=valeur.source)


def _pieces(regles: Regles, faits: Faits, contexte: Contexte) -> _Constat:
    if not regles.pieces:
        exiger(None, "pieces", regles.code)
    manquantes = pieces_manquantes(regles, faits, contexte.pieces_fournies)
    reference = " ; ".join(dict.fromkeys(piece.source for piece in manquantes or regles.pieces[:1]))
    return _Constat(ok=not manquantes, constat=[piece.code for piece in manquantes], attendu=[], reference=reference)


def _sons_orders(essms: FaitsEssms, contexte: Contexte) -> Iterator[tuple[str, str]]:
    """Software of each order of an ESSMS, and which one it is: those of the agency, then a declared one it ignores."""
    connues = contexte.active_orders(essms.finess)
    for commande in connues:
        declaree = same_software(commande.logiciel, essms.sons_logiciel)
        yield commande.logiciel, str(commande) if declaree else f"{commande}, {NON_DECLAREE}"
    if essms.sons_logiciel and not any(same_software(une.logiciel, essms.sons_logiciel) for une in connues):
        yield essms.sons_logiciel, "" if contexte.commandes is None else INCONNUE


def _applies(condition: str, faits: Faits) -> bool:
    return {
        "toujours": True,
        "si_equipement": faits.options.equipement,
        "si_heures_mixtes": any(essms.is_mixed for essms in faits.essms),
        "si_montee_de_version": faits.projet is Projet.MONTEE_DE_VERSION,
        "si_plusieurs_og": faits.has_many_og,
    }[condition]


_REGLES: tuple[tuple[str, Callable[[Regles, Faits, Contexte], _Constat]], ...] = (
    ("MIN_ESSMS", _min_essms),
    ("ROUTAGE", _routage),
    ("FINESS_GEOGRAPHIQUE", _finess),
    ("L312_1", _l312_1),
    ("UNICITE", _unicite),
    ("CUMUL_SONS", _cumul_sons),
    ("CUMUL_UE", _cumul_ue),
    ("CONCURRENCE", _concurrence),
    ("LOGICIEL_REFERENCE", _logiciel),
    ("PIECES", _pieces),
)

#: Codes of the rules, in the order in which they are reported. Each can be waived with a reason.
REGLES: tuple[str, ...] = tuple(code for code, _ in _REGLES)
