"""The pattern behind many calls from one number: short rings that wait for a call back, recorded messages, mass dialling
(X1246-2: call rate, duration, answer ratio, fan-out, short ring)."""

from counterspam.model import Calls, Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.tools import Tools

LEAST = 8  # calls below which there is no pattern to speak of
MANY = 20  # calls below which only short rings stand out
_NONE = answer("calling", "none")
_REPORTED = answer("calling", "robocall", 0.5, "reported")
_FEW = answer("calling", "few")
_ORDINARY = answer("calling", "ordinary", -0.5)


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The pattern that fits, the most harmful first."""
    calls = evidence.calls
    if calls is None:
        return _REPORTED if evidence.headers.get("robocall") == "yes" else _NONE
    if not evidence.sender:
        return _ORDINARY  # a total over many callers, none of whom stood out
    if calls.calls < (LEAST if calls.short_ring >= 0.8 else MANY) or calls.callees < 1:
        return _FEW
    fan_out = min(1.0, calls.callees / calls.calls)
    if fan_out < 0.5:
        return _ORDINARY
    return _pattern(calls, fan_out)


def _pattern(calls: Calls, fan_out: float) -> Check:
    spread = {"calls": calls.calls, "callees": calls.callees}
    if calls.short_ring >= 0.5 and calls.answered <= 0.35:
        weight = 3.0 + (0.8 if calls.callbacks else 0.0) + min(0.7, calls.calls / 1000)
        back = [("called-back", {"n": calls.callbacks})] if calls.callbacks else []
        rings = ("wangiri", {**spread, "short": float(calls.short_ring)})
        return answer("calling", "wangiri", round(weight, 2), rings, *back)
    if fan_out >= 0.8 and calls.calls >= 50 and calls.mean_duration < 30 and calls.answered > 0.2:
        weight = 2.5 + min(1.0, calls.calls / 1000)
        lasting = ("robocall", {**spread, "seconds": round(calls.mean_duration)})
        return answer("calling", "robocall", round(weight, 2), lasting)
    if fan_out >= 0.8 and calls.calls >= 200:
        return answer("calling", "fan-out", 1.2, ("fan-out", spread))
    return answer("calling", "wide", 0.3, ("wide", spread))
