"""Abuse reports in ARF (RFC 5965, not-spam RFC 6430), and reports of feedback loops that leave its machine part out:
Microsoft JMRP (the message attached to a plain mail) and mail servers that write for people only."""

import re
from collections.abc import Iterator

import re2

from counterspam.decode import dmarc_failure, rfc5322
from counterspam.decode.address import normal_address
from counterspam.decode.feedback import Report, normal_ip, read_report, reported_fields, reporter
from counterspam.decode.mime import read_headers
from counterspam.decode.record import evidence
from counterspam.decode.reports import HEAD, may_report
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Source

FORMAT = "arf"
MAX_COUNT = 2**32 - 1

_PEOPLE = re.compile(rb"^subject:[^\n]*\b(?:abuse|spam|complaint|feedback) (?:report|complaint|about)\b", re.M)
_JMRP = (b"complaint about message from", b"\nx-hmxmroriginalrecipient:")
_ATTACHED = (b"message/rfc822", b"text/rfc822-headers")
_OTHER_REPORT = (b"delivery-status", b"disposition-notification", b"tlsrpt")
_IP = re2.compile(r"\b(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})\b")

# RFC 5965 section 7.3 and RFC 6430: what a type says about spam. "other", "opt-out" and unknown types say neither.
_SPAM = {"abuse": True, "fraud": True, "virus": True, "complaint": True, "not-spam": False}


def looks_like(raw: Raw) -> bool:
    """The machine part is announced; or a complaint of Microsoft's or for people carries the message."""
    if not may_report(raw.data):
        return False
    low = raw.data[:HEAD].lower()
    if b"feedback-report" not in low:
        if not any(word in low for word in _ATTACHED) or any(word in low for word in _OTHER_REPORT):
            return False
        if not any(word in low for word in _JMRP) and not _PEOPLE.search(low):
            return False
    return rfc5322.looks_like(raw)


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """The reported message as one piece of evidence. A mail that only looked like a report is a mail."""
    report = read_report(raw.data)
    kind = report.first("feedback-type").strip().lower()[:64]
    if kind.startswith("auth-failure"):
        yield from dmarc_failure.decode(raw)
        return
    if not report.fields and not report.message:
        yield from rfc5322.decode(raw)
        return
    fields = reported_fields(report)
    kind = kind or "complaint"
    yield evidence(
        raw,
        0,
        FORMAT,
        identity=(report.message, kind, *report.fields.get("original-rcpt-to", ())[:20], report.first("arrival-date")),
        channel=Channel.EMAIL,
        source=Source.USER_REPORT,
        reporter=_reporter(report),
        source_ip=_source_ip(report),
        claimed=kind,
        count=_incidents(report),
        reported_spam=_SPAM.get(kind),
        **fields,
    )


def _reporter(report: Report) -> str:
    if not report.fields:  # JMRP names the recipient in the message
        for value in read_headers(report.message).get("x-hmxmroriginalrecipient", ()):
            return normal_address(value)
    return reporter(report)


def _source_ip(report: Report) -> str:
    given = report.first("source-ip")
    if given or report.fields:
        return normal_ip(given)
    found = _IP.search(report.mail.first("subject")[:1000])
    return normal_ip(found[1]) if found else ""


def _incidents(report: Report) -> int:
    """RFC 5965 section 3.2: how many like ones the report stands for; 1 when it does not say."""
    value = report.first("incidents").strip()
    return min(max(int(value), 1), MAX_COUNT) if value.isascii() and value.isdigit() and len(value) < 12 else 1
