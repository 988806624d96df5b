"""Manners of advertising that laws ask for: a way to refuse further messages, and a label that says that it is advertising.

These are facts for national definitions (`policy.definitions`), no check: spam has manners too, and much ham has none.
"""

from importlib.resources import files

import re2

from counterspam.detect.fold import clean, fold
from counterspam.model import Evidence, Facts

READ, OPT_OUT, LABELLED = "text", "opt-out", "labelled"
TAIL = 2_000  # characters at the end of a text in which the offer is looked for
HEAD = 80  # characters at the start in which the label must stand
# <ADV> (Singapore), [QC] and [AD] (Viet Nam), (광고) (Korea), AD or 广告 (China), and the plain word elsewhere.
_LABEL = re2.compile(
    r"(?i)^\s*[<\[(【〔「{*]*\s*(?:adv|ads?|advert|advertisement|qc|tb qc|광고|广告|廣告|広告|未承諾広告|реклама|publicit[eéàa]'?"
    r"|publicidad[e]?|werbung|anzeige|reklam[ae]?|reclame|anuncio|إعلان|اعلان|promotional message)\s*[>\])】〕」}*※:：]"
)


def _phrases() -> "re2._Regexp":
    text = (files("counterspam") / "data" / "definitions" / "opt_out.txt").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    folded = sorted({fold(clean(line))[0].strip() for line in lines})
    return re2.compile("|".join(re2.escape(phrase) for phrase in folded))


_OFFER = _phrases()


def traits(evidence: Evidence, facts: Facts) -> str:
    """The manners of a message, as words with a space between; "" where no text was read, so that nothing is known."""
    if not facts.words and not evidence.subject:
        return ""
    found = [READ]
    if "list-unsubscribe" in evidence.headers or _OFFER.search(facts.words[-TAIL:]):
        found.append(OPT_OUT)
    if _LABEL.search(evidence.subject[:HEAD]) or _LABEL.search(evidence.text[:HEAD]):
        found.append(LABELLED)
    return " ".join(found)
