"""The API of the cost model: public, bounded, the same for the same address, and true to its schema."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeNode, client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam.policy.costs import table, version
from counterspam.web.app import create_app
from counterspam.web.costs import asked, models

API = "/api/v1/costs"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    found = FakeNode(tmp_path)
    yield found
    found.close()


async def get(node: FakeNode, path: str) -> Any:
    async with client(create_app(node)) as http:
        return await http.get(f"{API}{path}")


async def test_parameters_are_all_there_with_their_sources(node: FakeNode) -> None:
    found = models.Parameters.model_validate((await get(node, "/parameters?country=FR")).json())
    assert {one.id for one in found.rows} == set(table.every())
    assert len(found.published) == len(table.published())
    wage = next(one for one in found.rows if one.id == "wage_year")
    assert (wage.place, wage.year, wage.provenance, wage.base) == ("FR", "2016", "published", 40718)
    assert found.model == version.model()
    unknown = (await get(node, "/parameters?country=KE")).json()
    assert next(one for one in unknown["rows"] if one["id"] == "wage_year")["base"] is None


async def test_an_estimate_has_bands_formulas_and_inputs(node: FakeNode) -> None:
    answer = await get(node, "/estimate?country=FR&seed=3&set=mail_seconds:1 5 15&fx=0.9")
    found = models.EstimateModel.model_validate(answer.json())
    assert found.total is not None
    assert found.total_local is not None
    assert found.total.median is not None
    assert found.total_local.median == pytest.approx(found.total.median * 0.9)
    assert found.total_international is None
    assert all(one.formula and one.band for one in found.components)
    assert found.seed == 3
    assert ("mail_seconds", "1 5 15") in found.asked
    seconds = next(one for one in found.inputs if one.id == "mail_seconds")
    assert (seconds.low, seconds.base, seconds.high, seconds.provenance) == (1, 5, 15, "user")
    assert answer.json() == (await get(node, "/estimate?country=FR&seed=3&mail_seconds=1 5 15&fx=0.9")).json()


async def test_an_investment_has_rates_costs_and_payback(node: FakeNode) -> None:
    path = "/investment?country=FR&measure=sms_firewall&target_sms=90&set=sms_firewall__licence_user:90"
    found = models.InvestmentModel.model_validate((await get(node, path)).json())
    assert [one.channel for one in found.rates] == ["mail", "sms", "voice"]
    assert found.rates[1].target_reached is not None
    assert found.payback is not None
    assert found.payback.months.median is None  # never, at that price
    assert found.payback.within_10_years == 0
    assert set(found.formulas) >= {"capex", "payback", *found.yearly_parts}


@pytest.mark.parametrize(
    "path", ["/estimate?country=FR", "/investment?country=FR&measure=mail_filter", "/estimate?country=KE"]
)
async def test_csv_has_every_figure_with_its_band_and_every_input(node: FakeNode, path: str) -> None:
    answer = await get(node, f"{path}&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    content = (await get(node, path)).json()
    inputs = [row["id"] for row in rows if row["section"] == "inputs"]
    assert inputs == [one["id"] for one in content["inputs"]]
    for row in rows:
        if row["section"] == "result" and row["id"] == "total":
            assert float(row["median_or_base"]) == content["total"]["median"]
        ends = [row["low"], row["median_or_base"], row["high"]]
        if row["section"] not in ("result", "yearly_parts"):
            assert all(ends) or not any(ends)


@pytest.mark.parametrize(
    "query",
    ["country=QQ", "size=0", "size=-4", "seed=2147483648", "seed=x", "set=nope:1", "set=mail_seconds:x", "mail_seconds=9 1 2",
     "covered=a", "country=FRA", "format=xml", f"set={'x' * 200}", f"size={'9' * 30}"],
)  # fmt: skip
async def test_what_cannot_be_used_is_a_problem_that_names_it(node: FakeNode, query: str) -> None:
    answer = await get(node, f"/estimate?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_measures_and_targets_are_refused(node: FakeNode) -> None:
    assert (await get(node, "/investment?measure=magic")).status_code == 422
    assert (await get(node, "/investment?target_sms=101")).status_code == 422


async def test_a_caller_cannot_keep_the_node_busy(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, rate_per_minute=2)
    async with client(create_app(node)) as http:
        answers = [(await http.get(f"{API}/estimate?country=FR")).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        assert (await http.get("/costs?country=FR")).status_code == 429
    node.close()


@given(st.lists(st.tuples(st.text(max_size=30) | st.sampled_from(["country", "size", "seed", "measure", "target_sms",
    "covered", *table.every()]), st.text(max_size=40)), max_size=12))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_address_is_read_or_refused_and_reads_the_same_again(pairs: list[tuple[str, str]]) -> None:
    found, errors, written = asked.read(pairs)
    assert set(errors) <= {*written, "given", "measure"}
    again, no_errors, _ = asked.read(found.pairs())
    assert again == found
    assert not no_errors
