"""A mail message taken apart into header fields and parts (RFC 5322, RFC 2045-2047).

Whatever has a header block is read: broken MIME, foreign bytes, unknown charsets and hostile nesting only add a word to
`Mail.defects`. The parts come from fast-mail-parser; the header block is read here, because addresses must be found before
encoded words are decoded and because the library keeps decoded values only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fast_mail_parser import ParseError, PyMimePart, parse_email_tree

from counterspam.decode.charset import decode_base64, decode_text, decode_words
from counterspam.decode.record import MAX_DEPTH, MAX_PARTS, MAX_TEXT
from counterspam.errors import DecodeError, Reason

MAX_HEADER = 256 * 1024
MAX_BOUNDARIES = 5 * MAX_PARTS

DEFECTS = {
    "bad-base64": "a part is not valid base64; what could be decoded was",
    "indented-header": "the header of a part starts with a space",
    "no-boundary": "a multipart body without its parts; its source was taken as text",
    "too-deep": f"parts nested more than {MAX_DEPTH} deep; the deeper ones were left out",
    "too-many-parts": f"more than {MAX_PARTS} parts; the later ones were left out",
    "text-cut": f"text or HTML of more than {MAX_TEXT} characters was cut",
    "unreadable": "the structure could not be read; the body was taken as text",
}

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:>?From [^\n]*+\n)*+(?=[!-9;-~]{1,76}[ \t]*:)")
# What a program wrote before the message it passed on: at most five lines, then three fields in a row.
_AFTER_LINES = re.compile(
    rb"(?:[^\n]{0,500}\n){1,5}?(?=(?:[!-9;-~]{1,76}:[ \t][^\n]*+(?:\n[ \t][^\n]*+)*+\n){2}[!-9;-~]{1,76}:[ \t])"
)
_BLANK = re.compile(rb"\n\r?\n")
_FIELD = re.compile(r"^([!-9;-~]++)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.M)
_BASE64 = re.compile(rb"^(content-transfer-encoding[ \t]*:\s*)\"?base64", re.I | re.M)
_INDENTED = re.compile(rb"(\n--[^\n]*\n)[ \t]+")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';]{1,40})""", re.I)


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the MIME tree. `type` is lower case, `content` decoded from its transfer encoding."""

    type: str
    charset: str
    name: str
    disposition: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A message taken apart. `headers`: lower-case name -> unfolded values in order, encoded words still encoded."""

    headers: dict[str, list[str]]
    parts: tuple[Part, ...]
    defects: tuple[str, ...]

    def first(self, name: str) -> str:
        """First value of a field, decoded; "" when the message has none."""
        values = self.headers.get(name)
        return decode_words(values[0]) if values else ""


def header_start(data: bytes) -> int:
    """Where the header block begins, after a byte order mark, an mbox line and a few foreign lines; -1 when there is none."""
    found = _START.match(data) or _AFTER_LINES.match(data)
    return found.end() if found else -1


def read_headers(data: bytes) -> dict[str, list[str]]:
    """The header block at the start of `data`: lower-case name -> unfolded values, in order."""
    end = _BLANK.search(data, 0, MAX_HEADER)
    block = data[: end.start() if end else MAX_HEADER].replace(b"\r\n", b"\n")
    text = decode_text(block, "utf-8")
    if "\ufffd" in text and (charset := _CHARSET.search(text)):  # unencoded 8-bit names and subjects
        text = decode_text(block, charset[1])
    headers: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(text):
        headers.setdefault(name.lower(), []).append(" ".join(value.split()))
    return headers


def read_mail(data: bytes) -> Mail:
    """Header fields and parts. Raises DecodeError when `data` has no header block."""
    start = header_start(data)
    if start < 0:
        raise DecodeError(Reason.BAD_SYNTAX, f"no header field at the start: {data[:40]!r}")
    data = data[start:]
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    headers = read_headers(data)
    defects: list[str] = []
    parts = tuple(_parts(data, headers, defects))
    return Mail(headers, parts, tuple(dict.fromkeys(defects)))


def _parts(data: bytes, headers: dict[str, list[str]], defects: list[str]) -> Iterator[Part]:
    data = _within_boundaries(data, defects)
    root = _parse(data)
    if root is None:
        # The library refuses a whole message for one bad base64 part: have it pass base64 through, and decode it here.
        data, defect = _BASE64.sub(rb"\1x-base64", data), "bad-base64"
        root = _parse(data)
        if root is None:
            data, defect = _INDENTED.sub(rb"\1", data), "indented-header"
            root = _parse(data)
        headers = read_headers(data)
        defects.append(defect if root else "unreadable")
    if root is None:
        end = _BLANK.search(data)
        yield Part("text/plain", "", "", "", data[end.end() :][:MAX_TEXT] if end else b"")
        return
    if not root.children and root.content is not None:
        yield _leaf(root, headers, root.content)
    else:
        yield from _leaves(root, data, defects)


def _within_boundaries(data: bytes, defects: list[str]) -> bytes:
    """`data` cut where it holds more lines that could be boundaries than any honest message has."""
    if len(data) < 4 * MAX_BOUNDARIES or data.count(b"\n--") <= MAX_BOUNDARIES or b"multipart/" not in data.lower():
        return data
    place = 0
    for _ in range(MAX_BOUNDARIES):
        place = data.find(b"\n--", place + 3)
    defects.append("too-many-parts")
    return data[:place]


def _parse(data: bytes) -> PyMimePart | None:
    try:
        return parse_email_tree(data)
    except ParseError:
        return None


def _leaves(root: PyMimePart, data: bytes, defects: list[str]) -> Iterator[Part]:
    """The leaves in order. An embedded message is one leaf: its own parts are not those of this message."""
    stack, count = [(root, 1)], 0
    while stack:
        part, depth = stack.pop()
        if depth > MAX_DEPTH:
            defects.append("too-deep")
            continue
        children = () if part.is_message else part.children
        if children:
            stack.extend((child, depth + 1) for child in reversed(children))
            continue
        count += 1
        if count > MAX_PARTS:
            defects.append("too-many-parts")
            return
        if part.content is not None:
            yield _leaf(part, {name.lower(): values for name, values in part.headers.items()}, part.content)
        elif part is root:
            defects.append("no-boundary")
            end = _BLANK.search(data)
            yield Part("text/plain", "", "", "", data[end.end() :] if end else b"")


def _leaf(part: PyMimePart, headers: dict[str, list[str]], content: bytes) -> Part:
    charset = _CHARSET.search(headers["content-type"][0]) if "content-type" in headers else None
    if headers.get("content-transfer-encoding", ("",))[0].lower() == "x-base64":
        content = decode_base64(content)
    return Part(
        part.content_type.lower().replace("\0", ""),
        charset[1] if charset else "",
        decode_words((part.filename or "").replace("\0", ""))[:255],
        (part.disposition or "").lower().replace("\0", ""),
        content,
    )
