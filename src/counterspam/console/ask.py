"""Commands that ask the node: check one message, statistics, doctor."""

import shutil
import sys
from pathlib import Path
from typing import Any

from counterspam.config import MB, Config
from counterspam.console.client import connect
from counterspam.console.output import Form, cell, print_json, remark, show, show_record
from counterspam.errors import ConfigError, CounterspamError


def read_input(path: Path, limit: int) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as file:
                data = file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    if len(data) > limit:
        raise ConfigError(f"{path}: larger than {limit // MB} MB")
    return data


def check(config: Config, path: Path, form: Form, *, source: str, channel: str) -> bool:
    """What a message is and why; whether everything in it could be read."""
    data = read_input(path, 4 * MB)
    with connect(config, work=True) as client:
        found = client.post("/check", content=data, source=source, channel=channel)
    if form == Form.JSON:
        print_json(found)
    elif form == Form.CSV:
        show([_line(finding) for finding in found["findings"]], form)
    else:
        for finding in found["findings"]:
            _explain(finding)
        if found["rejected"]:
            show(found["rejected"], form, "Rejected")
        if found["records"] > len(found["findings"]) + len(found["rejected"]):
            remark(f"the first of {found['records']} records are shown")
    return not found["rejected"]


def _line(finding: dict[str, Any]) -> dict[str, Any]:
    evidence, verdict, origin = finding["evidence"], finding["verdict"], finding["origin"]
    return {
        "id": evidence["id"],
        "format": evidence["format"],
        "channel": evidence["channel"],
        "sender": evidence["sender"],
        "subject": evidence["subject"],
        "spam": verdict["spam"],
        "probability": round(verdict["probability"], 4),
        "content_type": verdict["content_type"],
        "nature": verdict["nature"],
        "payload": verdict["payload"],
        "technique": verdict["technique"],
        "summary": verdict["summary"],
        "country": origin["country"],
        "network": origin["network"],
        "operator": origin["operator"],
    }


def _explain(finding: dict[str, Any]) -> None:
    show_record(_line(finding), Form.TABLE, "Verdict")
    show(finding["verdict"]["checks"], Form.TABLE, "Checks (weight in log-odds: above 0 speaks for spam)")
    if finding["origin"]["hops"]:
        hops = [{k: v for k, v in hop.items() if k != "at"} for hop in finding["origin"]["hops"]]
        show(hops, Form.TABLE, "Route, newest first")


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
