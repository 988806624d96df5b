"""Text that stands in the pictures of a mail, read by Tesseract (https://tesseract-ocr.github.io); off unless `ocr` is set.

The program runs apart, with limits of time and memory. What a picture claims to measure is read from its first bytes before
anything decodes it, so that a small file cannot unfold into a huge picture.
"""

import os
import resource
import shutil
import struct
import subprocess
from dataclasses import replace

from counterspam.decode.inflate import inflate
from counterspam.decode.mime_tree import header_start, read_mail
from counterspam.errors import ConfigError
from counterspam.model import Evidence, Raw

MAX_PICTURES = 4  # of one message
MAX_BYTES = 4 * 1024 * 1024
MAX_PIXELS, MAX_SIDE = 12_000_000, 8000
LEAST_SIDE = 24  # smaller ones are pixels that count readers, and logos
MAX_SECONDS = 10.0
MAX_MEMORY = 1024 * 1024 * 1024
MAX_READ = 10_000  # characters of one message
MARK = "\n[in a picture]\n"


def program() -> str:
    """Where Tesseract is. Raises ConfigError when it is not installed."""
    found = shutil.which("tesseract")
    if not found:
        raise ConfigError("setting ocr: the program tesseract is not installed (Debian: tesseract-ocr)")
    return found


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels that a PNG, GIF, JPEG or WebP claims; (0, 0) when it is none of them or is cut off."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp(data)
    return _jpeg(data) if data[:2] == b"\xff\xd8" else (0, 0)


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _jpeg(data: bytes) -> tuple[int, int]:
    """From the first frame header (ITU-T T.81 section B.2.2)."""
    place = 2
    for _ in range(200):
        if place + 9 > len(data) or data[place] != 0xFF:
            break
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + max(2, length)
    return 0, 0


def readable(data: bytes) -> bool:
    """Whether a picture is of a kind and size that is worth and safe to read."""
    width, height = size(data)
    return (
        len(data) <= MAX_BYTES
        and min(width, height) >= LEAST_SIDE
        and max(width, height) <= MAX_SIDE
        and width * height <= MAX_PIXELS
    )


def text(data: bytes, languages: str = "eng") -> str:
    """What stands in one picture; "" when nothing does, or when reading it fails or takes too long."""
    command = [program(), "stdin", "stdout", "-l", languages, "--psm", "3"]
    environment = {"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1"}
    if "TESSDATA_PREFIX" in os.environ:
        environment["TESSDATA_PREFIX"] = os.environ["TESSDATA_PREFIX"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment) as running:  # noqa: S603
        resource.prlimit(running.pid, resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        try:
            out, _ = running.communicate(data, MAX_SECONDS)
        except (subprocess.TimeoutExpired, OSError):
            running.kill()
            running.communicate()
            return ""
    if running.returncode:
        return ""
    return "\n".join(filter(None, (" ".join(line.split()) for line in out.decode("utf-8", "replace").splitlines())))


def read(raw: Raw, evidence: Evidence, languages: str = "eng") -> Evidence:
    """The evidence with what its pictures say behind its text, each after MARK; `picture-text` counts the words.

    Only of whole mails: other formats carry no pictures. The identity of the evidence does not change.
    """
    if evidence.format != "rfc5322" or not any(a.type.startswith("image/") for a in evidence.attachments):
        return evidence
    data = inflate(raw.data)
    if header_start(data) < 0:
        return evidence
    pictures = [
        part.content for part in read_mail(data).parts if part.type.startswith("image/") and readable(part.content)
    ]
    found = [said for picture in dict.fromkeys(pictures[:MAX_PICTURES]) if (said := text(picture, languages))]
    if not found:
        return evidence
    added = "".join(f"{MARK}{said}" for said in found)[:MAX_READ]
    words = str(sum(len(said.split()) for said in found))
    return replace(evidence, text=evidence.text + added, headers={**evidence.headers, "picture-text": words})
