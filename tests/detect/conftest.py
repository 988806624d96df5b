"""Evidence and tools for the tests of the checks."""

from collections.abc import Callable
from typing import Any

import pytest

from counterspam.config import Config
from counterspam.detect.lists import Lists
from counterspam.model import Evidence, Span
from counterspam.taxonomy import Channel, Source
from counterspam.tools import Tools


class FixedModel:
    """A model that finds the same stretch in every text."""

    version = "fixed-1"

    def spans(self, evidence: Evidence) -> tuple[Span, ...]:
        return (Span("text", 0, min(4, len(evidence.text)), 1.0),)


def open_tools(lists: Lists | None = None, **settings: Any) -> Tools:
    model: Any = FixedModel()
    networks: Any = None
    return Tools(config=Config(**settings), key=b"k" * 32, networks=networks, model=model, lists=lists or Lists())


def build(**fields: Any) -> Evidence:
    given = {
        "id": "00000000-0000-7000-8000-000000000001",
        "key": "0" * 32,
        "received_at": 1_700_000_000_000,
        "observed_at": 1_700_000_000_000,
        "channel": Channel.SMS,
        "source": Source.USER_REPORT,
        "format": "test",
        "intake": "test",
    }
    return Evidence(**{**given, **fields})


@pytest.fixture
def make() -> Callable[..., Evidence]:
    """Builds evidence from the fields that matter to a test."""
    return build


@pytest.fixture
def tools() -> Tools:
    """Tools without lists, with a model that always finds the same."""
    return open_tools()


@pytest.fixture
def with_lists() -> Callable[..., Tools]:
    """Tools with the given lists."""
    return open_tools
