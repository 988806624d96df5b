"""The jurisdictions of laws, and which of their laws can be breached."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from counterspam.policy.repository.fields import Content


def by_place(laws: Iterable[Content]) -> Mapping[str, list[Content]]:
    """The laws of each jurisdiction."""
    found: dict[str, list[Content]] = defaultdict(list)
    for law in laws:
        found[law["jurisdiction"]].append(law)
    return found


def in_force(law: Content) -> bool:
    """Whether a law can be breached today, as far as the entry says."""
    return bool(law["status"] == "in force")
