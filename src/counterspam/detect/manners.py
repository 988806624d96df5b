"""Manners of advertising that laws ask for: a way to refuse further messages, and a label that says that it is advertising.

These are facts for national definitions (`policy.definitions`), no check: spam has manners too, and much ham has none.
"""

from collections.abc import Callable
from importlib.resources import files

import re2

from counterspam.detect.fold import clean, fold
from counterspam.model import Evidence, Facts

READ, OPT_OUT, LABELLED = "text", "opt-out", "labelled"
TAIL = 2_000  # characters at the end of a text in which the offer is looked for
HEAD = 80  # characters at the start in which the label must stand
_OPENING = frozenset("<[(【〔「{*")
# <ADV> (Singapore), [QC] and [AD] (Viet Nam), (광고) (Korea), AD or 广告 (China), and the plain word elsewhere.
_LABEL = re2.compile(
    r"(?i)^\s*[<\[(【〔「{*]*\s*(?:adv|ads?|advert|advertisement|qc|tb qc|광고|广告|廣告|広告|未承諾広告|реклама"
    r"|publicit[eéàa]'?|publicidad[e]?|werbung|anzeige|reklam[ae]?|reclame|anuncio|إعلان|اعلان)\s*[>\])】〕」}*※:：]"
)


def _finder() -> Callable[[str], object]:
    """What finds an offer. RE2 works on bytes: ASCII text, which most is, need not be counted in characters."""
    text = (files("counterspam") / "data" / "definitions" / "opt_out.txt").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    folded = sorted({fold(clean(line))[0].strip() for line in lines})
    any_text = re2.compile("|".join(map(re2.escape, folded)))
    ascii_text = re2.compile("|".join(re2.escape(phrase) for phrase in folded if phrase.isascii()).encode())
    return lambda text: ascii_text.search(text.encode()) if text.isascii() else any_text.search(text)


_offer = _finder()


def _labelled(text: str) -> bool:
    """Whether a text starts with a label; most do not even have the signs of one."""
    head = text[:HEAD].lstrip()
    signs = head[:1] in _OPENING or ":" in head[:30] or "：" in head[:30] or "※" in head[:30]
    return signs and _LABEL.search(head) is not None


def traits(evidence: Evidence, facts: Facts) -> str:
    """The manners of a message, as words with a space between; "" where no text was read, so that nothing is known."""
    if not facts.words and not evidence.subject:
        return ""
    found = [READ]
    if "list-unsubscribe" in evidence.headers or _offer(facts.words[-TAIL:]):
        found.append(OPT_OUT)
    if _labelled(evidence.subject) or _labelled(evidence.text):
        found.append(LABELLED)
    return " ".join(found)
