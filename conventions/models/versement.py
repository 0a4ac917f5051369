from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from comptes.roles import Role
from conventions.models.convention import Convention
from moteur.declencheurs import Fige, Inviolable, etats_gardes
from moteur.erreurs import Code, Refus
from moteur.machine import Machine, Passage, champ_etat, passage
from moteur.signature import Motif
from moteur.texte import en_toutes_lettres


class EtatVersement(models.TextChoices):
    PROPOSE = "propose", "Proposé"
    CERTIFIE = "certifie", "Certifié"
    ORDONNANCE = "ordonnance", "Ordonnancé"
    EXECUTE = "execute", "Exécuté"
    REJETE = "rejete", "Rejeté"
    ANNULE = "annule", "Annulé"


class MoitieDue(Inviolable):
    """A half moves towards payment only when it is due: the first on a signed convention, the second on
    targets found to be met. Holds in SQL too."""

    name = "moitie_due"
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("etat")
    declare = [("_etat", "TEXT")]

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            IF NEW.etat NOT IN ('certifie', 'ordonnance', 'execute') OR NEW.etat = OLD.etat THEN RETURN NEW; END IF;
            SELECT d.etat INTO _etat FROM aap_dossier d JOIN conventions_convention c ON c.dossier_id = d.id
                WHERE c.id = NEW.convention_id;
            IF NEW.rang = 1 AND _etat <> 'conventionne' THEN
                RAISE EXCEPTION 'premiere moitie non due : dossier %', _etat
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'versement_convention_signee';
            ELSIF NEW.rang = 2 AND _etat <> 'cibles_atteintes' THEN
                RAISE EXCEPTION 'seconde moitie non due : dossier %', _etat
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'versement_cibles_atteintes';
            END IF;
            RETURN NEW;
        """)


class Versement(Machine):
    """One half of the aid. `rang`: 1 at signature, 2 at the targets. `montant`: euros, fixed for ever.

    Service done is certified, payment is ordered, another person executes it. States: docs/statuts/versement.md.
    """

    AVEC: ClassVar[tuple[str, ...]] = ("convention__dossier__aap",)

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="versements")
    rang = models.PositiveSmallIntegerField()
    montant = models.DecimalField(max_digits=12, decimal_places=2)
    etat = champ_etat(EtatVersement, EtatVersement.PROPOSE)
    certifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    ordonnance_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    execute_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    execute_le = models.DateField("exécuté le", null=True, editable=False)
    motif = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = "versement"
        ordering = ("rang", "pk")
        triggers = [*etats_gardes(), MoitieDue(), Fige("convention", "rang", "montant")]
        constraints = [
            models.CheckConstraint(name="versement_rang_connu", condition=Q(rang__in=(1, 2))),
            models.CheckConstraint(name="versement_montant_positif", condition=Q(montant__gt=0)),
            models.UniqueConstraint(
                name="versement_un_par_rang",
                fields=["convention", "rang"],
                condition=~Q(etat__in=[EtatVersement.REJETE, EtatVersement.ANNULE]),
            ),
            models.CheckConstraint(
                name="versement_roles_separes",
                condition=Q(execute_par__isnull=True) | ~Q(execute_par=F("ordonnance_par")),
            ),
            models.CheckConstraint(
                name="versement_execute_date",
                condition=~Q(etat=EtatVersement.EXECUTE)
                | Q(
                    execute_le__isnull=False,
                    execute_par__isnull=False,
                    ordonnance_par__isnull=False,
                    certifie_par__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"versement {self.rang} de {self.convention.dossier}"

    def racine(self) -> Machine:
        return self.convention.dossier

    def already_done(self) -> Refus | None:
        if self.execute_le is None:
            return None
        return Refus(
            Code.VERSEMENT_DEJA_EFFECTUE,
            f"Le versement de rang {self.rang} a été exécuté le {en_toutes_lettres(self.execute_le)} : rien n'est à "
            "refaire.",
            rang=self.rang,
        )

    @passage(
        "Certifier le service fait",
        de=EtatVersement.PROPOSE,
        vers=EtatVersement.CERTIFIE,
        par=(Role.INSTRUCTEUR, Role.RESPONSABLE),
    )
    def certifier(self, passage: Passage) -> None:
        """The half is due: the signed convention, or the targets met, was seen."""
        self.certifie_par_id = passage.par.pk

    @passage(
        "Ordonnancer",
        de=EtatVersement.CERTIFIE,
        vers=EtatVersement.ORDONNANCE,
        par=Role.RESPONSABLE,
        separe_de=Role.COMPTABLE,
    )
    def ordonnancer(self, passage: Passage) -> None:
        """Order the payment."""
        self.ordonnance_par_id = passage.par.pk

    @passage(
        "Exécuter",
        de=EtatVersement.ORDONNANCE,
        vers=EtatVersement.EXECUTE,
        par=Role.COMPTABLE,
        separe_de=Role.RESPONSABLE,
    )
    def executer(self, passage: Passage) -> None:
        """Pay. Never by the person who ordered."""
        self.execute_par_id, self.execute_le = passage.par.pk, passage.jour

    @passage("Rejeter", de=EtatVersement.ORDONNANCE, vers=EtatVersement.REJETE, par=Role.COMPTABLE)
    def rejeter(self, passage: Passage, *, motif: Motif) -> None:
        """The comptable sends it back; the half is proposed anew."""
        self.motif = motif

    @passage(
        "Annuler",
        de=[EtatVersement.PROPOSE, EtatVersement.CERTIFIE],
        vers=EtatVersement.ANNULE,
        par=Role.RESPONSABLE,
    )
    def annuler(self, passage: Passage, *, motif: Motif) -> None:
        """It will never be due."""
        self.motif = motif
