"""All the answers as one verdict that explains itself: weights in log-odds add up to a probability, the strongest reasons to
a sentence (X1240-9)."""

import math
from collections.abc import Iterable

from counterspam.detect import kinds
from counterspam.detect.mapping import claimed
from counterspam.detect.ranges import kind
from counterspam.detect.structure import file_kind
from counterspam.model import Check, Evidence, Facts, Span, Verdict
from counterspam.reasons import summary
from counterspam.taxonomy import Channel, ContentType, Nature, Payload, SenderKind, Technique
from counterspam.tools import Tools

BASE = -1.5  # log-odds of spam for traffic that nobody complained about (18 %), before any check
LEAST, MOST = 0.001, 0.999
NEAR = 0.35  # probability from which the stretches of text that weighed are worth showing

_COMMERCIAL = frozenset(
    (
        ContentType.ADULT,
        ContentType.COMPENSATION,
        ContentType.DEBT_RELIEF,
        ContentType.GAMBLING,
        ContentType.LOAN,
        ContentType.PHARMACY,
        ContentType.PRODUCT,
        ContentType.SOFTWARE,
        ContentType.SUBSCRIPTION,
        ContentType.TELECOM,
        ContentType.ROBOCALL,
        ContentType.GIFT_CARD,
    )
)
_UNDECIDED = frozenset((ContentType.HAM, ContentType.OTHER, ContentType.UNKNOWN))


def judge(evidence: Evidence, facts: Facts, checks: tuple[Check, ...], tools: Tools) -> Verdict:
    """The verdict over `checks`. An entry of the node's allow-list makes it ham, one of its block-list spam."""
    answers = {check.name: check.answer for check in checks}
    probability = _probability(checks, answers.get("lists", ""))
    spam = probability >= tools.config.spam_threshold
    if answers.get("lists") in ("allowed", "blocked"):
        spam = answers["lists"] == "blocked"
    content_type = _content_type(evidence, facts, answers) if spam else ContentType.HAM
    spans: tuple[Span, ...] = ()
    if tools.spans and evidence.text and probability >= NEAR:
        spans = tools.model.spans(evidence)
    ai_score = tools.machine.score(facts.words, facts.language, evidence.channel) if tools.machine else None
    return Verdict(
        probability=probability,
        spam=spam,
        content_type=content_type,
        nature=_nature(content_type, answers) if spam else Nature.UNKNOWN,
        payload=_payload(evidence, facts, answers),
        technique=_technique(evidence, answers) if spam else Technique.UNKNOWN,
        checks=checks,
        spans=spans,
        summary=summary(probability, checks),
        ai_score=ai_score,
        ai_wrong=tools.machine.wrong if tools.machine and ai_score is not None else None,
        model=tools.model.version,
    )


def _probability(checks: Iterable[Check], listed: str) -> float:
    if listed == "allowed":
        return LEAST
    if listed == "blocked":
        return MOST
    odds = BASE
    for check in checks:
        odds += check.weight
    return min(MOST, max(LEAST, 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))))


def _content_type(evidence: Evidence, facts: Facts, answers: dict[str, str]) -> ContentType:
    """What the reporter called it, else what its calls and programs show, else the kind with most points (`kinds`)."""
    said_so = claimed(evidence.claimed) if evidence.claimed else ContentType.UNKNOWN
    if said_so not in (ContentType.UNKNOWN, ContentType.PHISHING):  # the words may tell which kind of phishing
        return said_so
    if answers.get("calling") in ("wangiri", "robocall"):
        return ContentType(answers["calling"])
    if answers.get("structure") in ("executable", "double-ending"):
        return ContentType.MALWARE
    named = kinds.named(evidence, facts, answers)
    return said_so if named is ContentType.UNKNOWN else named


def _nature(content_type: ContentType, answers: dict[str, str]) -> Nature:
    if answers.get("links") == "look-alike" or answers.get("sender") in ("look-alike", "pretends"):
        return Nature.FRAUDULENT
    if content_type in _COMMERCIAL:
        return Nature.COMMERCIAL
    if content_type is ContentType.POLITICAL:
        return Nature.INFLUENCE if _coordinated(answers) else Nature.NON_COMMERCIAL
    if content_type is ContentType.CHARITY:
        return Nature.NON_COMMERCIAL
    return Nature.UNKNOWN if content_type in _UNDECIDED else Nature.FRAUDULENT


def _coordinated(answers: dict[str, str]) -> bool:
    """Whether the evidence itself shows that many copies were sent by one hand while it hides who that is.

    An opinion is never influence for what it says: no statement is judged true or false. It takes many copies of one text
    and a disguised or false sender; alone, neither does.
    """
    copies = answers.get("duplicate") in ("bulk", "many-recipients")
    hidden = (
        answers.get("sender") in ("look-alike", "pretends")
        or answers.get("authentication") == "failed"
        or answers.get("numbers") in ("unassigned", "abroad")
        or answers.get("obfuscation") in ("letters", "digits", "spaced")
    )
    return copies and hidden


def _payload(evidence: Evidence, facts: Facts, answers: dict[str, str]) -> Payload:
    """The most dangerous thing that the recipient could act on."""
    files = evidence.attachments
    if files and any(file_kind(a.name) in ("executable", "double-ending", "macro") for a in files[:100]):
        return Payload.MALWARE
    if facts.crypto:
        return Payload.CRYPTO
    called = facts.numbers or ((evidence.sender,) if answers.get("calling") == "wangiri" and evidence.sender else ())
    if called and any(kind(number) == "premium" for number in called):
        return Payload.PREMIUM
    if facts.urls:
        return Payload.URL
    if files and any(a.type.startswith("image/") for a in files) and "qr code" in facts.words:
        return Payload.QR
    if called:
        return Payload.CALLBACK
    if any(not a.type.startswith("image/") for a in files):
        return Payload.ATTACHMENT
    replies = facts.words and (facts.emails or (evidence.channel is Channel.EMAIL and evidence.headers.get("reply-to")))
    return Payload.EMAIL if replies else Payload.NONE


def _technique(evidence: Evidence, answers: dict[str, str]) -> Technique:
    """How it was sent, as far as the checks show it."""
    if answers.get("calling") == "wangiri":
        return Technique.SHORT_RING
    if answers.get("links") == "look-alike" or answers.get("sender") == "look-alike":
        return Technique.LOOKALIKE
    if answers.get("numbers") in ("abroad", "unassigned") or answers.get("sender") == "pretends":
        return Technique.SPOOFED
    if evidence.auth.stir == "fail" or evidence.auth.dmarc == "fail":
        return Technique.SPOOFED
    if answers.get("calling") in ("robocall", "fan-out") or answers.get("duplicate") in ("bulk", "many-recipients"):
        return Technique.BULK
    if (
        evidence.sender_kind in (SenderKind.ALPHANUMERIC, SenderKind.SHORT_CODE)
        or "list-unsubscribe" in evidence.headers
    ):
        return Technique.BULK
    return Technique.UNKNOWN
