"""The 18 regions and 101 départements: reference data, the same everywhere. Source: regles.md §11.4."""

import csv
from pathlib import Path

from django.db import migrations

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def lignes(nom):
    with (FIXTURES / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def charger(apps, schema_editor):
    Region = apps.get_model("comptes", "Region")
    Departement = apps.get_model("comptes", "Departement")
    Region.objects.bulk_create(Region(**ligne) for ligne in lignes("regions.csv"))
    Departement.objects.bulk_create(
        Departement(code=ligne["code"], finess=ligne["finess"], nom=ligne["nom"], region_id=ligne["region"])
        for ligne in lignes("departements.csv")
    )


def vider(apps, schema_editor):
    apps.get_model("comptes", "Departement").objects.all().delete()
    apps.get_model("comptes", "Region").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("comptes", "0001_initial")]

    operations = [migrations.RunPython(charger, vider)]
