"""The routes of national definitions: API, forms, pages. Names of pages come before the names of definitions."""

from counterspam.web.definitions import api, edit, pages

ROUTERS = (api.router, edit.router, pages.router)
