"""The page of comparisons: two periods, channels, countries; ratio and interval, gaps, what is too little."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from counted_answers import DAY, HOUR, NOW, Site, records
from fake_node import client

from counterspam.intervals import rate_ratio, share_difference
from counterspam.web.app import create_app
from counterspam.web.view import View
from counterspam.web.views import find


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    found = Site(tmp_path, monkeypatch)
    yield found
    found.node.close()


def text(html: str) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def chosen(period: str = "24h", **choices: str) -> View:
    """A view with what is compared."""
    return View(period, choices=tuple(sorted(choices.items())))


def test_two_channels(site: Site) -> None:
    site.counted.records = [*records(200), *records(100, channel="email"), *records(9, channel="voice")]
    panels = site.panels("/compare", chosen(by="channel"))  # the two with most spam
    ratio = rate_ratio(200, 1, 100, 1)
    assert ratio is not None
    said = text(panels["figures"])
    assert f"SMS: 2.00 times as much spam as E-mail (95 % interval {ratio.low:.2f} to {ratio.high:.2f})." in said
    assert "beyond chance" not in said
    assert "SMS 200 E-mail 100" in said


def test_messages_of_one_record_are_one_observation(site: Site) -> None:
    site.counted.records = [*records(10, messages=100), *records(8, messages=100, channel="email")]
    ratio = rate_ratio(1000, 1, 800, 1, design_effect=100)
    assert ratio is not None
    said = text(site.panels("/compare", chosen(by="channel", a="sms", b="email"))["figures"])
    assert f"(95 % interval {ratio.low:.2f} to {ratio.high:.2f}). That is no difference beyond chance." in said


def test_periods_of_different_length_are_compared_by_the_day(site: Site) -> None:
    site.counted.records = [*records(700, NOW - 40 * DAY), *records(100, NOW - 19 * HOUR)]
    said = text(site.panels("/compare", chosen(by="period", a="2026-11-21", b="2026-10"))["figures"])
    assert "21 Nov 2026: per day 4.43 times as much spam as 1 Oct 2026 – 31 Oct 2026" in said  # 100 against 700 / 31
    assert "21 Nov 2026 100 a day" in said
    assert "31 Oct 2026 22.6 a day" in said


def test_a_period_is_compared_with_the_one_before_unless_told_otherwise(site: Site) -> None:
    site.counted.records = [*records(300, NOW - 2 * DAY), *records(100, NOW - 9 * DAY)]
    said = text(site.panels("/compare", chosen("7d"))["figures"])
    assert "16 Nov 2026 – 22 Nov 2026: per day" in said
    assert "9 Nov 2026 – 15 Nov 2026" in said  # to 15:00 on that day, as the last step of today ends then
    assert f"{300 / (6 + 12.5 / 24) / (100 / (6 + 15 / 24)):.2f} times" in said  # but half past twelve is now


def test_periods_that_overlap_say_so(site: Site) -> None:
    site.counted.records = records(300)
    assert "The two periods overlap" in site.panels("/compare", chosen(a="24h", b="7d"))["figures"]
    assert "overlap" not in site.panels("/compare", chosen(a="24h", b="before"))["figures"]


def test_time_before_the_first_evidence_is_no_zero(site: Site) -> None:
    site.first = NOW - 3 * HOUR
    site.counted.records = records(50)
    panels = site.panels("/compare", chosen())
    assert "there is nothing, or too little to be shown, so there is nothing to compare" in panels["figures"]
    row = next(
        line for line in panels["compare-course"].split("<tr>") if "scope" in line and "<th" in line and ">0<" in line
    )
    assert text(row) == "0 – –"


def test_lines_start_together(site: Site) -> None:
    site.counted.records = [*records(30, NOW - 2 * HOUR), *records(20, NOW - 2 * HOUR - DAY)]
    html = site.panels("/compare", chosen())["compare-course"]
    assert "After the start" in html
    assert any(text(line).endswith(" 30 20") for line in html.split("<tr>"))


def test_fewer_than_five_reporters(site: Site) -> None:
    site.counted.records = [*records(50, destination="GB"), *records(4, destination="FJ")]
    panels = site.panels("/compare", chosen(by="destination", a="GB", b="FJ"))
    assert "Of Fiji there is nothing, or too little to be shown" in text(panels["figures"])
    assert "Fiji –" in text(panels["figures"])
    site.counted.records = [*records(50), *records(3, channel="email")]  # counts by channel describe nobody
    said = text(site.panels("/compare", chosen(by="channel"))["figures"])
    assert "Fewer than 5 reporters stand behind E-mail." in said


def test_a_breakdown_has_shares_and_differences_with_intervals(site: Site) -> None:
    site.counted.records = [
        *records(60, origin="DE"),
        *records(40, origin="DE", content_type="loan"),
        *records(20, origin="NG"),
        *records(180, origin="NG", content_type="loan"),
        *records(100, origin="NG", content_type="ham", spam=False),
    ]
    html = site.panels("/compare", chosen(by="origin", a="DE", b="NG", period="7d"))["compare-of"]
    assert re.search(
        r"the shares differ most in (Bank impersonation: 60 % against 10 %|Loan: 40 % against 90 %)\.", text(html)
    )
    assert "Not spam" not in html
    gap = share_difference(60, 100, 20, 200)
    assert gap is not None
    assert f"Bank impersonation 60 20 +50.0 ({100 * gap.low:+.1f} – {100 * gap.high:+.1f})" in text(html)
    assert "/api/v1/query?dimensions=origin%2Ccontent_type&amp;format=csv&amp;origin=DE%2CNG" in html


def test_what_is_hidden_is_not_called_zero(site: Site) -> None:
    both = [*records(50, destination="GB"), *records(50, destination="KE")]
    hidden = [*records(3, destination="KE", content_type="loan"), *records(3, destination="KE", content_type="tax")]
    site.counted.records = [*both, *records(50, destination="GB", content_type="loan"), *hidden]
    html = site.panels("/compare", chosen(by="destination", a="GB", b="KE"))["compare-of"]
    assert re.search(r"Loan 50 % –", text(html))
    assert "All others, or not shown 0 % 11 %" in text(html), "6 of 56"
    alone = records(4, destination="KE", content_type="loan", messages=100)  # too few to be told of even together
    site.counted.records = [*both, *records(50, destination="GB", content_type="loan"), *alone]
    html = site.panels("/compare", chosen(by="destination", a="GB", b="KE"))["compare-of"]
    assert re.search(r"Loan 50 % –", text(html))
    assert "All others, or not shown 0 % 89 %" in text(html)
    site.counted.records = [*both, *records(50, destination="GB", content_type="loan")]
    html = site.panels("/compare", chosen(by="destination", a="GB", b="KE"))["compare-of"]
    assert re.search(r"Loan 50 % 0 %", text(html))


@pytest.mark.parametrize("by", ["channel", "origin", "destination"])
def test_nothing_to_compare(site: Site, by: str) -> None:
    assert "Fewer than two were seen in this period." in site.panels("/compare", chosen(by=by))["compare-none"]


def test_choices_that_make_no_sense_are_taken_as_the_default(site: Site) -> None:
    site.counted.records = [*records(20), *records(10, channel="email")]
    html = site.panels("/compare", chosen(by="shoe-size", a="x", b="2026-02-30", of="asn"))["compare-form"]
    assert 'name="a" value="24h"' in html
    assert 'name="b" value="before"' in html
    html = site.panels("/compare", chosen(by="channel", a="sms", b="sms"))["compare-form"]
    assert re.findall(r'value="(\w+)" selected', html) == ["sms", "email", "content_type"]
    html = site.panels("/compare", chosen(by="channel", b="sms"))["compare-form"]
    assert re.findall(r'value="(\w+)" selected', html)[:2] == ["email", "sms"], (
        "the other side is chosen for a given one"
    )


def test_the_form_keeps_the_filters_and_offers_what_is_counted_together(site: Site) -> None:
    site.counted.records = [*records(20, content_type="bank"), *records(10, channel="email")]
    view = View("7d", filters=(("content_type", "bank"),), choices=(("by", "channel"),))
    html = site.panels("/compare", view)["compare-form"]
    assert '<input type="hidden" name="content_type" value="bank">' in html
    assert '<input type="hidden" name="by" value="channel">' in html
    assert 'value="destination"' in html
    assert 'value="sender_kind"' not in html, "not counted together with the content type"


async def test_the_page_and_its_stream_know_the_choices(site: Site) -> None:
    site.counted.records = [*records(20), *records(10, channel="email")]
    site.serve()
    async with client(create_app(site.node), accept="text/html") as web:
        page = (await web.get("/compare?by=channel&a=email&b=sms&of=source&period=7d")).text
    assert "E-mail: 0.50 times as much spam as SMS" in page
    stream = page.partition('data-stream="')[2].partition('"')[0].replace("&amp;", "&")
    for part in ("a=email", "b=sms", "by=channel", "of=source", "page=%2Fcompare", "period=7d"):
        assert part in stream
    assert 'href="/types?period=7d"' in page, "another page does not take them along"
    assert find("/compare")[1] == ""


def test_the_figures_of_both_sides_can_be_taken_along(site: Site) -> None:
    site.counted.records = [*records(20), *records(10, channel="email")]
    panels = site.panels("/compare", chosen(a="2026-10-05", b="before"))
    for id, more in (("compare-course", "interval=hour"), ("compare-of", "dimensions=content_type")):
        text = panels[id].replace("&amp;", "&")
        first, _, second = text.partition("The other side:")
        assert "period=2026-10-05" in first
        assert "period=2026-10-04" in second
        assert more in first
        assert more in second
    both = site.panels("/compare", chosen(by="channel", a="sms", b="email"))["compare-of"].replace("&amp;", "&")
    assert "The other side:" not in both
    assert "channel=sms%2Cemail" in both
