"""What the receiving mail server knows of a message beside its bytes, and the trace lines that say so (RFC 5321 section 4.4).

The lines go on top of the message, so that its route starts with one that we wrote ourselves and therefore believe.
"""

import re
from dataclasses import dataclass
from email.utils import formatdate

MAX_ADDRESS = 1000  # characters
_UNFIT = re.compile(r"[^A-Za-z0-9._:-]")  # in the name of a host
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff<>]")  # in an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who handed a message in (address of the peer and what it said after HELO), from and to whom, by whom it was taken.

    `sender` is "" for bounces, None where it is not known. `protocol` is the word after `with` in Received, `name` the id
    under which the receiving server keeps the message.
    """

    ip: str = ""
    helo: str = ""
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    by: str = "unknown"
    protocol: str = "ESMTP"
    name: str = ""


def trace(envelope: Envelope, at: int) -> bytes:
    """Return-Path and Received; `at` is when it was taken, in ms since 1970. Nothing of the peer's can add a line."""
    ip = _UNFIT.sub("", envelope.ip).partition("%")[0][:45]
    helo = _UNFIT.sub("?", (envelope.helo or "unknown").strip("[]"))[:255]
    by = _UNFIT.sub("?", envelope.by)[:255] or "unknown"
    target = f"\r\n\tfor <{_address(envelope.recipients[0])}>" if len(envelope.recipients) == 1 else ""
    name = f" id {_UNFIT.sub('?', envelope.name)[:100]}" if envelope.name else ""
    sender = "" if envelope.sender is None else f"Return-Path: <{_address(envelope.sender)}>\r\n"
    return (
        f"{sender}Received: from {helo} ([{'IPv6:' if ':' in ip else ''}{ip}])\r\n"
        f"\tby {by} with {envelope.protocol}{name}{target};\r\n"
        f"\t{formatdate(at / 1000)}\r\n"
    ).encode()


def _address(given: str) -> str:
    return _CONTROL.sub("?", given)[:MAX_ADDRESS]
