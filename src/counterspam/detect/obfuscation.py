"""Whether somebody took pains to hide the words: letters of other scripts, invisible characters, d1gits, s p a c e s."""

from counterspam.detect.disguise import TARGETS
from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.tools import Tools

_NONE = answer("obfuscation", "none")


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """Characters that folding repaired, words with digits for letters, words pulled or cut apart."""
    if facts.obfuscation >= 2:
        weight = min(2.0, 0.5 + 0.1 * facts.obfuscation)
        return answer("obfuscation", "letters", round(weight, 2))
    if not facts.disguised:
        return _NONE
    ways: dict[str, set[str]] = {}
    for how, word in facts.disguised:
        ways.setdefault(how, set()).add(word)
    digits, spaced, parted = (ways.get(how, set()) for how in ("digits", "spaced", "parted"))
    if digits & TARGETS or len(digits) > 1:
        return answer("obfuscation", "digits", 1.2, ("digits", {"phrases": _shown(digits)}))
    if spaced:
        return answer("obfuscation", "spaced", 0.4, ("spaced", {"phrases": _shown(spaced)}))
    if parted & TARGETS or len(parted) > 2:
        return answer("obfuscation", "parted", 0.4, ("parted", {"phrases": _shown(parted)}))
    return _NONE


def _shown(words: set[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (word not in TARGETS, word))[:3])
