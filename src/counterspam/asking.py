"""The versions of the questionnaire at work: those shipped with the software and those that this node wrote.

Whoever needs a version gets it through `form`: waves, files, pages, API, profile and comparison between waves.
"""

from dataclasses import dataclass
from typing import Any

from counterspam.errors import ConfigError
from counterspam.policy.questionnaire import own
from counterspam.policy.questionnaire.definition import Definition, load, versions
from counterspam.store import forms
from counterspam.store.forms import Form, NotPossible, Who

LOCAL = "local"  # open access on loopback: one person who may do everything, so also approve what it wrote or prepared


@dataclass(frozen=True, slots=True)
class Offered:
    """A version that a wave can be opened with. `own`: of this node."""

    version: str
    title: str
    own: bool


def form(conn: Any, version: str, hash: str = "") -> Definition:
    """A version that is shipped or published here. Raises ConfigError when there is none.

    Where software and node have the same name, as a later release brought it, `hash` tells them apart; without it the shipped
    one is meant.
    """
    shipped = load(version) if version in versions() else None
    if shipped and hash in ("", shipped.hash):
        return shipped
    kept = forms.get(conn, version)
    if kept and kept.state == forms.PUBLISHED and hash in ("", kept.hash):
        return own.known(kept.content)
    if shipped:
        return shipped
    raise ConfigError(f"there is no questionnaire {version[:40]!r}")


def offered(conn: Any) -> list[Offered]:
    """The versions that a new wave may have: the shipped ones, then those of this node, the last published last."""
    here = [Offered(one, load(one).title, False) for one in versions()]
    kept = sorted((one for one in forms.listed(conn) if one.state == forms.PUBLISHED), key=lambda one: one.decided_at)
    return here + [Offered(one.version, one.title, True) for one in kept if one.version not in versions()]


def names(conn: Any) -> list[str]:
    """The names of the versions that a new wave may have."""
    return [one.version for one in offered(conn)]


def draft(conn: Any, version: str) -> tuple[Form, Definition] | None:
    """A version of this node in whatever state, None when there is none."""
    kept = forms.get(conn, version)
    return (kept, own.known(kept.content)) if kept else None


def text(conn: Any, version: str) -> str:
    """A version, shipped or of this node in whatever state, as a text to change. Raises ConfigError when there is none."""
    if version in versions():
        return own.shipped_text(version)
    kept = forms.get(conn, version)
    if kept is None:
        raise ConfigError(f"there is no questionnaire {version[:40]!r}")
    return own.own_text(kept.content) if kept.state == forms.PUBLISHED else kept.content


def before(conn: Any, definition: Definition) -> Definition | None:
    """The version that one was made from, where it is known."""
    if not definition.derived_from or definition.derived_from == definition.version:
        return None
    try:
        return form(conn, definition.derived_from)
    except ConfigError:
        return None


def write(conn: Any, definition: Definition, data: bytes, who: Who) -> Form:
    """Keep a checked text as a draft. Raises NotPossible: "shipped", "origin", or what `store.forms` says."""
    if definition.version in versions():
        raise NotPossible("shipped")
    if definition.derived_from and definition.derived_from != definition.version and not before(conn, definition):
        raise NotPossible("origin")
    made = Form(
        version=definition.version,
        derived_from=definition.derived_from,
        title=definition.title,
        content=data.decode(),
        hash=definition.hash,
        written_by=who.by,
    )
    return forms.write(conn, made, who)


def publish(conn: Any, version: str, hash: str, who: Who, remark: str) -> Form:
    """Publish what was proposed. Raises NotPossible.

    `local` may approve what it wrote: with open access on loopback there is one person only. A name that the software took
    meanwhile is not published.
    """
    if version in versions():
        raise NotPossible("shipped")
    return forms.publish(conn, version, hash, who, remark, alone=who.by == LOCAL)
