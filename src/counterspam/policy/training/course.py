"""A module as pages that need no node: lessons, sources and quiz in one HTML file, with a script beside it.

They stand in SCORM packages and in the offline package, and open from a folder too. Everything that is drawn or said comes from
the caller: figures, the words around the text in the language of the module, the style sheet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from counterspam.policy.training import markup, quiz
from counterspam.policy.training.markup import Block, Lesson, Link
from counterspam.policy.training.module import Module, in_order
from counterspam.policy.training.quiz import Item

STYLE, SCRIPT = "site.css", "course.js"
Figure = Callable[[str, str], Markup]  # name and caption -> what is shown


@dataclass(frozen=True)
class Given:
    """What pages outside a node are made with.

    `words` are the sentences of the pages by name (see pages/*.html and course.js), `audiences` the names of the audiences;
    `figure` draws a figure, `link` gives the full address of a page of the node, `css` is the style sheet.
    """

    words: Mapping[str, str]
    audiences: Mapping[str, str]
    figure: Figure
    link: Link
    css: bytes
    direction: str = "ltr"
    pass_mark: float = quiz.PASS_MARK


@dataclass(frozen=True)
class Written:
    """A lesson as HTML; `blocks` are its stretches with the audiences that each is for, () all."""

    id: str
    title: str
    blocks: tuple[tuple[tuple[str, ...], Markup], ...]


def written(module: Module, audience: str, figure: Figure, link: Link) -> list[Written]:
    """The lessons of a module for an audience ("" all) as HTML."""
    found = []
    for i, lesson in enumerate(module.parts(audience), 1):
        blocks = tuple(
            (_marked(block, audience), _block(block, lesson, module, figure, link)) for block in lesson.blocks
        )
        found.append(Written(f"lesson-{i}", lesson.title, blocks))
    return found


def _marked(block: Block, audience: str) -> tuple[str, ...]:
    """The audiences that a stretch is marked as being for; none where only they read the page."""
    return () if audience else tuple(in_order(block.audiences))


def _block(block: Block, lesson: Lesson, module: Module, figure: Figure, link: Link) -> Markup:
    if block.figure:
        return figure(block.figure, block.text)
    return markup.html(block.text, module.numbers, lesson.title or module.title, link)


def page(
    module: Module, items: Sequence[Item], audience: str, given: Given, *, index: str = "", quiz_lang: str = ""
) -> bytes:
    """The page of one module. `index` is the name of the list of modules beside it, "" for none."""
    known = quiz.bank(items, audience)
    shown = {
        "module": module,
        "lessons": written(module, audience, given.figure, given.link),
        "audience": audience,
        "quiz": _script(questions(known, module)) if known else "",
        "quiz_lang": quiz_lang or module.lang,
        "words_json": _script(dict(given.words)),
        "settings": _script({"passMark": given.pass_mark, "fewest": quiz.FEWEST, "most": quiz.MOST}),
        "index": index,
    }
    return _render("module.html", given, shown)


def index(modules: Sequence[tuple[Module, str]], lang: str, given: Given) -> bytes:
    """The list of modules, each with the name of its file."""
    return _render("index.html", given, {"modules": modules, "lang": lang})


def questions(items: Sequence[Item], module: Module) -> list[dict[str, Any]]:
    """The bank as data for the script of the page."""
    numbers = module.numbers
    return [
        {**item.model_dump(mode="json", exclude={"audiences"}), "source": numbers.get(item.source, 0)} for item in items
    ]


def script() -> bytes:
    """The script of these pages."""
    return (files(__package__) / "pages" / SCRIPT).read_bytes()


def _script(data: Any) -> Markup:
    """JSON as the text of a script element: no `<` that could end it."""
    return Markup(orjson.dumps(data).decode().replace("<", "\\u003c"))  # noqa: S704 - no < is left


def _render(name: str, given: Given, shown: Mapping[str, Any]) -> bytes:
    fixed = {"words": given.words, "audiences": given.audiences, "direction": given.direction}
    return _templates().get_template(name).render({**fixed, **shown}).encode()


@cache
def _templates() -> Environment:
    def source(name: str) -> str:
        return (files(__package__) / "pages" / name).read_text(encoding="utf-8")

    return Environment(
        loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
