"""How many answered (K20): invitations, answers and sign-offs by group, and questions that those who signed left out."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from counterspam.policy.questionnaire.answers import Given, is_answered
from counterspam.policy.questionnaire.definition import Definition
from counterspam.policy.questionnaire.results import ALL, GROUPED, REST
from counterspam.policy.questionnaire.suppression import LEAST

STATES = ("invited", "started", "signed")


def response(members: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Rows of invited, started and signed, all together and by group; groups of fewer than 5 invited are one.

    A member has `region`, `role`, `size` and `state`, one of STATES; revoked ones are not given. Started counts the signed.
    """
    rows = [_row(ALL, ALL, members)]
    for by in GROUPED:
        groups: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for one in members:
            groups[one[by]].append(one)
        rest: list[Mapping[str, str]] = []
        for name in sorted(groups, key=lambda name: (len(groups[name]), name)):
            if len(groups[name]) < LEAST or 0 < len(rest) < LEAST:
                rest += groups.pop(name)
        named = sorted(groups.items()) + ([(REST, rest)] if rest else [])
        if len(named) > 1:
            rows += [_row(by, name, some) for name, some in named]
    return rows


def _row(by: str, group: str, members: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    states = Counter(one["state"] for one in members)
    signed = states["signed"]
    return {
        "by": by,
        "group": group,
        "invited": len(members),
        "started": states["started"] + signed,
        "signed": signed,
        "rate": signed / len(members) if members else None,
    }


def left_out(definition: Definition, signed: Sequence[Given]) -> list[dict[str, Any]]:
    """Item non-response: of each question how many of those who signed left it out, the most often left out first.

    Empty with fewer than 5 signed. Counts of 1 to 4 on either side are None.
    """
    if len(signed) < LEAST:
        return []
    rows = []
    for question in definition.questions():
        out = sum(not is_answered(question, given) for given in signed)
        small = 0 < out < LEAST or 0 < len(signed) - out < LEAST
        share = None if small else out / len(signed)
        rows.append(
            {"question": question.id, "signed": len(signed), "left_out": None if small else out, "share": share}
        )
    return sorted(rows, key=lambda row: -(row["share"] or 0))
