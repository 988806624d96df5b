"""Expressions of definitions: a small, bounded part of the Common Expression Language, with three answers.

What may be written is decided here, before the text reaches the evaluator: names of facts, literals, comparisons, `in`, logic,
arithmetic and three text functions. There are no loops, macros, functions of users or regular expressions, and length, nesting
and number of operators are bounded, so evaluation takes microseconds whatever is written. (The evaluator keeps its tree on the
stack: a thousand additions in a row end the process where stacks are small. 120 need less than 128 KB.)

Three answers come from the evaluator's own rules. A fact that is not known is not defined, so that using it is an error; `&&`
and `||` let an error pass unless the other side decides alone (`false && error` is false, `true || error` is true), which is
Kleene's logic of three values. An error that reaches the top is the answer "unknown". Source: CEL language definition,
logical operators; S. C. Kleene, Introduction to Metamathematics (1952), section 64.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import cel

from counterspam.errors import CounterspamError
from counterspam.policy.definitions.facts import FACTS, NUMBER, TEXT, TRUTH, UNKNOWN, Fact, Facts, Value

MOST_CHARACTERS = 2000
MOST_OPERATORS = 120
MOST_NESTED = 12
YES, NO = "yes", "no"
NO_TRUTH = "the result is neither true nor false"
METHODS = ("startsWith", "endsWith", "contains")
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"\\\n]{0,100}"|'[^'\\\n]{0,100}')|(?P<number>\d{1,15}(?:\.\d{1,15})?(?![\w.]))"""
    r"""|(?P<name>[A-Za-z_]\w{0,40})|(?P<op>&&|\|\||==|!=|<=|>=|[-<>!+*/%()\[\],.]))"""
)
_EQUAL, _ORDER = ("==", "!="), ("<", "<=", ">", ">=")
_COMPARING = (*_EQUAL, *_ORDER)
_OPERATORS = frozenset((*_EQUAL, *_ORDER, "&&", "||", "!", "+", "-", "*", "/", "%", "in", ","))
_PLACE = re.compile(r"<input>:(\d+):(\d+)")


class Wrong(CounterspamError):
    """An expression that cannot be used: a `code`, the `place` in it (from 0), and what the sentence about it names."""

    def __init__(self, code: str, place: int = 0, **given: Any) -> None:
        super().__init__(f"{code} at character {place + 1}: {', '.join(map(str, given.values()))}".rstrip(": "))
        self.code, self.place, self.given = code, place, given


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: string, number, name or op, its text and where it begins."""

    kind: str
    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` is yes, no or unknown; `missing` the facts that are asked for and not known, `failed` why it broke, if it did."""

    value: str
    missing: tuple[str, ...] = ()
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: the facts that it asks for, and the parts that must all be met (itself, where it has none).

    `steps` says of each number that it asks for with which numbers it is compared, so that all numbers between two of them
    have the same answer; None where more is done with it than that.
    """

    text: str
    names: tuple[str, ...]
    program: Any = field(repr=False, compare=False)
    parts: tuple["Expression", ...] = ()
    steps: Mapping[str, tuple[float, ...] | None] = field(default_factory=dict)

    def decide(self, facts: Facts) -> str:
        """yes, no or unknown over what is known. Never raises: what breaks is unknown."""
        return self._run(facts)[0]

    def answer(self, facts: Facts) -> Answer:
        """The same with its reasons: which facts are missing in the parts that nobody can decide."""
        value, failed = self._run(facts)
        if value != UNKNOWN:
            return Answer(value)
        open_parts = [part for part in self.parts or (self,) if part.decide(facts) == UNKNOWN]
        missing = [name for part in open_parts for name in part.names if name not in facts]
        return Answer(value, tuple(dict.fromkeys(missing)), "" if missing else failed)

    def _run(self, facts: Facts) -> tuple[str, str]:
        try:
            found = self.program.execute({name: facts[name] for name in self.names if name in facts})
        except BaseException as error:  # the evaluator's own faults are no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                raise
            return UNKNOWN, f"{type(error).__name__}: {error}"[:200]
        if found is True or found is False:
            return (YES if found else NO), ""
        return UNKNOWN, NO_TRUTH


def read(text: str) -> Expression:
    """A checked and compiled expression. Raises Wrong."""
    tokens = tuple(_tokens(text))
    _check_names(tokens)
    _check_bounds(tokens)
    for index in range(len(tokens)):
        _check_comparison(tokens, index)
    made = _compiled(text, tokens)
    if not made.names:
        raise Wrong("constant")
    _probe(made)
    return made


def _tokens(text: str) -> Iterator[Token]:
    if len(text) > MOST_CHARACTERS:
        raise Wrong("too-long", MOST_CHARACTERS, most=MOST_CHARACTERS)
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise Wrong("character", place, text=text[place : place + 1])
        kind = str(found.lastgroup)
        yield Token(kind, found.group(kind), found.start(kind))
        at = found.end()
    if not text.strip():
        raise Wrong("empty")


def _check_names(tokens: tuple[Token, ...]) -> None:
    """Every name is a fact, a truth value, `in`, or a text function of a fact."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        if token.text == ".":
            known = FACTS.get(before)
            if known is None or known.kind != TEXT:
                raise Wrong("syntax", token.place, text=token.text)
        elif token.kind == "name" and before == ".":
            if token.text not in METHODS:
                raise Wrong("function", token.place, text=token.text, known=", ".join(METHODS))
        elif token.kind == "name" and token.text not in ("true", "false", "in") and token.text not in FACTS:
            raise Wrong("name", token.place, text=token.text)
        elif (
            token.text == "("
            and index
            and tokens[index - 1].kind == "name"
            and before != "in"
            and not _method(tokens, index)
        ):
            raise Wrong("function", tokens[index - 1].place, text=before, known=", ".join(METHODS))


