"""What money asks before a dossier moves."""

from aap.gardes import follow_dossier
from aap.models import Dossier, Etat
from conventions.models import Convention, EtatVersement, Versement
from conventions.querysets import due_date, payment, unsigned
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import garde
from moteur.texte import en_liste, en_toutes_lettres

follow_dossier(
    Convention,
    {
        "mettre_en_signature": {Etat.NOTIFIE},
        "conclure": {Etat.CONVENTIONNE},
        "resilier": {Etat.ABANDONNE, Etat.EN_REVERSEMENT},
        "echoir": {Etat.CLOS},
    },
)
follow_dossier(Versement, {"annuler": {Etat.EN_REVERSEMENT}})


@garde(Dossier, "signer_convention")
def every_signature(dossier: Dossier, passage: Passage) -> None:
    """ARS and porteur, and every OG where there are several."""
    if absents := unsigned(dossier):
        raise Refus(
            Code.SIGNATURE_MANQUANTE,
            f"Il manque la signature de : {en_liste([str(absent) for absent in absents])}. Recueillez-la d'abord.",
            signataires=[absent.code for absent in absents],
        )


@garde(Dossier, "verser_premiere_moitie")
def first_half_paid(dossier: Dossier, passage: Passage) -> None:
    """The payment of rank 1 is executed."""
    _require_paid(dossier, 1)


@garde(Dossier, "verser_seconde_moitie")
def second_half_paid(dossier: Dossier, passage: Passage) -> None:
    """The payment of rank 2 is executed."""
    _require_paid(dossier, 2)


def _require_paid(dossier: Dossier, rang: int) -> None:
    versement = payment(dossier, rang)
    if versement is None or versement.etat != EtatVersement.EXECUTE:
        etat = versement.get_etat_display().lower() if versement else "absent"
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"Le versement de rang {rang} n'est pas exécuté (il est {etat}) : faites-le certifier, ordonnancer "
            "puis exécuter.",
            rang=rang,
        )


@garde(Versement, "executer")
def another_person(versement: Versement, passage: Passage) -> None:
    """Whoever ordered does not execute, whatever roles she holds (décret 2012-1246, art. 9)."""
    if versement.ordonnance_par_id == passage.par.pk:
        raise Refus(
            Code.SEPARATION_DES_ROLES,
            "Vous avez ordonnancé ce versement : une autre personne, comptable, doit l'exécuter.",
        )


@garde(Dossier, "constater_echec")
def deadline_passed(dossier: Dossier, passage: Passage) -> None:
    """No failure before the deadline of the targets, prorogations included."""
    echeance = due_date(dossier)
    if echeance and passage.jour <= echeance:
        raise Refus(
            Code.DELAI_NON_ECHU,
            f"La grappe a jusqu'au {en_toutes_lettres(echeance)} inclus pour atteindre ses cibles : attendez le "
            "lendemain.",
            echeance=echeance.isoformat(),
        )
