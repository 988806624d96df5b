"""A mail message that is itself the evidence (RFC 5322): what a user forwards as a file, a trap receives, an archive holds."""

import hashlib
import re
from collections.abc import Iterator

from counterspam.decode.mime import header_start, message_fields
from counterspam.decode.record import evidence
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Source

FORMAT = "rfc5322"

_KNOWN = re.compile(
    rb"^(?:received|return-path|from|to|subject|date|message-id|mime-version|content-type|delivered-to|reply-to|sender|"
    rb"dkim-signature|authentication-results|x-mailer)[ \t]*:",
    re.I | re.M,
)


def looks_like(raw: Raw) -> bool:
    """A header block at the start, and among the first 16 KiB a field that every mail program knows."""
    head = raw.data[:16384]
    start = header_start(head)
    if start < 0:
        return False
    head = head[start:]
    return _KNOWN.search(head if b"\n" in head else head.replace(b"\r", b"\n")) is not None


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """One piece of evidence. Raises DecodeError when there is no header block."""
    yield evidence(
        raw,
        0,
        FORMAT,
        identity=(hashlib.sha256(raw.data).digest(),),
        channel=Channel.EMAIL,
        source=Source.USER_REPORT,
        count=max(1, raw.recipients),
        **message_fields(raw.data),
    )
