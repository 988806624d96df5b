"""What the observer already says: a trap gets little but spam, a person who presses "report" is usually right.

The prior of the verdict (see `verdict.BASE`) is that of traffic nobody complained about; the weights here are added to it.
They are our assumptions, not measured shares; a node that knows better figures for its sources changes this table.
"""

from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.taxonomy import Disposition, Source
from counterspam.tools import Tools

_KINDS = {
    Source.TRAP: answer("source", "trap", 3.5),
    Source.HONEYPOT: answer("source", "honeypot", 3.0),
    Source.USER_REPORT: answer("source", "user-report", 1.0),
    Source.CALL_RECORD: answer("source", "call-record", 0.0),
    Source.SIGNALLING: answer("source", "signalling", 0.0),
    Source.PEER: answer("source", "peer", 1.0),
    Source.QUESTIONNAIRE: answer("source", "questionnaire", 0.0),
}
_REPORTED = {
    Source.USER_REPORT: answer("source", "reported", 2.3, "reported-user"),
    Source.PEER: answer("source", "reported", 2.3, "reported-peer"),
    Source.FILTER: answer("source", "reported", 2.3, "reported-filter"),
}
_FILTER = {
    Disposition.BLOCKED: answer("source", "blocked", 2.0),
    Disposition.DROPPED: answer("source", "dropped", 2.0),
    Disposition.TAGGED: answer("source", "tagged", 1.5),
    Disposition.DELIVERED: answer("source", "delivered", -0.5),
    Disposition.UNKNOWN: answer("source", "filter", 0.0),
}
_NOT_SPAM = answer("source", "reported-ham", -4.0)


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """What the kind of source and the report itself claim."""
    if evidence.reported_spam is False:
        return _NOT_SPAM
    if evidence.reported_spam and (claimed := _REPORTED.get(evidence.source)):
        return claimed
    if evidence.source is Source.FILTER:
        return _FILTER[evidence.disposition]
    return _KINDS[evidence.source]
