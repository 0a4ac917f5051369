from django.db import migrations, models

#: Documents that came without their content had their SHA-256 made up, from the reference of the dossier and their
#: code. Such a value is recognised for certain by making it up again, and is blanked; one that a file really gave is
#: another, and stays. Receipts stay too: the SHA-256 of each, printed since, was computed on the made-up values.
#: The table refuses UPDATE to everybody; this once, its owner lifts the refusal, inside the migration's transaction.
INVENTEES = """
    ALTER TABLE aap_piecefournie DISABLE TRIGGER USER;
    UPDATE aap_piecefournie p SET empreinte = ''
    FROM aap_dossier d
    WHERE d.id = p.dossier_id AND p.format = ''
        AND p.empreinte = encode(sha256(convert_to(d.reference || '/' || p.code, 'UTF8')), 'hex');
    ALTER TABLE aap_piecefournie ENABLE TRIGGER USER;
"""
#: Back: the constraint of before wants a value in every row.
REINVENTER = """
    ALTER TABLE aap_piecefournie DISABLE TRIGGER USER;
    UPDATE aap_piecefournie p SET empreinte = encode(sha256(convert_to(d.reference || '/' || p.code, 'UTF8')), 'hex')
    FROM aap_dossier d
    WHERE d.id = p.dossier_id AND p.empreinte = '';
    ALTER TABLE aap_piecefournie ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    """A SHA-256 nobody computed is blank; an MD5 announced has a column of its own.

    All the made-up values are blanked, whether an import or a kept play brought the document: they are told apart by
    their value, not by where they came from, and none of them is a fingerprint of anything.
    """

    dependencies = [("aap", "0011_presences")]
    operations = [
        migrations.AddField(
            "piecefournie",
            "md5",
            models.CharField("MD5 annoncé", max_length=32, blank=True, default="", db_default=""),
        ),
        migrations.RemoveConstraint("piecefournie", "piece_empreinte_forme"),
        migrations.AlterField(
            "piecefournie",
            "empreinte",
            models.CharField("SHA-256", max_length=64, blank=True, default="", db_default=""),
        ),
        migrations.RunSQL(INVENTEES, REINVENTER),
        migrations.AddConstraint(
            "piecefournie",
            models.CheckConstraint(
                name="piece_empreinte_forme",
                condition=models.Q(empreinte="") | models.Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte d'une pièce est un SHA-256 en hexadécimal, ou rien.",
            ),
        ),
        migrations.AddConstraint(
            "piecefournie",
            models.CheckConstraint(
                name="piece_contenu_empreinte",
                condition=models.Q(format="") | ~models.Q(empreinte=""),
                violation_error_message="Une pièce dont le contenu est gardé a son empreinte SHA-256.",
            ),
        ),
        migrations.AddConstraint(
            "piecefournie",
            models.CheckConstraint(
                name="piece_md5_annonce",
                condition=models.Q(md5="") | models.Q(format="", md5__regex=r"^[0-9a-f]{32}$"),
                violation_error_message="Le MD5 d'une pièce annoncée s'écrit en 32 chiffres hexadécimaux.",
            ),
        ),
    ]
