"""New evidence comes onto the live page by itself, and stays away while the reader pauses it."""

import random
import string
import time
import urllib.request
from collections.abc import Iterator

import pytest
from looking import Open
from playwright.sync_api import Page as Tab

from bench.browser import LIVE
from bench.server import Server, report

SOON = 2.0  # seconds from acceptance to the page
TRIES = 3  # the machine may be busy with something else: the best of these counts; bench/page measures each


def send(server: Server) -> str:
    """Report a message with a word that nothing else has (digits would be masked); it is accepted when this returns."""
    word = "".join(random.choices(string.ascii_lowercase, k=12))
    headers = {"Content-Type": "application/json"}
    ask = urllib.request.Request(
        f"{server.url}/api/v1/reports", data=report(random.randrange(10**6), word), headers=headers
    )
    with urllib.request.urlopen(ask, timeout=30) as answer:
        assert answer.status == 202
    return word


def until_shown(tab: Tab, word: str) -> float:
    """Seconds until the page shows the word, without loading it again."""
    started = time.monotonic()
    tab.wait_for_function("word => document.body.innerText.includes(word)", arg=word, polling=50, timeout=20_000)
    return time.monotonic() - started


@pytest.fixture
def live(look: Open) -> Iterator[Tab]:
    tab = look(LIVE)
    tab.wait_for_function("() => document.querySelector('[data-stream] .state').textContent.includes('Live')")
    tab.evaluate("window.loadedOnce = true")
    yield tab
    assert tab.evaluate("window.loadedOnce"), "the page was loaded again"


def test_new_evidence_is_on_the_page_within_two_seconds(live: Tab, server: Server) -> None:
    assert min(until_shown(live, send(server)) for _ in range(TRIES)) <= SOON


def test_a_paused_page_says_so_and_stays_as_it_is_until_it_goes_on(live: Tab, server: Server) -> None:
    button, state = live.locator("[data-stream] button"), live.locator("[data-stream] .state")
    until_shown(live, send(server))
    live.wait_for_timeout(6000)  # every block had its turn
    button.click()
    assert button.inner_text() == "Go on"
    assert "Paused" in state.inner_text()
    before = live.locator("main").inner_text()
    word = send(server)
    live.wait_for_timeout(2 * SOON * 1000)
    assert live.locator("main").inner_text() == before
    button.click()
    assert until_shown(live, word) <= SOON
    assert button.inner_text() == "Pause"
    assert "Paused" not in state.inner_text()


def test_a_block_in_use_waits_and_open_details_stay_open(live: Tab, server: Server) -> None:
    details = live.locator("#volume-d")
    details.locator("summary").click()
    link = live.locator("[data-block=newest] a").first
    link.focus()
    before = live.locator("[data-block=newest]").inner_html()
    word = send(server)
    live.wait_for_timeout(SOON * 1000)
    assert live.locator("[data-block=newest]").inner_html() == before
    live.locator("h1").click()
    link.evaluate("e => e.blur()")
    until_shown(live, word)
    assert details.get_attribute("open") is not None
