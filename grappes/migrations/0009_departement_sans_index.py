"""Nothing looks an ESSMS up by its département alone: its two indexes only made imports longer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grappes", "0008_interets_declares")]

    operations = [
        migrations.AlterField(
            model_name="essms",
            name="departement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="comptes.departement",
                verbose_name="département",
            ),
        ),
    ]
