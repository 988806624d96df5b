"""What every command has from the options before it: how to print, and the settings."""

from typing import Any

import typer

from counterspam.config import Config, load
from counterspam.console.output import Form


def form_of(context: typer.Context) -> Form:
    """How results are printed."""
    form: Form = context.obj[0]
    return form


def config_of(context: typer.Context, **given: Any) -> Config:
    """The settings, with those `given` before all others."""
    return load(**{**context.obj[1], **given})
