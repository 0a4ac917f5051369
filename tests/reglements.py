"""Rule sets of the tests alone: those of the project, and one that requires what no text does."""

import shutil
from pathlib import Path

import pytest

from aap.regles import lecture

CODE = "esms-visas"
VISAS = """
[[instruction.visas]]
transition = "selectionner"
role = "instructeur"
source = "Règlement d'essai"
confiance = "a_confirmer"

[[instruction.visas]]
transition = "notifier"
role = "responsable"
source = "Règlement d'essai"
confiance = "a_confirmer"

[[instruction.visas]]
transition = "notifier"
role = "comptable"
source = "Règlement d'essai"
confiance = "a_confirmer"
"""


def with_visas(monkeypatch: pytest.MonkeyPatch, dossier: Path) -> None:
    """`esms-visas`: that of 2022, with a visa before the selection and two before the notification."""
    copie = dossier / "reglements"
    shutil.copytree(lecture.DOSSIER, copie)
    texte = (copie / "esms-2022.toml").read_text(encoding="utf-8")
    essai = texte.replace('code = "esms-2022"', f'code = "{CODE}"', 1) + VISAS
    (copie / f"{CODE}.toml").write_text(essai, encoding="utf-8")
    monkeypatch.setattr(lecture, "DOSSIER", copie)
