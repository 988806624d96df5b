"""What the observer already says: a trap gets little but spam, a person who presses "report" is usually right.

The prior of the verdict (see `verdict.BASE`) is that of traffic nobody complained about; the weights here are added to it.
They are our assumptions, not measured shares; a node that knows better figures for its sources changes this table.
"""

from counterspam.model import Check, Evidence, Facts
from counterspam.taxonomy import Disposition, Source
from counterspam.tools import Tools

_KINDS = {
    Source.TRAP: Check("source", "trap", 3.5, "it came to a spam trap, which asks for no mail"),
    Source.HONEYPOT: Check("source", "honeypot", 3.0, "it came to a honeypot, which has no correspondents"),
    Source.USER_REPORT: Check("source", "user-report", 1.0, "a person reported it"),
    Source.CALL_RECORD: Check("source", "call-record", 0.0, "a call record accuses nobody"),
    Source.SIGNALLING: Check("source", "signalling", 0.0, "a signalling record accuses nobody"),
    Source.PEER: Check("source", "peer", 1.0, "another node passed it on"),
    Source.QUESTIONNAIRE: Check("source", "questionnaire", 0.0, "a questionnaire accuses nobody"),
}
_REPORTED = {
    Source.USER_REPORT: Check("source", "reported", 2.3, "a person reported it as spam"),
    Source.PEER: Check("source", "reported", 2.3, "another node reported it as spam"),
    Source.FILTER: Check("source", "reported", 2.3, "a filter reported it as spam"),
}
_FILTER = {
    Disposition.BLOCKED: Check("source", "blocked", 2.0, "the receiving system blocked it"),
    Disposition.DROPPED: Check("source", "dropped", 2.0, "the receiving system dropped it"),
    Disposition.TAGGED: Check("source", "tagged", 1.5, "the receiving system marked it"),
    Disposition.DELIVERED: Check("source", "delivered", -0.5, "the receiving system delivered it"),
    Disposition.UNKNOWN: Check("source", "filter", 0.0, "a filter saw it and did not say what it did"),
}
_NOT_SPAM = Check("source", "reported-ham", -4.0, "it was reported as wanted")


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """What the kind of source and the report itself claim."""
    if evidence.reported_spam is False:
        return _NOT_SPAM
    if evidence.reported_spam and (claimed := _REPORTED.get(evidence.source)):
        return claimed
    if evidence.source is Source.FILTER:
        return _FILTER[evidence.disposition]
    return _KINDS[evidence.source]
