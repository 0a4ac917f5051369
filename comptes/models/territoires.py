from django.db import models


class Region(models.Model):
    """One of the 18 regions, one ARS each. Code: INSEE. Source: regles.md §11.4."""

    code = models.CharField(max_length=2, primary_key=True)
    nom = models.CharField(max_length=60)

    class Meta:
        ordering = ("nom",)
        verbose_name = "région"

    def __str__(self) -> str:
        return self.nom


class Departement(models.Model):
    """One of the 101 départements. `finess`: the code FINESS gives it (9A…9F overseas, regles.md §11.4)."""

    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    finess = models.CharField("code FINESS", max_length=2, unique=True)
    nom = models.CharField(max_length=60)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="departements")

    class Meta:
        ordering = ("code",)
        verbose_name = "département"

    def __str__(self) -> str:
        return f"{self.nom} ({self.code})"
