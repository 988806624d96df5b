"""`counterspam train`: train the model on labelled sets and write it with its record."""

from dataclasses import asdict
from pathlib import Path

from counterspam import pipeline
from counterspam.console.output import Form, console, print_json, remark, show
from counterspam.detect import training


def train(shared: Path, out: Path, card: Path | None, form: Form) -> None:
    """Train on the sets under `shared`, write the model to `out`, print how well it does."""
    with console(stderr=True).status("training") as status:
        record = training.train(shared, out, pipeline.decode, status.update, card)
    if form == Form.JSON:
        print_json({"sets": record.sets, "figures": {k: asdict(v) for k, v in record.figures.items()}})
        return
    show([{"set": name, **asdict(figures)} for name, figures in record.figures.items()], form, "Cross-validation")
    if form == Form.TABLE:
        show([{"set": name, **asdict(figures)} for name, figures in record.held_out.items()], form, "Held out")
        remark(f"the model is in {out}")
