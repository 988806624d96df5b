"""Writes src/counterspam/web/static/world.svg, the map behind the charts: land in Equal Earth projection, one id a country.

    python docs/world.py COUNTRIES CODES

COUNTRIES is `countries-50m.json` of the npm package world-atlas 2.0.2: TopoJSON of Natural Earth 4.1.0, admin 0 at
1:50 million, public domain (naturalearthdata.com). CODES is `supplemental/codeMappings.json` of the npm package
cldr-core 48: numeric to two-letter ISO 3166 codes (Unicode licence); only ids that Natural Earth draws are used.

The projection is Equal Earth (Šavrič, Patterson and Jenny 2018, doi:10.1080/13658816.2018.1504949) on the sphere, so
that equal areas look equal. Its middle is 11° E: the cut falls into the Bering Strait and divides no country. South of
58° S nothing is drawn, Antarctica has no code on the map. Arcs are simplified once, so that neighbours still fit.
Countries too small to see are circles of equal size, moved apart where they would cover each other.
"""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/counterspam/web/static/world.svg"
KNOWN = json.loads((ROOT / "src/counterspam/data/countries.json").read_text(encoding="utf-8"))
WIDTH, NORTH, SOUTH, MIDDLE = 2000, 83.7, -58.0, 11.0
DETAIL = 1.6  # units²: a point goes when the triangle with its neighbours is smaller (Visvalingam and Whyatt 1993)
ISLAND, SMALL = 5.0, 16.0  # units²: smaller islands go; smaller countries are circles
RADIUS = 5  # units, of these circles
# Codes of parts that Natural Earth draws with another country: the drawn owner, and boxes west south east north.
Box = tuple[float, float, float, float]
PARTS: dict[str, tuple[str, list[Box]]] = {
    "GF": ("France", [(-55, 2, -51, 6)]),
    "GP": ("France", [(-62, 15.7, -61, 16.6)]),
    "MQ": ("France", [(-61.4, 14.2, -60.7, 15)]),
    "RE": ("France", [(55, -22, 56, -20)]),
    "YT": ("France", [(45, -13.1, 45.4, -12.5)]),
    "BQ": ("Netherlands", [(-68.6, 11.8, -68, 12.4)]),
    "SJ": ("Norway", [(-10, 70.5, 0, 72), (9, 74, 36, 81)]),
    # Natural Earth draws what is held, not what is recognised; General Assembly resolution 68/262. Neutral here.
    "": ("Russia", [(32.4, 44.3, 36.7, 46.3)]),
}
# The same for what Morocco holds of Western Sahara, whose border is the parallel of 27°40' N: it joins the rest of EH.
SAHARA = 27 + 40 / 60
# Drawn under a name without a numeric code, or not drawn at this scale: longitude and latitude of the circle.
NAMED = {"Kosovo": "XK"}
POINTS = {
    "BV": (3.4, -54.4), "CC": (96.8, -12.2), "CX": (105.7, -10.5), "GI": (-5.4, 36.1), "KI": (173.0, 1.4),
    "TK": (-171.8, -9.2), "TV": (179.2, -8.5), "UM": (166.6, 19.3),
}  # fmt: skip
SKIPPED_NAMES = {"Antarctica", "Indian Ocean Ter."}

Point = tuple[float, float]


