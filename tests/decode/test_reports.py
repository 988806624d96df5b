"""Which mail may be a report."""

import pytest

from counterspam.decode.reports import HEAD, may_report


@pytest.mark.parametrize(
    "words",
    [
        b"Report Domain: a.example Submitter: b.example",
        b'filename="b.example!a.example!1700000000!1700086400.xml.gz"',
        b"Feedback-Type: auth-failure",
        b"Subject: DMARC Failure Report",
        b"Content-Type: Application/TLSRPT+gzip",
        b"TLS-Report-Domain: a.example",
        b"report-type=feedback-report",
        b"Content-Type: message/RFC822",
        b"Content-Type: text/rfc822-headers",
        b"Content-Type: application/json",
    ],
)
def test_the_words_of_every_report_are_seen_near_the_start(words: bytes) -> None:
    mail = b"Received: from a.example\r\nX-Odd: \xff\0\r\n" + words
    assert may_report(mail)
    assert may_report(mail.upper())
    assert not may_report(b" " * HEAD + mail)


def test_ordinary_mail_is_passed_on_and_every_item_gets_its_own_answer() -> None:
    mail, report = b"From: a@b.example\nSubject: DMARC!\n\nhi!", b"Content-Type: message/rfc822\n\n"
    assert [may_report(data) for data in (mail, report, report, mail, b"")] == [False, True, True, False, False]
