"""The model card of a version that a node has made: what it has learned, how it was tested, what it is good for."""

from collections.abc import Mapping
from typing import Any

_HEAD = """# Model {version} for {place}

Version {name}, made on {date} (UTC) by {made_by}: {how}.

- It starts from {parent}. The model that came with the program is {base}; its own card says what that was trained on.
- Learned: {lessons} messages ({learned}). {unread} more could not be read again: their raw items are no longer kept, or
  their columns were named by hand. {left_out} more were left out, as there were too few of the other label beside them.
- SHA-256 over what was learned, in order: `{digest}`. The same lessons from the same parent give the same weights.
- N-grams that the parent did not know: {unknown} of those in the messages learned.
{synthetic}
## Test

{verdict}

| set | messages | wrong before | wrong after | loss before | loss after |
|---|---:|---:|---:|---:|---:|
{rows}
Wrong is a probability on the wrong side of 1/2, of the learned model alone; loss is the mean logarithmic loss. "canary" are
short messages in many languages that nobody learns; "held out" are decisions kept apart: a sibling of this version, which has
learned the rest, was tested with them.

## Use and limits

One check among others, for messages with a text. It knows what analysts of this node have decided, so it takes over their
definitions and their mistakes. Decisions are about what analysts looked at, which is not a sample of the traffic: the shares
of errors above are not those of the traffic. Reports of users {reports}.
"""
_KINDS = {
    "learned": "it learned from decisions of analysts",
    "imported": "it took over what other nodes have learned",
}


def text(record: Mapping[str, Any], name: str, date: str) -> str:
    """The card for the record of a version; `date` is the day of its making."""
    parent = record["parent"]
    origin = f"version {parent['name']} of {parent['jurisdiction']}" if parent["name"] else "the shipped model"
    scores = record["test"]["scores"]
    rows = "".join(
        f"| {which} | {s['before']['messages']} | {s['before']['wrong']} | {s['after']['wrong']}"
        f" | {s['before']['loss']:.3f} | {s['after']['loss']:.3f} |\n"
        for which, s in scores.items()
    )
    passed = "Passed" if record["test"]["passed"] else "Not passed, so it is not used unless an operator chooses it"
    return _HEAD.format(
        version=name.rpartition("-")[2],
        name=name,
        place="every jurisdiction without a model of its own"
        if record["jurisdiction"] == "all"
        else record["jurisdiction"],
        date=date,
        made_by=record["made_by"],
        how=_KINDS[record["kind"]],
        parent=origin,
        base=record["base"],
        lessons=record["lessons"],
        learned="; ".join(
            f"{by}: {', '.join(f'{n} {what}' for what, n in found.items())}" for by, found in record["learned"].items()
        ),
        unread=record["unread"],
        left_out=record["left_out"],
        digest=record["digest"],
        unknown=f"{record['unknown']:.0%}" if record["unknown"] is not None else "not known",
        synthetic="- It learned from evidence made up by a generator: a demonstration.\n"
        if record["synthetic"]
        else "",
        verdict=f"{passed}: {record['test']['why']}.",
        rows=rows,
        reports="were learned from, as far as their reporters are believed"
        if record["reports"]
        else "were not learned from",
    )
