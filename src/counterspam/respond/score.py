"""A verdict on the scale that mail filters use: spam from 5 points on, each point a factor of e (2.7) in the odds.

    score = 5 + ln(p / (1 - p)) - ln(t / (1 - t))      p probability of spam, t the setting `spam_threshold`

So the threshold is always at 5, as programs that read `X-Spam-Score` expect, and the weights of the checks, which are
log-odds, are points as they stand.
"""

import math
import re

from counterspam.config import Config
from counterspam.model import Check, Verdict

REQUIRED = 5.0
STEP = 0.01  # to which scores are rounded down, so that no rounding makes spam of ham
BASE = "CS_BASE"
MAX_SYMBOL = 64
_UNFIT = re.compile(r"[^A-Z0-9]+")


def score(verdict: Verdict, config: Config) -> float:
    """Points, to two digits. A verdict of spam never has less than REQUIRED, one of ham always less."""
    exact = REQUIRED + _odds(verdict.probability) - _odds(config.spam_threshold)
    points = math.floor(exact / STEP + 1e-9) * STEP
    points = max(points, REQUIRED) if verdict.spam else min(points, REQUIRED - STEP)
    return round(points, 2)


def _odds(probability: float) -> float:
    near = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(near / (1 - near))


def symbol(check: Check) -> str:
    """The name of an answer for other filters' eyes: CS_LINKS_LOOK_ALIKE. Letters, digits and underscores; no figures."""
    words = _UNFIT.split(f"CS {check.name} {check.answer}".upper())
    return "_".join(word for word in words if word and not word.isdecimal())[:MAX_SYMBOL]


def symbols(verdict: Verdict, config: Config) -> dict[str, tuple[float, str]]:
    """Symbol -> points and reason, for all that weighed; with BASE, which is what is left, they add up to the score."""
    found: dict[str, tuple[float, str]] = {}
    for check in verdict.checks:
        if check.weight:
            found[symbol(check)] = (round(check.weight, 2), check.detail)
    rest = score(verdict, config) - sum(points for points, _ in found.values())
    found[BASE] = (round(rest, 2), "where the scale starts for traffic that nobody complained about")
    return found


def action(verdict: Verdict, config: Config) -> str:
    """What is asked of the mail server: "pass", "tag", "reject" or "quarantine"."""
    if not verdict.spam:
        return "pass"
    return config.gateway_action if verdict.probability >= config.gateway_certain else "tag"
