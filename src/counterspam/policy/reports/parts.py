"""Tables and charts that several reports share, each made from one answer of the snapshot."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from counterspam.policy.reports.document import Block, Chart, Column, Paragraph, Table
from counterspam.policy.reports.queries import INTERVALS
from counterspam.policy.reports.snapshot import answer
from counterspam.policy.reports.sources import of_question
from counterspam.policy.reports.voice import Voice

Snapshot = Mapping[str, Any]
COUNTS = ("messages", "reports", "spam_messages")
MOST_ROWS = 20
MOST_BARS = 10
DAY = 86_400


def columns(voice: Voice, *dimensions: str) -> list[Column]:
    """The columns of counts after those of the dimensions."""
    say = voice.say
    heads = [Column(name, voice.dimension(name)) for name in dimensions]
    return [
        *heads,
        Column("messages", say("Messages and calls"), True),
        Column("reports", say("Reports"), True),
        Column("spam_messages", say("Judged spam"), True),
        Column("spam_share", say("Share"), True),
    ]


def share(part: float, whole: float) -> float | None:
    """A share of 0 to 1, None where there is no whole."""
    return round(part / whole, 6) if whole else None


def counted(snapshot: Snapshot, voice: Voice, name: str, caption: str, dimensions: Sequence[str]) -> Table:
    """An answer as a table of counts: its greatest rows, what lies beyond, what is too small to be shown, and the total."""
    found = answer(snapshot, name)
    rows = sorted(found["rows"], key=lambda row: (-row["spam_messages"], *(str(row[d]) for d in dimensions)))
    named = [([voice.value(d, row[d]) for d in dimensions], row) for row in rows[:MOST_ROWS]]
    blank = [""] * (len(dimensions) - 1)
    if len(rows) > MOST_ROWS:
        named.append(([voice.say("Further rows, together"), *blank], _sum(rows[MOST_ROWS:])))
    if found.get("small"):
        named.append(([voice.say("Too small to be shown, together"), *blank], found["small"]))
    if found.get("totals") and rows:
        named.append(([voice.say("Total"), *blank], found["totals"]))
    plain = [[*names, *(row[c] for c in COUNTS), share(row["spam_messages"], row["messages"])] for names, row in named]
    return Table(
        name,
        caption,
        columns(voice, *dimensions),
        plain,
        [[*row[: len(dimensions)], *_shown(voice, row[len(dimensions) :])] for row in plain],
        of_question(snapshot, voice, name),
        _empty(voice, found),
    )


def by_channel(snapshot: Snapshot, voice: Voice) -> Table:
    """The volume of each channel beside that of the same length of time before."""
    say = voice.say
    now, before = (_by(answer(snapshot, name)["rows"], "channel") for name in ("volume", "volume_before"))
    rows: list[list[Any]] = []
    for channel in sorted({*now, *before}, key=lambda one: -now[one]["spam_messages"]):
        rows.append([voice.value("channel", channel), *_line(now[channel], before[channel])])
    if rows:
        rows.append([say("Total"), *_line(_sum(now.values()), _sum(before.values()))])
    heads = [
        *columns(voice, "channel"),
        Column("spam_before", say("Judged spam in the period before"), True),
        Column("change", say("Change"), True),
    ]
    shown = [[row[0], *_shown(voice, row[1:5]), voice.number(row[5], 0), _change(voice, row[6])] for row in rows]
    caption = say("Volume by channel, and judged spam in the period before")
    source = of_question(snapshot, voice, "volume")
    return Table("by_channel", caption, heads, rows, shown, source, _empty(voice, answer(snapshot, "volume")))


def by_source(snapshot: Snapshot, voice: Voice) -> Table:
    """The volume of each kind of observer: what the figures rest on."""
    found = {**answer(snapshot, "volume")}
    kinds = _by(found["rows"], "source") if found["rows"] and "source" in found["rows"][0] else {}
    rows = [{"source": kind, **counts} for kind, counts in kinds.items()]
    made = {**snapshot, "queries": [{"name": "by_source", "answer": {**found, "rows": rows, "small": {}}}]}
    return counted(
        made, voice, "by_source", voice.say("What the figures rest on: volume by kind of source"), ["source"]
    )


def over_time(snapshot: Snapshot, voice: Voice) -> list[Block]:
    """Messages judged spam over the period, by channel, as bars."""
    rows = answer(snapshot, "over_time")["rows"]
    if not rows:
        return []
    at = steps(snapshot["period"])
    cells: dict[str, dict[int, float]] = defaultdict(dict)
    for row in rows:
        cells[row["channel"]][row["at"]] = row["spam_messages"]
    order = sorted(cells, key=lambda key: (-sum(cells[key].values()), key))
    series = {key: [cells[key].get(step, 0) for step in at] for key in order}
    labels = {key: voice.value("channel", key) for key in order}
    return [
        Chart(
            "over_time",
            voice.say("Messages and calls judged spam over time, by channel"),
            "bars",
            [voice.day(step * 1000) for step in at],
            series,
            labels,
            alt=_bars_in_words(voice, at, series, labels),
            source=of_question(snapshot, voice, "over_time"),
        )
    ]


def steps(period: Mapping[str, Any]) -> list[int]:
    """The starts of all steps of a period (seconds): months of a year, weeks of a half-year, else days."""
    start, end = period["start"], period["end"]
    interval = INTERVALS[period["kind"]]
    if interval == "month":
        year = datetime.fromtimestamp(start, UTC).year
        return [int(datetime(year, month, 1, tzinfo=UTC).timestamp()) for month in range(1, 13)]
    if interval == "week":
        return list(range(start - (start - 4 * DAY) % (7 * DAY), end, 7 * DAY))  # 1 January 1970 was a Thursday
    return list(range(start, end, DAY))


def ranked(snapshot: Snapshot, voice: Voice, name: str, caption: str, dimension: str) -> list[Block]:
    """The greatest values of one dimension as horizontal bars, then the table of them all."""
    rows = [row for row in answer(snapshot, name)["rows"] if row["spam_messages"]]
    rows = sorted(rows, key=lambda row: (-row["spam_messages"], str(row[dimension])))[:MOST_BARS]
    blocks: list[Block] = []
    if rows:
        names = [voice.value(dimension, row[dimension]) for row in rows]
        values = [row["spam_messages"] for row in rows]
        said = "; ".join(f"{one}: {voice.number(value, 0)}" for one, value in zip(names, values, strict=True))
        blocks.append(
            Chart(
                f"{name}_chart",
                caption,
                "rows",
                names,
                {dimension: values},
                {},
                said,
                of_question(snapshot, voice, name),
            )
        )
    return [*blocks, counted(snapshot, voice, name, caption, [dimension])]


def world(snapshot: Snapshot, voice: Voice) -> list[Block]:
    """Where spam was handed in, as a map. Where a report is narrowed, the values are those of that selection."""
    rows = [row for row in answer(snapshot, "origins")["rows"] if row["origin"] and row["spam_messages"]]
    if not rows:
        return []
    rows = sorted(rows, key=lambda row: (-row["spam_messages"], row["origin"]))
    caption = voice.say("Countries of origin of messages judged spam")
    said = "; ".join(
        f"{voice.country(row['origin'])}: {voice.number(row['spam_messages'], 0)}" for row in rows[:MOST_BARS]
    )
    codes, values = [row["origin"] for row in rows], [row["spam_messages"] for row in rows]
    source = of_question(snapshot, voice, "origins")
    note = voice.say(
        "Boundaries and names imply no opinion on the status of a territory. Counts of one node do not rank countries."
    )
    return [
        Chart("origins_map", caption, "world", codes, {"origin": values}, {}, said, source),
        Paragraph(note, quiet=True),
    ]


def _sum(rows: Any) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) for name in COUNTS}


def _by(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for row in rows:
        for count in COUNTS:
            found[row[name]][count] += row[count]
    return found


def _line(now: Mapping[str, float], before: Mapping[str, float]) -> list[Any]:
    spam, earlier = now["spam_messages"], before["spam_messages"]
    change = round(spam / earlier - 1, 4) if earlier else None
    return [now["messages"], now["reports"], spam, share(spam, now["messages"]), earlier, change]


def _shown(voice: Voice, values: Sequence[Any]) -> list[str]:
    *counts, part = values
    return [*(voice.number(value, 0) for value in counts), "–" if part is None else voice.percent(part, 1)]


def _change(voice: Voice, value: float | None) -> str:
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + voice.percent(value, 0)


def _empty(voice: Voice, found: Mapping[str, Any]) -> str:
    if found.get("missing"):
        return voice.say("This node does not count by all of these together.")
    return voice.say("There is no evidence of this in the period.")


def _bars_in_words(
    voice: Voice, at: Sequence[int], series: Mapping[str, Sequence[float]], labels: Mapping[str, str]
) -> str:
    totals = [sum(values) for values in zip(*series.values(), strict=True)]
    peak = max(range(len(at)), key=lambda i: totals[i])
    given = {"day": voice.day(at[peak] * 1000), "n": voice.number(totals[peak], 0)}
    said = voice.say("Most in the step that begins on %(day)s: %(n)s.") % given
    return " ".join([said, *(f"{labels[key]}: {voice.number(sum(values), 0)}." for key, values in series.items())])
