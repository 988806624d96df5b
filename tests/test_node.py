"""A whole node: what goes in by any door comes out once, explained, grouped and located, also after a crash."""

import base64
import json
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterspam import config, settle
from counterspam.errors import StoreError
from counterspam.model import Finding
from counterspam.node import Node
from counterspam.settle import with_last
from counterspam.store.spool import Position
from counterspam.workers import Output, Task

TEXT = "PARCELCO: your parcel could not be delivered today. Pay the fee of 1.99 EUR at https://track.parcel-redelivery.example/x1"
SENDER = "+447700900123"
ROWS = "SELECT toString(id) AS id, campaign, sender, body_hash, channel, format, spam, seen_before, blob FROM events"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    opened = Node.open(config.load(data=tmp_path_factory.mktemp("node"), workers=1, batch_seconds=0.05))
    opened.start()
    yield opened
    opened.close()


def submit(node: Node, *items: bytes, intake: str, **said: str) -> dict[str, int]:
    """Counts of what became of the items."""
    node.submit([node.new_raw(item, intake=intake, **said) for item in items]).result(10)
    deadline = time.monotonic() + 60
    while node.pending(intake):
        assert time.monotonic() < deadline
        assert not node.status()["failed"]
        time.sleep(0.02)
    rows = node.settled(intake)
    return {key: sum(row[key] for row in rows) for key in ("items", "read", "accepted", "duplicate", "rejected")}


def four_formats() -> list[bytes]:
    """The same message as MARS report, XARF report, Evidence line and row of a table."""
    mars = {
        "v": "1",
        "u": "Test/Test/1",
        "s": SENDER,
        "r": "a",
        "m": {"p": "sms", "t": "2026-01-02T03:04:05Z", "c": TEXT},
    }
    xarf = {
        "xarf_version": "4.2.0",
        "report_id": "8d7f4b3e-1111-4a2b-9c3d-000000000001",
        "timestamp": "2026-01-02T03:04:05Z",
        "reporter": {"org": "Example", "contact": "abuse@example.org", "domain": "example.org"},
        "sender": {"org": "Example", "contact": "abuse@example.org", "domain": "example.org"},
        "source_identifier": SENDER,
        "category": "messaging",
        "type": "spam",
        "protocol": "sms",
        "evidence_source": "user_complaint",
        "evidence": [{"content_type": "text/plain", "payload": base64.b64encode(TEXT.encode()).decode()}],
    }
    own = {"counterspam": "1", "channel": "sms", "sender": SENDER, "text": TEXT, "reporter": "b"}
    return [
        json.dumps(mars).encode(),
        json.dumps(xarf).encode(),
        json.dumps(own).encode(),
        f'sender,text,date\n{SENDER},"{TEXT}",2026-01-02T03:04:05Z\n'.encode(),
    ]


def test_the_same_message_in_four_formats_is_four_reports_of_one_campaign(node: Node) -> None:
    counts = submit(node, *four_formats(), intake="four")
    assert counts == {"items": 4, "read": 4, "accepted": 4, "duplicate": 0, "rejected": 0}
    rows = node.events.query(ROWS + " WHERE intake = 'four'")
    assert {row["format"] for row in rows} == {"mars", "xarf", "evidence_json", "message_table"}
    assert {row["sender"] for row in rows} == {SENDER}
    assert len({row["body_hash"] for row in rows}) == 1
    assert len({row["campaign"] for row in rows}) == 1
    assert rows[0]["campaign"] != 0
    assert sorted(row["seen_before"] for row in rows) == [0, 1, 2, 3]
    assert all(row["spam"] for row in rows)


def test_what_came_before_is_a_duplicate(node: Node) -> None:
    first = submit(node, four_formats()[0].replace(b"x1", b"y1"), intake="once")
    assert first["accepted"] == 1
    assert submit(node, four_formats()[0].replace(b"x1", b"y1"), intake="twice")["duplicate"] == 1


