"""What differs between two versions of an entry, field by field, and what a proposal changes of a version that has moved
on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterspam.policy.repository.fields import FIELDS, Content, Kind, leaves, value


@dataclass(frozen=True, slots=True)
class Changed:
    """A field with its value before and after; None is unknown, and all of them are where there was no entry before."""

    path: str
    before: Any
    after: Any


def differences(kind: Kind, before: Content | None, after: Content) -> list[Changed]:
    """Every field that differs, in the order of the fields."""
    pairs = ((path, value(before or {}, path), value(after, path)) for path, _ in leaves(FIELDS[kind]))
    return [Changed(path, was, is_) for path, was, is_ in pairs if not same(was, is_)]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same; 1 and true are not."""
    return type(one) is type(other) and bool(one == other)


def merged(
    kind: Kind, base: Content | None, current: Content | None, proposed: Content
) -> tuple[dict[str, Any], list[str]]:
    """The current version with the changes from `base` to `proposed` made to it, and the fields in conflict.

    A field is in conflict where both changed it, to different values; the result then has the proposed one.
    """
    if current is None or base == current:
        return dict(proposed), []
    found = {name: dict(given) if isinstance(given, Mapping) else given for name, given in current.items()}
    conflicts = []
    for change in differences(kind, base, proposed):
        there = value(current, change.path)
        if not same(there, change.before) and not same(there, change.after):
            conflicts.append(change.path)
        name, _, inner = change.path.partition(".")
        if not inner:
            found[name] = change.after
        elif isinstance(found.get(name), dict):
            found[name][inner] = change.after
        else:
            found[name] = {inner: change.after}
    return found, conflicts
