"""Verdicts as header fields of the message, and messages whose old ones are taken out, so that no sender can forge them.

Fields: X-Spam-Flag, X-Spam-Score, X-Spam-Level and X-Spam-Status as mail programs know them, X-Counterspam with the verdict
as `name=value; ...`, X-Counterspam-Reason with its reasons in one sentence.
"""

import re
from email.header import Header

from counterspam.config import Config
from counterspam.model import Verdict
from counterspam.respond.score import REQUIRED, score, symbols

MAX_REASON = 700  # characters
MAX_TESTS = 30
MAX_LEVEL = 15
LINE = 76  # characters; RFC 5322 section 2.1.1 wants 78 at most
LONGEST = 50  # characters of a word that is not encoded
REASON = "X-Counterspam-Reason"
MAX_BLOCK = 1024 * 1024  # bytes of a header block that are looked through
_FORGED = re.compile(r"x-(?:spam|counterspam)(?:-|$)", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_TOKEN = re.compile(r"[^A-Za-z0-9._+-]+")
_BARE_CR = re.compile(rb"\r(?!\n)")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")

Fields = list[tuple[str, str]]


def is_ours(name: str) -> bool:
    """Whether a field of this name says what a filter thinks, so that a message from outside must not bring it."""
    return _FORGED.match(name.strip()) is not None


def fields(verdict: Verdict, config: Config) -> Fields:
    """Names and values, unfolded: printable ASCII (RFC 2047 where it was not), each shorter than 998 characters or
    with blanks to fold at."""
    points = score(verdict, config)
    tests = [name for name in symbols(verdict, config) if name != "CS_BASE"][:MAX_TESTS]
    yes = "Yes" if verdict.spam else "No"
    said = {
        "probability": f"{verdict.probability:.3f}",
        "type": verdict.content_type.value,
        "nature": verdict.nature.value,
        "payload": verdict.payload.value,
        "technique": verdict.technique.value,
        "ai": "" if verdict.ai_score is None else f"{verdict.ai_score:.2f}",
        "model": verdict.model,
    }
    return [
        ("X-Spam-Flag", yes.upper()),
        ("X-Spam-Score", f"{points:.2f}"),
        ("X-Spam-Level", "*" * max(0, min(MAX_LEVEL, int(points)))),
        ("X-Spam-Status", f"{yes}, score={points:.2f} required={REQUIRED:.2f} tests={', '.join(tests) or 'none'}"),
        ("X-Counterspam", "; ".join(f"{name}={token(value)}" for name, value in said.items() if value)),
        (REASON, phrase(verdict.summary)),
    ]


def token(value: str) -> str:
    """`value` without anything that ends a token."""
    return _TOKEN.sub("-", value)[:60]


def one_line(text: str) -> str:
    """Free text without control characters."""
    return " ".join(_UNFIT.sub(" ", text).split())


def phrase(text: str) -> str:
    """Free text as the value of REASON: no control characters, bounded; encoded words where it is not plain ASCII."""
    plain = one_line(text)
    plain = plain if len(plain) <= MAX_REASON else plain[: MAX_REASON - 3] + "..."
    if plain.isascii() and "=?" not in plain and all(len(word) <= LONGEST for word in plain.split(" ")):
        return plain
    return " ".join(Header(plain, "utf-8", LINE, REASON).encode(linesep="").split())


def folded(name: str, value: str, end: str = "\r\n") -> str:
    """A field in lines of at most 78 characters where it has blanks to break at (RFC 5322 section 2.2.3), with its end."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > LINE and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = f"\t{word}"
        else:
            line = f"{line} {word}"
    return end.join([*lines, line]) + end


def names(data: bytes) -> list[str]:
    """Names of the fields of a message, as written, in order."""
    return [name for _, _, name in _blocks(data) if name]


def marked(data: bytes, verdict: Verdict | None, config: Config | None) -> bytes:
    """The message with the verdict on top and without fields that claim one; the line ends are the message's own.

    Without a verdict the claims are taken out all the same. An mbox separator ("From ") stays the first line.
    """
    *head, (rest, _, _) = _blocks(data)
    # A CR of its own is not allowed in a field (RFC 5322 section 2.2), and a line end to some programs.
    pieces = [_BARE_CR.sub(b" ", data[start:stop]) for start, stop, name in head if not is_ours(name)]
    end = "\r\n" if b"\r\n" in data[:2000] else "\n"
    said = fields(verdict, config) if verdict and config else []
    top = "".join(folded(name, value, end) for name, value in said)
    first = pieces.pop(0) if pieces and re.match(rb">?From ", pieces[0]) else b""
    return b"".join((first, top.encode("ascii"), *pieces, data[rest:]))


def _blocks(data: bytes) -> list[tuple[int, int, str]]:
    """Start and end of every field with its name, then of what is left of the message, named "".

    A line that is no field does not end the block, for there are programs that read on behind it.
    """
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < min(len(data), MAX_BLOCK):
        stop = data.find(b"\n", at) + 1 or len(data)
        line = data[at:stop]
        if not line.strip(b"\r\n"):
            break
        if found and line[:1] in (b" ", b"\t"):
            found[-1] = (found[-1][0], stop, found[-1][2])
        else:
            match = _FIELD.match(line)
            found.append((at, stop, match[1].decode("ascii") if match else ""))
        at = stop
    return [*found, (at, len(data), "")]
