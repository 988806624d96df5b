"""Mail that may be a report: one scan for the words that the formats of reports look for, so that other mail is passed on."""

import re2

HEAD = 16 * 1024

# What a mail must have near its start: a DMARC report a subject or an attachment's name (RFC 7489 section 7.2.1.1), the
# others the type of their machine part, the message that they carry, or a field or subject of their own.
_WORDS = re2.compile(
    rb"(?i)submitter:|![a-z0-9._-]+![0-9]{9}|auth-failure|dmarc f|application/tlsrpt|tls-report-domain:|feedback-report"
    rb"|message/rfc822|text/rfc822-headers|application/json"
)
_last: tuple[bytes, bool] = (b"", False)


def may_report(data: bytes) -> bool:
    """Whether the first 16 KiB hold such a word. The answer is kept until other data come: five formats ask in turn."""
    global _last
    last = _last
    if last[0] is not data:
        _last = last = (data, _WORDS.search(data[:HEAD]) is not None)
    return last[1]
