"""The stretches of a message that weighed most in what the learned model says of its wording."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from counterspam.detect import views
from counterspam.detect.views import BITS, MAX_SUBJECT
from counterspam.model import Evidence, Span

MAX_SPANS = 5
# A word is part of a stretch when it weighs at least this share of the heaviest.
STRONG = 0.2

Numbers = npt.NDArray[np.float64]


class Layer(NamedTuple):
    """Weights of the buckets, and what turns them into log-odds of one message."""

    weights: npt.NDArray[np.float32]
    unit: float


def stretches(evidence: Evidence, layers: Sequence[Layer]) -> tuple[Span, ...]:
    """The at most five stretches of subject and text that weighed most, heaviest first.

    The layers are added. Each distinct n-gram counts where it first stands.
    """
    data = views.lower(views.wording(evidence))
    parts = np.zeros((len(views.SIZES), len(data)))
    for row, size in zip(parts, views.SIZES, strict=True):
        reach = data if size in views.EVEN else data[: views.START]
        found = views.grams(reach, (size,))[0]
        distinct, first = np.unique(found, return_index=True)
        inside = distinct < 1 << BITS
        for layer in layers:
            row[first[inside]] += layer.weights[distinct[inside]] * layer.unit
    title = len(evidence.subject[:MAX_SUBJECT]) if evidence.subject else -1
    return _stretches(data, _per_byte(parts, len(data)), title)


def _per_byte(parts: Numbers, length: int) -> Numbers:
    """The weight of each byte: every n-gram shares its own out among the bytes it covers."""
    change = np.zeros(length + 1)
    for row, size in zip(parts, views.SIZES, strict=True):
        count = max(0, length - size + 1)
        share = row[:count] / size
        change[:count] += share
        change[size : size + count] -= share
    return np.cumsum(change[:length])


def _stretches(data: bytes, weights: Numbers, subject: int) -> tuple[Span, ...]:
    """Words that weigh much, neighbours of one sign merged, as places in the subject of this length and the text."""
    byte = np.frombuffer(data, np.uint8)
    blank = byte == 0x20
    # A word begins after a blank; in scripts without blanks (three-byte characters from U+3000 on) with each character.
    starts = ~blank & (np.concatenate(([True], blank[:-1])) | ((byte >= 0xE3) & (byte < 0xF0)))
    begins = np.flatnonzero(starts)
    if not len(begins):
        return ()
    words = np.add.reduceat(weights, begins)
    signs = np.where(np.abs(words) >= STRONG * np.abs(words).max(), np.sign(words), 0)
    # Place in subject + newline + text; the blank put before does not count.
    place = np.cumsum((byte & 0xC0) != 0x80) - 2
    in_text = place[begins] > subject
    changes = np.flatnonzero(np.concatenate(([True], (signs[1:] != signs[:-1]) | (in_text[1:] != in_text[:-1]))))
    sums = np.add.reduceat(words, changes)
    filled = np.maximum.accumulate(np.where(blank, 0, np.arange(len(byte))))
    after = np.append(begins[changes[1:]], len(data))
    found = []
    for i in np.argsort(-np.abs(sums), kind="stable")[: 2 * MAX_SPANS]:
        if signs[changes[i]]:
            start, end = int(place[begins[changes[i]]]), int(place[filled[after[i] - 1]]) + 1
            field, shift = ("text", subject + 1) if in_text[changes[i]] else ("subject", 0)
            found.append(Span(field, start - shift, end - shift, float(sums[i])))
    return tuple(found[:MAX_SPANS])
