"""What the path needs besides the evidence; opened once per process by `pipeline.open_tools` and handed to every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterspam.config import Config

if TYPE_CHECKING:
    from counterspam.detect.learned import Model
    from counterspam.detect.lists import Lists
    from counterspam.locate.network import Networks


@dataclass(frozen=True)
class Tools:
    """`key` is the node's secret for pseudonyms; `seconds` adds up the time that each step took."""

    config: Config
    key: bytes
    networks: Networks
    model: Model
    lists: Lists
    seconds: dict[str, float] = field(default_factory=dict)
