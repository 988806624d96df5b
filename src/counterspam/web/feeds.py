"""Changes as the entries of a feed: the sentence is the title, the text says what it rests on."""

from collections.abc import Sequence

from counterspam.share.feed import Entry, Feed
from counterspam.store.changes import Change
from counterspam.web.format import moment, number, rough
from counterspam.web.language import current
from counterspam.web.language import gettext as _
from counterspam.web.sentences import said


def address(site: str, change: Change) -> str:
    """Where a change is shown."""
    return f"{site}/changes/{change.id}"


def feed(changes: Sequence[Change], site: str, self_url: str, node: str, now: int) -> Feed:
    """The feed of these changes (newest first) in the current language; `now` (ms) dates a feed without entries."""
    entries = [entry(change, site) for change in changes]
    return Feed(
        title=_("Changes in spam"),
        description=_("Surges, new campaigns, new routes, shifts of shares and silent sources, as they are found"),
        url=f"{site}/changes",
        self_url=self_url,
        language=current(),
        author=f"counterspam {node}",
        updated_at=max((one.updated_at for one in entries), default=now),
        entries=entries,
    )


def entry(change: Change, site: str) -> Entry:
    """One change as an entry."""
    tags = [change.kind, change.channel, change.content_type, change.country, change.recipient_country, change.state]
    return Entry(
        id=change.id,
        url=address(site, change),
        title=said(change),
        text=explained(change),
        published_at=change.found_at,
        updated_at=change.ended_at or change.found_at,
        tags=[tag for tag in [*tags, "synthetic" if change.synthetic else ""] if tag],
    )


def explained(change: Change) -> str:
    """What the sentence rests on, in a few short ones."""
    values = {
        "found": moment(change.found_at),
        "began": moment(change.began_at),
        "ended": moment(change.ended_at),
        "reports": rough(change.reports),
        "score": number(change.score, 1),
        "low": rough(change.low),
        "high": rough(change.high),
    }
    said = [_("Found %(found)s UTC; began about %(began)s UTC.") % values]
    if change.kind == "surge":
        said.append(_("Between %(low)s and %(high)s would have been usual.") % values)
    if change.reports:
        said.append(_("Reports behind it: %(reports)s.") % values)
    if change.state == "over":
        said.append(_("As usual again since %(ended)s UTC.") % values)
    if change.synthetic:
        said.append(_("The evidence was made up by a generator."))
    return " ".join(said)
