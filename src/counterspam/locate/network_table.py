"""The table that `network` searches: built from the lists of the geoip2fast package, or mapped from an earlier build."""

import bisect
import ctypes
import gzip
import importlib.util
import itertools
import os
import pickle
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterspam.errors import ConfigError

_TABLE = "geoip2fast-asn-ipv6.dat.gz"
_PARTS = ("index4", "start4", "country4", "name4", "start6", "country6", "name6", "countries", "names", "ends")
_LAYOUT = 1  # raise it when the arrays change, so that old copies are not read

Array = npt.NDArray[Any]
Steps = tuple[Array, Array]


def load(cache: Path | None) -> dict[str, Array]:
    """The table by its parts. Raises ConfigError when the data or the folder `cache` cannot be read or written."""
    try:
        parts = _cached(cache) if cache else _bundled()
    except OSError as error:
        raise ConfigError(f"{cache}: {error.strerror or error}") from error
    _give_back()
    return parts


class _PlainUnpickler(pickle.Unpickler):
    """Lists, strings and numbers only: a table has no business with anything that runs."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"a table must not name {module}.{name}")


def _source() -> Path:
    spec = importlib.util.find_spec("geoip2fast")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (path := Path(folder) / _TABLE).is_file():
            return path
    raise ConfigError(f"the bundled table {_TABLE} is missing: reinstall geoip2fast")


def _bundled() -> dict[str, Array]:
    """The package's lists as one table a version: where a step starts, country index, name index."""
    try:
        with gzip.open(_source(), "rb") as file:
            lists = _PlainUnpickler(file).load()[3]
        _, _, countries, names, start, start_asn, country, name, size, size_asn = lists
    except (OSError, EOFError, ValueError, IndexError, pickle.UnpicklingError) as error:
        raise ConfigError(f"the bundled table {_TABLE} cannot be read: {error}") from error
    names[0] = ""  # the package's "<unknown>"
    encoded = [text.encode("utf-8") for text in names]
    codes = ["  ", *(text[:2] if text[:2].isalpha() else "  " for text in countries)]
    parts: dict[str, Array] = {
        "countries": np.frombuffer("".join(codes).encode("ascii"), np.uint8),
        "names": np.frombuffer(b"".join(encoded), np.uint8),
        "ends": np.cumsum([0, *map(len, encoded)], dtype=np.uint32),
    }
    # Country index 0 means unknown here, so the package's indices move up by one; its name index 0 is unknown already.
    first, second = _steps(start, size, country, 1), _steps(start_asn, size_asn, name, 0)
    for version, left, right, kind in (("4", first[0], second[0], np.uint32), ("6", first[1], second[1], np.uint64)):
        points, values, others = _join(left, right)
        parts["start" + version] = points.astype(kind)
        parts["country" + version] = values.astype(np.uint16)
        parts["name" + version] = others.astype(np.uint32)
    blocks = np.arange(1 << 16, dtype=np.uint32) << 16
    # For each /16 where bisection may begin and end; one before the first step that starts in it.
    index = np.append(np.searchsorted(parts["start4"], blocks, "right"), len(parts["start4"]))
    parts["index4"] = index.astype(np.uint32)
    return parts


def _give_back() -> None:
    """Hand the memory of the package's lists (80 MB) back to the system, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _flat(chunks: list[list[int]], kind: Any) -> Array:
    return np.fromiter(itertools.chain.from_iterable(chunks), kind, sum(map(len, chunks)))


def _steps(starts: list[list[int]], sizes: list[list[int]], values: list[list[int]], add: int) -> list[Steps]:
    """Sorted networks of both versions as step functions (points, values), IPv4 first, IPv6 by its upper 64 bits."""
    narrow = sum(bisect.bisect_left(chunk, 1 << 32) for chunk in starts)
    total = sum(map(len, starts))
    each = itertools.chain.from_iterable(starts)
    first4 = np.fromiter(itertools.islice(each, narrow), np.int64, narrow)
    first6 = np.fromiter((first >> 64 for first in each), np.uint64, total - narrow)
    size, value = _flat(sizes, np.int64), _flat(values, np.int64) + add
    # Global unicast is 2000::/3 (RFC 4291 section 2.4); what the package has below it is damaged, above it reserved.
    wide = (first6 >= 1 << 61) & (first6 < 1 << 62) & (size[narrow:] <= 64)
    return [
        _filled(first4, np.int64(1) << (32 - size[:narrow]), value[:narrow]),
        _filled(first6[wide].astype(np.int64), np.int64(1) << (64 - size[narrow:][wide]), value[narrow:][wide]),
    ]


def _filled(first: Array, length: Array, value: Array) -> Steps:
    """Networks as steps, with 0 for the gaps between them."""
    last = first + length
    gap = np.append(last[:-1] < first[1:], True)
    points = np.concatenate([[-1], first, last[gap]])
    filled = np.concatenate([[0], value, np.zeros(int(gap.sum()), np.int64)])
    order = np.argsort(points, kind="stable")
    return points[order], filled[order]


def _join(first: Steps, second: Steps) -> tuple[Array, Array, Array]:
    """Two step functions as one that begins at 0, without steps that change nothing."""
    points = np.sort(np.concatenate([[0], first[0], second[0]]), kind="stable")
    points = points[np.append(points[:-1] < points[1:], True) & (points >= 0)]
    left = first[1][np.searchsorted(first[0], points, "right") - 1]
    right = second[1][np.searchsorted(second[0], points, "right") - 1]
    keep = np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))
    if points[-1] == 1 << 32:  # the end of IPv4 is not an address of it
        keep[-1] = False
    return points[keep], left[keep], right[keep]


def _cached(folder: Path) -> dict[str, Array]:
    """The table mapped from `folder`, written there first when it is missing or of another version of the data."""
    stat = _source().stat()
    target = folder / f"networks-{_LAYOUT}-{stat.st_size}-{int(stat.st_mtime)}"
    if not target.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix="networks-", dir=folder))
        for name, array in _bundled().items():
            np.save(temporary / f"{name}.npy", array)
        try:
            os.rename(temporary, target)
        except OSError:  # another process was first
            shutil.rmtree(temporary)
    try:
        return {name: np.load(target / f"{name}.npy", mmap_mode="r") for name in _PARTS}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{target} is damaged, delete it: {error}") from error
