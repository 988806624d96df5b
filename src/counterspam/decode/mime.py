"""The Evidence fields that a mail message gives: alone, in a report, in an archive, always the same for the same message."""

import hashlib
import re
from collections import Counter
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache
from typing import Any

from counterspam.decode.address import addresses, normal_domain, sender
from counterspam.decode.authres import authentication
from counterspam.decode.charset import decode_text, decode_words
from counterspam.decode.html_text import html_urls, read_html
from counterspam.decode.mime_tree import DEFECTS, Mail, Part, header_start, read_headers, read_mail
from counterspam.decode.record import MAX_TEXT
from counterspam.decode.times import of_mail
from counterspam.model import Attachment
from counterspam.taxonomy import SenderKind

__all__ = [
    "DEFECTS",
    "DERIVED",
    "KEPT",
    "Mail",
    "Part",
    "header_start",
    "mail_fields",
    "message_fields",
    "milliseconds",
    "read_headers",
    "read_mail",
]

MAX_VALUE = 1000
MAX_RECEIVED = 50
MAX_ATTACHMENTS = 100
MAX_STUB = 200  # characters of a text part that may be no more than a note beside the HTML

# Header fields that `Evidence.headers` carries when the message has them: first value, decoded, at most 1,000 characters.
KEPT = (
    "auto-submitted",
    "content-transfer-encoding",
    "content-type",
    "date",
    "feedback-id",
    "in-reply-to",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "precedence",
    "reply-to",
    "return-path",
    "sender",
    "user-agent",
    "x-mailer",
    "x-originating-ip",
    "x-php-originating-script",
    "x-priority",
)
# Derived, under names that no header field has. Counts are decimal numbers, lists are separated by one space.
DERIVED = {
    "to-count": "addresses in To and Cc",
    "from-count": "addresses in From",
    "received-count": "Received fields",
    "dkim-domain": "domains (d=) of the DKIM signatures, newest first",
    "repeated": "fields that must stand once (RFC 5322 section 3.6) and stand more often",
    "parts": "media types of the first 20 parts, in order",
    "hidden-text": "words that a reader does not see, then how they are hidden, the most first: ways of html_hidden.WAYS, or"
    " `plain-part` for a plain part that says something else than the HTML that is shown",
    "picture-text": "words that were read in pictures; they stand behind the text (setting `ocr`)",
    "defects": "what was wrong with the message: the words of DEFECTS",
}
# Fields that name the recipient or the time; nothing is learned from them.
_UNREAD = frozenset(
    ("bcc", "cc", "date", "delivered-to", "envelope-to", "to", "x-delivered-to", "x-envelope-to", "x-original-to")
)
# Verdicts of other filters, and of this one: whoever writes the mail can write them too.
_VERDICTS = ("x-bogosity", "x-counterspam", "x-mailscanner", "x-rspam", "x-spam")
MAX_HEAD = 3000
_ONCE = ("from", "sender", "reply-to", "to", "cc", "message-id", "subject", "date")
_LONGER = re.compile(r"[^\W\d_]{4,}")
_DKIM_DOMAIN = re.compile(r"(?:^|;)\s*d\s*=\s*([^\s;]+)")


def message_fields(data: bytes) -> dict[str, Any]:
    """The Evidence fields of a message: alone, in a report, in an archive, always the same for the same message.

    sender_raw, sender, sender_kind, subject, text, html, urls, attachments, auth, received, headers, observed_at.
    Raises DecodeError when `data` has no header block.
    """
    return mail_fields(read_mail(data))


def mail_fields(mail: Mail) -> dict[str, Any]:
    """The Evidence fields of a message that is already taken apart; see `message_fields`."""
    defects = list(mail.defects)
    text, source, hidden = bodies(mail.parts, defects)
    headers = mail.headers
    raw, address, kind = "", "", SenderKind.UNKNOWN
    for name in ("from", "sender", "return-path"):
        for value in headers.get(name, ()):
            if not address:
                given, address, kind = sender(value[:10_000])
                raw = raw or given
    received = tuple(value[:4000] for value in headers.get("received", ())[:MAX_RECEIVED])
    return {
        "sender_raw": raw,
        "sender": address,
        "sender_kind": kind,
        "subject": " ".join(mail.first("subject").split())[:2000],
        "text": text,
        "html": source,
        "urls": tuple(html_urls(source)) if source else (),
        "attachments": tuple(_attachment(part) for part in mail.parts if not _is_body(part))[:MAX_ATTACHMENTS],
        "auth": authentication(headers),
        "received": received,
        "headers": _kept(mail, defects, hidden),
        "head": _head(mail),
        "observed_at": _observed(received, mail.first("date")),
    }


