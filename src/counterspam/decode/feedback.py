"""The envelope that abuse reports and authentication failure reports share (RFC 5965, RFC 6591): a mail with a part for
people, a part for machines and the message reported; and the ways in which senders leave out one or the other."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any

from counterspam.decode.address import addresses, normal_address
from counterspam.decode.authres import authentication
from counterspam.decode.charset import decode_text, decode_words
from counterspam.decode.mime import MAX_VALUE, Mail, message_fields, milliseconds, read_headers, read_mail
from counterspam.decode.record import MAX_TEXT
from counterspam.errors import DecodeError
from counterspam.model import Authentication
from counterspam.taxonomy import SenderKind

# Names under which fields of the report itself go into `Evidence.headers`, beside those of the reported message.
REPORT_HEADERS = {
    "original-mail-from": "original-mail-from",
    "reported-domain": "reported-domain",
    "reporting-mta": "reporting-mta",
    "user-agent": "report-user-agent",
    "identity-alignment": "identity-alignment",
    "auth-failure": "auth-failure",
    "delivery-result": "delivery-result",
    "dkim-selector": "dkim-selector",
}

_COPY = re.compile(r"^-{3,}[^\n]*\bcopy of the (?:headers|message)\b[^\n]*\n\s*", re.I | re.M)
_LINE = re.compile(r"^[ \t]*([A-Za-z][A-Za-z -]{2,40}):[ \t]*(.+)$", re.M)


@dataclass(frozen=True, slots=True)
class Report:
    """`fields` of the machine part (lower-case name -> values), the reported `message` or its header, the `mail` around it.

    `said` are "Name: value" lines of the part for people, lower-case names, where there is no machine part.
    """

    fields: dict[str, list[str]]
    message: bytes
    mail: Mail
    said: dict[str, str]

    def first(self, *names: str) -> str:
        """The first value of the first of these fields that the report has; decoded, at most 1,000 characters."""
        for name in names:
            for value in self.fields.get(name, ()):
                if value:
                    return decode_words(value)[:MAX_VALUE]
        return ""


def read_report(data: bytes) -> Report:
    """A report mail taken apart. What it lacks is empty. Raises DecodeError when it is no mail."""
    mail = read_mail(data)
    fields: dict[str, list[str]] = {}
    message, people = b"", ""
    for part in mail.parts:
        if part.type == "message/feedback-report" and not fields:
            fields = read_headers(part.content.lstrip())
        elif part.type in ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"):
            message = message or part.content.lstrip(b"\r\n")
        elif part.type == "text/plain" and not people:
            people = decode_text(part.content[:MAX_TEXT], part.charset).replace("\r\n", "\n")
    said: dict[str, str] = {}
    if not fields:
        if not message and (copy := _COPY.search(people)):
            message, people = people[copy.end() :].encode(), people[: copy.start()]
        said = {name.lower(): value.strip()[:MAX_VALUE] for name, value in _LINE.findall(people)}
    return Report(fields, message, mail, said)


def reported_fields(report: Report) -> dict[str, Any]:
    """Evidence fields of the message reported, completed by what the report says of it."""
    try:
        found = message_fields(report.message)
    except DecodeError:  # nothing, or a body without a header
        text = decode_text(report.message[: 4 * MAX_TEXT])[:MAX_TEXT].replace("\r\n", "\n").strip()
        found = {"text": text, "headers": {}, "observed_at": 0, "auth": Authentication()}
    if not found.get("sender"):
        given = report.first("original-mail-from")
        if address := normal_address(given):
            found |= {
                "sender": address,
                "sender_raw": found.get("sender_raw") or given,
                "sender_kind": SenderKind.EMAIL,
            }
    extra = {
        ours: ", ".join(decode_words(value) for value in report.fields[theirs][:20])[:MAX_VALUE]
        for theirs, ours in REPORT_HEADERS.items()
        if theirs in report.fields
    }
    found["headers"] = {**found["headers"], **extra}
    arrived = milliseconds(report.first("arrival-date", "received-date") or report.said.get("received date", ""))
    found["observed_at"] = arrived or found["observed_at"]
    if found["auth"] == Authentication():
        found["auth"] = authentication(report.fields)
    web = [uri[:2048] for uri in report.fields.get("reported-uri", ())[:50] if uri.lower().startswith("http")]
    found["urls"] = tuple(dict.fromkeys([*found.get("urls", ()), *web]))
    return found


def reporter(report: Report) -> str:
    """Who reports: the recipient where the report names him, else the domain that sends the report."""
    for value in report.fields.get("original-rcpt-to", ()):
        if "@" in value:
            return normal_address(value) or value[:320]
    mta = report.first("reporting-mta").rpartition(";")[2].strip().lower()
    if mta:
        return mta[:255]
    found = addresses(report.mail.headers.get("from", [""])[0][:10_000])
    return found[0].rpartition("@")[2] if found else ""


def normal_ip(value: str) -> str:
    """An IP address in its canonical form, IPv4 out of IPv6 where it is mapped; "" when it is none."""
    value = value.strip()
    try:
        return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, value))
    except (OSError, ValueError):
        pass
    try:
        found = ipaddress.ip_address(value.strip("[]").removeprefix("IPv6:"))
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found).partition("%")[0]
