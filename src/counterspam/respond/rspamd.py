"""A verdict as the answer of rspamd's scanner (`POST /checkv2`), so that whatever asks rspamd can ask a node instead.

Structured after https://rspamd.com/doc/developers/protocol.html. Actions are those of rspamd: "no action", "add header",
"reject", and "quarantine", which rspamd knows as an action of the operator's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from counterspam.config import Config
from counterspam.envelope import Envelope
from counterspam.model import Finding
from counterspam.respond import headers, score

ACTIONS = {"pass": "no action", "tag": "add header", "reject": "reject", "quarantine": "quarantine"}
MAX_LISTED = 100


def envelope(given: Mapping[str, str], recipients: Iterable[str], by: str) -> Envelope:
    """What the request says of the message in its header fields (lower-case names)."""
    to = [one.strip("<> ") for one in recipients if one.strip("<> ")] or [given.get("deliver-to", "")]
    return Envelope(
        ip=given.get("ip", ""),
        helo=given.get("helo", ""),
        sender=given["from"].strip("<> ") if "from" in given else None,
        recipients=tuple(filter(None, to[:MAX_LISTED])),
        by=given.get("mta-name") or given.get("mta-tag") or by,
        protocol="ESMTPA" if given.get("user") else "ESMTP",
        name=given.get("queue-id", ""),
    )


def answer(finding: Finding, present: Iterable[str], config: Config, seconds: float) -> dict[str, Any]:
    """The members of the answer; `present` are the names of the message's header fields, `seconds` what judging took."""
    verdict = finding.verdict
    own = dict(headers.fields(verdict, config))
    claims = {name.lower(): name for name in (*own, *filter(headers.is_ours, present))}
    return {
        "is_skipped": False,
        "score": score.score(verdict, config),
        "required_score": score.REQUIRED,
        "action": ACTIONS[score.action(verdict, config)],
        "thresholds": {"add header": score.REQUIRED},
        "symbols": {
            name: {"name": name, "score": points, "metric_score": points, "description": reason, "options": []}
            for name, (points, reason) in score.symbols(verdict, config).items()
        },
        "messages": {},
        "message-id": finding.evidence.headers.get("message-id", "").strip("<> ") or "undef",
        "urls": list(finding.facts.hosts[:MAX_LISTED]),
        "emails": list(finding.facts.emails[:MAX_LISTED]),
        "time_real": round(seconds, 6),
        "milter": {
            # 0 stands for every field of the name
            "remove_headers": dict.fromkeys(list(claims.values())[:MAX_LISTED], 0),
            "add_headers": own,
        },
        "counterspam": {
            "probability": verdict.probability,
            "spam": verdict.spam,
            "content_type": verdict.content_type,
            "nature": verdict.nature,
            "payload": verdict.payload,
            "technique": verdict.technique,
            "ai_score": verdict.ai_score,
            "summary": verdict.summary,
            "model": verdict.model,
        },
    }
