"""SMTP TLS reports: golden reports, and that sessions never count as messages."""

import json
from pathlib import Path

import pytest
from golden_records import GOLDEN, accepted, compare, raw, rejected, run, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.decode import dmarc, tls_rpt
from counterspam.errors import Reason
from counterspam.model import Evidence

SAMPLE = (GOLDEN / "tls_rpt" / "report.in.json").read_bytes()


@pytest.mark.parametrize("path", samples("tls_rpt"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes())
    assert tls_rpt.looks_like(item)
    assert not dmarc.looks_like(item)
    compare(path, run(tls_rpt, item))


def test_sessions_are_not_messages() -> None:
    records = accepted(run(tls_rpt, raw(SAMPLE)))
    assert {(one.count, one.reported_spam) for one in records} == {(1, False)}
    assert [one.headers["sessions-failed"] for one in records] == ["5", "2", "0"]
    assert records[-1].headers["sessions-successful"] == "80"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"policies": [', Reason.BAD_SYNTAX),
        (b'{"policies": 1}', Reason.MISSING_FIELD),
        (b'{"policies": [1]}', Reason.BAD_VALUE),
        (b'{"policies": [{"failure-details": ["x"]}]}', Reason.BAD_VALUE),
        (b'{"policies": [{"failure-details": [{"failed-session-count": true}]}]}', Reason.BAD_VALUE),
    ],
)
def test_refused(data: bytes, reason: Reason) -> None:
    [one] = rejected(run(tls_rpt, raw(data)))
    assert one.reason is reason


@pytest.mark.parametrize("end", ["2025-12-31T23:59:59Z", "2025-12-31T23:59:59", "2026-01-01T00:59:59+01:00"])
def test_end_of_the_period(end: str) -> None:
    records = accepted(run(tls_rpt, raw(SAMPLE.replace(b"2025-12-31T23:59:59Z", end.encode()))))
    assert {one.observed_at for one in records} == {1_767_225_599_000}


def test_mail_without_a_report_is_a_mail() -> None:
    data = b"From: a@example.com\nTLS-Report-Domain: example.com\nSubject: x\n\nnothing attached"
    assert tls_rpt.looks_like(raw(data))
    [one] = accepted(run(tls_rpt, raw(data)))
    assert one.format == "rfc5322"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["policies", "policy", "summary", "failure-details", "sending-mta-ip", "date-range", "end-datetime"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(_JSON, _JSON)
def test_fuzz(policies: object, dates: object) -> None:
    item = raw(json.dumps({"policies": policies, "date-range": dates, "report-id": "x"}).encode())
    tls_rpt.looks_like(item)
    assert all(isinstance(one, Evidence) or one.detail for one in run(tls_rpt, item))


def test_real_reports(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "corpora/formats/dmarc/parsedmarc/smtp_tls").glob("*.json")):
        item = raw(path.read_bytes())
        assert tls_rpt.looks_like(item)
        count += len(accepted(run(tls_rpt, item)))
    assert count == 5
