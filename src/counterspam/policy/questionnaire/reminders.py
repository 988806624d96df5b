"""Who is to be reminded, and the text: plain, in one language, with nothing secret in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import re2

MAIL = re2.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}")  # an address that may be written to
PAUSE = 7 * 86_400_000  # ms between two reminders of the same respondent


def due(members: Iterable[Mapping[str, Any]], opens: int, closes: int, now: int) -> Sequence[Mapping[str, Any]]:
    """Those who have not signed, while the wave is open, and who were not reminded within PAUSE. Times in ms.

    A member has `state`, `revoked` and `reminded` (when last, 0 never).
    """
    if not opens <= now <= closes:
        return []
    return [
        one for one in members if one["state"] != "signed" and not one["revoked"] and now - one["reminded"] >= PAUSE
    ]


def text(template: str, values: Mapping[str, str]) -> str:
    """A template with its `{names}` filled in; unknown names stay, and nothing else is interpreted."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", " ".join(value.split()))
    return template
