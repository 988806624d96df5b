"""The pages of the cost model: what they say, that unknown stays unknown, that forms lose nothing, and who may do what."""

import gzip
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_node import FakeNode, client
from test_pages import Node, Outline

from counterspam.policy.costs import table
from counterspam.policy.costs.burden import COMPONENTS, QUANTITIES
from counterspam.policy.costs.investment import CAPEX, FACILITIES, YEARLY
from counterspam.policy.costs.parameter import Provenance
from counterspam.store import audit, scenarios
from counterspam.web.app import create_app
from counterspam.web.costs import figures, labels, measured
from counterspam.web.language import LANGUAGES, spoken

FR = "/costs?country=FR"
INVEST = "/costs/investment?country=FR&measure=sms_firewall&measure=mail_filter&target_sms=90"
PAGES = ["/costs", FR, "/costs?country=KE", "/costs/investment", INVEST, "/costs/parameters", "/costs/scenarios"]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    found = FakeNode(tmp_path, jurisdiction="CI")
    yield found
    found.close()


def web(node: FakeNode, *scopes: str, **given: str) -> httpx.AsyncClient:
    secret = node.key(*scopes) if scopes else ""
    return client(create_app(node), secret=secret, accept="text/html", **given)


async def get(node: FakeNode, path: str, *scopes: str) -> httpx.Response:
    async with web(node, *scopes) as http:
        return await http.get(path)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_well_made_and_light_in_every_language(node: FakeNode, path: str, lang: str) -> None:
    answer = await get(node, f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 200
    found = Outline(answer.text)
    assert found.faults == []
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    assert found.tags.count("h1") == found.tags.count("main") == 1
    assert found.tags.count("table") == found.tags.count("caption")
    assert len(gzip.compress(answer.text.encode(), 6)) < 60_000
    assert '<dl class="brief">' in answer.text
    anchors = set(re.findall(r'href="#([^"]+)"', answer.text)) - {"main"}
    assert anchors <= set(found.ids)


async def test_every_component_stands_with_band_formula_and_inputs(node: FakeNode) -> None:
    text = html.unescape((await get(node, FR)).text)
    for one in COMPONENTS:
        assert labels.COMPONENTS[one.id] in text
        assert f'id="in-{one.id}"' in text
        for name in one.formula.names:
            assert f'href="#in-{name}"' in text or name in ("exposure", "call_exposure")
    for line in QUANTITIES:
        assert f'id="in-{line.id}"' in text
    assert "40718 " in text  # the wage of France, with low and high around it
    assert "vendor figure" in text
    assert "seed 1" in text


BAND = re.compile(r"[\d.,]+(?: \w+)? \([\d.,]+(?: \w+)? to [\d.,]+(?: \w+)?\)")


async def test_no_result_is_shown_without_its_band(node: FakeNode) -> None:
    text = (await get(node, FR)).text
    rows = re.findall(
        r'<tr id="in-(?:time|fraud|callback|bandwidth|storage|signalling|support|energy)">.*?</tr>', text, re.S
    )
    assert len(rows) == len(COMPONENTS)
    for row in rows:
        assert BAND.search(row), row
    facts = re.findall(r"<dd>([^<]+)</dd>", text.partition('<dl class="facts">')[2].partition("</dl>")[0])
    assert len(facts) == 4
    for fact in facts:
        assert BAND.search(fact), fact
    invested = (await get(node, INVEST)).text
    cost = invested.partition('id="cost-h"')[2].partition("</section>")[0]
    assert len(re.findall("<tr><th", cost)) - 1 == len(BAND.findall(cost)) == len([CAPEX, FACILITIES, *YEARLY]) + 4


async def test_what_is_unknown_is_said_and_not_taken_as_zero(node: FakeNode) -> None:
    text = (await get(node, "/costs?country=KE")).text
    assert "left out of the total, not taken as zero" in text
    assert "Time of users and Loss by fraud" in text
    assert "Average yearly wage" in text
    known = (await get(node, "/costs?country=KE&wage_year=3000")).text
    assert "not taken as zero" not in known
    assert "price level it can be used" in (await get(node, "/costs?country=AM")).text
    assert "price level it can be used" not in (await get(node, "/costs?country=AM&price_level=0.4")).text


async def test_errors_stand_beside_the_field_and_nothing_is_lost(node: FakeNode) -> None:
    text = (await get(node, '/costs?country=XX&size=many&seed=-3&mail_seconds=9+1+"2<b>&mail_bytes=1+2')).text
    for name in ("country", "size", "seed", "mail_seconds", "mail_bytes"):
        assert f'id="{name}-e"' in text
        assert f'aria-describedby="{name}-e"' in text
    assert 'value="many"' in text
    assert 'value="9 1 &#34;2&lt;b&gt;"' in text
    assert "<b>" not in text
    assert 'id="target_sms-e"' in (await get(node, "/costs/investment?target_sms=200")).text


async def test_the_same_address_gives_the_same_page_and_another_seed_another(node: FakeNode) -> None:
    first, again = [(await get(node, f"{FR}&seed=5")).text for _ in range(2)]
    lead = re.compile(r'<p class="lead">.*?</p>')
    assert lead.findall(first) == lead.findall(again)
    assert lead.findall(first) != lead.findall((await get(node, f"{FR}&seed=6")).text)


async def test_the_form_carries_along_what_it_has_no_field_for(node: FakeNode) -> None:
    text = (await get(node, f"{FR}&measure=sms_firewall&sms_firewall__capex=5&target_sms=90")).text
    for name, value in (("measure", "sms_firewall"), ("sms_firewall__capex", "5"), ("target_sms", "90")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in text


async def test_payback_is_said_with_its_band_and_the_share_of_draws(node: FakeNode) -> None:
    text = (await get(node, INVEST)).text
    assert re.search(r"Payback counting all that is avoided: .*within 10 years in \d+", text)
    assert "not within 10 years" in text  # operators alone
    assert "The cost of the measures cannot be worked out" in (await get(node, INVEST.replace("FR", "KE"))).text


async def test_published_figures_that_do_not_reproduce_are_shown_as_such(node: FakeNode) -> None:
    text = (await get(node, "/costs/parameters")).text
    wrong, right = text.partition('id="wrong-h"')[2].split('id="right-h"', 1)
    for shown in ("9,000", "270.00", "14,000,000,000", "11,406,250"):
        assert shown in wrong
    for shown in ("372.08", "877,404", "16,200", "12.50"):
        assert shown in right
    for one in table.every().values():
        assert f'id="p-{one.id}"' in text


@pytest.mark.parametrize("one", table.general().values(), ids=lambda one: str(one.id))
def test_labels_say_what_the_data_say(one: table.Parameter) -> None:
    assert labels.PARAMETERS[one.id] == one.meaning
    assert one.group in labels.GROUPS
    assert one.unit in labels.UNITS or one.unit in labels.SYMBOLS


def test_every_line_measure_and_provenance_has_a_label() -> None:
    assert set(labels.PROVENANCE) == set(Provenance)
    assert {name: one.name for name, one in table.measures().items()} == labels.MEASURES
    assert {one.id for one in COMPONENTS} == set(labels.COMPONENTS)
    assert {one.id for one in QUANTITIES} == set(labels.QUANTITIES)
    for one in table.every().values():
        assert labels.full(one)
        assert one.unit in labels.UNITS or one.unit in labels.SYMBOLS


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (4.3, "4.30"),
        (13_712, "13,700"),
        (2_345_678, "2.35 million"),
        (-3.2e9, "-3.2 billion"),
    ],
)
def test_three_digits_count(found: float, said: str) -> None:
    with spoken("en"):
        assert figures.value(found) == said


