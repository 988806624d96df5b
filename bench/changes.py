"""Detection of changes on a replay: false alarms in a quiet week, then fifty planted changes and how soon each is found.

Four weeks of history are written, then every five minutes what arrived is stored and looked at, with the clock of the replay.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.common import bars, table
from bench.traffic import CHANNELS, COUNTRIES, DAY, DESTINATIONS, HOUR, HUBS, TYPES, Plant, World
from counterspam import config
from counterspam.lookout import Lookout
from counterspam.rollups import ROLLUPS
from counterspam.store import changes, rollup_tables
from counterspam.store.changes import Change
from counterspam.store.events import Events
from counterspam.store.records import Records

SEED = int(os.environ.get("BENCH_SEED", "1"))
HISTORY = 28
QUIET = int(os.environ.get("BENCH_QUIET_DAYS", "7"))
PLANTED = int(os.environ.get("BENCH_PLANTED_DAYS", "5"))
START = 1_785_110_400  # Monday 27 July 2026, 00:00 UTC
STEP = 300
GRACE = 1800  # seconds after its end in which a plant may still be found
READ = ("volume", "places", "routes", "campaigns", "campaign", "campaign_rank")
LEAST = 60  # messages an hour that a part usually brings where a surge is planted


def plants(world: World) -> list[Plant]:
    """Twenty surges, fifteen new routes, eight new campaigns, seven shifts, evenly over the planted days."""
    dice = np.random.default_rng([world.seed, 9])
    kinds = ["surge"] * 20 + ["new-route"] * 15 + ["new-campaign"] * 8 + ["share-shift"] * 7
    begin = world.start + HISTORY * DAY
    slots = begin + (np.arange(len(kinds)) * PLANTED * DAY // len(kinds))
    made = []
    for number, (kind, at) in enumerate(zip(dice.permutation(kinds), slots, strict=True)):
        start = int(at + dice.integers(0, 2 * HOUR))
        made.append(_plant(world, dice, str(kind), start, number))
    return made


def _plant(world: World, dice: np.random.Generator, kind: str, start: int, number: int) -> Plant:
    channel = str(dice.choice(list(CHANNELS), p=list(CHANNELS.values())))
    if kind == "surge":
        series = [
            (name, *part)
            for name in CHANNELS
            for part in [("", "", ""), *((t, "", "") for t in TYPES if t != "unknown")]
            + [("", c, "") for c in COUNTRIES]
            + [("", "", d) for d in DESTINATIONS]
            if world.usual(name, start) * 60 * world.part(name, *part) >= LEAST
        ]
        channel, *part = series[dice.integers(len(series))]
        return Plant(kind, start, start + 3 * HOUR, float(np.exp(dice.uniform(np.log(2), np.log(10)))), channel, *part)
    if kind == "new-route":
        size = float(np.exp(dice.uniform(np.log(2), np.log(20))))
        known = number % 3 == 0  # a known pair of countries by a new way
        country = str(dice.choice(COUNTRIES)) if known else f"N{chr(65 + number % 26)}"
        transit = (HUBS[2 + number % 2],) if known else ()
        return Plant(
            kind, start, start + 6 * HOUR, size, channel, "", country, str(dice.choice(list(DESTINATIONS))), transit
        )
    if kind == "new-campaign":
        size = float(np.exp(dice.uniform(np.log(15), np.log(60))))
        content, country = str(dice.choice(TYPES)), str(dice.choice(COUNTRIES))
        return Plant(kind, start, start + 4 * HOUR, size, channel, content, country, campaign=900_000 + number)
    content = str(dice.choice([name for name in TYPES if name != "unknown"]))
    return Plant(kind, start, start + 12 * HOUR, float(dice.uniform(0.2, 0.5)), channel, content)


def names(plant: Plant, change: Change) -> bool:
    """Whether a change is this plant: its kind (a share that rises may be told as a surge) and exactly its subject."""
    if not plant.start <= change.found_at // 1000 <= plant.end + GRACE or change.channel != plant.channel:
        return False
    if plant.kind == "new-campaign":
        return change.kind == plant.kind and change.campaign == plant.campaign
    kinds = {"share-shift": ("share-shift", "surge"), "surge": ("surge", "share-shift")}.get(plant.kind, (plant.kind,))
    same = ("content_type", "country", "recipient_country")
    return (
        change.kind in kinds
        and all(getattr(change, name) == getattr(plant, name) for name in same)
        and (not plant.transit or change.transit == "-".join(plant.transit))
    )


def explains(plant: Plant, change: Change) -> bool:
    """Whether a change is about the same channel at the same time: not exactly the plant, but moved by it."""
    return change.channel == plant.channel and plant.start <= change.found_at // 1000 <= plant.end + 7 * HOUR


def opened(folder: Path) -> tuple[Events, Records]:
    """Empty stores. Rollups that no look reads are not fed: thousands of small inserts go faster without them."""
    settings = config.load(data=folder)
    events, records = Events.open(settings), Records.open(settings)
    events.migrate()
    records.migrate()
    unread = [rollup for rollup in ROLLUPS if rollup.name not in READ]
    for name in [rollup_tables.feed(rollup, step) for rollup in unread for step in rollup.steps]:
        events._write(partial(_drop, name))
    return events, records


def _drop(name: str, client: Any) -> None:
    client.command(f"DROP VIEW {name}")


def replay(world: World, folder: Path, more: int) -> tuple[list[Change], list[float]]:
    """Every change that was opened, and the processor seconds of each look."""
    events, records = opened(folder)
    days = HISTORY + more
    noises = {channel: world.noise(channel, days) for channel in CHANNELS}
    for number in range(HISTORY):
        events.insert(world.day(number, noises), f"day-{number}")
    lookout, looks = Lookout(events.query, records), []
    for number in range(HISTORY, days):
        rows = world.day(number, noises)
        at = pc.cast(rows["received_at"], pa.int64()).to_numpy() // 1000
        for step in range(world.start + number * DAY, world.start + (number + 1) * DAY, STEP):
            low, high = np.searchsorted(at, [step, step + STEP])
            events.insert(rows.slice(low, high - low), f"step-{step}")
            begun = time.process_time()
            lookout.look(step + STEP)
            looks.append(time.process_time() - begun)
    with records.read() as conn:
        found = list(changes.list(conn, limit=100_000))
    events.close()
    records.close()
    return found[::-1], looks


def _line(world: World, change: Change) -> str:
    day = (change.found_at / 1000 - world.start) / DAY
    what = "/".join(
        filter(None, [change.channel, change.content_type, change.country, change.recipient_country, change.transit])
    )
    hit = [plant for plant in world.plants if names(plant, change)]
    near = "planted" if hit else "about a plant" if any(explains(p, change) for p in world.plants) else "FALSE"
    return (
        f"  day {day:.2f} {change.kind} {what} {change.campaign or ''} {change.observed:.5g} for {change.expected:.5g}"
        f" ({change.low:.3g}-{change.high:.3g}) score {change.score:.1f} in {change.span // 60_000} min: {near}"
    )


def run(part: str) -> dict[str, object]:
    """One of the two replays: the quiet days, or those with plants, each after its own four weeks of history."""
    days = {"quiet": QUIET, "planted": PLANTED}[part]
    world = World(SEED, START)
    world.plants = plants(world) if part == "planted" else []
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        found, looks = replay(world, Path(folder), days)
    lines = [_line(world, change) for change in found]
    delays: dict[str, list[float]] = {plant.kind: [] for plant in world.plants}
    missed = []
    for plant in world.plants:
        hits = [change.found_at / 1000 - plant.start for change in found if names(plant, change)]
        delays[plant.kind] += [min(hits) / 60] if hits else []
        missed += [] if hits else [str(plant)]
    stray = sum(line.endswith("FALSE") for line in lines)
    kinds = Counter(change.kind for change in found)
    return {"lines": lines, "delays": delays, "missed": missed, "kinds": kinds, "stray": stray, "looks": looks}


def apart(part: str) -> "subprocess.Popen[str]":
    """A replay in a process of its own: one process at a time has the engine, and there are two processors."""
    return subprocess.Popen([sys.executable, "-m", "bench.changes", part], stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Both replays, and what came of them."""
    began = time.perf_counter()
    both = [apart("quiet"), apart("planted")]
    quiet, planted = (json.loads(process.communicate()[0]) for process in both)
    for part, told in (("quiet", quiet), ("planted", planted)):
        print("\n".join([f"{part}:", *told["lines"], *(f"  not found: {plant}" for plant in told["missed"])]))
    kinds = Counter(plant.kind for plant in plants(World(SEED, START)))
    rows: list[list[object]] = []
    for kind, delays in planted["delays"].items():
        rows.append([kind, kinds[kind], len(delays), statistics.median(delays or [0.0]), max(delays, default=0.0)])
    table(f"Planted changes, seed {SEED}", ["kind", "planted", "found", "median minutes", "worst minutes"], rows)
    alarms: list[list[object]] = [[kind, QUIET, count] for kind, count in quiet["kinds"].items()]
    table("False alarms", ["kind", "quiet days", "alarms"], alarms)
    looks = [*quiet["looks"], *planted["looks"]]
    print(
        f"with plants: {len(planted['lines'])} changes in {PLANTED} days, {planted['stray']} about no plant\n"
        f"a look: median {statistics.median(looks) * 1000:.0f} ms, worst {max(looks) * 1000:.0f} ms of processor time;"
        f" {time.perf_counter() - began:.0f} s in all"
    )
    every = [delay for some in planted["delays"].values() for delay in some]
    bars(
        [
            ("planted_found", len(every), 45, True),
            ("median_minutes_to_detection", statistics.median(every or [1e9]), 15, False),
            ("false_alarms_per_quiet_day", len(quiet["lines"]) / QUIET, 0.5, False),
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(run(sys.argv[1])))
    else:
        main()
