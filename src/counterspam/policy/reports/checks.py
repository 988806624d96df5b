"""What must hold before a report goes out: each check has an answer that the page shows and the release obeys (G-R9, G-R10)."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from counterspam import privacy
from counterspam.policy.reports.document import Paragraph, Report
from counterspam.policy.reports.given import Given
from counterspam.policy.reports.snapshot import canonical, identity
from counterspam.policy.reports.tlp import EXACT, NARROWEST, RED, narrower
from counterspam.policy.reports.voice import mark

COUNTS = ("messages", "reports", "spam_messages", "spam_reports")
# What no answer in a snapshot may hold: text, senders and reporters of single messages.
FORBIDDEN = frozenset(
    {"excerpt", "text", "subject", "sender", "reporter", "recipient", "title", "exemplar", "detail", "html"}
)
PASSAGE = 30  # letters and digits of evidence that no report may repeat
MOST_EXCERPTS = 500
_NO_NUMBERS = re2.compile(r"https?://[^\s]{1,500}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,3}([,.\x{a0}\x{202f}][0-9]{3})+")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it passed, and in words what it found. Both texts are marked messages."""

    name: str
    title: str
    passed: bool
    detail: str = ""


def run(given: Given, report: Report, *, ended: bool, excerpts: Sequence[str] = ()) -> list[Check]:
    """Every check. `ended` says that the period is over, `excerpts` are texts of evidence that must not be repeated."""
    snapshot = given.snapshot
    typed = "\n".join(given.fields.values())
    narrowest = NARROWEST[snapshot["audience"]]
    return [
        Check("snapshot", mark("The snapshot is the one that was frozen."), _same(given)),
        Check("ended", mark("The period has ended."), ended),
        Check("made-up", mark("No evidence that was made up is counted."), not snapshot["synthetic"]),
        Check(
            "small",
            mark("Small cells are suppressed and counts are rounded where the audience demands it."),
            _safe(snapshot),
        ),
        Check(
            "tlp",
            mark("The label is not narrower than whom the report is for."),
            given.tlp != RED and not narrower(given.tlp, narrowest),
        ),
        Check(
            "exact",
            mark("Exact figures go out under TLP:AMBER or narrower only."),
            not snapshot["exact"] or not narrower(EXACT, given.tlp),
        ),
        Check(
            "columns", mark("No answer holds texts, senders or reporters of single messages."), not _forbidden(snapshot)
        ),
        Check("people", mark("What was written by hand names no mailbox and no telephone number."), not _names(typed)),
        Check("excerpts", mark("What was written by hand repeats no evidence."), not _repeats(typed, excerpts)),
        Check("sources", mark("Every table and chart says where it comes from."), _sourced(report)),
    ]


def passed(checks: Sequence[Check]) -> bool:
    """Whether a report may go out."""
    return all(check.passed for check in checks)


def _same(given: Given) -> bool:
    return identity(canonical(given.snapshot)) == given.snapshot_id


def _safe(snapshot: Mapping[str, Any]) -> bool:
    """Exact figures are for one operator only. Else protected counts are rounded, and shares have no exact parts."""
    if snapshot["exact"]:
        return bool(snapshot["audience"] == "operator")
    for query in (*snapshot["queries"], *snapshot["figures"]):
        answer = query["answer"]
        if not answer.get("protected"):
            continue
        if (
            not answer.get("rounded")
            or answer["rounded_to"] < 2
            or any(
                row[name] % answer["rounded_to"]
                for row in (*answer["rows"], *filter(None, [answer.get("small")]))
                for name in (*COUNTS, "numerator")
                if isinstance(row.get(name), int)
            )
        ):
            return False
    return all(_enough(section) for section in snapshot["sections"].values())


def _enough(section: Mapping[str, Any]) -> bool:
    """Whether each row of a section has its least number of contributors, where it is to have one."""
    counted = section.get("contributors")
    if not counted:
        return True
    place = [column[0] for column in section["columns"]].index(counted)
    return all(row[place] is not None and row[place] >= section.get("least", 5) for row in section["rows"])


def _forbidden(snapshot: Mapping[str, Any]) -> set[str]:
    return {
        name
        for query in (*snapshot["queries"], *snapshot["figures"])
        for row in query["answer"]["rows"]
        for name in row
        if name in FORBIDDEN
    }


def _names(typed: str) -> bool:
    """Whether a mailbox or a telephone number stands in a text; days, addresses of pages and grouped amounts are none."""
    plain = str(_NO_NUMBERS.sub(" x ", typed.encode("utf-8", "replace").decode()))
    return privacy.mask(plain) != plain


def _repeats(typed: str, excerpts: Sequence[str]) -> bool:
    """Whether any run of PASSAGE letters and digits of the evidence stands in a text."""
    text = _bare(typed)
    if len(text) < PASSAGE:
        return False
    runs = {text[i : i + PASSAGE] for i in range(len(text) - PASSAGE + 1)}
    for excerpt in excerpts[:MOST_EXCERPTS]:
        bare = _bare(excerpt[:2000])
        if any(bare[i : i + PASSAGE] in runs for i in range(len(bare) - PASSAGE + 1)):
            return True
    return False


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _sourced(report: Report) -> bool:
    return all(
        isinstance(block, Paragraph) or (block.source is not None and bool(block.source.address))
        for section in report.sections
        for block in section.blocks
    )
