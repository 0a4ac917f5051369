"""Rows written before the trigger receive their search words, by asking it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grappes", "0003_registre_finess")]

    operations = [migrations.RunSQL("UPDATE grappes_essms SET og_id = og_id", migrations.RunSQL.noop)]
