"""A page is complete without JavaScript, asks no other host, breaks no policy of its own, and leads nowhere that is not."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import pytest
from looking import Open
from playwright.sync_api import BrowserContext

from bench.browser import PAGES, Page, visit, with_query
from bench.server import Server

# What a reader finds on a page: headings, numbers of tables and their rows, of charts, links, forms.
CONTENT = """() => ({
  headings: [...document.querySelectorAll('h1, h2, h3')].map((e) => e.innerText),
  ...Object.fromEntries(['table', 'tr', 'svg', 'main a[href]', 'form', 'details', 'dl', 'li']
    .map((name) => [name, document.querySelectorAll(name).length])),
})"""


BARE = """() => [...document.querySelectorAll('svg[role=img]')].filter((e) => !e.closest('table') &&
  !e.closest('section, main').querySelector('table')).map((e) => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_is_complete_without_javascript_and_a_table_stands_behind_every_chart(look: Open, page: Page) -> None:
    plain, lively = look(page, java_script_enabled=False), look(page)
    found = lively.evaluate(CONTENT)
    if found != plain.evaluate(CONTENT):  # a change may have been found, or be over, since the first look
        assert found == look(page, java_script_enabled=False).evaluate(CONTENT)
    assert plain.locator("h1").count() == 1
    assert not [e for e in plain.locator("button").all() if e.is_visible() and not e.evaluate("e => !!e.form")], (
        "a button that does nothing without JavaScript"
    )
    assert not lively.evaluate(BARE), "a chart without a table"


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_asks_only_its_own_node_and_the_browser_has_nothing_to_say(
    windows: Callable[..., BrowserContext], server: Server, paths: dict[str, str], page: Page, lang: str
) -> None:
    tab = windows().new_page()
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(f"{message.type}: {message.text}"))  # hints come as "verbose"
    tab.on("pageerror", lambda error: said.append(f"uncaught: {error}"))
    tab.on("request", lambda request: asked.append(request.url))
    tab.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
    )
    visit(tab, server.url + with_query(paths[page.name], lang=lang), page.status)
    tab.wait_for_timeout(200)  # for what a script says after loading
    tab.close()
    if page.status >= 400:  # the browser says so itself, once
        said.remove(next(line for line in said if f"status of {page.status}" in line))
    assert not [line for line in said if not line.startswith("verbose: ")]
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(server.url).netloc}


def links(server: Server, path: str) -> tuple[int, str, set[str]]:
    """Status, media type and the links of this node that an answer holds."""
    try:
        with urlopen(server.url + path, timeout=30) as answer:
            kind, text = answer.headers.get_content_type(), answer.read().decode(errors="replace")
    except HTTPError as error:
        with error:
            return error.code, "", set()
    if kind != "text/html":
        return 200, kind, set()
    found = {urljoin(path, unescape(link)).partition("#")[0] for link in re.findall(r'(?:href|src)="([^"]*)"', text)}
    return 200, kind, {link for link in found if link.startswith("/")}


def test_every_link_leads_somewhere_and_every_page_is_listed(server: Server, paths: dict[str, str]) -> None:
    shape = re.compile(r"\{\w+\}")
    listed = [re.compile(shape.sub("[^/]+", urlsplit(page.path).path)) for page in PAGES]
    found: dict[str, str] = {}
    for page in PAGES:
        if page.status == 200:
            found |= dict.fromkeys(links(server, paths[page.name])[2], page.name)
    wrong: list[str] = []
    shapes: dict[Any, str] = {}  # one link of each kind: hundreds of evidence pages differ in nothing that this asks
    for link, page_name in sorted(found.items()):
        parts = urlsplit(link)
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|(?<==)[^&]+", "*", link)
        shapes.setdefault(kind, link)
        status, media_type, _ = links(server, shapes[kind])
        if status != 200:
            wrong.append(f"{link} of the page {page_name} answers {status}")
        elif media_type == "text/html" and not any(pattern.fullmatch(parts.path) for pattern in listed):
            wrong.append(f"{parts.path} is not in PAGES")
    assert not wrong
