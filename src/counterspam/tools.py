"""What the path needs besides the evidence; opened once per process by `pipeline.open_tools` and handed to every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from counterspam.config import Config
from counterspam.model import Evidence, Facts, Verdict

if TYPE_CHECKING:
    from counterspam.detect.learned import Model
    from counterspam.detect.lists import Lists
    from counterspam.detect.machine import Machine
    from counterspam.locate.network import Networks


@dataclass(frozen=True)
class Tools:
    """`key` is the node's secret for pseudonyms; `model` is the learned model of all jurisdictions but those in `own`, `stamp`
    what differs when another version of either is chosen (see `pipeline.renewed`); `spans` asks verdicts for the stretches
    of text that weighed, which costs as much as all checks together; `seconds` adds up the time that each step took, `known`
    remembers answers about records of aggregate reports; `machine` scores machine-written text, None where a node's own model
    brings no such score."""

    config: Config
    key: bytes
    networks: Networks
    model: Model
    lists: Lists
    own: Mapping[str, Model] = field(default_factory=dict)
    stamp: tuple[int, ...] = ()
    spans: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    machine: Machine | None = None
    known: dict[tuple[Any, ...], tuple[Evidence, Facts, Verdict]] = field(default_factory=dict)