def _method(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a bracket opens the call of a function of a fact."""
    return index >= 2 and tokens[index - 2].text == "."


def _check_bounds(tokens: tuple[Token, ...]) -> None:
    depth = operators = 0
    for token in tokens:
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        operators += token.kind != "string" and token.text in _OPERATORS
        if depth > MOST_NESTED:
            raise Wrong("too-deep", token.place, most=MOST_NESTED)
        if operators > MOST_OPERATORS:
            raise Wrong("too-many", token.place, most=MOST_OPERATORS)


def _check_comparison(tokens: tuple[Token, ...], index: int) -> None:
    """A fact beside a literal: of its kind, and one of its values, so that a slip of the pen is no silent "no"."""
    fact = FACTS.get(tokens[index].text) if tokens[index].kind == "name" else None
    if fact is None or (index and tokens[index - 1].text == "."):
        return
    for sign, other in ((index + 1, index + 2), (index - 1, index - 2)):
        if 0 <= other < len(tokens) and sign >= 0 and tokens[sign].text in (*_EQUAL, *_ORDER):
            _check_literal(fact, tokens[other])
            if fact.kind != NUMBER and tokens[sign].text in _ORDER:
                raise Wrong("order", tokens[sign].place, name=fact.name)
    if [token.text for token in tokens[index + 1 : index + 3]] == ["in", "["]:
        for token in tokens[index + 3 :]:
            if token.text == "]":
                break
            _check_literal(fact, token)


def _check_literal(fact: Fact, token: Token) -> None:
    kind = {"string": TEXT, "number": NUMBER}.get(token.kind, TRUTH if token.text in ("true", "false") else "")
    if kind and kind != fact.kind:
        raise Wrong("kind", token.place, name=fact.name, kind=fact.kind)
    if kind == TEXT and fact.values and token.text[1:-1] not in fact.values:
        raise Wrong("value", token.place, name=fact.name, text=token.text[1:-1], known=", ".join(fact.values))


def _compiled(text: str, tokens: tuple[Token, ...]) -> Expression:
    names = tuple(dict.fromkeys(token.text for token in tokens if token.kind == "name" and token.text in FACTS))
    pieces = list(_conjuncts(text, tokens))
    parts = tuple(_compiled(piece, tuple(_tokens(piece))) for piece in pieces) if len(pieces) > 1 else ()
    return Expression(text, names, _program(text), parts, _steps(tokens))


def _steps(tokens: tuple[Token, ...]) -> dict[str, tuple[float, ...] | None]:
    """Each number fact with the literals that it is compared with, None where it stands in any other place."""
    found: dict[str, tuple[float, ...] | None] = {}
    texts = ["", "", "", *(token.text for token in tokens), "", "", ""]
    for place, token in enumerate(tokens, 3):
        fact = FACTS.get(token.text)
        if token.kind != "name" or fact is None or fact.kind != NUMBER:
            continue
        before, after = texts[place - 2 : place], texts[place + 1 : place + 3]
        literal = None
        if (
            after[0] in _COMPARING
            and after[1][:1].isdigit()
            and not _counts(before[1])
            and not _counts(texts[place + 3])
        ):
            literal = float(after[1])
        elif (
            before[1] in _COMPARING
            and before[0][:1].isdigit()
            and not _counts(after[0])
            and not _counts(texts[place - 3])
        ):
            literal = float(before[0])
        known = found.get(token.text, ())
        found[token.text] = None if literal is None or known is None else (*known, literal)
    return found


def _counts(sign: str) -> bool:
    return sign in ("+", "-", "*", "/", "%", *_COMPARING)


def _conjuncts(text: str, tokens: tuple[Token, ...]) -> Iterator[str]:
    """The parts between the outermost `&&`; nothing where an outermost `||` binds them together, or a bracket is missing."""
    depth, start, cuts = 0, 0, []
    for token in tokens:
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.kind == "op" and depth == 0 and token.text in ("&&", "||"):
            if token.text == "||":
                return
            cuts.append((start, token.place))
            start = token.place + 2
    pieces = [text[begin:end].strip() for begin, end in (*cuts, (start, len(text)))]
    if depth == 0 and all(pieces):
        yield from pieces


def _program(text: str) -> Any:
    try:
        return cel.compile(text)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        found = _PLACE.search(str(error))
        place = 0
        if found:
            lines = text.splitlines(keepends=True)
            place = sum(map(len, lines[: int(found[1]) - 1])) + int(found[2]) - 1
        place = max(0, min(place, len(text)))
        raise Wrong("syntax", place, text=text[place : place + 20].strip() or "…") from None


def _sample(place: int, truth: bool, number: int) -> Facts:
    """Every fact with a value that it can have."""
    found: dict[str, Value] = {}
    for name, fact in FACTS.items():
        values = fact.values or ("en",)
        found[name] = truth if fact.kind == TRUTH else number if fact.kind == NUMBER else values[place % len(values)]
    return found | {"probability": 0.25 if truth else 0.75}


SAMPLES = tuple(_sample(place, place % 2 == 0, (1, 50, 1_000, 50_000)[place % 4]) for place in range(36))


def _probe(made: Expression) -> None:
    """Refuse what gives no truth value, or does not fit together, where every fact is known."""
    for facts in SAMPLES:
        answer = made.answer(facts)
        if answer.failed.startswith(("ZeroDivisionError", "OverflowError")):
            continue
        if answer.failed == NO_TRUTH:
            raise Wrong("no-truth")
        if answer.failed:
            raise Wrong("types", 0, text=answer.failed.partition(".")[0][:120])
