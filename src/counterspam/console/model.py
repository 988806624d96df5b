"""`counterspam decide` and `counterspam model`: decisions about evidence, and the versions that learn from them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from counterspam.config import Config
from counterspam.console.check import read_input
from counterspam.console.client import connect
from counterspam.console.output import Form, print_json, remark, show, show_record
from counterspam.detect.delta import MOST_BYTES
from counterspam.errors import ConfigError

WIDEST = 64


def decide(config: Config, evidence: str, spam: bool, content_type: str, form: Form) -> None:
    """Keep that this evidence is spam or not."""
    with connect(config) as client:
        made = client.post(f"/evidence/{_part(evidence)}/decision", json={"spam": spam, "content_type": content_type})
    show_record(made, form, "Decision")


def show_all(config: Config, form: Form) -> None:
    """The versions, what is used, and how it does."""
    with connect(config) as client:
        found = client.get("/model")
    if form == Form.JSON:
        print_json(found)
        return
    rows = [{**row, "made_at": _time(row["made_at"])} for row in found["versions"]]
    show(rows, form, "Versions of the model")
    if form == Form.TABLE:
        remark(f"shipped model: {found['shipped']}")
        for place, name in found["active"].items():
            held = "; held: nothing new is used until a version is activated" if place in found["held"] else ""
            remark(f"{place} uses {name or 'no version of its own'}{held}")
        for place, why in found["unreadable"].items():
            remark(f"{place}: {why}")
        show([{"jurisdiction": place, **seen} for place, seen in found["drift"].items()], form, "Drift")


def card(config: Config, jurisdiction: str, name: str, form: Form) -> None:
    """The card of a version, or its record as JSON."""
    with connect(config) as client:
        found = client.get(f"/model/versions/{_part(jurisdiction)}/{_part(name)}")
    if form == Form.TABLE:
        print(found["card"])
    else:
        print_json(found)


def learn(config: Config, jurisdiction: str, afresh: bool, form: Form) -> None:
    """Make a version from the decisions since the one in use."""
    with connect(config) as client:
        made = client.post("/model/learn", json={"jurisdiction": jurisdiction, "afresh": afresh})
    _made(made, form)


def activate(config: Config, jurisdiction: str, name: str) -> None:
    """Use a version; "shipped" is the model that came with the program."""
    wanted = "" if name == "shipped" else name
    with connect(config) as client:
        done = client.post("/model/activate", json={"jurisdiction": jurisdiction, "name": wanted})["done"]
    remark(f"{jurisdiction} uses {done}")


def revert(config: Config, jurisdiction: str) -> None:
    """Go back to what the version in use replaced."""
    with connect(config) as client:
        done = client.post("/model/revert", json={"jurisdiction": jurisdiction})["done"]
    remark(f"{jurisdiction} uses {done}; nothing new is used there until a version is activated")


def export_delta(config: Config, jurisdiction: str, least: int, out: Path) -> None:
    """Write what was learned to a file for other nodes."""
    with connect(config) as client:
        data = client.download("/model/delta", jurisdiction=jurisdiction, least=least)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{out}: {error.strerror or error}") from error
    remark(f"{out}: {len(data)} bytes; read docs/learning.md on what it tells before you hand it on")


def import_deltas(config: Config, jurisdiction: str, files: list[Path], trust: list[float], form: Form) -> None:
    """Make a version from files of other nodes; one trust is for all of them."""
    if len(trust) not in (1, len(files)):
        raise ConfigError("give --trust once, or once for each file")
    data = b"".join(read_input(path, 2 * MOST_BYTES) for path in files)
    each = trust * len(files) if len(trust) == 1 else trust
    with connect(config) as client:
        made = client.post("/model/deltas", content=data, jurisdiction=jurisdiction, trust=each)
    _made(made, form)


def _made(made: dict[str, Any], form: Form) -> None:
    show_record(made if form == Form.JSON else {**made, "made_at": _time(made["made_at"])}, form, "Version")
    if not made["active"] and form == Form.TABLE:
        remark("it is kept, but not used; `counterspam model activate` uses it all the same")


def _part(value: str) -> str:
    """A word as a part of a path. Raises ConfigError for what cannot be one."""
    if not value.replace("-", "").isalnum() or not value.isascii() or len(value) > WIDEST:
        raise ConfigError(f"{value[:WIDEST]!r} is no id")
    return value


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
