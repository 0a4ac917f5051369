"""What money does when a dossier moves: open the convention, commit, pay, ask back."""

from aap.delais import echeance_cibles
from aap.eligibilite import essms_retenus
from aap.examen import waivers
from aap.grand_livre import record
from aap.models import Dossier, Mouvement, Nature
from aap.regles import exiger
from conventions.models import (
    Convention,
    EtatConvention,
    EtatReversement,
    Qualite,
    Reversement,
    Signataire,
    Versement,
)
from conventions.querysets import payment
from grappes.models import OrganismeGestionnaire
from moteur.argent import ZERO, moities
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import effet, franchir


@effet(Dossier, "notifier")
def open_convention(dossier: Dossier, passage: Passage) -> None:
    """Draw up the convention for the aid granted, with every party that must sign."""
    convention = Convention.objects.create(dossier=dossier, montant=dossier.aide or ZERO)
    parties = [Signataire(convention=convention, qualite=qualite) for qualite in (Qualite.ARS, Qualite.PORTEUR)]
    ogs = _organisms(dossier)
    if len(ogs) > 1:
        parties += [Signataire(convention=convention, qualite=Qualite.OG, og=og) for og in ogs]
    Signataire.objects.bulk_create(parties)
    franchir(convention, "mettre_en_signature", passage.par)


@effet(Dossier, "signer_convention")
def commit_credits(dossier: Dossier, passage: Passage) -> None:
    """Commit the aid on the envelope and propose its two halves."""
    convention, regles = dossier.convention, dossier.aap.regles
    depart = exiger(regles.delais.point_de_depart, "delais.point_de_depart", regles.code)
    debut = passage.jour if depart == "signature_convention" else convention.notifiee_le or passage.jour
    limite = echeance_cibles(regles, dossier.type_projet, debut)
    franchir(convention, "conclure", passage.par, echeance_cibles=limite)
    record(dossier, Nature.ENGAGEMENT, convention.montant, passage)
    part = exiger(regles.versements.premiere_part, "versements.premiere_part", regles.code)
    for rang, montant in enumerate(moities(convention.montant, part), start=1):
        Versement.objects.create(convention=convention, rang=rang, montant=montant)


@effet(Versement, "executer")
def pay(versement: Versement, passage: Passage) -> None:
    """Write the payment on the ledger, which takes each rank of a dossier once."""
    record(versement.convention.dossier, Nature.VERSEMENT, versement.montant, passage, rang=versement.rang)


@effet(Versement, "rejeter")
def propose_again(versement: Versement, passage: Passage) -> None:
    """A rejected half is still due: propose it anew."""
    Versement.objects.create(convention=versement.convention, rang=versement.rang, montant=versement.montant)


@effet(Dossier, "abandonner")
def give_up_convention(dossier: Dossier, passage: Passage) -> None:
    """A convention under signature ends with the dossier."""
    if convention := Convention.objects.filter(dossier=dossier).first():
        franchir(convention, "resilier", passage.par)


@effet(Dossier, "constater_echec")
def ask_back(dossier: Dossier, passage: Passage) -> None:
    """Free what was committed and not paid, cancel the second half, order the recovery of what was paid.

    The texts read do not settle a partial recovery (regles.md §5): the order is for the whole sum.
    """
    if (seconde := payment(dossier, 2)) is not None:
        franchir(seconde, "annuler", passage.par, motif=passage.donnees["motif"])
    franchir(dossier.convention, "resilier", passage.par)
    dernier = Mouvement.objects.filter(dossier=dossier).order_by("-rang")[0]
    record(dossier, Nature.LIBERATION, dernier.dossier_engage - dernier.dossier_verse, passage)
    Reversement.objects.create(dossier=dossier, montant=dernier.dossier_verse, motif=passage.donnees["motif"])


@effet(Reversement, "recouvrer")
def take_back(reversement: Reversement, passage: Passage) -> None:
    """The sum returns to the envelope."""
    record(reversement.dossier, Nature.REVERSEMENT, reversement.montant, passage)


@effet(Dossier, "cloturer")
def end(dossier: Dossier, passage: Passage) -> None:
    """Close what is still open: the convention has expired, and closing a recovery attests that it came in."""
    convention = dossier.convention
    if convention.etat == EtatConvention.SIGNEE:
        franchir(convention, "echoir", passage.par)
    reversement = Reversement.objects.filter(dossier=dossier).first()
    if reversement and reversement.etat == EtatReversement.EMIS:
        franchir(reversement, "recouvrer", passage.par)


def _organisms(dossier: Dossier) -> list[OrganismeGestionnaire]:
    """OGs of the ESSMS that are funded."""
    faits = dossier.faits_deposes
    if faits is None:
        raise Refus(Code.TRANSITION_INTERDITE, "Ce dossier n'a pas été déposé : déposez-le d'abord.")
    numeros = {essms.og for essms in essms_retenus(faits, waivers(dossier))}
    return list(OrganismeGestionnaire.objects.filter(finess__in=numeros, rejeu=dossier.aap.rejeu).order_by("finess"))
