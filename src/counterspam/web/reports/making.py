"""Making the files of a report: each language in HTML, PDF, DOCX and CSV, from what is kept and nothing else."""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson

from counterspam import __version__
from counterspam.policy.reports import annex, docx, html, kinds, pdf
from counterspam.policy.reports.document import Report
from counterspam.policy.reports.given import Given
from counterspam.store.reports import Version
from counterspam.web.language import spoken
from counterspam.web.reports.drawing import drawings
from counterspam.web.reports.voice import voice

TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}
AT_ONCE = threading.BoundedSemaphore(1)  # setting type takes memory and a core: one report at a time


def given(version: Version, snapshot: bytes, *, at: int) -> Given:
    """Everything that the files of a version are made from; `at` is the time they bear (ms)."""
    content: Mapping[str, Any] = orjson.loads(snapshot)
    return Given(
        version.kind,
        version.id,
        version.version,
        content,
        version.snapshot,
        version.software or __version__,
        version.fields,
        version.author,
        version.tlp,
        at,
    )


def document(of: Given, lang: str) -> Report:
    """The report in a language, in no format."""
    with spoken(lang):
        return kinds.make(of, voice())


def files(of: Given, languages: tuple[str, ...]) -> dict[str, bytes]:
    """Every file by name (`fr.pdf`). The same `of` gives the same bytes. Raises CannotSet."""
    found: dict[str, bytes] = {}
    with AT_ONCE:
        for lang in languages:
            found |= {f"{lang}.{form}": data for form, data in _forms(of, lang).items()}
    return found


def _forms(of: Given, lang: str) -> dict[str, bytes]:
    with spoken(lang):
        report = kinds.make(of, voice())
        svgs = drawings(report)
        return {
            "html": html.write(report, svgs),
            "pdf": pdf.write(report, svgs),
            "docx": docx.write(report, svgs, partial(pdf.picture, lang=lang)),
            "zip": annex.write(report),
        }
