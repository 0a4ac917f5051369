import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from moteur.declencheurs import Inviolable, ajout_seul

ORIGINE = "0" * 64
#: How an instant is written in the text that is hashed: UTC, microseconds.
INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class Chainage(Inviolable):
    """Number a new journal row in its chain and seal it: SHA-256 over the row and the previous hash.

    The canonical text is a JSON array; `moteur.journal` computes it again, independently, to verify.
    Two rows of one chain never race: the door holds the lock of the chain's root object, and the
    unique (chaine, rang) refuses a fork whatever happens.
    """

    name = "chainage"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("_tete", "RECORD")]

    def get_func(self, model: object) -> str:
        return self.format_sql(f"""
            SELECT rang, empreinte INTO _tete FROM moteur_entree
                WHERE chaine = NEW.chaine ORDER BY rang DESC LIMIT 1;
            NEW.rang := COALESCE(_tete.rang, 0) + 1;
            NEW.precedent := COALESCE(_tete.empreinte, '{ORIGINE}');
            NEW.transaction := pg_current_xact_id()::text::bigint;
            NEW.enregistre_le := clock_timestamp();
            NEW.empreinte := encode(sha256(convert_to(jsonb_build_array(
                NEW.chaine, NEW.rang, to_char(NEW.le AT TIME ZONE 'UTC', '{INSTANT}'),
                to_char(NEW.enregistre_le AT TIME ZONE 'UTC', '{INSTANT}'), NEW.par_id, NEW.role,
                NEW.objet, NEW.action, NEW.de, NEW.vers, NEW.donnees, NEW.precedent
            )::text, 'UTF8')), 'hex');
            RETURN NEW;
        """)


class Entree(models.Model):
    """One line of the journal: who did what, when, to which object, from which state to which.

    `rang`, `precedent`, `empreinte`, `transaction` and `enregistre_le` are written by the database.
    """

    chaine = models.CharField(max_length=80)
    rang = models.PositiveIntegerField(db_default=Value(0))
    le = models.DateTimeField("instant métier")
    enregistre_le = models.DateTimeField("instant de la machine", db_default=Now())
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    objet = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    de = models.CharField(max_length=50, null=True)  # noqa: DJ001 - null: the act moved no state
    vers = models.CharField(max_length=50, null=True)  # noqa: DJ001
    donnees = models.JSONField(default=dict)
    transaction = models.BigIntegerField(db_default=Value(0))
    precedent = models.CharField(max_length=64, db_default=Value(""))
    empreinte = models.CharField(max_length=64, db_default=Value(""))

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "journal"
        ordering = ("pk",)
        indexes = [models.Index(name="entree_objet", fields=["objet", "vers"])]
        constraints = [models.UniqueConstraint(name="entree_rang_unique", fields=["chaine", "rang"])]
        triggers = [Chainage(), *ajout_seul()]

    def __str__(self) -> str:
        return f"{self.chaine} n° {self.rang} : {self.action}"


class Sceau(models.Model):
    """Periodic seal: the heads of the chains that moved since the last one, chained to it.

    `tetes`: {chain: [rang, empreinte]}. A chain, or the end of one, cannot vanish without a seal telling.
    """

    le = models.DateTimeField()
    tetes = models.JSONField()
    precedent = models.CharField(max_length=64, unique=True)
    empreinte = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "sceau"
        verbose_name_plural = "sceaux"
        ordering = ("pk",)
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"sceau du {self.le:%d/%m/%Y %H:%M}"


class Envoi(models.Model):
    """Outbox: what others must learn, written in the transaction that made it true.

    `cle`: set where the same fact must be told once only, however often it is noticed.
    `essais`, `erreur`: how often handling it failed, and why the last time (moteur.envois).
    """

    sujet = models.CharField(max_length=80)
    charge = models.JSONField(default=dict)
    cle = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 - null: no deduplication
    cree_le = models.DateTimeField()
    traite_le = models.DateTimeField(null=True)
    essais = models.PositiveIntegerField(default=0)
    erreur = models.TextField(blank=True)

    class Meta:
        verbose_name = "envoi"
        indexes = [models.Index(name="envoi_a_traiter", fields=["essais", "id"], condition=Q(traite_le__isnull=True))]

    def __str__(self) -> str:
        return self.sujet
