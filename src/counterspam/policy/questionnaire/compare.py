"""A respondent's numbers beside the medians of groups, and medians of a wave beside those of the wave before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from counterspam.policy.questionnaire.answers import Given, dollars, number
from counterspam.policy.questionnaire.definition import NUMBERS, Definition

Row = Mapping[str, Any]


def beside(
    definition: Definition, given: Given, published: Iterable[Row], groups: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Own numbers with the published medians of all and of the own groups (by region, role, size), where these are shown.

    `groups` are the respondent's own; one that is too small to stand alone has no median here. Amounts are in US dollars.
    """
    medians: dict[tuple[str, str], Row] = {}
    for row in published:
        if (
            row["kind"] == "numbers"
            and not row["hidden"]
            and row["n"]
            and row["group"] in ("all", groups.get(row["by"]))
        ):
            medians[row["cell"], row["by"]] = row
    rows = []
    for key, field in definition.fields.items():
        own = number(definition, given, key) if field.kind in NUMBERS else None
        if own is not None and field.kind == "currency":
            own = dollars(definition, given, own)
        others = {by: medians.get((key, by)) for by in ("all", *groups)}
        if own is not None and any(others.values()):
            rows.append({"question": field.question, "cell": key, "own": own, "others": others})
    return rows


def waves(now: Sequence[Row], then: Sequence[Row], same: Mapping[str, bool]) -> list[dict[str, Any]]:
    """The medians of all in two waves, where both are shown. `same` says of a question whether its words stayed."""
    old = {
        row["cell"]: row
        for row in then
        if row["kind"] == "numbers" and row["by"] == "all" and row["median"] is not None
    }
    rows = []
    for row in now:
        before = old.get(row["cell"])
        if row["kind"] != "numbers" or row["by"] != "all" or row["median"] is None or before is None:
            continue
        change = row["median"] / before["median"] - 1 if before["median"] else None
        rows.append(
            {
                "question": row["question"],
                "cell": row["cell"],
                "unit": row["unit"],
                "now": row["median"],
                "n": row["n"],
                "before": before["median"],
                "n_before": before["n"],
                "change": change,
                "broken": not same.get(row["question"], False) or row["unit"] != before["unit"],
            }
        )
    return rows
