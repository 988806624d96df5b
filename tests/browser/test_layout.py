"""Nothing is lost when the page is narrow, enlarged, spaced out or printed (WCAG 2.2: 1.4.4, 1.4.10, 1.4.12)."""

from typing import Any

import pytest
from looking import HEIGHT, Open, open_details
from playwright.sync_api import Page as Tab

from bench.browser import LIVE, PAGES, Page

REFLOW = 320  # CSS pixels: 1280 enlarged to 400 %
HALF = 640  # 1280 enlarged to 200 %
SHEET = 718  # A4 less margins of 10 mm, at 96 pixels an inch
# The spacing that a reader may set (WCAG 1.4.12). As an adopted sheet, for our policy forbids style elements, and rightly.
SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
# Visible elements outside the window, squeezed to a letter or two a line, or cutting off their own content, but for those
# that scroll by themselves, fields, whose text moves with the cursor, and the excerpts, which are cut after two lines on
# purpose and lead to the whole text.
LOST = """() => {
  const lost = [];
  const say = (e, why) => lost.push(`${why}: <${e.tagName.toLowerCase()} class="${e.getAttribute('class') || ''}"> ` +
    e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60));
  const scrolls = (e) => {
    for (let p = e; p; p = p.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true;
    return false;
  };
  for (const e of document.querySelectorAll('body *')) {
    const r = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!r.width || !r.height || e.closest('.hidden, .skip, svg svg, svg *') || style.clipPath !== 'none') continue;
    if (e.parentElement.closest('thead') && getComputedStyle(e.closest('thead')).clipPath !== 'none') continue;
    if (!scrolls(e) && (r.right > innerWidth + 1 || r.left < -1)) say(e, 'outside');
    const size = parseFloat(style.fontSize), text = e.textContent.trim();
    if (e.matches('dd, dt, li, p, td, th') && text.length > 8 && r.width < 3 * size && r.height > 6 * size) say(e, 'squeezed');
    if (!['hidden', 'clip'].includes(style.overflowX) || e.matches('svg, .excerpt, input')) continue;
    if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) say(e, 'cut off');
  }
  return lost;
}"""


def overflow(tab: Tab) -> list[str]:
    """What is wider than the window: nothing where the page as a whole scrolls in one direction only."""
    wide, window = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    lost: list[str] = tab.evaluate(LOST)
    return [*([f"the page is {wide} px wide in {window}"] if wide > window else []), *lost[:8]]


def narrow(tab: Tab) -> list[str]:
    """What is lost at 320 pixels, folded and unfolded."""
    folded = overflow(tab)
    open_details(tab)
    return [*folded, *overflow(tab)]


@pytest.mark.parametrize("lang", ["ru", "zh"])
@pytest.mark.parametrize("page", [page for page in PAGES if not page.file], ids=str)
def test_a_page_fits_320_pixels(look: Open, page: Page, lang: str) -> None:
    """The longest words, and words without spaces; French and Spanish lie between these and the two below."""
    assert not narrow(look(page, lang=lang, width=REFLOW))


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_nothing_is_lost_when_narrow_enlarged_spaced_out_or_printed(look: Open, page: Page, lang: str) -> None:
    tab = look(page, lang=lang, width=REFLOW)
    assert not narrow(tab)
    tab.set_viewport_size({"width": SHEET, "height": HEIGHT})
    tab.emulate_media(media="print")
    assert not overflow(tab)
    assert not any(nav.is_visible() for nav in tab.locator("header nav").all())
    assert tab.locator("main h1").is_visible()
    tab.emulate_media(media="screen")
    tab.set_viewport_size({"width": HALF, "height": HEIGHT})
    assert not overflow(tab)
    tab.evaluate(SPACING)
    assert not overflow(tab)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("e.style.inlineSize = '500px'", "outside: <h1"),
        ("e.style.cssText = 'overflow: hidden; white-space: nowrap'", "cut off: <h1"),
        (
            "document.querySelector('footer p').style.cssText = 'inline-size: 1rem; overflow-wrap: anywhere'",
            "squeezed: <p",
        ),
    ],
)
def test_what_is_lost_is_found(look: Open, change: str, said: str) -> None:
    tab: Any = look(LIVE, width=REFLOW)
    tab.evaluate(f"(() => {{ const e = document.querySelector('h1'); {change}; }})()")
    assert any(line.startswith(said) for line in overflow(tab))
