"""The table of Django's database cache: limits of attempts, shared by every web process."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comptes", "0003_invitations")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE comptes_cache (
                cache_key varchar(255) NOT NULL PRIMARY KEY,
                value text NOT NULL,
                expires timestamp with time zone NOT NULL
            );
            CREATE INDEX comptes_cache_expires ON comptes_cache (expires);
            """,
            "DROP TABLE comptes_cache",
        )
    ]
