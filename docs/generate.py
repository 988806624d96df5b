"""Writes the generated parts of docs/api.md, cli.md, config.md and questions.md: everything between the two marks.

`python docs/generate.py` writes them; `python docs/generate.py --check` says whether they are fresh.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import typer.main

from counterspam.cli import app as cli
from counterspam.config import Config
from counterspam.console.settings import is_secret
from counterspam.measure import key_figures, outside_figures, quality, questions, scope
from counterspam.web.app import create_app

DOCS = Path(__file__).resolve().parent
START, END = "<!-- generated: make docs -->", "<!-- end of the generated part -->"


def cell(text: str) -> str:
    """Text that stands in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *[[cell(value) for value in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def api() -> str:
    """Every operation, and the parameters of each."""
    with tempfile.TemporaryDirectory() as folder:
        node = SimpleNamespace(config=Config(data=Path(folder)), records=None)
        document = create_app(node).openapi()
    rows, details = [], []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            rows.append(
                [f"`{name}`", operation["summary"], f"`{operation['x-scope']}`" if "x-scope" in operation else "none"]
            )
            details.append(_details(name, operation))
    return f"{table(['Operation', 'What it does', 'Scope'], rows)}\n{''.join(details)}"


def _details(name: str, operation: dict[str, Any]) -> str:
    parameters = [
        [f"`{p['name']}`", p["in"], p.get("description", ""), _schema(p["schema"])]
        for p in operation.get("parameters", [])
    ]
    text = f"### {name}\n\n{operation['description'].strip()}\n\n"
    if parameters:
        text += table(["Parameter", "In", "Meaning", "Values"], parameters) + "\n"
    return text + f"Answers: {', '.join(sorted(operation['responses']))}.\n\n"


def _schema(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema or "$ref" in schema:
        return ""
    bounds = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
    default = f"default {schema['default']}" if schema.get("default") not in (None, "") else ""
    return ", ".join(filter(None, [" ".join(bounds), default]))


def command_line() -> str:
    """Every command with its arguments and options."""
    group: Any = typer.main.get_command(cli)
    text = "## counterspam\n\n" + _options(group)
    for name, command in sorted(group.commands.items()):
        for inner, one in sorted(getattr(command, "commands", {"": command}).items()):
            text += f"## counterspam {name} {inner}".rstrip() + f"\n\n{cell(one.help or '')}\n\n{_options(one)}"
    return text


def _options(command: Any) -> str:
    rows = []
    for parameter in command.params:
        if parameter.name in ("help", "install_completion", "show_completion"):
            continue
        given = [*parameter.opts, *parameter.secondary_opts]
        name = f"`{' '.join(given)}`" if given[0].startswith("-") else f"`{parameter.name.upper()}`"
        fallback = parameter.default
        shown = "" if fallback in (None, "", False) or callable(fallback) else str(fallback)
        rows.append([name, parameter.help or "", shown])
    return table(["Option", "Meaning", "Default"], rows) + "\n" if rows else ""


def settings() -> str:
    """Every setting."""
    rows = []
    for name, setting in Config.model_fields.items():
        default = "" if setting.default in (None, "", ()) else str(setting.default)
        secret = " Secret: best given as a file." if is_secret(name) else ""
        rows.append([f"`{name}`", (setting.description or "") + secret, default, f"`COUNTERSPAM_{name.upper()}`"])
    return table(["Setting", "Meaning", "Default", "Environment"], rows)


def definitions() -> str:
    """Every question with its definition: those of pages first, then key figures, quality, and those that other code asks."""
    known = [*questions.QUESTIONS, *key_figures.KEY_FIGURES, *quality.QUALITY]
    files = (DOCS.parent / "src" / "counterspam" / "measure" / "sql").glob("*.sql")
    rest = sorted({path.stem for path in files} - set(known))
    found = {name: scope.definition(name) for name in [*known, *rest]}
    found |= {"k4_received_per_person": outside_figures.SURVEY, "k16_detectors": outside_figures.DETECTORS}
    text = "".join(f"### `{name}`\n\n{_defined(definition)}\n" for name, definition in found.items())
    lacking = [[figure.id, figure.definition["question"], figure.missing] for figure in outside_figures.unmeasured()]
    return f"{text}### Not measured yet\n\n{table(['Figure', 'Question', 'What is missing'], lacking)}"


def _defined(definition: Mapping[str, str]) -> str:
    question, *rest = definition.items()
    return f"**{question[1]}**\n\n" + "".join(f"- {label.capitalize()}: {text}\n" for label, text in rest)


PARTS = {"questions.md": definitions, "api.md": api, "cli.md": command_line, "config.md": settings}


def fresh(name: str) -> str:
    """The whole text of a page with its generated part made anew."""
    text = (DOCS / name).read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    return f"{before}{START}\n\n{PARTS[name]()}\n{END}{after}"


def stale() -> list[str]:
    """Pages whose generated part is not what it should be."""
    return [name for name in PARTS if fresh(name) != (DOCS / name).read_text(encoding="utf-8")]


def main() -> int:
    """Write the pages, or with --check say which are stale."""
    old = stale()
    if "--check" in sys.argv[1:]:
        if old:
            sys.stderr.write(f"stale: {', '.join(old)} (run `make docs`)\n")
        return bool(old)
    for name in old:
        (DOCS / name).write_text(fresh(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
