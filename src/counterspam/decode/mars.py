"""Mobile abuse reports as messaging apps and 7726 services send them (REQUIREMENTS C2, MARS version 1).

v version, u reporting software, s reported sender, m the message (p channel, t time, c body or MIME), and optionally
i conversation, r reporter (number, or a hash of it), d what the user called it: spam or legit.
"""

from collections.abc import Iterator
from typing import Any

import re2

from counterspam.decode import json_records, sender, times
from counterspam.decode.mime import message_fields, read_headers
from counterspam.decode.record import MAX_TEXT, evidence
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Source

FORMAT = "mars"
CHANNELS = {"sms": Channel.SMS, "mms": Channel.MMS, "rcs": Channel.RCS}
DECISIONS = {"spam": True, "legit": False}
LONGEST = {"v": 8, "u": 300, "s": sender.MAX_SENDER, "i": 100, "r": 350, "d": 10}
_FIELD = re2.compile(rb"^[A-Za-z][A-Za-z0-9-]*:")


def looks_like(raw: Raw) -> bool:
    """Whether the first object has a sender and a message with its channel."""
    first = json_records.peek(raw.data)
    message = first.get("m")
    return "v" in first and "s" in first and isinstance(message, dict) and "p" in message


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Evidence, or Rejected saying which field is wrong."""
    yield from json_records.evidence(raw, FORMAT, _evidence)


def _evidence(raw: Raw, index: int, item: dict[str, Any]) -> Evidence:
    text = {name: _string(item, name, longest) for name, longest in LONGEST.items()}
    if text["v"] != "1":
        raise DecodeError(Reason.UNSUPPORTED, f"v: version {text['v']!r} is not known, only '1' is")
    for name in ("u", "s"):
        if not text[name]:
            raise DecodeError(Reason.MISSING_FIELD, f"{name}: missing")
    channel, at, content = _message(item)
    decision = text["d"].lower() or "spam"
    if decision not in DECISIONS:
        raise DecodeError(Reason.BAD_VALUE, f"d: {text['d']!r} is neither spam nor legit")
    name, kind = sender.normalise(text["s"], raw.jurisdiction)
    if sender.of_reporter((name, kind), text["r"], raw.jurisdiction):
        name, kind = sender.NOBODY
    return evidence(
        raw,
        index,
        FORMAT,
        identity=[text["s"], channel, str(at), content, text["i"]],
        channel=channel,
        source=Source.USER_REPORT,
        observed_at=at,
        reporter=text["r"],
        sender_raw=text["s"],
        sender=name,
        sender_kind=kind,
        claimed=decision,
        reported_spam=DECISIONS[decision],
        headers={"user-agent": text["u"]},
        **_content(content),
    )


def _string(item: dict[str, Any], name: str, longest: int) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: not a string")
    if len(value) > longest:
        raise DecodeError(Reason.TOO_LARGE, f"{name}: {len(value)} characters, at most {longest} are allowed")
    return value.strip()


def _message(item: dict[str, Any]) -> tuple[Channel, int, str]:
    message = item.get("m")
    if not isinstance(message, dict):
        raise DecodeError(Reason.MISSING_FIELD, "m: missing, or not an object")
    channel = CHANNELS.get(_string(message, "p", 10).lower())
    if channel is None:
        raise DecodeError(Reason.BAD_VALUE, f"m.p: {str(message.get('p'))[:40]!r} is none of {', '.join(CHANNELS)}")
    at = times.rfc3339(_string(message, "t", times.MAX_LENGTH))
    if at is None:
        raise DecodeError(Reason.BAD_VALUE, f"m.t: {str(message.get('t'))[:64]!r} is not an RFC 3339 time")
    content = message.get("c")
    if not isinstance(content, str):
        raise DecodeError(Reason.MISSING_FIELD, "m.c: missing, or not a string")
    return channel, at, content


def _content(content: str) -> dict[str, Any]:
    """Fields of a body that is plain text, or a MIME entity (an MMS, a file transfer)."""
    data = content.encode().lstrip()
    if not _FIELD.match(data) or read_headers(data[:16_384]).keys().isdisjoint({"content-type", "mime-version"}):
        return {"text": content[:MAX_TEXT]}
    fields = message_fields(data)
    return {name: fields[name] for name in ("subject", "text", "html", "urls", "attachments")}