# The node's own figures


async def test_measured_figures_replace_the_shipped_ones_and_say_so(
    node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(_: Any, ask: Any) -> list[dict[str, Any]]:
        if "technique" in ask.filters:
            return [{"channel": "voice", "spam_messages": 600}]
        return [
            {"channel": "sms", "disposition": "blocked", "spam_messages": 9000},
            {"channel": "sms", "disposition": "delivered", "spam_messages": 3000},
            {"channel": "sms", "disposition": "unknown", "spam_messages": 500},
            {"channel": "social", "disposition": "delivered", "spam_messages": 70},
        ]

    monkeypatch.setattr(measured, "_rows", rows)
    found = measured.given(node, 1000)
    assert set(found) == {"sms_block", "sms_delivered_day", "short_rings_year"}
    assert found["sms_block"]["value"][1] == pytest.approx(0.75)
    assert found["sms_delivered_day"]["value"][1] == pytest.approx(0.1)
    low, base, high = found["sms_delivered_day"]["value"]
    assert low < base < high
    text = (await get(node, f"{FR}&covered=1000")).text
    assert text.count("Measured here") == 3
    assert "Measured here" not in (await get(node, FR)).text


async def test_a_node_without_evidence_measures_nothing(node: FakeNode) -> None:
    assert measured.given(node, 1000) == {}
    assert (await get(node, f"{FR}&covered=1000")).status_code == 200


async def test_answers_of_the_questionnaire_come_before_shipped_values_and_after_none_of_the_readers(
    node: FakeNode,
) -> None:
    app = create_app(node)
    app.state.cost_answers = lambda country: {
        "transit_price": {"value": 42, "year": 2026, "source": f"Answer of {country}", "provenance": "questionnaire"}
    }
    async with client(app, accept="text/html") as http:
        text = (await http.get("/costs?country=KE")).text
        assert "Answer of KE" in text
        assert "Questionnaire" in text
        own = (await http.get("/costs?country=KE&transit_price=5")).text
        assert "Answer of KE" not in own
        assert "Given by you" in own


# Scenarios


def token(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


async def saved(http: httpx.AsyncClient, path: str = FR, title: str = "A year", **more: str) -> httpx.Response:
    page = (await http.get(path)).text
    form = page.partition('action="/costs/scenarios"')[2]
    fields: dict[str, list[str] | str] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        fields[name] = [*fields.get(name, []), value]
    return await http.post("/costs/scenarios", data={**fields, "title": title, **more})


async def test_a_scenario_is_saved_by_one_and_published_by_another(node: FakeNode) -> None:
    app = create_app(node)
    author, lead = node.key("policy:edit", "policy:approve"), node.key("policy:approve")
    async with client(app, secret=author, accept="text/html") as http:
        answer = await saved(http, f"{FR}&mail_seconds=2", "<b>Households</b>")
        assert answer.status_code == 303
        path = answer.headers["location"].partition("?")[0]
        page = (await http.get(path)).text
        assert "&lt;b&gt;Households&lt;/b&gt;" in page
        assert "Somebody other than its author must publish it." in page
        assert "Given by you" in page
        own = await http.post(path, data={"csrf": token(page), "version": "1", "act": "publish"})
        assert own.status_code == 403
    async with client(app, accept="text/html") as http:
        assert (await http.get(path)).status_code == 404  # a draft is nobody's
        assert "Households" not in (await http.get("/costs/scenarios")).text
    async with client(app, secret=lead, accept="text/html") as http:
        page = (await http.get(path)).text
        assert (await http.post(path, data={"version": "1", "act": "publish"})).status_code == 403  # no token
        assert (await http.post(path, data={"csrf": token(page), "version": "1", "act": "burn"})).status_code == 400
        assert (await http.post(path, data={"csrf": token(page), "version": "7", "act": "publish"})).status_code == 404
        assert (await http.post(path, data={"csrf": token(page), "version": "1", "act": "publish"})).status_code == 303
        assert (await http.post(path, data={"csrf": token(page), "version": "1", "act": "refuse"})).status_code == 409
    async with client(app, accept="text/html") as http:
        assert (await http.get(path)).status_code == 200
        assert "Households" in (await http.get("/costs/scenarios")).text
    with node.records.read() as conn:
        actions = [entry.action for entry in audit.latest(conn, action="scenario.")]
        assert actions == ["scenario.publish", "scenario.save"]
        kept = scenarios.versions(conn, path.rpartition("/")[2])
    assert [one.state for one in kept] == ["published"]


async def test_a_next_version_replaces_the_published_one_and_the_public_sees_published_ones_only(
    node: FakeNode,
) -> None:
    app = create_app(node)
    async with client(app, secret=node.key("policy:edit"), accept="text/html") as http:
        path = (await saved(http)).headers["location"].partition("?")[0]
        id = path.rpartition("/")[2]
        second = await saved(http, f"{INVEST}&scenario={id}", "With measures", scenario=id)
        assert second.headers["location"] == f"{path}?version=2"
        page = (await http.get(f"{path}?version=2")).text
        assert "SMS firewall" in page
        assert "Versions" in page
        assert (await http.get(f"{path}?version=1")).status_code == 200
        assert (await http.get(f"{path}?version=3")).status_code == 404
    async with client(app, secret=node.key("policy:approve"), accept="text/html") as http:
        for number in ("1", "2"):
            page = (await http.get(f"{path}?version={number}")).text
            assert (
                await http.post(path, data={"csrf": token(page), "version": number, "act": "publish"})
            ).status_code == 303
    async with client(app, accept="text/html") as http:
        assert (await http.get(f"{path}?version=1")).status_code == 404
        assert "With measures" in (await http.get(path)).text


async def test_who_may_not_write_or_decide_is_refused(node: FakeNode) -> None:
    for scopes in ((), ("evidence:read",), ("questionnaire:answer",)):
        async with web(node, *scopes) as http:
            assert "Save this as a scenario" not in (await http.get(FR)).text
            assert (await http.post("/costs/scenarios", data={"title": "x"})).status_code in (401, 403)
            assert (await http.post(f"/costs/scenarios/{'a' * 16}", data={"act": "publish"})).status_code in (401, 403)
    async with web(node, "policy:edit") as http:
        assert (
            await http.post("/costs/scenarios", data={"title": "x", "country": "FR"})
        ).status_code == 403  # no token
        assert (await http.get("/costs/scenarios/xyz")).status_code == 404
        assert (await saved(http, scenario="f" * 16)).status_code == 404
        assert (await saved(http, mail_seconds="x")).status_code == 400
        untitled = await saved(http, f"{FR}&mail_seconds=3", "  ")
        assert untitled.status_code == 303
        page = (await http.get(untitled.headers["location"])).text
        assert "Give it a title." in page
        assert 'name="mail_seconds" maxlength="100" dir="ltr" autocomplete="off" value="3"' in page


async def test_a_result_stays_as_it_was_when_the_model_changes(node: FakeNode, monkeypatch: pytest.MonkeyPatch) -> None:
    async with web(node, "policy:edit") as http:
        path = (await saved(http)).headers["location"]
        before = (await http.get(path)).text
        assert "The model has changed" not in before
        monkeypatch.setattr("counterspam.web.costs.scenarios.version.model", lambda: "another")
        after = (await http.get(path)).text
    lead = re.compile(r'<p class="lead">.*?</p>')
    assert "The model has changed" in after
    assert lead.findall(before) == lead.findall(after)


async def test_the_profile_of_a_country_shows_its_published_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(tmp_path, monkeypatch)
    app = create_app(node)
    async with client(app, secret=node.key("policy:edit"), accept="text/html") as http:
        path = (await saved(http)).headers["location"].partition("?")[0]
        assert path not in (await http.get("/country/FR")).text
    with node.records.begin() as conn:
        assert scenarios.decide(conn, path.rpartition("/")[2], 1, scenarios.PUBLISHED, "other", "", 1)
    async with client(create_app(node), accept="text/html") as http:
        panel = (
            (await http.get("/country/FR")).text.partition('data-block="country-costs"')[2].partition("</section>")[0]
        )
        assert path in panel
        assert BAND.search(panel)
        assert "holds no figure of what spam costs" in (await http.get("/country/DE")).text
    node.close()
