"""DMARC aggregate reports (RFC 7489 section 7.2, RFC 9990): XML, alone or attached to the report mail.

One piece of evidence per <record>, which stands for `count` messages. It is evidence of authentication as a receiver saw
it, not a report of spam: source is FILTER and `reported_spam` stays None. All the records of a report share one key.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from counterspam.decode import dmarc_xml, rfc5322
from counterspam.decode.address import normal_domain
from counterspam.decode.authres import result
from counterspam.decode.feedback import normal_ip
from counterspam.decode.inflate import inflate
from counterspam.decode.mime import Part, read_mail
from counterspam.decode.record import MAX_CUT, MAX_RECORDS, evidence, evidence_id
from counterspam.decode.reports import HEAD, may_report
from counterspam.errors import DecodeError, Reason
from counterspam.model import Authentication, Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Disposition, SenderKind, Source

FORMAT = "dmarc"
MAX_COUNT = 2**32 - 1
MAX_REPORTS = 100  # attached to one mail
MAX_RECORD = 64 * 1024
MAX_FRAME = 1024 * 1024
MAX_KINDS = 1024

_ROOT = re.compile(rb"<(?:[\w.-]+:)?feedback[\s>]")
_SUBJECT = re.compile(rb"report[ \t_]+domain:[^\n]*(?:\n[ \t][^\n]*)*submitter:")
# RFC 7489 section 7.2.1.1: receiver!policy-domain!begin!end, as the name of the attachment.
_NAME = re.compile(rb"![a-z0-9._-]+![0-9]{9,10}![0-9]{9,10}")
_TYPES = re.compile(r"(?:application|text)/(?:x-)?(?:gzip|gzip-compressed|zip|zip-compressed|xml|octet-stream)$")
# The two values in which records of one report nearly always differ; the rest of a record is parsed once per kind.
_VARYING = re.compile(
    rb"<((?:[\w.-]+:)?source_ip)>([^<&]*)</\1>(\s*)<((?:[\w.-]+:)?count)>([^<&]*)</\4>",
)
# RFC 7489 section 6.3 and RFC 9990 ("pass"), policy_evaluated/disposition.
_DISPOSITION = {
    "none": Disposition.DELIVERED,
    "pass": Disposition.DELIVERED,
    "quarantine": Disposition.TAGGED,
    "reject": Disposition.BLOCKED,
}
# Reports hold hundreds of thousands of records that differ in three fields: their evidence is copied slot by slot, at half
# the price of Evidence(...).
_NAMES = tuple(field.name for field in fields(Evidence))


@dataclass(frozen=True, slots=True)
class _Report:
    organisation: str
    id: str
    domain: str
    policy: str
    end: int

    def headers(self) -> dict[str, str]:
        return {"policy": self.policy, "policy-domain": self.domain, "report-id": self.id}


def looks_like(raw: Raw) -> bool:
    """A feedback element near the start of XML; in a mail the subject or the attachment's name that the RFC prescribes."""
    head = raw.data[:HEAD]
    start = head[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"<"):
        return bool(_ROOT.search(head.replace(b"\0", b"").lower()))
    if not may_report(raw.data):
        return False
    low = head.lower()
    if not (b"submitter:" in low and _SUBJECT.search(low)) and not _NAME.search(low):
        return False
    if b"tls-report-domain:" in low or b"tlsrpt" in low:  # the same subject and names (RFC 8460 section 5.3)
        return False
    return rfc5322.looks_like(raw)


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """One Evidence or Rejected per record. Raises DecodeError when the report as a whole cannot be read."""
    if raw.data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        yield from _records(raw, raw.data, 0)
        return
    attached = [part for part in read_mail(raw.data).parts if _may_carry(part)][:MAX_REPORTS]
    if not attached:
        yield from rfc5322.decode(raw)
        return
    index = 0
    for part in attached:
        try:
            for record in _records(raw, inflate(part.content), index):
                yield record
                index += 1
        except DecodeError as error:
            if len(attached) == 1:
                raise
            yield Rejected(error.reason, f"{part.name}: {error.detail}"[:500], index, FORMAT, part.content[:MAX_CUT])
            index += 1


