"""A gap report: of a set of provisions, which a country has, has not, or is not known to have, and what others have there.

It shows what others have with their sources and proposes no wording: model clauses are for lawyers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterspam.policy.repository.fields import Content
from counterspam.policy.repository.provisions import CORE, QUESTIONS, Answer, Found, of_place


@dataclass(frozen=True, slots=True)
class Gap:
    """One provision: what the country answers and by which laws; of the others how many answer what, and those that say yes.

    `others` are the laws of other jurisdictions that have it, those with the highest confidence first.
    """

    provision: str
    answer: Answer
    laws: Sequence[Found]
    counts: Mapping[str, int]
    others: Sequence[Found]


def gaps(
    country: str, places: Mapping[str, Sequence[Content]], against: Sequence[str] = CORE, others: Sequence[str] = ()
) -> list[Gap]:
    """The report of a country against provisions (names of QUESTIONS), beside the jurisdictions `others`, all by default."""
    chosen = [code for code in (others or places) if code != country and code in places]
    return [_gap(country, places, name, chosen) for name in against if name in QUESTIONS]


def _gap(country: str, places: Mapping[str, Sequence[Content]], name: str, others: Sequence[str]) -> Gap:
    question = QUESTIONS[name]
    answer, found = of_place(places.get(country, ()), question)
    theirs = [of_place(places[code], question) for code in others]
    counts = {each.value: sum(one == each for one, _ in theirs) for each in Answer}
    having = [one for _, laws in theirs for one in laws if one.answer == Answer.YES]
    order = {"high": 0, "medium": 1, "low": 2}
    having.sort(key=lambda one: (order.get(one.confidence, 3), one.guessed, one.law))
    return Gap(name, answer, found, counts, having)
