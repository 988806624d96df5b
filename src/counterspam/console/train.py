"""`counterspam train`: train the model on labelled sets and write it with its record."""

from dataclasses import asdict
from pathlib import Path

from counterspam import pipeline
from counterspam.console.output import Form, console, print_json, remark, show
from counterspam.detect import machine_training, training


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


def train_machine(shared: Path, out: Path, form: Form) -> None:
    """Train the score for machine-written text, write it to `out`, print what it says of the sets left out."""
    with console(stderr=True).status("training") as status:
        made = machine_training.train(shared, out, pipeline.decode, status.update)
    if form == Form.JSON:
        print_json({"version": made.version, **made.record})
        return
    show([{"set": name, **told} for name, told in made.record["sets"].items()], form, "Left out")
    if form == Form.TABLE:
        remark(f"the score for machine-written text, version {made.version}, is in {out}")
