"""XARF abuse reports: version 4 (4.2 and before) and the older 1 to 3, plain JSON or attached to a mail.

Taken are reports about messages (spam, bulk messaging) and about content that messages lead to (phishing, fraud, malware).
Reports about attacks, open services, copyright and the like are read, and rejected as unsupported. Field names are those
of xarf.org's specification 4.2; the older form has its own file, xarf_v3.py.
"""

import base64
import binascii
import ipaddress
import uuid
from collections.abc import Iterator
from typing import Any

import orjson
import re2

from counterspam.decode import json_records, sender, times, xarf_v3
from counterspam.decode.html_text import html_text, html_urls
from counterspam.decode.mime import message_fields, read_mail
from counterspam.decode.record import MAX_CUT, MAX_TEXT, MAX_URLS, MB, evidence
from counterspam.decode.reports import HEAD, may_report
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, SenderKind, Source

FORMAT = "xarf"
MAX_EVIDENCE = 50
MAX_PAYLOAD = 7 * MB  # 5 MB of evidence in base64
REQUIRED = ("xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier", "category", "type")
CONTACT = ("org", "contact", "domain")
CHANNELS = {
    "smtp": Channel.EMAIL,
    "sms": Channel.SMS,
    "whatsapp": Channel.IM,
    "telegram": Channel.IM,
    "signal": Channel.IM,
    "chat": Channel.IM,
    "social_media": Channel.SOCIAL,
    "push_notification": Channel.IN_APP,
    "other": Channel.OTHER,
}
MESSAGING = {"spam", "bulk_messaging"}
CONTENT = {"phishing", "fraud", "malware"}
SOURCES = {
    "spamtrap": Source.TRAP,
    "honeypot": Source.HONEYPOT,
    "user_complaint": Source.USER_REPORT,
    "user_report": Source.USER_REPORT,
    "automated_filter": Source.FILTER,
    "content_analysis": Source.FILTER,
    "spam_analysis": Source.FILTER,
    "volume_analysis": Source.FILTER,
}  # any other, and none: a peer's word
_VERSION = re2.compile(r"^4\.[0-9]{1,4}\.[0-9]{1,4}$")
_NAMED = re2.compile(rb'(?i)(?:^|\n)x-x?arf:|xarf\.json|"xarf_version"|"ReporterInfo"')


