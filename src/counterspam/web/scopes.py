"""What an API key may do."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key may do. `admin` covers all the others, `report` covers `check`."""

    REPORT = "report"
    CHECK = "check"
    EVIDENCE = "evidence:read"
    DECIDE = "evidence:decide"
    STATISTICS = "statistics:read"
    OPERATE = "operate"
    ADMIN = "admin"
