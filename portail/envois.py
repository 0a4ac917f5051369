"""The door of files, which lives lower so that the officers' pages share it."""

from ui.envois import upload

__all__ = ["upload"]
