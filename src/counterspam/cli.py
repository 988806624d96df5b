"""The command line. A command reads its arguments and calls one function of `console`."""

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from counterspam import __version__
from counterspam.console import admission
from counterspam.console.context import config_of, form_of
from counterspam.console.export import FileFormat, What
from counterspam.console.output import Form, remark, show_record
from counterspam.errors import CounterspamError
from counterspam.taxonomy import Channel, ContentType, Source

EVERYWHERE = ("-o", "--output", "--data")


class Label(StrEnum):
    """What an analyst says of evidence."""

    SPAM = "spam"
    HAM = "ham"


class Anywhere(TyperGroup):
    """Options of the program may stand after the command too: `counterspam stats volume_by_channel -o json`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move them to the front."""
        front: list[str] = []
        rest: list[str] = []
        words = iter(args)
        for word in words:
            if word == "--":
                rest += [word, *words]
            elif word in EVERYWHERE:
                front += [word, *([value] if (value := next(words, None)) is not None else [])]
            elif word.startswith(("--output=", "--data=")):
                front.append(word)
            else:
                rest.append(word)
        return super().parse_args(ctx, front + rest)


app = typer.Typer(
    cls=Anywhere,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=__doc__ and "Measure spam live on every channel.",
)
app.add_typer(admission.keys_app, name="keys")
app.add_typer(admission.accounts_app, name="accounts")
app.add_typer(admission.audit_app, name="audit")
model_app = typer.Typer(no_args_is_help=True, help="Versions of the model that learn from decisions of analysts.")
app.add_typer(model_app, name="model")
training_app = typer.Typer(no_args_is_help=True, help="Certificates and modules of the training.")
app.add_typer(training_app, name="training")

SourceOption = Annotated[Source | None, typer.Option(help="Kind of observer; default: what the format says.")]
ChannelOption = Annotated[Channel | None, typer.Option(help="Channel; default: what the format says.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
Workers = Annotated[int | None, typer.Option(help="Processes that decode and check.")]
Jurisdiction = Annotated[str, typer.Option(help="`all`, or a country (two capitals) with a model of its own.")]
Rate = Annotated[float, typer.Option(min=0.01, max=1000, help="Items a second of the demonstration feed.")]


@app.callback()
def options(
    context: typer.Context,
    output: Annotated[Form, typer.Option("--output", "-o", help="How results are printed.")] = Form.TABLE,
    data: Annotated[Path | None, typer.Option(help="Folder of everything that the node keeps.")] = None,
) -> None:
    """Measure spam live on every channel and help a country act on it with others."""
    context.obj = (output, {"data": data})


@app.command()
def serve(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Play the demonstration feed, marked as synthetic.")] = False,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    open_access: Annotated[bool, typer.Option("--open-access", help="No key needed from this machine.")] = False,
    rate: Rate = 5.0,
) -> None:
    """Run the node and its web server."""
    from counterspam.console import serve as server

    config = config_of(context, host=host, port=port, workers=workers, open_access=open_access or None)
    server.serve(config, demo=demo, rate=rate)


@app.command()
def demo(context: typer.Context, port: Port = None, workers: Workers = None, rate: Rate = 5.0) -> None:
    """Run the node with the demonstration feed, open to this machine without a key."""
    from counterspam.console import serve as server

    config = config_of(context, host="127.0.0.1", port=port, workers=workers, open_access=True)
    server.serve(config, demo=True, rate=rate)


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, archives, mailboxes; - is standard input.")],
    source: SourceOption = None,
    channel: ChannelOption = None,
    jurisdiction: Annotated[str, typer.Option(help="Country (two capitals) of evidence that names none.")] = "",
    mapping: Annotated[str, typer.Option("--map", help="COLUMN=FIELD,... for tables.")] = "",
    wait: Annotated[bool, typer.Option(help="Wait until everything is stored, and account for it.")] = True,
) -> None:
    """Take in real evidence."""
    from counterspam.console import ingest as run

    given = run.Given(
        paths=tuple(paths), source=source or "", channel=channel or "", jurisdiction=jurisdiction, mapping=mapping
    )
    _exit(run.ingest(config_of(context), given, form_of(context), waiting=wait))


@app.command()
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Messages in any format; - is standard input.")],
    source: SourceOption = None,
    channel: ChannelOption = None,
    text: Annotated[bool, typer.Option("--text", help="Each file is the text of one message of the channel.")] = False,
    headers: Annotated[
        bool, typer.Option("--headers", help="Write the mail to standard output, with the verdict in its header.")
    ] = False,
    exit_status: Annotated[
        bool,
        typer.Option("--exit-status", help="Print SCORE/THRESHOLD; end with 1 for spam, 0 for ham, as spamc does."),
    ] = False,
) -> None:
    """Say what a message is and why, without storing it; works without a running node too."""
    from counterspam.console import check as checking

    format = "text" if text else "rfc5322" if headers else ""
    given = checking.Given(files=tuple(files), source=source or "", channel=channel or "", format=format)
    if not (headers or exit_status):
        return _exit(checking.check(config_of(context), given, form_of(context)))
    if len(files) > 1:
        raise typer.BadParameter("--headers and --exit-status take one message")
    load = partial(config_of, context)
    raise typer.Exit(checking.filtered(load, given, headers=headers, exit_status=exit_status))


