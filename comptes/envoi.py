"""The one place an e-mail of the accounts leaves from: sign-up, password, security notices, invitations."""

from django.core.mail import EmailMessage


def send(message: EmailMessage) -> None:
    """Hand a written e-mail over for delivery."""
    message.send()
