"""Templates, static files and the headers that every page carries."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from counterspam import __version__
from counterspam.web import charts, words
from counterspam.web import format as formats

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers send `Origin: null` with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
FILTERS = (
    "number", "rough", "share", "size", "moment", "iso", "label", "country", "region", "mask_sender", "defang", "visible",
    "duration",
)  # fmt: skip
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def _statics() -> dict[str, tuple[bytes, str, str]]:
    """name -> bytes, media type, hash. Read once."""
    found = {}
    for path in sorted(Path(str(files("counterspam.web") / "static")).iterdir()):
        if path.suffix in TYPES:
            data = path.read_bytes()
            found[path.name] = data, TYPES[path.suffix], hashlib.sha256(data).hexdigest()[:12]
    return found


STATICS = _statics()


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so it may be kept for ever."""
    return f"/static/{STATICS[name][2]}/{name}"


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("counterspam.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in FILTERS:
        env.filters[name] = getattr(formats, name)
    env.globals.update(
        bar=charts.bar, signed_bar=charts.signed_bar, asset=asset, version=__version__, synthetic_words=words.synthetic
    )
    return env


ENVIRONMENT = _environment()


def fragment(name: str, shown: Mapping[str, Any]) -> str:
    """A part of a page."""
    return ENVIRONMENT.get_template(name).render(shown)


def page(request: Request, name: str, shown: Mapping[str, Any], status: int = 200) -> Response:
    """A whole page. `synthetic` in `shown` says in words how much of it is made up, "" for nothing."""
    node = request.app.state.node
    given = {"request_path": request.url.path, "config": node.config, "synthetic": "", "refresh": 0, **shown}
    return HTMLResponse(fragment(name, given), status, headers=HEADERS)


def static(name: str, hash_: str) -> Response:
    """A static file; 404 when there is none of that name."""
    if name not in STATICS:
        return Response("There is no such file.", 404, media_type="text/plain")
    data, media_type, current = STATICS[name]
    keep = "public, max-age=31536000, immutable" if hash_ == current else "no-cache"
    return Response(data, media_type=media_type, headers={"Cache-Control": keep, "X-Content-Type-Options": "nosniff"})
