"""Traffic Light Protocol 2.0 (FIRST, 2022): how far a report may go, from the widest to the narrowest, in our own words."""

from counterspam.policy.reports.voice import mark

CLEAR, GREEN, AMBER, STRICT, RED = "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"
LABELS = (CLEAR, GREEN, AMBER, STRICT, RED)
MEANINGS = {
    CLEAR: mark("May be passed on without limit."),
    GREEN: mark("For the community that works against spam; not for the public."),
    AMBER: mark("For the organisation that receives it and its clients, as far as they need it."),
    STRICT: mark("For the organisation that receives it only."),
    RED: mark("For the persons who receive it only."),
}
# The narrowest label that still reaches whom a report is for. RED names persons, so no file for many may carry it.
NARROWEST = {"public": CLEAR, "members": GREEN, "operator": STRICT}
EXACT = AMBER  # the widest label that a report with exact figures may carry


def narrower(one: str, other: str) -> bool:
    """Whether `one` reaches fewer than `other`."""
    return LABELS.index(one) > LABELS.index(other)
