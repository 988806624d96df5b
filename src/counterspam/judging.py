"""Judging one item without storing or learning anything: what `check`, `/checkv2` and the milter do.

A node runs it in its workers, so that a message that breaks the program breaks no server; the command line in its own process.
"""

import secrets
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

import orjson

from counterspam import pipeline
from counterspam.config import Config
from counterspam.decode import evidence_json, rfc5322
from counterspam.decode.charset import decode_text
from counterspam.decode.inflate import inflate
from counterspam.decode.record import MAX_TEXT
from counterspam.errors import CounterspamError, DecodeError, Reason
from counterspam.locate.network import Networks
from counterspam.model import Finding, Raw, Rejected
from counterspam.policy.definitions.definition import day_of, shipped
from counterspam.policy.definitions.expression import YES
from counterspam.policy.definitions.facts import of_finding
from counterspam.policy.definitions.judge import Judge, explained
from counterspam.respond import score
from counterspam.taxonomy import Source
from counterspam.tools import Tools

MOST = 100  # records of one item that are judged
TEXT = "text"  # as `Raw.format`: the bytes are the text of one message of the stated channel
Found = list[Finding | Rejected]


def open_tools(config: Config, *, locating: bool) -> Tools:
    """Tools to judge with, beside a node or without one: they write nothing.

    With `locating`, senders get their network and country: at once where the data folder of a node can be read, else after
    some seconds in which the bundled table is unpacked.
    """
    spans = pipeline.tools_with(config, secrets.token_bytes(32), _networks(config) if locating else Networks(None))
    return replace(spans, spans=True)


def _networks(config: Config) -> Networks:
    folder = config.data / "networks"
    try:
        cache = folder if any(folder.iterdir()) else None
        return Networks.open(config.mmdb_country, config.mmdb_asn, cache)
    except (OSError, CounterspamError):  # no node's, or somebody else's
        return Networks.open(config.mmdb_country, config.mmdb_asn)


def judge(raw: Raw, tools: Tools) -> Found:
    """The whole path of the first records of an item; one more than MOST says that there are more."""
    try:
        data = inflate(raw.data)
        raw = _as_asked(raw if data is raw.data else replace(raw, data=data))
    except DecodeError as error:
        return [Rejected(error.reason, error.detail)]
    found = (record for _, _, record in pipeline.process([raw], tools))
    return list(islice(found, MOST + 1))


def _as_asked(raw: Raw) -> Raw:
    """A mail is judged as a filter sees it, for nobody reported it; text of a known channel as one message of it."""
    if raw.format == TEXT:
        return _one_message(raw)
    try:
        module = pipeline.recognise(raw)
    except DecodeError as error:
        if error.reason is Reason.UNKNOWN_FORMAT and raw.channel:
            return _one_message(raw)
        raise
    if module is rfc5322 and not raw.source:
        return replace(raw, source=Source.FILTER.value)
    return raw


def _one_message(raw: Raw) -> Raw:
    if not raw.channel:
        raise DecodeError(
            Reason.MISSING_FIELD, "plain text needs the channel that it came by (sms, im, social, ...): state it"
        )
    if b"\x00" in raw.data[:4096]:
        raise DecodeError(Reason.UNKNOWN_FORMAT, "neither a known format nor text")
    message = {
        "counterspam": "1",
        "channel": raw.channel,
        "source": raw.source or Source.FILTER.value,
        "text": decode_text(raw.data, "").strip()[:MAX_TEXT],
    }
    return replace(raw, data=orjson.dumps(message), format=evidence_json.FORMAT)


def shipped_judge() -> Judge:
    """The definitions that come with the software, for judging without a node."""
    return Judge(shipped())


def told(found: Found, config: Config, judge: Judge) -> dict[str, Any]:
    """What was found as JSON: the answer of /check, with what the definitions of `judge` say."""
    known = found[:MOST]
    return {
        "records": len(known),
        "complete": len(found) <= MOST,
        "findings": [_finding(one, config, judge) for one in known if isinstance(one, Finding)],
        "rejected": [
            {"reason": r.reason, "detail": r.detail, "index": r.index, "format": r.format}
            for r in known
            if isinstance(r, Rejected)
        ],
    }


def _finding(finding: Finding, config: Config, judge: Judge) -> dict[str, Any]:
    """A finding as JSON; its keys are the identities that campaigns share."""
    found = asdict(finding)
    said = explained(judge, of_finding(finding), day_of(finding.evidence.observed_at))
    found["definitions"] = said
    found["verdict"]["definitions"] = [f"{one['id']}@{one['version']}" for one in said if one["answer"] == YES]
    for long in ("html", "head"):
        found["evidence"].pop(long)
    found["keys"] = [f"{key:016x}" for key in finding.keys]
    found["verdict"] |= {"score": score.score(finding.verdict, config), "required_score": score.REQUIRED}
    return found
