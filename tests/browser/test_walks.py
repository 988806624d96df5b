"""What people come for, with how many clicks: the walks of docs/walks.md, step by step in a real browser."""

import re
from datetime import UTC, datetime, timedelta

from looking import Open
from playwright.sync_api import Locator
from playwright.sync_api import Page as Tab

from bench.browser import LIVE


class Walk:
    """A reader's hands: every click counts, what is typed or chosen in a field does not."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.clicks = tab, 0

    def click(self, what: Locator) -> None:
        """Click, and wait for the page that it leads to."""
        what.click()
        self.tab.wait_for_load_state("load")
        self.clicks += 1

    def panel(self, name: str) -> str:
        """The text of a panel."""
        return self.tab.locator(f'[data-block="{name}"]').inner_text().replace("\u00a0", " ")


def test_an_analyst_asks_what_hit_us_last_night(look: Open) -> None:
    walk = Walk(look(LIVE))
    tab, today = walk.tab, datetime.now(UTC)
    walk.click(tab.locator(".when > summary"))
    tab.locator('input[name="from"]').fill(f"{today - timedelta(1):%Y-%m-%d}")
    tab.locator('select[name="from_hour"]').select_option("18")
    tab.locator('input[name="to"]').fill(f"{today:%Y-%m-%d}")
    tab.locator('select[name="to_hour"]').select_option("06")
    walk.click(tab.locator(".when button"))
    assert walk.clicks == 2
    # What hit us, how large it was, and from where, stand on this page.
    assert re.search(r"messages and calls arrived", walk.panel("figures"))
    assert "leads with" in walk.panel("types")
    assert re.search(r"The \d+ largest campaigns? make", walk.panel("campaigns"))
    assert "leads with" in walk.panel("origins")
    walk.click(tab.locator('[data-block="routes"] td a').first)
    assert walk.clicks == 3
    route = walk.panel("route")
    assert re.search(r"[\d,]+ messages judged spam took this route", route)
    assert re.search(r"First seen on \d+ \w+ \d{4}, last on", route), "whether it is new"


def test_a_journalist_asks_which_share_comes_from_abroad(look: Open) -> None:
    walk = Walk(look(LIVE))
    tab = walk.tab
    walk.click(tab.get_by_role("link", name="Origins on the map, and how much comes from abroad"))
    border = walk.panel("border")
    assert re.search(r"SMS\s+(over |under )?\d+ %", border), "the share of SMS spam from abroad, without another click"
    assert "unknown" in border
    walk.click(tab.get_by_role("link", name="How the share from abroad is counted"))
    assert walk.clicks == 2
    definition = tab.locator(f"#{tab.url.partition('#')[2]}").inner_text()
    for part in ("Numerator", "Denominator", "Caveats"):
        assert part.lower() in definition.lower()


def test_somebody_who_quotes_a_figure_takes_it_along(look: Open) -> None:
    walk = Walk(look(LIVE))
    link = walk.tab.locator('[data-block="volume"] .take a').first
    with walk.tab.expect_download() as told:
        link.click()
    assert told.value.suggested_filename.endswith(".csv")
