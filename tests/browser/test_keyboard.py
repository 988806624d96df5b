"""A reader without a mouse gets everywhere, and sees where (WCAG 2.2: 2.1.1, 2.4.1, 2.4.7, 2.4.11)."""

import pytest
from looking import DESKTOP, PHONE, Open
from playwright.sync_api import Page as Tab

from bench.browser import LIVE, PAGES, Page

# Numbers everything that can be used, as a mouse would find it, so that what the keyboard reaches can be compared with it.
USABLE = """() => {
  const all = [...document.querySelectorAll('a[href], button, summary, input, select, textarea, [tabindex="0"]')]
    .filter((e) => e.checkVisibility() && !e.disabled && e.type !== 'hidden');
  const links = new Set(all.filter((e) => e.tabIndex >= 0).map((e) => e.getAttribute('href')));
  // a place on a map may be left out where a table links to the same
  // Tab stops once at a group of radio buttons, at the chosen or the first one; arrows lead to the others
  const group = (e) => all.filter((other) => other.type === 'radio' && other.name === e.name);
  const stop = (e) => e.type !== 'radio' || e === (group(e).find((other) => other.checked) || group(e)[0]);
  const found = all.filter((e) => stop(e) && (e.tabIndex >= 0 || !links.has(e.getAttribute('href'))));
  found.forEach((e, i) => { e.dataset.number = i; });
  return found.map((e) => e.outerHTML.slice(0, 120));
}"""
# Where the focus is, whether its outline shows, and whether it is within the window and not behind something else.
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e), r = e.getBoundingClientRect();
  if (!e.dataset.number) return null;
  const x = Math.min(Math.max(r.left + 2, 0), innerWidth - 1), y = Math.min(Math.max(r.top + r.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  return [Number(e.dataset.number), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    !!top && (e.contains(top) || top.contains(e)) && r.bottom > 0 && r.top < innerHeight];
}"""


def walk(tab: Tab, most: int) -> list[tuple[int, bool, bool]]:
    """Press Tab until the focus is where it was first: number, outline seen, not hidden, for each stop.

    Between the end and the beginning it leaves the page; Chromium also stops at what only scrolls, and at parts of a field.
    """
    stops: list[tuple[int, bool, bool]] = []
    for _ in range(most):
        tab.keyboard.press("Tab")
        stop = tab.evaluate(FOCUS)
        if stop is None:
            continue
        if len(stops) > 1 and stop[0] == stops[0][0]:
            break
        stops.append(tuple(stop))
    return stops


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_keyboard_reaches_everything_and_the_focus_is_seen(look: Open, page: Page, width: int) -> None:
    tab = look(page, width=width, reduced_motion="reduce")
    usable = tab.evaluate(USABLE)
    stops = walk(tab, 2 * len(usable) + 5)
    reached = {number for number, _, _ in stops}
    assert not [usable[number] for number in range(len(usable)) if number not in reached], "never reached"
    assert not [usable[number] for number, outlined, _ in stops if not outlined], "focus without an outline"
    assert not [usable[number] for number, _, shown in stops if not shown], "focus out of sight"


@pytest.mark.parametrize("page", [page for page in PAGES if not page.frame], ids=str)
def test_the_first_stop_leads_to_the_content(look: Open, page: Page) -> None:
    tab = look(page, reduced_motion="reduce")
    tab.keyboard.press("Tab")
    first = tab.locator(":focus")
    assert first.get_attribute("class") == "skip"
    box = first.bounding_box()
    assert box is not None
    assert box["x"] >= 0, "the skip link stays out of sight"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.keyboard.press("Tab")
    assert tab.evaluate("!document.activeElement.closest('header')")


def test_details_open_with_the_keyboard(look: Open) -> None:
    tab = look(LIVE)
    tab.locator("details > summary").first.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("details").first.get_attribute("open") is not None
