"""The pages of statistics, one file each. `PAGES` lists them in the order of the navigation."""

from counterspam.web.views import (
    authentication,
    changes,
    compare,
    countries,
    country,
    indicators,
    origins,
    overview,
    quality,
    routes,
    senders,
    targets,
    types,
    volume,
)
from counterspam.web.views.page import Page

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    volume.PAGE,
    types.PAGE,
    origins.PAGE,
    routes.PAGE,
    targets.PAGE,
    senders.PAGE,
    authentication.PAGE,
    countries.PAGE,
    country.PAGE,
    compare.PAGE,
    changes.PAGE,
    indicators.PAGE,
    quality.PAGE,
)
_BY_PATH = {page.path: page for page in PAGES}


def find(path: str) -> tuple[Page, str]:
    """The page at an address, and the subject that the address ends with, "" none. KeyError where there is no such page."""
    page = _BY_PATH.get(path)
    if page and not page.subjects:
        return page, ""
    start, _, subject = path.rpartition("/")
    page = _BY_PATH[start]
    if not page.subjects or subject not in page.subjects():
        raise KeyError(path)
    return page, subject
