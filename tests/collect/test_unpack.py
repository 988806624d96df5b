"""Archives, broken archives and bombs."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from counterspam.collect import unpack
from counterspam.collect.unpack import FAULTS, Bomb, Problem, files, problem
from counterspam.errors import Reason

MB = 1024 * 1024


def members(data: bytes, name: str = "x") -> list[tuple[str, bytes] | Problem]:
    found: list[tuple[str, bytes] | Problem] = []
    for entry in files(name, io.BytesIO(data)):
        if isinstance(entry, Problem):
            found.append(entry)
            continue
        try:
            size = 0
            parts = []
            while chunk := entry[1].read(MB):
                size += len(chunk)
                parts.append(chunk if size < 8 * MB else b"")
            found.append((entry[0], b"".join(parts)))
        except FAULTS as error:
            found.append(problem(entry[0], error))
            if isinstance(error, Bomb):
                break
    return found


def tar(**contents: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(method: int = zipfile.ZIP_DEFLATED, **contents: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return out.getvalue()


zst = zstandard.ZstdCompressor().compress
BOTH = tar(a=b"one", b=b"two")


@pytest.mark.parametrize(
    ("data", "name", "names"),
    [
        (b"plain", "a.eml", ["a.eml"]),
        (gzip.compress(b"plain"), "a.eml.gz", ["a.eml"]),
        (zst(b"plain"), "a.eml.zst", ["a.eml"]),
        (BOTH, "m.tar", ["m.tar/a", "m.tar/b"]),
        (gzip.compress(BOTH), "m.tar.gz", ["m.tar/a", "m.tar/b"]),
        (zst(BOTH), "m.tar.zst", ["m.tar/a", "m.tar/b"]),
        (zipped(a=b"one", b=b"two"), "m.zip", ["m.zip/a", "m.zip/b"]),
        (zipped(a=gzip.compress(BOTH)), "m.zip", ["m.zip/a/a", "m.zip/a/b"]),
        (gzip.compress(b"plain") + gzip.compress(b" text"), "a.gz", ["a"]),
        (tar(**{"../../etc/a": b"1", ".hidden": b"2", "__MACOSX/a": b"3"}), "m", ["m/../../etc/a"]),
        (b"", "empty", ["empty"]),
    ],
)
def test_files_inside(data: bytes, name: str, names: list[str]) -> None:
    found = members(data, name)
    assert [entry[0] for entry in found if isinstance(entry, tuple)] == names
    assert len(found) == len(names)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))), Reason.TOO_DEEP),
        (gzip.compress(b"x" * 1000)[:-9], Reason.BAD_SYNTAX),
        (zst(b"x" * 1000)[:6] + b"\xff" * 20, Reason.BAD_SYNTAX),
        (zipped(a=b"x" * 1000)[:60], Reason.BAD_SYNTAX),
        (gzip.compress(BOTH[:700]), Reason.BAD_SYNTAX),
    ],
)
def test_what_cannot_be_unpacked_has_a_reason(data: bytes, reason: Reason) -> None:
    problems = [entry for entry in members(data) if isinstance(entry, Problem)]
    assert [entry.reason for entry in problems][-1:] == [reason]


def test_a_member_with_a_password_stops_nothing() -> None:
    data = bytearray(zipped(zipfile.ZIP_STORED, a=b"secret", b=b"open"))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):  # set the flag "encrypted" of the first member
        at = data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    first, second = members(bytes(data))
    assert isinstance(first, Problem)
    assert first.reason is Reason.UNSUPPORTED
    assert second == ("x/b", b"open")


BOMB = b"\0" * (100 * MB)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(BOMB),
        zst(BOMB),
        zipped(a=BOMB),
        zipped(**{f"a{n}": BOMB[: 20 * MB] for n in range(5)}),
        gzip.compress(gzip.compress(BOMB)),
        zst(tar(a=BOMB)),
    ],
    ids=["gzip", "zstd", "zip", "many members", "twice", "tar"],
)
def test_bombs_are_cut_off(data: bytes) -> None:
    found = members(data)
    assert sum(isinstance(entry, Problem) for entry in found) == 1
    last = found[-1]
    assert isinstance(last, Problem)
    assert last.reason is Reason.TOO_LARGE


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MAX_MEMBERS", 3)
    found = members(tar(**{f"a{n}": b"" for n in range(6)}))
    assert [type(entry) for entry in found] == [tuple, tuple, tuple, Problem]
    assert isinstance(found[-1], Problem)
    assert found[-1].reason is Reason.TOO_MANY


def test_long_names_are_not_read_into_memory() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 32
    (found,) = members(header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000))
    assert isinstance(found, Problem)
    assert found.reason is Reason.TOO_LARGE


def test_sparse_members_are_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("holes")
        info.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 40)}
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    (found,) = members(out.getvalue())
    assert isinstance(found, Problem)
    assert found.reason is Reason.UNSUPPORTED


@given(
    st.sampled_from([gzip.compress(BOTH), zst(BOTH), zipped(a=b"one", b=b"two" * 50), BOTH]),
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=8),
)
def test_damaged_archives_raise_nothing(data: bytes, at: int, damage: bytes) -> None:
    at %= len(data)
    for entry in members(data[:at] + damage + data[at + len(damage) :]):
        assert isinstance(entry, Problem | tuple)


def test_the_corpora_unpack(shared: Path) -> None:
    path = shared / "corpora/formats/bounces/sisimai_dsn.tar.zst"
    with path.open("rb") as file:
        found = [entry for entry in files(path.name, file) if not isinstance(entry, Problem)]
    assert len(found) == 375