@app.command()
def train(
    context: typer.Context,
    shared: Annotated[Path, typer.Argument(help="Folder that holds the labelled sets, in its folder corpora.")],
    out: Annotated[Path, typer.Option(help="Folder to write the model to; setting `model` names it to the node.")],
    card: Annotated[Path | None, typer.Option(help="File to write the model card to.")] = None,
    machine: Annotated[
        bool, typer.Option("--machine", help="Train only the score for machine-written text, kept beside the model.")
    ] = False,
) -> None:
    """Train the model on labelled sets and write it with its record."""
    from counterspam.console import train as training

    if machine:
        return training.train_machine(shared, out, form_of(context))
    training.train(shared, out, card, form_of(context))


@app.command()
def stats(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="Name of a question; none lists them.")] = "",
    period: Annotated[str, typer.Option(help="1h, 24h, 7d, 30d or all.")] = "24h",
    channel: ChannelOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most rows of a list of the greatest.")] = 10,
) -> None:
    """Answer a public question."""
    from counterspam.console import ask

    ask.stats(config_of(context), question, period, channel or "", limit, form_of(context))


@app.command()
def export(
    context: typer.Context,
    what: Annotated[What, typer.Argument(help="What to export.")] = What.EVENTS,
    since: Annotated[str, typer.Option(help="24h, 7d or a date; default: everything.")] = "",
    format: Annotated[FileFormat, typer.Option(help="Form of the file.")] = FileFormat.CSV,
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
) -> None:
    """Write evidence, campaigns or rejected records to a file."""
    from counterspam.console import export as exporting

    exporting.export(config_of(context), what, since, format, out)


@app.command()
def publish(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="2026-10, 2026-H1, 2026 or 2026-W41; it must have ended.")] = "",
    reason: Annotated[str, typer.Option(help="Why a further revision is made; everybody can read it.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="List what is published instead.")] = False,
) -> None:
    """Freeze the figures of a period and publish them."""
    from counterspam.console import publish as publishing

    if listing:
        publishing.show_all(config_of(context), period, form_of(context))
    else:
        publishing.publish(config_of(context), period, reason, form_of(context))


@app.command()
def doctor(context: typer.Context) -> None:
    """Look whether the node can work and its figures add up."""
    from counterspam.console import ask

    _exit(ask.doctor(config_of(context), form_of(context)))


@app.command()
def decide(
    context: typer.Context,
    evidence: Annotated[str, typer.Argument(help="Id of the evidence.")],
    label: Annotated[Label, typer.Argument(help="What it is.")],
    content_type: Annotated[ContentType | None, typer.Option("--type", help="The right content type, if spam.")] = None,
) -> None:
    """Decide whether a piece of evidence is spam; models learn from it."""
    from counterspam.console import model

    model.decide(config_of(context), evidence, label is Label.SPAM, str(content_type or ""), form_of(context))


@model_app.command("list")
def model_list(context: typer.Context) -> None:
    """List the versions, what is used, and whether it drifts."""
    from counterspam.console import model

    model.show_all(config_of(context), form_of(context))


@model_app.command("show")
def model_show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the version.")],
    jurisdiction: Jurisdiction = "all",
) -> None:
    """Print the card of a version; as JSON, its record too."""
    from counterspam.console import model

    model.card(config_of(context), jurisdiction, name, form_of(context))


