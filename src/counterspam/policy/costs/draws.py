"""Draws of the parameters: triangular between low and high with its peak at base, on a plain or on a logarithmic axis.

The triangle is what three numbers say and no more, and its inverse needs nothing but a square root. Each parameter has a stream
of its own (PCG64, whose raw output numpy keeps the same for ever), seeded with the seed and its name: the same seed gives the
same draws bit for bit, and a parameter that is added or changed leaves those of the others as they were.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from counterspam.policy.costs.band import Draws
from counterspam.policy.costs.parameter import Parameter, Scale

COUNT = 4000
MOST_SEED = 2**31 - 1
_FRACTION = 2.0**-53


def drawn(parameters: Iterable[Parameter], seed: int, count: int = COUNT) -> dict[str, Draws]:
    """`count` draws of each known parameter, by id. Independent of each other, which widens no band that adds them up."""
    return {one.id: one_drawn(one, seed, count) for one in parameters if one.known}


def one_drawn(one: Parameter, seed: int, count: int = COUNT) -> Draws:
    """Draws of one parameter."""
    low, base, high = one.span
    if low == high:
        return np.full(count, base)
    share = uniform(one.id, seed, count)
    if one.scale == Scale.LOG:
        ratios: Draws = np.exp(triangular(share, *(float(np.log(value)) for value in (low, base, high))))
        return ratios.clip(low, high)
    return triangular(share, low, base, high)


def uniform(name: str, seed: int, count: int) -> Draws:
    """Numbers of [0, 1) that follow from a seed and a name."""
    key = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
    raw: Any = np.random.PCG64(int.from_bytes(key, "big")).random_raw(count)
    found: Draws = (raw >> np.uint64(11)) * _FRACTION
    return found


def triangular(share: Draws, low: float, mode: float, high: float) -> Draws:
    """Quantiles of the triangular distribution (its inverse)."""
    width, rise = high - low, mode - low
    below = low + np.sqrt(share * width * rise)
    above = high - np.sqrt((1 - share) * width * (high - mode))
    found: Draws = np.where(share * width < rise, below, above).clip(low, high)
    return found
