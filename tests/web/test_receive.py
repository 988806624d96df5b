"""The doors: durable before 202, bounded, nothing lost silently."""

import asyncio
import gzip
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fake_node import FakeNode, client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam.console.ingest import frame
from counterspam.model import Raw
from counterspam.web import receive, upload
from counterspam.web.app import create_app

MAIL = b"From: a@example.com\r\nTo: b@example.net\r\nSubject: hello\r\n\r\nhello\r\n"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path)
    yield node
    node.close()


@pytest.fixture
async def http(node: FakeNode) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(node), secret=node.key("report", reporter="op-7")) as http:
        yield http


async def test_a_report_is_on_disk_before_202(http: httpx.AsyncClient, node: FakeNode) -> None:
    answer = await http.post("/api/v1/reports?channel=email&source=trap&name=x.eml&jurisdiction=ZZ", content=MAIL)
    assert answer.status_code == 202
    (raw,) = node.inbox
    assert answer.json() == {"id": raw.id, "intake": "http"}
    assert (raw.data, raw.channel, raw.source, raw.name, raw.jurisdiction) == (MAIL, "email", "trap", "x.eml", "ZZ")
    assert raw.reporter == "op-7"


async def test_options_in_headers(http: httpx.AsyncClient, node: FakeNode) -> None:
    await http.post("/api/v1/reports", content=MAIL, headers={"X-Source": "honeypot", "X-Channel": "sms"})
    assert (node.inbox[0].source, node.inbox[0].channel) == ("honeypot", "sms")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("channel=pigeon", "channel is one of email"),
        ("source=me", "source is one of"),
        ("jurisdiction=zz", "ISO 3166"),
        ("intake=smtp", "intake is http-"),
    ],
)
async def test_a_wrong_option_is_a_problem(http: httpx.AsyncClient, node: FakeNode, query: str, words: str) -> None:
    answer = await http.post(f"/api/v1/reports?{query}", content=MAIL)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert not node.inbox


async def test_empty_and_too_large(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, max_item_mb=1)
    async with client(create_app(node), secret=node.key("report")) as http:
        assert (await http.post("/api/v1/reports", content=b" \r\n")).status_code == 422
        exact = await http.post("/api/v1/reports", content=b"x" * 1024 * 1024)
        assert exact.status_code == 202
        assert (await http.post("/api/v1/reports", content=b"x" * (1024 * 1024 + 1))).status_code == 413

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"x" * 100_000

        chunked = await http.post("/api/v1/reports", content=chunks())
        assert chunked.status_code == 413
    assert len(node.inbox) == 1
    assert http._transport is not None
    node.close()


async def test_a_full_spool_says_later(http: httpx.AsyncClient, node: FakeNode) -> None:
    node.full = 1
    answer = await http.post("/api/v1/reports", content=MAIL)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["title"] == "Service Unavailable"
    assert (await http.post("/api/v1/reports", content=MAIL)).status_code == 202


