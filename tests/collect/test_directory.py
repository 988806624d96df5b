"""Files, folders, mailboxes, standard input."""

import gzip
import io
import json
import mailbox
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from counterspam.collect import tables
from counterspam.collect.directory import Options, read
from counterspam.collect.unpack import Problem
from counterspam.errors import Reason
from counterspam.model import Raw

MAIL = b"From: a@example.com\nSubject: hello\n\nFrom here on it is text.\n>From a quoted line\n"
Build = Callable[..., Options]


def raws(paths: Any, options: Options) -> list[Raw]:
    found = list(read(paths, options))
    assert not [item for item in found if isinstance(item, Problem)]
    return [item for item in found if isinstance(item, Raw)]


def test_a_folder_in_order_without_links_and_hidden_files(tmp_path: Path, options: Build) -> None:
    for name in ("b.eml", "a.eml", ".hidden", "sub/c.eml", "sub/.git/d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "link.eml").symlink_to(tmp_path / "a.eml")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = raws([tmp_path], options())
    assert [raw.data for raw in found] == [b"a.eml", b"b.eml", b"sub/c.eml"]
    assert [Path(raw.name).name for raw in found] == ["a.eml", "b.eml", "c.eml"]
    assert [raw.id for raw in found] == [f"{number:032x}" for number in (1, 2, 3)]


def test_options_reach_every_raw(tmp_path: Path, options: Build) -> None:
    (tmp_path / "a").write_bytes(b"x")
    told = {
        "source": "trap",
        "channel": "sms",
        "jurisdiction": "SN",
        "reporter": "r",
        "mapping": {"text": "body"},
        "synthetic": True,
    }
    (raw,) = raws([tmp_path / "a"], options(**told))
    assert {name: getattr(raw, name) for name in told} == told
    assert (raw.intake, raw.received_at, raw.recipients) == ("test", 1_700_000_000_000, 1)


def test_mbox(tmp_path: Path, options: Build) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for _ in range(3):
        box.add(MAIL.replace(b">From", b"From"))
    box.flush()
    box.close()
    found = raws([tmp_path / "box"], options())
    assert [raw.data for raw in found] == [MAIL.replace(b"\nFrom here", b"\n>From here")] * 3
    assert [raw.name.rpartition("#")[2] for raw in found] == ["1", "2", "3"]


def test_maildir(tmp_path: Path, options: Build) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for folder in (box, box.add_folder("Spam")):
        folder.add(MAIL)
    (tmp_path / "box/tmp/unfinished").write_bytes(b"half")
    (tmp_path / "box/dovecot-uidlist").write_bytes(b"3 V1")
    assert [raw.data for raw in raws([tmp_path / "box"], options())] == [MAIL, MAIL]


def test_standard_input_is_unpacked_too(options: Build) -> None:
    for data in (MAIL, gzip.compress(MAIL)):
        (raw,) = raws(["-"], options(stdin=io.BytesIO(data)))
        assert (raw.data, raw.name) == (MAIL, "stdin")


def test_a_large_table_comes_in_pieces(tmp_path: Path, options: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LINES", 1000)
    monkeypatch.setattr(tables, "PIECE", 1000)
    lines = [json.dumps({"n": n}).encode() + b"\n" for n in range(500)]
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(b"".join(lines)))
    (tmp_path / "b.csv").write_bytes(b"n\n" + b"".join(b"%d\n" % n for n in range(500)))
    found = raws([tmp_path], options())
    lines_found = [raw for raw in found if raw.name.endswith("ndjson")]
    assert b"".join(raw.data for raw in lines_found) == b"".join(lines)
    assert len(lines_found) > 3
    for raw in lines_found:
        assert json.loads(raw.data.splitlines()[0])["n"] == raw.first
    for raw in found:
        if raw.name.endswith("csv"):
            assert raw.data.splitlines()[:2] == [b"n", b"%d" % raw.first]


def test_what_cannot_be_read_is_a_problem_and_stops_nothing(tmp_path: Path, options: Build) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 100)[:-12])
    (tmp_path / "b.eml").write_bytes(MAIL)
    (tmp_path / "c.bin").write_bytes(os.urandom(3_000_000))
    found = list(read([tmp_path / "missing", tmp_path], options(max_item=1_000_000)))
    problems = {Path(item.name).name: item.reason for item in found if isinstance(item, Problem)}
    assert problems == {"missing": Reason.BAD_VALUE, "a": Reason.BAD_SYNTAX, "c.bin": Reason.TOO_LARGE}
    assert [item.data for item in found if isinstance(item, Raw)] == [MAIL]


def test_an_oversized_message_of_a_mailbox_is_left_out_alone(tmp_path: Path, options: Build) -> None:
    line = b"From a@example.com Tue Mar  5 08:15:30 2024\n"
    (tmp_path / "box").write_bytes(line + MAIL + b"\n" + line + b"x" * 80 + b"\n" * 5000 + b"\n" + line + MAIL)
    first, second, third = read([tmp_path / "box"], options(max_item=1000))
    assert isinstance(second, Problem)
    assert second.reason is Reason.TOO_LARGE
    assert isinstance(first, Raw)
    assert isinstance(third, Raw)
    assert first.data == third.data == MAIL


def test_progress_reaches_the_total(tmp_path: Path, options: Build) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"x" * 1000)
    seen: list[tuple[int, int, str]] = []
    raws([tmp_path], options(progress=lambda *step: seen.append(step)))
    assert seen[-1][:2] == (3000, 3000)
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)


@pytest.mark.parametrize(
    ("folder", "count"),
    [("spamassassin", 6048), ("foff_milter", 287), ("formats/arf", 23), ("formats/dmarc", 32), ("formats/xarf", 280)],
)
def test_the_corpora_are_read_whole(shared: Path, options: Build, folder: str, count: int) -> None:
    assert len(raws([shared / "corpora" / folder], options())) == count
