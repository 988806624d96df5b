"""DMARC aggregate reports: golden reports, broken ones, hostile XML, and that a copied record equals a built one."""

import gzip
from pathlib import Path

import pytest
from golden_records import GOLDEN, accepted, compare, raw, rejected, run, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.decode import dmarc, dmarc_failure, rfc5322, tls_rpt
from counterspam.decode.inflate import inflate
from counterspam.errors import Reason
from counterspam.model import Evidence
from counterspam.taxonomy import Source

SAMPLE = (GOLDEN / "dmarc" / "rfc7489.xml").read_bytes()


@pytest.mark.parametrize("path", samples("dmarc"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes())
    assert dmarc.looks_like(item)
    assert not any(module.looks_like(item) for module in (dmarc_failure, tls_rpt))
    compare(path, run(dmarc, item))


def test_mail_and_file_are_the_same_evidence() -> None:
    alone = accepted(run(dmarc, raw(SAMPLE)))
    mailed = accepted(run(dmarc, raw((GOLDEN / "dmarc" / "mail.eml").read_bytes())))
    assert alone == mailed
    assert {one.shared_key for one in alone} == {True}
    assert len({one.key for one in alone}) == 1
    assert len({one.id for one in alone}) == 3
    assert {one.source for one in alone} == {Source.FILTER}


def test_records_of_one_kind_are_parsed_once_and_come_out_alike() -> None:
    """With a comment in each, records differ and are all parsed; the evidence is the same."""
    record = SAMPLE[SAMPLE.index(b"  <record>") : SAMPLE.index(b"</record>") + 10]
    head, tail = SAMPLE[: SAMPLE.index(b"  <record>")], b"</feedback>"
    same = head + b"".join(record.replace(b"192.0.2.10", b"192.0.2.%d" % n) for n in range(50)) + tail
    different = (
        head
        + b"".join(
            record.replace(b"192.0.2.10", b"192.0.2.%d" % n).replace(b"<row>", b"<row x='%d'>" % n) for n in range(50)
        )
        + tail
    )
    assert run(dmarc, raw(same)) == run(dmarc, raw(different))
    assert len(accepted(run(dmarc, raw(same)))) == 50


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings(encoding: str) -> None:
    text = SAMPLE.decode().replace("Example &amp; Receiver", "Прием")
    prefix = "\ufeff" if encoding.startswith("utf-16") else ""
    item = raw((prefix + text).encode(encoding))
    assert dmarc.looks_like(item)
    assert {one.reporter for one in accepted(run(dmarc, item))} == {"Прием"}


def test_declared_and_broken_charsets() -> None:
    latin = SAMPLE.replace(b"UTF-8", b"ISO-8859-1").replace(b"Example &amp; Receiver", b"Caf\xe9")
    assert accepted(run(dmarc, raw(latin)))[0].reporter == "Café"
    broken = SAMPLE.replace(b"Example &amp; Receiver", b"Caf\xe9")
    assert accepted(run(dmarc, raw(broken)))[0].reporter == "Caf\ufffd"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE feedback [<!ENTITY a "aaaa">]>' + SAMPLE.partition(b"\n")[2],
        SAMPLE.replace(b"<feedback>", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><feedback>'),
    ],
)
def test_document_types_are_refused(data: bytes) -> None:
    [one] = rejected(run(dmarc, raw(data)))
    assert one.reason is Reason.UNSUPPORTED


@pytest.mark.parametrize(
    ("data", "good", "reasons"),
    [
        (SAMPLE.replace(b"</feedback>", b""), 3, [Reason.BAD_SYNTAX]),
        (SAMPLE + b"trailing <garbage", 3, []),
        (b"<wrapper>" + SAMPLE.partition(b"\n")[2], 3, []),
        (SAMPLE.replace(b"</record>", b"", 1), 2, [Reason.BAD_SYNTAX]),
        (SAMPLE.replace(b"</record>", b""), 0, [Reason.BAD_SYNTAX] * 3),
        (SAMPLE.replace(b"<row>", b"<!-- <record> --><row>"), 3, []),
        (SAMPLE.replace(b"<row>", b"<x>" * 30, 1), 2, [Reason.TOO_DEEP]),
        (SAMPLE.replace(b"<row>", b"<row>" + b" " * 70_000, 1), 2, [Reason.TOO_LARGE]),
        (SAMPLE.replace(b"k1", b"&undefined;", 1), 2, [Reason.BAD_SYNTAX]),
        (SAMPLE[: SAMPLE.index(b"  <record>")] + b"</feedback>", 0, [Reason.EMPTY]),
        (b"<feedback></feedback>", 0, [Reason.MISSING_FIELD]),
    ],
)  # fmt: skip
def test_broken_reports(data: bytes, good: int, reasons: list[Reason]) -> None:
    records = run(dmarc, raw(data))
    assert len(accepted(records)) == good
    assert [one.reason for one in rejected(records)] == reasons
    assert [getattr(one, "index", None) for one in rejected(records)] == sorted(one.index for one in rejected(records))


