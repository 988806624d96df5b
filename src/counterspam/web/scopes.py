"""What an API key or an account may do."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key or an account may do. `admin` covers all the others, `report` covers `check`."""

    REPORT = "report"
    CHECK = "check"
    EVIDENCE = "evidence:read"
    DECIDE = "evidence:decide"
    STATISTICS = "statistics:read"
    OPERATE = "operate"
    EDIT = "policy:edit"  # write laws, practices, definitions, questionnaires, cost scenarios, workshops, reports
    APPROVE = "policy:approve"  # publish or refuse what others wrote, and sign it off
    ANSWER = "questionnaire:answer"
    LEARN = "training:learn"
    ADMIN = "admin"
