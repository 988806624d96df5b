"""One Received header value -> who handed the message to whom, when and how (RFC 5321 section 4.4).

The forms of Postfix, Exim, Sendmail, qmail, Exchange and Outlook, Gmail, Zimbra and others differ in what stands in
the comment after `from`; all of them are read with one tokenizer in time linear in the length, which is bounded. Nearly
all lines have their clauses in one order: a pattern cuts these, and a clause that came before is not read again.
"""

import datetime
import re
import socket
from collections.abc import Sequence
from email.utils import parsedate_tz
from functools import lru_cache
from typing import NamedTuple

MAX_LENGTH = 4096
USUAL_LENGTH = 600
CACHED = 4096
_PIECE = re.compile(r"\([^()]*\)|[()]|[^\s()]+")  # a comment without another in it, a bracket, a word
_CLAUSES = frozenset(("from", "by", "via", "with", "id", "for"))


def _usual() -> "re.Pattern[str]":
    """The texts of from, by, via, with, id, for and a late via, in this order, in a body whose comments are all closed.

    Every part is possessive, so nothing is read twice. Words are printable ASCII; the rest is left to `_clauses`.
    """
    char, gap = "[!-'*-~]", r"[\t\r\n )]*+"
    end = f"(?!{char})"
    name = f"(?:[Bb][Yy]|[Ff][Oo][Rr]|[Ff][Rr][Oo][Mm]|[Ii][Dd]|[Vv][Ii][Aa]|[Ww][Ii][Tt][Hh]){end}"
    comment = r"\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)"
    word = f"[!-'*-AC-EGHJ-UX-ac-eghj-ux-~]{char}*+|(?!{name}){char}++"  # the first kind cannot be a name
    text = f"{gap}(?:(?:{word}|{comment}){gap})*+"
    via = f"[Vv][Ii][Aa]{end}({text})"
    before = f"(?:[Ff][Rr][Oo][Mm]{end}({text}))?+(?:[Bb][Yy]{end}({text}))?+(?:{via})?+"
    after = f"(?:[Ww][Ii][Tt][Hh]{end}({text}))?+(?:[Ii][Dd]{end}({text}))?+(?:[Ff][Oo][Rr]{end}({text}))?+"
    return re.compile(rf"{text}{before}{after}(?(3)|(?:{via})?+)\Z")


