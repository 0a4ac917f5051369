"""Types of project a grappe carries out. Source: regles.md §2.1."""

from enum import StrEnum


class Projet(StrEnum):
    ACQUISITION = "acquisition"
    MONTEE_DE_VERSION = "montee_de_version"


#: Choices of a model field.
PROJETS = [(projet.value, projet.value.replace("_", " ")) for projet in Projet]