def _head(mail: Mail) -> str:
    """The header block as one field per line: encoded words as they are, no recipients, times or verdicts, 3,000 characters."""
    lines, size = [], 0
    for name, values in mail.headers.items():
        if name in _UNREAD or name.startswith(_VERDICTS):
            continue
        for value in values[:MAX_RECEIVED]:
            line = f"{name}: {value.partition(';')[0] if name == 'received' else value}"
            lines.append(line)
            size += len(line) + 1
            if size > MAX_HEAD:
                return "\n".join(lines)[:MAX_HEAD]
    return "\n".join(lines)


def _is_body(part: Part) -> bool:
    return part.type in ("text/plain", "text/html") and part.disposition != "attachment"


def bodies(parts: tuple[Part, ...], defects: list[str]) -> tuple[str, str, Counter[str]]:
    """(text, HTML source, hidden words by how they are hidden) of the parts that a reader is shown.

    The text is made from the HTML where there is none, or only a line that tells the reader to look at the HTML, or one that
    has little in common with the HTML: mail readers show the HTML.
    """
    plain: list[str] = []
    source: list[str] = []
    for part in parts:
        if _is_body(part):
            content = part.content
            if len(content) > 4 * MAX_TEXT:
                content = content[: 4 * MAX_TEXT]
            (plain if part.type == "text/plain" else source).append(decode_text(content, part.charset))
    if not any(map(str.strip, (*plain, *source))):
        plain += _passed_on(parts)
    html = "\n".join(source)
    text = "\n".join(plain).replace("\r\n", "\n").strip() if plain else ""
    if len(html) > MAX_TEXT or len(text) > MAX_TEXT:
        defects.append("text-cut")
        html, text = html[:MAX_TEXT], text[:MAX_TEXT]
    hidden = Counter[str]()
    if html:
        shown, hidden = read_html(html)
        if len(text) < MAX_STUB:
            text = shown if len(shown) > 4 * len(text) else text
        elif len(shown) >= MAX_STUB and len(parts) < 10 and _says_else(text, shown):
            hidden["plain-part"] = len(text.split())
            text = shown
    return text, html, hidden


def _passed_on(parts: tuple[Part, ...]) -> list[str]:
    """The text of the first attached message, for a message without any of its own: readers show it in its place."""
    for part in parts:
        if part.type == "message/rfc822" and header_start(part.content) >= 0:
            inner = read_mail(part.content[: 4 * MAX_TEXT])
            without = tuple(inner_part for inner_part in inner.parts if inner_part.type != "message/rfc822")
            return [inner.first("subject"), bodies(without, [])[0]]
    return []


def _says_else(text: str, shown: str) -> bool:
    """Whether most of the longer words of `shown` are not in `text`, and the other way round."""
    one, other = (set(_LONGER.findall(some[:20_000].lower())) for some in (text, shown))
    return 3 * len(one & other) < min(len(one), len(other)) and min(len(one), len(other)) >= 8


def _attachment(part: Part) -> Attachment:
    name = part.name.replace("\\", "/").rpartition("/")[2]
    return Attachment(name, part.type[:100], len(part.content), hashlib.sha256(part.content).hexdigest())


def _kept(mail: Mail, defects: list[str], hidden: Counter[str]) -> dict[str, str]:
    headers = mail.headers
    kept = {name: decode_words(headers[name][0])[:MAX_VALUE] for name in KEPT if name in headers}
    recipients = [value[:20_000] for name in ("to", "cc") for value in headers.get(name, ())]
    kept["to-count"] = str(sum(len(addresses(value)) for value in recipients))
    kept["from-count"] = str(sum(len(addresses(value[:10_000])) for value in headers.get("from", ())))
    kept["received-count"] = str(len(headers.get("received", ())))
    domains = [normal_domain(d[1]) for v in headers.get("dkim-signature", ())[:10] if (d := _DKIM_DOMAIN.search(v))]
    repeated = [name for name in _ONCE if len(headers.get(name, ())) > 1]
    ways = [f"{hidden.total()}", *(way for way, _ in hidden.most_common())] if hidden.total() else []
    listed = {
        "hidden-text": " ".join(ways),
        "dkim-domain": " ".join(dict.fromkeys(domains)),
        "repeated": " ".join(repeated),
        "parts": " ".join(part.type[:40] for part in mail.parts[:20]),
        "defects": " ".join(dict.fromkeys(defects)),
    }
    kept.update((name, value) for name, value in listed.items() if value)
    return kept


def _observed(received: tuple[str, ...], date: str) -> int:
    """Milliseconds: the date of the topmost Received field that has one, else the Date field, else 0."""
    for value in received:
        if when := milliseconds(value.rpartition(";")[2]):
            return when
    return milliseconds(date)


@lru_cache(maxsize=1024)
def milliseconds(date: str) -> int:
    """An RFC 5322 date as milliseconds since 1970; 0 when it is none."""
    date = date[:100]
    if (plain := of_mail(date)) is not None:
        return plain
    try:
        parsed = parsedate_tz(date)
        return int(mktime_tz(parsed) * 1000) if parsed else 0
    except (ValueError, OverflowError, TypeError, IndexError):
        return 0
