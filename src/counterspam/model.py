"""The records of counterspam: Raw -> Evidence -> Facts -> Check -> Verdict, Origin -> Finding.

All times are integers: milliseconds since 1970-01-01 UTC. Countries are ISO 3166-1 alpha-2 in capitals, "" is unknown.
Numbers are E.164 with the plus sign, domains lower-case and punycode, languages BCP 47, hashes lower-case hexadecimal.
No record is changed once it is made; those made for every message are not `frozen`, which would triple the time to make them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from counterspam.errors import Reason
from counterspam.taxonomy import (
    Channel,
    ContentType,
    Disposition,
    Nature,
    Payload,
    SenderKind,
    Source,
    Technique,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Bytes from the outside, untouched, with what the collector knows about them.

    `id` names this acceptance (32 hex digits, a UUIDv7); evidence ids are derived from it, so replaying gives the same ids.
    `intake` groups the submissions of one run or door ("http", "smtp", "ingest-7f3a"); counts are kept per intake.
    `source`, `channel`, `label` are what the collector was told; "" means that the decoder decides.
    `mapping` is column -> field for tables ("" keys are not used). `first` is the index of the first record, when the
    collector cut a large table into pieces. `recipients` is how many traps this one message was addressed to. `format` names
    the decoder (a module of `decode`); "" has it recognised from the bytes.
    """

    id: str
    data: bytes
    received_at: int
    intake: str
    name: str = ""
    source: str = ""
    channel: str = ""
    reporter: str = ""
    jurisdiction: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    first: int = 0
    recipients: int = 1
    synthetic: bool = False
    format: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a message that is a file: name as given, media type, size in bytes, SHA-256."""

    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Authentication results as reported, lower case: pass, fail, softfail, neutral, none, temperror, permerror; "" unknown.

    `stir` is the attestation level A, B or C (RFC 8588) or "fail". Source: RFC 8601.
    """

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    arc: str = ""
    stir: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calling pattern behind aggregated call evidence (X1246-2). Durations in seconds, shares from 0 to 1."""

    calls: int
    callees: int
    answered: float
    mean_duration: float
    short_ring: float
    callbacks: int = 0


@dataclass(slots=True, kw_only=True)
class Evidence:
    """One reported or observed message or call, or an aggregate of `count` like ones.

    `key` (32 hex digits) is its identity: a second one with the same key is a duplicate. `shared_key` says that all the
    records of one raw item share it (an aggregate report, a piece of a table), so they are duplicates together.
    `reporter` leaves the decoder as given and is replaced by a keyed pseudonym before anything else sees it.
    `received` holds the Received header values, newest first; `relays` the named hops of other channels (SMSC, trunk,
    reseller, upstream), from the recipient's side to the origin; `source_ip` the address that a report names.
    `claimed` is what the reporter called it (a complaint subject, a XARF type), verbatim and short.
    `records` is how many records of the wire format it stands for (calls that were aggregated); 1 nearly everywhere.
    `headers` are the few header fields that checks need, lower-case names, decoded values; `head` is the header block of a mail
    as the learned model reads it, without recipients and times; it is never stored.
    """

    id: str
    key: str
    received_at: int
    observed_at: int
    channel: Channel
    source: Source
    format: str
    intake: str
    shared_key: bool = False
    reporter: str = ""
    jurisdiction: str = ""
    sender_raw: str = ""
    sender: str = ""
    sender_kind: SenderKind = SenderKind.UNKNOWN
    recipient_country: str = ""
    recipient_operator: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    urls: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    auth: Authentication = field(default_factory=Authentication)
    calls: Calls | None = None
    language: str = ""
    count: int = 1
    records: int = 1
    disposition: Disposition = Disposition.UNKNOWN
    received: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()
    source_ip: str = ""
    claimed: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    head: str = ""
    reported_spam: bool | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was read but cannot be accepted; it is kept, listed and can be fed again.

    `index` is its place in the raw item, `data` the record alone where it can be cut out (at most 64 KiB).
    """

    reason: Reason
    detail: str
    index: int = 0
    format: str = ""
    data: bytes = b""


