import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who has what open. Unlogged: written every twenty seconds by each open page, and worth nothing a minute later."""

    dependencies = [
        ("aap", "0010_instructeur"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("objet", models.CharField(max_length=80)),
                ("lieu", models.CharField(blank=True, max_length=40)),
                ("vue_le", models.DateTimeField(verbose_name="vue le")),
                ("ecrit_le", models.DateTimeField(null=True, verbose_name="écrit le")),
                (
                    "personne",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"verbose_name": "présence"},
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(
                fields=("objet", "lieu", "personne"),
                name="presence_unique",
                violation_error_message="Cette personne est déjà là : il n'y a rien à refaire.",
            ),
        ),
        migrations.RunSQL("ALTER TABLE aap_presence SET UNLOGGED", "ALTER TABLE aap_presence SET LOGGED"),
    ]
