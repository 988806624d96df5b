"""The list of countries and the profile of each: order, rates, links, both directions, codes that do not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from counted_answers import DAY, NOW, Site, records
from fake_node import client
from test_pages import Outline

from counterspam.measure.populations import Kind
from counterspam.web import live, reference
from counterspam.web.app import create_app
from counterspam.web.language import spoken
from counterspam.web.view import View
from counterspam.web.views import find
from counterspam.web.views.countries import collated


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    found = Site(tmp_path, monkeypatch)
    found.counted.records = [
        *records(60, origin="TN", destination="GB"),
        *records(20, origin="AX", destination="GB", channel="email", content_type="loan"),
        *records(10, origin="GB", destination="GB"),
        *records(5, origin="", destination="KE", messages=8),
        *records(3, origin="FJ", destination="NG"),
        *records(3, origin="TV", destination="NR"),
    ]
    yield found
    found.node.close()


def text(html: str) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_countries_stand_by_name_with_both_directions(site: Site) -> None:
    html = site.panels("/countries")["countries"]
    names = re.findall(r'<th scope="row" class="">.*?<bdi>(.*?)</bdi>', html)
    assert names == ["Åland Islands", "Kenya", "Tunisia", "United Kingdom"], (
        "not by how much, and accents do not matter"
    )
    said = text(html)
    assert "4 countries were seen: spam was sent from 3 of them and meant for 2." in said
    assert "report counts do not say which country is worse" in said
    assert "Tunisia Africa 60 44 % –" in said
    assert "United Kingdom Europe 10 7 % 90 66 %" in said
    assert "Unknown 40 29 % –" in said
    assert "Fewer than 5 reporters 6 4 % 6 4 %" in said
    assert "Fiji" not in said
    assert 'href="/country/KE?period=24h"' in html


def test_spam_towards_a_country_has_a_rate(site: Site) -> None:
    html = site.panels("/countries", View("30d"))["countries"]
    people = reference.populations(site.node.config)["GB", Kind.PEOPLE]
    months = (NOW - (NOW - NOW % DAY - 29 * DAY)) / DAY / (365.25 / 12)
    assert f"{90 / (people.value * months / 100_000):.2f}" in text(html)
    assert f"People: 68.2 million ({people.year})" in text(html)
    assert people.source in text(html)
    html = site.panels("/countries", View("30d", channel="sms"))["countries"]
    assert "Mobile subscriptions:" in text(html), "a channel has its own population"


def test_little_time_makes_no_rate(site: Site) -> None:
    site.first = NOW - 600
    said = text(site.panels("/countries")["countries"])
    assert "too little for a rate" in said
    assert "90 66 % – People: 68.2 million (2021)" in said


def test_the_map_leads_to_the_profiles(site: Site) -> None:
    html = site.panels("/countries", View("7d", filters=(("destination", "GB"),)))["countries-map"]
    assert '<a href="/country/GB?period=7d"' in html, "the profile is of the country, whatever the list was narrowed to"
    assert "no opinion on the status" in html


def test_nothing_was_seen(site: Site) -> None:
    site.counted.records = []
    assert "No country is known of what was judged spam." in site.panels("/countries")["countries"]


def test_names_sort_without_accents() -> None:
    assert sorted(["Zambia", "Åland Islands", "albania", "Côte d’Ivoire", "Croatia"], key=collated) == [
        "Åland Islands",
        "albania",
        "Côte d’Ivoire",
        "Croatia",
        "Zambia",
    ]


def test_a_profile_has_both_directions(site: Site) -> None:
    panels = site.panels("/country/GB")
    said = text(panels["figures"])
    assert "In the last 24 hours, messages judged spam: 10 sent from United Kingdom, 90 meant for it." in said
    assert "Both: within the country 10" in said
    assert "People: 68.2 million (2021)." in said
    assert re.search(r"Tunisia 60 60 67 %", text(panels["got-from"]))
    assert re.search(r"Across a border 80 80 89 %", text(panels["got-border"]))
    assert re.search(r"United Kingdom 10 10 100 %", text(panels["sent-to"]))
    assert re.search(r"SMS 70 .* Mobile subscriptions: 81.6 million \(2022\)", text(panels["country-rates"]))
    line = next(line for line in panels["country-course"].split("<tr>") if ">10:00<" in line)
    assert text(line) == "10:00 10 90"


def test_links_of_a_profile_keep_the_country(site: Site) -> None:
    panels = site.panels("/country/GB")
    assert "content_type=bank" in panels["got-types"]
    assert "destination=GB" in panels["got-types"]
    assert "origin=GB" in panels["sent-types"]
    assert "destination=GB" not in panels["sent-types"]
    assert "/api/v1/query?destination=GB&amp;dimensions=content_type" in panels["got-types"]


def test_a_profile_says_how_it_changed(site: Site) -> None:
    site.counted.records = [
        *records(90, NOW - 2 * DAY, destination="GB"),
        *records(30, NOW - 9 * DAY, destination="GB"),
    ]
    said = text(site.panels("/country/GB", View("7d"))["figures"])
    assert "Meant for it: That is 3.0 times as much as in the same time before." in said
    assert "Sent from there: That" not in said


def test_what_the_node_does_not_hold_is_said(site: Site) -> None:
    panels = site.panels("/country/FJ")
    assert text(panels["country-laws"]) == "Laws This node holds no law of this country yet."
    assert "no answer of this country to a questionnaire yet" in panels["country-questionnaire"]
    assert "no figure of what spam costs this country yet" in panels["country-costs"]


def test_the_laws_of_a_country_lead_to_their_entries(site: Site) -> None:
    panel = site.panels("/country/FR")["country-laws"]
    assert '<a href="/laws/FR-CPCE" dir="auto">' in panel
    assert "In force Opt-in: consent comes first" in text(panel)
    assert "also applies the rules of the Union" in text(panel)
    assert "rules of the Union" not in text(site.panels("/country/GH")["country-laws"])


def test_a_country_of_which_nothing_is_known(site: Site) -> None:
    said = text(site.panels("/country/FJ")["figures"])
    assert (
        "nothing judged spam was sent from or meant for this country, or fewer than 5 reporters stand behind it" in said
    )


@pytest.mark.parametrize("path", ["/country/XX", "/country/gb", "/country/", "/country", "/country/GB/x", "/types/GB"])
async def test_codes_that_do_not_exist(site: Site, path: str) -> None:
    site.serve()
    async with client(create_app(site.node), accept="text/html") as web:
        answer = await web.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text
        assert (await web.get(f"/live?page={path}")).status_code == 404
    with pytest.raises(KeyError):
        find(path)


@pytest.mark.parametrize(
    "path", ["/country/GB", "/countries", "/volume?channel=sms&lang=ar", "/compare?by=origin", "/compare"]
)
async def test_the_pages_are_well_made(site: Site, path: str) -> None:
    site.serve()
    async with client(create_app(site.node), accept="text/html") as web:
        answer = await web.get(path)
    assert answer.status_code == 200
    outline = Outline(answer.text)
    assert outline.faults == []
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.targets <= set(outline.ids)
    assert outline.tags.count("h1") == 1


async def test_the_profile_is_a_live_page(site: Site) -> None:
    site.serve()
    app = create_app(site.node)
    async with client(app, accept="text/html") as web:
        page = (await web.get("/country/GB?lang=fr")).text
        assert "page=%2Fcountry%2FGB" in page
        assert 'href="/countries?lang=fr&amp;period=24h" aria-current="true"' in page, (
            "the navigation shows where it belongs"
        )
        live.of(app).close()
        assert (await web.get("/live?page=/country/GB")).status_code == 200
    with spoken("fr"):
        assert find("/country/GB")[0].subjects()["GB"] == "Royaume-Uni"  # type: ignore[misc]
