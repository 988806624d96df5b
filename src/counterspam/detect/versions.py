"""The versions of the learned model that a node has made: one folder each, never changed, and a small file that says which
is used.

    data/models/all/0001-0123456789ab/    model.json model.npz   as `learned.load` reads them
                                          version.json           what was learned, from which parent, how it did
                                          card.md                the same for people
                                          support.npz            in how many messages each bucket was met (see `delta`)
    data/models/FR/...                    the same for a jurisdiction with a model of its own
    data/models/active.json               which version each uses; replaced as a whole, so that workers see it at once or not
"""

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import re2

from counterspam.detect import learned
from counterspam.detect.learned import Model
from counterspam.errors import ConfigError

FOLDER = "models"  # inside the data folder
ALL = "all"  # who has no model of their own
SHIPPED = ""  # the name of the version that came with the program, or that the setting `model` names
FORMAT = 1
MOST_LOG = 200
MOST_OWN = 64  # jurisdictions with a model of their own
_NAME = re2.compile(r"(\d{4,9})-[0-9a-f]{12}")
_PLACE = re2.compile(r"all|[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Version:
    """One version: whose it is, its name NNNN-HASH, its folder and its record."""

    jurisdiction: str
    name: str
    folder: Path
    record: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The hash that verdicts carry."""
        return self.name.rpartition("-")[2]


@dataclass(frozen=True, slots=True)
class State:
    """What is used. `chosen` is jurisdiction -> name, SHIPPED for none; `held` are those that an operator took back to an
    earlier version: nothing new is used there until one is chosen by hand. `log` has the latest choices, the newest last."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    log: tuple[Mapping[str, Any], ...] = ()


def known(jurisdiction: str) -> str:
    """The same word when it can name a model. Raises ConfigError."""
    if not _PLACE.fullmatch(jurisdiction):
        raise ConfigError(f"{jurisdiction[:20]!r} is neither a country (two capitals) nor `all`")
    return jurisdiction


def listed(root: Path, jurisdiction: str = "") -> list[Version]:
    """The versions of one jurisdiction, or of all, the newest first."""
    places = [jurisdiction] if jurisdiction else sorted(p.name for p in root.glob("*") if _PLACE.fullmatch(p.name))
    found = []
    for place in places:
        folders = (root / known(place)).glob("*-*")
        names = sorted((f.name for f in folders if _NAME.fullmatch(f.name)), key=_number, reverse=True)
        found += [version for name in names if (version := _read(root, place, name))]
    return found


def get(root: Path, jurisdiction: str, name: str) -> Version:
    """One version. Raises ConfigError when there is none of this name."""
    found = _read(root, known(jurisdiction), name) if _NAME.fullmatch(name) else None
    if found is None:
        raise ConfigError(f"there is no version {name[:40]!r} of the model for {jurisdiction}")
    return found


def card(version: Version) -> str:
    """What its card says, in Markdown."""
    try:
        return (version.folder / "card.md").read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the card of {version.name} cannot be read: {error}") from error


def drafted(root: Path, model: Model) -> tuple[Path, Model]:
    """A folder with the model as it will be loaded, and that model: weights are rounded when they are written."""
    folder = root / f".draft-{os.getpid()}-{time.monotonic_ns()}"
    model.save(folder)
    return folder, learned.load(folder)


def next_name(root: Path, jurisdiction: str, model: Model) -> str:
    """The name of a version that follows the highest one."""
    folders = (root / known(jurisdiction)).glob("*-*")
    highest = max((_number(folder.name) for folder in folders if _NAME.fullmatch(folder.name)), default=0)
    return f"{highest + 1:04d}-{model.version}"


def add(root: Path, jurisdiction: str, name: str, draft: Path, record: Mapping[str, Any], text: str) -> Version:
    """Make a version of a draft; `text` is the card."""
    place = root / known(jurisdiction)
    content = json.dumps({"format": FORMAT, **record}, indent=1, ensure_ascii=False, sort_keys=True)
    (draft / "version.json").write_text(content + "\n", encoding="utf-8")
    (draft / "card.md").write_text(text, encoding="utf-8")
    place.mkdir(parents=True, exist_ok=True)
    draft.rename(place / name)
    return get(root, jurisdiction, name)


def discard(draft: Path) -> None:
    """Delete a draft that became no version."""
    shutil.rmtree(draft, ignore_errors=True)


def state(root: Path) -> State:
    """What is used now. Raises ConfigError when the file is damaged."""
    try:
        found = json.loads((root / "active.json").read_text(encoding="utf-8"))
        chosen = {known(str(place)): str(name) for place, name in found["active"].items()}
        return State(chosen, frozenset(map(str, found["held"])), tuple(map(dict, found["log"])))
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{root / 'active.json'} is damaged: {error!r}; delete it to use the shipped model"
        ) from error


def choose(root: Path, jurisdiction: str, name: str, *, at: int, by: str, why: str, hold: bool) -> State:
    """Use a version, or the shipped model (SHIPPED), from the next batch of every worker on; `at` in ms."""
    if name != SHIPPED:
        learned.load(get(root, jurisdiction, name).folder)  # what cannot be read is not chosen
    before = state(root)
    chosen = {**before.chosen, known(jurisdiction): name}
    held = before.held | {jurisdiction} if hold else before.held - {jurisdiction}
    line = {"at": at, "jurisdiction": jurisdiction, "version": name, "by": by, "why": why}
    after = State(chosen, held, (*before.log, line)[-MOST_LOG:])
    root.mkdir(parents=True, exist_ok=True)
    half = root / "active.json.part"
    with half.open("w", encoding="utf-8") as file:
        json.dump({"active": chosen, "held": sorted(held), "log": after.log}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    half.replace(root / "active.json")
    return after


def stamp(root: Path) -> tuple[int, ...]:
    """What differs when another version is used; costs one look at a file."""
    try:
        found = os.stat(root / "active.json")
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def models(root: Path) -> tuple[dict[str, Model], dict[str, str]]:
    """The models in use by jurisdiction, those that use the shipped one left out; and why others cannot be used."""
    found: dict[str, Model] = {}
    wrong: dict[str, str] = {}
    try:
        chosen = state(root).chosen
    except ConfigError as error:
        return {}, {ALL: str(error)}
    for place, name in list(chosen.items())[:MOST_OWN]:
        if name != SHIPPED:
            try:
                found[place] = learned.load(root / place / name)
            except ConfigError as error:
                wrong[place] = str(error)
    return found, wrong


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _read(root: Path, jurisdiction: str, name: str) -> Version | None:
    folder = root / jurisdiction / name
    try:
        return Version(jurisdiction, name, folder, json.loads((folder / "version.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