async def test_the_same_idempotency_key_stores_once(http: httpx.AsyncClient, node: FakeNode) -> None:
    async def post(data: bytes) -> httpx.Response:
        return await http.post("/api/v1/reports", content=data, headers={"Idempotency-Key": "k1"})

    answers = await asyncio.gather(*(post(MAIL) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(node.inbox) == 1
    assert (await post(b"another")).status_code == 422


async def test_a_refused_report_frees_its_idempotency_key(http: httpx.AsyncClient, node: FakeNode) -> None:
    node.full = 1
    headers = {"Idempotency-Key": "k1"}
    assert (await http.post("/api/v1/reports", content=MAIL, headers=headers)).status_code == 503
    assert (await http.post("/api/v1/reports", content=MAIL, headers=headers)).status_code == 202
    assert len(node.inbox) == 1


async def test_bulk_is_cut_at_lines(http: httpx.AsyncClient, node: FakeNode) -> None:
    lines = [orjson.dumps({"n": n, "text": "x" * 1000}) + b"\n" for n in range(3000)]

    async def stream() -> AsyncIterator[bytes]:
        body = b"".join(lines)
        for start in range(0, len(body), 70_001):
            yield body[start : start + 70_001]

    answer = await http.post("/api/v1/reports/bulk?channel=sms", content=stream())
    assert answer.status_code == 202
    assert answer.json()["lines"] == 3000
    assert b"".join(raw.data for raw in node.inbox) == b"".join(lines)
    assert all(len(raw.data) <= receive.PIECE and raw.data.endswith(b"\n") for raw in node.inbox)
    assert [raw.first for raw in node.inbox] == [0, *(n for n in _firsts(node.inbox))]
    assert answer.json()["items"] == len(node.inbox) > 1


def _firsts(raws: list[Raw]) -> list[int]:
    total, found = 0, []
    for raw in raws[:-1]:
        total += raw.data.count(b"\n")
        found.append(total)
    return found


async def test_a_too_long_line_is_named_and_what_came_before_stays(http: httpx.AsyncClient, node: FakeNode) -> None:
    body = b'{"a":1}\n' * 10 + b"x" * (2 * receive.MAX_LINE) + b"\n" + b'{"a":2}\n'
    answer = await http.post("/api/v1/reports/bulk", content=body)
    assert answer.status_code == 413
    assert answer.json()["line"] == 11
    assert answer.json()["lines"] == 10
    assert b"".join(raw.data for raw in node.inbox) == b'{"a":1}\n' * 10


async def test_bulk_waits_for_room_and_then_says_what_it_took(
    http: httpx.AsyncClient, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.full = 1
    assert (await http.post("/api/v1/reports/bulk", content=b"{}\n")).status_code == 202
    monkeypatch.setattr(receive, "PATIENCE", -1.0)
    node.full = 1
    answer = await http.post("/api/v1/reports/bulk", content=b"{}\n")
    assert answer.status_code == 503
    assert answer.json()["lines"] == 0
    assert "retry-after" in answer.headers


async def test_compressed_streams_are_refused(http: httpx.AsyncClient) -> None:
    body = gzip.compress(b"{}\n")
    answer = await http.post("/api/v1/reports/bulk", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def _raw(data: bytes, **given: Any) -> Raw:
    return Raw(id="0" * 32, data=data, received_at=0, intake="x", **given)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=2000), max_size=20), st.integers(1, 5000))
async def test_frames_arrive_as_they_were_sent(
    http: httpx.AsyncClient, node: FakeNode, items: list[bytes], cut: int
) -> None:
    node.inbox.clear()
    body = b"".join(frame(_raw(data, name="é", first=3, mapping={"a": "text"}), "ingest-1") for data in items)

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(body), cut):
            yield body[start : start + cut]

    answer = await http.post("/api/v1/raw", content=stream())
    assert answer.json() == {"taken": len(items)}
    assert [raw.data for raw in node.inbox] == items
    assert all(
        (raw.name, raw.first, raw.mapping, raw.intake) == ("é", 3, {"a": "text"}, "ingest-1") for raw in node.inbox
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
async def test_any_bytes_as_frames_are_taken_or_a_problem(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/api/v1/raw", content=body)
    assert answer.status_code in (202, 400, 413, 422)
    assert "taken" in answer.json()


@pytest.mark.parametrize(
    "meta",
    [
        b"[]",
        b"{}",
        b'{"size":-1,"intake":"ingest-1"}',
        b'{"size":1,"intake":"ingest-1","evil":"x"}',
        b'{"size":1}',
        b"{",
        b'{"size":"x"}',
    ],
)
async def test_a_wrong_description_is_a_problem(http: httpx.AsyncClient, node: FakeNode, meta: bytes) -> None:
    answer = await http.post("/api/v1/raw", content=len(meta).to_bytes(4, "big") + meta + b"x")
    assert answer.status_code in (400, 413)
    assert not node.inbox


async def test_a_full_spool_leaves_the_rest_of_the_frames(
    http: httpx.AsyncClient, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "PATIENCE", -1.0)
    monkeypatch.setattr(receive, "GROUP_ITEMS", 2)
    body = b"".join(frame(_raw(bytes([n])), "ingest-1") for n in range(5))
    taken = asyncio.create_task(http.post("/api/v1/raw", content=body))
    while not node.inbox:
        await asyncio.sleep(0)
    node.full = 1
    answer = await taken
    if answer.status_code == 503:
        assert answer.json()["taken"] == len(node.inbox)
    assert [raw.data for raw in node.inbox] == [bytes([n]) for n in range(len(node.inbox))]


async def test_bodies_held_at_once_are_bounded(
    http: httpx.AsyncClient, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "HELD", 10)
    answer = await http.post("/api/v1/reports", content=MAIL)
    assert answer.status_code == 503
    monkeypatch.undo()
    assert (await http.post("/api/v1/reports", content=MAIL)).status_code == 202


async def test_an_uploaded_archive_is_unpacked(http: httpx.AsyncClient, node: FakeNode) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.eml", MAIL)
        archive.writestr("two.eml", MAIL + b"again\r\n")
    files = [
        ("file", ("../../etc/reports.zip", packed.getvalue())),
        ("file", ("broken.gz", b"\x1f\x8b\x08\x00" + b"x" * 50)),
        ("file", (".hidden.eml", MAIL)),
    ]
    answer = await http.post("/api/v1/files?source=filter", files=files, data={"channel": "email"})
    assert answer.status_code == 202, answer.text
    result = answer.json()
    assert (result["items"], result["intake"]) == (3, "http-file")
    assert [problem["name"] for problem in result["problems"]] == ["broken"]
    assert sorted(raw.name for raw in node.inbox) == ["hidden.eml", "reports.zip/one.eml", "reports.zip/two.eml"]
    assert {(raw.source, raw.channel, raw.reporter) for raw in node.inbox} == {("filter", "email", "op-7")}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"file=a", "application/x-www-form-urlencoded"),
        (b"x", "text/plain"),
        (b"x", "multipart/form-data"),
    ],
)
async def test_an_upload_without_a_file_is_a_problem(http: httpx.AsyncClient, body: bytes, content_type: str) -> None:
    answer = await http.post("/api/v1/files", content=body, headers={"Content-Type": content_type})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_upload_is_bounded(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MAX_UPLOAD", 100)
    answer = await http.post("/api/v1/files", files={"file": ("a.eml", MAIL * 10)})
    assert answer.status_code == 413
