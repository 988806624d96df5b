"""The pages of origins, routes and targets: what their sentences and tables say of given answers."""

import re
from pathlib import Path
from typing import Any

import pytest
from made_answers import Site, row

from counterspam.measure.figure import Figure, Unit, valued
from counterspam.web import figures
from counterspam.web.language import spoken
from counterspam.web.views import origins

BORDERS = [row(60, border="abroad"), row(20, border="domestic"), row(20, border="")]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    found = Site(tmp_path, monkeypatch)
    found.made.rows = {
        ("border",): BORDERS,
        ("border", "channel"): [
            row(40, border="abroad", channel="sms"),
            row(10, border="domestic", channel="sms"),
            row(5, border="", channel="sms"),
            row(20, border="abroad", channel="email"),
        ],
        ("origin",): [row(500, origin=""), row(300, origin="DE"), row(100, origin="NG"), row(100, origin="CI")],
        ("asn", "network"): [row(300, asn=0, network=""), row(200, asn=64496, network="<Net>")],
        ("operator",): [row(70, operator="<b>Mobile</b>")],
        ("destination",): [row(400, destination="CI")],
        ("content_type",): [row(80, content_type="bank")],
        ("origin", "destination"): [row(300, origin="DE", destination="CI"), row(9, origin="", destination="SN")],
        ("origin", "transit", "destination"): [row(250, origin="DE", transit=["NL", ""], destination="CI")],
        ("channel",): [row(55, channel="sms"), row(30, channel="email")],
    }
    return found


