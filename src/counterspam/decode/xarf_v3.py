"""XARF reports of the versions before 4, put into the form of version 4.

Read are `ReporterInfo` and `Report` with ReportType, Date, SourceIp or SourceUrl and Samples, in the two spellings that
are about (Samples/Payload/Base64Encoded, and Attachment/Data under Source and AdditionalInfo).
"""

import base64
import ipaddress
import uuid
from typing import Any

import orjson

from counterspam.decode import times
from counterspam.decode.record import digest
from counterspam.errors import DecodeError, Reason

VERSIONS = {"1", "2", "3", "3.0", "3.0.0", "alpha", "development", ""}
TYPES = {
    "spam": ("messaging", "spam"),
    "phishing": ("content", "phishing"),
    "fraud": ("content", "fraud"),
    "malware": ("content", "malware"),
}
DETECTION = {"trap": "spamtrap", "spamtrap": "spamtrap", "honeypot": "honeypot"}


def upgraded(item: dict[str, Any]) -> dict[str, Any]:
    """The report in the form of version 4. Raises DecodeError naming what is wrong or missing."""
    version = item.get("Version", "")
    if not isinstance(version, str) or version not in VERSIONS:
        raise DecodeError(Reason.UNSUPPORTED, f"Version: {str(version)[:40]!r} is not known")
    info, report = _object(item, "ReporterInfo"), _object(item, "Report")
    category, kind = _kind(report)
    when = _text(report, "Date")
    if times.milliseconds(when) is None or "T" not in when:
        raise DecodeError(Reason.BAD_VALUE, f"Report.Date: {when[:64]!r} is not an RFC 3339 time")
    extra, origin = _object(report, "AdditionalInfo", {}), _object(report, "Source", {})
    contact = _contact(info)
    address = _text(report, "SourceUrl") or _text(report, "Url") or _text(origin, "URL")
    upgrade: dict[str, Any] = {
        "xarf_version": "4.2.0",
        "legacy_version": "3",
        "report_id": _identity(item),
        "timestamp": when,
        "reporter": contact,
        "sender": contact,
        "source_identifier": _source(report, origin) or address,
        "category": category,
        "type": kind,
        "protocol": (_text(report, "Protocol") or _text(extra, "Protocol") or "smtp").lower(),
        "smtp_from": _text(report, "SmtpMailFromAddress") or _text(report, "FromAddress") or _text(extra, "SMTPFrom"),
        "subject": _text(report, "SmtpMessageSubject") or _text(extra, "Subject"),
        "url": address,
        "fraud_type": "other",
        "evidence_source": DETECTION.get(
            (_text(extra, "DetectionMethod") or _text(report, "ReportSubType")).lower(), ""
        ),
        "evidence": _samples(report),
    }
    _address(report, "DestinationIp")
    if not upgrade["source_identifier"]:
        raise DecodeError(Reason.MISSING_FIELD, "Report: neither SourceIp nor SourceUrl")
    return upgrade


def _kind(report: dict[str, Any]) -> tuple[str, str]:
    """Category and type in the words of version 4. Raises DecodeError when the report is about something else."""
    given = _text(report, "ReportType")
    if not given:
        raise DecodeError(Reason.MISSING_FIELD, "Report.ReportType: missing")
    if given.lower() not in TYPES:
        raise DecodeError(Reason.UNSUPPORTED, f"a report of {given[:60]}, which is not about spam")
    if (detail := _text(report, "ReportSubType")).lower().startswith("rpz"):
        raise DecodeError(Reason.UNSUPPORTED, f"a report of {given[:60]}/{detail[:60]}: an infected host, not spam")
    return TYPES[given.lower()]


def _object(item: dict[str, Any], name: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
    value = item.get(name, default)
    if value is None:
        raise DecodeError(Reason.MISSING_FIELD, f"{name}: missing")
    if not isinstance(value, dict):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: not an object")
    return value


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: not a string")
    return value


def _contact(info: dict[str, Any]) -> dict[str, str]:
    """Who reports. A person need not give an address (version 3); an organisation must."""
    org, address = _text(info, "ReporterOrg"), _text(info, "ReporterContactEmail") or _text(info, "ReporterOrgEmail")
    if _text(info, "ReporterType") == "Person":
        return {"org": org or "person", "contact": address or "person@unknown.invalid", "domain": "unknown.invalid"}
    if not org or "@" not in address[1:-1]:
        raise DecodeError(Reason.MISSING_FIELD, "ReporterInfo: an organisation needs ReporterOrg and an e-mail address")
    return {"org": org, "contact": address, "domain": address.rpartition("@")[2]}


def _source(report: dict[str, Any], origin: dict[str, Any]) -> str:
    return _address(report, "SourceIp") or _address(origin, "IP")


def _address(item: dict[str, Any], name: str) -> str:
    if not (given := _text(item, name)):
        return ""
    try:
        return str(ipaddress.ip_address(given))
    except ValueError as error:
        raise DecodeError(Reason.BAD_VALUE, f"{name}: {given[:60]!r} is not an IP address") from error


def _identity(item: dict[str, Any]) -> str:
    """These versions have no report id: one over the whole content, so that the same report again is the same."""
    return str(uuid.UUID(digest(orjson.dumps(item, option=orjson.OPT_SORT_KEYS))))


def _samples(report: dict[str, Any]) -> list[dict[str, str]]:
    samples = report.get("Samples", report.get("Attachment", []))
    if not isinstance(samples, list) or not all(isinstance(sample, dict) for sample in samples):
        raise DecodeError(Reason.BAD_VALUE, "Samples: not a list of objects")
    found = []
    for sample in samples:
        data = _text(sample, "Data") or _text(sample, "Payload")
        encoded = sample.get("Base64Encoded", "Data" in sample)
        if not isinstance(encoded, bool):
            raise DecodeError(Reason.BAD_VALUE, "Base64Encoded: neither true nor false")
        payload = data if encoded else base64.b64encode(data.encode()).decode()
        found.append({"content_type": _text(sample, "ContentType"), "payload": payload})
    return found
