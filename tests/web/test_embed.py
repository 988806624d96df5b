"""Charts as documents: well-formed whatever the labels, complete without a page, in the direction of reading."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from counterspam.web import charts
from counterspam.web.charts import drawing, embed
from counterspam.web.language import spoken

SVG = "{http://www.w3.org/2000/svg}"


def all_kinds(text: str, dark: bool = False) -> list[str]:
    """One document of each kind with `text` wherever text may stand."""
    return [
        charts.standalone_bars(
            text, text, {"x": [1, 2], "sms": [0, 3]}, [text, text], {"x": text, "sms": text}, dark=dark
        ),
        charts.standalone_lines(
            text,
            text,
            {"x": [1, None]},
            [text, text],
            {"x": text},
            bands={"x": [(0.5, 2), None]},
            say=lambda _: text,
            dark=dark,
        ),
        charts.standalone_rows(text, text, [(text, 1), (text, 0)], say=lambda _: text, dark=dark),
        charts.standalone_world(text, text, {"FR": 1, "MT": 2}, say=lambda _: text, blank=text, dark=dark),
    ]


@given(st.text(max_size=120))
def test_any_text_makes_a_well_formed_document(text: str) -> None:
    plain = [
        [element.tag for element in ElementTree.fromstring(svg).iter() if element.tag != f"{SVG}text"]
        for svg in all_kinds("x")
    ]
    for svg, tags in zip(all_kinds(text), plain, strict=True):
        found = [element.tag for element in ElementTree.fromstring(svg).iter() if element.tag != f"{SVG}text"]
        assert found == tags or not text


@pytest.mark.parametrize("dark", [False, True])
def test_a_document_needs_nothing_else(dark: bool) -> None:
    theme = drawing.colours(dark)
    for svg in all_kinds("Label", dark):
        assert not re.search(r"style|class=|href|<script", svg)
        assert svg.startswith("<?xml")
        assert f'fill="{theme["paper"]}"' in svg
        texts = [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
        assert texts.count("Label") >= 3  # title, source and a label


def test_scale_steps_and_legend_are_text() -> None:
    svg = charts.standalone_bars("T", "S", {"sms": [400, 90]}, ["Mon", "Tue"], {"sms": "SMS"})
    texts = {element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")}
    assert texts == {"T", "S", "400", "200", "0", "Mon", "Tue", "SMS"}


def test_a_map_holds_the_land_and_its_classes() -> None:
    svg = charts.standalone_world("T", "S", {"FR": 10, "MT": 20, "": 3})
    root = ElementTree.fromstring(svg)
    theme = drawing.colours(False)
    groups = {g.get("fill"): {e.get("id") for e in g} for g in root.iter(f"{SVG}g") if g.get("fill") and len(g)}
    assert groups[theme["m3"]] == {"FR"}
    assert groups[theme["m5"]] == {"MT"}
    assert sum(1 for element in root.iter() if element.get("id")) > 240
    assert len(svg) < 65_000


def numbers(svg: str, texts: set[str]) -> dict[str, float]:
    """Where the texts begin."""
    return {
        e.text or "": float(e.get("x", "")) for e in ElementTree.fromstring(svg).iter(f"{SVG}text") if e.text in texts
    }


def test_arabic_documents_run_from_right_to_left() -> None:
    def places(lang: str) -> dict[str, float]:
        with spoken(lang):
            svg = charts.standalone_bars("T", "S", {"sms": [4, 9]}, ["Mon", "Tue"], {"sms": "SMS"}, width=500)
            assert f'direction="{"rtl" if lang == "ar" else "ltr"}"' in svg
            return numbers(svg, {"T", "Mon", "Tue"})

    english, arabic = places("en"), places("ar")
    assert english["T"] + arabic["T"] == 500
    assert english["Mon"] < english["Tue"]
    assert arabic["Mon"] > arabic["Tue"]


def test_rows_are_as_long_as_their_values_and_none_is_left_out() -> None:
    svg = charts.standalone_rows("T", "S", [(f"row {i}", float(i)) for i in range(100)])
    lengths = [float(length) for length in re.findall(r"h([\d.]+)v[\d.]+h-", svg)]
    assert len(lengths) == 100
    assert lengths == pytest.approx([lengths[-1] * i / 99 for i in range(100)], abs=0.11)


def test_dashes_are_those_of_the_style_sheet() -> None:
    css = drawing.files("counterspam.web").joinpath("static/site.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"\.d[2-9] \{ stroke-dasharray: ([\d ]+);", css)) == embed.PATTERNS[1:]


@pytest.mark.parametrize("title", ["word " * 100, "统计" * 100, "w" * 300])
def test_long_titles_are_wrapped_and_cut(title: str) -> None:
    svg = charts.standalone(Markup("<path/>"), title, "source", 400, 200)
    lines = [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert [line.endswith("…") for line in lines] == [*[False] * (len(lines) - 2), True, False]
    assert all(drawing.length_of(line, 17) <= 400 - 2 * drawing.MARGIN for line in lines)
    assert len(lines) == (2 if title[0] == "w" and " " not in title else 3)


def test_a_short_title_is_as_given() -> None:
    svg = charts.standalone(Markup("<path/>"), "Spam 统计 doubled, 两倍", "source", 400, 200)
    assert ">Spam 统计 doubled, 两倍</text>" in svg
