"""What the browser tests share: widths, and how a page is looked at."""

from collections.abc import Callable

from playwright.sync_api import Page as Tab

PHONE, DESKTOP, HEIGHT = 390, 1280, 900  # CSS pixels
Open = Callable[..., Tab]


def open_details(tab: Tab) -> None:
    """Unfold everything, so that the tables behind the charts are looked at too."""
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
