"""What the learned model reads of a message, as hashed buckets in three views that are learned apart.

The wording: byte n-grams of subject and text, in lower case and with digits read as 0, and n-grams of its shape (runs of
small letters, capitals, digits, signs). The header block of a mail without what names the recipient or the time: byte
5-grams. Its traits (`traits.py`). Many messages in one go, for numpy is slow on single short ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterspam.detect.traits import buckets as traits
from counterspam.model import Evidence

BITS = 21
VIEWS = ("wording", "header", "traits")
MAX_SUBJECT = 512
MAX_TEXT = 2500  # bytes of subject and text
MAX_SHAPE = 2000
MAX_HEAD = 3000
# Odd sizes are read only at the start: they help short texts and cost as much as the even ones.
EVEN, ODD, START = (2, 4, 6), (1, 3, 5), 600
HEAD = (5,)
# Messages read in one go, and their characters: numpy is slow on few, and more would not fit the processor's cache.
TOGETHER, TOGETHER_CHARS = 128, 100_000
SIZES = tuple(sorted(EVEN + ODD))

Buckets = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

_NONE = np.uint32(2**32 - 1)
_BUCKET = np.uint32((1 << BITS) - 1)
_SHIFT = np.uint64(64 - BITS)
_BLANKS = bytes.maketrans(b"\t\n\v\f\r123456789", b"     000000000")
# Odd multipliers (Knuth's multiplicative hashing) by size and by what is read, so that equal bytes part.
_WORDS, _SHAPES, _HEADS = (
    {
        size: np.uint64((0x9E3779B97F4A7C15 * (2 * salt + 1) + 2 * size * 0xC2B2AE3D27D4EB4E) % 2**64)
        for size in range(1, 7)
    }
    for salt in (0, 1_000_003, 2_000_029)
)


def _shape_of(byte: int) -> int:
    if byte >= 0x80:
        return 0x80
    char = chr(byte)
    return ord(
        "a" if char.islower() else "A" if char.isupper() else "0" if char.isdigit() else " " if char.isspace() else char
    )


_SHAPE = bytes(map(_shape_of, range(256)))
_RUNS = np.zeros(256, np.bool_)
_RUNS[[ord("a"), ord("A"), ord(" "), 0x80]] = True


@dataclass(frozen=True, slots=True)
class Found:
    """Distinct buckets of some messages. Those of view v of message m are `buckets[bounds[3m + v] : bounds[3m + v + 1]]`."""

    buckets: Buckets
    bounds: Places

    def one(self, message: int) -> "Found":
        """The features of one of them."""
        bounds = self.bounds[3 * message : 3 * message + 4]
        return Found(self.buckets[bounds[0] : bounds[-1]], bounds - bounds[0])


def wording(evidence: Evidence) -> str:
    """Subject and text as far as they are read."""
    title = f"{evidence.subject[:MAX_SUBJECT]}\n" if evidence.subject else ""
    return f"{title}{evidence.text[:MAX_TEXT]}"


def lower(words: str) -> bytes:
    """A blank, the lower-case bytes with digits as 0, a blank."""
    # The dotted capital I is the only letter whose lower case is longer; offsets must survive.
    data = words.replace("İ", "i").lower().encode("utf-8", "surrogatepass")[:MAX_TEXT]
    return b" " + data.translate(_BLANKS) + b" "


def pieces(some: Sequence[Evidence]) -> Iterator[Sequence[Evidence]]:
    """Many messages in pieces that are best read in one go."""
    start = chars = 0
    for i, evidence in enumerate(some):
        size = min(len(evidence.text), MAX_TEXT) + min(len(evidence.head), MAX_HEAD)
        if i > start and (chars + size > TOGETHER_CHARS or i - start == TOGETHER):
            yield some[start:i]
            start, chars = i, 0
        chars += size
    if len(some) > start:
        yield some[start:]


def read(some: Sequence[Evidence]) -> Found:
    """The features of some messages; of more than a few hundred in `pieces`."""
    texts = [wording(evidence) for evidence in some]
    words = _joined([lower(text) if text else b"" for text in texts])
    shapes = _shapes(*_joined([text.encode("utf-8", "surrogatepass")[:MAX_SHAPE] for text in texts]))
    heads = _joined([evidence.head[:MAX_HEAD].encode("utf-8", "surrogatepass") for evidence in some])
    wanted = [
        (*words, EVEN, _WORDS, 0),
        (*_started(*words), ODD, _WORDS, 0),
        (*shapes, EVEN, _SHAPES, 0),
        (*_started(*shapes), ODD, _SHAPES, 0),
        (*heads, HEAD, _HEADS, 1),
    ]
    segments = 3 * np.arange(len(some), dtype=np.uint32)
    others = _traits(some, segments + np.uint32(2))
    found = np.empty(sum(len(data) * len(sizes) for data, _, sizes, _, _ in wanted) + len(others), np.uint32)
    start = 0
    for data, lengths, sizes, salt, view in wanted:
        end = start + len(data) * len(sizes)
        _grams(data, lengths, sizes, segments + np.uint32(view), salt, found[start:end].reshape(len(sizes), len(data)))
        start = end
    found[start:] = others
    return _distinct(found, 3 * len(some))


def read_all(some: Sequence[Evidence]) -> list[Found]:
    """The features of each of many messages."""
    found = []
    for piece in pieces(some):
        features = read(piece)
        found += [features.one(i) for i in range(len(piece))]
    return found


def grams(data: bytes, sizes: Sequence[int]) -> Buckets:
    """A row per size, a column per byte: the bucket of the n-gram of a wording that begins there.

    Where no n-gram of that size begins, all the bits are set.
    """
    found = np.empty((len(sizes), len(data)), np.uint32)
    _grams(*_joined([data]), sizes, np.zeros(1, np.uint32), _WORDS, found)
    return found


def _joined(datas: Sequence[bytes]) -> tuple[bytes, Places]:
    return b"".join(datas), np.fromiter(map(len, datas), np.int64, len(datas))


def _grams(
    joined: bytes, lengths: Places, sizes: Sequence[int], segments: Buckets, salt: dict[int, np.uint64], found: Buckets
) -> None:
    """Put into the rows of `found`, for each byte of the joined pieces, segment << BITS | bucket; `_NONE` at their ends."""
    if not joined:
        return
    ends = lengths.cumsum()
    starts = ends - lengths
    eight = np.ndarray((len(joined),), ">u8", joined + bytes(7), 0, (1,)).astype(np.uint64)
    above = np.repeat(segments << np.uint32(BITS), lengths)
    for row, size in zip(found, sizes, strict=True):
        hashed = eight >> np.uint64(64 - 8 * size)
        hashed *= salt[size]
        hashed >>= _SHIFT
        np.bitwise_or(hashed.astype(np.uint32), above, out=row)
        for back in range(1, size):
            row[np.maximum(ends - back, starts)[lengths > 0]] = _NONE


def _shapes(joined: bytes, lengths: Places) -> tuple[bytes, Places]:
    """The shapes of joined texts, and their lengths: runs of one kind as one byte, a run of capitals apart from one."""
    if not joined:
        return b"", lengths
    raw = np.frombuffer(joined.translate(_SHAPE), np.uint8)
    same = np.zeros(len(raw) + 1, np.bool_)
    same[1:-1] = raw[1:] == raw[:-1]
    starts = (lengths.cumsum() - lengths)[lengths > 0]
    same[starts] = False
    keep = ~(same[:-1] & _RUNS[raw])
    shapes = np.where((raw == ord("A")) & same[1:], np.uint8(ord("B")), raw)[keep]
    kept = np.zeros(len(lengths), np.int64)
    kept[lengths > 0] = np.add.reduceat(keep, starts, dtype=np.int64)
    return shapes.tobytes(), kept


def _started(joined: bytes, lengths: Places) -> tuple[bytes, Places]:
    """The first bytes of each of the joined pieces."""
    if not (lengths > START).any():
        return joined, lengths
    ends = lengths.cumsum()
    return _joined(
        [joined[end - n : end - n + min(n, START)] for end, n in zip(ends.tolist(), lengths.tolist(), strict=True)]
    )


def _traits(some: Sequence[Evidence], segments: Buckets) -> Buckets:
    found = [
        np.array(traits(evidence), np.uint32) & _BUCKET | segment << np.uint32(BITS)
        for evidence, segment in zip(some, segments, strict=True)
        if evidence.head
    ]
    return np.concatenate(found) if found else np.zeros(0, np.uint32)


def _distinct(found: Buckets, segments: int) -> Found:
    """Each bucket of a segment once, ascending; `found` is sorted in place."""
    found.sort()
    new = np.empty(len(found), np.bool_)
    new[:1] = True
    np.not_equal(found[1:], found[:-1], out=new[1:])
    found = found[new]
    bounds = found.searchsorted(np.arange(segments + 1, dtype=np.uint32) << np.uint32(BITS))
    return Found(found[: bounds[-1]] & _BUCKET, bounds)
