from dataclasses import dataclass
from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q

from aap.models.campagne import Aap
from moteur.argent import ZERO
from moteur.declencheurs import AjoutJournalise, Inviolable, ajout_seul


class Nature(models.TextChoices):
    """What a movement does to the totals of its envelope."""

    DOTATION = "dotation", "Dotation"
    RESERVATION = "reservation", "Réservation"
    ENGAGEMENT = "engagement", "Engagement"
    LIBERATION = "liberation", "Libération"
    VERSEMENT = "versement", "Versement"
    REVERSEMENT = "reversement", "Reversement"


@dataclass(frozen=True, kw_only=True)
class Position:
    """Totals of an envelope, euros to the cent. `engage` keeps what was paid; `verse` tells how much of it."""

    dotation: Decimal = ZERO
    reserve: Decimal = ZERO
    engage: Decimal = ZERO
    verse: Decimal = ZERO

    @property
    def disponible(self) -> Decimal:
        """What may still be reserved."""
        return self.dotation - self.reserve - self.engage

    def as_dict(self) -> dict[str, str]:
        montants = {nom: getattr(self, nom) for nom in ("dotation", "reserve", "engage", "verse", "disponible")}
        return {nom: f"{montant:.2f}" for nom, montant in montants.items()}


class Enveloppe(models.Model):
    """The money of an AAP: a ledger of movements, never a balance that one edits."""

    aap = models.OneToOneField(Aap, on_delete=models.PROTECT, related_name="enveloppe")

    class Meta:
        verbose_name = "enveloppe"

    def __str__(self) -> str:
        return f"enveloppe de {self.aap}"

    @property
    def cle(self) -> str:
        """Name in the journal, and of the envelope's own chain."""
        return f"enveloppe:{self.pk}"

    def position(self) -> Position:
        """Totals after the last movement. One query, whatever the number of movements."""
        colonnes = ("dotation", "reserve", "engage", "verse")
        dernier = self.mouvements.order_by("-rang").values(*colonnes).first()
        return Position(**dernier) if dernier else Position()


