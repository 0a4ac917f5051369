from datetime import date, timedelta

import pgtrigger
from django.db import models
from django.db.models import F, Q

from comptes.models.personnes import Utilisateur
from comptes.models.territoires import Region
from comptes.querysets import DelegationQuerySet
from comptes.roles import DELEGABLES, Role
from moteur.declencheurs import Fige, Interdit, Inviolable, sans_vidage
from moteur.texte import en_toutes_lettres


class Nature(models.TextChoices):
    """`signature`: the delegate decides in the name of the delegator, under an act. `suppleance`: while she is away."""

    SIGNATURE = "signature", "Délégation de signature"
    SUPPLEANCE = "suppleance", "Suppléance"


#: In the region of the new delegation; on at least one of its days (`a`: an assignment, `d`: another delegation).
ICI = "region_id IS NOT DISTINCT FROM NEW.region_id"
TENUE = "a.du <= NEW.au AND (a.au IS NULL OR a.au >= NEW.du)"
DONNEE = f"""SELECT 1 FROM comptes_delegation d WHERE d.delegataire_id = NEW.delegataire_id AND d.{ICI}
    AND d.du <= NEW.au AND LEAST(d.au, d.revoquee_des - 1) >= NEW.du"""


class DelegationLicite(Inviolable):
    """What several rows say together: the delegator holds the role herself, the delegate is of the agency, holds no
    role that must stay apart from it, and nothing is given twice for the same days.

    Locks: the delegate, so that two delegations to one person come one after the other. A constraint that excludes
    periods would need an extension (btree_gist) that the server may not have.
    """

    name = "delegation_licite"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("_oppose", "text")]

    def get_func(self, model: object) -> str:
        agents = ", ".join(f"'{role.value}'" for role in sorted(DELEGABLES))
        return self.format_sql(f"""
            PERFORM 1 FROM comptes_utilisateur WHERE id = NEW.delegataire_id FOR NO KEY UPDATE;
            _oppose := CASE NEW.role WHEN '{Role.RESPONSABLE}' THEN '{Role.COMPTABLE}'
                                     WHEN '{Role.COMPTABLE}' THEN '{Role.RESPONSABLE}' END;
            IF NOT EXISTS (SELECT 1 FROM comptes_affectation a WHERE a.utilisateur_id = NEW.delegant_id
                    AND a.role = NEW.role AND a.{ICI} AND a.du <= NEW.du AND (a.au IS NULL OR a.au >= NEW.au)) THEN
                RAISE EXCEPTION 'role non tenu par le delegant'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_role_tenu';
            ELSIF NOT EXISTS (SELECT 1 FROM comptes_affectation a WHERE a.utilisateur_id = NEW.delegataire_id
                    AND a.role IN ({agents}) AND a.{ICI} AND {TENUE}) THEN
                RAISE EXCEPTION 'delegataire hors de l''agence'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_dans_l_agence';
            ELSIF EXISTS (SELECT 1 FROM comptes_affectation a WHERE a.utilisateur_id = NEW.delegataire_id
                    AND a.role = _oppose AND a.{ICI} AND {TENUE}) OR EXISTS ({DONNEE} AND d.role = _oppose) THEN
                RAISE EXCEPTION 'ordonnateur et comptable a la fois'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_roles_separes';
            ELSIF EXISTS ({DONNEE} AND d.delegant_id = NEW.delegant_id AND d.role = NEW.role) THEN
                RAISE EXCEPTION 'deja delegue sur ces jours'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_sans_chevauchement';
            END IF;
            RETURN NEW;
        """)