_USUAL = _usual()
_V4 = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:[:.]\d+)?$")
_DATE = re.compile(
    r"\s*(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]([A-Za-z]{3})[A-Za-z]*[\s-]\s*(\d{2,4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    r"(?:\.\d+)?\s*([+-]\d{4}\b|[A-Za-z]{1,5}\b)?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# RFC 5322 section 4.3; any other name counts as UTC.
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_PROTOCOLS = frozenset((
    "SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA", "UTF8SMTP", "UTF8SMTPS", "UTF8SMTPA", "UTF8SMTPSA", "LMTP",
    "LMTPS", "LMTPA", "LMTPSA", "BSMTP", "HTTP", "HTTPS", "HTTPREST", "MAPI", "LOCAL", "NNFMP", "MMS", "SMTPS",
    "UUCP",
))  # fmt: skip


class Received(NamedTuple):
    """One line of the trace. Empty where it says nothing.

    `name` is what stands after `from`, `helo` what the peer called itself, `rdns` its name found by the writer in the
    DNS, `ip` its address (as written, a v4 address is not checked), `by` the writer, `by_ip` its address, `at` in ms
    since 1970, 0 unknown.
    """

    name: str = ""
    helo: str = ""
    rdns: str = ""
    ip: str = ""
    by: str = ""
    by_ip: str = ""
    protocol: str = ""
    id: str = ""
    recipient: str = ""
    at: int = 0


def parse(value: str) -> Received:
    """Read one value, as much of it as makes sense; never raises."""
    body, _, date = value[:MAX_LENGTH].rpartition(";")
    at = parse_date(date)
    if not at and (not body or ")" in date):
        body = value[:MAX_LENGTH]  # no date: the semicolon belongs to a comment
    if "(" in (start := body[:16]) and start.lstrip()[:6].lower() == "(from ":
        body = body.replace("(", "", 1)  # the whole clause stands in brackets
    if len(body) <= USUAL_LENGTH and (usual := _USUAL.match(body)):
        source, writer, via, how, name, recipient, late = usual.groups("")
        peer, host, protocol = _read_peer(source), _read_writer(writer), _read_protocol(how, via or late)
        return Received(*peer, *host, protocol, _first(name), _first(recipient), at)
    words, comments = _clauses(body)
    return Received(
        *_peer(words.get("from", ()), comments.get("from", ())),
        *_writer(words.get("by", ()), comments.get("by", ())),
        _protocol(words.get("with") or words.get("via") or ()),
        _bare(words["id"][0]) if words.get("id") else "",
        _bare(words["for"][0]) if words.get("for") else "",
        at,
    )


@lru_cache(CACHED)
def _read_peer(text: str) -> tuple[str, str, str, str]:
    words, comments = _clauses(text)
    return _peer(words[""], comments[""])


@lru_cache(CACHED)
def _read_writer(text: str) -> tuple[str, str]:
    words, comments = _clauses(text)
    return _writer(words[""], comments[""])


@lru_cache(CACHED)
def _read_protocol(how: str, via: str) -> str:
    return _protocol(_clauses(how)[0][""] or _clauses(via)[0][""])


def _first(text: str) -> str:
    words = _clauses(text)[0][""] if "(" in text or ")" in text else text.split(None, 1)
    return _bare(words[0]) if words else ""


def _clauses(body: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Words and comment words (and where comments end) of each clause; the first clause of a name counts.

    What stands before the first clause is under "".
    """
    word: list[str] = []
    comment: list[str] = []
    words, comments = {"": word}, {"": comment}
    depth = 0
    for piece in _PIECE.findall(body):
        if piece[0] == "(":
            if len(piece) == 1:
                depth += 1
            else:
                comment += piece[1:-1].split()
                comment.append(")")
        elif piece == ")":
            if depth:
                depth -= 1
                comment.append(piece)
        elif depth:
            comment.append(piece)
        elif len(piece) <= 4 and (clause := piece.lower()) in _CLAUSES:
            word, comment = [], []
            if clause not in words:
                words[clause], comments[clause] = word, comment
        else:
            word.append(piece)
    return words, comments


def _writer(words: Sequence[str], comment: Sequence[str]) -> tuple[str, str]:
    """(name, address) of the by clause."""
    return _bare(words[0]) if words else "", _first_address(words[:1]) or _first_address(comment[:4])


def _peer(words: Sequence[str], comment: Sequence[str]) -> tuple[str, str, str, str]:
    """(name, helo, rdns, address) of the from clause: the address that the writer saw, else the one it was told."""
    name = literal = ip = helo = rdns = ""
    said = False
    for number, word in enumerate(words[:6]):
        address = _address(word)
        if address and (number or not literal):
            literal = address
        elif not name and not address:
            name = _bare(word)
    for word in (expected := iter(comment[:24])):
        if word == ")":
            if ip:
                break
            continue
        low = word.lower()
        if low in ("helo", "ehlo", "lhlo"):
            said, helo = True, _bare(next(expected, "")).strip(")")
        elif low.startswith("helo="):
            said, helo = True, _bare(word[5:])
        elif not ip and (address := _address(word)):
            ip = address
            rdns = rdns or _host(word.partition("[")[0])
        elif not rdns and not ip:
            rdns = _host(word)
    if said:
        rdns = _host(name)
    else:
        helo = name
    return name, helo, rdns, ip or literal


def _first_address(words: Sequence[str]) -> str:
    for word in words:
        if address := _address(word):
            return address
    return ""


def _bare(word: str) -> str:
    return word.strip("<>[],;\"'")


def _host(word: str) -> str:
    """`word` when it can be the name of a host with a domain, without what a user or the final dot adds; else ""."""
    host = word.rpartition("@")[2].rstrip(".,")
    if "." not in host or len(host) > 255 or not host.replace("-", "").replace(".", "").replace("_", "").isalnum():
        return ""
    return host if not host.rpartition(".")[2].isdigit() else ""


def _address(word: str) -> str:
    """The address in `word`: 192.0.2.1, [192.0.2.1]:25, host[192.0.2.1], u@192.0.2.1, [IPv6:2001:db8::1%6]; or ""."""
    if "." not in word and ":" not in word:
        return ""
    left = word.find("[")
    if left >= 0:
        word = word[left + 1 :].lstrip("[").partition("]")[0]
    elif "@" in word:
        word = word.rpartition("@")[2]
    word = word.strip("[],;")
    if found := _V4.match(word):
        return found[1]
    if word.count(":") < 2:
        return ""
    if word[:5].lower() == "ipv6:":
        word = word[5:]
    word = word.partition("%")[0]
    try:
        packed = socket.inet_pton(socket.AF_INET6, word)
    except (OSError, ValueError):
        return ""
    if packed[:12] == b"\0\0\0\0\0\0\0\0\0\0\xff\xff":
        return socket.inet_ntoa(packed[12:])
    return word.lower()


def _protocol(words: Sequence[str]) -> str:
    """Transmission type (RFC 3848), upper case; "" when none of the words is one."""
    for word in words[:8]:
        name = word.strip("[],;").upper().partition("/")[0]
        if name.startswith("LOCAL-"):
            name = name[6:]
        if name.startswith("SMTPSVC"):
            name = "SMTP"
        if name in _PROTOCOLS:
            return name
    return ""


def parse_date(text: str) -> int:
    """Milliseconds since 1970 of a date in the forms of RFC 5322 (and asctime); 0 when it is none."""
    if (found := _DATE.match(text)) is None:
        return _odd_date(text)
    day, month, year, hour, minute, second, zone = found.groups("")
    seconds = int(second) if second else 0
    if (start := _day(day, month, year)) is None or int(hour) > 23 or int(minute) > 59 or seconds > 60:
        return 0
    return (start + int(hour) * 3600 + int(minute) * 60 + seconds - _offset(zone)) * 1000


@lru_cache(CACHED)
def _day(day: str, month: str, year: str) -> int | None:
    """Seconds from 1970 to the start of a day; None when there is no such day."""
    number = int(year)
    if len(year) < 4:  # RFC 5322 section 4.3
        number += 2000 if number < 50 else 1900
    try:
        return (datetime.date(number, _MONTHS[month.lower()], int(day)).toordinal() - _EPOCH) * 86400
    except (KeyError, ValueError):
        return None


@lru_cache(CACHED)
def _offset(zone: str) -> int:
    if not zone.startswith(("+", "-")):
        return _ZONES.get(zone.lower(), 0) * 3600
    seconds = int(zone[1:3]) * 3600 + int(zone[3:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _odd_date(text: str) -> int:
    try:
        parts = parsedate_tz(text[:80].strip())
        if parts is None:
            return 0
        moment = datetime.datetime(*parts[:6], tzinfo=datetime.UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return 0
    return max(0, int(moment.timestamp()) - (parts[9] or 0)) * 1000
