"""Campaigns against what they should come to when everything that ever arrived is looked at again."""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from findings import assign
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from counterspam.store.campaigns import Assigned
from counterspam.store.records import Records


class Union:
    """Union-find where the root of a set is its least member."""

    def __init__(self, groups: list[list[int]]) -> None:
        self.parent: dict[int, int] = {}
        for group in groups:
            for key in group:
                one, other = self.find(group[0]), self.find(key)
                self.parent[max(one, other)] = min(one, other)

    def find(self, key: int) -> int:
        while self.parent.setdefault(key, key) != key:
            self.parent[key] = key = self.parent[self.parent[key]]
        return key


@dataclass(frozen=True)
class Arrived:
    keys: list[int]
    at: int
    count: int


@dataclass
class Plain:
    """What the store should hold and answer, worked out from the whole history each time."""

    history: list[Arrived] = field(default_factory=list)
    ids: set[int] = field(default_factory=set)
    keys: dict[int, int] = field(default_factory=dict)

    def assign(self, arrived: list[Arrived]) -> Assigned:
        before = Union([one.keys for one in self.history])
        now = Union([one.keys for one in [*self.history, *arrived]])
        messages: dict[int, int] = defaultdict(int)
        answers = []
        for place, one in enumerate([*self.history, *arrived]):
            id = now.find(one.keys[0]) if one.keys else 0
            answers.append((id, messages[id] if id and place >= len(self.history) else 0))
            messages[id] += one.count
        fresh = answers[len(self.history) :]
        merged = [(id, now.find(id)) for id in sorted(self.ids) if before.find(id) != now.find(id)]
        self.history += arrived
        self.ids |= {id for id, _ in fresh} - {0}
        for one in arrived:
            for key in one.keys:
                self.keys.setdefault(key, now.find(key))
        return Assigned([id for id, _ in fresh], [before for _, before in fresh], merged)

    def rows(self) -> dict[int, tuple[object, ...]]:
        """The table `campaigns`."""
        union = Union([one.keys for one in self.history])
        parts: dict[int, list[int]] = defaultdict(list)
        for number, one in enumerate(self.history):
            if one.keys:
                parts[union.find(one.keys[0])].append(number)
        found: dict[int, tuple[object, ...]] = {}
        for id, numbers in parts.items():
            all = [self.history[number] for number in numbers]
            oldest = min(numbers, key=lambda number: (self.history[number].at, exemplar(number)))
            times = (min(one.at for one in all), max(one.at for one in all))
            shown = (f"title {oldest}", exemplar(oldest), *times)
            found[id] = (*shown, sum(one.count for one in all), len(all), None)
        return found


def exemplar(number: int) -> str:
    """Different for each, and not in the order of arrival."""
    return f"exemplar-{number * 7919 % 10007:05d}"


def store(records: Records, plain: Plain, arrived: list[Arrived]) -> None:
    """Both take what arrived, and say the same."""
    start = len(plain.history)
    rows = [
        {"subject": "", "excerpt": f"title {number}", "id": exemplar(number), "channel": "sms"}
        | {"observed_at": one.at, "count": one.count}
        for number, one in enumerate(arrived, start)
    ]
    with records.begin() as conn:
        done = assign(conn, [one.keys for one in arrived], rows)
    assert done == plain.assign(arrived)


KEY = st.integers(0, 40).map(lambda n: 2**63 - 1 - n if n % 2 else n + 1)
ARRIVED = st.builds(Arrived, st.lists(KEY, max_size=4), st.integers(1000, 1003), st.integers(1, 2**32 - 1))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(ARRIVED, max_size=12), max_size=6))
def test_every_batch_comes_to_what_the_whole_history_says(records: Records, batches: list[list[Arrived]]) -> None:
    with records.begin() as conn:
        conn.execute(text("DELETE FROM campaigns"))
        conn.execute(text("DELETE FROM campaign_keys"))
    plain = Plain()
    for batch in batches:
        store(records, plain, batch)
    with records.read() as conn:
        assert {key: id for key, id in conn.execute(text("SELECT key_, campaign FROM campaign_keys"))} == plain.keys  # noqa: C416
        columns = "id, title, exemplar, first_seen, last_seen, messages, reports, merged_into"
        found = {row[0]: tuple(row[1:]) for row in conn.execute(text(f"SELECT {columns} FROM campaigns"))}
    assert {id: row for id, row in found.items() if row[-1] is None} == plain.rows()
    union = Union([one.keys for one in plain.history])
    gone = {id: row[-3:] for id, row in found.items() if row[-1] is not None}
    assert gone == {id: (0, 0, union.find(id)) for id in plain.ids if union.find(id) != id}


LONG = 5_000
SHAPES = {
    "a chain upwards": [[n, n + 1] for n in range(1, LONG)],
    "a chain downwards": [[n + 1, n] for n in range(LONG, 1, -1)],
    "a chain to and fro": [[n, LONG - n] for n in range(1, LONG)] + [[n, LONG + 1 - n] for n in range(1, LONG)],
    "a shuffled chain": [list(pair) for pair in itertools.pairwise(random.Random(3).sample(range(1, 10**9), LONG))],
    "a star round the greatest": [[n, 10**9] for n in range(1, LONG)],
    "a tree of stars": [[n, 10**9 - n // 50] for n in range(1, LONG)] + [[10**9 - n, 10**9] for n in range(LONG // 50)],
    "one long group": [list(range(LONG, 0, -1))],
    "many alone": [[n] for n in range(1, LONG)],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_long_and_hostile_shapes(records: Records, shape: str) -> None:
    """In two batches: the second ties together what the first left apart."""
    plain = Plain()
    arrived = [Arrived(group, 1000, 1) for group in SHAPES[shape]]
    store(records, plain, arrived[::2])
    store(records, plain, arrived[1::2])
