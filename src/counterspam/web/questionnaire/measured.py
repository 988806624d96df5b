"""What this node measured of the same things, beside what respondents stated: never merged, each with its basis."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from counterspam import privacy
from counterspam.errors import CounterspamError
from counterspam.measure import frozen, statistics
from counterspam.measure.ask import Ask
from counterspam.measure.scope import Row
from counterspam.policy.questionnaire.definition import Definition
from counterspam.store.waves import Wave
from counterspam.web import live
from counterspam.web.format import NOTHING, country, label, number, percent, share
from counterspam.web.language import gettext
from counterspam.web.questionnaire import labels
from counterspam.web.questionnaire.tables import figure
from counterspam.web.view import View
from counterspam.web.views.page import Cell, Table

KEPT = 60.0  # seconds
MOST = 10  # origins


def asked(request: Request, wave: Wave, *dimensions: str) -> list[Row]:
    """What the node counted in the period of the wave, as everybody may see it; [] where it cannot be asked.

    Evidence made up by a generator counts only in a wave that is itself a demonstration.
    """
    node = request.app.state.node
    span = frozen.span(wave.period)
    ask = Ask(span.start, span.end, dimensions=dimensions, synthetic=wave.synthetic)
    secret = privacy.rounding_key(node.config.data)
    keep = live.of(request.app).asker(View()).keep
    try:
        key = ("questionnaire", wave.period, wave.synthetic, dimensions)
        return list(keep(key, KEPT, lambda: statistics.answer(node.events.query, ask, secret)).rows)
    except CounterspamError:
        return []


def beside(
    request: Request, wave: Wave, definition: Definition, rows: Sequence[dict[str, Any]], section: str
) -> tuple[Table, str] | None:
    """The comparison of a section and its basis; None where nothing of it is measured."""
    stated = [row for row in rows if row["by"] == "all" and not row["hidden"]]
    if section == "B2":
        return _shares(definition, stated, asked(request, wave, "channel"))
    if section == "B4":
        return _origins(stated, asked(request, wave, "origin"))
    return None


def _shares(
    definition: Definition, stated: Sequence[dict[str, Any]], counted: Sequence[Row]
) -> tuple[Table, str] | None:
    known = {row["cell"]: row for row in stated if row["question"] == "B2.2" and row["kind"] == "numbers"}
    here = {row["channel"]: row for row in counted}
    lines = []
    for channel, said in definition.question("B2.2").rows.items():
        row, ours = known.get(f"B2.2/{channel}/share"), here.get(channel)
        if row or ours:
            range_ = f"{figure(row['low'])} – {figure(row['high'])}" if row else NOTHING
            lines.append(
                [
                    Cell(labels.plain(definition, said), "", heads=True),
                    Cell(percent(row["median"] / 100) if row else NOTHING, "n strong"),
                    Cell(range_, "n far"),
                    Cell(number(row["n"]) if row else NOTHING),
                    Cell(share(ours["spam_messages"], ours["messages"]) if ours else NOTHING, "n strong"),
                    Cell(number(ours["messages"]) if ours else NOTHING),
                ]
            )
    head = [
        (gettext("Channel"), ""),
        (gettext("Stated, median"), "n"),
        (gettext("Quartiles"), "n far"),
        (gettext("Answers"), "n"),
        (gettext("Measured here"), "n"),
        (gettext("Messages"), "n"),
    ]
    basis = gettext(
        "Stated: the share of spam in their own traffic as respondents know it. Measured: the share judged spam of what"
        " reached this node in the period, which is mostly what was reported. They answer different questions."
    )
    return (Table(gettext("Share of spam, stated and measured"), head, lines), basis) if lines else None


def _origins(stated: Sequence[dict[str, Any]], counted: Sequence[Row]) -> tuple[Table, str] | None:
    named = {row["option"]: row for row in stated if row["cell"] == "B4.1a/*/item"}
    spam = Counter({row["origin"]: row["spam_messages"] for row in counted if row["origin"]})
    whole = sum(row["spam_messages"] for row in counted)
    codes = dict.fromkeys([*list(named)[:MOST], *(code for code, _ in spam.most_common(MOST))])
    lines = [
        [
            Cell(country(code), "", heads=True),
            Cell(
                f"{number(named[code]['count'])} / {number(named[code]['n'])}" if code in named else NOTHING, "n strong"
            ),
            Cell(share(spam[code], whole) if code in spam else NOTHING, "n strong"),
            Cell(number(spam[code]) if code in spam else NOTHING),
        ]
        for code in codes
    ]
    head = [
        (label("") if not lines else gettext("Country"), ""),
        (gettext("Named by"), "n"),
        (gettext("Measured here"), "n"),
        (gettext("Spam messages"), "n"),
    ]
    basis = gettext(
        "Stated: how many respondents name the country among the ten first, of those who name any. Measured: the share of the"
        " spam that was handed in from there in the period, of what reached this node."
    )
    return (Table(gettext("Countries of origin, stated and measured"), head, lines), basis) if lines else None
