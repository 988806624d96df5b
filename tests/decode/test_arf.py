"""Abuse reports: golden reports with every deviation, and that the message reported is read as if it came alone."""

from pathlib import Path

import pytest
from golden_records import GOLDEN, accepted, compare, raw, run, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.decode import arf, dmarc, dmarc_failure, rfc5322, tls_rpt
from counterspam.model import Evidence
from counterspam.taxonomy import Source


@pytest.mark.parametrize("path", samples("arf"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes())
    assert arf.looks_like(item)
    assert not any(module.looks_like(item) for module in (dmarc, dmarc_failure, tls_rpt))
    compare(path, run(arf, item))


def test_same_message_in_every_wrapping() -> None:
    """The raw mail and four reports of it give the same sender, subject and text: one body hash, one campaign."""
    alone = accepted(run(rfc5322, raw((GOLDEN / "rfc5322" / "plain.eml").read_bytes())))[0]
    names = ("abuse.eml", "not_spam.eml", "jmrp.eml", "people_only.eml")
    reported = [accepted(run(arf, raw((GOLDEN / "arf" / name).read_bytes())))[0] for name in names]
    failed = accepted(run(dmarc_failure, raw((GOLDEN / "dmarc_failure" / "rfc6591.eml").read_bytes())))[0]
    for one in (*reported, failed):
        assert (one.sender, one.subject, one.text) == (alone.sender, alone.subject, alone.text)
    assert len({one.key for one in (alone, *reported, failed)}) == 6


def test_the_same_report_again_has_the_same_key() -> None:
    data = (GOLDEN / "arf" / "abuse.eml").read_bytes()
    again = b"Received: by another.example.com; Thu, 1 Jan 2026 10:00:00 +0000\n" + data
    other = data.replace(b"Reader@example.com", b"Other@example.com")
    keys = [accepted(run(arf, raw(one)))[0].key for one in (data, again, other)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("abuse", True), ("Fraud", True), ("virus", True), ("not-spam", False), ("other", None), ("opt-out", None)],
)
def test_feedback_types(kind: str, expected: bool | None) -> None:
    data = (
        (GOLDEN / "arf" / "abuse.eml").read_bytes().replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())
    )
    [one] = accepted(run(arf, raw(data)))
    assert (one.reported_spam, one.claimed, one.source) == (expected, kind.lower(), Source.USER_REPORT)


def test_auth_failure_further_down_is_not_an_abuse_report() -> None:
    data = (GOLDEN / "dmarc_failure" / "rfc6591.eml").read_bytes()
    far = data.replace(b"This is an abuse report.", b"A long explanation.\n" * 1000)
    item = raw(far)
    assert arf.looks_like(item)
    assert not dmarc_failure.looks_like(item)
    [one] = accepted(run(arf, item))
    assert one.format == "dmarc_failure"


@pytest.mark.parametrize(
    "data",
    [
        b"From: mailer-daemon@example.com\nSubject: Delivery report\nContent-Type: multipart/report; "
        b"report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nFrom: a\n\n--x--",
        b"From: a@example.com\nSubject: spam report\n\nI got spam, but nothing is attached.",
        b"From: a@example.com\nSubject: Fwd: hello\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
        b"Content-Type: message/rfc822\n\nFrom: a\n\n--x--",
    ],
)
def test_other_mail_is_no_report(data: bytes) -> None:
    assert not arf.looks_like(raw(data))


def test_a_mail_that_only_looked_like_a_report_is_a_mail() -> None:
    data = b"From: a@example.com\nSubject: about feedback-report formats\n\nWhat is a feedback-report?"
    assert arf.looks_like(raw(data))
    [one] = accepted(run(arf, raw(data)))
    assert (one.format, one.sender) == ("rfc5322", "a@example.com")


SEEDS = [path.read_bytes() for path in samples("arf") + samples("dmarc_failure")]


@settings(max_examples=200)
@given(st.sampled_from(SEEDS), st.integers(0, 1500), st.binary(max_size=20), st.integers(0, 300))
def test_fuzz(seed: bytes, place: int, put: bytes, drop: int) -> None:
    item = raw(seed[:place] + put + seed[place + drop :])
    for module in (arf, dmarc_failure):
        module.looks_like(item)
        assert all(isinstance(one, Evidence) or one.detail for one in run(module, item))


def test_real_feedback_loops(shared: Path) -> None:
    """Thirteen reports of real providers: all but one auto-reply are reports, none is refused."""
    found = []
    for path in sorted((shared / "corpora/formats/arf/sisimai").glob("*.eml")):
        item = raw(path.read_bytes())
        module = next(module for module in (dmarc, dmarc_failure, tls_rpt, arf, rfc5322) if module.looks_like(item))
        [record] = run(module, item)
        assert isinstance(record, Evidence), path.name
        assert record.sender, path.name
        found.append(record.format)
    assert sorted(found) == ["arf"] * 10 + ["dmarc_failure"] * 2 + ["rfc5322"]
