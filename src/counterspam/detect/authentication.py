"""Whether the sender is who it says: SPF, DKIM, DMARC, ARC (RFC 8601) and the call attestation of STIR (RFC 8588).

Passing proves an identity, not good intent, so it speaks for ham only a little; failing a published policy is stronger.
"""

from functools import lru_cache

from counterspam.model import Authentication, Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.tools import Tools

_WEIGHTS = {
    "dmarc": {"pass": -0.4, "fail": 0.9},
    "spf": {"pass": -0.1, "fail": 0.5, "softfail": 0.3},
    "dkim": {"pass": -0.2, "fail": 0.3},
    "arc": {"pass": -0.1, "fail": 0.2},
    "stir": {"a": -0.4, "c": 0.3, "fail": 1.5},
}


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The authentication results as reported; a record without any says "none"."""
    return _weigh(evidence.auth)


@lru_cache(maxsize=4096)
def _weigh(auth: Authentication) -> Check:
    weight, bad, good = 0.0, [], []
    for method, weights in _WEIGHTS.items():
        result = str(getattr(auth, method)).lower()
        change = weights.get(result, 0.0)
        weight += change
        if change > 0:
            bad.append(f"{method.upper()} {result.upper() if method == 'stir' and result == 'c' else result}")
        elif change < 0:
            good.append(f"{method.upper()} {result.upper() if method == 'stir' else result}")
    weight = min(weight, 1.8)
    if bad:
        return answer("authentication", "failed", round(weight, 2), ("failed", {"results": bad}))
    if good:
        return answer("authentication", "passed", round(weight, 2), ("passed", {"results": good}))
    return answer("authentication", "none")
