"""Compressed evidence: what is unpacked, what is refused, and that bombs stay small."""

import bz2
import contextlib
import gzip
import io
import zipfile
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from counterspam.decode.inflate import inflate
from counterspam.errors import DecodeError, Reason

TEXT = b"From: a@example.com\n\nhello\n" * 50


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


@pytest.mark.parametrize(
    "packed",
    [
        TEXT,
        gzip.compress(TEXT),
        zstd(TEXT),
        zipped(("a.eml", TEXT)),
        zipped(("a.eml", TEXT), method=zipfile.ZIP_STORED),
        zipped(("folder/", b""), ("folder/a.eml", TEXT)),
        gzip.compress(zipped(("a.eml", TEXT))),
        gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
        zstd(TEXT[:100]) + zstd(TEXT[100:]),
        gzip.compress(TEXT) + b"\0" * 20,
    ],
)
def test_unpacked(packed: bytes) -> None:
    assert inflate(packed) == TEXT


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (zipped(("a", b"1"), ("b", b"2")), Reason.UNSUPPORTED),
        (zipped(("a", TEXT), method=zipfile.ZIP_BZIP2), Reason.UNSUPPORTED),
        (zipped(*((str(n), b"") for n in range(1001))), Reason.UNSUPPORTED),
        (zipped(), Reason.EMPTY),
        (gzip.compress(TEXT)[:-12], Reason.BAD_SYNTAX),
        (zstd(TEXT)[:-3], Reason.BAD_SYNTAX),
        (zipped(("a", TEXT))[:-10], Reason.BAD_SYNTAX),
        (gzip.compress(TEXT)[:20] + b"\xff" * 40, Reason.BAD_SYNTAX),
        (zstd(TEXT)[:4] + b"\xff" * 40, Reason.BAD_SYNTAX),
        (gzip.compress(gzip.compress(gzip.compress(TEXT))), Reason.TOO_DEEP),
    ],
)
def test_refused(packed: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        inflate(packed)
    assert caught.value.reason is reason


def test_encrypted_zip_is_refused() -> None:
    packed = bytearray(zipped(("a", TEXT)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1
    with pytest.raises(DecodeError, match="encrypted"):
        inflate(bytes(packed))


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda data: zipped(("a", data))])
def test_limit(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"\0" * 3_000_000)
    assert len(bomb) < 10_000
    assert len(inflate(bomb, 3_000_000)) == 3_000_000
    with pytest.raises(DecodeError) as caught:
        inflate(bomb, 2_999_999)
    assert caught.value.reason is Reason.TOO_LARGE


def test_other_compression_is_left_alone() -> None:
    assert inflate(bz2.compress(TEXT)) == bz2.compress(TEXT)


PACKED = [gzip.compress(TEXT), zstd(TEXT), zipped(("a", TEXT))]


@given(st.sampled_from(PACKED), st.integers(0, 200), st.binary(max_size=8), st.integers(0, 200))
def test_damage_raises_nothing_else(packed: bytes, place: int, put: bytes, cut: int) -> None:
    damaged = packed[:place] + put + packed[place + len(put) :][: len(packed) - cut]
    with contextlib.suppress(DecodeError):
        inflate(damaged, 100_000)
