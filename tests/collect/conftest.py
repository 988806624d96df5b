"""Options with a counting id and a fixed clock."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from counterspam.collect.directory import Options


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):032x}"


@pytest.fixture
def options(new_id: Callable[[], str]) -> Callable[..., Options]:
    def build(**fields: Any) -> Options:
        return Options(**{"intake": "test", "now": lambda: 1_700_000_000_000, "new_id": new_id, **fields})

    return build