def test_a_rejected_record_comes_with_its_bytes() -> None:
    [one] = rejected(run(dmarc, raw(SAMPLE.replace(b"192.0.2.11", b"192.0.2.311"))))
    assert one.index == 2
    assert one.data.startswith(b"<record>")
    assert b"192.0.2.311" in one.data
    assert one.data.endswith(b"</record>")


def test_many_opened_records_take_one_pass() -> None:
    records = run(
        dmarc, raw(b"<feedback><report_metadata><org_name>x</org_name></report_metadata>" + b"<record>" * 20_000)
    )
    assert len(records) == 20_000
    assert not accepted(records)


def _mail(*attachments: tuple[str, bytes]) -> bytes:
    parts = b"".join(
        b'--c\nContent-Type: application/octet-stream; name="'
        + name.encode()
        + b'"\nContent-Transfer-Encoding: 8bit\n\n'
        + data
        + b"\n"
        for name, data in attachments
    )
    head = b"From: a@example.com\nSubject: Report Domain: example.com Submitter: x Report-ID: 1\n"
    return head + b"Content-Type: multipart/mixed; boundary=c\n\n" + parts + b"--c--\n"


def test_mail_with_a_damaged_report_is_refused_and_one_without_any_is_a_mail() -> None:
    [damaged] = run(dmarc, raw(_mail(("a.xml.gz", gzip.compress(SAMPLE, mtime=0)[:100]))))
    assert not isinstance(damaged, Evidence)
    assert damaged.reason is Reason.BAD_SYNTAX
    [mail] = accepted(
        run(dmarc, raw(b"From: a@example.com\nSubject: Report Domain: x Submitter: y\n\nNo report here."))
    )
    assert mail.format == "rfc5322"


def test_mail_with_several_reports() -> None:
    records = run(dmarc, raw(_mail(("a.xml", SAMPLE), ("b.gz", b"\x1f\x8b\x08\x00broken"), ("c.xml", SAMPLE))))
    assert [isinstance(one, Evidence) for one in records] == [True] * 3 + [False] + [True] * 3
    assert len({one.id for one in accepted(records)}) == 6


@settings(max_examples=300)
@given(
    st.sampled_from([path.read_bytes() for path in samples("dmarc")]),
    st.integers(0, 2500),
    st.binary(max_size=12),
    st.integers(0, 200),
)
def test_fuzz(seed: bytes, place: int, put: bytes, drop: int) -> None:
    item = raw(seed[:place] + put + seed[place + drop :])
    dmarc.looks_like(item)
    assert all(isinstance(one, Evidence) or one.detail for one in run(dmarc, item))


def test_real_reports(shared: Path) -> None:
    """All the aggregate reports of the samples; one of them is broken on purpose."""
    good, bad = 0, []
    for folder in ("parsedmarc/aggregate", "parsedmarc/extract_report", "mail-auth"):
        for path in sorted((shared / "corpora/formats/dmarc" / folder).iterdir()):
            if path.suffix in (".xml", ".gz", ".zip", ".eml"):
                item = raw(inflate(path.read_bytes()))
                assert dmarc.looks_like(item), path.name
                records = run(dmarc, item)
                good += len(accepted(records))
                bad += [path.name for _ in rejected(records)]
    assert good == 2360
    assert bad == ["invalid_xml.xml", "invalid_xml.xml"]
    assert not rfc5322.looks_like(raw(SAMPLE))
