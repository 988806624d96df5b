"""The estimator of investments: block rates, cost, avoided burden, payback, and that each figure moves it the right way."""

import math
from typing import Any

import numpy as np
import pytest

from counterspam.policy.costs import burden, draws, inputs, investment, table
from counterspam.policy.costs.band import Band
from counterspam.policy.costs.investment import HORIZON, Investment
from counterspam.policy.costs.parameter import Parameter

SCOPE: dict[str, dict[str, Any]] = {
    "people": {"value": 5_000_000},
    "mail_users": {"value": 3_000_000},
    "phone_users": {"value": 5_000_000},
    "wage_year": {"value": [9_000, 10_000, 12_000]},
}
ALL = tuple(table.measures())


def scope(**more: Any) -> dict[str, Parameter]:
    return inputs.settled("CI", SCOPE, {name: {"value": value} for name, value in more.items()})


def fixed(**more: Any) -> dict[str, float]:
    """All parameters at their base."""
    return {name: one.span[1] for name, one in scope(**more).items() if one.known}


def result(*chosen: str, seed: int = 1, target: dict[str, float] | None = None, **more: Any) -> Investment:
    return investment.invested(scope(**more), chosen, seed, target)


def test_one_measure_worked_out_by_hand() -> None:
    sure = {f"sms_firewall__{name}": 0.0 for name in table.FIELDS}
    sure |= {"sms_firewall__capex": 300_000.0, "sms_firewall__capex_user": 0.02, "sms_firewall__life": 5.0}
    sure |= {"sms_firewall__licence_user": 0.1, "sms_firewall__staff": 2.0, "sms_firewall__staff_million": 0.2}
    sure |= {"sms_firewall__training": 1000.0, "sms_firewall__running": 0.1, "sms_firewall__stopped_sms": 0.5}
    values = fixed(operators=2, staff_factor=2, wage_year=10_000, sms_block=0.8) | sure
    found = {
        name: float(value[0]) for name, value in investment.cost(values, [table.measures()["sms_firewall"]]).items()
    }
    capex, posts = 2 * 300_000 + 5_000_000 * 0.02, 2 * 2 + 5 * 0.2
    assert found == pytest.approx({
        "capex": capex,
        "facilities": capex / 5,
        "licences": 500_000,
        "staff": posts * 20_000,
        "training": posts * 1000,
        "running": capex * 0.1,
    })  # fmt: skip
    later = investment.after(values, [table.measures()["sms_firewall"]])
    assert later["sms_block"] == pytest.approx(0.9)
    assert later["sms_delivered_day"] == pytest.approx(values["sms_delivered_day"] / 2)
    assert later["mail_block"] == pytest.approx(values["mail_block"])
    assert later["exposure"] == pytest.approx(1 - values["exposure_response"] * 0.5 / 3)
    assert later["call_exposure"] == 1
    # What is sent stays what it was: filtering saves no transit.
    assert burden.computed(later)["sms_sent"] == pytest.approx(burden.computed(values)["sms_sent"])


def test_what_is_prevented_is_not_sent() -> None:
    values = fixed()
    later = investment.after(values, [table.measures()["outbound_control"]])
    part = 1 - values["outbound_control__prevented_mail"]
    assert burden.computed(later)["mail_sent"] == pytest.approx(burden.computed(values)["mail_sent"] * part)
    assert later["mail_block"] == pytest.approx(values["mail_block"])


def test_measures_act_one_behind_the_other_and_never_stop_more_than_there_is() -> None:
    found = result(*ALL)
    for rate in found.rates:
        assert rate.now.low <= rate.after.low <= rate.after.high <= 1
        assert rate.after.median > rate.now.median
    both = result("sms_firewall", "sender_registry").rates[1].after.median
    assert both > max(result(one).rates[1].after.median for one in ("sms_firewall", "sender_registry"))


def test_without_measures_nothing_is_spent_saved_or_paid_back() -> None:
    found = result()
    assert found.capex == found.yearly == found.avoided == Band(0, 0, 0)
    assert found.payback is not None
    assert found.payback.months.low == math.inf
    assert found.payback.within == 0
    assert found.tornado == ()


def test_payback_may_lie_beyond_every_horizon_and_says_in_how_many_draws() -> None:
    dear = result("sms_firewall", sms_firewall__licence_user=100)
    assert dear.payback is not None
    assert dear.payback.months == Band(math.inf, math.inf, math.inf)
    assert dear.payback.months.shown() == {"low": None, "median": None, "high": None}
    cheap = result("mail_filter")
    assert cheap.payback is not None
    assert cheap.payback_operators is not None
    assert 0 < cheap.payback.months.median < HORIZON
    assert cheap.payback.within > 0.5
    # Who pays saves less than the country does.
    assert cheap.payback_operators.within < cheap.payback.within


