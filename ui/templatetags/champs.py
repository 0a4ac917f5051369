"""Fields as the State design system draws them, whatever the form they come from."""

from typing import Any

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()

CLASSES = {"select": "fr-select", "checkbox": ""}


@register.filter
def dsfr(champ: BoundField) -> SafeString:
    """The widget with its class, and without the grey example inside it that some libraries add."""
    attributs: dict[str, Any] = {"placeholder": False}
    if classe := CLASSES.get(champ.widget_type, "fr-input"):
        attributs["class"] = classe
    return champ.as_widget(attrs=attributs)
