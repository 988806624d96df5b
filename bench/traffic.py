"""Made-up traffic of a node with rhythm, noise and campaigns, and changes planted into it.

The rate of each channel follows the hour and the weekday, wanders from day to day and from hour to hour, and a fifth of all
messages belong to campaigns of very different sizes that come and go: this is what a normal week looks like here.
"""

import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from counterspam.store import rows

DAY, HOUR = 86_400, 3_600
CHANNELS = {"email": 0.5, "sms": 0.3, "voice": 0.12, "im": 0.08}
TYPES = ["parcel", "bank", "loan", "job-offer", "crypto-investment", "pharmacy", "unknown", "gambling"]
COUNTRIES = [a + b for a in "ABCDEF" for b in "ABCDEFGHIJ"]  # sixty made-up codes
HUBS = ["XA", "XB", "XC", "XD"]
DESTINATIONS = {"ZA": 0.7, "ZB": 0.2, "ZC": 0.1}
SOURCES = ["user-report", "trap", "filter"]
MEAN_COUNT = 3  # messages that a record stands for
CAMPAIGNS_A_DAY = 300


@dataclass(frozen=True)
class Plant:
    """A change put in: `size` is how many times the usual for a surge, messages a minute for what is new, and the part of
    the other types that turns into this one for a shift."""

    kind: str
    start: int
    end: int
    size: float
    channel: str
    content_type: str = ""
    country: str = ""
    recipient_country: str = ""
    transit: tuple[str, ...] = ()
    campaign: int = 0


