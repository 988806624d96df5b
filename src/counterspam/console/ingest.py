"""`counterspam ingest`: read files, send what is in them to the node, wait until it is stored, and account for all of it."""

import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.progress import Progress

from counterspam.collect import directory
from counterspam.collect.unpack import Problem
from counterspam.config import MB, Config
from counterspam.console.client import Client, Refused, connect
from counterspam.console.output import Form, print_json, progress, remark, show
from counterspam.errors import ConfigError, CounterspamError
from counterspam.model import Raw

BATCH_BYTES, BATCH_ITEMS = 4 * MB, 500
MOST_SHOWN = 50
COUNTS = ("read", "accepted", "duplicate", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says about the evidence."""

    paths: tuple[Path, ...]
    source: str = ""
    channel: str = ""
    jurisdiction: str = ""
    mapping: str = ""


@dataclass
class Run:
    """What one run sent and what became of it."""

    intake: str = field(default_factory=lambda: f"ingest-{secrets.token_hex(4)}")
    sent: int = 0
    unreadable: list[dict[str, str]] = field(default_factory=list)


def parse_mapping(given: str) -> dict[str, str]:
    """`COLUMN=FIELD,COLUMN=FIELD` as a mapping."""
    found = {}
    for pair in filter(None, given.split(",")):
        column, sign, name = pair.partition("=")
        if not (sign and column.strip() and name.strip()):
            raise ConfigError(f"--map {pair!r}: write COLUMN=FIELD, separated by commas")
        found[column.strip()] = name.strip()
    return found


def frame(raw: Raw, intake: str) -> bytes:
    """A raw item as POST /raw takes it."""
    meta = {
        "size": len(raw.data),
        "intake": intake,
        "name": raw.name,
        "source": raw.source,
        "channel": raw.channel,
        "jurisdiction": raw.jurisdiction,
        "mapping": dict(raw.mapping),
        "first": raw.first,
    }
    head = orjson.dumps(meta)
    return len(head).to_bytes(4, "big") + head + raw.data


def batches(frames: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Frames gathered for one request."""
    batch: list[bytes] = []
    size = 0
    for one in frames:
        batch.append(one)
        size += len(one)
        if size >= BATCH_BYTES or len(batch) >= BATCH_ITEMS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def send(client: Client, batch: list[bytes]) -> None:
    """Send frames; when the node says "later", wait and go on with those that it has not taken."""
    while batch:
        try:
            taken = client.post("/raw", content=b"".join(batch))["taken"]
        except Refused as refused:
            if refused.status != 503:
                raise
            taken = int(refused.members.get("taken", 0))
            time.sleep(min(refused.retry_after, 10))
        batch = batch[taken:]


def wait(client: Client, run: Run, bars: Progress) -> None:
    """Until everything of the run is worked off, or the node says that it cannot."""
    bar = bars.add_task("storing", total=run.sent)
    looks = 0
    while pending := client.get("/intake", intake=run.intake)["pending"]:
        bars.update(bar, completed=run.sent - pending)
        looks += 1
        if looks % 20 == 0 and (fault := client.get("/ready")["components"].get("node", "ok")) != "ok":
            raise CounterspamError(
                f"the node has stopped working: {fault}; what was sent is kept and stored after a restart"
            )
        time.sleep(min(0.05 * looks, 0.5))
    bars.update(bar, completed=run.sent)


def account(client: Client, run: Run, form: Form) -> bool:
    """Print what became of the run; False when a file could not be read, or when all that was read was rejected.

    Raises CounterspamError when the figures do not add up.
    """
    found = client.get("/intake", intake=run.intake) if run.sent else {"rows": [], "reasons": []}
    rows = [{"format": row["format"] or "unknown", **{name: row[name] for name in COUNTS}} for row in found["rows"]]
    if run.unreadable:
        lost = len(run.unreadable)
        rows.append({"format": "not readable", **dict.fromkeys(COUNTS, 0), "read": lost, "rejected": lost})
    total = {name: sum(row[name] for row in rows) for name in COUNTS}
    if form == Form.JSON:
        reasons, unreadable = found["reasons"], run.unreadable
        print_json(
            {
                "intake": run.intake,
                "items": run.sent,
                **total,
                "formats": rows,
                "reasons": reasons,
                "unreadable": unreadable,
            }
        )
    else:
        show([*rows, {"format": "total", **total}], form)
    if form == Form.TABLE:
        _explain(found["reasons"], run)
    if total["read"] != total["accepted"] + total["duplicate"] + total["rejected"]:
        raise CounterspamError("read is not accepted + duplicate + rejected: please report this")
    return not run.unreadable and (not total["read"] or total["rejected"] < total["read"])


def _explain(reasons: list[dict[str, Any]], run: Run) -> None:
    if reasons:
        show(reasons, Form.TABLE, "Rejected records, by reason (the operator page lists them)")
    if run.unreadable:
        show(run.unreadable[:MOST_SHOWN], Form.TABLE, "Could not be read")
    if len(run.unreadable) > MOST_SHOWN:
        remark(f"and {len(run.unreadable) - MOST_SHOWN} more (all of them with -o json)")


def ingest(config: Config, given: Given, form: Form, *, waiting: bool = True) -> bool:
    """Send what is in the files, wait until it is stored, account for it; whether everything could be read."""
    run = Run()
    _check(given)
    with connect(config, work=True) as client, progress() as bars:
        bar = bars.add_task("reading", total=None)

        def moved(done: int, total: int, name: str) -> None:
            bars.update(bar, completed=done // 1024, total=total // 1024 or None, description="reading (KB)")

        for batch in batches(_frames(directory.read(given.paths, _options(given, run, config, moved)), run)):
            send(client, batch)
            run.sent += len(batch)
        if run.sent and not waiting and client.where != "this process":
            bars.stop()
            remark(f"{run.sent} items are accepted as {run.intake} and are being worked off")
            return not run.unreadable
        if run.sent:
            wait(client, run, bars)
        bars.stop()
        return account(client, run, form)


def _check(given: Given) -> None:
    """Refuse what can only be a slip, before anything is opened."""
    for path in given.paths:
        if str(path) != "-" and not path.exists():
            raise ConfigError(f"{path}: there is no such file or folder")
    if given.jurisdiction and not (given.jurisdiction.isupper() and len(given.jurisdiction) == 2):
        raise ConfigError("--jurisdiction is an ISO 3166-1 alpha-2 code in capitals")
    parse_mapping(given.mapping)


def _options(given: Given, run: Run, config: Config, moved: directory.Progress) -> directory.Options:
    """The node stamps id and time when it takes an item, so they are left empty here."""
    return directory.Options(
        intake=run.intake,
        now=lambda: 0,
        new_id=str,
        source=given.source,
        channel=given.channel,
        jurisdiction=given.jurisdiction,
        mapping=parse_mapping(given.mapping),
        max_item=config.max_item_mb * MB,
        progress=moved,
    )


def _frames(items: Iterable[Raw | Problem], run: Run) -> Iterator[bytes]:
    for item in items:
        if isinstance(item, Raw):
            yield frame(item, run.intake)
        else:
            run.unreadable.append({"name": item.name, "reason": str(item.reason), "detail": item.detail})
