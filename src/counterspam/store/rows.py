"""Findings as rows of the event store: one Arrow table, its columns in the order of `events` in the schema."""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import orjson
import pyarrow as pa

from counterspam import reasons
from counterspam.model import Evidence, Finding, Origin, Verdict
from counterspam.privacy import mask

EXCERPT = 160
SUBJECT = 300
TAIL = 80  # characters behind an excerpt that may belong to an address which begins in it
MAX_LIST = 20
MAX_URL = 2_000
MAX_LINE = 1_000
# Columns that are filled in when rows are stored, each with what stands there before.
BLANK: dict[str, Any] = {
    "seen_before": 0,
    "campaign": 0,
    "record": 0,
    "blob": "",
    "seen_24h": 0,
    "seen_30d": 0,
    "seen_365d": 0,
    "definitions": [],
    "judged_under": "",
}
_U32 = 2**32 - 1
_NOWHERE = Origin()

_WORD = pa.dictionary(pa.int32(), pa.string())  # few different values: LowCardinality(String)
_TIME = pa.timestamp("ms", tz="UTC")

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("received_at", _TIME),
        ("observed_at", _TIME),
        ("node", _WORD),
        ("channel", _WORD),
        ("source", _WORD),
        ("format", _WORD),
        ("intake", _WORD),
        ("jurisdiction", _WORD),
        ("reporter", pa.string()),
        ("sender", pa.string()),
        ("sender_kind", _WORD),
        ("sender_domain", pa.string()),
        ("recipient_country", _WORD),
        ("recipient_operator", _WORD),
        ("count", pa.uint32()),
        ("seen_before", pa.uint32()),
        ("spam", pa.uint8()),
        ("probability", pa.float32()),
        ("content_type", _WORD),
        ("nature", _WORD),
        ("payload", _WORD),
        ("technique", _WORD),
        ("disposition", _WORD),
        ("model", _WORD),
        ("country", _WORD),
        ("asn", pa.uint32()),
        ("network", _WORD),
        ("operator", _WORD),
        ("source_ip", pa.string()),
        ("transit", pa.list_(pa.string())),
        ("language", _WORD),
        ("spf", _WORD),
        ("dkim", _WORD),
        ("dmarc", _WORD),
        ("stir", _WORD),
        ("campaign", pa.uint64()),
        ("subject", pa.string()),
        ("excerpt", pa.string()),
        ("domains", pa.list_(pa.string())),
        ("numbers", pa.list_(pa.string())),
        ("body_hash", pa.string()),
        ("blob", pa.string()),
        ("record", pa.uint32()),
        ("detail", pa.string()),
        ("synthetic", pa.uint8()),
        ("traits", _WORD),
        ("seen_24h", pa.uint32()),
        ("seen_30d", pa.uint32()),
        ("seen_365d", pa.uint32()),
        ("definitions", pa.list_(pa.string())),
        ("judged_under", _WORD),
    ]
)


def table(findings: Sequence[Finding], node: str) -> pa.Table:
    """One row per finding. What depends on what is stored already, and on national definitions, is filled in by `settle`.

    A count above 4,294,967,295 is cut to that.
    """
    columns = {**_of_evidence(findings, node), **_of_verdicts(findings), **_of_origins(findings)}
    columns |= {name: [value] * len(findings) for name, value in BLANK.items()}
    return pa.Table.from_arrays([_array(columns[f.name], f.type) for f in SCHEMA], schema=SCHEMA)


