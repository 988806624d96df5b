"""Where a model is kept: weights in model.npz, everything else in model.json, and one hash over all its numbers."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from counterspam.detect import views
from counterspam.errors import ConfigError

if TYPE_CHECKING:
    from counterspam.detect.learned import Model

FORMAT = 2

Weights = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


def save(model: "Model", folder: Path) -> None:
    """Write weights and record; what `load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = model.weights.astype(np.float16)
    whole = fingerprint(weights.astype(np.float32), model.bias, model.slope)
    np.savez_compressed(folder / "model.npz", weights=weights)
    bias = [float(b) for b in model.bias]
    numbers = {"bias": bias, "slope": model.slope, "sha256": whole, "version": whole[:12]}
    rest = {k: v for k, v in model.record.items() if k not in numbers and k != "format"}
    text = json.dumps({"format": FORMAT, **numbers, **rest}, indent=1, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


@cache
def shipped() -> tuple[Weights, Numbers, float, Mapping[str, Any]]:
    """What `load` gives of the shipped model, read once in a process."""
    return load(Path(str(files("counterspam"))) / "data" / "model")


def load(place: Path) -> tuple[Weights, Numbers, float, Mapping[str, Any]]:
    """Weights, bias, slope and record in a folder; the arrays cannot be written to.

    Raises ConfigError when it is missing, damaged or of another format.
    """
    try:
        record = json.loads((place / "model.json").read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise ConfigError(
                f"model in {place}: format {record['format']}, this version reads {FORMAT}; train it again"
            )
        with (place / "model.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
            weights = stored["weights"].astype(np.float32)
        bias = np.array([float(b) for b in record["bias"]])
        slope, expected = float(record["slope"]), record["sha256"]
    except OSError as error:
        raise ConfigError(f"model in {place} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"model in {place} is damaged: {error!r}; restore it or train it again") from error
    fits = weights.shape == (1 << views.BITS,) and bias.shape == (len(views.VIEWS),)
    if not fits or fingerprint(weights, bias, slope) != expected:
        raise ConfigError(f"model in {place} is damaged: the weights are not those of its record; train it again")
    weights.flags.writeable = bias.flags.writeable = False
    return weights, bias, slope, record


def fingerprint(weights: Weights, bias: Numbers, slope: float) -> str:
    """SHA-256 over every number of a model."""
    state = hashlib.sha256(np.ascontiguousarray(weights, dtype="<f4").tobytes())
    state.update(repr((views.BITS, views.SIZES, [float(b) for b in bias], float(slope))).encode())
    return state.hexdigest()
