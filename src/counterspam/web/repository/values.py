"""Values of entries as a page shows them. Texts of entries are content: in their own language, never translated here."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from markupsafe import Markup, escape

from counterspam.policy.repository.fields import Field, Type
from counterspam.web.format import listed, moment, number, tongue, visible
from counterspam.web.language import gettext
from counterspam.web.repository.labels import field_name, named, place, unsaid


def shown(path: str, one: Field, value: Any) -> Markup:
    """A value of a field; null is "Unknown", never a blank and never "no"."""
    if value is None:
        return Markup('<span class="unknown">{}</span>').format(unsaid())
    if value == []:
        return Markup('<span class="quiet">{}</span>').format(gettext("None"))
    if one.type == Type.FLAG:
        return escape(named("yes" if value else "no"))
    if one.type == Type.CHOICE:
        return escape(named(value, path))
    if one.type == Type.CHOICES:
        return escape(listed([named(each, path) for each in value]))
    if one.type == Type.URLS:
        return _list(link(each) for each in value)
    if one.type == Type.LINES:
        said = [_known_field(each) if one.name == "from_general_knowledge" else prose(each) for each in value]
        return _list(said)
    if one.type == Type.RECORDS:
        return _list(_RECORDS[one.name](each) for each in value)
    if one.type == Type.RECORD:
        return penalty(value)
    return _plain(one, value)


def _plain(one: Field, value: Any) -> Markup:
    if one.type == Type.URL:
        return link(value)
    if one.type == Type.DATE:
        return day(value)
    if one.type == Type.YEAR:
        return escape(str(value))
    if one.type == Type.NUMBER:
        return escape(_number(value))
    if one.name == "language":
        return escape(tongue(value))
    return escape(f"{place(value)} ({value})") if one.name == "jurisdiction" else _words(one, value)


def _words(one: Field, value: str) -> Markup:
    named_ = ("id", "title_original", "reviewed_by", "publisher", "name", "also_known_as", "do_not_contact_registry")
    return said_in(value) if one.name in named_ else prose(value)


def prose(text: str) -> Markup:
    """A text that entries have in English."""
    return Markup('<span lang="en" dir="auto">{}</span>').format(visible(str(text)))


def said_in(text: str) -> Markup:
    """A name or title of an entry, in a language that it does not tell, kept apart from the direction of the page."""
    return Markup('<span dir="auto">{}</span>').format(visible(str(text)))


def link(address: str) -> Markup:
    """An address outside, as a link that does not tell where the reader came from."""
    if not address.startswith(("https://", "http://")):
        return said_in(address)
    bare = address.partition("://")[2]
    text = bare if len(bare) <= 80 else f"{bare[:77]}…"
    return Markup('<a href="{}" rel="external nofollow noopener noreferrer" dir="ltr">{}</a>').format(
        address, visible(text)
    )


def day(iso: str) -> Markup:
    """A day."""
    known = date.fromisoformat(iso)
    at = int(datetime(known.year, known.month, known.day, tzinfo=UTC).timestamp() * 1000)
    return Markup('<time datetime="{}">{}</time>').format(iso, moment(at, "yMMMd") if at else iso)


def _list(items: Iterable[Markup]) -> Markup:
    found = list(items)
    if len(found) == 1:
        return found[0]
    return Markup('<ul class="plain">{}</ul>').format(
        Markup("").join(Markup("<li>{}</li>").format(one) for one in found)
    )


def _known_field(path: str) -> Markup:
    try:
        return escape(field_name(path))
    except KeyError:
        return said_in(path)


def _number(value: float) -> str:
    return number(value) if float(value).is_integer() else number(value, 2)


def authority(one: Mapping[str, Any]) -> Markup:
    """Who enforces a law, with its address below."""
    name = said_in(one["name"])
    return Markup("{}<br>{}").format(name, link(one["url"])) if one["url"] else name


def threshold(one: Mapping[str, Any]) -> Markup:
    """A bulk definition, a cap or a trigger."""
    said = gettext("%(kind)s: %(comparison)s %(n)s %(counted)s in %(hours)s hours") % {
        "kind": named(one["type"]),
        "comparison": named(one["comparison"]),
        "n": _number(one["count"]),
        "counted": named(one["counted"]),
        "hours": _number(one["period_hours"]),
    }
    return Markup("{}<br>{}").format(said, prose(one["note"])) if one["note"] else escape(said)


def complaint(one: Mapping[str, Any]) -> Markup:
    """Where to complain."""
    return Markup("{}: {}").format(named(one["type"]), link(one["value"]))


def by_channel(one: Mapping[str, Any]) -> Markup:
    """What one channel needs."""
    return Markup("{}: {}").format(named(one["channel"]), named(one["model"]))


def penalty(one: Mapping[str, Any]) -> Markup:
    """The highest penalty seen, with its note."""
    parts = []
    if one["amount"] is not None:
        unit = one["currency"] if one["amount_kind"] in ("money", None) else named(one["amount_kind"])
        parts.append(Markup("<bdi>{}</bdi>").format(f"{_number(one['amount'])} {unit or ''}".strip()))
    parts += [prose(one[name]) for name in ("unit", "note") if one[name]]
    return Markup("; ").join(parts)


_RECORDS = {
    "authority": authority,
    "bulk_threshold": threshold,
    "complaint_channels": complaint,
    "consent_by_channel": by_channel,
}
