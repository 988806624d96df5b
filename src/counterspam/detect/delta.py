"""What a node has learned above the shipped model, as a small file for others: weights, and no message.

    magic "CSDELTA1" | length of the header, 4 bytes | header, JSON | zstd frame of the buckets (uint32) and values (float16)

Only buckets that were met in at least K different messages are told, clipped singly and together. Hashed n-grams can be
guessed: whoever has a bucket's number can try which n-grams fall into it. K keeps out what only few messages hold (names,
addresses); clipping bounds what a message can move. This is no differential privacy: see docs/learning.md.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import zstandard

from counterspam.detect.support import Support
from counterspam.errors import ConfigError

MAGIC = b"CSDELTA1"
FORMAT = 1
K = 3  # different messages that a bucket must have been met in
CLIP = 1.0  # most that one weight may be
NORM = 40.0  # most that all of them may be together (square root of the sum of squares)
MOST_BUCKETS = 100_000  # the heaviest are told
MOST_BYTES = 1024 * 1024  # of a file
MOST_DELTAS = 8  # taken in together
MOST_MESSAGES = 10_000_000
_HEADER = 4096
_RECORD = 6  # bytes of one bucket and its value
_SLACK = 1.01  # rounding to float16

Buckets = npt.NDArray[np.uint32]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Delta:
    """What was learned since the shipped model `base` of `size` weights, from so many different `messages`.

    `buckets` ascend; `least` is the K of who made it.
    """

    base: str
    size: int
    messages: int
    least: int
    made_at: int
    buckets: Buckets
    values: Values

    @property
    def sha256(self) -> str:
        """Hash over what it says."""
        state = hashlib.sha256(json.dumps(_said(self), sort_keys=True).encode())
        state.update(_payload(self))
        return state.hexdigest()


def make(learned: Values, met: Support, base: str, *, least: int = K, at: int = 0) -> Delta:
    """What was learned above the model `base`, as far as it may be told. Raises ConfigError when that is nothing."""
    if least < K:
        raise ConfigError(f"a bucket is told from {K} messages on; {least} would tell what single people wrote")
    told = np.flatnonzero((met.counts >= least) & (learned != 0))
    if len(told) > MOST_BUCKETS:
        told = np.sort(told[np.argsort(-np.abs(learned[told]), kind="stable")[:MOST_BUCKETS]])
    if not len(told):
        raise ConfigError(
            f"no part of what was learned was met in {least} different messages: there is nothing to tell"
        )
    values = bounded(learned[told]).astype(np.float16).astype(np.float32)
    return Delta(base, len(learned), met.messages, least, at, told.astype(np.uint32), values)


def bounded(values: Values) -> Values:
    """Clipped one by one, then scaled down until their norm is NORM."""
    clipped = np.clip(values, -CLIP, CLIP)
    norm = float(np.linalg.norm(clipped))
    return clipped * np.float32(min(1.0, NORM / norm)) if norm else clipped


def write(delta: Delta) -> bytes:
    """The file."""
    header = json.dumps({**_said(delta), "sha256": delta.sha256}, sort_keys=True).encode()
    packed = zstandard.ZstdCompressor(level=12).compress(_payload(delta))
    length = len(packed).to_bytes(4)
    return MAGIC + len(header).to_bytes(4) + header + length + packed


def read(data: bytes) -> list[Delta]:
    """The files that stand one behind the other in `data`. Raises ConfigError, whatever the bytes are."""
    found: list[Delta] = []
    at = 0
    while at < len(data):
        if len(found) == MOST_DELTAS:
            raise ConfigError(f"more than {MOST_DELTAS} deltas at once")
        one, size = _one(memoryview(data)[at:])
        found.append(one)
        at += size
    if not found:
        raise ConfigError("the file is empty: no delta of a model")
    return found


def _one(data: memoryview) -> tuple[Delta, int]:
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise ConfigError("this is not a delta of a model: it does not begin with CSDELTA1")
    header, at = _piece(data, len(MAGIC), _HEADER)
    packed, at = _piece(data, at, MOST_BYTES)
    try:
        given = json.loads(header)
        if given["format"] != FORMAT:
            raise ConfigError(f"this delta has format {str(given['format'])[:20]}; this version reads {FORMAT}")
        numbers = [_number(given, name) for name in ("size", "messages", "least", "made_at", "buckets")]
        base, expected = str(given["base"])[:64], str(given["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"the header of the delta is damaged: {type(error).__name__}") from error
    size, messages, least, made_at, count = numbers
    if not (0 < count <= min(MOST_BUCKETS, size) and K <= least <= messages <= MOST_MESSAGES and size <= 2**32):
        raise ConfigError("the header of the delta says what cannot be: too many buckets, or too few messages")
    buckets, values = _unpacked(packed, count, size)
    delta = Delta(base, size, messages, least, made_at, buckets, values)
    if delta.sha256 != expected:
        raise ConfigError("the delta is damaged: its SHA-256 is not that of its content")
    return delta, at


def _piece(data: memoryview, at: int, most: int) -> tuple[bytes, int]:
    """The bytes behind a length of four bytes, and where they end."""
    length = int.from_bytes(data[at : at + 4])
    if length > most:
        raise ConfigError(f"the delta has a part of {length} bytes; at most {most} are read")
    piece = bytes(data[at + 4 : at + 4 + length])
    if len(piece) != length or len(data) < at + 4:
        raise ConfigError("the delta ends too early")
    return piece, at + 4 + length


def _unpacked(packed: bytes, count: int, size: int) -> tuple[Buckets, Values]:
    """The buckets and values, exactly as many as the header says: nothing larger is ever unpacked."""
    try:
        if zstandard.get_frame_parameters(packed).content_size != count * _RECORD:
            raise ConfigError("the delta is damaged: its content has another size than its header says")
        raw = zstandard.ZstdDecompressor(max_window_size=2**27).decompress(packed, max_output_size=count * _RECORD)
    except zstandard.ZstdError as error:
        raise ConfigError(f"the delta is damaged: {error}") from error
    if len(raw) != count * _RECORD:
        raise ConfigError("the delta is damaged: its content has another size than its header says")
    buckets = np.frombuffer(raw, "<u4", count).astype(np.uint32)
    values = np.frombuffer(raw, "<f2", count, count * 4).astype(np.float32)
    if np.any(buckets[1:] <= buckets[:-1]) or int(buckets[-1]) >= size:
        raise ConfigError("the delta is damaged: its buckets do not ascend, or lie outside the model")
    if not np.isfinite(values).all() or np.abs(values).max() > CLIP or float(np.linalg.norm(values)) > NORM * _SLACK:
        raise ConfigError(
            f"the delta has values that are no numbers or beyond the bounds ({CLIP} each, {NORM} together)"
        )
    return buckets, values


def _number(given: Mapping[str, Any], name: str) -> int:
    value = given[name]
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(name)
    return value


def _said(delta: Delta) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "base": delta.base,
        "size": delta.size,
        "messages": delta.messages,
        "least": delta.least,
        "made_at": delta.made_at,
        "buckets": len(delta.buckets),
    }


def _payload(delta: Delta) -> bytes:
    return delta.buckets.astype("<u4").tobytes() + delta.values.astype("<f2").tobytes()
