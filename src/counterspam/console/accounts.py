"""`counterspam accounts` and `counterspam audit`."""

from typing import Any

from counterspam.config import Config
from counterspam.console.client import connect
from counterspam.console.output import Form, moment, remark, show, show_record
from counterspam.errors import CounterspamError

ONCE = "The password is kept nowhere: write it down now."


def create(config: Config, name: str, display: str, roles: list[str], form: Form) -> None:
    """Make an account and show its first password, this once."""
    with connect(config) as client:
        made = client.post("/accounts", json={"name": name, "display": display, "roles": roles})
    _one(made, form)


def show_all(config: Config, form: Form) -> None:
    """All accounts."""
    with connect(config) as client:
        rows = client.get("/accounts")["rows"]
    if form == Form.TABLE:
        rows = [_readable(row) for row in rows]
    show(rows, form, "Accounts")


def change(
    config: Config, name: str, roles: list[str] | None, disabled: bool | None, password: bool, form: Form
) -> None:
    """Change an account; a new password is shown this once."""
    wanted: dict[str, Any] = {"new_password": password}
    wanted |= {} if roles is None else {"roles": roles}
    wanted |= {} if disabled is None else {"disabled": disabled}
    with connect(config) as client:
        found = [row for row in client.get("/accounts")["rows"] if row["name"] == name.strip().lower()]
        if not found:
            raise CounterspamError(f"there is no account {name}")
        changed = client.patch(f"/accounts/{found[0]['id']}", json=wanted)
    _one(changed, form)


def audit(config: Config, action: str, limit: int, form: Form) -> None:
    """The newest rows of the audit log."""
    with connect(config) as client:
        rows = client.get("/audit", action=action or None, limit=limit)["rows"]
    if form == Form.TABLE:
        rows = [{**row, "at": moment(row["at"]), "mac": row["mac"][:12]} for row in rows]
    show(rows, form, "Audit log")


def audit_check(config: Config, form: Form) -> bool:
    """Whether the chain fits; says so."""
    with connect(config) as client:
        checked = client.get("/audit/check")
    show_record(checked, form, "Audit log")
    if checked["broken"]:
        remark(f"the log was tampered with: row {checked['broken']} does not fit")
    return not checked["broken"]


def _one(row: dict[str, Any], form: Form) -> None:
    table = form == Form.TABLE
    show_record(_readable(row) if table else row, form, f"Account {row['name']}")
    if table and row["password"]:
        remark(ONCE)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    shown = {**row, "roles": " ".join(row["roles"])}
    shown |= {name: moment(row[name]) for name in ("created_at", "last_used", "disabled_at")}
    return {name: value for name, value in shown.items() if value != ""}
