"""People at their browsers: a stage set apart from the browser's thread, sessions without a password, both themes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.db import connections
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from comptes.models import Utilisateur
from tests.fabriques import PORTE

T = TypeVar("T")


def in_base(action: Callable[[], T]) -> T:
    """Read or write the base of the site, in another thread: the browser's event loop holds this one."""

    def run() -> T:
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as fil:
        return fil.submit(run).result()


def staged(django_db_blocker: Any, stage: Callable[[], T]) -> T:
    """What `stage` made in the base of the site."""

    def unblocked() -> T:
        with django_db_blocker.unblock():
            return stage()

    return in_base(unblocked)


def session(qui: Utilisateur) -> str:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(qui, backend=PORTE)
    return client.cookies["sessionid"].value


def wear(contexte: BrowserContext, cookie: str, url: str) -> None:
    """That window is now hers."""
    contexte.clear_cookies()
    contexte.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])


def colours_in_the_dark(page: Page, violations: Callable[[Page, str], list[str]]) -> None:
    """The dark theme of a page already judged in the light one: its colours alone differ."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-fr-theme=dark]")
    page.evaluate(AXE_SCRIPT)
    assert violations(page, "{runOnly: ['color-contrast']}") == [], page.url
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("html[data-fr-theme=light]")
