"""HTML of mail to the text that a reader sees, and the addresses in its href and src attributes.

Not a browser: one linear pass each, made for hostile input. No pattern here can fail after it has begun to match, so none
of them goes back over what it has read.
"""

import html
import re
from collections import Counter
from functools import lru_cache

from counterspam.decode import html_hidden
from counterspam.decode.record import MAX_URLS

MAX_URL = 2048

# Content that is not shown. An end that is missing hides the rest, as in a browser.
_HIDDEN = re.compile(
    r"<(?:!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|(?i:(script|style|title|template))(?=[\s>/]).*?(?:</(?i:\1)(?=[\s>/])[^>]*>?|\Z))",
    re.S,
)
_TAG = re.compile(r"<(/?[a-zA-Z][^\s/>]*+|[!?])(?:[^>=]++|=\s*+(?:\"[^\"]*+\"?|'[^']*+'?)?)*+>?")
_TAG_AND_ATTRIBUTES = re.compile(r"<(/?[a-zA-Z][^\s/>]*+|[!?])((?:[^>=]++|=\s*+(?:\"[^\"]*+\"?|'[^']*+'?)?)*+)>?")
_BREAKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_CELLS = frozenset({"td", "th", "img", "input"})
_VALUE = re.compile(r"""\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)""")
_IN_LINK = re.compile(r"[\t\r\n\0]+")
# Not addresses of anything outside: parts of the same mail, places in the same page, pictures in place, code.
_INSIDE = ("cid:", "#", "data:image", "about:", "javascript:", "mid:")


@lru_cache(1024)
def _gap(tag: str) -> str:
    name = tag.lstrip("/").lower()
    return "\n" if name in _BREAKS else " " if name in _CELLS else ""


def html_text(source: str) -> str:
    """The visible text. An inline tag leaves no gap, because `V<b></b>iagra` is read as one word."""
    return read_html(source)[0]


def read_html(source: str) -> tuple[str, Counter[str]]:
    """The visible text, and how many words are there that a reader does not see, by how they are hidden."""
    hidden = Counter[str]()
    page = _HIDDEN.sub("", source.replace("\n", " "))
    if html_hidden.may_hide(source):
        parts = _TAG_AND_ATTRIBUTES.split(page)
        tags = [(name.lower(), given) for name, given in zip(parts[1::3], parts[2::3], strict=True)]
        texts, hidden = html_hidden.shown(parts[::3], tags, html_hidden.Sheet(source))
        pieces = [texts[0]]
        for (tag, _), text in zip(tags, texts[1:], strict=True):
            pieces += (_gap(tag), text)
    else:
        pieces = _TAG.split(page)
        pieces[1::2] = map(_gap, pieces[1::2])  # every second one is a tag
    text = "".join(pieces)
    if "&" in text:
        text = html.unescape(text)
    return "\n".join(words for line in text.split("\n") if (words := " ".join(line.split()))), hidden


def html_urls(source: str) -> list[str]:
    """Addresses in href, then action, then src attributes, as written, each once, at most MAX_URLS."""
    lower = source.lower()
    if len(lower) != len(source):  # a few letters grow when lowered, and places would no longer agree
        lower = source
    found: dict[str, None] = {}
    for name in ("href", "action", "src"):
        at = lower.find(name)
        while at >= 0 and len(found) < MAX_URLS:
            at += len(name)
            if value := _VALUE.match(source, at):
                at = value.end()
                if url := _clean(value[1]):
                    found[url] = None
            at = lower.find(name, at)
    return list(found)


def _clean(value: str) -> str:
    value = value.strip("\"' ")[: 2 * MAX_URL]
    if "&" in value:
        value = html.unescape(value)
    if not value.isprintable():
        value = _IN_LINK.sub("", value)  # browsers take line ends and tabs out of addresses
    value = value.strip()
    return "" if value[:12].lower().startswith(_INSIDE) else value[:MAX_URL]
