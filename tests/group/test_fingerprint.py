"""The keys of evidence, and that real campaigns come out as they are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from counterspam.detect.facts import derive
from counterspam.group import fingerprint
from counterspam.model import Calls, Evidence
from counterspam.taxonomy import Channel, SenderKind, Source

PHONE = {"sender": "+15550100123", "sender_raw": "+15550100123", "sender_kind": SenderKind.PHONE}
LONG = (
    "your parcel is waiting at the depot, please pay the small customs fee today or it will be returned to the sender"
)
JOB = "we are hiring people who want to work from home, write to our manager and tell her when you are free to begin"


def build(**fields: Any) -> Evidence:
    given = {
        "id": "00000000-0000-7000-8000-000000000001",
        "key": "0" * 32,
        "received_at": 1_700_000_000_000,
        "observed_at": 1_700_000_000_000,
        "channel": Channel.SMS,
        "source": Source.USER_REPORT,
        "format": "message_table",
        "intake": "test",
    }
    return Evidence(**{**given, **fields})


def keys_of(**fields: Any) -> tuple[int, ...]:
    evidence = build(**fields)
    return fingerprint.keys([evidence], [derive(evidence)])[0]


def components(groups: Iterable[Sequence[int]]) -> list[int | None]:
    """The least key of the connected component of each group of keys; None for a group without keys."""
    groups = list(groups)
    parent: dict[int, int] = {}

    def find(key: int) -> int:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for group in groups:
        for key in group[1:]:
            one, other = find(group[0]), find(key)
            parent[max(one, other)] = min(one, other)
    return [find(group[0]) if group else None for group in groups]


def test_two_texts_of_one_sender_number_are_joined() -> None:
    assert set(keys_of(text=LONG, **PHONE)) & set(keys_of(text=JOB, **PHONE))


def test_a_call_from_the_number_that_an_sms_asks_to_call_is_joined() -> None:
    sms = keys_of(text="Your account is blocked, call +44 20 7946 0018 at once", numbers=("+442079460018",))
    call = keys_of(channel=Channel.VOICE, sender="+442079460018", sender_kind=SenderKind.PHONE)
    assert set(sms) & set(call)


def test_the_same_text_is_one_campaign_on_every_channel() -> None:
    sms, mail = (
        keys_of(text=LONG),
        keys_of(channel=Channel.EMAIL, format="rfc5322", text=LONG.upper(), subject="Parcel"),
    )
    assert set(sms) <= set(mail) or set(mail) <= set(sms)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"sender": "12345", "sender_kind": SenderKind.SHORT_CODE, "jurisdiction": "DE"},
         {"sender": "12345", "sender_kind": SenderKind.SHORT_CODE, "jurisdiction": "FR"}),
        ({"sender": "DHL", "sender_kind": SenderKind.ALPHANUMERIC}, {"sender": "DHL", "sender_kind": SenderKind.ALPHANUMERIC}),
        ({"channel": Channel.EMAIL, "sender": "a@bulk.example", "sender_kind": SenderKind.EMAIL},
         {"channel": Channel.EMAIL, "sender": "a@bulk.example", "sender_kind": SenderKind.EMAIL}),
        ({"sender": "info@bulk.example", "sender_kind": SenderKind.EMAIL},
         {"sender": "info@bulk.example", "sender_kind": SenderKind.EMAIL}),
        ({"text": "see https://www.dhl.com/a"}, {"text": "see https://www.dhl.com/a"}),
        ({"channel": Channel.EMAIL, "headers": {"reply-to": "noreply@bulk.example"}},
         {"channel": Channel.EMAIL, "headers": {"reply-to": "noreply@bulk.example"}}),
    ],
)  # fmt: skip
def test_what_many_share_is_no_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not set(keys_of(**one)) & set(keys_of(**other))


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": Channel.EMAIL, "headers": {"reply-to": "Anna <anna77@mail.example>"}},
        {"channel": Channel.IM, "sender": "@quick_money", "sender_kind": SenderKind.HANDLE},
        {"sender": "12345", "sender_kind": SenderKind.SHORT_CODE, "jurisdiction": "DE"},
        {"text": "write to anna77@mail.example"},
        {"text": "see https://cheap-pills.example/x"},
    ],
)
def test_what_only_one_has_is_a_key(fields: dict[str, Any]) -> None:
    assert keys_of(**fields)


def test_mail_from_a_list_is_not_joined_by_its_footer() -> None:
    headers = {"list-id": "<users.lists.example>", "reply-to": "users@lists.example"}
    given = {"channel": Channel.EMAIL, "headers": headers}
    assert not set(keys_of(text=f"{LONG} https://lists.example/archive", **given)) & set(
        keys_of(text=f"{JOB} https://lists.example/archive", **given)
    )


@pytest.mark.parametrize("format", ["dmarc", "tls_rpt"])
def test_summaries_have_no_keys(format: str) -> None:
    assert keys_of(format=format, text=LONG, **PHONE) == ()


def test_ordinary_callers_are_not_each_a_campaign() -> None:
    calls = Calls(calls=10, callees=9, answered=0.9, mean_duration=60.0, short_ring=0.0)
    assert (
        keys_of(channel=Channel.VOICE, source=Source.CALL_RECORD, format="call_record", calls=calls, count=10, **PHONE)
        == ()
    )


@pytest.mark.parametrize(
    "calls",
    [
        Calls(calls=40, callees=38, answered=0.1, mean_duration=1.0, short_ring=0.95),
        Calls(calls=900, callees=880, answered=0.6, mean_duration=12.0, short_ring=0.1),
    ],
)
def test_a_caller_who_stands_out_is_joined_with_the_complaints_about_the_number(calls: Calls) -> None:
    found = keys_of(channel=Channel.VOICE, source=Source.CALL_RECORD, format="call_record", calls=calls, **PHONE)
    complaint = keys_of(channel=Channel.VOICE, **PHONE)
    assert set(found) & set(complaint)


@given(st.text(max_size=400), st.text(max_size=40), st.sampled_from(list(Channel)), st.sampled_from(list(SenderKind)))
def test_keys_are_few_positive_and_fit_63_bits(text: str, sender: str, channel: Channel, kind: SenderKind) -> None:
    fields = {"text": text, "sender": sender, "channel": channel, "sender_kind": kind, "headers": {"reply-to": sender}}
    found = keys_of(**fields)
    assert len(found) <= fingerprint.MAX_KEYS
    assert list(found) == sorted(set(found))
    assert all(0 < key < 2**63 for key in found)
    assert found == keys_of(**fields)


def test_a_message_full_of_everything_stays_within_twelve() -> None:
    links = " ".join(f"https://shop{i}.example/" for i in range(50))
    text = f"{LONG} {links} +44 20 7946 0018 +44 20 7946 0019 anna77@mail.example bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    assert len(keys_of(text=text, **PHONE)) == fingerprint.MAX_KEYS


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=4), max_size=25), st.randoms())
def test_campaigns_do_not_depend_on_the_order_of_arrival(groups: list[list[int]], rng: Any) -> None:
    order = list(range(len(groups)))
    rng.shuffle(order)
    straight = components(groups)
    shuffled = components(groups[i] for i in order)
    assert [straight[i] for i in order] == shuffled


def read(path: Path) -> Iterator[dict[str, Any]]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        yield from map(orjson.loads, lines)


def agreement(rows: list[dict[str, Any]], channel: Channel) -> tuple[float, float]:
    """Precision and recall of pairs against the clusters of the corpus."""
    evidence = [build(text=row["text"], channel=channel) for row in rows]
    ours = components(fingerprint.keys(evidence, [derive(e) for e in evidence]))
    mine = [i if found is None else found for i, found in enumerate(ours)]
    theirs = [row["cluster"] for row in rows]

    def pairs(groups: Counter[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in groups.values())

    both = pairs(Counter(zip(mine, theirs, strict=True)))
    return both / pairs(Counter(mine)), both / pairs(Counter(theirs))


def test_robocall_campaigns_are_pure(shared: Path) -> None:
    rows = list(read(shared / "corpora/voice_robocall_transcripts/transcripts.jsonl.zst"))
    precision, recall = agreement(rows, Channel.VOICE)
    assert precision >= 0.98
    assert recall >= 0.5


def test_sms_campaigns_without_shared_links_are_pure(shared: Path) -> None:
    rows = [row for row in read(shared / "corpora/sms_super_latest/messages.jsonl.zst") if "." not in row["text"]][
        :4000
    ]
    precision, recall = agreement(rows, Channel.SMS)
    assert precision >= 0.9
    assert recall >= 0.2
