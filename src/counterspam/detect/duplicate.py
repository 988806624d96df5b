"""Whether it was sent in bulk, which is half of what makes spam: to how many at once, and how often it was seen before."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.tools import Tools

MOST = 1.2  # log-odds that bulk alone can add
_SINGLE = answer("duplicate", "single")
_AGGREGATE = answer("duplicate", "aggregate")


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """What the evidence itself shows of bulk; the node adds `bulk` when it knows the campaign."""
    if evidence.count > 1:
        if not facts.body_hash:
            return _AGGREGATE
        weight = min(MOST, 0.4 * float(np.log10(evidence.count)))
        return answer("duplicate", "bulk", round(weight, 2), ("bulk", {"n": evidence.count}))
    to = evidence.headers.get("to-count", "")
    if len(to) > 1 and to.isdecimal():
        return answer("duplicate", "many-recipients", 0.6, ("many-recipients", {"n": int(to[:9])}))
    return _SINGLE


def bulk(seen: ArrayLike) -> NDArray[np.float64]:
    """Log-odds for spam from the number of messages of the same campaign seen before: 0 for a first one, 0.4 for each
    factor of ten, at most 1.2."""
    earlier = np.maximum(np.asarray(seen, dtype=np.float64), 0.0)
    return np.minimum(MOST, 0.4 * np.log10(1.0 + earlier))
