"""Tables, rates, own answers beside medians, two waves, and what the cost model may take."""

from typing import Any

import pytest

from counterspam.policy.questionnaire import compare, rates, reminders, results
from counterspam.policy.questionnaire.answers import Answered, by_name, merged
from counterspam.policy.questionnaire.definition import load
from counterspam.policy.questionnaire.inputs import inputs

KNOWN = load("2026")


def person(n: int, region: str = "150", role: str = "regulator", **answers: str) -> Answered:
    """A respondent with these answers."""
    return Answered(member=f"m{n}", country="FR", region=region, role=role, size="s1", given=merged(KNOWN, {}, answers))


def people(count: int, **more: Any) -> list[Answered]:
    return [
        person(n, **{"B2.2/sms/share": str(10 * n), "B2.1/sms/total": str(100 * n), **more})
        for n in range(1, count + 1)
    ]


def rows(everyone: list[Answered], cell: str, by: str = "all") -> list[dict[str, Any]]:
    return [row for row in results.tables(KNOWN, everyone, "2026") if row["cell"] == cell and row["by"] == by]


def test_fewer_than_five_are_not_shown() -> None:
    (row,) = rows(people(4), "B2.2/sms/share")
    assert row["hidden"]
    assert [row[name] for name in ("n", "low", "median", "high", "total")] == [None] * 5
    (row,) = rows(people(5), "B2.2/sms/share")
    assert (row["n"], row["low"], row["median"], row["high"]) == (5, 20, 30, 40)


def test_medians_have_two_digits_and_dominated_totals_are_hidden() -> None:
    totals = [1, 2, 3, 4, 123456]
    everyone = [person(n, **{"B2.1/sms/total": str(total)}) for n, total in enumerate(totals)]
    (row,) = rows(everyone, "B2.1/sms/total")
    assert (row["median"], row["total"]) == (3, None)
    everyone = [person(n, **{"B2.1/sms/total": str(12345 + n)}) for n in range(5)]
    (row,) = rows(everyone, "B2.1/sms/total")
    assert (row["median"], row["total"]) == (12000, 62000)
    assert results.short(0.0123456) == 0.012
    assert results.short(0) == 0
    assert results.short(None) is None


def test_levels_of_disclosure_are_kept() -> None:
    everyone = [*people(5), person(6, **{"B2.2/sms/share": "99", "B2.2#disclosure": "internal"})]
    assert rows(everyone, "B2.2/sms/share")[0]["n"] == 5
    everyone = [*people(5), person(6, **{"B2.2/sms/share": "99", "B2.2#disclosure": "office"})]
    assert rows(everyone, "B2.2/sms/share")[0]["n"] == 5
    open_ = [person(n, **{"B2.2/sms/share": "50", "B2.2#disclosure": "public"}) for n in range(10, 16)]
    assert rows([*open_, *people(4)], "B2.2/sms/share")[0]["hidden"], "those six are listed by name"
    assert not rows([*open_, *people(5)], "B2.2/sms/share")[0]["hidden"]
    assert {row["value"] for row in by_name(KNOWN, [*open_, *everyone])} == {"50"}


def test_numbers_of_another_period_are_left_out() -> None:
    everyone = [*people(5), person(6, **{"B2.2/sms/share": "99", "B2.2#period": "2019"})]
    (row,) = rows(everyone, "B2.2/sms/share")
    assert (row["n"], row["elsewhen"]) == (5, True)


def test_amounts_are_dollars_at_the_stated_rate() -> None:
    everyone = [person(n, **{"B6.2a": "90", "B6.0a": "EUR", "B6.0b": "0.9"}) for n in range(5)]
    everyone.append(person(9, **{"B6.2a": "77"}))  # no rate: not comparable
    (row,) = rows(everyone, "B6.2a")
    assert (row["n"], row["median"], row["unit"]) == (5, 100, "USD per year")


def test_counts_hide_small_ones_and_what_tells_them() -> None:
    everyone = [person(n, **{"B7.2c": "free" if n < 9 else "standard" if n < 16 else "higher"}) for n in range(18)]
    found = {row["option"]: row for row in rows(everyone, "B7.2c")}
    assert {name: row["count"] for name, row in found.items()} == {"free": 9, "standard": None, "higher": None}
    assert {row["n"] for row in found.values()} == {18}
    several = [person(n, **{"B8.1c": "training" if n < 17 else "funding"}) for n in range(20)]
    assert all(row["count"] is None for row in rows(several, "B8.1c")), "that 3 of 20 did not choose it tells of them"


def test_small_groups_are_one_and_no_group_stands_alone() -> None:
    everyone = [
        person(n, region="150" if n < 8 else "002" if n < 13 else "019" if n < 15 else "142") for n in range(18)
    ]
    found = results.grouped(everyone)
    assert {name: len(places) for (by, name), places in found.items() if by == "region"} == {
        "150": 8,
        "002": 5,
        "rest": 5,
    }
    assert {by for by, _ in found} == {"all", "region"}, "one role and one size are no split"
    few = [person(n, region="150" if n < 8 else "002") for n in range(10)]
    assert {by for by, _ in results.grouped(few)} == {"all"}, "two more are too few to be a group"