def _may_carry(part: Part) -> bool:
    named = part.name.lower().endswith((".xml", ".xml.gz", ".zip", ".gz", ".xml.zip"))
    return named or bool(_TYPES.match(part.type)) or part.content[:4] in (b"PK\x03\x04", b"\x1f\x8b\x08\x00")


def _records(raw: Raw, data: bytes, first: int) -> Iterator[Evidence | Rejected]:
    data = dmarc_xml.to_utf8(data)
    frame, ended = dmarc_xml.frame(data)
    flaw = "" if ended else "it is cut off"
    try:
        head = dmarc_xml.flatten(frame[:MAX_FRAME], whole=False)
    except DecodeError as error:
        head, flaw = _damaged(frame[:MAX_FRAME]), error.detail
    if not head and not flaw:
        raise DecodeError(Reason.MISSING_FIELD, "no report_metadata (RFC 7489 appendix C)")
    report = _report(
        {path.removeprefix("feedback/"): values for path, values in head.items()}
    )  # a root around the root
    known: dict[bytes, dict[str, Any]] = {}
    index = first
    for cut in dmarc_xml.records(data):
        if index - first >= MAX_RECORDS:
            yield Rejected(Reason.TOO_MANY, f"more than {MAX_RECORDS} records", index, FORMAT)
            return
        try:
            yield _evidence(raw, index, report, cut, known)
        except DecodeError as error:
            yield Rejected(error.reason, error.detail, index, FORMAT, cut.data[:MAX_CUT])
            flaw = "" if cut.broken else flaw
        index += 1
    if flaw:
        yield Rejected(Reason.BAD_SYNTAX, f"report around its records: {flaw}", index, FORMAT, frame[:MAX_CUT])
    elif index == first:
        yield Rejected(Reason.EMPTY, "a report without records", index, FORMAT, data[:MAX_CUT])


def _damaged(frame: bytes) -> dmarc_xml.Fields:
    """What can be read of a frame that is not well-formed: the simple elements that the report needs, wherever they stand."""
    found: dmarc_xml.Fields = {}
    for path in ("report_metadata/org_name", "report_metadata/report_id", "report_metadata/date_range/end"):
        name = path.rpartition("/")[2].encode()
        if match := re.search(rb"<%s>([^<]{1,1000})</%s>" % (name, name), frame):
            found[path] = [html.unescape(match[1].decode("utf-8", "replace")).strip()]
    if match := re.search(rb"<policy_published>\s*<domain>([^<]{1,255})</domain>", frame):
        found["policy_published/domain"] = [html.unescape(match[1].decode("utf-8", "replace")).strip()]
    return found


def _report(head: dmarc_xml.Fields) -> _Report:
    def one(path: str) -> str:
        return head.get(path, [""])[0].replace("\0", "")

    return _Report(
        organisation=one("report_metadata/org_name") or one("report_metadata/email").rpartition("@")[2],
        id=one("report_metadata/report_id"),
        domain=normal_domain(one("policy_published/domain")),
        policy=one("policy_published/p").lower(),
        end=_seconds(one("report_metadata/date_range/end")),
    )


