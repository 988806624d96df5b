"""Commands that ask the node: statistics, doctor."""

import shutil
from pathlib import Path

from counterspam.config import MB, Config
from counterspam.console.client import connect
from counterspam.console.output import Form, cell, print_json, remark, show
from counterspam.errors import CounterspamError


def stats(config: Config, question: str, period: str, channel: str, limit: int, form: Form) -> None:
    """The answer to a public question, with what one must know to read it; without a question, the list of them."""
    with connect(config) as client:
        if not question:
            show(client.get("/statistics"), form, "Questions")
            return
        found = client.get(f"/statistics/{question}", period=period, channel=channel or None, limit=limit)
    if form == Form.JSON:
        print_json(found)
        return
    show(found["rows"], form, f"{found['definition'].get('question', question)} ({found['period']['label']})")
    if form == Form.TABLE:
        remark(f"Basis: {found['basis']}")
        if caveats := found["definition"].get("caveats"):
            remark(f"Caveats: {caveats}")
        if found["suppressed"]:
            remark(f"Not shown, fewer than five reports each: {cell(found['suppressed'])}")


def doctor(config: Config, form: Form) -> bool:
    """Whether the node can work and its figures add up, one line for each thing looked at."""
    rows: list[dict[str, str]] = []

    def note(what: str, state: str, detail: str = "") -> None:
        rows.append({"what": what, "state": state, "detail": detail})

    free = shutil.disk_usage(config.data if config.data.exists() else Path()).free
    note("disk", "ok" if free > 1024 * MB else "low", f"{free // MB} MB free")
    try:
        with connect(config) as client:
            note("node", "ok", f"reached at {client.where}")
            for name, state in client.get("/ready")["components"].items():
                note(name, "ok" if state == "ok" else "failing", "" if state == "ok" else state)
            status = client.get("/status")
            note("backlog", "ok", f"{status['backlog_items']} items, {status['backlog_bytes']} bytes")
            damaged = status["damaged"]
            note("spool", "damaged" if damaged else "ok", f"{damaged} damaged places" if damaged else "")
            differences = client.get("/reconcile")
            note(
                "figures", "differ" if differences else "ok", "; ".join(differences) or "doors, stores and pages add up"
            )
    except CounterspamError as error:
        note("node", "failing", str(error))
    show(rows, form, "Doctor")
    return all(row["state"] == "ok" for row in rows)
