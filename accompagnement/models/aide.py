from datetime import timedelta
from typing import Annotated, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from pydantic import StringConstraints

from aap.models import Dossier
from accompagnement.querysets import DemandeAideQuerySet
from accompagnement.referents import delays
from comptes.models import Departement
from comptes.roles import Role
from moteur.declencheurs import Fige, etats_gardes
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Machine, Passage, champ_etat, passage
from moteur.signature import Motif

#: Who answers in the région; and the program, when nobody did in time.
AIDANTS = (Role.INSTRUCTEUR, Role.RESPONSABLE, Role.CONSEILLER_GRADES)
SYSTEME = "systeme"

TexteReponse = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]


class EtatAide(models.TextChoices):
    """States of a request for help, in the order of its life."""

    OUVERTE = "ouverte", "Ouverte"
    PRISE_EN_CHARGE = "prise_en_charge", "Prise en charge"
    TRANSMISE = "transmise", "Transmise au référent national"
    RESOLUE = "resolue", "Résolue"


class DemandeAide(Machine):
    """A question of a porteur to the ARS and the GRADeS of her région, about a dossier or not. States: docs/statuts.

    `echeance`: last day to do what its state asks; afterwards it goes to the national referent, whom nothing hurries.
    """

    AVEC: ClassVar[tuple[str, ...]] = ("departement",)

    departement = models.ForeignKey(Departement, on_delete=models.PROTECT, related_name="+", verbose_name="département")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, null=True, related_name="demandes_aide")
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="demandes_aide")
    sujet = models.CharField(max_length=150)
    texte = models.TextField("question")
    deposee_le = models.DateTimeField("déposée le")
    etat = champ_etat(EtatAide, EtatAide.OUVERTE)
    echeance = models.DateField("échéance", null=True, editable=False)
    prise_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    prise_le = models.DateTimeField("prise en charge le", null=True, editable=False)
    transmise_le = models.DateTimeField("transmise le", null=True, editable=False)
    reponse = models.TextField("réponse", blank=True, editable=False)
    resolue_le = models.DateTimeField("résolue le", null=True, editable=False)

    objects = DemandeAideQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of Machine

    class Meta:
        verbose_name = "demande d'aide"
        verbose_name_plural = "demandes d'aide"
        ordering = ("-deposee_le", "-pk")
        triggers = [*etats_gardes(), Fige("departement", "dossier", "auteur", "sujet", "texte", "deposee_le")]
        constraints = [
            models.CheckConstraint(
                name="aide_question_posee",
                condition=~Q(sujet="") & ~Q(texte=""),
                violation_error_message="Donnez l'objet de votre demande et votre question.",
            ),
            models.CheckConstraint(
                name="aide_prise_par_quelqu_un",
                condition=~Q(etat=EtatAide.PRISE_EN_CHARGE) | Q(prise_par__isnull=False, prise_le__isnull=False),
                violation_error_message="Une demande prise en charge l'est par quelqu'un, un jour : indiquez les deux.",
            ),
            models.CheckConstraint(
                name="aide_resolue_repondue",
                condition=~Q(etat=EtatAide.RESOLUE) | Q(resolue_le__isnull=False) & ~Q(reponse=""),
                violation_error_message="Une demande résolue porte sa réponse et sa date : écrivez la réponse.",
            ),
        ]

    def __str__(self) -> str:
        return f"demande d'aide « {self.sujet} »"

    def regions_de(self, role: str) -> frozenset[str | None]:
        """The région of the département; the whole country for who answers last."""
        return frozenset({None if role in (Role.PILOTE_NATIONAL, SYSTEME) else self.departement.region_id})

    def est_partage_avec(self, acteur: Acteur, role: str) -> bool | None:
        """A porteur has her own."""
        return None if role != Role.PORTEUR else self.auteur_id == acteur.pk

    def already_done(self) -> Refus | None:
        """Somebody else was quicker, and is named."""
        if self.etat != EtatAide.PRISE_EN_CHARGE:
            return None
        return Refus(
            Code.TRANSITION_INTERDITE,
            f"{self.prise_par} a déjà pris cette demande en charge : il n'y a rien à faire, sauf y répondre.",
            etat=self.etat,
        )

    @passage("Prendre en charge", de=EtatAide.OUVERTE, vers=EtatAide.PRISE_EN_CHARGE, par=AIDANTS)
    @passage(
        "Prendre en charge",
        de=EtatAide.TRANSMISE,
        vers=EtatAide.PRISE_EN_CHARGE,
        par=(*AIDANTS, Role.PILOTE_NATIONAL),
    )
    def prendre_en_charge(self, passage: Passage) -> None:
        """Say that one sees to it. In the région, the time to answer begins; once passed on, nobody comes after."""
        self.echeance = None if self.transmise_le else passage.jour + timedelta(days=delays().reponse.valeur)
        self.prise_par_id, self.prise_le = passage.par.pk, passage.le

    @passage(
        "Répondre",
        de=EtatAide.PRISE_EN_CHARGE,
        vers=EtatAide.RESOLUE,
        par=(*AIDANTS, Role.PILOTE_NATIONAL),
    )
    def resoudre(self, passage: Passage, *, reponse: TexteReponse) -> None:
        """Answer."""
        self.reponse, self.resolue_le, self.echeance = reponse, passage.le, None

    @passage(
        "Transmettre au référent national",
        de=[EtatAide.OUVERTE, EtatAide.PRISE_EN_CHARGE],
        vers=EtatAide.TRANSMISE,
        par=AIDANTS,
    )
    def transmettre(self, passage: Passage, *, motif: Motif) -> None:
        """Pass on what the région cannot answer; the reason is in the journal."""
        self.transmise_le, self.echeance = passage.le, None

    @passage(
        "Transmettre faute de réponse",
        de=[EtatAide.OUVERTE, EtatAide.PRISE_EN_CHARGE],
        vers=EtatAide.TRANSMISE,
        par=SYSTEME,
    )
    def escalader(self, passage: Passage) -> None:
        """Nobody answered in time (accompagnement.escalade)."""
        self.transmise_le, self.echeance = passage.le, None
