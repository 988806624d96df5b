"""Whether somebody took pains to hide the words: letters of other scripts, invisible characters, d1gits, s p a c e s."""

import re2

from counterspam.detect import tables
from counterspam.model import Check, Evidence, Facts
from counterspam.tools import Tools

_SPACED = r"(?:^| )(?:[a-z][ ._*-]{1,2}){4,}[a-z](?: |$)"
_DIGITS = r"\b[a-z]+[013457@$!][a-z013457@$!]*[a-z]\b"
_DIGITS_INSIDE = re2.compile(_DIGITS)
_EITHER = re2.Set.SearchSet()  # both in one pass: in most texts neither is found
for _pattern in (_SPACED, _DIGITS):
    _EITHER.Add(_pattern)
_EITHER.Compile()
_READ = str.maketrans("013457@$!", "oieastasi")
_TARGETS = tables.words("disguised_words.txt")
_NONE = Check("obfuscation", "none", 0.0, "nothing is disguised")


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """Characters that folding repaired, words with digits for letters, words pulled apart."""
    words = facts.words
    if not words:
        return _NONE
    if facts.obfuscation >= 2:
        weight = min(2.0, 0.5 + 0.1 * facts.obfuscation)
        return Check(
            "obfuscation", "letters", round(weight, 2), f"{facts.obfuscation} letters are disguised or invisible"
        )
    found = _EITHER.Match(words)
    if not found:
        return _NONE
    if 1 in found and any(word.translate(_READ) in _TARGETS for word in _DIGITS_INSIDE.findall(words)[:50]):
        return Check("obfuscation", "digits", 1.2, "digits and signs stand for letters")
    if 0 in found:
        return Check("obfuscation", "spaced", 0.4, "words are pulled apart letter by letter")
    return _NONE
