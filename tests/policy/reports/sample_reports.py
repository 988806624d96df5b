"""A snapshot of every kind of report with made-up answers, what an editor typed, and a plain-text rendering to compare."""

import random
import re
from collections.abc import Mapping
from typing import Any

import orjson

from counterspam.measure.scope import definition
from counterspam.policy.reports import kinds, queries, snapshot
from counterspam.policy.reports.document import Chart, Paragraph, Report, captions
from counterspam.policy.reports.given import Given
from counterspam.policy.reports.sources import DEFINITIONS
from counterspam.web import figures
from counterspam.web.reports import making

START, END = 1_767_225_600, 1_782_864_000  # the first half of 2026
AT = 1_783_000_000_000
CHANNELS = ("email", "sms", "voice")
COUNTS = ("messages", "reports", "spam_messages", "spam_reports")
FIELDS = {
    "summary": "Spam by SMS doubled.\n- first\n- second",
    "comment": "A quiet half-year.",
    "director-3.status": "under-way",
    "director-3.date": "2026-05-01",
    "director-3.actions": "A node runs on trial.",
    "director-3.documents": "TD 1",
}
INJECTION = (
    '#read("/etc/passwd")',
    '#include "/etc/passwd"',
    '#image("/etc/passwd")',
    "$ x^2 $ *b* _i_ `raw` @label <tag> // note /* note */",
    "<script>alert(1)</script>",
    '"; #panic("x")',
    "\\u{41} \\ # ] ) }",
)


def rows(dice: random.Random, **values: tuple[str, ...]) -> list[dict[str, Any]]:
    """A row of counts, all multiples of 5, for each combination of values."""
    found: list[dict[str, Any]] = [{}]
    for name, each in values.items():
        found = [{**row, name: value} for row in found for value in each]
    for row in found:
        spam = 5 * dice.randrange(1, 80)
        total = spam + 5 * dice.randrange(1, 80)
        row.update(messages=total, reports=total, spam_messages=spam, spam_reports=spam)
    return found


def query(name: str, found: list[dict[str, Any]], *, rounded: bool) -> dict[str, Any]:
    """An answer as the snapshot keeps it."""
    totals = {count: sum(row[count] for row in found) for count in COUNTS}
    small = {"cells": 3, **dict.fromkeys(COUNTS, 20)} if name in ("types", "origins") else {}
    answer = {
        "rows": found,
        "totals": totals,
        "small": small,
        "more": False,
        "rounded": rounded,
        "protected": rounded,
        "rounded_to": 5 if rounded else 1,
        "least": 5,
    }
    parameters = {"start": START, "end": END, "filters": {}, "limit": 100}
    return {"name": name, "question": "statistics", "parameters": parameters, "answer": answer}


def answers(dice: random.Random) -> list[dict[str, Any]]:
    """Every question that a report may ask."""
    weeks = [{**row, "at": START - 259_200 + 604_800 * i} for i in range(26) for row in rows(dice, channel=CHANNELS)]
    types, origins = ("bank", "parcel", "unknown"), ("CN", "US", "")
    campaign = {
        "id": "0123456789abcdef",
        "content_type": "bank",
        "spam_messages": 50,
        "first_seen": AT,
        "last_seen": AT,
    }
    return [
        query("volume", rows(dice, channel=CHANNELS, source=("user-report", "trap")), rounded=False),
        query("volume_before", rows(dice, channel=CHANNELS, source=("user-report",)), rounded=False),
        query("over_time", weeks, rounded=False),
        query("types", rows(dice, content_type=types), rounded=True),
        query("types_by_channel", rows(dice, channel=CHANNELS, content_type=types), rounded=True),
        query("origins", rows(dice, origin=origins), rounded=True),
        query("routes", rows(dice, origin=origins, destination=("FR", "BE")), rounded=True),
        query("border", rows(dice, channel=CHANNELS, border=("domestic", "abroad", "")), rounded=True),
        query("dispositions", rows(dice, channel=CHANNELS, disposition=("blocked", "unknown")), rounded=True),
        query("sender_kinds", rows(dice, channel=("sms",), sender_kind=("phone", "short-code")), rounded=True),
        query("inbound", rows(dice, channel=CHANNELS), rounded=True),
        query("outbound", rows(dice, channel=CHANNELS), rounded=True),
        {
            "name": "campaigns",
            "question": "top_campaigns",
            "parameters": {"start": START, "end": END},
            "answer": {"rows": [campaign], "totals": {}, "small": {}, "protected": False},
        },
    ]


