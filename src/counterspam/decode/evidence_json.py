"""Our own Evidence JSON: one object per line, an array, or one alone; described in docs/evidence.md.

The first object is recognised by its "counterspam" key. An unknown field is refused by name, so that a mistyped one does
not lose data silently; names that begin with x_ are the sender's own and ignored.
"""

import base64
from collections.abc import Iterator
from typing import Any

import orjson
import re2
from pydantic import ValidationError

from counterspam.decode import json_records, sender, times
from counterspam.decode.evidence_fields import CONTENT, Fields
from counterspam.decode.mime import message_fields
from counterspam.decode.record import MAX_URLS, evidence
from counterspam.errors import DecodeError, Reason
from counterspam.model import Attachment, Authentication, Calls, Evidence, Raw, Rejected
from counterspam.taxonomy import Channel

FORMAT = "evidence_json"
HANDLES = {Channel.IM, Channel.SOCIAL, Channel.WEB, Channel.IN_APP}
_PLAIN = {
    ("extra_forbidden", ""): "is not a field of this format",
    ("string_pattern_mismatch", "observed_at"): "is not an RFC 3339 time with a zone, such as 2026-01-02T03:04:05Z",
    ("string_pattern_mismatch", "raw_mail"): "is not base64",
}
_KEY = re2.compile(rb'"counterspam"\s*:')


def looks_like(raw: Raw) -> bool:
    """Whether the first object names our format."""
    if not json_records.begins(raw.data) or not _KEY.search(json_records.plain(raw.data[: json_records.PEEK])):
        return False
    return "counterspam" in json_records.peek(raw.data)


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Evidence, or Rejected with the line and what is wrong with which field."""
    yield from json_records.evidence(raw, FORMAT, _evidence)


def check(item: dict[str, Any]) -> Fields:
    """The validated fields of one object. Raises DecodeError naming the field."""
    try:
        fields = Fields.model_validate({k: v for k, v in item.items() if not k.startswith("x_")})
    except ValidationError as error:
        raise _refused(error) from error
    if not fields.model_fields_set.intersection(CONTENT):
        raise DecodeError(Reason.MISSING_FIELD, f"needs at least one of {', '.join(CONTENT)}")
    return fields


def _refused(error: ValidationError) -> DecodeError:
    """All that is wrong, first of all a missing field, in one line."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    kinds = {fault["type"] for fault in faults}
    lines = []
    for fault in faults[:5]:
        name = ".".join(map(str, fault["loc"]))[:100]
        lines.append(f"{name}: {_PLAIN.get((fault['type'], name)) or _PLAIN.get((fault['type'], '')) or fault['msg']}")
    return DecodeError(Reason.MISSING_FIELD if kinds == {"missing"} else Reason.BAD_VALUE, "; ".join(lines)[:500])


def _evidence(raw: Raw, index: int, item: dict[str, Any]) -> Evidence:
    given = check(item)
    fields = _mail(given)
    observed_at = times.rfc3339(given.observed_at) or fields.pop("observed_at", 0)
    fields.pop("observed_at", None)
    for name in ("subject", "text", "language", "claimed", "count", "disposition", "source_ip", "synthetic"):
        if name in given.model_fields_set:
            fields[name] = getattr(given, name)
    fields.update(_sender(given, raw))
    if given.urls:
        fields["urls"] = tuple(dict.fromkeys((*given.urls, *fields.get("urls", ()))))[:MAX_URLS]
    if given.attachments:
        fields["attachments"] = tuple(Attachment(f.name, f.type, f.size, f.sha256) for f in given.attachments)
    if "auth" in given.model_fields_set:
        fields["auth"] = Authentication(**given.auth.model_dump())
    return evidence(
        raw,
        index,
        FORMAT,
        identity=_identity(raw, index, given, item),
        channel=given.channel,
        source=given.source,
        observed_at=observed_at,
        reporter=given.reporter,
        jurisdiction=given.jurisdiction,
        recipient_country=given.recipient.country,
        recipient_operator=given.recipient.operator,
        numbers=tuple(given.numbers),
        relays=tuple(given.relays),
        calls=Calls(**given.calls.model_dump()) if given.calls else None,
        reported_spam=given.reported_spam,
        **fields,
    )


def _mail(given: Fields) -> dict[str, Any]:
    if not given.raw_mail:
        return {}
    return dict(message_fields(base64.b64decode(given.raw_mail)))


def _sender(given: Fields, raw: Raw) -> dict[str, Any]:
    if not given.sender:
        return {}
    country = given.jurisdiction or raw.jurisdiction
    name, kind = sender.normalise(given.sender, country, given.channel in HANDLES)
    if sender.of_reporter((name, kind), given.reporter, country):
        name, kind = sender.NOBODY
    return {"sender_raw": given.sender, "sender": name, "sender_kind": kind}


def _identity(raw: Raw, index: int, given: Fields, item: dict[str, Any]) -> list[bytes | str]:
    """The client's id; without one the whole content and its place, so that the same batch sent again adds nothing."""
    if given.id:
        return ["id", given.id]
    return ["content", orjson.dumps(item, option=orjson.OPT_SORT_KEYS), str(raw.first + index)]
