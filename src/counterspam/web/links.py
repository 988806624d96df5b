"""Addresses of our own pages, as they are written into links."""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request

from counterspam.web import language


def href(path: str, **params: Any) -> str:
    """The address of a page with its parameters, sorted; "", None and False are left out.

    The language is carried on when the reader chose it in the address, or when `lang` is given. A `#part` of the path stays
    at the end. The result is plain text: templates escape it.
    """
    page, _, part = path.partition("#")
    if language.chosen():
        params.setdefault("lang", language.current())
    kept = sorted((name, value) for name, value in params.items() if value not in ("", None) and value is not False)
    query = urlencode([(name, "1" if value is True else value) for name, value in kept])
    return quote(page, safe="/") + ("?" + query if query else "") + ("#" + quote(part) if part else "")


def in_language(request: Request, lang: str) -> str:
    """The address of the page that `request` asks for, in another language; "" leaves the choice to the browser's header."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang" and value]
    query = urlencode([*kept, ("lang", lang)] if lang else kept)
    return quote(request.url.path, safe="/") + ("?" + query if query else "")
