"""What is frozen for a report is what the statistics say of real counts: rounded for the public, exact for one operator."""

import uuid
from types import SimpleNamespace
from typing import Any

import orjson
import pyarrow as pa
import pytest

from counterspam import privacy
from counterspam.config import Config
from counterspam.measure import frozen, statistics
from counterspam.measure.ask import Ask
from counterspam.policy.reports import kinds, queries
from counterspam.policy.reports.snapshot import answer, identity
from counterspam.store.events import Events
from counterspam.store.records import Records
from counterspam.store.rows import SCHEMA
from counterspam.web import figures
from counterspam.web.reports import freezing, gathered
from counterspam.web.reports.freezing import Wanted

HALF = frozen.span("2026-H1")


def row(number: int, **given: Any) -> dict[str, Any]:
    """One report of the first half of 2026, of its own reporter."""
    at = (HALF.start + number * 86_399 % (180 * 86_400)) * 1000
    known: dict[str, Any] = {field.name: "" for field in SCHEMA} | {
        "id": str(uuid.UUID(int=at << 80 | 0x7 << 76 | 0x8 << 60 | number)),
        "received_at": at,
        "observed_at": at,
        "channel": "sms",
        "source": "user-report",
        "reporter": f"{number:016x}",
        "spam": 1,
        "probability": 0.9,
        "content_type": "bank",
        "country": "DE",
        "recipient_country": "FR",
        "recipient_operator": "Example Mobile",
        "sender_kind": "phone",
        "disposition": "delivered",
        "count": 1,
        "seen_before": 0,
        "seen_24h": 0,
        "seen_30d": 0,
        "seen_365d": 0,
        "definitions": [],
        "asn": 0,
        "transit": [],
        "domains": [],
        "numbers": [],
        "campaign": 0,
        "record": 0,
        "synthetic": 0,
    }
    return {**known, **given}


def store(events: Events, rows: list[dict[str, Any]]) -> None:
    """Insert rows."""
    events.insert(pa.Table.from_pylist(rows, SCHEMA), uuid.uuid4().hex)


@pytest.fixture
def node(events: Events, records: Records, records_config: Config) -> Any:
    """What freezing needs of a node, with 63 reports, three of them from a place too small to be shown."""
    rows = [row(n, content_type=("bank", "parcel")[n % 2], spam=int(n % 5 > 0)) for n in range(60)]
    rows += [row(100 + n, country="AQ") for n in range(3)]
    rows += [row(200 + n, synthetic=1) for n in range(20)]
    rows += [row(300 + n, received_at=(HALF.start - 86_400) * 1000 + n) for n in range(11)]
    store(events, rows)
    config = records_config.model_copy(update={"jurisdiction": "FR"})
    return SimpleNamespace(events=events, records=records, config=config)


def content(node: Any, kind: str, **given: Any) -> dict[str, Any]:
    """The frozen content of a report."""
    wanted = Wanted(kind, "2026-H1", kinds.KINDS[kind].audience, **given)
    id, packed = freezing.freeze(node, wanted, gathered.sections)
    assert identity(packed) == id
    found: dict[str, Any] = orjson.loads(packed)
    return found


def test_public_figures_are_those_of_the_statistics(node: Any) -> None:
    found = content(node, "member-state", country="FR")
    secret = privacy.rounding_key(node.config.data)
    for put in queries.wanted("member-state", "half-year"):
        if put.before:
            continue
        ask = Ask(
            HALF.start, HALF.end, dimensions=put.dimensions, interval=put.interval, synthetic=False, limit=put.limit
        )
        live = statistics.answer(node.events.query, ask, secret)
        kept = answer(found, put.name)
        assert (kept["rows"], kept["totals"], kept["small"]) == (live.rows, live.totals, live.small), put.name
        assert kept["protected"] is kept["rounded"] is live.rounded
    assert answer(found, "volume")["totals"]["reports"] == 63
    assert {one["origin"] for one in answer(found, "origins")["rows"]} == {"DE"}
    assert answer(found, "volume_before")["totals"]["reports"] == 11
    for name in queries.figures("member-state"):
        shown = next(one for one in found["figures"] if one["name"] == name)
        scope = freezing.Scope(freezing._period(HALF), synthetic=False)
        live_figure, _ = figures.answer(node.config, node.events.query, name, scope, exact=False)
        assert shown["answer"]["rows"] == orjson.loads(orjson.dumps(live_figure["rows"])), name


def test_exact_figures_are_exact(node: Any) -> None:
    found = content(node, "operator", operator="Example Mobile", exact=True)
    assert answer(found, "inbound")["totals"]["reports"] == 63
    assert answer(found, "inbound")["rows"][0]["spam_reports"] == 51
    assert answer(found, "outbound")["rows"] == []
    public = content(node, "operator", operator="Example Mobile")
    assert answer(public, "inbound")["rows"][0]["reports"] % 5 == 0


def test_the_same_evidence_gives_the_same_snapshot_and_more_gives_another(node: Any) -> None:
    wanted = Wanted("council", "2026-H1", "members")
    first = freezing.freeze(node, wanted, gathered.sections)
    assert freezing.freeze(node, wanted, gathered.sections) == first
    store(node.events, [row(700 + n) for n in range(7)])
    assert freezing.freeze(node, wanted, gathered.sections)[0] != first[0]


def test_evidence_that_keeps_arriving_is_not_frozen(node: Any) -> None:
    real, numbers = node.events.query, iter(range(1000, 2000))

    def restless(sql: str, parameters: Any) -> Any:
        if "content_type" in sql:
            store(node.events, [row(next(numbers))])
        return real(sql, parameters)

    moving = SimpleNamespace(events=SimpleNamespace(query=restless), records=node.records, config=node.config)
    with pytest.raises(frozen.Unsteady):
        freezing.freeze(moving, Wanted("council", "2026-H1", "members"), gathered.sections)


def test_a_country_that_the_node_does_not_serve_is_a_selection(node: Any) -> None:
    store(node.events, [row(800 + n, recipient_country="BE") for n in range(9)])
    assert answer(content(node, "member-state", country="BE"), "types")["totals"]["reports"] in (5, 10)
    missing = answer(content(node, "member-state", country="BE"), "dispositions")
    assert missing["rows"] == []
    assert "missing" in missing


@pytest.mark.parametrize(
    ("name", "earlier"),
    [
        ("2026", "2025"),
        ("2026-H1", "2025-H2"),
        ("2026-H2", "2026-H1"),
        ("2026-01", "2025-12"),
        ("2026-W01", "2025-W52"),
    ],
)
def test_the_period_before_is_that_of_the_calendar(name: str, earlier: str) -> None:
    wanted = frozen.span(earlier)
    assert freezing.before(frozen.span(name)) == (wanted.start, wanted.end)
