from django.db import migrations, models

#: The receipts written before: their code (aap.recus.code_of), and the names of today for want of those of their day.
#: The table refuses UPDATE to everybody; this once, its owner lifts the refusal, inside the migration's transaction.
RECUS = """
    ALTER TABLE aap_recu DISABLE TRIGGER USER;
    UPDATE aap_recu r SET
        code = left(encode(sha256(convert_to('recu:' || e.empreinte || ':' || r.empreinte, 'UTF8')), 'hex'), 32),
        mentions = jsonb_build_object(
            'appel', a.intitule, 'ars', COALESCE(z.nom, ''), 'grappe', g.nom, 'aide', NULL,
            'porteur', jsonb_build_object('finess', o.finess, 'nom', o.nom),
            'par', COALESCE(NULLIF(trim(u.first_name || ' ' || u.last_name), ''), u.username, '')
        )
    FROM moteur_entree e
        LEFT JOIN comptes_utilisateur u ON u.id = e.par_id,
        aap_dossier d JOIN aap_aap a ON a.id = d.aap_id LEFT JOIN comptes_region z ON z.code = a.region_id
        JOIN grappes_grappe g ON g.id = d.grappe_id JOIN grappes_organismegestionnaire o ON o.id = g.og_porteur_id
    WHERE e.id = r.entree_id AND d.id = r.dossier_id;
    ALTER TABLE aap_recu ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("aap", "0007_documents")]
    operations = [
        migrations.AddField("recu", "mentions", models.JSONField(default=dict), preserve_default=False),
        migrations.AddField("recu", "code", models.CharField(default="", max_length=32), preserve_default=False),
        migrations.RunSQL(RECUS, ""),
        migrations.AddConstraint(
            "recu",
            models.UniqueConstraint(
                name="recu_code_unique",
                fields=["code"],
                violation_error_message="Un autre reçu porte déjà ce code public.",
            ),
        ),
        migrations.AddConstraint(
            "recu",
            models.CheckConstraint(
                name="recu_code_forme",
                condition=models.Q(code__regex=r"^[0-9a-f]{32}$"),
                violation_error_message="Le code public d'un reçu est fait de 32 chiffres hexadécimaux.",
            ),
        ),
    ]
