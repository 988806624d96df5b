"""The text of lessons: a small Markdown without HTML, read into lessons and blocks, and rendered to safe HTML.

The Markdown is CommonMark (markdown-it) cut down to headings, paragraphs, lists, quotes, tables, emphasis, code and links. What
it does not know: audience blocks (`::: policy` to `:::`), figures (`{{figure: NAME | caption}}`) and references to a source
(`[^id]`), are ours and stand on lines of their own, except the references.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

from counterspam.errors import DecodeError, Reason
from counterspam.policy.training.reading import AUDIENCES

FIGURES = ("volume-over-time", "by-channel", "origins", "types", "routes", "key-figures")
MOST_LINES = 4000
MOST_REFERENCE = 42  # characters from [ to ]
_FIGURE = re.compile(r"\{\{figure:\s*([a-z-]{1,40})\s*(?:\|\s*([^{}]{1,400}?)\s*)?\}\}")
_REFERENCE = re.compile(r"\[\^([A-Za-z0-9][A-Za-z0-9._-]{0,39})\]")
_HEADING = re.compile(r"#{1,6}(?:\s|$)")
Link = Callable[[str], str]


class Block(NamedTuple):
    """A stretch of a lesson: Markdown, or a figure with its caption. `audiences` is empty for everybody."""

    audiences: tuple[str, ...]
    text: str
    figure: str = ""


class Lesson(NamedTuple):
    """What stands under one `## ` heading; "" is what stands before the first."""

    title: str
    blocks: tuple[Block, ...]


def lessons(body: str, name: str) -> list[Lesson]:
    """The lessons of a module. Raises DecodeError for blocks that do not close and figures that do not exist."""
    found: list[tuple[str, list[Block]]] = [("", [])]
    text: list[str] = []
    inside: tuple[str, ...] = ()

    def end() -> None:
        if "".join(text).strip():
            found[-1][1].append(Block(inside, "\n".join(text).strip("\n")))
        text.clear()

    for number, line in _lines(body, name):
        word = line.rstrip()
        if word.startswith(":::"):
            end()
            inside = _audiences(word[3:].split(), inside, f"{name}: line {number} of the text")
        elif word.startswith("{{"):
            end()
            found[-1][1].append(_figure(word, inside, f"{name}: line {number} of the text"))
        elif word.startswith("## "):
            end()
            found.append((word[3:].strip(), []))
        else:
            text.append(line)
    end()
    if inside:
        raise DecodeError(Reason.BAD_SYNTAX, f"{name}: the last audience block is not closed by :::")
    return [Lesson(title, tuple(blocks)) for title, blocks in found if blocks]


def _lines(body: str, name: str) -> Iterator[tuple[int, str]]:
    lines = body.splitlines()
    if len(lines) > MOST_LINES:
        raise DecodeError(Reason.TOO_LARGE, f"{name}: more than {MOST_LINES} lines")
    return enumerate(lines, 1)


def _audiences(words: list[str], inside: tuple[str, ...], place: str) -> tuple[str, ...]:
    """The audiences of the block that begins here, () at its end."""
    names = [word for given in words for word in given.split(",") if word]
    if bool(names) == bool(inside):
        raise DecodeError(
            Reason.BAD_SYNTAX, f"{place}: an audience block {'within another' if names else 'ends twice'}"
        )
    if wrong := set(names) - set(AUDIENCES):
        raise DecodeError(
            Reason.BAD_VALUE, f"{place}: audiences are {', '.join(AUDIENCES)}, not {sorted(wrong)[0][:40]}"
        )
    return tuple(names)


def _figure(line: str, inside: tuple[str, ...], place: str) -> Block:
    found = _FIGURE.fullmatch(line)
    if not found or found[1] not in FIGURES:
        raise DecodeError(
            Reason.BAD_VALUE, f"{place}: a figure is {{{{figure: NAME | caption}}}}, NAME one of {', '.join(FIGURES)}"
        )
    return Block(inside, found[2] or "", found[1])


def references(text: str) -> list[str]:
    """The ids of sources that a text refers to."""
    return _REFERENCE.findall(text)


def faults(lessons: Sequence[Lesson], sources: AbstractSet[str], audiences: Sequence[str]) -> Iterator[str]:
    """What is wrong in lessons, in words: headings, references without a source, blocks for an audience that it is not for."""
    if not any(lesson.title for lesson in lessons):
        yield "there is no lesson: a line that begins with ## and a space"
    for lesson in lessons:
        for block in lesson.blocks:
            for wrong in set(references(block.text)) - sources:
                yield f"[^{wrong}] is not among the sources"
            for wrong in set(block.audiences) - set(audiences):
                yield f"a block is for the audience {wrong}, the module is not"
            for line in block.text.splitlines():
                if _HEADING.match(line) and not line.startswith("### "):
                    yield f"headings are ## and ###, not {line[:40]!r}"


def _source(state: StateInline, silent: bool) -> bool:
    """The inline rule for `[^id]`, as markdown-it calls it."""
    found = _REFERENCE.match(state.src, state.pos, min(state.posMax, state.pos + MOST_REFERENCE))
    if not found:
        return False
    if not silent:
        state.push("source", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _markdown() -> MarkdownIt:
    made = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False})
    made.enable(
        ["heading", "list", "blockquote", "table", "emphasis", "backticks", "link", "escape", "entity", "newline"]
    )
    made.inline.ruler.before("link", "source", _source)
    for name, rule in _RULES.items():
        made.add_render_rule(name, rule)
    return made


def html(text: str, numbers: Mapping[str, int], label: str, link: Link = str) -> Markup:
    """Markdown as HTML. Raw HTML in it is text; `numbers` are those of the sources, `label` names tables for screen readers.

    `link` gives the address that a link of the text leads to, "" to leave only its words.
    """
    given = {"numbers": numbers, "label": label, "link": link, "tables": 0}
    return Markup(_MARKDOWN.render(text, given))  # noqa: S704 - every rule escapes, and markdown-it takes no HTML


def inline(text: str, numbers: Mapping[str, int], link: Link = str) -> Markup:
    """One line of Markdown as HTML, without a paragraph around it."""
    given = {"numbers": numbers, "label": "", "link": link, "tables": 0}
    return Markup(_MARKDOWN.renderInline(text, given))  # noqa: S704 - as above


# Rules of rendering: (renderer, tokens, index, options, env) -> HTML


def _reference(_: Any, tokens: Any, at: int, __: Any, env: Any) -> str:
    number = env["numbers"].get(tokens[at].content)
    if number is None:
        return str(Markup("[{}]").format(tokens[at].content))
    return str(Markup('<sup><a href="#source-{}">[{}]</a></sup>').format(number, number))


def _table_open(_: Any, __: Any, ___: int, ____: Any, env: Any) -> str:
    env["tables"] += 1
    label = env["label"] if env["tables"] == 1 else f"{env['label']} ({env['tables']})"
    opened = Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>\n<caption class="hidden">{}</caption>\n'
    )
    return str(opened.format(label, label))


def _cell(tag: str) -> Callable[..., str]:
    def opened(_: Any, tokens: Any, at: int, __: Any, ___: Any) -> str:
        right = "right" in str(tokens[at].attrs.get("style", ""))
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{scope}{' class=n' if right else ''}>"

    return opened


def _link_open(_: Any, tokens: Any, at: int, __: Any, env: Any) -> str:
    address = env["link"](str(tokens[at].attrs["href"]))
    return str(Markup('<a href="{}">').format(address)) if address else "<span>"


def _link_close(_: Any, tokens: Any, at: int, __: Any, env: Any) -> str:
    start = at - 1
    while tokens[start].type != "link_open":  # links do not nest
        start -= 1
    return "</a>" if env["link"](str(tokens[start].attrs["href"])) else "</span>"


_RULES: dict[str, Callable[..., str]] = {
    "source": _reference,
    "table_open": _table_open,
    "table_close": lambda *_: "</table></div>\n",
    "th_open": _cell("th"),
    "td_open": _cell("td"),
    "blockquote_open": lambda *_: '<blockquote class="notice">\n',
    "link_open": _link_open,
    "link_close": _link_close,
}
_MARKDOWN = _markdown()