def figure(name: str, place: int) -> dict[str, Any]:
    """A key figure; every third one is not known."""
    row = {"channel": "sms", "basis": "user-report", "numerator": 100, "denominator": 500}
    row |= {"value": 0.2, "low": 0.15, "high": 0.26}
    answer = {"rows": [row] if place % 3 else [], "unit": "share", "scale": 1, "rounded": True, "protected": True}
    missing = "" if place % 3 else "evidence of this kind in this period"
    answer |= {"missing": missing, "rounded_to": 5, "least": 5}
    return {"name": name, "question": "key figure", "parameters": {"start": START, "end": END}, "answer": answer}


def content(kind: str, **changes: Any) -> dict[str, Any]:
    """What a snapshot of this kind holds."""
    names = {*DEFINITIONS.values(), *queries.figures(kind)}
    workshops = {
        "columns": [["name", "Title", "text"], ["attended", "Reports", "number"]],
        "rows": [["Workshop on SMS spam", 42]],
        "path": "/training",
        "source": "Calendar of this node.",
        "lang": "en",
    }
    found = {
        "edition": 1,
        "kind": kind,
        "audience": kinds.KINDS[kind].audience,
        "period": {"name": "2026-H1", "kind": "half-year", "start": START, "end": END},
        "country": "FR" if kind == "member-state" else "",
        "operator": "Example Mobile" if kind == "operator" else "",
        "topic": "origins" if kind == "barometer" else "",
        "exact": False,
        "synthetic": False,
        "node": "lab",
        "site": "http://node.example",
        "queries": answers(random.Random(1)),
        "figures": [figure(name, i) for i, name in enumerate(queries.figures(kind))],
        "definitions": {
            name: dict(figures.meaning(name)) if name in figures.NAMES else definition(name) for name in sorted(names)
        },
        "sections": {"workshops": workshops},
        "published": None,
    }
    return found | changes


def given(kind: str, fields: Mapping[str, str] = FIELDS, author: str = "en", tlp: str = "", **changes: Any) -> Given:
    """All that a report of this kind is made from."""
    packed = snapshot.canonical(content(kind, **changes))
    return Given(
        kind,
        "0123456789abcdef",
        1,
        orjson.loads(packed),
        snapshot.identity(packed),
        "0",
        fields,
        author,
        tlp or kinds.KINDS[kind].tlp,
        AT,
    )


def document(kind: str, lang: str = "en", **changes: Any) -> Report:
    """The report in a language."""
    return making.document(given(kind, **changes), lang)


def plain(report: Report) -> str:
    """The report as lines of text, to be compared with a golden file; without the id of its snapshot."""
    lines = [f"{report.tlp} {report.title} ({report.subtitle})", *(f"{name}: {value}" for name, value in report.facts)]
    for section in report.sections:
        lines += ["", f"{'#' * section.level} {section.title}"]
        for block in section.blocks:
            if isinstance(block, Paragraph):
                lines.append(f"{'- ' if block.item else ''}{block.text}")
                continue
            lines.append(f"[{captions(report, block)}] {block.source.address if block.source else ''}")
            if isinstance(block, Chart):
                lines.append(f"  {block.form}: {len(block.columns)} x {len(block.series)}; {block.alt}")
            else:
                lines.append("  " + " | ".join(column.title for column in block.columns))
                lines += ["  " + " | ".join(row) for row in block.shown or [[block.empty]]]
    return re.sub("[0-9a-f]{64}", "SNAPSHOT", "\n".join(lines)) + "\n"
