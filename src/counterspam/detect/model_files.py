"""Where a model is kept: weights in model.npz, everything else in model.json with one hash over all its numbers, and the
model below it, if any, in a folder inside."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from counterspam.detect import views
from counterspam.errors import ConfigError

if TYPE_CHECKING:
    from counterspam.detect.learned import Model

FORMAT = 2
BELOW = "base"  # folder of the model that another one lies above

Weights = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


class Stored(NamedTuple):
    """What stands in a folder; the arrays cannot be written to. `base` is the model below, kept in a folder inside."""

    weights: Weights
    bias: Numbers
    slope: float
    record: Mapping[str, Any]
    version: str
    base: "Stored | None"


def save(model: "Model", folder: Path) -> None:
    """Write weights and record; what `load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    below = _save_below(model, folder)
    weights = model.weights.astype(np.float16)
    whole = fingerprint(weights.astype(np.float32), model.bias, model.slope, below)
    np.savez_compressed(folder / "model.npz", weights=weights)
    bias = [float(b) for b in model.bias]
    numbers = {"bias": bias, "slope": model.slope, "base": below, "sha256": whole, "version": whole[:12]}
    rest = {k: v for k, v in model.record.items() if k not in numbers and k != "format"}
    text = json.dumps({"format": FORMAT, **numbers, **rest}, indent=1, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def _save_below(model: "Model", folder: Path) -> str:
    """Write the model below one; its SHA-256, "" without any."""
    if model.base is None:
        return ""
    save(model.base, folder / BELOW)
    return str(json.loads((folder / BELOW / "model.json").read_text(encoding="utf-8"))["sha256"])


@cache
def shipped() -> Stored:
    """The shipped model, read once in a process."""
    return load(Path(str(files("counterspam"))) / "data" / "model")


def load(place: Path) -> Stored:
    """What stands in a folder. Raises ConfigError when it is missing, damaged or of another format."""
    try:
        record = json.loads((place / "model.json").read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise ConfigError(
                f"model in {place}: format {record['format']}, this version reads {FORMAT}; train it again"
            )
        with (place / "model.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
            weights = stored["weights"].astype(np.float32)
        bias = np.array([float(b) for b in record["bias"]])
        slope, expected, below = float(record["slope"]), record["sha256"], record.get("base", "")
    except OSError as error:
        raise ConfigError(f"model in {place} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"model in {place} is damaged: {error!r}; restore it or train it again") from error
    fits = weights.shape == (1 << views.BITS,) and bias.shape == (len(views.VIEWS),)
    if not fits or fingerprint(weights, bias, slope, below) != expected:
        raise ConfigError(f"model in {place} is damaged: the weights are not those of its record; train it again")
    weights.flags.writeable = bias.flags.writeable = False
    return Stored(weights, bias, slope, record, record["version"], _below(place, below))


def _below(place: Path, expected: str) -> Stored | None:
    """The model below one, in memory once when it is the shipped one."""
    if not expected:
        return None
    found = shipped()
    if found.record["sha256"] != expected:
        found = load(place / BELOW)
    if found.record["sha256"] != expected or found.base:
        raise ConfigError(f"model in {place} is damaged: what stands in {BELOW} is not the model that it was made from")
    return found


def fingerprint(weights: Weights, bias: Numbers, slope: float, below: str = "") -> str:
    """SHA-256 over every number of a model, and the SHA-256 of the one below."""
    state = hashlib.sha256(np.ascontiguousarray(weights, dtype="<f4").tobytes())
    state.update(repr((views.BITS, views.SIZES, [float(b) for b in bias], float(slope))).encode())
    state.update(below.encode())
    return state.hexdigest()
