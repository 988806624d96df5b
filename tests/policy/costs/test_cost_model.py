"""The cost model: golden figures of others, bands, draws, and that each input moves the result the right way."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.policy.costs import burden, draws, estimate, inputs, table
from counterspam.policy.costs.band import Band, band
from counterspam.policy.costs.formula import Formula
from counterspam.policy.costs.parameter import BadInput, Parameter, Provenance, Scale, fault

SCOPE: dict[str, dict[str, Any]] = {
    "people": {"value": 1_000_000},
    "mail_users": {"value": 600_000},
    "phone_users": {"value": 900_000},
    "wage_year": {"value": [9_000, 10_000, 12_000]},
    "price_level": {"value": 0.5},
    "fx": {"value": 100},
}
PUBLISHED = {one.id: one for one in table.published()}


def scope(country: str = "CI", **more: Any) -> dict[str, Parameter]:
    return inputs.settled(country, SCOPE, {name: {"value": value} for name, value in more.items()})


# Golden: REQUIREMENTS D5


@pytest.mark.parametrize(
    ("name", "value", "digits"),
    [
        ("computerworld-time", 372.08, 2),
        ("spydermail-time", 877_404, 0),
        ("nucleus-2003", 874, 0),
        ("nucleus-2004", 1_934, 0),
        ("computerworld-bandwidth", 16_200, 0),
        ("computerworld-support", 12.50, 2),
        ("m3aawg-share", 0.80, 3),
        ("m3aawg-dropped", 0.848, 3),
        ("fcc-call", 0.10, 2),
        ("mcafee-energy", 0.53, 2),
    ],
)
def test_published_figures_that_reproduce_to_the_digits_that_were_printed(name: str, value: float, digits: int) -> None:
    one = PUBLISHED[name]
    assert one.reproduces
    assert one.published == value
    assert round(one.computed, digits) == value


@pytest.mark.parametrize(
    ("name", "printed", "right"),
    [
        ("computerworld-storage", 9_000, 270),
        ("digitopoly", 14e9, 11_406_250),
        ("digitopoly-back", 900_000, 1_104_657_534),
        ("cfca-rise", 0.12, -0.0236),
    ],
)
def test_published_figures_that_do_not_reproduce_are_kept_as_such(name: str, printed: float, right: float) -> None:
    one = PUBLISHED[name]
    assert not one.reproduces
    assert one.published == printed
    assert one.computed == pytest.approx(right, rel=0.002)
    assert one.corrected == pytest.approx(one.computed, rel=0.001)
    assert one.note


@pytest.mark.parametrize("one", table.published(), ids=lambda one: str(one.id))
def test_each_published_figure_is_what_its_row_says(one: table.Published) -> None:
    assert (abs(one.computed - one.published) <= one.within * abs(one.published)) is one.reproduces
    assert one.source
    assert set(one.formula.names) == set(one.inputs)


def test_the_model_has_the_right_storage_formula() -> None:
    """1,000 users, 30 spam mails a day of 50 KB kept for 30 days at 0.50 USD: 270 USD a year, not 9,000."""
    given = {"mail_users": 1000.0, "mail_delivered_day": 30.0, "mail_block": 0.0, "stored_share": 1.0}
    given |= {"mail_bytes": 50_000.0, "retention_days": 30.0, "storage_price": 0.50}
    assert burden.computed(given)["storage"] == pytest.approx(270)


def test_the_model_has_the_published_formula_of_time() -> None:
    given = {"mail_users": 1.0, "phone_users": 0.0, "mail_delivered_day": 30.0 * 220 / 365, "mail_seconds": 5.0}
    given |= {"sms_delivered_day": 0.0, "sms_seconds": 0.0, "voice_delivered_day": 0.0, "voice_seconds": 0.0}
    given |= {"wage_year": 71_440.0, "hours_year": 1760.0, "time_value_share": 1.0}
    assert round(burden.computed(given)["time"], 2) == 372.08


# Data


@pytest.mark.parametrize("one", table.every().values(), ids=lambda one: str(one.id))
def test_each_parameter_says_what_it_is_and_who_says_so(one: Parameter) -> None:
    assert one.meaning
    assert one.unit
    assert fault(one) == ""
    if one.provenance in (Provenance.PUBLISHED, Provenance.DERIVED):
        assert one.source
        assert one.known
    if one.vendor:
        assert one.source
    assert one.known is (one.provenance != Provenance.UNKNOWN)


def test_wages_and_transit_have_a_source_a_year_and_a_band() -> None:
    known = {code: table.of_country(code) for code in ("FR", "US", "IN", "NO", "KE", "BR", "AU", "")}
    for code, found in known.items():
        for one in found.values():
            assert one.source or one.provenance == Provenance.ASSUMPTION
            assert one.year
            assert one.span[0] < one.span[2]
        assert ("wage_year" in found) is (code in ("FR", "US", "IN", "NO", "AU"))
        assert ("transit_price" in found) is bool(code)
    assert known["US"]["transit_price"].place == "northern-america"
    assert known["BR"]["transit_price"].place == "latin-america"


def test_a_wage_in_international_dollars_waits_for_a_price_level() -> None:
    given = {name: row for name, row in SCOPE.items() if name not in ("wage_year", "price_level")}
    assert not inputs.settled("AM", given)["wage_year"].known
    found = inputs.settled("AM", given, {"price_level": {"value": 0.4}})["wage_year"]
    assert found.base == pytest.approx(983.062 * 12 * 0.4)
    assert found.provenance == Provenance.DERIVED
    assert not inputs.settled("KE", given, {"price_level": {"value": 0.4}})["wage_year"].known


# Sensitivity: every parameter that can be moved


MOVED = [one for one in table.general().values() if one.id not in ("price_level", "fx")]


@pytest.mark.parametrize("one", MOVED, ids=lambda one: str(one.id))
@given(share=st.floats(0.01, 1), start=st.floats(0, 1))
@settings(max_examples=15)
def test_each_parameter_moves_the_burden_the_way_it_says(one: Parameter, share: float, start: float) -> None:
    base = {name: each.base for name, each in scope().items() if each.known}
    low, _, high = scope()[one.id].span
    low, high = (low, high) if low < high else (low * 0.5, low * 2)
    first = low + (high - low) * start
    second = first + (high - low) * share
    if one.most == 1 or one.id.endswith("_block"):
        second = min(second, one.most)
    before, after = (estimate.total_of(base | {one.id: value}) for value in (first, second))
    assert before is not None
    assert after is not None
    if first == second or not one.raises:
        assert after == before
    else:
        assert math.copysign(1, after - before) == one.raises


@pytest.mark.parametrize("line", burden.LINES, ids=lambda line: str(line.id))
def test_each_line_rests_on_known_parameters_and_is_positive(line: Formula) -> None:
    assert burden.needed(line.id) <= set(table.general())
    base = {name: each.base for name, each in scope().items() if each.known}
    assert burden.computed(base)[line.id] > 0


# Bands and draws


def test_a_band_is_never_shown_as_one_number() -> None:
    one = Band(1.0, 2.5, 9.0)
    assert str(one) == f"{one}" == "2.5 (1 to 9)"
    for form in (".2f", "g", ",.0f", "d"):
        with pytest.raises(TypeError, match="median and high"):
            format(one, form)
    for single in (float, int, round):
        with pytest.raises(TypeError):
            single(one)  # type: ignore[operator]
    with pytest.raises(TypeError):
        "%d" % one  # type: ignore[operator]  # noqa: UP031
    assert set(one.shown()) == {"low", "median", "high"}


@pytest.mark.parametrize("wrong", [(2, 1, 3), (1, 3, 2), (math.nan,) * 3])
def test_what_is_no_band_is_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no band"):
        Band(*wrong)


def test_every_figure_of_an_estimate_is_a_band() -> None:
    found = estimate.estimated(scope(), 1)
    for line in (*found.components, *found.quantities):
        assert isinstance(line.band, Band)
        assert line.band.low < line.band.median < line.band.high
    for whole in (found.total, found.users, found.operators, found.per_person):
        assert isinstance(whole, Band)
    assert found.missing == ()


def test_the_same_seed_gives_the_same_result_bit_for_bit_and_another_does_not() -> None:
    first, again, other = (estimate.estimated(scope(), seed) for seed in (7, 7, 8))
    assert first == again
    assert first.total != other.total
    assert first.total is not None
    assert other.total is not None
    assert other.total.median == pytest.approx(first.total.median, rel=0.15)


def test_the_stream_of_draws_is_fixed() -> None:
    """Raw output of PCG64, which numpy keeps the same: a change here is a change of every published result."""
    found = draws.uniform("mail_seconds", 1, 3).tolist()
    assert found == [0.06758483374018631, 0.3912913617407322, 0.99982367271727]


def test_a_changed_parameter_leaves_the_draws_of_the_others() -> None:
    before = draws.drawn(scope().values(), 3)
    after = draws.drawn(scope(mail_seconds=[2, 3, 4]).values(), 3)
    assert set(before) == set(after)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {"mail_seconds"}


@given(
    st.tuples(st.floats(0.001, 1e6), st.floats(0.001, 1e6), st.floats(0.001, 1e6)).map(sorted),
    st.sampled_from(Scale),
    st.integers(0, draws.MOST_SEED),
)
def test_draws_stay_within_low_and_high(values: list[float], scale: Scale, seed: int) -> None:
    low, base, high = values
    one = replace(MOVED[0], low=low, base=base, high=high, scale=scale)
    found = draws.one_drawn(one, seed, 200)
    assert len(found) == 200
    assert low <= found.min()
    assert found.max() <= high


def test_draws_are_triangular() -> None:
    one = replace(MOVED[0], low=0.0, base=3.0, high=9.0)
    found = draws.one_drawn(one, 5, 200_000)
    assert found.mean() == pytest.approx((0 + 3 + 9) / 3, rel=0.01)
    assert (found < 3).mean() == pytest.approx(3 / 9, abs=0.01)
    assert found.var() == pytest.approx((0 + 9 + 81 - 0 - 0 - 27) / 18, rel=0.02)


def test_an_unknown_parameter_makes_its_components_unknown_and_not_zero() -> None:
    given = {name: row for name, row in SCOPE.items() if name != "wage_year"}
    found = estimate.estimated(inputs.settled("KE", given), 1)
    unknown = {line.formula.id: line.missing for line in found.components if line.band is None}
    assert unknown == {"time": ("wage_year",), "fraud": ("wage_year",)}
    assert found.missing == ("time", "fraud")
    assert found.total is not None
    nothing = estimate.estimated(inputs.settled(""), 1)
    assert nothing.total is None
    assert nothing.tornado == ()


def test_the_tornado_is_ordered_and_holds_what_it_says() -> None:
    found = estimate.estimated(scope(), 1).tornado
    assert [one.width for one in found] == sorted((one.width for one in found), reverse=True)
    assert found[0].parameter.id in ("mail_seconds", "fraud_loss_hours")
    base = {name: each.base for name, each in scope().items() if each.known}
    for one in found:
        assert one.base == estimate.total_of(base)
        assert one.at_high == estimate.total_of(base | {one.parameter.id: one.parameter.high})


def test_infinite_draws_leave_a_band() -> None:
    assert band(np.array([1.0, 2.0, math.inf, math.inf, math.inf])).shown() == {
        "low": 1.0,
        "median": None,
        "high": None,
    }


# Formulas


@pytest.mark.parametrize(
    "text",
    ["", "a +", "__import__('os')", "a.b", "a[0]", "f(a)", "a ** b", "a if b else c", "'x'", "lambda: 1", "a // b", "True",
     "a < b", "-a" * 300, "[a]", "{1: a}", "a; b"],
)  # fmt: skip
def test_a_formula_is_arithmetic_only(text: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        _ = Formula("x", "", text).names


def test_a_formula_says_its_names_and_computes() -> None:
    one = Formula("x", "", "(b + a) * 2 - a / c")
    assert one.names == ("b", "a", "c")
    assert one({"a": 2.0, "b": 1.0, "c": 4.0}) == 5.5
    assert one.shown == "(b + a) × 2 − a ÷ c"
    with pytest.raises(KeyError):
        one({"a": 1})


# Inputs


@pytest.mark.parametrize(
    ("text", "found"),
    [("5", [5]), ("1 5 15", [1, 5, 15]), ("0,5; 1; 2", [0.5, 1, 2]), ("1e6", [1e6]), (" 7 ", [7])],
)
def test_numbers_as_people_write_them(text: str, found: list[float]) -> None:
    assert inputs.numbers(text) == found


@pytest.mark.parametrize("text", ["", "1 2", "1 2 3 4", "five", "1,000", "1,2,3", "0x10", "5;", "9" * 200])
def test_what_are_no_numbers(text: str) -> None:
    if text == "5;":
        assert inputs.numbers(text) == [5]
        return
    with pytest.raises(ValueError, match="one number"):
        inputs.numbers(text)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"value": "15 5 1"}, "order"),
        ({"value": -1}, "between"),
        ({"value": 1e9}, "between"),
        ({"value": "nan"}, "finite"),
        ({"value": "inf"}, "finite"),
        ({"value": True}, "one number"),
        ({"value": [1, 2]}, "one number"),
        ({"value": [1, "2", 3]}, "one number"),
        ({"value": 5, "unit": "hours"}, "unit must be seconds"),
        ({"value": 5, "provenance": "heard"}, "provenance"),
        ({"value": [0, 5, 9]}, "above 0"),
    ],
)
def test_values_that_cannot_be_used_say_why(row: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput) as error:
        inputs.settled("", {"mail_seconds": row})
    assert why in error.value.errors["mail_seconds"]


def test_all_wrong_values_are_named_at_once_and_the_later_mapping_counts() -> None:
    with pytest.raises(BadInput) as error:
        inputs.settled("", {"no_such": {"value": 1}, "mail_seconds": {"value": "x"}}, {"mail_bytes": {"value": 1}})
    assert set(error.value.errors) == {"no_such", "mail_seconds", "mail_bytes"}
    answer = {
        "value": 8,
        "unit": "seconds per message",
        "year": 2026,
        "source": "survey",
        "provenance": "questionnaire",
    }
    found = inputs.settled("", {"mail_seconds": answer})["mail_seconds"]
    assert (found.span, found.year, found.source) == ((8, 8, 8), "2026", "survey")
    assert found.provenance == Provenance.QUESTIONNAIRE
    assert inputs.settled("", {"mail_seconds": answer}, {"mail_seconds": {"value": 9}})["mail_seconds"].base == 9
    assert inputs.settled("", {"mail_seconds": answer}, {"mail_seconds": {"value": ""}})["mail_seconds"].base == 8
    with pytest.raises(BadInput):
        inputs.settled("", {f"p{number}": {"value": 1} for number in range(inputs.MOST + 1)})


NAMES = st.text(max_size=20) | st.sampled_from(sorted(table.every()))
KEYS = st.sampled_from(["value", "unit", "year", "source", "provenance"])
VALUES = st.none() | st.text(max_size=12) | st.floats() | st.integers() | st.lists(st.floats(), max_size=4)


@given(st.dictionaries(NAMES, st.dictionaries(KEYS, VALUES, max_size=3), max_size=5))
def test_any_mapping_is_taken_or_refused_with_a_reason(given: Any) -> None:
    try:
        found = inputs.settled("FR", given)
    except BadInput as error:
        found = {}
        reasons = list(error.errors.values())
    else:
        reasons = ["taken"]
    assert all(reasons)
    assert reasons
    assert all(fault(one) == "" for one in found.values())


@pytest.mark.parametrize("name", ["parameters", "published", "measures"])
def test_no_row_of_the_data_has_a_field_that_nothing_reads(name: str) -> None:
    """A comma in a text without quotes would cut it and make the rest a field."""
    said = {"id", "source", "note", "vendor", "unit", "address"}
    known = {
        "parameters": {"group", "meaning", "raises", "bounds", "values", "scale", "year", "place", "provenance"},
        "published": {"title", "reproduces", "published", "corrected", "within", "formula", "inputs", "why"},
        "measures": {"name", "base", "effects", "prevented", "basis", *table.FIELDS},
    }
    for row in table._read(name):
        assert set(row) <= said | known[name], row["id"]
