"""Authentication failure reports (RFC 6591, RFC 9991): ARF with Feedback-Type auth-failure, and the same written for people
only, as some mail servers do. They tell that authentication failed, not that someone called the message spam."""

import re
from collections.abc import Iterator
from dataclasses import replace

from counterspam.decode import rfc5322
from counterspam.decode.authres import method_results
from counterspam.decode.feedback import Report, normal_ip, read_report, reported_fields, reporter
from counterspam.decode.record import evidence
from counterspam.decode.reports import HEAD, may_report
from counterspam.model import Authentication, Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Disposition, Source

FORMAT = "dmarc_failure"

_TYPE = re.compile(rb"^feedback-type[ \t]*:[ \t]*auth-failure", re.M)
_SUBJECT = re.compile(rb"^subject:[ \t]*dmarc (?:forensic|failure) report\b", re.M)

# RFC 6591 section 3.2.2, Delivery-Result.
_DISPOSITION = {
    "delivered": Disposition.DELIVERED,
    "spam": Disposition.TAGGED,
    "quarantine": Disposition.TAGGED,
    "policy": Disposition.BLOCKED,
    "reject": Disposition.BLOCKED,
}
# RFC 6591 section 3.3, Auth-Failure: which method failed.
_FAILED = {"adsp": "dkim", "bodyhash": "dkim", "revoked": "dkim", "signature": "dkim", "spf": "spf", "dmarc": "dmarc"}


def looks_like(raw: Raw) -> bool:
    """The feedback type in the machine part, or a subject that says so."""
    if not may_report(raw.data):
        return False
    low = raw.data[:HEAD].lower()
    told = (b"auth-failure" in low and _TYPE.search(low)) or (b"dmarc" in low and _SUBJECT.search(low))
    return bool(told) and rfc5322.looks_like(raw)


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """The message that failed, as one piece of evidence. A mail that only looked like a report is a mail."""
    report = read_report(raw.data)
    if not report.fields and not report.message:
        yield from rfc5322.decode(raw)
        return
    fields = reported_fields(report)
    fields["auth"] = _auth(report, fields["auth"])
    result = report.first("delivery-result").strip().lower()
    yield evidence(
        raw,
        0,
        FORMAT,
        identity=(
            report.message,
            *report.fields.get("original-rcpt-to", ())[:20],
            report.first("arrival-date", "source-ip"),
        ),
        channel=Channel.EMAIL,
        source=Source.FILTER,
        reporter=reporter(report),
        source_ip=normal_ip(report.first("source-ip") or report.said.get("sender ip address", "")),
        claimed=report.first("feedback-type").strip().lower()[:64] or "auth-failure",
        disposition=_DISPOSITION.get(result, Disposition.UNKNOWN),
        **fields,
    )


def _auth(report: Report, message: Authentication) -> Authentication:
    """What the report says comes before what the message carries."""
    found: dict[str, str] = {}
    for value in report.fields.get("authentication-results", ()):
        found = {**method_results(value)[1], **found}
    for word in report.first("auth-failure").lower().replace(",", " ").split():
        if word in _FAILED:
            found.setdefault(_FAILED[word], "fail")
    if not report.fields and report.said:  # a subject or a text for people: it is sent because DMARC failed
        found.setdefault("dmarc", "fail")
    return replace(message, **found)
