"""Whether somebody took pains to hide the words: letters of other scripts, invisible characters, d1gits, s p a c e s."""

from counterspam.detect.disguise import TARGETS
from counterspam.model import Check, Evidence, Facts
from counterspam.tools import Tools

_NONE = Check("obfuscation", "none", 0.0, "nothing is disguised")


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """Characters that folding repaired, words with digits for letters, words pulled or cut apart."""
    if facts.obfuscation >= 2:
        weight = min(2.0, 0.5 + 0.1 * facts.obfuscation)
        return Check(
            "obfuscation", "letters", round(weight, 2), f"{facts.obfuscation} letters are disguised or invisible"
        )
    if not facts.disguised:
        return _NONE
    ways: dict[str, set[str]] = {}
    for how, word in facts.disguised:
        ways.setdefault(how, set()).add(word)
    digits, spaced, parted = (ways.get(how, set()) for how in ("digits", "spaced", "parted"))
    if digits & TARGETS or len(digits) > 1:
        return Check("obfuscation", "digits", 1.2, f"digits and signs stand for letters ({_shown(digits)})")
    if spaced:
        return Check("obfuscation", "spaced", 0.4, f"words are pulled apart letter by letter ({_shown(spaced)})")
    if parted & TARGETS or len(parted) > 2:
        return Check("obfuscation", "parted", 0.4, f"signs cut words in pieces ({_shown(parted)})")
    return _NONE


def _shown(words: set[str]) -> str:
    ordered = sorted(words, key=lambda word: (word not in TARGETS, word))
    return ", ".join(f"“{word}”" for word in ordered[:3])
