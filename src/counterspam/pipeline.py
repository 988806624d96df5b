"""The path of evidence, from bytes to a finding. Read this file first.

    bytes -> recognise -> decode -> minimise -> derive -> check -> judge -> locate -> fingerprint -> Finding

Everything here is a pure function of the raw item and the tools (model, tables, lists): the same bytes give the same
findings on every node and after every restart. `node.py` feeds it from the spool and writes what comes out to the stores.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import ParamSpec, TypeVar

from counterspam import privacy
from counterspam.config import Config
from counterspam.decode import (
    arf,
    call_record,
    complaint,
    dmarc,
    dmarc_failure,
    evidence_json,
    mars,
    message_table,
    rfc5322,
    tls_rpt,
    xarf,
)
from counterspam.decode.inflate import inflate
from counterspam.detect import (
    authentication,
    calling,
    duplicate,
    learned,
    links,
    lists,
    numbers,
    obfuscation,
    sender,
    source,
    structure,
    text,
    verdict,
)
from counterspam.detect.facts import derive
from counterspam.errors import DecodeError, Reason
from counterspam.group import fingerprint
from counterspam.locate import call_route, email_path, message_route
from counterspam.locate.network import Networks
from counterspam.model import Check, Evidence, Facts, Finding, Origin, Raw, Rejected, Verdict
from counterspam.taxonomy import Channel
from counterspam.tools import Tools

P = ParamSpec("P")
T = TypeVar("T")
NO_FACTS = Facts()
MAX_KNOWN = 10_000

# The most particular format first: a DMARC report is also a mail, an evidence line is also JSON.
FORMATS: tuple[ModuleType, ...] = (
    evidence_json,
    xarf,
    mars,
    dmarc,
    dmarc_failure,
    tls_rpt,
    arf,
    call_record,
    complaint,
    message_table,
    rfc5322,
)

# Every check answers about every piece of evidence.
CHECKS: tuple[ModuleType, ...] = (
    source,
    sender,
    authentication,
    structure,
    links,
    numbers,
    text,
    obfuscation,
    duplicate,
    lists,
    calling,
    learned,
)


def open_tools(config: Config) -> Tools:
    """Load model, tables and lists."""
    return Tools(
        config=config,
        key=privacy.node_key(config.data),
        networks=Networks.open(config.mmdb_country, config.mmdb_asn, config.data / "networks"),
        model=learned.load(config.model),
        lists=lists.load(config.allow_list, config.block_list),
    )


def recognise(raw: Raw) -> ModuleType:
    """The decoder whose format the bytes are in."""
    if not raw.data.strip():
        raise DecodeError(Reason.EMPTY, "nothing in it")
    for module in FORMATS:
        if module.looks_like(raw):
            return module
    raise DecodeError(Reason.UNKNOWN_FORMAT, f"starts with {raw.data[:40]!r}, which no known format does")


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Evidence and rejected records of one raw item, in order. A bad record stops nothing."""
    format, nothing = "", True
    try:
        raw = replace(raw, data=inflate(raw.data))
        module = recognise(raw)
        format = module.__name__.rpartition(".")[2]
        for record in module.decode(raw):
            nothing = False
            yield record
        if nothing:
            yield Rejected(Reason.EMPTY, "no record in it", format=format, data=raw.data[:65536])
    except DecodeError as error:
        yield Rejected(error.reason, error.detail, format=format, data=raw.data[:65536])


def minimise(evidence: Evidence, tools: Tools) -> Evidence:
    """Replace the reporter by a pseudonym before anything is stored (X1237-1)."""
    if evidence.reporter:
        evidence.reporter = privacy.pseudonym(evidence.reporter, tools.key)  # in place: nobody has seen it yet
    return evidence


def check(evidence: Evidence, facts: Facts, tools: Tools) -> tuple[Check, ...]:
    """Every check's answer."""
    return tuple(module.check(evidence, facts, tools) for module in CHECKS)


def judge(evidence: Evidence, facts: Facts, checks: tuple[Check, ...], tools: Tools) -> Verdict:
    """All the answers as one explained verdict."""
    return verdict.judge(evidence, facts, checks, tools)


def locate(evidence: Evidence, facts: Facts, tools: Tools) -> Origin:
    """Who sent it and by which route."""
    if evidence.channel is Channel.EMAIL:
        return email_path.locate(evidence, tools)
    if evidence.channel is Channel.VOICE:
        return call_route.locate(evidence, tools)
    return message_route.locate(evidence, facts, tools)


def explain(evidence: Evidence, tools: Tools) -> tuple[Facts, Verdict]:
    """Derive, check and judge."""
    clock = _Clock(tools.seconds)
    facts = clock.run("derive", derive, evidence)
    answers = clock.run("check", check, evidence, facts, tools)
    return facts, clock.run("judge", judge, evidence, facts, answers, tools)


def _explain_like(evidence: Evidence, tools: Tools) -> tuple[Facts, Verdict]:
    """The same for a record of an aggregate report: those that differ in nothing that is checked share their answers."""
    listed = lists.check(evidence, NO_FACTS, tools).answer
    same = (id(evidence.headers), id(evidence.auth), evidence.sender, evidence.disposition, evidence.count > 1, listed)
    if same not in tools.known:
        if len(tools.known) >= MAX_KNOWN:
            tools.known.clear()
        # The evidence is kept beside the answers, so that nothing else can take over the identity of its parts.
        tools.known[same] = (evidence, *explain(evidence, tools))
    return tools.known[same][1:]


def examine(evidence: Evidence, tools: Tools) -> Finding:
    """One piece of evidence through the whole path."""
    clock = _Clock(tools.seconds)
    evidence = clock.run("minimise", minimise, evidence, tools)
    alike = evidence.shared_key and evidence.calls is None and not evidence.text
    facts, decision = _explain_like(evidence, tools) if alike else explain(evidence, tools)
    origin = clock.run("locate", locate, evidence, facts, tools)
    keys = clock.run("fingerprint", fingerprint.keys, evidence, facts)
    return Finding(evidence=evidence, facts=facts, verdict=decision, origin=origin, keys=keys)


def process(raw: Raw, tools: Tools) -> Iterator[Finding | Rejected]:
    """All that one raw item holds. A fault of our own on one record is kept like any other rejection, and shown."""
    for record in decode(raw):
        if isinstance(record, Rejected):
            yield record
        else:
            yield examine(record, tools)


class _Clock:
    """Adds up the seconds of each step."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def run(self, name: str, step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        started = time.perf_counter()
        result = step(*arguments, **named)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
        return result
