"""The map: every country is on it, at its place and in its size, and a page refers to it in few bytes."""

import gzip
import importlib.util
import itertools
import json
import math
import re
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_charts import Parts

from counterspam.web import charts
from counterspam.web.charts import drawing
from counterspam.web.charts.world import classes, shapes

ROOT = Path(__file__).resolve().parent.parent.parent
WORLD = (files("counterspam.web") / "static" / "world.svg").read_text(encoding="utf-8")
CODES = set(json.loads((files("counterspam") / "data" / "countries.json").read_text(encoding="utf-8")))
# Codes that the map has not, and why.
NOT_ON_THE_MAP = {"AQ": "nobody lives there for good, and it would take a fifth of the drawing"}
SVG = "{http://www.w3.org/2000/svg}"
Ring = list[tuple[int, int]]


def rings(data: str) -> list[Ring]:
    """The rings of path data in whole, relative steps."""
    found: list[Ring] = []
    start = (0, 0)
    for part in data.split("z")[:-1]:
        numbers = [int(number) for number in re.findall(r"-?\d+", part)]
        x, y = start
        ring = []
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        start = ring[0]
        found.append(ring)
    return found


def area(ring: Ring) -> float:
    """Signed area of a ring."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise([*ring, ring[0]])) / 2


def inside(x: float, y: float, found: list[Ring]) -> bool:
    """Whether a point lies in a shape (even-odd)."""
    sides = [pair for ring in found for pair in itertools.pairwise([*ring, ring[0]])]
    return bool(
        sum((ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax for (ax, ay), (bx, by) in sides) % 2
    )


ROOT_ELEMENT = ElementTree.fromstring(WORLD)
PATHS = {element.get("id", ""): rings(element.get("d", "")) for element in ROOT_ELEMENT.iter(f"{SVG}path")}
CIRCLES = {element.get("id", ""): element for element in ROOT_ELEMENT.iter(f"{SVG}circle")}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that writes the map."""
    spec = importlib.util.spec_from_file_location("world", ROOT / "docs" / "world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_country_is_on_the_map() -> None:
    assert (set(PATHS) - {""}) | set(CIRCLES) == CODES - set(NOT_ON_THE_MAP)
    assert not set(PATHS) & set(CIRCLES)
    assert set(shapes()) == set(PATHS) | set(CIRCLES)
    assert list(shapes())[-len(CIRCLES) :] == list(CIRCLES)


def test_small_countries_can_be_seen() -> None:
    for code, found in PATHS.items():
        assert abs(sum(map(area, found))) > 12, code
    places = [(int(c.get("cx", "")), int(c.get("cy", "")), int(c.get("r", ""))) for c in CIRCLES.values()]
    for (x, y, r), (u, v, _) in itertools.combinations(places, 2):
        assert math.hypot(x - u, y - v) > 2 * r - 1.5


def test_it_is_small_and_says_where_it_is_from() -> None:
    assert len(gzip.compress(WORLD.encode(), 6)) <= 22_000
    for word in ("Natural Earth 4.1.0", "public domain", "Equal Earth", "docs/world.py"):
        assert word in WORLD
    assert "style" not in WORLD


def test_it_lies_in_its_box() -> None:
    _, _, width, height = map(int, ROOT_ELEMENT.get("viewBox", "").split())
    for code, found in PATHS.items():
        for x, y in itertools.chain.from_iterable(found):
            assert -3 <= x <= width + 3, code
            assert -3 <= y <= height + 3, code


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("GL", "CD", 2166 / 2345), ("BR", "AU", 8510 / 7692), ("NO", "MY", 324 / 330), ("IN", "KZ", 3180 / 2725)],
)
def test_equal_areas_are_equal(first: str, second: str, ratio: float) -> None:
    """Land areas in 1,000 km²; Natural Earth and the simplifying account for the tolerance."""
    assert sum(map(area, PATHS[first])) / sum(map(area, PATHS[second])) == pytest.approx(ratio, rel=0.06)


@pytest.mark.parametrize(
    ("code", "lon", "lat"),
    [
        ("FR", 2.3, 48.8), ("KE", 36.8, -1.3), ("BR", -47.9, -15.8), ("AU", 149.1, -35.3), ("RU", 37.6, 55.7),
        ("RU", -173, 66.5), ("US", -150, 65), ("IN", 77.2, 28.6), ("GF", -53, 4), ("XK", 20.9, 42.6), ("EH", -13, 25),
        ("", 34.2, 45.3), ("SJ", 16, 78.8), ("UA", 30.5, 50.4),
    ],
)  # fmt: skip
def test_places_lie_in_their_countries(maker: ModuleType, code: str, lon: float, lat: float) -> None:
    x, y = maker.place(maker.near(lon, maker.MIDDLE), lat)
    assert [other for other, found in PATHS.items() if inside(x, y, found)] == [code]