class Cumul(Inviolable):
    """Lock the envelope, then write in the new movement the totals it leaves: of the envelope and of the dossier.

    The constraints of the table judge those totals, so no path, SQL included, spends beyond the envelope.
    """

    name = "cumul"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("_e", "RECORD"), ("_d", "RECORD"), ("_r", "NUMERIC"), ("_g", "NUMERIC"), ("_v", "NUMERIC")]

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            PERFORM 1 FROM aap_enveloppe WHERE id = NEW.enveloppe_id FOR NO KEY UPDATE;
            SELECT rang, dotation, reserve, engage, verse INTO _e FROM aap_mouvement
                WHERE enveloppe_id = NEW.enveloppe_id ORDER BY rang DESC LIMIT 1;
            SELECT dossier_reserve, dossier_engage, dossier_verse INTO _d FROM aap_mouvement
                WHERE enveloppe_id = NEW.enveloppe_id AND dossier_id = NEW.dossier_id ORDER BY rang DESC LIMIT 1;
            _r := 0; _g := 0; _v := 0;
            CASE NEW.nature
                WHEN 'reservation' THEN _r := NEW.montant;
                WHEN 'engagement' THEN _r := -NEW.montant; _g := NEW.montant;
                WHEN 'liberation' THEN
                    IF COALESCE(_d.dossier_reserve, 0) > 0 THEN _r := -NEW.montant; ELSE _g := -NEW.montant; END IF;
                WHEN 'versement' THEN _v := NEW.montant;
                WHEN 'reversement' THEN _g := -NEW.montant; _v := -NEW.montant;
                ELSE NULL;
            END CASE;
            NEW.rang := COALESCE(_e.rang, 0) + 1;
            NEW.dotation := COALESCE(_e.dotation, 0);
            IF NEW.nature = 'dotation' THEN NEW.dotation := NEW.dotation + NEW.montant; END IF;
            NEW.reserve := COALESCE(_e.reserve, 0) + _r;
            NEW.engage := COALESCE(_e.engage, 0) + _g;
            NEW.verse := COALESCE(_e.verse, 0) + _v;
            NEW.dossier_reserve := COALESCE(_d.dossier_reserve, 0) + _r;
            NEW.dossier_engage := COALESCE(_d.dossier_engage, 0) + _g;
            NEW.dossier_verse := COALESCE(_d.dossier_verse, 0) + _v;
            RETURN NEW;
        """)


JOURNALISE = AjoutJournalise(
    "mouvement_journalise",
    objet=("enveloppe", "enveloppe_id"),
    action="NEW.nature",
    dit="mouvement sans journal : enveloppe %, %",
    detail="nature",
)


def _total(verbose_name: str) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(verbose_name, max_digits=14, decimal_places=2, db_default=ZERO, editable=False)


class Mouvement(models.Model):
    """One line of an envelope's ledger. `montant`: euros; negative only to withdraw from the `dotation`.

    `rang` and the totals are written by the database. `versement_rang`: 1 or 2, for a payment.
    """

    enveloppe = models.ForeignKey(Enveloppe, on_delete=models.PROTECT, related_name="mouvements")
    dossier = models.ForeignKey(
        "aap.Dossier", on_delete=models.PROTECT, null=True, blank=True, related_name="mouvements"
    )
    nature = models.CharField(max_length=12, choices=Nature.choices)
    montant = models.DecimalField(max_digits=12, decimal_places=2)
    versement_rang = models.PositiveSmallIntegerField(null=True, blank=True)
    le = models.DateTimeField()
    rang = models.PositiveIntegerField(db_default=0, editable=False)
    dotation = _total("dotation")
    reserve = _total("réservé")
    engage = _total("engagé")
    verse = _total("versé")
    dossier_reserve = _total("réservé pour le dossier")
    dossier_engage = _total("engagé pour le dossier")
    dossier_verse = _total("versé au dossier")

    class Meta:
        verbose_name = "mouvement"
        ordering = ("enveloppe", "rang")
        triggers = [Cumul(), JOURNALISE, *ajout_seul()]
        constraints = [
            models.UniqueConstraint(name="mouvement_rang_unique", fields=["enveloppe", "rang"]),
            models.UniqueConstraint(
                name="mouvement_versement_unique",
                fields=["dossier", "versement_rang"],
                condition=Q(nature=Nature.VERSEMENT),
            ),
            models.CheckConstraint(
                name="mouvement_enveloppe_suffisante", condition=Q(dotation__gte=F("reserve") + F("engage"))
            ),
            models.CheckConstraint(
                name="mouvement_dossier_couvert",
                condition=Q(dossier_reserve__gte=0, dossier_engage__gte=0, dossier_verse__gte=0)
                & Q(dossier_verse__lte=F("dossier_engage")),
            ),
            models.CheckConstraint(
                name="mouvement_montant_positif", condition=Q(montant__gt=0) | Q(nature=Nature.DOTATION)
            ),
            models.CheckConstraint(
                name="mouvement_nature_complete",
                condition=Q(nature=Nature.DOTATION, dossier__isnull=True, versement_rang__isnull=True)
                | Q(
                    nature=Nature.VERSEMENT,
                    dossier__isnull=False,
                    versement_rang__isnull=False,
                    versement_rang__in=(1, 2),
                )
                | Q(
                    nature__in=(Nature.RESERVATION, Nature.ENGAGEMENT, Nature.LIBERATION, Nature.REVERSEMENT),
                    dossier__isnull=False,
                    versement_rang__isnull=True,
                ),
            ),
        ]
        indexes = [models.Index(name="mouvement_dossier", fields=["enveloppe", "dossier", "-rang"])]

    def __str__(self) -> str:
        return f"{self.get_nature_display()} {self.montant}"
