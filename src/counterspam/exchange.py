"""Nodes exchange what their models have learned, without any message: deltas are made and taken in by an explicit command.

What comes in passes the same test as what is learned here; nothing is ever sent or fetched by itself.
"""

import hashlib
from collections.abc import Sequence

from counterspam.detect import delta, learned, merge
from counterspam.detect.delta import Delta
from counterspam.detect.learned import Model
from counterspam.detect.versions import SHIPPED, Version
from counterspam.errors import ConfigError
from counterspam.learning import IMPORTED, Candidate, Learning, Parent

TESTED_WITH = 500  # latest decisions that what comes in is tested with


def export(learning: Learning, jurisdiction: str, *, least: int, now: int) -> bytes:
    """What the version in use has learned since the shipped model, as a file.

    Raises ConfigError when there is nothing to tell.
    """
    parent, base = learning.parent(jurisdiction), learned.load(learning.config.model)
    if parent.name == SHIPPED:
        raise ConfigError(f"{jurisdiction} uses the shipped model: it has learned nothing that could be told")
    _same_base(parent, base)
    made = delta.make(parent.model.weights, parent.support, base.version, least=least, at=now)
    return delta.write(made)


def take_in(
    learning: Learning, jurisdiction: str, deltas: Sequence[Delta], trust: Sequence[float], *, by: str, now: int
) -> Version:
    """A new version from these deltas; used at once when it passes the test. Raises ConfigError when they do not fit."""
    if len(trust) != len(deltas) or not all(0 < one <= 1 for one in trust):
        raise ConfigError("each delta needs its trust, above 0 and at most 1")
    with learning.making:
        parent, base = learning.parent(jurisdiction), learned.load(learning.config.model)
        _same_base(parent, base)
        _fits(deltas, base)
        hashes = [one.sha256 for one in deltas]
        for place, name in enumerate(hashes):
            if name in parent.taken_in or name in hashes[:place]:
                raise ConfigError(f"the delta {name[:12]} is taken in already")
        weights = merge.joined(parent.model.weights, parent.support.messages, deltas, trust)
        before = parent.model
        model = Model(weights, before.bias, before.slope, dict(before.record), base=before.base)
        pairs = "".join(f"{name} {t!r}\n" for name, t in zip(hashes, trust, strict=True))
        record = {
            "kind": IMPORTED,
            "through": parent.through,
            "reports_until": parent.until,
            "reports": False,
            "lessons": sum(one.messages for one in deltas),
            "left_out": 0,
            "learned": {"delta": {name[:12]: one.messages for name, one in zip(hashes, deltas, strict=True)}},
            "unread": 0,
            "unknown": None,
            "synthetic": False,
            "digest": hashlib.sha256(pairs.encode()).hexdigest(),
            "settings": {"trust": list(trust), "robust": merge.ROBUST, "clip": delta.CLIP, "norm": delta.NORM},
            "taken_in": [*parent.taken_in, *hashes],
        }
        made = Candidate(jurisdiction, model, parent.support, record)
        return learning.keep(parent, made, learning.decided(jurisdiction, TESTED_WITH), by=by, now=now)


def _same_base(parent: Parent, base: Model) -> None:
    if parent.base not in ("", base.version):
        raise ConfigError(
            f"the version in use comes from the shipped model {parent.base}, not from {base.version}; learn afresh first"
        )


def _fits(deltas: Sequence[Delta], base: Model) -> None:
    for one in deltas:
        if one.base != base.version or one.size != len(base.weights):
            raise ConfigError(f"the delta {one.sha256[:12]} belongs to the model {one.base}, not to {base.version}")
