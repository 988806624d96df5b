"""The frozen data that a report is made from: every answer with its question and parameters, as canonical JSON.

Its id is the SHA-256 of that JSON. The time of asking is not part of it: the same evidence gives the same id.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from counterspam.errors import CounterspamError

EDITION = 1
MOST_BYTES = 16 * 1024 * 1024


class SnapshotTooLarge(CounterspamError):
    """More was answered than a report may hold."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """Content as JSON in UTF-8 with sorted names and no blanks. Raises SnapshotTooLarge."""
    packed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    if len(packed) > MOST_BYTES:
        raise SnapshotTooLarge(f"the snapshot has {len(packed)} bytes; at most {MOST_BYTES} are kept")
    return packed


def identity(content: bytes) -> str:
    """The id of a snapshot: 64 hex digits of SHA-256."""
    return hashlib.sha256(content).hexdigest()


def answer(snapshot: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The answer to a question of the snapshot; without rows where it was not asked or cannot be answered."""
    for query in snapshot["queries"]:
        if query["name"] == name:
            found: Mapping[str, Any] = query["answer"]
            return found
    return {"rows": [], "totals": {}, "small": {}}
