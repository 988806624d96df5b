"""Authentication failure reports: golden reports, what fails, what became of the message."""

from pathlib import Path

import pytest
from golden_records import GOLDEN, accepted, compare, raw, run, samples

from counterspam.decode import dmarc, dmarc_failure
from counterspam.taxonomy import Disposition, Source

SAMPLE = (GOLDEN / "dmarc_failure" / "rfc6591.eml").read_bytes()


@pytest.mark.parametrize("path", samples("dmarc_failure"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes())
    assert dmarc_failure.looks_like(item)
    assert not dmarc.looks_like(item)
    compare(path, run(dmarc_failure, item))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("delivered", Disposition.DELIVERED),
        ("Spam", Disposition.TAGGED),
        ("policy", Disposition.BLOCKED),
        ("reject", Disposition.BLOCKED),
        ("other", Disposition.UNKNOWN),
    ],
)
def test_delivery_result(result: str, expected: Disposition) -> None:
    [one] = accepted(
        run(dmarc_failure, raw(SAMPLE.replace(b"Delivery-Result: reject", f"Delivery-Result: {result}".encode())))
    )
    assert one.disposition is expected


@pytest.mark.parametrize(
    ("failure", "method"),
    [("bodyhash", "dkim"), ("revoked", "dkim"), ("signature", "dkim"), ("spf", "spf"), ("dmarc", "dmarc")],
)
def test_auth_failure(failure: str, method: str) -> None:
    data = b"From: x@example.com\nContent-Type: multipart/report; report-type=feedback-report; boundary=c\n\n--c\n"
    data += (
        b"Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nAuth-Failure: "
        + failure.encode()
        + b"\n\n--c--\n"
    )
    [one] = accepted(run(dmarc_failure, raw(data)))
    assert getattr(one.auth, method) == "fail"
    assert (one.source, one.reported_spam) == (Source.FILTER, None)


def test_only_a_subject_is_a_mail() -> None:
    data = b"From: a@example.com\nSubject: DMARC failure report, how does it work?\n\nA question."
    assert dmarc_failure.looks_like(raw(data))
    [one] = accepted(run(dmarc_failure, raw(data)))
    assert one.format == "rfc5322"


def test_real_reports(shared: Path) -> None:
    for path in sorted((shared / "corpora/formats/dmarc/parsedmarc/failure").glob("*.eml")):
        item = raw(path.read_bytes())
        assert dmarc_failure.looks_like(item), path.name
        [one] = accepted(run(dmarc_failure, item))
        assert one.auth.dmarc == "fail"
        assert one.source_ip in ("10.10.10.10", "203.0.113.68")
