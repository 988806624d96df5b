"""`counterspam publish`: publish an ended period, or list what is published."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from counterspam.config import Config
from counterspam.console.client import connect
from counterspam.console.output import Form, show, show_record
from counterspam.errors import ConfigError


def publish(config: Config, period: str, reason: str, form: Form) -> None:
    """Publish a period, or its next revision, which needs a reason."""
    if not period:
        raise ConfigError("name a period, such as 2026-10, or list what is published with --list")
    with connect(config) as client:
        made = client.post(f"/published/{quote(period, safe='')}", json={"reason": reason})
    show_record(made if form == Form.JSON else _readable(made), form, f"Published: {period}")


def show_all(config: Config, period: str, form: Form) -> None:
    """Every revision of a period, or of all."""
    with connect(config) as client:
        rows = [row for row in client.get("/published")["rows"] if period in ("", row["period"])]
    show(rows if form == Form.JSON else [_readable(row) for row in rows], form, "Published periods")


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """What fits a line of a terminal: the day of publication, the beginning of the hash."""
    day = datetime.fromtimestamp(row["published_at"] / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    return {
        "period": row["period"],
        "revision": row["revision"],
        "published_at": day,
        "snapshot": row["snapshot"][:16],
        "summary": row["summary"],
        "reason": row["reason"],
    }
