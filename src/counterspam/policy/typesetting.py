"""typst, as reports and certificates use it: a template of ours, texts as plain data, no file and no network within reach."""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import typst

from counterspam.errors import CounterspamError


class CannotSet(CounterspamError):
    """What cannot be set on this machine: a font is missing, or it is too large."""


@cache
def installed() -> frozenset[str]:
    """The font families of this machine, and those that come with typst."""
    return frozenset(typst.Fonts().families())


def compiled(
    source: bytes, inputs: Mapping[str, str], form: str, at: datetime, *, standard: str = "", ppi: float | None = None
) -> Any:
    """A template as PDF (bytes), or as pictures (PNG: bytes for one page, else a list), made at a time that is given.

    The template reads the texts as `sys.inputs`, so nothing in them is markup; its root is an empty folder and it has no
    packages. The same inputs and fonts give the same bytes. Raises CannotSet.
    """
    with tempfile.TemporaryDirectory() as empty:
        try:
            return typst.compile(  # type: ignore[call-overload]
                source,
                root=empty,
                format=form,
                ppi=ppi,
                timestamp=at,
                package_path=empty,
                package_cache_path=empty,
                sys_inputs=dict(inputs),
                pdf_standards=[standard] if standard else [],
            )
        except typst.TypstError as error:
            raise CannotSet(f"the document cannot be set: {error.message}") from error
