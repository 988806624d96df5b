"""Who the spam pretends to be from, and how it is made: kinds of sender, names, techniques, payloads, languages."""

from collections.abc import Sequence

from counterspam.web.language import gettext, mark
from counterspam.web.views import parts
from counterspam.web.views.page import Asker, Page, Panel

NAMES = mark(
    "Domains, alphanumeric sender names and short codes that spam was sent under; never numbers or mailboxes of people. Any of"
    " them can be forged: that a name stands here accuses nobody. Dots are bracketed so that nobody follows them by mistake."
)


def build(ask: Asker) -> Sequence[Panel]:
    """Kinds, names, techniques, payloads, languages, and what was done with it; for one name, when and by which channels."""
    if dict(ask.view.filters).get("sender"):
        return [
            _names(ask),
            parts.course(ask, "course", gettext("The name over time, by channel"), "channel"),
            parts.ranking(ask, "channels", gettext("Channels"), "channel", path="/senders"),
        ]
    return [
        parts.ranking(ask, "kinds", gettext("Kinds of sender"), "sender_kind", path="/senders"),
        parts.ranking(ask, "techniques", gettext("How it was sent"), "technique", path="/senders"),
        parts.course(ask, "course", gettext("Kinds of sender over time"), "sender_kind"),
        _names(ask),
        parts.ranking(ask, "payloads", gettext("What the recipient is to act on"), "payload", path="/senders"),
        parts.ranking(ask, "languages", gettext("Languages"), "language", path="/senders"),
        parts.ranking(
            ask,
            "dispositions",
            gettext("What was done with it"),
            "disposition",
            path="/senders",
            basis=gettext(
                "What the observer says was done with messages judged spam; people who report rarely know it."
            ),
        ),
    ]


def _names(ask: Asker) -> Panel:
    return parts.ranking(
        ask,
        "names",
        gettext("Names that spam is sent under"),
        "sender",
        "sender_kind",
        path="/senders",
        heads=gettext("Sender name"),
        limit=25,
        others=gettext("All others, and spam without such a name"),
        basis=gettext(NAMES),
    )


PAGE = Page(
    "/senders",
    mark("How the spam is sent, and under which names"),
    mark(
        "What kinds of sender spam shows, under which names it comes, by which techniques, and what it wants of its recipients."
    ),
    mark("Operators’ abuse desks, registries of sender names, analysts."),
    mark("Senders are what the message shows, and easily forged. Technique and payload are judged automatically."),
    build,
    halves=("kinds", "techniques", "payloads", "languages"),
)
