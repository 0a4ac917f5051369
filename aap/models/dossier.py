from datetime import date
from typing import Annotated, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase
from guardian.shortcuts import get_user_perms
from pydantic import Field

from aap.examen import compute_aid, freeze
from aap.faits import Faits, FaitsOptions
from aap.models.campagne import Aap
from aap.models.parties import Partie
from aap.querysets import DossierQuerySet
from comptes.roles import Role
from grappes.models import Grappe, Interet
from grappes.projets import PROJETS, Projet
from moteur.declencheurs import etats_gardes
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Machine, Passage, champ_etat, passage
from moteur.signature import Jour, Motif

Rang = Annotated[int, Field(ge=1, le=10_000, strict=True)]
Texte = Annotated[str, Field(min_length=1, max_length=100)]
Parties = Annotated[tuple[Partie, ...], Field(max_length=len(Partie))]
Pieces = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=100)]


class Etat(models.TextChoices):
    """States of a dossier, in the order of its life. Source: regles.md §6 (suggested states)."""

    BROUILLON = "brouillon", "Brouillon"
    DEPOSE = "depose", "Déposé"
    EN_RECEVABILITE = "en_recevabilite", "En recevabilité"
    A_COMPLETER = "a_completer", "À compléter"
    IRRECEVABLE = "irrecevable", "Irrecevable"
    REORIENTE = "reoriente", "Réorienté"
    EN_INSTRUCTION = "en_instruction", "En instruction"
    INSTRUIT = "instruit", "Instruit"
    EN_COMITE = "en_comite", "En comité"
    LISTE_ATTENTE = "liste_attente", "Liste d'attente"
    NON_RETENU = "non_retenu", "Non retenu"
    SELECTIONNE = "selectionne", "Sélectionné"
    NOTIFIE = "notifie", "Notifié"
    CONVENTIONNE = "conventionne", "Conventionné"
    EN_DEPLOIEMENT = "en_deploiement", "En déploiement"
    EN_VERIFICATION = "en_verification", "En vérification"
    CIBLES_ATTEINTES = "cibles_atteintes", "Cibles atteintes"
    SOLDE = "solde", "Soldé"
    CLOS = "clos", "Clos"
    EN_REVERSEMENT = "en_reversement", "En reversement"
    ABANDONNE = "abandonne", "Abandonné"


#: Before the convention is signed, and not already ended: the porteur may still withdraw.
AVANT_CONVENTION = [
    Etat.BROUILLON, Etat.DEPOSE, Etat.EN_RECEVABILITE, Etat.A_COMPLETER, Etat.EN_INSTRUCTION, Etat.INSTRUIT,
    Etat.EN_COMITE, Etat.LISTE_ATTENTE, Etat.SELECTIONNE, Etat.NOTIFIE,
]  # fmt: skip
#: In these states a dossier takes no ESSMS from anybody.
SANS_EFFET = [Etat.BROUILLON, Etat.IRRECEVABLE, Etat.REORIENTE, Etat.NON_RETENU, Etat.ABANDONNE]
#: From the signature on, the aid is committed: its ESSMS are funded.
FINANCES = [
    Etat.CONVENTIONNE, Etat.EN_DEPLOIEMENT, Etat.EN_VERIFICATION, Etat.CIBLES_ATTEINTES, Etat.SOLDE, Etat.CLOS,
    Etat.EN_REVERSEMENT,
]  # fmt: skip