def looks_like(raw: Raw) -> bool:
    """Whether the first object has the key fields of XARF, or a mail says that it carries one as JSON."""
    if first := json_records.peek(raw.data):
        return "xarf_version" in first or "ReporterInfo" in first or ("Version" in first and "Report" in first)
    head = raw.data[:65_536]
    if len(head) <= HEAD and not may_report(raw.data):
        return False
    return b"application/json" in head.lower() and bool(_NAMED.search(head))


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Evidence, or Rejected saying which field is wrong or what the report is about instead."""
    for index, item, line in _reports(raw):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            report = item if "xarf_version" in item else xarf_v3.upgraded(item)
            yield _evidence(raw, index, report)
        except DecodeError as error:
            yield Rejected(error.reason, error.detail, index, FORMAT, (line or orjson.dumps(item))[:MAX_CUT])


def _reports(raw: Raw) -> Iterator[json_records.Item]:
    if json_records.plain(raw.data[:4]).lstrip()[:1] in (b"{", b"["):
        yield from json_records.objects(raw.data, FORMAT)
        return
    number = 0
    for data in _attached(raw.data):
        for _, item, line in json_records.objects(data, FORMAT):
            yield number, item, line
            number += 1


def _attached(data: bytes) -> list[bytes]:
    """JSON parts of a mail that are XARF. Raises DecodeError when there is none."""
    found = [
        part.content
        for part in read_mail(data).parts
        if part.type == "application/json" and (b"xarf_version" in part.content or b"ReporterInfo" in part.content)
    ]
    if not found:
        raise DecodeError(Reason.MISSING_FIELD, "a mail that names XARF but has no JSON part with a report")
    return found


def _evidence(raw: Raw, index: int, report: dict[str, Any]) -> Evidence:
    at = _checked(report)
    category, kind = report["category"], report["type"]
    if category == "messaging" and kind in MESSAGING:
        channel, fields = _message(report, raw.jurisdiction)
    elif category == "content" and kind in CONTENT:
        channel, fields = Channel.WEB, _content(report)
    else:
        raise DecodeError(Reason.UNSUPPORTED, f"a report of {category}/{kind}, which is not about spam"[:200])
    fields["headers"] = _headers(report) | fields.get("headers", {})
    fields.pop("observed_at", None)
    if address := _ip(report["source_identifier"]):
        fields["source_ip"] = address
    return evidence(
        raw,
        index,
        FORMAT,
        identity=[report["report_id"].lower()],
        channel=channel,
        source=SOURCES.get(_string(report, "evidence_source", 100), Source.PEER),
        observed_at=at,
        reporter=report["reporter"]["contact"].lower(),
        claimed=f"{category}/{kind}",
        reported_spam=True,
        **fields,
    )


def _checked(report: dict[str, Any]) -> int:
    """The time of a report whose required fields are there and well-formed. Raises DecodeError naming the field."""
    if missing := [name for name in REQUIRED if name not in report]:
        raise DecodeError(Reason.MISSING_FIELD, f"missing: {', '.join(missing)}")
    for name in ("xarf_version", "report_id", "timestamp", "source_identifier", "category", "type"):
        if not _string(report, name, 1_000):
            raise DecodeError(Reason.BAD_VALUE, f"{name}: empty")
    if not _VERSION.match(report["xarf_version"]):
        raise DecodeError(Reason.UNSUPPORTED, f"xarf_version: {report['xarf_version']!r} is not 4.x.y"[:200])
    try:
        uuid.UUID(report["report_id"])
    except ValueError as error:
        raise DecodeError(Reason.BAD_VALUE, "report_id: not a UUID") from error
    for name in ("reporter", "sender"):
        contact = report[name]
        if not isinstance(contact, dict):
            raise DecodeError(Reason.BAD_VALUE, f"{name}: not an object")
        if missing := [key for key in CONTACT if not _string(contact, key, 1_000)]:
            raise DecodeError(Reason.MISSING_FIELD, f"{name}: missing {', '.join(missing)}")
        if "@" not in contact["contact"][1:-1]:
            raise DecodeError(Reason.BAD_VALUE, f"{name}.contact: not an e-mail address")
    if (at := times.rfc3339(report["timestamp"])) is None:
        raise DecodeError(Reason.BAD_VALUE, f"timestamp: {report['timestamp'][:64]!r} is not an RFC 3339 time")
    return at


def _string(item: dict[str, Any], name: str, longest: int) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: not a string")
    if len(value) > longest:
        raise DecodeError(Reason.TOO_LARGE, f"{name}: more than {longest} characters")
    return value


def _message(report: dict[str, Any], country: str) -> tuple[Channel, dict[str, Any]]:
    """Channel and fields of a messaging report: what the message itself says comes before what is said about it."""
    protocol = _string(report, "protocol", 50)
    if protocol not in CHANNELS:
        raise DecodeError(Reason.BAD_VALUE, f"protocol: {protocol!r} is none of {', '.join(CHANNELS)}")
    if protocol == "smtp" and not _string(report, "smtp_from", 1_000) and "legacy_version" not in report:
        raise DecodeError(Reason.MISSING_FIELD, "smtp_from: missing, though the protocol is smtp")
    if report["type"] == "bulk_messaging" and not _many(report.get("recipient_count")):
        raise DecodeError(Reason.BAD_VALUE, "recipient_count: bulk messaging needs at least 100 recipients")
    channel = CHANNELS[protocol]
    fields = _payloads(report)
    if subject := _string(report, "subject", 2_000):
        fields.setdefault("subject", subject)
    if not fields.get("sender"):
        if (mailbox := report.get("smtp_from")) and "@" not in mailbox[1:-1]:
            raise DecodeError(Reason.BAD_VALUE, "smtp_from: not an e-mail address")
        handles = channel in (Channel.IM, Channel.SOCIAL, Channel.IN_APP)
        given = report.get("smtp_from") or _string(report, "sender_name", 1_000) or report["source_identifier"]
        if channel in (Channel.SMS, Channel.IM) and not _ip(report["source_identifier"]):
            given = report["source_identifier"]
        name, kind = sender.normalise(given, country, handles)
        fields |= {"sender_raw": given[: sender.MAX_SENDER], "sender": name, "sender_kind": kind}
    if language := _string(report, "language", 35):
        fields["language"] = language
    indicators = report.get("spam_indicators")
    links = indicators.get("suspicious_links") if isinstance(indicators, dict) else None
    if isinstance(links, list):
        links = [link[:4_096] for link in links if isinstance(link, str)]
        fields["urls"] = tuple(dict.fromkeys([*fields.get("urls", ()), *links]))[:MAX_URLS]
    return channel, fields


def _many(count: Any) -> bool:
    return isinstance(count, int) and not isinstance(count, bool) and count >= 100


def _content(report: dict[str, Any]) -> dict[str, Any]:
    """Fields of a report about a page: its address is the sender."""
    url = _string(report, "url", 4_096)
    if "://" not in url and "legacy_version" not in report:
        raise DecodeError(Reason.MISSING_FIELD, "url: missing, or not an address of a page")
    if report["type"] == "fraud" and not _string(report, "fraud_type", 100):
        raise DecodeError(Reason.MISSING_FIELD, "fraud_type: missing, though the type is fraud")
    fields = _payloads(report)
    given = url or report["source_identifier"]
    name, kind = sender.normalise(given)
    if kind is SenderKind.ALPHANUMERIC and "://" not in given:
        name = name.lower()
    fields |= {"sender_raw": given[: sender.MAX_SENDER], "sender": name, "sender_kind": kind}
    if url:
        fields["urls"] = tuple(dict.fromkeys([url, *fields.get("urls", ())]))[:MAX_URLS]
    return fields


def _payloads(report: dict[str, Any]) -> dict[str, Any]:
    """What the evidence items hold: a whole mail before texts before pages; other files are counted by the raw report."""
    items = report.get("evidence", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise DecodeError(Reason.BAD_VALUE, "evidence: not a list of objects")
    if len(items) > MAX_EVIDENCE:
        raise DecodeError(Reason.TOO_MANY, f"evidence: more than {MAX_EVIDENCE} items")
    found: dict[str, bytes] = {}
    for item in items:
        kind = _string(item, "content_type", 200).partition(";")[0].strip().lower()
        if kind in ("message/rfc822", "text/email", "text/plain", "text/html"):
            name = "message/rfc822" if kind == "text/email" else kind
            found.setdefault(name, _payload(item))
    if mail := found.get("message/rfc822"):
        try:
            return dict(message_fields(mail))
        except DecodeError:  # what calls itself a mail and is only its text
            found.setdefault("text/plain", mail)
    fields: dict[str, Any] = {}
    if page := found.get("text/html", b"").decode("utf-8", "replace")[:MAX_TEXT]:
        fields = {"html": page, "text": html_text(page), "urls": tuple(html_urls(page))[:MAX_URLS]}
    if text := found.get("text/plain"):
        fields["text"] = text.decode("utf-8", "replace")[:MAX_TEXT]
    return fields


def _payload(item: dict[str, Any]) -> bytes:
    value = _string(item, "payload", MAX_PAYLOAD)
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DecodeError(Reason.BAD_ENCODING, "evidence: a payload that is not base64") from error


def _headers(report: dict[str, Any]) -> dict[str, str]:
    headers = {}
    for name, field in (("message-id", "message_id"), ("description", "description"), ("target-brand", "target_brand")):
        if isinstance(value := report.get(field), str) and value:
            headers[name] = value[:1_000]
    return headers


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""