@model_app.command("learn")
def model_learn(
    context: typer.Context,
    jurisdiction: Jurisdiction = "all",
    afresh: Annotated[bool, typer.Option("--afresh", help="Start from the shipped model, with all decisions.")] = False,
) -> None:
    """Learn from the decisions since the version in use; the result is used when it is not worse."""
    from counterspam.console import model

    model.learn(config_of(context), jurisdiction, afresh, form_of(context))


@model_app.command("activate")
def model_activate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the version, or `shipped`.")],
    jurisdiction: Jurisdiction = "all",
) -> None:
    """Use a version, whatever its test said."""
    from counterspam.console import model

    model.activate(config_of(context), jurisdiction, name)


@model_app.command("revert")
def model_revert(context: typer.Context, jurisdiction: Jurisdiction = "all") -> None:
    """Go back to what the version in use replaced, and stay there until a version is activated."""
    from counterspam.console import model

    model.revert(config_of(context), jurisdiction)


@model_app.command("export-delta")
def model_export(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(help="File to write.")],
    jurisdiction: Jurisdiction = "all",
    least: Annotated[
        int, typer.Option(min=3, max=1000, help="Different messages behind each number that is told.")
    ] = 3,
) -> None:
    """Write what was learned since the shipped model to a file for other nodes; it holds no message."""
    from counterspam.console import model

    model.export_delta(config_of(context), jurisdiction, least, out)


@model_app.command("import-delta")
def model_import(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Files of other nodes, best taken in together.")],
    trust: Annotated[list[float], typer.Option(min=0.01, max=1, help="Trust in all files, or in each in order.")],
    jurisdiction: Jurisdiction = "all",
) -> None:
    """Take in what other nodes learned; the result is used when it is not worse."""
    from counterspam.console import model

    model.import_deltas(config_of(context), jurisdiction, files, trust, form_of(context))


@training_app.command("verify")
def training_verify(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Code of the certificate, or the address that its mark holds.")],
    key: Annotated[
        Path | None,
        typer.Option(help="File with the public key (PEM or hexadecimal); default: that of this data folder."),
    ] = None,
) -> None:
    """Check a certificate without a node and without a network."""
    from counterspam.console import training

    _exit(training.verify(config_of(context), code, key, form_of(context)))


@training_app.command("check")
def training_check(
    context: typer.Context, folder: Annotated[Path, typer.Argument(help="Folder of modules (docs/training.md).")]
) -> None:
    """Say what is wrong in files of modules, questions, exercises and paths."""
    from counterspam.console import training

    _exit(training.check(folder, form_of(context)))


@app.command()
def config(context: typer.Context) -> None:
    """Print every setting with its value, where that comes from, and what it means."""
    from counterspam.console import settings

    settings.show_settings(config_of(context), context.obj[1], form_of(context))


@app.command()
def schema(
    context: typer.Context, cluster: Annotated[str, typer.Argument(help="Name of the cluster on its servers.")]
) -> None:
    """Print the schema of the event store for a ClickHouse cluster, as SQL (see docs/scale.md)."""
    from counterspam.store.cluster import statements

    typer.echo(";\n".join([*statements(cluster, config_of(context).keep_events_days), ""]))


@app.command()
def version(context: typer.Context) -> None:
    """Print the version."""
    show_record({"version": __version__}, form_of(context))


def _exit(fine: bool) -> None:
    if not fine:
        raise typer.Exit(1)


def main() -> None:
    """Run the program: errors in one plain line, and an exit code other than 0."""
    try:
        app()
    except CounterspamError as error:
        remark(f"counterspam: {' '.join(str(error).split())}")
        sys.exit(1)