@pytest.mark.parametrize(
    ("code", "lon", "lat"), [("MT", 14.4, 35.9), ("SG", 103.8, 1.3), ("TV", 179.2, -8.5), ("BH", 50.5, 26)]
)
def test_circles_are_at_their_places(maker: ModuleType, code: str, lon: float, lat: float) -> None:
    x, y = maker.place(maker.near(lon, maker.MIDDLE), lat)
    assert math.hypot(x - int(CIRCLES[code].get("cx", "")), y - int(CIRCLES[code].get("cy", ""))) < 3


def test_the_projection_gives_a_published_value(maker: ModuleType) -> None:
    """122 E 47 N on the unit sphere is 1.55 0.89 in the documentation of PROJ."""
    x, y = maker.project(122 + maker.MIDDLE, 47)
    assert (round(x, 2), round(-y, 2)) == (1.55, 0.89)


@given(st.lists(st.tuples(st.integers(-10, 10), st.integers(-10, 10)), min_size=2, max_size=40))
def test_simplifying_keeps_the_ends(maker: ModuleType, points: list[tuple[int, int]]) -> None:
    kept = maker.simplified(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    rest = iter(points)
    assert all(point in rest for point in kept)
    closed = maker.simplified([*points, points[0]])
    assert len(closed) >= min(4, len(points) + 1)


@given(st.dictionaries(st.sampled_from(sorted(CODES)), st.integers(0, 10**9), max_size=250))
def test_classes_follow_the_values(values: dict[str, int]) -> None:
    found = classes(values)
    assert set(found) == set(values)
    for first, second in itertools.pairwise(sorted(values, key=values.__getitem__)):
        assert found[first] <= found[second]
        assert values[first] != values[second] or found[first] == found[second]
    if values:
        assert max(found.values()) == 5
        assert min(found.values()) >= 1


def test_a_page_names_countries_values_and_limits() -> None:
    values = {"FR": 1234, "MT": 5, "": 7, "ZZ": 9, "AQ": 1}
    labels = {"FR": "France", "MT": "Malta"}
    shown = charts.world(
        "m", "Spam", values, labels, lambda code: f"/country/{code}?a=1&b=2", "/static/1/world.svg", blank="None"
    )
    parts = Parts(shown)
    assert {"Spam", "France: 1,234", "Malta: 5", "1,234", "5", "None"} <= set(parts.data)
    assert parts.tags.count("use") == 3
    assert 'href="/country/FR?a=1&amp;b=2"' in shown
    assert 'href="/static/1/world.svg#land"' in shown
    assert "style" not in shown
    assert "<a " not in charts.world("m", "Spam", values, labels, None, "/w.svg")


def test_a_map_costs_a_page_little() -> None:
    values = {code: float(i * i * 37) for i, code in enumerate(sorted(CODES))}
    labels = {code: f"Country {code}" for code in CODES}
    shown = charts.world("m", "Spam", values, labels, lambda code: f"/country/{code}", "/static/0123456789ab/world.svg")
    assert len(gzip.compress(shown.encode(), 6)) < 30 * len(CODES)


@given(st.text(max_size=50))
def test_labels_are_text(label: str) -> None:
    def tags(text: str) -> list[str]:
        return Parts(
            charts.world("m", text, {"FR": 1}, {"FR": text}, lambda _: text or "x", text, blank=text or "x")
        ).tags

    assert tags(label) == tags("plain")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out(dark: bool) -> None:
    theme = {name: "#fff" * 2 if value == "#fff" else value for name, value in drawing.colours(dark).items()}
    paper = "#ffffff" if theme["paper"].startswith("#fff") else theme["paper"]
    for name in ("m5", "m4", "s1", "s2", "s3", "s4", "s5", "s6"):
        assert contrast(theme[name], paper) >= 3, name
    assert contrast(theme["m5"], theme["land"]) >= 3
    steps = [contrast(theme[name], paper) for name in ("land", "m1", "m2", "m3", "m4", "m5")]
    for less, more in itertools.pairwise(steps):
        assert more > 1.1 * less
