"""The path of evidence, from bytes to a finding. Read this file first.

    bytes -> recognise -> decode -> minimise -> derive -> check -> judge -> locate -> fingerprint -> Finding

Everything here is a pure function of the raw item and the tools (model, tables, lists): the same bytes give the same
findings on every node that uses the same versions of them, and after every restart (and, where pictures are read, with the
same tesseract). `node.py` feeds it from the spool and writes what comes out to the stores.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from types import ModuleType

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
    pictures,
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
    machine,
    manners,
    numbers,
    obfuscation,
    sender,
    source,
    structure,
    text,
    verdict,
    versions,
)
from counterspam.detect.facts import derive
from counterspam.errors import DecodeError, Reason
from counterspam.group import fingerprint
from counterspam.locate import call_route, email_path, message_route
from counterspam.locate.network import Networks
from counterspam.model import Check, Evidence, Facts, Finding, Origin, Raw, Rejected, Verdict
from counterspam.taxonomy import Channel
from counterspam.tools import Tools

Record = tuple[int, int, Evidence | Rejected]
log = logging.getLogger(__name__)
NO_FACTS = Facts()
MAX_KNOWN = 10_000
TOGETHER = 128  # records that are examined together

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
    """Load models, tables and lists, with the key and the networks of the node that has this data folder."""
    networks = Networks.open(config.mmdb_country, config.mmdb_asn, config.data / "networks")
    return tools_with(config, privacy.node_key(config.data), networks)


def tools_with(config: Config, key: bytes, networks: Networks) -> Tools:
    """Load models and lists. Raises ConfigError when something that the settings name is missing."""
    if config.ocr:
        pictures.program()
    tools = Tools(
        config=config,
        key=key,
        networks=networks,
        model=learned.load(config.model),
        lists=lists.load(config.allow_list, config.block_list),
        machine=machine.load(config.model),
    )
    return renewed(tools)


def renewed(tools: Tools) -> Tools:
    """The same tools with the versions of the models that are chosen now; a version that cannot be read is not used."""
    folder = tools.config.data / versions.FOLDER
    if (stamp := versions.stamp(folder)) == tools.stamp:
        return tools
    own, wrong = versions.models(folder)
    for place, why in wrong.items():
        log.error("the model for %s is not used: %s", place, why)
    model = own.pop(versions.ALL, None) or learned.load(tools.config.model)
    return replace(tools, model=model, own=own, stamp=stamp, known={})


def recognise(raw: Raw) -> ModuleType:
    """The decoder whose format the bytes are in, or the one that the collector named."""
    if not raw.data.strip():
        raise DecodeError(Reason.EMPTY, "nothing in it")
    for module in FORMATS:
        if raw.format == module.FORMAT if raw.format else module.looks_like(raw):
            return module
    raise DecodeError(Reason.UNKNOWN_FORMAT, f"starts with {raw.data[:40]!r}, which no known format does")


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Evidence and rejected records of one raw item, in order. A bad record stops nothing."""
    format, nothing = "", True
    try:
        data = inflate(raw.data)
        raw = raw if data is raw.data else replace(raw, data=data)
        module = recognise(raw)
        format = module.__name__.rpartition(".")[2]
        for record in module.decode(raw):
            nothing = False
            yield record
        if nothing:
            yield Rejected(Reason.EMPTY, "no record in it", format=format, data=raw.data[:65536])
    except DecodeError as error:
        yield Rejected(error.reason, error.detail, format=format, data=raw.data[:65536])


def read_pictures(raw: Raw, record: Evidence | Rejected, tools: Tools) -> Evidence | Rejected:
    """What stands in the pictures of a mail goes behind its text, when the node is told to read them."""
    if tools.config.ocr and isinstance(record, Evidence):
        return pictures.read(raw, record, tools.config.ocr_languages)
    return record


def minimise(evidence: Evidence, tools: Tools) -> Evidence:
    """Replace the reporter by a pseudonym before anything is stored (X1237-1)."""
    if evidence.reporter:
        evidence.reporter = privacy.pseudonym(evidence.reporter, tools.key)  # in place: nobody has seen it yet
    return evidence


