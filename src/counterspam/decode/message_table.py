"""Tables of messages: SMS, chat, comments, mail; CSV with any usual delimiter, or JSON Lines.

Columns are found by their usual names or by a mapping (see columns.py). A row is evidence when it has a text, a subject,
a link or a sender; a date that cannot be read does not lose the row: the time of receipt takes its place and the date as
given is kept in the header field "date".
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from counterspam.decode import columns, json_records, sender, times
from counterspam.decode.record import MAX_CUT, MAX_RECORDS, MAX_TEXT, MAX_URLS, evidence
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Source

FORMAT = "message_table"
FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text", "message", "body", "content", "sms", "sms_text", "message_text", "message_body", "msg", "comment",
             "review", "tweet", "post_text", "transcript", "v2"),
    "subject": ("subject", "title"),
    "sender": ("sender", "from", "msisdn", "from_number", "sender_id", "originator", "oa", "author", "username", "user",
               "phone", "phone_number", "number"),
    "observed_at": ("observed_at", "date", "timestamp", "time", "datetime", "received_at", "received", "sent_at",
                    "created_at", "date_time"),
    "label": ("label", "class", "category", "is_spam", "spam", "target", "v1"),
    "kind": ("kind", "type", "label_detail"),
    "language": ("lang", "language"),
    "reporter": ("reporter", "reported_by", "reporter_id"),
    "recipient": ("recipient", "to", "destination", "to_number"),
    "recipient_country": ("recipient_country", "country"),
    "recipient_operator": ("recipient_operator", "operator", "carrier", "network"),
    "channel": ("channel",),
    "id": ("id", "message_id", "comment_id", "msg_id", "uuid"),
    "url": ("url", "link", "urls"),
    "count": ("count", "reports", "occurrences"),
    "place": ("video", "post", "thread", "page", "hotel", "product", "group", "chat"),
}  # fmt: skip
SPAM = frozenset(
    {"spam", "smishing", "phishing", "scam", "fraud", "promo", "junk", "abuse", "deceptive", "1", "true", "yes"}
)
HAM = frozenset(
    {"ham", "legit", "legitimate", "normal", "truthful", "genuine", "not_spam", "notspam", "0", "false", "no"}
)
_USUAL = frozenset(name for usual in FIELDS.values() for name in usual)
PLAIN = frozenset({"id", "text", "subject", "sender", "url", "label", "kind", "observed_at", "channel"})
HANDLES = {Channel.IM, Channel.SOCIAL, Channel.WEB, Channel.IN_APP}

Row = Mapping[str, str]
Lines = Iterator[tuple[list[str] | None, str]]


def looks_like(raw: Raw) -> bool:
    """Whether there is a mapping, or a first object or header that names a column of texts."""
    if columns.targets(raw):
        return True
    first = json_records.peek(raw.data)
    if first:
        return _telling(columns.recognise(first, FIELDS)) and not any(isinstance(v, dict) for v in first.values())
    mark, names = columns.names(raw.data)
    known = not _USUAL.isdisjoint(map(columns.plain, names)) and _telling(columns.recognise(names, FIELDS))
    return known or _headless(mark, names)


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Evidence, or Rejected with the row as it stood. Raises DecodeError when the mapping does not fit the table."""
    if json_records.peek(raw.data):
        yield from _json(raw)
    else:
        yield from _csv(raw)


def _telling(found: Mapping[str, str]) -> bool:
    """A table of messages has texts, or senders or links with something beside."""
    return "text" in found or ("url" in found and len(found) > 1) or ("sender" in found and "observed_at" in found)


def _headless(mark: str, names: list[str]) -> bool:
    """Label, tab, text: how the oldest sets are written, without a header."""
    return mark == "\t" and len(names) == 2 and names[0].lower() in SPAM | HAM


def _json(raw: Raw) -> Iterator[Evidence | Rejected]:
    build = _builder(raw)
    keys: tuple[str, ...] = ()
    found: dict[str, str] = {}
    forms: dict[str, str] = {}
    for index, item, line in json_records.objects(raw.data, FORMAT):
        if isinstance(item, Rejected):
            yield item
            continue
        if tuple(item) != keys:
            keys = tuple(item)
            found, forms = _assigned(raw, keys)
        try:
            row = {field: v if (v := item[key]).__class__ is str else _text(v) for field, key in found.items()}
            yield build(index, row, forms)
        except DecodeError as error:
            yield Rejected(error.reason, error.detail, index, FORMAT, (line or orjson.dumps(item))[:MAX_CUT])


