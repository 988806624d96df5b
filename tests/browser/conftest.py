"""A node with demonstration evidence in its own process, and Chromium that looks at it. Without Chromium the tests skip."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from looking import DESKTOP, HEIGHT, Open
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from bench import browser as harness
from bench.server import Server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    if not harness.CHROMIUM.is_file():
        pytest.skip(f"there is no {harness.CHROMIUM}: install Debian's package chromium")
    with harness.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The node, with a day of evidence."""
    with harness.filled_server(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="session")
def paths(server: Server) -> dict[str, str]:
    """Name of a page -> its path on this node."""
    known = harness.examples(server)
    return {page.name: page.path.format(**known) for page in harness.PAGES}


@pytest.fixture(scope="session")
def windows(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A window with these options, one for all tests that ask for the same: what it has loaded once it keeps."""
    known: dict[tuple[tuple[str, Any], ...], BrowserContext] = {}

    def window(**options: Any) -> BrowserContext:
        key = tuple(sorted(options.items()))
        if key not in known:
            known[key] = chromium.new_context(viewport={"width": DESKTOP, "height": HEIGHT}, **options)
        return known[key]

    yield window
    for one in known.values():
        one.close()


@pytest.fixture
def look(windows: Callable[..., BrowserContext], server: Server, paths: dict[str, str]) -> Iterator[Open]:
    """`look(page, lang=..., width=..., **options of the window)` opens a page of `PAGES` in a tab of its own."""
    tabs: list[Tab] = []

    def opened(page: harness.Page, *, lang: str = "en", width: int = DESKTOP, **options: Any) -> Tab:
        tabs.append(windows(**options).new_page())
        if width != DESKTOP:
            tabs[-1].set_viewport_size({"width": width, "height": HEIGHT})
        harness.visit(tabs[-1], server.url + harness.with_query(paths[page.name], lang=lang), page.status)
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()