class Dossier(Machine):
    """A request for aid of a grappe, in answer to an AAP. States: docs/statuts/dossier.md.

    `referent`: the person of the OG porteur whom the ARS writes to, until she hands over. `instructeur`: the officer
    in charge, who took it or was given it (aap.attribution).
    `instantane`: what it stated when filed (aap.faits), frozen; `financement`: the computed aid, frozen at
    selection, amounts in it as "0.00" strings; `aide`: its total, euros.
    """

    AVEC: ClassVar[tuple[str, ...]] = ("aap",)
    SANS_EFFET: ClassVar[list[Etat]] = SANS_EFFET
    FINANCES: ClassVar[list[Etat]] = FINANCES

    aap = models.ForeignKey(Aap, on_delete=models.PROTECT, related_name="dossiers", verbose_name="appel à projets")
    reference = models.CharField("référence", max_length=60)
    grappe = models.OneToOneField(Grappe, on_delete=models.PROTECT, related_name="dossier")
    etat = champ_etat(Etat, Etat.BROUILLON)
    referent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="dossiers_portes",
        verbose_name="référent",
    )  # fmt: skip
    instructeur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        verbose_name="en charge",
    )  # fmt: skip

    projet = models.CharField(max_length=30, choices=PROJETS)
    segur = models.BooleanField("logiciel référencé Ségur")
    logiciel = models.CharField(max_length=100, blank=True)
    contrat_signe = models.BooleanField("déjà engagé avec un éditeur", default=False)
    financement_ue = models.CharField("autre financement européen", max_length=100, blank=True)
    equipement = models.BooleanField("équipement demandé", default=False)
    amoa_marche = models.BooleanField("AMOA marché demandée", default=False)
    amoa_projet = models.BooleanField("AMOA projet demandée", default=False)

    depose_le = models.DateTimeField("déposé le", null=True, blank=True, editable=False)
    instantane = models.JSONField("instantané au dépôt", null=True, blank=True, editable=False)
    echeance = models.DateField("échéance des compléments", null=True, blank=True, editable=False)
    motif = models.TextField("motif de la dernière décision", blank=True, editable=False)
    aap_reorientation = models.CharField("AAP de réorientation", max_length=100, blank=True, editable=False)
    seance = models.DateField("séance du comité", null=True, blank=True, editable=False)
    rang_attente = models.PositiveIntegerField("rang en liste d'attente", null=True, blank=True, editable=False)
    financement = models.JSONField(null=True, blank=True, editable=False)
    aide = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, editable=False)

    objects = DossierQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of Machine

    class Meta:
        verbose_name = "dossier"
        ordering = ("-depose_le", "reference")
        permissions = [("porter", "Agir comme porteur du dossier"), ("suivre", "Lire le dossier partagé")]
        triggers = etats_gardes()
        constraints = [
            models.UniqueConstraint(
                name="dossier_reference_unique",
                fields=["aap", "reference"],
                violation_error_message="Un dossier de cet appel à projets porte déjà cette référence.",
            ),
            models.CheckConstraint(
                name="dossier_depot_complet",
                condition=Q(etat__in=[Etat.BROUILLON, Etat.ABANDONNE])
                | Q(depose_le__isnull=False, instantane__isnull=False),
                violation_error_message="Un dossier déposé garde sa date de dépôt et son instantané.",
            ),
            models.CheckConstraint(
                name="dossier_aide_fixee",
                condition=~Q(etat__in=[Etat.SELECTIONNE, Etat.NOTIFIE, *FINANCES])
                | Q(aide__isnull=False, aide__gt=0, financement__isnull=False),
                violation_error_message="Un dossier sélectionné a une aide, calculée et positive.",
            ),
            models.CheckConstraint(
                name="dossier_refus_motive",
                condition=~Q(
                    etat__in=[
                        Etat.A_COMPLETER,
                        Etat.IRRECEVABLE,
                        Etat.REORIENTE,
                        Etat.NON_RETENU,
                        Etat.ABANDONNE,
                    ]
                )
                | ~Q(motif=""),
                violation_error_message="Une décision défavorable porte son motif.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    # What the door asks.

    def regions_de(self, role: str) -> frozenset[str | None]:
        return frozenset({self.aap.region_id})

    def est_partage_avec(self, acteur: Acteur, role: str) -> bool | None:
        if role != Role.PORTEUR:
            return None
        return "porter" in get_user_perms(acteur, self)

    def conflict_of(self, acteur: Acteur, jour: date) -> Refus | None:
        """She declared, or somebody did about her, what ties her to one of the OGs of the grappe."""
        if (interet := self.tie_of(acteur.pk, jour)) is None:
            return None
        return Refus(
            Code.CONFLIT_INTERETS,
            f"Un intérêt déclaré vous lie à {interet.og}, un organisme de cette grappe : vous êtes en déport sur ce "
            "dossier. Laissez-le à une autre personne, ou faites enregistrer la fin de cet intérêt s'il a cessé.",
            og=interet.og.finess,
        )

    def tie_of(self, personne: int | None, jour: date) -> Interet | None:
        """What ties that person to an OG of the grappe that day; None: nothing does. One query, almost always.

        Asked once of this object: the door, whose object is fresh, then the agenda in the same act.
        """
        connus: dict[tuple[int | None, date], Interet | None] = self.__dict__.setdefault("_liens", {})
        if (personne, jour) not in connus:
            connus[personne, jour] = self._tie_read(personne, jour) if Interet.objects.bind(personne, jour) else None
        return connus[personne, jour]

    def _tie_read(self, personne: int | None, jour: date) -> Interet | None:
        siens = Interet.objects.en_vigueur(jour).filter(personne=personne).touching(self.grappe_id)
        return siens.select_related("og").first()

    # What the calculations ask.

    @property
    def options(self) -> FaitsOptions:
        return FaitsOptions(equipement=self.equipement, amoa_marche=self.amoa_marche, amoa_projet=self.amoa_projet)

    @property
    def faits_deposes(self) -> Faits | None:
        """What was stated at filing; None for a draft."""
        return Faits.from_dict(self.instantane) if self.instantane else None

    @property
    def type_projet(self) -> Projet:
        return Projet(self.projet)

    # Transitions. Guards and effects: gardes.py and effets.py of the floor that owns the facts.

    @passage("Déposer", de=Etat.BROUILLON, vers=Etat.DEPOSE, par=Role.PORTEUR)
    def deposer(self, passage: Passage) -> None:
        """File: freeze what the grappe states (regles.md §12.11)."""
        self.instantane = freeze(self).as_dict()
        self.depose_le = passage.le

    @passage("Prendre en charge", de=Etat.DEPOSE, vers=Etat.EN_RECEVABILITE, par=Role.INSTRUCTEUR)
    def prendre_en_charge(self, passage: Passage) -> None:
        """Start checking whether the dossier can be received. Whoever takes it is in charge, unless somebody is."""
        self.instructeur_id = self.instructeur_id or passage.par.pk

    @passage("Demander des compléments", de=Etat.EN_RECEVABILITE, vers=Etat.A_COMPLETER, par=Role.INSTRUCTEUR)
    def demander_complements(
        self, passage: Passage, *, motif: Motif, echeance: Jour, sections: Parties = (), pieces: Pieces = ()
    ) -> None:
        """Ask for what is missing, until `echeance` included. Naming neither `sections` nor `pieces` re-opens all."""
        self.motif, self.echeance = motif, echeance

    @passage("Compléter", de=Etat.A_COMPLETER, vers=Etat.EN_RECEVABILITE, par=Role.PORTEUR)
    def completer(self, passage: Passage) -> None:
        """Answer the request for complements; the snapshot is that of the grappe as answered."""
        self.instantane = freeze(self).as_dict()
        self.motif, self.echeance = "", None

    @passage("Déclarer recevable", de=Etat.EN_RECEVABILITE, vers=Etat.EN_INSTRUCTION, par=Role.INSTRUCTEUR)
    def declarer_recevable(self, passage: Passage) -> None:
        """Every eligibility rule passes or is waived."""

    @passage(
        "Déclarer irrecevable",
        de=[Etat.EN_RECEVABILITE, Etat.A_COMPLETER],
        vers=Etat.IRRECEVABLE,
        par=Role.INSTRUCTEUR,
    )
    def declarer_irrecevable(self, passage: Passage, *, motif: Motif) -> None:
        """End for a rule that cannot be met, or complements that never came."""
        self.motif = motif

    @passage("Réorienter", de=Etat.EN_RECEVABILITE, vers=Etat.REORIENTE, par=Role.INSTRUCTEUR)
    def reorienter(self, passage: Passage, *, aap: Texte, motif: Motif) -> None:
        """Send to the call that takes such a grappe (regles.md §1, routing)."""
        self.motif, self.aap_reorientation = motif, aap

    @passage("Clôturer l'instruction", de=Etat.EN_INSTRUCTION, vers=Etat.INSTRUIT, par=Role.INSTRUCTEUR)
    def cloturer_instruction(self, passage: Passage) -> None:
        """Evaluations and GRADeS opinion are in."""

    @passage("Inscrire au comité", de=Etat.INSTRUIT, vers=Etat.EN_COMITE, par=Role.INSTRUCTEUR)
    def inscrire_au_comite(self, passage: Passage, *, seance: Jour) -> None:
        """Put on the agenda of a committee session."""
        self.seance = seance

    @passage("Ajourner", de=Etat.EN_COMITE, vers=Etat.INSTRUIT, par=Role.RESPONSABLE)
    def ajourner(self, passage: Passage, *, motif: Motif) -> None:
        """Send back to a later session."""
        self.motif, self.seance = motif, None

    @passage("Sélectionner", de=[Etat.EN_COMITE, Etat.LISTE_ATTENTE], vers=Etat.SELECTIONNE, par=Role.RESPONSABLE)
    def selectionner(self, passage: Passage) -> None:
        """Grant the aid the rule set computes; the ledger refuses what the envelope cannot bear."""
        financement = compute_aid(self)
        self.financement, self.aide = financement.as_dict(), financement.total
        self.motif, self.rang_attente = "", None

    @passage("Mettre en attente", de=Etat.EN_COMITE, vers=Etat.LISTE_ATTENTE, par=Role.RESPONSABLE)
    def mettre_en_attente(self, passage: Passage, *, rang: Rang) -> None:
        """Good enough, but the envelope is spent: keep its rank."""
        self.rang_attente = rang

    @passage("Écarter", de=[Etat.EN_COMITE, Etat.LISTE_ATTENTE], vers=Etat.NON_RETENU, par=Role.RESPONSABLE)
    def ecarter(self, passage: Passage, *, motif: Motif) -> None:
        """Not retained."""
        self.motif, self.rang_attente = motif, None

    @passage("Notifier", de=Etat.SELECTIONNE, vers=Etat.NOTIFIE, par=Role.RESPONSABLE)
    def notifier(self, passage: Passage) -> None:
        """Send the decision; the convention is now open for signature."""

    @passage("Signer la convention", de=Etat.NOTIFIE, vers=Etat.CONVENTIONNE, par=Role.RESPONSABLE)
    def signer_convention(self, passage: Passage) -> None:
        """Every signature is in: the credits are committed."""

    @passage("Verser la première moitié", de=Etat.CONVENTIONNE, vers=Etat.EN_DEPLOIEMENT, par=Role.COMPTABLE)
    def verser_premiere_moitie(self, passage: Passage) -> None:
        """The first payment is executed: the grappe deploys."""

    @passage("Soumettre les usages", de=Etat.EN_DEPLOIEMENT, vers=Etat.EN_VERIFICATION, par=Role.PORTEUR)
    def soumettre_usages(self, passage: Passage) -> None:
        """Hand in the usage declarations and the VSR."""

    @passage("Refuser les usages", de=Etat.EN_VERIFICATION, vers=Etat.EN_DEPLOIEMENT, par=Role.INSTRUCTEUR)
    def refuser_usages(self, passage: Passage, *, motif: Motif) -> None:
        """Send the declarations back, saying what is not proven."""
        self.motif = motif

    @passage("Constater les cibles", de=Etat.EN_VERIFICATION, vers=Etat.CIBLES_ATTEINTES, par=Role.RESPONSABLE)
    def constater_cibles(self, passage: Passage) -> None:
        """Every applicable target is met: the second half is due."""
        self.motif = ""

    @passage("Verser la seconde moitié", de=Etat.CIBLES_ATTEINTES, vers=Etat.SOLDE, par=Role.COMPTABLE)
    def verser_seconde_moitie(self, passage: Passage) -> None:
        """The second payment is executed."""

    @passage("Clôturer", de=Etat.SOLDE, vers=Etat.CLOS, par=Role.INSTRUCTEUR)
    @passage("Clôturer", de=Etat.EN_REVERSEMENT, vers=Etat.CLOS, par=Role.COMPTABLE)
    def cloturer(self, passage: Passage) -> None:
        """End: paid in full, or recovered."""

    @passage(
        "Constater l'échec",
        de=[Etat.EN_DEPLOIEMENT, Etat.EN_VERIFICATION],
        vers=Etat.EN_REVERSEMENT,
        par=Role.RESPONSABLE,
    )
    def constater_echec(self, passage: Passage, *, motif: Motif) -> None:
        """The deadline passed without the targets: what was paid is asked back."""
        self.motif = motif

    @passage("Abandonner", de=AVANT_CONVENTION, vers=Etat.ABANDONNE, par=Role.PORTEUR)
    def abandonner(self, passage: Passage, *, motif: Motif) -> None:
        """Withdraw; what was reserved goes back to the envelope, so nothing is granted any more."""
        self.motif, self.rang_attente, self.aide = motif, None, None


class DossierUserObjectPermission(UserObjectPermissionBase):
    """Sharing of one dossier with one person, with direct foreign keys for speed."""

    content_object = models.ForeignKey(Dossier, on_delete=models.CASCADE)
