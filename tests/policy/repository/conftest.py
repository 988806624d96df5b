"""What the tests of the repository share: golden files."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "policy" / "repository"


@pytest.fixture
def golden() -> Callable[[str, Any], None]:
    """What compares a value with the golden file of a name; COUNTERSPAM_GOLDEN=write writes it anew, for a person to read."""

    def compare(name: str, found: Any) -> None:
        path = FOLDER / f"{name}.json"
        written = orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n"
        if os.environ.get("COUNTERSPAM_GOLDEN") == "write":
            path.write_bytes(written)
        assert orjson.loads(path.read_bytes()) == orjson.loads(written)

    return compare
