"""The one refusal of the embedded server."""

from django.db.utils import OperationalError


class ServeurIndisponible(OperationalError):
    """The embedded server cannot be used; the message is a French sentence saying what to do."""
