"""Speed of reading and scoring, of learning; memory and size of the model. One core."""

from importlib.resources import files
from pathlib import Path

from bench.detect import ours, sets
from bench.detect.report import Bar, Row
from counterspam.detect import learned, learner

TRIES = 3


def measure() -> tuple[list[Row], list[Bar], str]:
    """The best of a few tries, for the machine is shared."""
    best = {}
    for name in ("SpamAssassin", "UCI SMS"):
        items = sets.load(name)
        tries = [ours.speed(items) for _ in range(TRIES)]
        best[name] = max(t[0] for t in tries), max(t[1] for t in tries)
    folder = Path(str(files("counterspam"))) / "data" / "model"
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    memory = 3 * learned.load(None).weights.nbytes / 1e6 + learner.REMEMBERED * 0.02
    asked = [
        Bar("mails read and scored a second", best["SpamAssassin"][0], 8000, True),
        Bar("SMS read and scored a second", best["UCI SMS"][0], 40000, True),
        Bar("SMS learned a second", best["UCI SMS"][1], 20000, True),
        Bar("mails learned a second", best["SpamAssassin"][1], 20000, True),
        Bar("megabytes of the model's files", size, 8),
        Bar("megabytes of the layer, its squares, the model below and the memory of the learner", memory, 64),
    ]
    return [], asked, "Without decoding; features that were read are learned from. The best of three tries."