def check(some: Sequence[Evidence], facts: Sequence[Facts], tools: Tools) -> list[tuple[Check, ...]]:
    """Every check's answer about each. One check after the other: its code and tables stay in the processor's cache."""
    learned.read(some, facts, tools.model)
    answers = [[module.check(e, f, tools) for e, f in zip(some, facts, strict=True)] for module in CHECKS]
    return list(zip(*answers, strict=True))


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


def explain(some: Sequence[Evidence], tools: Tools) -> list[tuple[Facts, Verdict]]:
    """Derive, check and judge each, by the model of its jurisdiction."""
    whose = [e.jurisdiction if e.jurisdiction in tools.own else "" for e in some]
    if not any(whose):
        return _explain(some, tools)
    found: dict[int, tuple[Facts, Verdict]] = {}
    for place in dict.fromkeys(whose):
        theirs = replace(tools, model=tools.own[place]) if place else tools
        which = [i for i, one in enumerate(whose) if one == place]
        found |= zip(which, _explain([some[i] for i in which], theirs), strict=True)
    return [found[i] for i in range(len(some))]


def _explain(some: Sequence[Evidence], tools: Tools) -> list[tuple[Facts, Verdict]]:
    with _timed("derive", tools):
        facts = [derive(evidence) for evidence in some]
    with _timed("manners", tools):
        for evidence, known in zip(some, facts, strict=True):
            if evidence.text or evidence.subject:  # what has none shares its facts with others
                known.manners = manners.traits(evidence, known)
    with _timed("check", tools):
        answers = check(some, facts, tools)
    with _timed("judge", tools):
        return [(f, judge(e, f, checks, tools)) for e, f, checks in zip(some, facts, answers, strict=True)]


def _explain_alike(some: Sequence[Evidence], tools: Tools) -> list[tuple[Facts, Verdict]]:
    """The same for records of aggregate reports: those that differ in nothing that is checked share their answers."""
    if len(tools.known) >= MAX_KNOWN:
        tools.known.clear()
    found = []
    for e in some:
        listed = lists.check(e, NO_FACTS, tools).answer
        same = (id(e.headers), id(e.auth), e.sender, e.disposition, e.count > 1, listed, e.jurisdiction)
        if (answer := tools.known.get(same)) is None:
            # The evidence is kept beside the answers, so that nothing else can take over the identity of its parts.
            answer = tools.known[same] = (e, *explain([e], tools)[0])
        found.append(answer[1:])
    return found


def examine(some: Sequence[Evidence], tools: Tools) -> list[Finding]:
    """Pieces of evidence through the whole path, several at once, step by step: that takes half of the time."""
    some = [minimise(evidence, tools) for evidence in some]
    summaries = all(e.shared_key and e.calls is None and not e.text for e in some)
    explained = _explain_alike(some, tools) if summaries else explain(some, tools)
    facts = [known for known, _ in explained]
    with _timed("locate", tools):
        origins = [locate(evidence, known, tools) for evidence, known in zip(some, facts, strict=True)]
    with _timed("fingerprint", tools):
        keys = fingerprint.keys(some, facts)
    return [
        Finding(evidence=evidence, facts=known, verdict=decision, origin=origin, keys=own)
        for evidence, (known, decision), origin, own in zip(some, explained, origins, keys, strict=True)
    ]


def process(raws: Iterable[Raw], tools: Tools) -> Iterator[tuple[int, int, Finding | Rejected]]:
    """All that raw items hold, in order: index of the item, place in the item, what was found."""
    records = (
        (index, place, read_pictures(raw, record, tools))
        for index, raw in enumerate(raws)
        for place, record in enumerate(decode(raw))
    )
    while some := _decoded(records, tools):
        found = iter(examine([record for _, _, record in some if isinstance(record, Evidence)], tools))
        for index, place, record in some:
            yield index, place, record if isinstance(record, Rejected) else next(found)


def _decoded(records: Iterator[Record], tools: Tools) -> list[Record]:
    with _timed("decode", tools):
        return list(islice(records, TOGETHER))


@contextmanager
def _timed(step: str, tools: Tools) -> Iterator[None]:
    """Adds up the seconds of a step."""
    started = time.perf_counter()
    yield
    tools.seconds[step] = tools.seconds.get(step, 0.0) + time.perf_counter() - started
