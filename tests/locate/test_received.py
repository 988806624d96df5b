"""Received lines of many mail servers."""

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.locate import received
from counterspam.locate.received import MAX_LENGTH, Received, parse, parse_date

GOLDEN = json.loads((Path(__file__).parent.parent / "golden/locate/received.json").read_text(encoding="utf-8"))
WORDS = st.lists(
    st.sampled_from(
        ["from", "by", "with", "id", "for", "(", ")", "[192.0.2.1]", "helo=", "HELO", ";", "x.example", "\t"]
    )
    | st.text(max_size=12),
    max_size=60,
)


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample["form"])
def test_known_forms(sample: dict[str, object]) -> None:
    found = parse(str(sample["value"]))._asdict()
    wanted = {name: value for name, value in sample.items() if name not in ("form", "value")}
    assert {name: found[name] for name in wanted} == wanted


@given(WORDS)
def test_anything_can_be_read(words: list[str]) -> None:
    found = parse(" ".join(words))
    assert isinstance(found, Received)
    assert all(isinstance(value, str) for value in found[:-1])


def _slowly(value: str) -> Received:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(received, "USUAL_LENGTH", -1)
        return parse(value)


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample["form"])
def test_clauses_in_the_usual_order_are_read_like_any_others(sample: dict[str, object]) -> None:
    assert parse(str(sample["value"])) == _slowly(str(sample["value"]))


@given(WORDS, st.sampled_from([" ", ""]))
def test_whatever_the_pattern_takes_is_read_like_the_rest(words: list[str], gap: str) -> None:
    assert parse(gap.join(words)) == _slowly(gap.join(words))


def test_most_known_forms_have_their_clauses_in_the_usual_order() -> None:
    bodies = [str(sample["value"]).rpartition(";")[0] for sample in GOLDEN]
    assert sum(received._USUAL.match(body) is not None for body in bodies) > 0.8 * len(bodies)


@given(st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2100, 1, 1)), st.integers(-720, 840))
def test_dates_come_back(moment: datetime.datetime, minutes: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S %z")) == int(moment.timestamp()) * 1000


@pytest.mark.parametrize(
    "text", ["", "yesterday", "31 Feb 2024 10:00:00 +0000", "1 Jan 2024 25:00:00 +0000", "5 Xyz 2024 08:15:30 +0000"]
)
def test_no_date_is_zero(text: str) -> None:
    assert parse_date(text) == 0


@pytest.mark.parametrize("piece", ["(", ")", "((", "a(", "from ", "from (", "[", ";", "1.", "a.b ", ":", "by x ("])
def test_hostile_values_are_bounded(piece: str) -> None:
    found = parse(piece * 1_000_000)
    assert len("".join(map(str, found))) < 8 * MAX_LENGTH


def test_agreement_with_an_independent_parse(shared: Path) -> None:
    """109 headers and how another parser reads them; it is wrong on some, so the bar is not 100 %."""
    samples = json.loads((shared / "corpora/formats/received/stalwart/received.json").read_text(encoding="utf-8"))
    total = agreed = 0
    for sample in samples:
        found, expected = parse(sample["header"]), sample["expected"]
        source = expected.get("from") or {}
        wanted = {
            "name": source.get("Name", ""),
            "ip": (expected.get("from_ip") or source.get("IpAddr") or "").removeprefix("::ffff:"),
            "by": next(iter((expected.get("by") or {}).values()), ""),
            "rdns": (expected.get("from_iprev") or "").rstrip("."),
            "helo": (expected.get("helo") or {}).get("Name", ""),
            "recipient": expected.get("for_") or "",
            "id": expected.get("id") or "",
        }
        for name, value in wanted.items():
            total += bool(value)
            agreed += bool(value) and getattr(found, name) == value
    assert agreed / total > 0.98
