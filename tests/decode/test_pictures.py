"""Pictures of mail: their size is known before they are decoded, and what they say is read by a real Tesseract."""

import base64
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from golden_records import raw
from hypothesis import given
from hypothesis import strategies as st

from counterspam import config, pipeline
from counterspam.decode import pictures, rfc5322
from counterspam.errors import ConfigError
from counterspam.model import Evidence, Finding

# Capitals of five by seven points, a row per number.
GLYPHS = {
    "A": (14, 17, 17, 31, 17, 17, 17), "C": (14, 17, 16, 16, 16, 17, 14), "E": (31, 16, 16, 30, 16, 16, 31),
    "F": (31, 16, 16, 30, 16, 16, 16), "I": (14, 4, 4, 4, 4, 4, 14), "N": (17, 25, 21, 19, 17, 17, 17),
    "O": (14, 17, 17, 17, 17, 17, 14), "P": (30, 17, 17, 30, 16, 16, 16), "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30), "T": (31, 4, 4, 4, 4, 4, 4), "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 17, 10, 4), "Y": (17, 17, 10, 4, 4, 4, 4), "Z": (31, 1, 2, 4, 8, 16, 31), " ": (0,) * 7,
}  # fmt: skip


def png(width: int, height: int, rows: bytes) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def written(words: str, scale: int = 6) -> bytes:
    """A picture of `words`."""
    margin = 6
    points = [[0] * (6 * len(words) + 2 * margin) for _ in range(7 + 2 * margin)]
    for place, char in enumerate(words):
        for y, row in enumerate(GLYPHS[char]):
            for x in range(5):
                points[margin + y][margin + 6 * place + x] = row >> (4 - x) & 1
    rows = b"".join(
        (b"\0" + b"".join((b"\0" if point else b"\xff") * scale for point in row)) * scale for row in points
    )
    return png(len(points[0]) * scale, len(points) * scale, rows)


def mail(*files: bytes, kind: str = "image/png") -> bytes:
    parts = "".join(
        f"--x\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(file).decode()}\n"
        for file in files
    )
    head = (
        "From: a@example.com\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/plain\n\nhello\n"
    )
    return f"{head}{parts}--x--\n".encode()


def evidence(data: bytes) -> Evidence:
    [found] = rfc5322.decode(raw(data))
    assert isinstance(found, Evidence)
    return found


needs_tesseract = pytest.mark.skipif(not shutil.which("tesseract"), reason="the program tesseract is not installed")


@needs_tesseract
def test_what_a_picture_says_stands_behind_the_text_and_is_marked() -> None:
    data = mail(written("VERIFY YOUR ACCOUNT"), written("VERIFY YOUR ACCOUNT"))
    before = evidence(data)
    found = pictures.read(raw(data), before)
    text, _, said = found.text.partition(pictures.MARK)
    assert text == "hello"
    assert said.split() == ["VERIFY", "YOUR", "ACCOUNT"]  # once: the second picture is the same
    assert found.headers["picture-text"] == "3"
    assert (found.key, found.id) == (before.key, before.id)


@needs_tesseract
def test_damaged_pictures_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = written("VERIFY")
    assert pictures.text(whole[: len(whole) // 2]) == ""
    assert pictures.text(b"no picture") == ""
    monkeypatch.setattr(pictures, "MAX_SECONDS", 0.001)
    assert pictures.text(whole) == ""


def test_mail_without_pictures_costs_nothing_and_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    one = evidence(mail())
    assert pictures.read(raw(mail()), one) is one
    huge = mail(png(30_000, 30_000, b""))
    assert pictures.read(raw(huge), evidence(huge)).text == "hello"
    with pytest.raises(ConfigError, match="tesseract"):
        pictures.program()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(640, 480, b""), (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 640, 480) + b"\0", (640, 480)),
        (
            b"\xff\xd8\xff\xe0\0\x10" + bytes(14) + b"\xff\xc2\0\x11\x08" + struct.pack(">HH", 480, 640) + bytes(9),
            (640, 480),
        ),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"), (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(5) + (639 | 479 << 14).to_bytes(4, "little") + bytes(9), (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 640, 480), (640, 480)),
        (b"BM whatever", (0, 0)),
        (b"\x89PNG\r\n\x1a\n", (0, 0)),
    ],
)
def test_size_is_read_from_the_first_bytes(data: bytes, expected: tuple[int, int]) -> None:
    assert pictures.size(data) == expected


def test_only_pictures_of_a_sensible_size_are_read() -> None:
    assert pictures.readable(png(640, 480, b""))
    assert not pictures.readable(png(1, 1, b""))
    assert not pictures.readable(png(7000, 7000, b""))
    assert not pictures.readable(png(100_000, 30, b""))
    assert not pictures.readable(png(640, 480, b"") + bytes(pictures.MAX_BYTES))


@given(
    st.sampled_from([b"", b"\xff\xd8", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", b"\x89PNG\r\n\x1a\n"]),
    st.binary(max_size=60),
)
def test_any_bytes_have_a_size(start: bytes, rest: bytes) -> None:
    width, height = pictures.size(start + rest)
    assert width >= 0
    assert height >= 0


@needs_tesseract
@pytest.mark.parametrize(("ocr", "text"), [(False, "hello"), (True, f"hello{pictures.MARK}VERIFY YOUR ACCOUNT")])
def test_the_path_reads_pictures_only_when_told_to(ocr: bool, text: str, tmp_path: Path) -> None:
    tools = pipeline.open_tools(config.load(data=tmp_path, ocr=ocr))
    [(_, _, found)] = pipeline.process([raw(mail(written("VERIFY YOUR ACCOUNT")))], tools)
    assert isinstance(found, Finding)
    assert found.evidence.text == text
    assert found.facts.words == " ".join(text.lower().split())
