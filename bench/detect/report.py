"""What was measured, as figures of one filter on one set, and the page that shows them: docs/detection.md."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import orjson

from bench.common import ROOT
from bench.detect.protocols import Scores
from bench.detect.sets import Item
from counterspam.detect import figures

DATA, PAGE = ROOT / "docs" / "detection.json", ROOT / "docs" / "detection.md"
ORDER = ("mail", "phishing", "sms", "social", "transfer", "hostile", "speed")
_HEAD = """# How good the detection is

This page is written by `make bench-detect`; do not edit it. Each figure was measured by that command on named data,
with no message or near-duplicate of it in both the training and the test part (a check refuses that). What the sets
are and how the protocols work: `bench/detect`. What was chosen with these figures in view: the sizes of n-grams, the
three views and their shares, the first denominator of AdaGrad and the going over old decisions, by trials on
SpamAssassin, foff_milter, UCI and Turkish SMS; so the figures of these sets are somewhat optimistic. How much the
shipped model yields to what a node has learned was chosen on foff_milter, Ling-Spam and the Turkish, Indonesian and
Chinese SMS; the weight of the texts of our own on one fold of the trained sets and on the foreign SMS sets.

(1-ROCAC)% is the chance in percent that a ham scores above a spam; LAM% the logistic average of both errors at the
working threshold of the filter, MCC is at that threshold too; "lost" is ham called spam, "missed" is spam let
through, in percent; "missed at 0.1" is spam missed at the threshold that loses 0.1 % of ham; "calibration" the
expected calibration error.
"""
_COLUMNS = (
    "set",
    "protocol",
    "filter",
    "spam",
    "ham",
    "(1-ROCAC)%",
    "LAM%",
    "MCC",
    "lost",
    "missed",
    "missed at 0.1",
    "calibration",
)


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one filter on one set under one protocol; None where they make no sense."""

    set: str
    protocol: str
    filter: str
    spam: int
    ham: int
    roca: float | None
    lam: float | None
    mcc: float | None
    lost: float | None
    missed: float | None
    strict: float | None
    calibration: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that the issue asks for, what it should be, and whether more is better."""

    name: str
    value: float
    bar: float
    more: bool = False


def row(
    items: Sequence[Item],
    scores: Scores,
    protocol: str,
    filter: str,
    threshold: float = 0.0,
    odds: bool = True,
    name: str = "",
) -> Row:
    """The figures of scores; `odds` says that they are log-odds, which can be calibrated or not."""
    spam = np.array([item.spam for item in items])
    found = figures.measure(spam, scores - threshold)
    both = found.roca is not None
    strict = missed_at(spam, scores, 0.001) if both else None
    error = round(calibration(spam, scores), 4) if odds and both else None
    exact = round(100 * (1 - figures.area(spam, scores)), 4) if both else None
    return Row(
        name,
        protocol,
        filter,
        found.spam,
        found.ham,
        exact,
        found.lam,
        found.mcc,
        found.ham_lost,
        found.spam_missed,
        strict,
        error,
    )


def missed_at(spam: figures.Labels, scores: Scores, lost: float) -> float:
    """Percent of spam missed at the threshold that loses this share of ham."""
    return round(100 * float((scores[spam] <= np.quantile(scores[~spam], 1 - lost)).mean()), 2)


def calibration(spam: figures.Labels, scores: Scores) -> float:
    """Expected calibration error, ten bins, each message counted once."""
    probability = 1 / (1 + np.exp(-np.clip(scores, -60, 60)))
    bins = np.minimum((probability * 10).astype(int), 9)
    return float(np.abs(np.bincount(bins, probability - spam, minlength=10)).sum() / len(spam))


def keep(part: str, rows: Sequence[Row], bars: Sequence[Bar], note: str = "") -> None:
    """Put the results of a part beside those of the others, and write the page."""
    known: dict[str, Any] = orjson.loads(DATA.read_bytes()) if DATA.is_file() else {}
    known[part] = {"rows": [asdict(one) for one in rows], "bars": [asdict(one) for one in bars], "note": note}
    DATA.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2) + b"\n")
    PAGE.write_text(page(known), encoding="utf-8")


def page(known: dict[str, Any]) -> str:
    """The page, in Markdown."""
    parts = ["\n\n".join(map(_filled, _HEAD.strip().split("\n\n"))), "\n\n"]
    for name in (*ORDER, *sorted(known.keys() - set(ORDER))):
        if name in known:
            parts.append(f"## {name.capitalize()}\n\n{_filled(known[name]['note'])}\n\n")
            if known[name]["rows"]:
                parts.append(_table(known[name]["rows"]))
            parts.append(_bars(known[name]["bars"]))
    return "\n".join("".join(parts).splitlines()).rstrip() + "\n"


def _filled(paragraph: str) -> str:
    return textwrap.fill(" ".join(paragraph.split()), 125)


def _cell(value: Any) -> str:
    return "n/a" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(rows: Sequence[dict[str, Any]]) -> str:
    head = f"| {' | '.join(_COLUMNS)} |\n|{'---|' * 3}{'---:|' * (len(_COLUMNS) - 3)}\n"
    return head + "".join(f"| {' | '.join(map(_cell, one.values()))} |\n" for one in rows) + "\n"


def _bars(bars: Sequence[dict[str, Any]]) -> str:
    if not bars:
        return ""
    lines = "".join(
        f"| {b['name']} | {_cell(b['value'])} | {'at least' if b['more'] else 'at most'} {_cell(b['bar'])} | "
        f"{'ok' if (b['value'] >= b['bar'] if b['more'] else b['value'] <= b['bar']) else 'short'} |\n"
        for b in bars
    )
    return f"| figure | measured | asked | |\n|---|---:|---:|---|\n{lines}\n"