def _array(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    plain = pa.string() if type == _WORD else type
    try:
        array = pa.array(values, plain)
    except UnicodeEncodeError:  # lone surrogates from hostile input
        array = pa.array([_utf8(value) for value in values], plain)
    return array.dictionary_encode() if type == _WORD else array


def _utf8(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [_utf8(one) for one in value]


def _of_evidence(findings: Sequence[Finding], node: str) -> dict[str, list[Any]]:
    """Column by column rather than row by row, which takes a quarter of the time."""
    all = [finding.evidence for finding in findings]
    same = ["id", "received_at", "observed_at", "channel", "source", "format", "intake", "jurisdiction", "reporter"]
    same += ["sender", "sender_kind", "recipient_operator", "disposition"]
    return {name: list(map(attrgetter(name), all)) for name in same} | {
        "node": [node] * len(all),
        "recipient_country": [e.recipient_country or f.origin.destination for e, f in zip(all, findings, strict=True)],
        "count": [e.count if e.count <= _U32 else _U32 for e in all],
        "spf": [e.auth.spf for e in all],
        "dkim": [e.auth.dkim for e in all],
        "dmarc": [e.auth.dmarc for e in all],
        "stir": [e.auth.stir for e in all],
        "subject": [_excerpt(e.subject, SUBJECT) if e.subject else "" for e in all],
        "excerpt": [_excerpt(e.text, EXCERPT) if e.text else "" for e in all],
        "synthetic": [int(e.synthetic) for e in all],
    }


def _of_verdicts(findings: Sequence[Finding]) -> dict[str, list[Any]]:
    all = [finding.verdict for finding in findings]
    facts = [finding.facts for finding in findings]
    same = ("spam", "probability", "content_type", "nature", "payload", "technique", "model")
    return {name: list(map(attrgetter(name), all)) for name in same} | {
        "spam": [int(verdict.spam) for verdict in all],
        "sender_domain": [f.sender_domain for f in facts],
        "language": [f.facts.language or f.evidence.language for f in findings],
        "domains": [f.domains[:MAX_LIST] for f in facts],
        "numbers": [f.numbers[:MAX_LIST] for f in facts],
        "body_hash": [f.body_hash for f in facts],
        "traits": [f.manners for f in facts],
        "detail": _details(findings),
    }


def _of_origins(findings: Sequence[Finding]) -> dict[str, list[Any]]:
    all = [finding.origin for finding in findings]
    return {
        "country": [origin.country for origin in all],
        "asn": [min(origin.asn, _U32) for origin in all],
        "network": [origin.network for origin in all],
        "operator": [origin.operator for origin in all],
        "source_ip": [f.origin.ip or f.evidence.source_ip for f in findings],
        "transit": [origin.transit[:MAX_LIST] for origin in all],
    }


def _details(findings: Sequence[Finding]) -> list[str]:
    """The `detail` of each; records of aggregate reports share verdicts, and what differs stands in their columns."""
    known: dict[tuple[int, int], str] = {}
    found = []
    for finding in findings:
        evidence = finding.evidence
        if evidence.shared_key and not evidence.text and evidence.calls is None:
            same = (id(finding.verdict), id(evidence.headers))
            if same not in known:
                known[same] = _detail(replace(finding, origin=_NOWHERE))
            found.append(known[same])
        else:
            found.append(_detail(finding))
    return found


_ADDRESS = string.ascii_letters + string.digits + "._%+-@"
_PERSONAL = re.compile("[0-9@]")  # without one of these there is nothing to mask, and masking is slow


def _excerpt(text: str, limit: int) -> str:
    """The masked beginning of a text in one line. A word that the cut goes through is left out: its mask might not match."""
    line = " ".join(text[: 2 * (limit + TAIL)].split())
    if len(line) > limit + TAIL or len(text) > 2 * (limit + TAIL):
        line = line[: limit + TAIL]
        line = line[:-TAIL] + line[-TAIL:].rstrip(_ADDRESS)
    return (mask(line) if _PERSONAL.search(line) else line)[:limit]


def _detail(finding: Finding) -> str:
    """What explains the row, as JSON without empty fields; "" when there is nothing to say."""
    e, verdict = finding.evidence, finding.verdict
    worded = bool(e.text or e.subject)
    found: dict[str, Any] = {
        "summary": verdict.summary[:MAX_LINE],
        # Tables and aggregate reports come by the hundred thousand: of their checks, those that spoke.
        "checks": [reasons.stored(c, MAX_LINE) for c in verdict.checks if worded or c.weight],
        "ai": _ai(verdict),
        "hops": finding.origin.hops[:50],
        "attachments": e.attachments[:50],
        "auth": {k: v for k in ("spf", "dkim", "dmarc", "arc", "stir") if (v := getattr(e.auth, k))},
        "urls": [url[:MAX_URL] for url in finding.facts.urls[:MAX_LIST]],
        "claimed": e.claimed[:MAX_LINE],
        "calls": e.calls,
        "relays": [relay[:MAX_LINE] for relay in e.relays[:MAX_LIST]],
        "headers": _headers(e),
    }
    found = {name: value for name, value in found.items() if value}
    if not found:
        return ""
    try:
        return orjson.dumps(found).decode()
    except TypeError:  # lone surrogates from hostile input
        return orjson.dumps(_plain(found)).decode()


def _ai(verdict: Verdict) -> dict[str, float]:
    """The score for machine-written text and how often it errs; empty where it abstained."""
    if verdict.ai_score is None or verdict.ai_wrong is None:
        return {}
    return {"score": round(verdict.ai_score, 4), "wrong": round(verdict.ai_wrong, 4)}


def _headers(e: Evidence) -> dict[str, str]:
    return {name[:100]: value[:MAX_LINE] for name, value in list(e.headers.items())[:30]} if e.headers else {}


def _plain(value: Any) -> Any:
    """The same for orjson, every string fit for UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_plain(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "__slots__"):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    return value
