"""Published periods over the API and on pages."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeNode, client
from jsonschema import Draft202012Validator
from test_pages import Outline

from counterspam import publish
from counterspam.measure import frozen
from counterspam.store import published
from counterspam.web import language
from counterspam.web.app import create_app
from counterspam.web.publications import MOST_LINES, called

ENDED = 1_793_000_000_000
HOSTILE = "<script>alert(1)</script>\u202e"


def table(one: frozen.Table, sms: int) -> dict[str, Any]:
    """A table with one cell or, by day, two."""
    cells: list[dict[str, Any]] = [dict.fromkeys(one.dimensions, "") | {"channel": "sms"}]
    if one.interval:
        cells = [{"at": at, **cells[0]} for at in (frozen.span("2026-10").start, frozen.span("2026-10").start + 86_400)]
    counts = {"messages": sms * 2, "reports": sms, "spam_messages": sms * 2, "spam_reports": sms}
    return {
        "name": one.name,
        "dimensions": list(one.dimensions),
        "interval": one.interval,
        "rounded": True,
        "more": False,
        "rows": [{**cell, **counts} for cell in cells],
        "small": {"cells": 1, **counts} if one.name == "types" else {},
        "totals": counts,
    }


def content(name: str, sms: int) -> dict[str, Any]:
    units = dict.fromkeys(frozen.COUNTED, "messages")
    return {"period": name, "units": units, "tables": [table(one, sms) for one in frozen.TABLES]}


class Counts:
    """What the statistics say; a test changes it."""

    sms = 10
    definitions = "d1"

    def freeze(self, query: Any, span: frozen.Span, secret: bytes) -> frozen.Frozen:
        """In the place of `frozen.freeze`."""
        assert len(secret) == 32
        if self.sms < 0:
            raise frozen.Unsteady("evidence is arriving")
        return frozen.Frozen(content(span.name, self.sms), self.definitions, ENDED // 1000)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    found = Counts()
    monkeypatch.setattr(publish, "freeze", found.freeze)
    return found


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    found = FakeNode(tmp_path)
    yield found
    found.close()


async def call(node: FakeNode, method: str, path: str, *scopes: str, **more: Any) -> Any:
    headers = more.pop("headers", {})
    async with client(create_app(node), secret=node.key(*scopes) if scopes else "", **headers) as web:
        return await web.request(method, path, **more)


async def go(node: FakeNode, period: str = "2024-10", reason: str = "", *scopes: str) -> Any:
    return await call(node, "POST", f"/api/v1/published/{period}", *(scopes or ("operate",)), json={"reason": reason})


async def get(node: FakeNode, path: str, **headers: str) -> Any:
    return await call(node, "GET", path, headers=headers)


async def twice(node: FakeNode, counts: Counts) -> None:
    """Publish October, and once more when other counts stand."""
    assert (await go(node)).status_code == 201
    counts.sms = 15
    assert (await go(node, reason=HOSTILE)).status_code == 201


async def test_who_may_publish(node: FakeNode, counts: Counts) -> None:
    assert (await call(node, "POST", "/api/v1/published/2024-10")).status_code == 401
    assert (await go(node, "2024-10", "", "report", "evidence:read")).status_code == 403
    made = await go(node)
    assert made.status_code == 201
    assert made.json()["summary"] == "First publication."
    assert (await go(node, "2024-11", "", "admin")).status_code == 201
    with node.records.read() as conn:
        assert all(len(one.published_by) == 16 for one in published.history(conn))
    bare = await call(node, "POST", "/api/v1/published/2024-12", "operate")  # no body: no reason
    assert bare.status_code == 201


async def test_what_is_refused(node: FakeNode, counts: Counts) -> None:
    await go(node)
    for period, reason, status, said in (
        ("2024-10", "", 409, "say why"),
        ("2024-10", "again", 409, "nothing has changed since revision 1"),
        ("2090", "", 409, "has not ended"),
        ("2025-W53", "", 400, "is no period"),
        ("2024-13", "", 400, "is no period"),
        ("2024-10" * 3, "", 422, "values"),
    ):
        answer = await go(node, period, reason)
        assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text
    counts.sms = -1
    assert (await go(node, "2024-11")).status_code == 409
    counts.sms = 5
    long = await go(node, "2024-10", "x" * 1001)
    assert long.status_code == 422


async def test_a_revision_never_changes_and_may_be_kept(node: FakeNode, counts: Counts) -> None:
    await go(node)
    path = "/api/v1/published/2024-10/1"
    before = await get(node, path)
    counts.sms = 15
    await go(node, reason="late evidence")
    after = await get(node, path)
    assert after.content == before.content
    assert after.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert after.headers["access-control-allow-origin"] == "*"
    said = after.json()
    assert after.headers["etag"] == f'"{said["snapshot"]}"'
    assert "published_by" not in said
    canonical = json.dumps(said["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == said["snapshot"]  # as the documentation tells everybody to
    known = await get(node, path, **{"if-none-match": f'"x", W/{after.headers["etag"]}'})
    assert (known.status_code, known.content) == (304, b"")
    assert (await get(node, path, **{"if-none-match": '"x"'})).status_code == 200


async def test_the_latest_revision(node: FakeNode, counts: Counts) -> None:
    await twice(node, counts)
    found = await get(node, "/api/v1/published/2024-10")
    assert found.json() == (await get(node, "/api/v1/published/2024-10/2")).json()
    assert found.headers["cache-control"] == "public, max-age=60"
    assert found.headers["content-location"] == "/api/v1/published/2024-10/2"
    counts.sms = 10  # the figures of the first revision again: other revision, same hash
    await go(node, reason="withdrawn")
    again = await get(node, "/api/v1/published/2024-10", **{"if-none-match": found.headers["etag"]})
    assert (again.status_code, again.json()["revision"]) == (200, 3)
    first = (await get(node, "/api/v1/published/2024-10/1")).json()
    assert again.json()["snapshot"] == first["snapshot"]
    assert again.headers["etag"] != f'"{first["snapshot"]}"'


async def test_the_list_marks_breaks_in_series(node: FakeNode, counts: Counts) -> None:
    await twice(node, counts)
    counts.definitions = "d2"
    await go(node, "2024-11")
    await go(node, "2024-12")
    await go(node, "2024")
    rows = (await get(node, "/api/v1/published")).json()["rows"]
    found = [(row["period"], row["revision"], row["series_break"]) for row in rows]
    assert found == [
        ("2024-12", 1, False),
        ("2024-11", 1, True),
        ("2024-10", 2, False),
        ("2024-10", 1, False),
        ("2024", 1, False),
    ]
    assert rows[2]["summary"] == ("13 tables differ from the revision before: rows added 0, removed 0, changed 28.")
    assert rows[2]["reason"] == HOSTILE


def test_a_revision_by_other_definitions_breaks_its_period() -> None:
    one = published.Revision(
        period="2024-10", revision=1, starts_at=1, ends_at=2, published_at=3, published_by="", software="",
        definitions="d1", reason="", snapshot="", last_updated=0,
    )  # fmt: skip
    two = replace(one, revision=2, definitions="d2")
    three = replace(one, revision=1, period="2024-11", starts_at=2, definitions="d2")
    assert publish.breaks([three, two, one]) == {("2024-10", 2)}
    assert publish.breaks([three, one]) == {("2024-11", 1)}


async def test_differences(node: FakeNode, counts: Counts) -> None:
    await twice(node, counts)
    found = (await get(node, "/api/v1/published/2024-10/2/differences")).json()
    assert [one["table"] for one in found["tables"]] == [one.name for one in frozen.TABLES]
    types = next(one for one in found["tables"] if one["table"] == "types")
    assert (types["added"], types["removed"], types["changed"]) == (0, 0, 3)
    assert types["rows"][0]["key"] == {"channel": "sms", "content_type": ""}
    assert (types["rows"][0]["before"]["reports"], types["rows"][0]["after"]["reports"]) == (10, 15)
    first = (await get(node, "/api/v1/published/2024-10/1/differences")).json()
    assert (first["before"], first["tables"]) == (0, [])


async def test_one_table(node: FakeNode, counts: Counts) -> None:
    await go(node)
    path = "/api/v1/published/2024-10/1"
    answer = await get(node, f"{path}/types.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert 'filename="counterspam-2024-10-1-types.csv"' in answer.headers["content-disposition"]
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["part", "channel", "content_type", "messages", "reports", "spam_messages", "spam_reports"],
        ["cell", "sms", "", "20", "10", "20", "10"],
        ["small", "", "", "20", "10", "20", "10"],
        ["total", "", "", "20", "10", "20", "10"],
    ]
    assert (await get(node, f"{path}/volume_by_day.csv")).text.startswith("part,at,channel,source,")
    assert (await get(node, f"{path}/types.json")).json() == table(frozen.TABLES[2], 10)
    wrong = await get(node, f"{path}/nothing.csv")
    assert (wrong.status_code, "tables are volume, " in wrong.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    "path", ["2023", "nonsense", "2024-10/2", "2024-10/2/types.csv", "2024-10/2/differences", "2024-10/2/types.json"]
)
async def test_what_is_not_there(node: FakeNode, counts: Counts, path: str) -> None:
    await go(node)
    answer = await get(node, f"/api/v1/published/{path}")
    assert (answer.status_code, "no such revision" in answer.json()["detail"]) == (404, True)


async def test_answers_are_as_openapi_says(node: FakeNode, counts: Counts) -> None:
    await twice(node, counts)
    document = create_app(node).openapi()
    base = "/api/v1/published"
    for path, template in (
        ("", ""),
        ("/2024-10", "/{period}"),
        ("/2024-10/2", "/{period}/{revision}"),
        ("/2024-10/2/differences", "/{period}/{revision}/differences"),
    ):
        said = document["paths"][base + template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**said, "components": document["components"]}
        Draft202012Validator(schema).validate((await get(node, base + path)).json())


# Pages


@pytest.mark.parametrize("lang", language.LANGUAGES)
@pytest.mark.parametrize("path", ["/published", "/published/2024-10/1", "/published/2024-10/2"])
async def test_pages_are_well_made(node: FakeNode, counts: Counts, path: str, lang: str) -> None:
    await twice(node, counts)
    for period in ("2024", "2024-H2", "2024-W01"):
        await go(node, period)
    answer = await get(node, f"{path}?lang={lang}", accept="text/html")
    assert answer.status_code == 200
    found = Outline(answer.text)
    assert found.faults == []
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    assert found.tags.count("h1") == 1
    assert found.tags.count("table") == found.tags.count("caption")
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    assert ("<html lang=" + f'"{lang}"') in answer.text


async def test_the_pages_say_what_was_published(node: FakeNode, counts: Counts) -> None:
    assert "Nothing is published yet." in (await get(node, "/published", accept="text/html")).text
    await twice(node, counts)
    counts.definitions = "d2"
    await go(node, "2024-11")
    text = (await get(node, "/published", accept="text/html")).text
    assert "13 tables differ from the revision before" in text
    assert text.count("Break in series") == 1
    assert text.index("Nov 2024") < text.index("Oct 2024")
    text = (await get(node, "/published/2024-10/2", accept="text/html")).text
    assert "was 10, is 15" in text
    assert "Too small to be shown, together" in text
    assert "SMS · Unknown" in text
    assert 'href="/api/v1/published/2024-10/2/routes.csv"' in text
    for path in ("/published/2024-10/3", "/published/2024-10/x", "/published/x/1", "/published/2024-10/999999"):
        assert (await get(node, path, accept="text/html")).status_code == 404


async def test_a_long_list_of_differences_is_cut(node: FakeNode, counts: Counts) -> None:
    before, after = content("2024-10", 5), content("2024-10", 5)
    after["tables"][2]["rows"] += [
        {**after["tables"][2]["rows"][0], "content_type": f"t{number}"} for number in range(MOST_LINES + 30)
    ]
    with node.records.begin() as conn:
        for number, figures in ((1, before), (2, after)):
            body = publish.canonical(figures)
            one = published.Revision(
                period="2024-10", revision=number, starts_at=1, ends_at=2, published_at=3, published_by="", software="1",
                definitions="d", reason="", snapshot=published.snapshot(body), last_updated=4,
            )  # fmt: skip
            published.add(conn, one, body)
    text = (await get(node, "/published/2024-10/2", accept="text/html")).text
    assert text.count('<tr><th scope="row"><bdi>') == MOST_LINES
    assert "30 more rows differ" in text


def test_periods_in_words() -> None:
    assert [called(name) for name in ("2026", "2026-10", "2026-H1", "2026-H2", "2026-W01")] == [
        "2026",
        "Oct 2026",
        "First half of 2026",
        "Second half of 2026",
        "Week 1 of 2026",
    ]
