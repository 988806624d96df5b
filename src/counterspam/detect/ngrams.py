"""What the learned model reads of a message: its byte n-grams, hashed into buckets; many messages in one go, for numpy is
slow on single short ones."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from counterspam.model import Evidence

BITS = 20
SIZES = (2, 4, 6)
MAX_SUBJECT = 512
MAX_BYTES = 4096
MOST = 4095  # messages in one go: their number and the bucket share 32 bits

Buckets = npt.NDArray[np.uint32]

_NONE = np.uint32(2**32 - 1)
_BLANKS = bytes.maketrans(b"\t\n\v\f\r123456789", b"     000000000")
_BUCKET = np.uint64(64 - BITS)
# What is left of eight bytes when only the first 2, 4, 6 are wanted.
_REST = np.array([[64 - 8 * size] for size in SIZES], np.uint64)
# Odd multipliers (Knuth's multiplicative hashing), one per size, so that equal bytes of two sizes part.
_MULTIPLIERS = np.array([[0x9E3779B97F4A7C15], [0xC2B2AE3D27D4EB4F], [0xD6E8FEB86659FD93]], np.uint64)


def read(evidence: Evidence) -> bytes:
    """What is read: subject and text, one byte for one byte of the original but for the blank at either end."""
    text = f"{evidence.subject[:MAX_SUBJECT]}\n{evidence.text[:MAX_BYTES]}"
    # The dotted capital I is the only letter whose lower case is longer; offsets must survive.
    data = text.replace("İ", "i").lower().encode("utf-8", "surrogatepass")[:MAX_BYTES]
    return b" " + data.translate(_BLANKS) + b" "


def grid(datas: Sequence[bytes]) -> Buckets:
    """A row per size, a column per byte of the joined `datas`: message << BITS | bucket of the n-gram that begins there.

    Where no n-gram of that size begins, all the bits are set.
    """
    lengths = np.fromiter(map(len, datas), np.int64, len(datas))
    ends = lengths.cumsum()
    eight = np.ndarray((int(ends[-1]),), ">u8", b"".join((*datas, bytes(7))), 0, (1,)).astype(np.uint64)
    grams = eight >> _REST
    grams *= _MULTIPLIERS
    grams >>= _BUCKET
    found = grams.astype(np.uint32)
    found |= np.repeat(np.arange(len(datas), dtype=np.uint32) << np.uint32(BITS), lengths)
    starts = ends - lengths
    for row, size in zip(found, SIZES, strict=True):
        for back in range(1, size):
            row[np.maximum(ends - back, starts)] = _NONE
    return found


def distinct(datas: Sequence[bytes]) -> Buckets:
    """The n-grams of each message once, ascending: message << BITS | bucket; at most MOST messages."""
    found = grid(datas).reshape(-1)
    found.sort()
    new = np.empty(len(found), np.bool_)
    new[0] = True
    np.not_equal(found[1:], found[:-1], out=new[1:])
    return found[new][: -1 if found[-1] == _NONE else None]


def buckets(evidence: Evidence) -> Buckets:
    """The features of one message: its distinct buckets, none when it has no text."""
    return distinct([read(evidence)]) if evidence.text or evidence.subject else np.zeros(0, np.uint32)