def project(lon: float, lat: float) -> Point:
    """Equal Earth on the unit sphere; x to the east, y to the south."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    root = math.sqrt(3) / 2
    t = math.asin(root * math.sin(math.radians(lat)))
    x = math.radians(lon - MIDDLE) * math.cos(t) / (root * (a1 + 3 * a2 * t**2 + t**6 * (7 * a3 + 9 * a4 * t**2)))
    return x, -t * (a1 + a2 * t**2 + t**6 * (a3 + a4 * t**2))


SCALE = WIDTH / (2 * project(MIDDLE + 180, 0)[0])
TOP = project(0, NORTH)[1]
HEIGHT = round((project(0, SOUTH)[1] - TOP) * SCALE)


def place(lon: float, lat: float) -> Point:
    """Units of the map: 0 0 is the upper left corner."""
    x, y = project(lon, lat)
    return x * SCALE + WIDTH / 2, (y - TOP) * SCALE


def near(lon: float, other: float) -> float:
    """The longitude, turned until it is within half a circle of the other."""
    return (lon - other + 180) % 360 - 180 + other


def arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Every arc in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for steps in topology["arcs"]:
        x = y = 0
        points: list[Point] = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        found.append(points)
    return found


def on_map(points: list[Point]) -> list[Point]:
    """An arc in units of the map, in one piece even where it crosses the cut."""
    lon, found = MIDDLE, []
    for turned, lat in points:
        lon = near(turned, lon)
        found.append(place(lon, lat))
    return found


def triangle(a: Point, b: Point, c: Point) -> float:
    """Area of a triangle."""
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def simplified(points: list[Point]) -> list[Point]:
    """An arc without the points that matter least; the ends stay, and four points of a closed one."""
    kept = list(points)
    least = 4 if points[0] == points[-1] else 2
    while len(kept) > least:
        sizes = [triangle(*kept[i - 1 : i + 2]) for i in range(1, len(kept) - 1)]
        smallest = min(sizes)
        if smallest >= DETAIL:
            break
        limit = max(smallest, DETAIL / 50)  # many at once, never two neighbours
        keep, dropped, room = [kept[0]], False, len(kept) - least
        for point, size in zip(kept[1:-1], sizes, strict=True):
            dropped = size <= limit and not dropped and room > 0
            room -= dropped
            if not dropped:
                keep.append(point)
        kept = [*keep, kept[-1]]
    return kept


def ring(indices: list[int], lines: list[list[Point]]) -> list[Point]:
    """The arcs of a ring joined, without the closing point."""
    found: list[Point] = []
    for index in indices:
        line = lines[index] if index >= 0 else lines[~index][::-1]
        found += line[1:] if found else line
    return found[:-1]


def area(points: list[Point]) -> float:
    """Signed area of a ring."""
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def beyond(points: list[Point], y: float, side: int) -> list[Point]:
    """The part of a ring to the south (1) or north (-1) of a parallel, which it crosses twice."""
    found: list[Point] = []
    for a, b in zip(points, points[1:] + points[:1], strict=True):
        if (a[1] - y) * side >= 0:
            found.append(a)
        if (a[1] >= y) != (b[1] >= y):
            found.append((a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]), y))
    return found


def merged(first: list[Point], second: list[Point]) -> list[Point]:
    """Two rings that share one run of points, as one ring."""
    common = set(first) & set(second)

    def rest(points: list[Point]) -> list[Point]:
        end = next(i for i, point in enumerate(points) if point in common and points[i - len(points) + 1] not in common)
        turned = points[end:] + points[:end]
        return [turned[0], *(point for point in turned if point not in common)]

    return rest(first) + rest(second)


def path(rings: list[list[Point]]) -> str:
    """Path data in whole units, each step relative to the last."""
    text, start = [], (0, 0)
    for points in rings:
        whole = [(round(x), round(y)) for x, y in points]
        whole = [point for i, point in enumerate(whole) if point != whole[i - 1]]
        if len(whole) < 3:
            continue
        steps = [(x - px, y - py) for (px, py), (x, y) in zip([start, *whole], whole, strict=False)]
        numbers = " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-")
        text.append(f"m{numbers}z")
        start = whole[0]
    return "".join(text)


Polygon = list[list[Point]]


def parts(topology: dict[str, Any], codes: dict[str, str]) -> Iterator[tuple[str, Polygon]]:
    """Code ("" none) and rings of every polygon."""
    degrees = arcs(topology)
    lines = [simplified(on_map(line)) for line in degrees]
    for feature in topology["objects"]["countries"]["geometries"]:
        name = feature["properties"]["name"]
        if name in SKIPPED_NAMES:
            continue
        polygons = [feature["arcs"]] if feature["type"] == "Polygon" else feature["arcs"]
        for polygon in polygons:
            outline = ring(polygon[0], degrees)
            code = code_of(name, outline, NAMED.get(name) or codes.get(feature.get("id", ""), ""))
            yield code, [ring(indices, lines) for indices in polygon]


def code_of(name: str, outline: list[Point], usual: str) -> str:
    """The code of a polygon: its own if it lies in one of PARTS, otherwise the usual one of the feature."""
    for code, (owner, boxes) in PARTS.items():
        for west, south, east, north in boxes:
            if owner == name and all(west <= lon <= east and south <= lat <= north for lon, lat in outline):
                return code
    return usual


def apart(circles: dict[str, Point]) -> dict[str, Point]:
    """Circles pushed from each other until none covers another."""
    places = dict(sorted(circles.items()))
    for _ in range(200):
        for first in places:
            for second in places:
                (x, y), (u, v) = places[first], places[second]
                distance = math.hypot(u - x, v - y)
                if first < second and distance < 2 * RADIUS:
                    push = (2 * RADIUS - distance) / 2 / (distance or 1)
                    places[first] = x - (u - x) * push, y - (v - y) * push
                    places[second] = u + (u - x) * push, v + (v - y) * push
    return places


def drawing(topology: dict[str, Any], codes: dict[str, str]) -> tuple[dict[str, str], dict[str, Point]]:
    """Path data by code, and the places of the circles."""
    polygons: dict[str, list[Polygon]] = {}
    for code, rings in parts(topology, codes):
        polygons.setdefault(code, []).append(rings)
    [[morocco]], [[sahara]] = polygons["MA"], polygons["EH"]
    border = place(MIDDLE, SAHARA)[1]
    polygons["EH"] = [[merged(sahara, beyond(morocco, border, 1))]]
    polygons["MA"] = [[beyond(morocco, border, -1)]]
    shapes, circles = {}, {code: place(near(lon, MIDDLE), lat) for code, (lon, lat) in POINTS.items()}
    for code, found in sorted(polygons.items()):
        found.sort(key=lambda rings: -abs(area(rings[0])))
        if code in circles or (code and sum(abs(area(rings[0])) for rings in found) < SMALL):
            xs, ys = zip(*found[0][0], strict=True)
            circles.setdefault(code, (sum(xs) / len(xs), sum(ys) / len(ys)))
            continue
        seen = [found[0], *(rings for rings in found[1:] if abs(area(rings[0])) >= ISLAND)]
        shapes[code] = path([points for rings in seen for points in rings])
    return shapes, apart(circles)


def main() -> None:
    """Write the map, and say what it holds."""
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    mappings = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))["supplemental"]["codeMappings"]
    codes = {entry["_numeric"]: code for code, entry in mappings.items() if code in KNOWN and "_numeric" in entry}
    shapes, circles = drawing(topology, codes)
    lines = [f'<path d="{shapes.pop("")}"/>']
    lines += [f'<path id="{code}" d="{data}"/>' for code, data in shapes.items()]
    lines += [f'<circle id="{code}" cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}"/>' for code, (x, y) in circles.items()]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">\n'
        "<!-- Written by docs/world.py. Natural Earth 4.1.0, 1:50 million, public domain, by way of world-atlas 2.0.2 (ISC);\n"
        "ISO 3166 codes from Unicode CLDR 48. Equal Earth projection, middle 11 E. Boundaries imply no opinion. -->\n"
    )
    text = "\n".join([head + '<g id="land">', *lines, "</g>", "</svg>\n"])
    TARGET.write_text(text, encoding="utf-8")
    missing = sorted(set(KNOWN) - set(shapes) - set(circles))
    print(f"{len(shapes)} shapes, {len(circles)} circles, {len(text):,} bytes; not on the map: {' '.join(missing)}")


if __name__ == "__main__":
    main()