@dataclass
class World:
    """One made-up country. `rate` messages a minute on average, from `start` (midnight, seconds)."""

    seed: int
    start: int
    rate: float = 120.0
    plants: list[Plant] = field(default_factory=list)

    @cached_property
    def _mix(self) -> dict[str, dict[str, Any]]:
        dice = np.random.default_rng([self.seed, 1])
        mix = {}
        for channel in CHANNELS:
            origins = 1 / np.arange(1, len(COUNTRIES) + 1) ** 1.3
            mix[channel] = {
                "types": dice.dirichlet(np.full(len(TYPES), 2.0)),
                "origins": dice.permutation(origins / origins.sum()),
                "peak": dice.uniform(8, 20),
                "swing": dice.uniform(0.4, 0.8),
                "weekend": dice.uniform(0.5, 1.1),
            }
        return mix

    def usual(self, channel: str, at: int) -> float:
        """Messages a minute of a channel by the clock, without noise."""
        mix = self._mix[channel]
        hour = at / HOUR % 24
        rhythm = 1 + mix["swing"] * np.cos((hour - mix["peak"]) / 24 * 2 * np.pi)
        weekend = mix["weekend"] if (at // DAY + 3) % 7 >= 5 else 1.0
        return float(self.rate * CHANNELS[channel] * rhythm * weekend)

    def part(self, channel: str, content_type: str = "", country: str = "", recipient_country: str = "") -> float:
        """The usual share of a part in its channel."""
        mix = self._mix[channel]
        share = mix["types"][TYPES.index(content_type)] if content_type else 1.0
        share *= mix["origins"][COUNTRIES.index(country)] if country else 1.0
        return float(share * (DESTINATIONS[recipient_country] if recipient_country else 1.0))

    def noise(self, channel: str, days: int) -> Any:
        """What each hour is multiplied with: days wander, hours too; rows are the types."""
        dice = np.random.default_rng([self.seed, 2, list(CHANNELS).index(channel)])
        slow = _wander(dice, (1, days), 0.8, 0.2).repeat(24, axis=1)
        types = _wander(dice, (len(TYPES), days), 0.8, 0.25).repeat(24, axis=1)
        fast = _wander(dice, (len(TYPES), days * 24), 0.6, 0.15)
        return np.exp(slow + types + fast)

    def day(self, number: int, noises: dict[str, Any]) -> pa.Table:
        """All evidence received on a day, in order."""
        dice = np.random.default_rng([self.seed, 3, number])
        parts = [self._background(dice, number, channel, noises[channel]) for channel in CHANNELS]
        parts += [self._campaigns(dice, number)]
        midnight = self.start + number * DAY
        parts += [found for plant in self.plants if (found := self._planted(plant, midnight, parts))]
        found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        order = np.argsort(found["at"], kind="stable")
        return _table({name: values[order] for name, values in found.items()}, dice)

    def _background(self, dice: Any, number: int, channel: str, noise: Any) -> dict[str, Any]:
        midnight = self.start + number * DAY
        found = []
        for hour in range(24):
            at = midnight + hour * HOUR
            rates = self.usual(channel, at) * 60 / MEAN_COUNT * 0.8
            counts = dice.poisson(rates * self._mix[channel]["types"] * noise[:, number * 24 + hour])
            types = np.repeat(np.arange(len(TYPES)), counts)
            found.append(np.stack([at + dice.random(len(types)) * HOUR, types]))
        at, types = np.concatenate(found, axis=1)
        campaigns = np.where(dice.random(len(at)) < 0.5, dice.zipf(1.4, len(at)).clip(1, 3000), 0)
        return self._rows(dice, channel, at, np.array(TYPES)[types.astype(int)], campaigns)

    def _campaigns(self, dice: Any, number: int) -> dict[str, Any]:
        """What the campaigns of this day and of the days before bring today; each has one channel, type and origin."""
        midnight, found = self.start + number * DAY, []
        for before in range(4):
            of = np.random.default_rng([self.seed, 4, number - before + 10])
            for index in range(of.poisson(CAMPAIGNS_A_DAY)):
                size, hours = int(of.lognormal(np.log(60), 1.0)), of.lognormal(np.log(8), 0.7)
                channel = str(of.choice(list(CHANNELS), p=list(CHANNELS.values())))
                mix = self._mix[channel]
                begins = midnight - before * DAY + of.random() * DAY
                at = begins + of.gamma(2, hours * HOUR / 2, size // MEAN_COUNT + 1)
                content, origin = of.choice(TYPES, p=mix["types"]), of.choice(COUNTRIES, p=mix["origins"])
                at = at[(at >= midnight) & (at < midnight + DAY)]
                if len(at):
                    campaign = np.full(len(at), 10_000 + (number - before + 10) * 1000 + index)
                    one = self._rows(dice, channel, at, np.full(len(at), content), campaign)
                    one["country"] = np.full(len(at), origin)
                    found.append(one)
        return {name: np.concatenate([one[name] for one in found]) for name in found[0]}

    def _rows(self, dice: Any, channel: str, at: Any, types: Any, campaigns: Any) -> dict[str, Any]:
        count, mix = len(at), self._mix[channel]
        source = dice.choice(SOURCES, count, p=[0.4, 0.35, 0.25])
        hub = np.where(dice.random(count) < 0.1, dice.choice(HUBS[:2], count), "")
        return {
            "at": at,
            "channel": np.full(count, channel),
            "source": np.where(channel == "voice", "call-record", source),
            "content_type": types,
            "country": dice.choice(COUNTRIES, count, p=mix["origins"]),
            "recipient_country": dice.choice(list(DESTINATIONS), count, p=list(DESTINATIONS.values())),
            "hub": hub,
            "count": dice.integers(1, 2 * MEAN_COUNT, count),
            "campaign": campaigns,
        }

    def _planted(self, plant: Plant, midnight: int, parts: list[dict[str, Any]]) -> dict[str, Any] | None:
        """What a plant adds on this day; a shift turns what is there."""
        start, end = max(plant.start, midnight), min(plant.end, midnight + DAY)
        if start >= end:
            return None
        dice = np.random.default_rng([self.seed, 5, self.plants.index(plant), midnight // DAY])
        if plant.kind == "share-shift":
            part = parts[list(CHANNELS).index(plant.channel)]
            hit = (part["at"] >= start) & (part["at"] < end) & (dice.random(len(part["at"])) < plant.size)
            part["content_type"] = np.where(hit, plant.content_type, part["content_type"])
            return None
        found = []
        for at in range(start - start % 300, end, 300):
            a_minute = plant.size
            if plant.kind == "surge":
                share = self.part(plant.channel, plant.content_type, plant.country, plant.recipient_country)
                a_minute = (plant.size - 1) * self.usual(plant.channel, at) * share
            times = at + dice.random(dice.poisson(a_minute * 5 / MEAN_COUNT)) * 300
            found.append(times[(times >= start) & (times < end)])
        at = np.concatenate(found)
        types = dice.choice(TYPES, len(at), p=self._mix[plant.channel]["types"])
        one = self._rows(dice, plant.channel, at, types, np.full(len(at), plant.campaign))
        if not plant.campaign:
            one["campaign"] = dice.integers(5_000, 6_000, len(at))  # small ones, each long known
        for name in ("content_type", "country", "recipient_country"):
            if getattr(plant, name):
                one[name] = np.full(len(at), getattr(plant, name))
        if plant.transit:
            one["hub"] = np.full(len(at), plant.transit[0])
        return one


def _wander(dice: Any, shape: tuple[int, int], keep: float, size: float) -> Any:
    """Noise that wanders: each step keeps a part of the last one; its standard deviation is `size`."""
    steps = dice.normal(0, size * np.sqrt(1 - keep**2), shape)
    steps[:, 0] /= np.sqrt(1 - keep**2)
    for column in range(1, shape[1]):
        steps[:, column] += keep * steps[:, column - 1]
    return steps


def _table(found: dict[str, Any], dice: Any) -> pa.Table:
    received = (found["at"] * 1000).astype(np.int64)
    count = len(received)
    tails = dice.integers(0, 2**62, count)
    ids = [
        str(uuid.UUID(int=int(at) << 80 | 7 << 76 | 2 << 62 | int(tail)))
        for at, tail in zip(received, tails, strict=True)
    ]
    hubs = found["hub"]
    lengths = (hubs != "").astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    inner = rows.SCHEMA.field("transit").type.value_type
    reporters = dice.integers(0, 50_000, count).astype(str)
    values: dict[str, Any] = {
        "id": ids,
        "received_at": received,
        "observed_at": received,
        "reporter": np.where(found["source"] == "user-report", reporters, ""),
        "transit": pa.ListArray.from_arrays(offsets, pa.array(hubs[hubs != ""].astype(object), inner)),
        "count": found["count"].astype(np.uint32),
        "campaign": found["campaign"].astype(np.uint64),
        "seen_before": np.where(found["campaign"] > 0, 1, 0).astype(np.uint32),
        "spam": np.ones(count, np.uint8),
        "synthetic": np.ones(count, np.uint8),
        **{name: found[name] for name in ("channel", "source", "content_type", "country", "recipient_country")},
    }
    columns = [_column(values.get(item.name, [_blank(item.type)] * count), item.type) for item in rows.SCHEMA]
    return pa.Table.from_arrays(columns, schema=rows.SCHEMA)


def _blank(kind: pa.DataType) -> object:
    return [] if pa.types.is_list(kind) else "" if pa.types.is_string(kind) or pa.types.is_dictionary(kind) else 0


def _column(value: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(value, pa.Array):
        return value
    if pa.types.is_timestamp(kind):
        return pa.array(value, pa.int64()).cast(kind)
    if pa.types.is_dictionary(kind):
        return pa.array(np.asarray(value).astype(object), pa.string()).dictionary_encode().cast(kind)
    return pa.array(np.asarray(value).astype(object) if pa.types.is_string(kind) else value, kind)
