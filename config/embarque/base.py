"""The engine: Django's PostgreSQL backend, which makes sure of the server before it connects."""

from typing import Any

from django.db.backends.postgresql import base

from config.embarque.serveur import Serveur


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects to the embedded server through its Unix socket.

    Nothing starts at import nor for commands that never connect (`--help`, `makemigrations`).
    """

    def get_connection_params(self) -> dict[str, Any]:
        # The socket is written back into the settings so that `dbshell` finds it too.
        self.settings_dict["HOST"] = str(Serveur.shared(**self.settings_dict["EMBARQUE"]).ensure())
        return super().get_connection_params()