def words(html: str) -> str:
    """The text of a panel in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace(" ,", ",")


def test_the_share_from_abroad_is_of_what_is_known(site: Site) -> None:
    site.made.totals = row(100)
    text = site.show("/origins")["border"]
    assert (
        "Of the spam whose two ends are known, 75 % came from abroad; of 20 % of all spam an end is unknown."
        in words(text)
    )
    assert 'href="/about#k6_by_border"' in text
    assert re.search(r"All channels 75 % 60 20 20", words(text))
    assert re.search(r"SMS 80 % 40 10 5", words(text)), "the journalist's answer, without another click"
    assert 'href="/origins?border=abroad&amp;channel=sms&amp;period=24h&amp;synthetic=0"' in text


def test_what_is_not_shown_makes_the_share_a_range(site: Site) -> None:
    site.made.totals = row(120)  # 20 of which nothing can be shown
    text = words(site.show("/origins")["border"])
    assert "Of the spam whose two ends are known, 60 % – 80 % came from abroad; of 17 % of all spam" in text
    assert "E-mail 67 % – 100 % 20 – –" in text, "a count that is not shown is no 0"


def test_the_share_from_abroad_names_the_channel(site: Site) -> None:
    site.made.totals = row(100)
    text = words(site.show("/origins", channel="sms")["border"])
    assert "SMS: of the spam whose two ends are known, 75 % came from abroad" in text


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"abroad": 0, "domestic": 0, "": 0}, "Nothing was judged spam."),
        ({"abroad": 0, "domestic": 0, "": 9}, "Of no message that can be shown are both ends known."),
        ({"abroad": 999, "domestic": 1, "": 0}, "are known, over 99 % came from abroad; of 0 % of all spam"),
    ],
)
def test_the_share_from_abroad_where_little_is_known(counts: dict[str, int], said: str) -> None:
    with spoken("en"):
        assert said in words(origins.said({"hidden": 0, **counts}))


def test_countries_stand_with_their_region_and_lead_to_themselves(site: Site) -> None:
    text = site.show("/origins")["countries"]
    assert "Germany Europe 300" in words(text)
    assert 'href="/origins?origin=DE&amp;period=24h&amp;synthetic=0"' in text
    assert "origin=unknown" in text


def test_concentration_leaves_the_unknown_apart(site: Site) -> None:
    text = words(site.show("/origins")["concentration"])
    assert "make up 100 % of the spam whose origin is known; the origin of 50 % of all spam is unknown" in text
    assert "Herfindahl index, from 0 to 1 0.44" in text  # 0.6² + 0.2² + 0.2²


def test_networks_by_number_with_0_as_unknown(site: Site) -> None:
    text = site.show("/origins")["networks"]
    assert ">Unknown<" in text
    assert "asn=0&amp;" in text
    assert "&lt;Net&gt;" in text
    with spoken("en"):
        assert "Unknown" in str(site.show("/origins", asn="0")["networks"])


def test_a_name_is_never_markup(site: Site) -> None:
    assert "<b>" not in site.show("/origins")["operators"]


def test_one_origin_tells_what_it_sends_and_where(site: Site) -> None:
    panels = site.show("/origins", origin="DE")
    assert {"map", "countries", "concentration"}.isdisjoint(panels)
    assert 'href="/routes?destination=CI&amp;origin=DE' in panels["destinations"]
    assert "Germany: what its spam is about" in panels["types"]


def test_what_is_not_counted_together_is_said(site: Site) -> None:
    panels = site.show("/origins", operator="Foo")
    assert "not counted by Across borders and Operator of origin together. Take away a filter" in panels["border"]
    assert "Mobile" in panels["operators"], "the others have their figures"
    alone = site.show("/origins", operator="Foo", spf="pass")
    assert list(alone) == ["apart"]
    assert "Operator of origin and SPF" in alone["apart"]


@pytest.mark.parametrize("filters", [{"operator": "Foo"}, {"spf": "pass"}, {"sender": "x.example"}, {"transit": "NL"}])
@pytest.mark.parametrize("path", ["/types", "/origins", "/routes", "/targets", "/senders", "/authentication"])
@pytest.mark.parametrize("period", ["1h", "24h", "30d"])
def test_no_filter_breaks_a_page(site: Site, path: str, period: str, filters: dict[str, str]) -> None:
    assert site.show(path, period, **filters)


def test_routes_lead_to_their_detail(site: Site) -> None:
    panels = site.show("/routes")
    assert 'href="/routes?destination=CI&amp;origin=DE&amp;period=24h&amp;synthetic=0"' in panels["matrix"]
    assert "destination=SN&amp;origin=unknown" in panels["matrix"]
    assert "Germany → Netherlands → Unknown → Côte d’Ivoire" in panels["transit"]
    assert "Of 25 % of the spam the countries passed are known." in words(panels["transit"])
    assert re.search(r"All others, and spam whose way is not known 750", words(panels["transit"]))


def test_a_route_runs_in_the_direction_of_reading(site: Site) -> None:
    assert " ← " in site.show("/routes", lang="ar")["transit"]


def novelty(missing: str = "", **counts: Any) -> Figure:
    rows = [{"channel": "sms", "basis": "places", "contributors": 5, **counts}] if counts else []
    return valued(Figure("K14", "new routes", Unit.SHARE, {}, rows, protected=True, missing=missing))


def test_new_routes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"numerator": 30, "denominator": 120, "numerator_reports": 30, "denominator_reports": 120}
    found = novelty("only 3 days of evidence", new_routes=4, routes=9, **counts)
    monkeypatch.setattr(figures, "every", lambda config: {"k14_route_novelty": lambda query, scope: found})
    text = words(site.show("/routes")["new"])
    assert "Of the spam with a known origin, 25 % came on routes unseen in the 30 days before the period." in text
    assert "SMS 4 9 30 25 %" in text
    assert "reaches back less than 30 days" in text
    assert "new" not in site.show("/routes", origin="DE"), "it does not follow filters"


def test_new_routes_without_evidence_of_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    found = novelty("evidence of before")
    monkeypatch.setattr(figures, "every", lambda config: {"k14_route_novelty": lambda query, scope: found})
    assert "There is no evidence of before the period" in site.show("/routes")["new"]


def test_a_route_in_detail(site: Site) -> None:
    site.made.totals = row(200, reports=50)
    panels = site.show("/routes", origin="DE", destination="CI")
    assert "Germany → Côte d’Ivoire" in panels["route"]
    assert "200 messages judged spam took this route" in panels["route"]
    assert "They came in 50 reports." in panels["route"]
    assert re.search(r"First seen on \d+ \w+ \d{4}, last on", panels["route"])
    asked = {ask.dimensions: set(ask.filters) for ask in site.made.asked if not ask.step}
    assert asked["operator",] == {"origin"}, "operators are counted by origin only"
    assert asked["destination_operator",] == {"destination"}
    assert asked["content_type",] == {"origin", "destination"}


def test_a_route_that_few_report_tells_nothing(site: Site) -> None:
    site.made.totals = {}
    text = site.show("/routes", origin="DE", destination="CI")["route"]
    assert "There is no spam on this route, or fewer than 5 reporters stand behind it." in text


def test_targets(site: Site) -> None:
    site.made.rows["destination_operator",] = [row(90, destination_operator="Target One")]
    panels = site.show("/targets")
    assert "Côte d’Ivoire Africa 400" in words(panels["countries"])
    assert 'href="/targets?destination=CI' in panels["map"]
    assert "destination_operator=Target+One" in panels["operators"]
    assert {"map", "countries"}.isdisjoint(site.show("/targets", destination="CI"))
