"""axe finds no violation of WCAG 2.2 A and AA on any page: English and Arabic, light and dark, desktop and phone."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from looking import DESKTOP, HEIGHT, PHONE, Open, open_details
from playwright.sync_api import Page as Tab

from bench.browser import LIVE, PAGES, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
EVERY: dict[str, Any] = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
# The rules that look at colours: the others say in the dark what they said in the light.
COLOURS: dict[str, Any] = {**EVERY, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations(tab: Tab, options: dict[str, Any]) -> list[dict[str, Any]]:
    """What axe finds on the page as it is now."""
    found: dict[str, Any] = tab.evaluate("options => axe.run(document, options)", options)
    assert found["passes"], "axe looked at nothing"
    broken: list[dict[str, Any]] = found["violations"]
    return broken


def told(violation: dict[str, Any], how: str) -> str:
    """Rule, targets and what to do, for the first few elements."""
    nodes = violation["nodes"]
    lines = [f"{how}: {violation['id']} ({violation['impact']}): {violation['help']}, {len(nodes)} elements"]
    for node in nodes[:5]:
        lines.append(f"  {node['target']} {node['html'][:160]}\n    {node['failureSummary'].replace(chr(10), ' ')}")
    return "\n".join(lines)


def looked_at(tab: Tab, width: int, *schemes: str) -> list[str]:
    """What axe finds at a width: everything in the first colours, in others what looks at colours."""
    tab.set_viewport_size({"width": width, "height": HEIGHT})
    found = []
    for scheme in schemes:
        tab.emulate_media(color_scheme=scheme)
        options = EVERY if scheme == schemes[0] else COLOURS
        found += [told(violation, f"{scheme}, {width} px") for violation in violations(tab, options)]
    return found


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_axe_finds_no_violation(look: Open, page: Page) -> None:
    tab = look(page, reduced_motion="reduce")
    tab.evaluate(AXE_SCRIPT)
    open_details(tab)
    found = [*looked_at(tab, DESKTOP, "light", "dark"), *looked_at(tab, PHONE, "light")]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_axe_finds_no_violation_in_arabic_which_is_written_from_right_to_left(look: Open, page: Page) -> None:
    tab = look(page, lang="ar", reduced_motion="reduce")
    tab.evaluate(AXE_SCRIPT)
    open_details(tab)
    found = looked_at(tab, PHONE, "light", "dark")
    assert not found, "\n".join(found)
    if not page.file:
        assert tab.locator("html").get_attribute("lang") == "ar"
        assert tab.locator("html").get_attribute("dir") == "rtl"
        assert tab.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"


def test_axe_would_find_a_picture_without_words_and_pale_ink_in_the_dark(look: Open) -> None:
    tab = look(LIVE)
    tab.evaluate(AXE_SCRIPT)
    tab.evaluate("document.querySelector('main').append(document.createElement('img'))")
    tab.evaluate("document.querySelector('h1').style.color = '#e6eaee'")
    assert {violation["id"] for violation in violations(tab, EVERY)} == {"image-alt", "color-contrast"}
    assert {violation["id"] for violation in violations(tab, COLOURS)} == {"color-contrast"}
    tab.emulate_media(color_scheme="dark")
    assert not violations(tab, COLOURS), "pale ink is right in the dark"
