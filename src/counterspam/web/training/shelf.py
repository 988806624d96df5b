"""The modules of a node: those that come with the program, and those of its own folder, read once."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.requests import Request

from counterspam.policy.training import library, paths
from counterspam.policy.training.library import Library
from counterspam.policy.training.module import Module
from counterspam.policy.training.reading import AUDIENCES
from counterspam.web import language
from counterspam.web.format import regions
from counterspam.web.language import mark
from counterspam.web.problems import Problem

NOTHING = mark("there is nothing at this address")


def shipped() -> Path:
    """The folder of the modules that come with the program."""
    return Path(str(files("counterspam"))) / "data" / "training"


def library_of(request: Request) -> Library:
    """The modules of the node that answers, read at first use."""
    state = request.app.state
    if not hasattr(state, "training"):
        state.training = library.load(folders(state.node.config), language.LANGUAGES)
    found: Library = state.training
    return found


def folders(config: Any) -> list[Path]:
    """Where modules are read from, the node's own folder last, so that it comes first."""
    return [path for path in (shipped(), config.training) if path is not None and path.is_dir()]


def module_of(request: Request, slug: str) -> Module:
    """The module of an address, in the language of the reader or English. Raises Problem 404."""
    found = library_of(request).module(slug, language.current(), audience_of(request)) if len(slug) <= 60 else None
    if found is None:
        raise Problem(404, NOTHING)
    return found


def audience_of(request: Request) -> str:
    """The audience that an address names, "" for all or an unknown one."""
    given = request.query_params.get("audience", "")
    return given if given in AUDIENCES else ""


def path_of(request: Request) -> paths.Path | None:
    """The named path of an address, None for none or an unknown one."""
    given = request.query_params.get("way", "")
    return next((one for one in library_of(request).paths if one.id == given), None)


def region_of(request: Request) -> str:
    """The region that an address names (UN M49), "" for none or an unknown one."""
    return known_region(request.query_params.get("region", ""))


def known_region(given: str) -> str:
    """The region, when it is one of the five; "" else."""
    return given if given in regions() else ""
