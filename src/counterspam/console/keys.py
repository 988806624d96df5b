"""`counterspam keys`: make, list and revoke API keys."""

from typing import Any

from counterspam.config import Config
from counterspam.console.client import connect
from counterspam.console.output import Form, moment, remark, show, show_record


def create(config: Config, label: str, scopes: list[str], reporter: str, form: Form) -> None:
    """Make a key and show its secret, this once."""
    with connect(config) as client:
        made = client.post("/keys", json={"label": label, "scopes": scopes, "reporter": reporter})
    show_record(made, form, f"Key for {label}")
    if form == Form.TABLE:
        remark("The secret is kept nowhere: write it down now.")


def show_all(config: Config, form: Form) -> None:
    """All keys without their secrets."""
    with connect(config) as client:
        rows = client.get("/keys")["rows"]
    show(rows if form != Form.TABLE else [_readable(row) for row in rows], form, "Keys")


def revoke(config: Config, key: str) -> None:
    """Make a key worthless."""
    with connect(config) as client:
        client.delete(f"/keys/{key}")
    remark(f"key {key} is revoked")


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    times = ("created_at", "last_used", "revoked_at")
    shown = {**row, "scopes": " ".join(row["scopes"])}
    return {**shown, **{name: moment(row[name]) for name in times}}
