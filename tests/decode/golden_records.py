"""Golden files of decoders: tests/golden/decode/FORMAT/NAME.EXT is read, NAME.json says what must come out.

`COUNTERSPAM_UPDATE=1 pytest ...` writes the expected files anew; read the difference before committing it.
"""

import dataclasses
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from counterspam.errors import DecodeError
from counterspam.model import Evidence, Raw, Rejected

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "decode"
NOW = 1_767_312_000_000  # 2026-01-02T00:00:00Z


def raw(data: bytes, **given: Any) -> Raw:
    return Raw(**{"id": "0" * 32, "data": data, "received_at": NOW, "intake": "test", **given})


def run(module: Any, item: Raw) -> list[Evidence | Rejected]:
    """All that a decoder makes of `item`; a DecodeError becomes the one Rejected that the pipeline would make of it."""
    try:
        return list(module.decode(item))
    except DecodeError as error:
        return [Rejected(error.reason, error.detail)]


def accepted(records: Iterable[Evidence | Rejected]) -> list[Evidence]:
    return [record for record in records if isinstance(record, Evidence)]


def rejected(records: Iterable[Evidence | Rejected]) -> list[Rejected]:
    return [record for record in records if isinstance(record, Rejected)]


def plain(record: Evidence | Rejected) -> dict[str, Any]:
    """A record as JSON, without ids and without what is at its default."""
    values = dataclasses.asdict(record)
    for field in dataclasses.fields(record):
        default = field.default_factory() if callable(field.default_factory) else field.default
        if field.name in ("id", "key", "intake", "format") or getattr(record, field.name) == default:
            del values[field.name]
    return json.loads(json.dumps(values, default=lambda value: value.decode("utf-8", "replace")))


def samples(format: str) -> list[Path]:
    return sorted(path for path in (GOLDEN / format).iterdir() if path.suffix != ".json" or ".in" in path.name)


def compare(path: Path, records: list[Evidence | Rejected]) -> None:
    """Hold `records` against the expected file beside `path`."""
    expected = path.with_name(path.name.split(".")[0] + ".json")
    found = [plain(record) for record in records]
    if os.environ.get("COUNTERSPAM_UPDATE"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
