"""What national definitions say of one stored piece of evidence, for its page and the API."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from counterspam.policy.definitions.definition import day_of
from counterspam.policy.definitions.expression import NO, YES
from counterspam.policy.definitions.facts import UNKNOWN, of_row
from counterspam.policy.definitions.judge import Judge, stored
from counterspam.web.definitions import labels

ORDER = (YES, UNKNOWN, NO)


def answers(judge: Judge, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each version of the day says, with reasons. What was kept with the evidence stands; the rest is worked out now."""
    kept = stored(row.get("definitions") or (), row.get("judged_under") or "")
    facts = of_row(row)
    found = []
    for one, made, said in judge.answers(facts, day_of(row["observed_at"])):
        value = kept.get(one.label, said.value)
        parts = made.parts or (made,)
        deciding = [part.text for part in parts if value != NO or part.decide(facts) == NO]
        found.append(
            {
                "id": one.id,
                "version": one.version,
                "jurisdiction": one.jurisdiction,
                "title": one.title,
                "language": one.language,
                "answer": value,
                "kept": one.label in kept,
                "missing": list(said.missing) if value == UNKNOWN else [],
                "failed": said.failed if value == UNKNOWN else "",
                "parts": deciding,
            }
        )
    return sorted(found, key=lambda one: ORDER.index(one["answer"]))


def shown(judge: Judge, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the page."""
    rows = answers(judge, row)
    counts = Counter(one["answer"] for one in rows)
    words = [
        {**one, "said": labels.answer(one["answer"]), "missing": [labels.fact(name) for name in one["missing"]]}
        for one in rows
    ]
    return {"rows": words, "counts": {name: counts[name] for name in ORDER}, "stored": bool(row.get("judged_under"))}
