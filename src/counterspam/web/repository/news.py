"""The feed of changes to the repository: every version that was published, the latest first."""

import hashlib
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from counterspam.node import now
from counterspam.policy.repository.fields import TITLE, Kind
from counterspam.share import atom
from counterspam.share.feed import Entry, Feed
from counterspam.store import entries
from counterspam.store.entries import Version
from counterspam.web import public
from counterspam.web.api import in_thread
from counterspam.web.language import current, gettext
from counterspam.web.repository.labels import PATHS, TITLES
from counterspam.web.repository.lists import PUBLIC, changes
from counterspam.web.repository.moderate import case

MOST = 50
FRESH = 60  # seconds that others may keep it
router = APIRouter(include_in_schema=False, dependencies=PUBLIC)


@router.get("/repository.atom")
async def feed(request: Request) -> Response:
    """An Atom feed (RFC 4287) in the language of the reader."""
    config = request.app.state.node.config
    made = await in_thread(request, _entries, request, config.site())
    found = Feed(
        title=gettext("Changes in the repository of laws and best practices"),
        description=gettext("Entries that were published anew or changed, with who signed them off"),
        url=f"{config.site()}/laws",
        self_url=f"{config.site()}/repository.atom",
        language=current(),
        author=f"counterspam {config.node}",
        updated_at=max((one.updated_at for one in made), default=now()),
        entries=made,
    )
    body = public.body(atom.encode(found), {"Content-Type": "application/atom+xml; charset=utf-8"})
    return public.served(request, body, FRESH)


def _entries(request: Request, site: str) -> list[Entry]:
    with request.app.state.node.records.read() as conn:
        rows = entries.listed(conn, "published", limit=MOST)
        return [_entry(one, _changed(request, conn, one), site) for one in rows]


def _changed(request: Request, conn: Any, one: Version) -> list[str]:
    found = case(request, conn, one.number)
    return [name for name, _, _ in changes(Kind(one.kind), found.current, found.result)] if found else []


def _entry(one: Version, changed: list[str], site: str) -> Entry:
    kind = Kind(one.kind)
    name = hashlib.blake2b(f"{one.kind}/{one.id}/{one.version}".encode(), digest_size=16).hexdigest()
    said = [gettext("Version %(n)s.") % {"n": one.version}]
    if changed:
        said.append(gettext("Fields changed: %(fields)s.") % {"fields": ", ".join(changed[:12])})
    if one.approver_name:
        said.append(gettext("Signed off by %(name)s.") % {"name": one.approver_name})
    return Entry(
        id=name,
        url=f"{site}{PATHS[kind]}/{one.id}/history",
        title=f"{gettext(TITLES[kind])}: {one.content.get(TITLE[kind], one.id)}",
        text=" ".join(said),
        published_at=one.decided_at,
        updated_at=one.decided_at,
        tags=[one.kind, one.id],
    )
