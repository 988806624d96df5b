"""What several nodes have learned, as one: averaged bucket by bucket, so that a poisoned delta among honest ones does little.

One or two deltas: the mean, weighted by trust and number of messages. Three or more: what fewer than two of them tell is left
out, the rest is the median weighted by trust, since numbers of messages are what each says of itself (coordinate-wise median:
Yin, Chen, Ramchandran, Bartlett, ICML 2018).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from counterspam.detect.delta import Buckets, Delta, Values, bounded

ROBUST = 3  # deltas from which the median is taken
Numbers = npt.NDArray[np.float64]


def combined(deltas: Sequence[Delta], trust: Sequence[float]) -> tuple[Buckets, Values, Numbers]:
    """Buckets, their weights, and how many trusted messages stand behind each; `trust` is from 0 to 1."""
    believed = [(one, t) for one, t in zip(deltas, trust, strict=True) if t > 0]
    if not believed:
        nothing = np.zeros(0)
        return nothing.astype(np.uint32), nothing.astype(np.float32), nothing
    buckets = np.unique(np.concatenate([one.buckets for one, _ in believed]))
    values = np.full((len(believed), len(buckets)), np.nan, np.float32)
    for row, (one, _) in zip(values, believed, strict=True):
        row[np.searchsorted(buckets, one.buckets)] = one.values
    told = np.isfinite(values)
    trusted = np.array([t for _, t in believed])
    messages = np.array([one.messages for one, _ in believed], np.float64)
    if len(believed) >= ROBUST:
        messages = np.minimum(messages, np.median(messages))
        middle = _median(values, told, trusted)
    else:
        weights = (trusted * messages)[:, None] * told
        middle = np.nansum(np.where(told, values, 0) * weights, axis=0) / weights.sum(axis=0)
    keep = told.sum(axis=0) >= (2 if len(believed) >= ROBUST else 1)
    behind = ((trusted * messages)[:, None] * told).sum(axis=0)
    # A node that is trusted by half is followed half of the way.
    strength = (trusted[:, None] * told).sum(axis=0) / told.sum(axis=0)
    return buckets[keep], bounded((middle * strength).astype(np.float32)[keep]), behind[keep]


def joined(own: Values, own_messages: int, deltas: Sequence[Delta], trust: Sequence[float]) -> Values:
    """New weights of a layer: where this node has learned nothing, what others say; elsewhere both, weighted by messages."""
    buckets, theirs, behind = combined(deltas, trust)
    mine = own[buckets].astype(np.float64)
    share = np.where(mine != 0, behind / np.maximum(behind + own_messages, 1e-9), 1.0)
    weights = own.copy()
    weights[buckets] = ((1 - share) * mine + share * theirs).astype(np.float32)
    return weights


def _median(values: Values, told: npt.NDArray[np.bool_], trust: Numbers) -> Numbers:
    """The weighted median of each column over the rows that tell it; between two values, their middle."""
    order = np.argsort(np.where(told, values, np.inf), axis=0, kind="stable")
    ordered = np.take_along_axis(values.astype(np.float64), order, axis=0)
    weights = np.take_along_axis(trust[:, None] * told, order, axis=0)
    half = weights.sum(axis=0) / 2
    sums = np.cumsum(weights, axis=0)
    low = np.argmax(sums >= half - 1e-12, axis=0)
    high = np.argmax(sums > half + 1e-12, axis=0)
    columns = np.arange(values.shape[1])
    middle: Numbers = (ordered[low, columns] + ordered[high, columns]) / 2
    return middle
