"""Where a figure comes from: the words under each table and chart, and the address of the definition on the node."""

from collections.abc import Mapping
from typing import Any

from counterspam.policy.reports.document import Source
from counterspam.policy.reports.snapshot import answer
from counterspam.policy.reports.voice import Voice, mark

# Question of a report -> the definition on the method page that it follows. Those who know the definitions hand the texts in.
DEFINITIONS = {
    "volume": "volume_by_channel",
    "volume_before": "volume_by_channel",
    "by_source": "spam_share",
    "over_time": "volume_by_channel",
    "types": "volume_by_type",
    "types_by_channel": "volume_by_type",
    "origins": "origins_by_country",
    "routes": "route_matrix",
    "border": "k6_by_border",
    "dispositions": "k2_blocked_per_delivered",
    "sender_kinds": "volume_by_channel",
    "inbound": "volume_by_channel",
    "outbound": "origins_by_operator",
    "campaigns": "top_campaigns",
}
EXACT = mark("Exact counts.")
ROUNDED = mark("Rounded to multiples of 5; cells with fewer than 5 contributors are not shown.")
OPEN = mark("Totals by time, channel and kind of source are exact.")


def of_question(snapshot: Mapping[str, Any], voice: Voice, name: str) -> Source:
    """The source of what a question answers."""
    defined = DEFINITIONS[name]
    found = answer(snapshot, name)
    rule = EXACT if snapshot["exact"] else ROUNDED if found.get("rounded") else OPEN
    return of_definition(snapshot, voice, defined, rule)


def of_definition(snapshot: Mapping[str, Any], voice: Voice, name: str, rule: str, page: str = "/about") -> Source:
    """The source of a figure by its definition in the snapshot (question, numerator, denominator, basis, caveats)."""
    meaning: Mapping[str, str] = snapshot["definitions"][name]
    method = [voice.say(meaning[part]) for part in ("numerator", "denominator", "deduplication") if meaning.get(part)]
    anchor = name if page == "/about" else name.replace("_", "-")
    question, basis, caveats = (meaning.get(part, "") for part in ("question", "basis", "caveats"))
    return Source(
        f"{name} {rule}",
        voice.say(question),
        voice.say("Evidence that reached node %(node)s.") % {"node": snapshot["node"]},
        _sentence(voice.say(basis)),
        " ".join([*map(_sentence, method), voice.say(rule)]),
        _sentence(voice.say(caveats)) if caveats else "–",
        f"{snapshot['site']}{page}#{anchor}",
    )


def of_page(snapshot: Mapping[str, Any], voice: Voice, title: str, path: str, **said: str) -> Source:
    """The source of what is no figure of the evidence; `said` are source, basis, method and uncertainty, already in words."""
    words = {name: said.get(name) or "–" for name in ("source", "basis", "method", "uncertainty")}
    return Source(f"{path} {title}", title, address=f"{snapshot['site']}{path}", **words)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] if text else "–"