def test_rejected_records_are_kept_with_a_reason_and_can_be_fed_again(node: Node) -> None:
    from counterspam.store import rejected

    good = b'{"counterspam":"1","channel":"sms","text":"a message of nobody in particular"}\n'
    line = good + b'{"counterspam":"1","channel":"fax"}\n'
    assert submit(node, line, b"\x00\x01 no format at all", intake="bad") == {
        "items": 2, "read": 3, "accepted": 1, "duplicate": 0, "rejected": 2,
    }  # fmt: skip
    with node.records.begin() as conn:
        rows = [row for row in rejected.list(conn) if row.intake == "bad"]
    assert {row.reason for row in rows} == {"unknown-format", "bad-value"}
    assert all(row.detail and row.blob for row in rows)
    again = next(row for row in rows if row.reason == "bad-value")
    node.retry(again.id)
    while node.pending("retry"):
        time.sleep(0.02)
    assert [(r["duplicate"], r["rejected"]) for r in node.settled("retry")] == [(1, 1)]


def test_raw_items_are_kept_and_found_again(node: Node) -> None:
    submit(node, four_formats()[2].replace(b"x1", b"z9"), intake="kept")
    row = node.events.query(ROWS + " WHERE intake = 'kept'")[0]
    assert node.blobs.get(row["blob"]) == four_formats()[2].replace(b"x1", b"z9")


def test_a_check_explains_without_storing(node: Node) -> None:
    before = node.events.query("SELECT count() AS n FROM events")
    finding = node.check(node.new_raw(four_formats()[2], intake="check"))[0]
    assert isinstance(finding, Finding)
    assert finding.verdict.spam
    assert finding.verdict.summary
    assert finding.verdict.spans
    assert node.events.query("SELECT count() AS n FROM events") == before


def test_figures_agree_and_everything_is_well(node: Node) -> None:
    submit(node, *four_formats(), intake="again")
    assert node.reconcile() == []
    assert set(node.ready().values()) == {"ok"}


def test_a_worker_that_dies_is_replaced_and_the_others_are_stored(node: Node) -> None:
    node.submit([node.new_raw(four_formats()[2].replace(b"x1", b"k%d" % n), intake="killed") for n in range(400)])
    for worker in list(node.workers.processes):
        worker.kill()
    while node.pending("killed"):
        time.sleep(0.05)
    assert sum(row["accepted"] for row in node.settled("killed")) == 400
    assert node.status()["worker_restarts"] >= 1
    assert node.reconcile() == []


@pytest.mark.parametrize("instant", ["plan", "claim", "assign", "insert", "advance"])
def test_a_kill_between_any_two_steps_loses_nothing_and_counts_nothing_twice(tmp_path: Path, instant: str) -> None:
    """The first process kills itself right after that step of settling; the second finishes the work."""
    child = [sys.executable, str(Path(__file__).parent / "crash_child.py"), str(tmp_path / "data")]
    killed = subprocess.run([*child, instant], capture_output=True, text=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = subprocess.run([*child, "finish"], capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    assert found == {"events": 30, "messages": 30, "accepted": 30, "duplicate": 0, "campaign": 30, "differences": []}


def test_last_is_told() -> None:
    assert list(with_last([1, 2, 3])) == [(1, False), (2, False), (3, True)]
    assert list(with_last([])) == []


def test_parts_depend_on_the_outputs_alone() -> None:
    def outputs(sizes: list[int]) -> Task:
        task = Task([], outputs=queue.Queue())
        for size in sizes:
            task.outputs.put(Output(None, list(range(size)), [], [], [], [], [], [], [], []))
        task.outputs.put(None)
        return task

    half = settle.PART_ROWS // 2
    batch = settle.Batch(1, [], Position(0, 0), [(0, outputs([half, half])), (half, outputs([half, half, 7]))])
    parts = list(settle.parts(batch))
    assert [[len(output.items) for _, output in part.outputs] for part in parts] == [[half, half], [half, half], [7]]
    assert [part.known for part in parts] == [-1, half - 1, 2 * half - 1]


def test_a_stopped_node_refuses(node: Node) -> None:
    node.failed = "for the test"
    try:
        with pytest.raises(StoreError, match="for the test"):
            node.submit([node.new_raw(b"x", intake="x")])
    finally:
        node.failed = ""