@dataclass(slots=True, kw_only=True)
class Facts:
    """What is derived once from the evidence, before the checks.

    `urls` absolute and normalised; `hosts` and `domains` (registrable) of links; `numbers` E.164 in the text; `emails`;
    `crypto` addresses; `brands` named in text, sender or links; `words` the folded text (NFKC, homoglyphs, zero-width and
    case removed) that text checks and near-duplicate keys read; `body_hash` SHA-256 over `words`; `language` BCP 47 or "".
    `obfuscation` counts the characters that folding had to repair, `disguised` are words of plain characters that had to be
    repaired, each with how ("digits", "spaced", "parted"); `odds` is what the learned model says, in log-odds, None before it
    was asked or without text; `kind_odds` what it says of the kind of spam, empty where it says nothing. `manners` are
    words of `detect.manners`: whether a text was read, offers a way to refuse, is labelled as advertising.
    """

    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    crypto: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    words: str = ""
    body_hash: str = ""
    language: str = ""
    obfuscation: int = 0
    disguised: tuple[tuple[str, str], ...] = ()
    sender_domain: str = ""
    odds: float | None = None
    manners: str = ""
    kind_odds: Mapping[ContentType, float] = field(default_factory=dict)


Because = tuple[str, Mapping[str, Any]]  # key and the values that its sentence names, see `reasons.py`


@dataclass(slots=True)
class Check:
    """One answer of one check. Every check answers, ham too, and never raises.

    `weight` is evidence for spam in log-odds (negative speaks for ham, 0 for nothing). `detail` is one plain line in
    English; `reasons` say the same so that it can be said in other languages (made together by `reasons.answer`).
    """

    name: str
    answer: str
    weight: float = 0.0
    detail: str = ""
    reasons: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of `Evidence.text` (or the subject) that weighed on the verdict; `weight` in log-odds."""

    field: str
    start: int
    end: int
    weight: float


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What it is, how sure, and why. `probability` that it is spam, calibrated, from 0 to 1.

    `ai_score`: probability that a machine wrote it, None where that cannot be said; `ai_wrong`: the share of human texts that
    may be called machine-written (upper bound, 95 %), None without a score.
    """

    probability: float
    spam: bool
    content_type: ContentType
    nature: Nature
    payload: Payload
    technique: Technique
    checks: tuple[Check, ...] = ()
    spans: tuple[Span, ...] = ()
    summary: str = ""
    ai_score: float | None = None
    ai_wrong: float | None = None
    definitions: tuple[str, ...] = ()
    model: str = ""


@dataclass(slots=True, kw_only=True)
class Hop:
    """One step of the way, newest first. `trusted`: written by a host that we have reason to believe."""

    by: str = ""
    sender: str = ""
    ip: str = ""
    at: int = 0
    country: str = ""
    asn: int = 0
    network: str = ""
    trusted: bool = False
    forged: bool = False
    note: str = ""


@dataclass(slots=True, kw_only=True)
class Origin:
    """Where it came from. `injection` is the index in `hops` of the host that handed it in, -1 unknown.

    `operator` is the carrier or range holder of a number, `network` the name of the autonomous system `asn` of an address.
    `transit` are the countries between origin and destination, in order of travel; `destination` where it was received.
    `basis` says in one word what the country rests on: "ip", "number", "record" or "" for unknown.
    """

    country: str = ""
    asn: int = 0
    network: str = ""
    operator: str = ""
    ip: str = ""
    transit: tuple[str, ...] = ()
    destination: str = ""
    basis: str = ""
    hops: tuple[Hop, ...] = ()
    injection: int = -1


@dataclass(slots=True, kw_only=True)
class Finding:
    """All that the path found out about one piece of evidence. `keys` are 63-bit integers: what a campaign shares."""

    evidence: Evidence
    facts: Facts
    verdict: Verdict
    origin: Origin
    keys: tuple[int, ...] = ()
