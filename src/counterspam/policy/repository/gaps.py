"""A gap report: of a set of provisions, which a country has, has not, or is not known to have, and what others have there.

It shows what others have with their sources and proposes no wording: model clauses are for lawyers. The instruments of its
union that apply in a country stand beside its own and are marked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterspam.policy.repository.fields import Content
from counterspam.policy.repository.provisions import CORE, QUESTIONS, Answer, Found, of_place
from counterspam.policy.repository.unions import NOTHING, Above


@dataclass(frozen=True, slots=True)
class Gap:
    """One provision: what the country answers and by which laws; of the others how many answer what, and those that say yes.

    `others` are the laws of other jurisdictions that have it, those with the highest confidence first; those of a union only
    where it is itself among the jurisdictions.
    """

    provision: str
    answer: Answer
    laws: Sequence[Found]
    counts: Mapping[str, int]
    others: Sequence[Found]


def gaps(
    country: str,
    places: Mapping[str, Sequence[Content]],
    against: Sequence[str] = CORE,
    others: Sequence[str] = (),
    above: Mapping[str, Sequence[Above]] = NOTHING,
) -> list[Gap]:
    """The report of a country against provisions (names of QUESTIONS), beside the jurisdictions `others`, all by default.

    `above` are the instruments of unions by member (`unions.applying`).
    """
    chosen = [code for code in (others or places) if code != country and code in places]
    return [_gap(country, places, name, chosen, above) for name in against if name in QUESTIONS]


def _gap(
    country: str,
    places: Mapping[str, Sequence[Content]],
    name: str,
    others: Sequence[str],
    above: Mapping[str, Sequence[Above]],
) -> Gap:
    question = QUESTIONS[name]
    answer, found = of_place(places.get(country, ()), question, above.get(country, ()))
    theirs = [of_place(places[code], question, above.get(code, ())) for code in others]
    counts = {each.value: sum(one == each for one, _ in theirs) for each in Answer}
    having = [one for _, laws in theirs for one in laws if one.answer == Answer.YES and not one.union]
    order = {"high": 0, "medium": 1, "low": 2}
    having.sort(key=lambda one: (order.get(one.confidence, 3), one.guessed, one.law))
    return Gap(name, answer, found, counts, having)
