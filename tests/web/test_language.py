"""The six languages on pages: which one is chosen, links that keep it, directions of writing, the live stream."""

import re
import threading
from html.parser import HTMLParser

import canned
import pytest
from fake_node import client
from test_pages import GUARDED, PAGES, Node, Outline, get, node  # noqa: F401

from counterspam.web import language, links, live
from counterspam.web.app import create_app
from counterspam.web.language import LANGUAGES, spoken

SAY_IT = ("/live", "/changes.")  # streams and feeds name their language always, as their readers have no choice of it
FOREIGN = [lang for lang in LANGUAGES if lang != "en"]


# Choice


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.8", "fr"),
        ("de, es;q=0.2, ar;q=0.7", "ar"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW,zh;q=0.9", "zh"),
        ("ru;q=0, es;q=0.1", "es"),
        ("*", "en"),
        ("pt", "en"),
        ("fr;q=nonsense, ru;q=0.5", "ru"),
        (", ;;q=1,,;", "en"),
        ("x" * 100_000, "en"),
    ],
)
def test_the_browser_is_asked(header: str, lang: str) -> None:
    assert language.negotiate(header) == lang


@pytest.mark.parametrize(
    ("query", "header", "lang", "vary"),
    [
        ("", "fr", "fr", True),
        ("?lang=ru", "fr", "ru", False),
        ("?lang=RU", "fr", "ru", False),
        ("?lang=tlh", "fr", "en", False),
        ("?lang=", "fr", "en", False),
    ],
)
async def test_pages_say_their_language(node: Node, query: str, header: str, lang: str, vary: bool) -> None:  # noqa: F811
    answer = await get(node, f"/campaigns{query}", headers={"accept-language": header})
    assert answer.headers["content-language"] == lang
    assert ("Accept-Language" in answer.headers.get("vary", "")) is vary
    assert f'<html lang="{lang}" dir="ltr">' in answer.text


async def test_the_api_speaks_english(node: Node) -> None:  # noqa: F811
    async with client(create_app(node)) as web:
        found = await web.get("/api/v1/campaigns/0?lang=fr", headers={"accept-language": "fr"})
    assert found.json()["title"] in ("Not Found", "Unauthorized", "Unprocessable Entity", "Unprocessable Content")
    assert "content-language" not in found.headers


def test_a_language_is_spoken_within_its_block_and_thread() -> None:
    heard: list[str] = []
    with spoken("fr"):
        with spoken("ar", True):
            assert (language.current(), language.direction(), language.chosen()) == ("ar", "rtl", True)
            thread = threading.Thread(target=lambda: heard.append(language.current()))
            thread.start()
            thread.join()
        assert (language.current(), language.direction(), language.chosen()) == ("fr", "ltr", False)
    with spoken("tlh"):
        assert language.current() == "en"
    assert heard == ["en"]


# Links


def test_links_leave_out_what_is_empty_and_keep_a_chosen_language() -> None:
    assert links.href("/x") == "/x"
    assert links.href("/x", b="1&2", a="", c=None, d=False, e=0, z=True) == "/x?b=1%262&e=0&z=1"
    assert links.href("/x#top", a="ü") == "/x?a=%C3%BC#top"
    with spoken("ru"):
        assert links.href("/x") == "/x"
    with spoken("ru", True):
        assert links.href("/x", z="1") == "/x?lang=ru&z=1"
        assert links.href("/x", lang="ar") == "/x?lang=ar"


class Links(HTMLParser):
    """All addresses of a page that lead to pages of ours, the switch of languages apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.switch: dict[str, str] = {}
        self._sends: str | None = None  # where the form that is open now sends its fields
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        given = dict(attrs)
        address = str(given.get("href") or given.get("action") or given.get("data-stream") or "")
        if tag == "form" and given.get("method") == "get":  # what its address carries besides its fields is lost
            self._sends = address.partition("?")[0] + "?"
        elif tag == "input" and self._sends is not None:
            self._sends += f"{given['name']}={given.get('value', '')}&"
        elif "hreflang" in given and tag == "a":
            self.switch[str(given["hreflang"])] = address
        elif tag != "link" and address.startswith(("/", "?")) and not address.startswith(("/api/", "/static/")):
            self.found.append(address)

    def handle_endtag(self, tag: str) -> None:
        """Note what a form would send."""
        if tag == "form" and self._sends is not None:
            self.found.append(self._sends)
            self._sends = None


@pytest.mark.parametrize("path", [*PAGES, *GUARDED, "/sign-in", "/nothing"])
async def test_every_link_keeps_the_chosen_language(node: Node, path: str) -> None:  # noqa: F811
    joint = "&" if "?" in path else "?"
    text = (await get(node, f"{path}{joint}lang=ru", "admin")).text
    found = Links(text)
    assert [address for address in found.found if "lang=ru" not in address] == []
    assert set(found.switch) == set(LANGUAGES)
    assert all(address.startswith(path.partition("?")[0]) for address in found.switch.values())
    assert all(f"lang={lang}" in address for lang, address in found.switch.items())
    plain = Links((await get(node, path, "admin")).text)
    assert [address for address in plain.found if "lang=" in address and not address.startswith(SAY_IT)] == []


async def test_signing_in_keeps_the_language(node: Node) -> None:  # noqa: F811
    answer = await get(node, "/operator?lang=es")
    assert answer.headers["location"] == "/sign-in?lang=es&next=%2Foperator%3Flang%3Des"


# Directions and figures


@pytest.mark.parametrize("path", [*PAGES, *GUARDED, "/sign-in", "/nothing"])
@pytest.mark.parametrize("lang", FOREIGN)
async def test_every_page_is_well_made_in_every_language(node: Node, path: str, lang: str) -> None:  # noqa: F811
    joint = "&" if "?" in path else "?"
    answer = await get(node, f"{path}{joint}lang={lang}", "admin")
    assert answer.status_code == (404 if path == "/nothing" else 200)
    found = Outline(answer.text)
    assert found.faults == []
    assert found.targets <= set(found.ids)
    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in answer.text


async def test_what_stands_in_another_direction_is_set_apart(node: Node) -> None:  # noqa: F811
    text = (await get(node, f"/evidence/{canned.EVIDENCE}?lang=ar", "admin")).text
    for apart in ("+15550100123", "192.0.2.7", canned.EVIDENCE, "bank[.]example"):
        assert re.search(rf"<bdi[^>]*>[^<]*{re.escape(apart)}", text), apart
    assert 'lang="en"' in text  # what the checks said is stored in English


async def test_the_live_stream_speaks_the_language_of_its_view(node: Node) -> None:  # noqa: F811
    state = live.Live(node)
    view = live.View(lang="fr", keep_lang=True)
    french, english = state.blocks("/", view), state.blocks("/", live.View())
    assert "lang=fr" in french["campaigns"]
    assert "lang=" not in english["campaigns"]
    assert "user reports" in english["share"]
    assert "user reports" not in french["share"]
    assert "lang=fr" in state.first("/", view)["newest"]
