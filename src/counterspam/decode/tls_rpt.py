"""SMTP TLS reports (RFC 8460): plain JSON, or attached to the report mail.

They are evidence about transport, not about spam. One record per failure detail, and one for a policy without any, each
with count 1: the numbers are sessions, not messages, so they stand in `headers` (sessions-failed, sessions-successful)
and never in figures of messages. `reported_spam` is False.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from counterspam.decode import rfc5322
from counterspam.decode.address import normal_domain
from counterspam.decode.feedback import normal_ip
from counterspam.decode.inflate import inflate
from counterspam.decode.mime import read_mail
from counterspam.decode.record import MAX_CUT, MAX_RECORDS, MB, evidence
from counterspam.decode.reports import HEAD, may_report
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, SenderKind, Source

FORMAT = "tls_rpt"
MAX_JSON = 20 * MB

_TYPES = ("application/tlsrpt+json", "application/tlsrpt+gzip", "application/json", "application/gzip")
_KEYS = (b'"policies"', b'"organization-name"', b'"report-id"', b'"date-range"')


def looks_like(raw: Raw) -> bool:
    """JSON with the members of a report, or a mail that says it carries one."""
    head = raw.data[:HEAD]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _KEYS[0] in raw.data[: 4 * MB] and sum(key in head for key in _KEYS) >= 2
    if not may_report(raw.data):
        return False
    low = head.lower()
    return (b"application/tlsrpt" in low or b"tls-report-domain:" in low) and rfc5322.looks_like(raw)


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Records as the module says. Raises DecodeError when the report cannot be read."""
    if raw.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        yield from _records(raw, _load(raw.data))
        return
    reports = [part for part in read_mail(raw.data).parts if _carries(part.type, part.name)]
    if not reports:
        yield from rfc5322.decode(raw)
        return
    yield from _records(raw, _load(inflate(reports[0].content, MAX_JSON)))


def _carries(kind: str, name: str) -> bool:
    return kind in _TYPES or name.lower().endswith((".json", ".json.gz"))


def _load(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_JSON:
        raise DecodeError(Reason.TOO_LARGE, f"a TLS report of {len(data)} bytes; at most {MAX_JSON}")
    try:
        report = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise DecodeError(Reason.BAD_SYNTAX, f"not JSON: {error}") from error
    if not isinstance(report, dict) or not isinstance(report.get("policies"), list):
        raise DecodeError(Reason.MISSING_FIELD, "a TLS report without a list of policies (RFC 8460 section 4.4)")
    return report


def _records(raw: Raw, report: dict[str, Any]) -> Iterator[Evidence | Rejected]:
    index = 0
    for entry in report["policies"]:
        details = entry.get("failure-details") if isinstance(entry, dict) else None
        for detail in details if isinstance(details, list) and details else [{}]:
            if index >= MAX_RECORDS:
                yield Rejected(Reason.TOO_MANY, f"more than {MAX_RECORDS} records", index, FORMAT)
                return
            try:
                yield _record(raw, index, report, entry, detail)
            except DecodeError as error:
                yield Rejected(error.reason, error.detail, index, FORMAT, orjson.dumps(detail)[:MAX_CUT])
            index += 1


def _record(raw: Raw, index: int, report: dict[str, Any], entry: Any, detail: Any) -> Evidence:
    if not isinstance(entry, dict) or not isinstance(detail, dict):
        raise DecodeError(Reason.BAD_VALUE, "policies and failure-details hold objects")
    policy = entry["policy"] if isinstance(entry.get("policy"), dict) else {}
    summary = entry["summary"] if isinstance(entry.get("summary"), dict) else {}
    domain = normal_domain(_text(policy, "policy-domain"))
    source_ip = _text(detail, "sending-mta-ip")
    if source_ip and not normal_ip(source_ip):
        raise DecodeError(Reason.BAD_VALUE, f"sending-mta-ip {source_ip!r} is no IP address")
    failed = _sessions(
        detail if detail else summary, "failed-session-count" if detail else "total-failure-session-count"
    )
    organisation = _text(report, "organization-name")
    headers = {
        "policy-domain": domain,
        "policy-type": _text(policy, "policy-type"),
        "result-type": _text(detail, "result-type"),
        "failure-reason-code": _text(detail, "failure-reason-code"),
        "receiving-mx": _text(detail, "receiving-mx-hostname"),
        "report-id": _text(report, "report-id"),
        "sessions-failed": str(failed),
        "sessions-successful": "" if detail else str(_sessions(summary, "total-successful-session-count")),
    }
    return evidence(
        raw,
        index,
        FORMAT,
        identity=(organisation, headers["report-id"]),
        shared_key=True,
        channel=Channel.EMAIL,
        source=Source.FILTER,
        reporter=organisation,
        observed_at=_end(report.get("date-range")),
        sender_raw=source_ip,
        sender=normal_ip(source_ip),
        sender_kind=SenderKind.IP if source_ip else SenderKind.UNKNOWN,
        source_ip=normal_ip(source_ip),
        headers={name: value for name, value in headers.items() if value},
        reported_spam=False,
    )


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return value.strip().replace("\0", "")[:1000] if isinstance(value, str) else ""


def _sessions(found: dict[str, Any], name: str) -> int:
    value = found.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DecodeError(Reason.BAD_VALUE, f"{name} is {str(value)[:40]!r}, not a number of sessions")
    return value


def _end(range_: Any) -> int:
    """End of the period in milliseconds, 0 unknown (RFC 3339 in UTC; without a zone it is read as UTC)."""
    value = range_.get("end-datetime") if isinstance(range_, dict) else None
    try:
        when = datetime.fromisoformat(value[:40]) if isinstance(value, str) else None
        if when is None:
            return 0
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
