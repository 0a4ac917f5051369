from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier
from moteur.declencheurs import ajout_seul
from moteur.texte import soigner

ANNONCEE = "document annoncé, dont le contenu n'a pas été reçu ici"
SANS_EMPREINTE = soigner(f"empreinte SHA-256 non connue : {ANNONCEE}")


class Format(models.TextChoices):
    """What a document is, from its content. JSON: a form filled in here, never a file sent."""

    PDF = "pdf", "PDF"
    ODT = "odt", "ODT"
    ODS = "ods", "ODS"
    DOCX = "docx", "DOCX"
    XLSX = "xlsx", "XLSX"
    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    CSV = "csv", "CSV"
    TXT = "txt", "TXT"
    JSON = "json", "JSON"

    @property
    def mime(self) -> str:
        """What the browser is told, whatever the sender said."""
        return {
            Format.PDF: "application/pdf",
            Format.ODT: "application/vnd.oasis.opendocument.text",
            Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
            Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format.PNG: "image/png",
            Format.JPEG: "image/jpeg",
            Format.CSV: "text/csv",
            Format.TXT: "text/plain",
            Format.JSON: "application/json",
        }[self]


class PieceFournie(models.Model):
    """A document given for a dossier: what it is, its SHA-256 and size. Versions add up, none is replaced.

    `format`: what its content was found to be; blank when only these metadata were given (a play, an import).
    `empreinte`: computed here when there is content, else as the file that announced it gave it; blank when nobody
    computed one. `md5`: the weaker one some systems give instead (Démarches Simplifiées), in hexadecimal.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="pieces")
    code = models.CharField(max_length=40)
    nom = models.CharField("nom du fichier", max_length=200)
    empreinte = models.CharField("SHA-256", max_length=64, blank=True, default="", db_default="")
    md5 = models.CharField("MD5 annoncé", max_length=32, blank=True, default="", db_default="")
    taille = models.PositiveBigIntegerField("taille en octets")
    format = models.CharField(max_length=10, choices=Format.choices, blank=True, default="", db_default="")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    fournie_le = models.DateTimeField()

    class Meta:
        verbose_name = "pièce fournie"
        verbose_name_plural = "pièces fournies"
        ordering = ("code", "-fournie_le", "-pk")
        triggers = ajout_seul()
        constraints = [
            models.CheckConstraint(
                name="piece_empreinte_forme",
                condition=Q(empreinte="") | Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte d'une pièce est un SHA-256 en hexadécimal, ou rien.",
            ),
            models.CheckConstraint(
                name="piece_contenu_empreinte",
                condition=Q(format="") | ~Q(empreinte=""),
                violation_error_message="Une pièce dont le contenu est gardé a son empreinte SHA-256.",
            ),
            models.CheckConstraint(
                name="piece_md5_annonce",
                condition=Q(md5="") | Q(format="", md5__regex=r"^[0-9a-f]{32}$"),
                violation_error_message="Le MD5 d'une pièce annoncée s'écrit en 32 chiffres hexadécimaux.",
            ),
            models.CheckConstraint(
                name="piece_format_connu",
                condition=Q(format__in=["", *Format.values]),
                violation_error_message="Ce format de pièce n'existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.nom}"

    @property
    def mention(self) -> str:
        """What every list of documents says of one whose content did not come here; empty when it did."""
        if self.format:
            return ""
        return ANNONCEE if self.empreinte else SANS_EMPREINTE

    @property
    def empreinte_annoncee(self) -> tuple[str, str] | None:
        """("MD5", its value): the best fingerprint announced for a content nobody here has seen."""
        if self.format or not (self.empreinte or self.md5):
            return None
        return ("SHA-256", self.empreinte) if self.empreinte else ("MD5", self.md5)


class Recu(models.Model):
    """Timestamped receipt of a filing, or of its complements: what was received, and the journal row that says so.

    `instantane`: the snapshot received (aap.faits); `empreinte`: SHA-256 of it and of the documents with theirs
    (aap.recus.fingerprint). `mentions`: what else the receipt prints, as it was called that day (aap.recus.state).
    `code`: its public address, which nobody can guess (aap.recus.code_of).
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="recus")
    entree = models.OneToOneField("moteur.Entree", on_delete=models.PROTECT, related_name="+")
    instantane = models.JSONField("instantané")
    mentions = models.JSONField()
    empreinte = models.CharField("SHA-256", max_length=64)
    code = models.CharField(max_length=32)
    delivre_le = models.DateTimeField("délivré le")

    class Meta:
        verbose_name = "reçu"
        verbose_name_plural = "reçus"
        ordering = ("pk",)
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="recu_code_unique",
                fields=["code"],
                violation_error_message="Un autre reçu porte déjà ce code public.",
            ),
            models.CheckConstraint(
                name="recu_code_forme",
                condition=Q(code__regex=r"^[0-9a-f]{32}$"),
                violation_error_message="Le code public d'un reçu est fait de 32 chiffres hexadécimaux.",
            ),
        ]

    def __str__(self) -> str:
        return f"reçu de {self.dossier}"


class Derogation(models.Model):
    """An eligibility rule waived for a dossier, with the reason and who took it upon herself."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="derogations")
    regle = models.CharField("règle", max_length=40)
    motif = models.TextField()
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "dérogation"
        ordering = ("le", "pk")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="derogation_unique",
                fields=["dossier", "regle"],
                violation_error_message="Cette règle est déjà levée pour ce dossier.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.regle} levée"
