"""The jurisdictions of laws: which there are, and which laws of the European Union stand beside those of its members."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from counterspam.policy.repository.fields import Content

UNION = "EU"
# Members of the European Union (ISO 3166-1 alpha-2), 27 since 2020.
MEMBERS = frozenset(
    ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
     "NL", "PL", "PT", "RO", "SE", "SI", "SK")
)  # fmt: skip


def by_place(laws: Iterable[Content]) -> Mapping[str, list[Content]]:
    """The laws of each jurisdiction."""
    found: dict[str, list[Content]] = defaultdict(list)
    for law in laws:
        found[law["jurisdiction"]].append(law)
    return found


def beside(code: str) -> str:
    """The jurisdiction whose laws stand beside those of a country, "" none."""
    return UNION if code in MEMBERS else ""
