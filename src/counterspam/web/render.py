"""Templates, static files and the headers that every page carries."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from counterspam import __version__
from counterspam.web import charts, language, words
from counterspam.web import format as formats
from counterspam.web.links import href, in_language
from counterspam.web.view import has, saves_data

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
    "number", "rough", "signed", "percent", "share", "size", "moment", "iso", "label", "country", "region", "tongue", "listed",
    "mask_sender", "defang", "visible", "duration",
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


def in_tongue(code: str) -> Markup:
    """The attributes of an element whose content is in another language than the page; nothing where it is in the same."""
    if code == language.current():
        return Markup("")
    return Markup(' lang="{}" dir="{}"').format(code, language.direction(code))


def invalid(errors: Mapping[str, str], name: str) -> Markup:
    """The attributes of a field that has an error, which stands beside it in the element `NAME-error`."""
    return Markup(' aria-invalid="true" aria-describedby="{}-error"').format(name) if name in errors else Markup("")


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("counterspam.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True, pgettext=language.pgettext
    )
    for name in FILTERS:
        env.filters[name] = getattr(formats, name)
    env.globals.update(
        bar=charts.bar,
        signed_bar=charts.signed_bar,
        asset=asset,
        href=href,
        version=__version__,
        periods=words.periods,
        dimension_name=words.dimension,
        dimension_value=words.named,
        synthetic_words=words.synthetic,
        lang=language.current,
        lang_chosen=language.chosen,
        direction=language.direction,
        in_tongue=in_tongue,
        invalid=invalid,
    )
    return env


ENVIRONMENT = _environment()


def fragment(name: str, shown: Mapping[str, Any]) -> str:
    """A part of a page, in the language spoken now."""
    return ENVIRONMENT.get_template(name).render(shown)


def page(request: Request, name: str, shown: Mapping[str, Any], status: int = 200) -> Response:
    """A whole page. `synthetic` in `shown` says in a sentence how much of it is made up, "" for nothing."""
    config = request.app.state.node.config
    languages = [(code, language.NAMES[code], in_language(request, code)) for code in language.LANGUAGES]
    given = {
        "request_path": request.url.path,
        "section": request.url.path,  # the page of the navigation that this belongs to
        "statistics_pages": words.PAGES,
        "policy_pages": words.POLICY,
        "config": config,
        "languages": languages,
        "caller": getattr(request.state, "caller", None),
        "synthetic": "",
        "refresh": 0,
    }
    if saves_data(request):
        shown = {**shown, "refresh": 0}  # no script, no stream
    vary = "Cookie, Save-Data" if "lang" in request.query_params else "Accept-Language, Cookie, Save-Data"
    body = fragment(name, {**given, **shown}).encode()
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {**HEADERS, "Content-Language": language.current(), "Vary": vary, "ETag": tag}
    if status == 200 and has(request, tag):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(body, status, headers=headers)


def static(name: str, hash_: str) -> Response:
    """A static file; 404 when there is none of that name."""
    if name not in STATICS:
        return Response("There is no such file.", 404, media_type="text/plain")
    data, media_type, current = STATICS[name]
    keep = "public, max-age=31536000, immutable" if hash_ == current else "no-cache"
    return Response(data, media_type=media_type, headers={"Cache-Control": keep, "X-Content-Type-Options": "nosniff"})
