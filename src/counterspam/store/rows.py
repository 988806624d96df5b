"""Findings as rows of the event store: one Arrow table, its columns in the order of `events` in the schema."""

import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa

from counterspam.model import Evidence, Finding
from counterspam.privacy import mask

EXCERPT = 160
SUBJECT = 300
TAIL = 80  # characters behind an excerpt that may belong to an address which begins in it
MAX_LIST = 20
MAX_URL = 2_000
MAX_LINE = 1_000
_U32 = 2**32 - 1

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
    ]
)


def table(findings: Sequence[Finding], node: str) -> pa.Table:
    """One row per finding. `campaign`, `seen_before`, `blob` and `record` are filled in when the rows are stored.

    A count above 4,294,967,295 is cut to that.
    """
    columns = list(zip(*(_row(finding, node) for finding in findings), strict=True)) or [()] * len(SCHEMA)
    return pa.Table.from_arrays([_array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


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


def _row(finding: Finding, node: str) -> tuple[Any, ...]:
    e, facts, verdict, origin = finding.evidence, finding.facts, finding.verdict, finding.origin
    return (
        e.id,
        e.received_at,
        e.observed_at,
        node,
        e.channel,
        e.source,
        e.format,
        e.intake,
        e.jurisdiction,
        e.reporter,
        e.sender,
        e.sender_kind,
        facts.sender_domain,
        e.recipient_country or origin.destination,
        e.recipient_operator,
        min(e.count, _U32),
        0,
        int(verdict.spam),
        verdict.probability,
        verdict.content_type,
        verdict.nature,
        verdict.payload,
        verdict.technique,
        e.disposition,
        verdict.model,
        origin.country,
        min(origin.asn, _U32),
        origin.network,
        origin.operator,
        origin.ip or e.source_ip,
        origin.transit[:MAX_LIST],
        facts.language or e.language,
        e.auth.spf,
        e.auth.dkim,
        e.auth.dmarc,
        e.auth.stir,
        0,
        _excerpt(e.subject, SUBJECT) if e.subject else "",
        _excerpt(e.text, EXCERPT) if e.text else "",
        facts.domains[:MAX_LIST],
        facts.numbers[:MAX_LIST],
        facts.body_hash,
        "",
        0,
        _detail(finding),
        int(e.synthetic),
    )


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
        "checks": [
            (c.name, c.answer[:MAX_LINE], round(c.weight, 4), c.detail[:MAX_LINE])
            for c in verdict.checks
            if worded or c.weight
        ],
        "spans": [(s.field, s.start, s.end, round(s.weight, 4)) for s in verdict.spans[:50]],
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
