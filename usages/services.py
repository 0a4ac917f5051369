"""What the porteur states about usage: monthly figures, and the VSR."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aap.models import Dossier, Etat
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.signature import Jour
from usages.models import Declaration, EtatDeclaration, Mesure, Vsr
from usages.verification import funded

UNIFORME = "uniforme"
Mois = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])$")]
NOMBRE_MAX = 10_000_000
Nombre = Annotated[int, Field(ge=0, le=NOMBRE_MAX, strict=True)]


class Chiffres(BaseModel):
    """Counts of one ESSMS for a month. The first declaration gives three months of messages and documents."""

    model_config = ConfigDict(extra="forbid")

    personnes: Nombre
    dossiers_actifs: Nombre
    dossiers_avec_projet: Nombre
    dossiers_avec_evenement: Nombre
    messages_mss: Nombre
    dmp_alimentes: Nombre


Mesures = Annotated[dict[str, Chiffres], Field(min_length=1)]


@acte(Dossier, "Déclarer les usages", dans={Etat.EN_DEPLOIEMENT}, par=Role.PORTEUR)
def declarer_usages(dossier: Dossier, passage: Passage, *, mois: Mois, mesures: Mesures) -> Declaration:
    """Write the figures of a month: {"uniforme": counts} for every ESSMS, or counts per FINESS ET.

    A draft is completed or corrected; a month handed in is not touched.
    Raises: Refus DONNEES_INVALIDES (month to come, ESSMS not of this grappe, incoherent counts).
    """
    premier = date.fromisoformat(f"{mois}-01")
    debut = dossier.convention.engagee_le
    if debut and premier < debut.replace(day=1):
        raise Refus(
            Code.DONNEES_INVALIDES, f"Le mois {mois} précède la convention : déclarez un mois depuis sa signature."
        )
    if premier > passage.jour:
        raise Refus(Code.DONNEES_INVALIDES, f"Le mois {mois} n'a pas commencé : déclarez un mois passé ou en cours.")
    declaration, _ = Declaration.objects.get_or_create(dossier=dossier, mois=premier, etat=EtatDeclaration.BROUILLON)
    Mesure.objects.bulk_create(
        (
            Mesure(declaration=declaration, finess=finess, **chiffres.model_dump())
            for finess, chiffres in _by_essms(dossier, mesures).items()
        ),
        update_conflicts=True,
        unique_fields=["declaration", "finess"],
        update_fields=list(Chiffres.model_fields),
    )
    return declaration


@acte(Dossier, "Prononcer la VSR", dans={Etat.EN_DEPLOIEMENT}, par=Role.PORTEUR)
def prononcer_vsr(dossier: Dossier, passage: Passage, *, le: Jour) -> Vsr:
    """Record the VSR, of a day that has come. Raises: Refus DONNEES_INVALIDES, also when it exists already."""
    if le > passage.jour:
        raise Refus(Code.DONNEES_INVALIDES, "La VSR porte une date à venir : enregistrez-la une fois prononcée.")
    debut = dossier.convention.engagee_le
    if debut and le < debut:
        raise Refus(Code.DONNEES_INVALIDES, "La VSR porte une date antérieure à la convention : vérifiez-la.")
    if Vsr.objects.filter(dossier=dossier).exists():
        raise Refus(Code.DONNEES_INVALIDES, "La VSR de ce dossier est déjà enregistrée : rien n'est à refaire.")
    return Vsr.objects.create(dossier=dossier, prononcee_le=le, par_id=passage.par.pk, enregistree_le=passage.le)


def _by_essms(dossier: Dossier, mesures: Mesures) -> dict[str, Chiffres]:
    finess = [essms.finess for essms in funded(dossier)]
    if set(mesures) == {UNIFORME}:
        return dict.fromkeys(finess, mesures[UNIFORME])
    if inconnus := sorted(set(mesures) - set(finess)):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"L'ESSMS {inconnus[0]} n'est pas de cette grappe : retirez sa ligne, ou vérifiez son numéro FINESS.",
            essms=inconnus,
        )
    return mesures
