from django.db import migrations

#: A receipt written before receipts held their snapshot: there was one per dossier, for the snapshot it still has.
#: The table refuses UPDATE to everybody; this once, its owner lifts the refusal, inside the migration's transaction.
RECUS = """
    ALTER TABLE aap_recu DISABLE TRIGGER USER;
    UPDATE aap_recu r SET instantane = d.instantane FROM aap_dossier d WHERE d.id = r.dossier_id;
    ALTER TABLE aap_recu ENABLE TRIGGER USER;
"""
#: The members a filed dossier holds, since the journal row of its filing.
MEMBRES = """
    UPDATE grappes_membre m SET retenu_par_id = r.entree_id
    FROM aap_dossier d JOIN aap_recu r ON r.dossier_id = d.id
    WHERE d.grappe_id = m.grappe_id AND m.parti_le IS NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aap", "0003_receptions"),
        ("grappes", "0005_personnes_demandes_sons"),
    ]
    operations = [migrations.RunSQL(RECUS, ""), migrations.RunSQL(MEMBRES, "")]