def test_a_target_is_reached_in_a_share_of_the_draws() -> None:
    reached = {level: result("sms_firewall", target={"sms": level}).rates[1].reached for level in (0.5, 0.93, 0.999)}
    assert reached[0.5] == 1
    assert reached[0.999] == 0
    assert reached[0.93] is not None
    assert 0 < reached[0.93] < 1
    assert result("sms_firewall", target={"sms": 0.9}).rates[0].reached is None


def test_the_same_seed_gives_the_same_result_bit_for_bit() -> None:
    assert result(*ALL, seed=4) == result(*ALL, seed=4)
    assert result(*ALL, seed=4) != result(*ALL, seed=5)
    assert result("sms_firewall", "sms_firewall") == result("sms_firewall")
    with pytest.raises(KeyError):
        result("magic")


def test_a_cost_without_a_wage_is_unknown_and_says_so() -> None:
    found = investment.invested(
        inputs.settled("KE", {k: v for k, v in SCOPE.items() if k != "wage_year"}), ["sms_firewall"], 1
    )
    assert found.missing == ("wage_year",)
    assert found.left_out == ("time", "fraud")
    for unknown in (
        found.capex,
        found.yearly,
        found.annual,
        found.net,
        found.payback,
        *(one.band for one in found.parts),
    ):
        assert unknown is None
    assert found.avoided is not None


FIGURES = [one for measure in table.measures().values() for one in measure.parameters]


@pytest.mark.parametrize("one", FIGURES, ids=lambda one: str(one.id))
def test_each_figure_of_a_measure_moves_cost_or_saving_the_right_way(one: Parameter) -> None:
    measure, _, field = one.id.partition("__")
    chosen = [table.measures()[measure]]
    values = fixed()
    if field == "running":  # nothing runs where nothing was bought
        values[f"{measure}__capex"] = 1000.0
    low, high = one.least or 0.01, 0.9 if field.startswith(("stopped", "prevented")) else 10.0

    def at(value: float) -> tuple[float, float, float]:
        given = values | {one.id: value}
        costs = investment.cost(given, chosen)
        annual = sum(float(costs[line.id][0]) for line in (investment.FACILITIES, *investment.YEARLY))
        now, later = burden.computed(given), burden.computed(investment.after(given, chosen))
        return annual, sum(now[part.id] - later[part.id] for part in burden.COMPONENTS), float(costs["capex"][0])

    (cost_low, saved_low, capex_low), (cost_high, saved_high, capex_high) = at(low), at(high)
    if field.startswith(("stopped", "prevented")):
        assert saved_high > saved_low
        assert cost_high == cost_low
        return
    assert saved_high == saved_low
    if field == "life":
        assert cost_high < cost_low or values[f"{measure}__capex"] == 0
    elif field == "training" and not values[f"{measure}__staff"]:
        assert cost_high == cost_low
    else:
        assert cost_high > cost_low
    assert (capex_high > capex_low) is (field in ("capex", "capex_user"))


@pytest.mark.parametrize(("name", "way"), [("operators", 1), ("staff_factor", 1), ("wage_year", 1), ("phone_users", 1)])
def test_each_parameter_of_the_scope_moves_the_cost(name: str, way: int) -> None:
    costs = [
        investment.cost(fixed() | {name: value}, [table.measures()["sms_firewall"]])["staff"][0] for value in (1e6, 2e6)
    ]
    assert math.copysign(1, costs[1] - costs[0]) == way


def test_more_response_saves_more() -> None:
    saved = []
    for response in (0.3, 0.9):
        values = fixed(exposure_response=response)
        later = burden.computed(investment.after(values, [table.measures()["mail_filter"]]))
        saved.append(sum(burden.computed(values)[one.id] - later[one.id] for one in burden.COMPONENTS))
    assert saved[1] > saved[0]


def test_the_tornado_of_an_investment_moves_its_net_benefit() -> None:
    found = result("sms_firewall", "mail_filter").tornado
    assert len(found) > 5
    assert {one.parameter.id for one in found} & {"mail_filter__stopped_mail", "mail_filter__licence_user"}


@pytest.mark.parametrize("measure", table.measures().values(), ids=lambda one: str(one.id))
def test_each_measure_of_the_catalogue_does_something_and_says_how_sure_that_is(measure: table.Measure) -> None:
    assert measure.effects("stopped") or measure.effects("prevented")
    assert measure.note
    assert measure.base in ("mail_users", "phone_users", "people")
    for one in measure.parameters:
        if one.provenance != "assumption":
            assert one.source
    found = result(measure.id)
    assert found.avoided is not None
    assert found.avoided.high > 0


def test_draws_of_all_parameters_fit_their_bounds() -> None:
    for name, values in draws.drawn(scope().values(), 2).items():
        one = scope()[name]
        assert one.least <= values.min()
        assert values.max() <= one.most
        assert not np.isnan(values).any()