class RevocationSansRetour(Inviolable):
    """A revocation is never taken back nor put off: its day may only come sooner."""

    name = "revocation_sans_retour"
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            IF OLD.revoquee_des IS NOT NULL AND (NEW.revoquee_des IS NULL OR NEW.revoquee_des > OLD.revoquee_des) THEN
                RAISE EXCEPTION 'revocation reportee sur la delegation %', OLD.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'revocation_sans_retour';
            END IF;
            RETURN NEW;
        """)


class Delegation(models.Model):
    """A role that a person who holds it lets another of the agency exercise, in a region, between two days included.

    `acte`, `acte_le`: reference and day of the act (arrêté, décision) that a delegation of signature rests on.
    `revoquee_des`: first day on which it is worth nothing any more. Nothing else of it ever changes.
    """

    delegant = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="delegations_donnees")
    delegataire = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="delegations_recues")
    nature = models.CharField(max_length=12, choices=Nature.choices)
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="région"
    )
    du = models.DateField("du")
    au = models.DateField("au")
    acte = models.CharField("référence de l'acte", max_length=100, blank=True)
    acte_le = models.DateField("date de l'acte", null=True, blank=True)
    donnee_le = models.DateTimeField("donnée le")
    revoquee_des = models.DateField("révoquée à compter du", null=True, blank=True)
    revoquee_le = models.DateTimeField("révocation enregistrée le", null=True, blank=True)
    revoquee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    motif_revocation = models.TextField("motif de la révocation", blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = "délégation"
        ordering = ("-du", "-pk")
        triggers = [
            DelegationLicite(),
            RevocationSansRetour(),
            Fige("delegant", "delegataire", "nature", "role", "region", "du", "au", "acte", "acte_le", "donnee_le"),
            Interdit(name="sans_suppression", operation=pgtrigger.Delete),
            sans_vidage(),
        ]
        constraints = [
            models.CheckConstraint(
                name="delegation_a_autrui",
                condition=~Q(delegant=F("delegataire")),
                violation_error_message="On ne délègue pas à soi-même : choisissez une autre personne de l'agence.",
            ),
            models.CheckConstraint(
                name="delegation_role_delegable",
                condition=Q(role__in=sorted(DELEGABLES)),
                violation_error_message="Ce rôle ne se délègue pas : seuls ceux d'instructeur, de responsable et de "
                "comptable le peuvent.",
            ),
            models.CheckConstraint(
                name="delegation_nature_connue",
                condition=Q(nature__in=Nature.values),
                violation_error_message="Cette nature de délégation n'existe pas.",
            ),
            models.CheckConstraint(
                name="delegation_dates_ordonnees",
                condition=Q(au__gte=F("du")),
                violation_error_message="La fin de la délégation précède son début : corrigez l'une des dates.",
            ),
            models.CheckConstraint(
                name="delegation_acte_reference",
                condition=(Q(acte="", acte_le__isnull=True) & ~Q(nature=Nature.SIGNATURE))
                | (~Q(acte="") & Q(acte_le__isnull=False)),
                violation_error_message="Une délégation de signature repose sur un acte : donnez sa référence et sa "
                "date.",
            ),
            models.CheckConstraint(
                name="delegation_revocation_complete",
                condition=Q(revoquee_des__isnull=True, revoquee_le__isnull=True, revoquee_par__isnull=True)
                & Q(motif_revocation="")
                | Q(revoquee_des__isnull=False, revoquee_le__isnull=False, revoquee_par__isnull=False)
                & ~Q(motif_revocation=""),
                violation_error_message="Une révocation dit par qui, quand, à compter de quel jour et pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} de {self.delegant} à {self.delegataire}"

    @property
    def cle(self) -> str:
        """Its name in the journal."""
        return f"delegation:{self.pk}"

    @property
    def dernier_jour(self) -> date | None:
        """Last day on which somebody may act under it; None when it was revoked before it began."""
        fin = min(self.au, self.revoquee_des - timedelta(days=1)) if self.revoquee_des else self.au
        return fin if fin >= self.du else None

    @property
    def reference(self) -> str:
        """The act it rests on: "arrêté n° 12 du 3 mai 2022"; empty for a deputy without one."""
        return f"{self.acte} du {en_toutes_lettres(self.acte_le)}" if self.acte_le else ""