def _seconds(value: str) -> int:
    """Milliseconds of a time in seconds since 1970; milliseconds and ISO 8601 are understood too; 0 unknown."""
    try:
        number = float(value)
        return int(number if number > 1e11 else number * 1000)
    except (ValueError, OverflowError):
        pass
    try:
        when = datetime.fromisoformat(value)
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def _evidence(
    raw: Raw, index: int, report: _Report, cut: dmarc_xml.Cut, known: dict[bytes, dict[str, Any]]
) -> Evidence:
    if cut.broken:
        raise DecodeError(Reason.BAD_SYNTAX, "record cut off")
    if len(cut.data) > MAX_RECORD:
        raise DecodeError(Reason.TOO_LARGE, f"a record of {len(cut.data)} bytes; at most {MAX_RECORD}")
    varying = _VARYING.search(cut.data)
    if varying is None:
        found = dmarc_xml.flatten(cut.data)
        row = _fields(raw, report, found)
        address, count = found.get("row/source_ip", [""])[0], found.get("row/count", [""])[0]
    else:
        address, count = varying[2].decode("utf-8", "replace"), varying[5].decode("utf-8", "replace")
        kind = b"%b?%b%b" % (
            cut.data[: varying.start(2)],
            cut.data[varying.end(2) : varying.start(5)],
            cut.data[varying.end(5) :],
        )
        row = known.get(kind) or {}
        if not row:
            if len(known) >= MAX_KINDS:
                known.clear()
            row = known[kind] = _fields(raw, report, dmarc_xml.flatten(cut.data))
    row["id"], row["source_ip"], row["count"] = evidence_id(raw, index), _address(address), _count(count)
    return Evidence(**row)


def _address(value: str) -> str:
    if not value.strip():
        raise DecodeError(Reason.MISSING_FIELD, "record without source_ip")
    if not (found := normal_ip(value)):
        raise DecodeError(Reason.BAD_VALUE, f"source_ip {value[:60]!r} is no IP address")
    return found


def _count(value: str) -> int:
    value = value.strip()
    if not value:
        raise DecodeError(Reason.MISSING_FIELD, "record without count")
    if not (value.isascii() and value.isdigit() and len(value) < 12 and 1 <= int(value) <= MAX_COUNT):
        raise DecodeError(Reason.BAD_VALUE, f"count {value[:60]!r} is not a number from 1 to {MAX_COUNT}")
    return int(value)


def _fields(raw: Raw, report: _Report, record: dmarc_xml.Fields) -> dict[str, Any]:
    """The values of all the fields of Evidence; id, address and count are still to be set."""

    def every(path: str) -> list[str]:
        return [value.replace("\0", "") for value in record.get(path, ())]

    def one(path: str) -> str:
        return next(iter(every(path)), "")

    domain = normal_domain(one("identifiers/header_from")) or report.domain
    evaluated = [one(f"row/policy_evaluated/{method}").lower() for method in ("dkim", "spf")]
    headers = {
        "envelope-from": normal_domain(one("identifiers/envelope_from")),
        "dkim-domain": " ".join(dict.fromkeys(normal_domain(name) for name in every("auth_results/dkim/domain")[:20])),
        "spf-domain": normal_domain(one("auth_results/spf/domain")),
        "dkim-aligned": result(evaluated[0]),
        "spf-aligned": result(evaluated[1]),
        "override": " ".join(dict.fromkeys(every("row/policy_evaluated/reason/type")[:20])).lower(),
    }
    row = evidence(
        raw,
        0,
        FORMAT,
        identity=(report.organisation, report.id, report.domain),
        shared_key=True,
        channel=Channel.EMAIL,
        source=Source.FILTER,
        observed_at=report.end,
        reporter=report.organisation,
        sender_raw=one("identifiers/header_from"),
        sender=f"@{domain}" if domain else "",
        sender_kind=SenderKind.EMAIL if domain else SenderKind.UNKNOWN,
        auth=Authentication(
            spf=_best(every("auth_results/spf/result")),
            dkim=_best(every("auth_results/dkim/result")),
            dmarc="pass" if "pass" in evaluated else "fail" if any(evaluated) else "",
        ),
        disposition=_DISPOSITION.get(one("row/policy_evaluated/disposition").lower(), Disposition.UNKNOWN),
        headers={name: value for name, value in (report.headers() | headers).items() if value},
    )
    return {name: getattr(row, name) for name in _NAMES}


def _best(results: list[str]) -> str:
    """Of several results a pass, else the first."""
    known = [word for one in results[:50] if (word := result(one))]
    return "pass" if "pass" in known else known[0] if known else ""