def _assigned(raw: Raw, keys: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Fields of an object; in JSON a mapped key may be absent from one object and present in the next."""
    if not columns.targets(raw):
        return columns.recognise(keys, FIELDS), {}
    found, forms = columns.assigned(raw, [*keys, *raw.mapping], FIELDS)
    return {field: key for field, key in found.items() if key in keys}, forms


def _csv(raw: Raw) -> Iterator[Evidence | Rejected]:
    mark, names = columns.names(raw.data)
    if not names:
        raise DecodeError(Reason.BAD_SYNTAX, "no header line that names the columns")
    data = columns.utf8(raw.data)
    lines: Lines = columns.rows(data, mark)
    if _headless(mark, names) and not columns.targets(raw):
        names, found = ["label", "text"], {"label": "label", "text": "text"}
        forms: dict[str, str] = {}
        lines = _quoteless(data)
    else:
        found, forms = columns.assigned(raw, names, FIELDS)
        next(lines, None)
    places = {field: names.index(column) for field, column in found.items()}
    yield from _rows(raw, lines, places, forms, len(names))


def _quoteless(data: bytes) -> Lines:
    """Rows of a file without header, where a quotation mark is only that."""
    for line in data.decode("utf-8", "replace").splitlines():
        if line.strip():
            yield line.split("\t", 1), line


def _rows(
    raw: Raw,
    lines: Lines,
    places: Mapping[str, int],
    forms: Mapping[str, str],
    width: int,
) -> Iterator[Evidence | Rejected]:
    build = _builder(raw)
    for index, (cells, line) in enumerate(lines):
        if index >= MAX_RECORDS:
            detail = f"more than {MAX_RECORDS} rows: feed the rest on its own"
            yield Rejected(Reason.TOO_MANY, detail, index, FORMAT)
            return
        try:
            if cells is None:
                raise DecodeError(Reason.BAD_SYNTAX, f"a cell of over {MAX_TEXT} characters: a quote is not closed")
            if any(cells[width:]):
                raise DecodeError(Reason.BAD_SYNTAX, f"{len(cells)} cells where the header has {width}")
            yield build(index, {f: cells[at] for f, at in places.items() if at < len(cells)}, forms)
        except DecodeError as error:
            yield Rejected(error.reason, error.detail, index, FORMAT, line.encode()[:MAX_CUT])


def _builder(raw: Raw) -> Callable[[int, Row, Mapping[str, str]], Evidence]:
    """A function (index, row by field, forms) -> Evidence, with what is the same for all rows worked out once."""
    told = Channel(raw.channel) if raw.channel else None

    def build(index: int, row: Row, forms: Mapping[str, str]) -> Evidence:
        channel = told or _channel(row)
        text, subject = row.get("text", ""), row.get("subject", "")
        fields: dict[str, Any] = {"text": text[:MAX_TEXT]}
        if subject:
            fields["subject"] = subject[:2_000]
        given, link = row.get("sender", ""), row.get("url", "")
        if given:
            given = given[: sender.MAX_SENDER]
            name, kind = sender.normalise(given, raw.jurisdiction, channel in HANDLES)
            fields |= {"sender_raw": given, "sender": name, "sender_kind": kind}
        if link:
            fields["urls"] = tuple(part[:4_096] for part in link.split()[:MAX_URLS])
        if not (text.strip() or subject.strip() or link.strip() or fields.get("sender")):
            raise DecodeError(Reason.MISSING_FIELD, "neither text nor sender nor link")
        if not row.keys() <= PLAIN:
            _more(row, fields)
        if "label" in row or "kind" in row:
            fields["claimed"], fields["reported_spam"] = judgement(row.get("label", ""), row.get("kind", ""))
        observed_at = _time(row, forms, fields)
        own = row.get("id", "") or f"#{raw.first + index}"
        return evidence(
            raw,
            index,
            FORMAT,
            identity=[orjson.dumps([own, text, subject, given, link, observed_at])],
            channel=channel,
            source=Source.USER_REPORT,
            observed_at=observed_at,
            **fields,
        )

    return build


def _text(value: object) -> str:
    """A JSON value that is not a string as the cell of a table would show it; nothing for null and for objects."""
    if isinstance(value, list):
        return " ".join(item for item in value if isinstance(item, str))
    return str(value) if isinstance(value, int | float) else ""


def _channel(row: Row) -> Channel:
    """As the row says; else a place means social, a subject line means mail, and the rest is SMS."""
    if "channel" in row and (given := row.get("channel", "").strip().lower()):
        try:
            return Channel(given)
        except ValueError as error:
            raise DecodeError(Reason.BAD_VALUE, f"channel: {given[:40]!r} is none of {', '.join(Channel)}") from error
    if "place" in row:
        return Channel.SOCIAL
    return Channel.EMAIL if "subject" in row else Channel.SMS


@lru_cache(maxsize=4_096)
def judgement(label: str, kind: str) -> tuple[str, bool | None]:
    """What it was called, the particular word before the general one, and whether that means spam (None: unknown)."""
    label, kind = label.strip()[:200], kind.strip()[:200]
    folded = columns.plain(label) or columns.plain(kind)
    return kind or label, True if folded in SPAM else False if folded in HAM else None


def _more(row: Row, fields: dict[str, Any]) -> None:
    """Language, reporter, recipient, count and place into `fields`, where the row has them."""
    for field, longest in (("language", 35), ("reporter", 350), ("recipient_operator", 100)):
        if field in row and (value := row.get(field, "").strip()):
            fields[field] = value[:longest]
    if "recipient_country" in row:
        country = row.get("recipient_country", "").strip().upper()
        fields["recipient_country"] = country if len(country) == 2 and country.isascii() and country.isalpha() else ""
    if "count" in row and (count := row.get("count", "").strip()):
        if not (count.isascii() and count.isdecimal()) or not 1 <= int(count[:12]) <= 1_000_000_000:
            raise DecodeError(Reason.BAD_VALUE, f"count: {count[:40]!r} is not a number from 1 to 1,000,000,000")
        fields["count"] = int(count)
    if "place" in row and (place := row.get("place", "").strip()):
        fields["headers"] = {"place": place[:200]}


def _time(row: Row, forms: Mapping[str, str], fields: dict[str, Any]) -> int:
    """Milliseconds; 0 when there is none to read, and then what was given goes into the headers."""
    given = row.get("observed_at", "")
    if not given:
        return 0
    found = times.milliseconds(given, forms.get("observed_at", ""))
    if found is None:
        fields["headers"] = {**fields.get("headers", {}), "date": given[:64]}
    return found or 0
