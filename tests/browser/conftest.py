"""A node with demonstration evidence in its own process, and Chromium that looks at it. Without Chromium the tests skip."""

from collections.abc import Iterator
from typing import Any

import pytest
from looking import DESKTOP, Open
from playwright.sync_api import Browser
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


@pytest.fixture
def look(chromium: Browser, server: Server, paths: dict[str, str]) -> Iterator[Open]:
    """`look(page, lang=..., width=..., **context options)` opens a page of `PAGES` in a tab of its own."""
    contexts = []

    def opened(page: harness.Page, *, lang: str = "en", width: int = DESKTOP, **options: Any) -> Tab:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, **options))
        tab = contexts[-1].new_page()
        harness.visit(tab, server.url + harness.with_query(paths[page.name], lang=lang), page.status)
        return tab

    yield opened
    for context in contexts:
        context.close()