def test_ranked_lists_count_who_names_a_country() -> None:
    everyone = [person(n, **{"B4.1a/1/item": "US", "B4.1a/2/item": "CN" if n % 2 else "DE"}) for n in range(12)]
    found = {row["option"]: row["count"] for row in rows(everyone, "B4.1a/*/item")}
    assert found == {"US": 12, "CN": 6, "DE": 6}


def test_response_rates_and_what_is_left_out() -> None:
    base = {"region": "150", "role": "isp", "size": "s1"}
    members = [{**base, "state": state} for state in ["signed"] * 6 + ["started"] * 2 + ["invited"] * 2]
    members += [{**base, "region": "002", "state": "signed"}] * 5
    found = rates.response(members)
    assert found[0] == {"by": "all", "group": "all", "invited": 15, "started": 13, "signed": 11, "rate": 11 / 15}
    assert [(row["group"], row["rate"]) for row in found if row["by"] == "region"] == [("002", 1.0), ("150", 0.6)]
    given = [
        {"B0.1": "FR", **({"B7.1a": "x"} if n < 5 else {}), **({"B7.1b": "x"} if n < 8 else {})} for n in range(10)
    ]
    left = {row["question"]: row for row in rates.left_out(KNOWN, given)}
    assert (left["B0.1"]["left_out"], left["B7.1a"]["left_out"], left["B7.1b"]["left_out"]) == (0, 5, None)
    assert rates.left_out(KNOWN, given[:4]) == []


def test_own_answers_beside_published_medians() -> None:
    everyone = people(5)
    published = results.tables(KNOWN, everyone, "2026")
    own = {"B2.2/sms/share": "12", "B2.2/email/share": "50"}
    (row,) = compare.beside(KNOWN, own, published, {"region": "150", "role": "regulator", "size": "s1"})
    assert (row["cell"], row["own"], row["others"]["all"]["median"]) == ("B2.2/sms/share", 12, 30)
    assert row["others"]["region"] is None
    assert compare.beside(KNOWN, own, results.tables(KNOWN, people(4), "2026"), {}) == []


def test_two_waves() -> None:
    then, now = (results.tables(KNOWN, everyone, "2026") for everyone in (people(5), people(9)))
    found = {row["cell"]: row for row in compare.waves(now, then, {"B2.2": True})}
    assert (found["B2.2/sms/share"]["now"], found["B2.2/sms/share"]["before"]) == (50, 30)
    assert found["B2.2/sms/share"]["change"] == pytest.approx(2 / 3)
    assert not found["B2.2/sms/share"]["broken"]
    assert found["B2.1/sms/total"]["broken"], "asked in other words"


def test_inputs_of_the_cost_model() -> None:
    given = merged(
        KNOWN,
        {},
        {
            "B2.2/sms/share": "12.5", "B2.2#quality": "estimated", "B2.2#disclosure": "public", "B2.2#period": "2025",
            "B6.2e": "9", "B6.2e#disclosure": "public", "B6.0a": "EUR", "B6.0b": "0.9",
            "B6.1a": "4", "B6.1a#disclosure": "office", "B0.4a": "77",
        },
    )  # fmt: skip
    who = {"member": "m", "wave": "w", "period": "2026"}
    found = inputs(KNOWN, given, **who)
    assert set(found) == {"spam_share.sms", "bandwidth_price"}
    share = found["spam_share.sms"]
    assert (share.value, share.unit, share.year, share.quality) == (0.125, "share, 0 to 1", "2025", "estimated")
    assert share.provenance == "questionnaire"
    assert "B2.2/sms/share" in share.source
    assert found["bandwidth_price"].value == pytest.approx(10)
    everything = inputs(KNOWN, given, **who, levels=frozenset({"public", "aggregate", "internal", "office"}))
    assert set(everything) == {"spam_share.sms", "bandwidth_price", "mailboxes"}, "what is for the office feeds nothing"


def test_who_is_due() -> None:
    member = {"state": "invited", "revoked": False, "reminded": 0}
    week = reminders.PAUSE
    everyone = [member, {**member, "state": "signed"}, {**member, "revoked": True}, {**member, "reminded": 10}]
    assert reminders.due(everyone, 0, 9 * week, 11) == []
    assert reminders.due(everyone, 0, 9 * week, week) == [member]
    assert reminders.due(everyone, 0, 9 * week, 2 * week) == [member, everyone[3]]
    assert reminders.due(everyone, 0, week, 2 * week) == []
    assert reminders.text("{member}: {deadline} {other}", {"member": "A\nB", "deadline": "d"}) == "A B: d {other}"
