"""What an API key or an account may do, and the roles that accounts have."""

from collections.abc import Iterable
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


class Role(StrEnum):
    """What an account is for. Who has none is the public."""

    ADMINISTRATOR = "administrator"
    ANALYST = "analyst"
    EDITOR = "policy-editor"
    MODERATOR = "moderator"
    RESPONDENT = "respondent"
    LEARNER = "learner"


# Nobody both writes and approves by one role: two roles may be given to one account, but what it wrote another must approve.
ROLES: dict[Role, frozenset[Scope]] = {
    Role.ADMINISTRATOR: frozenset({Scope.ADMIN}),
    Role.ANALYST: frozenset({Scope.REPORT, Scope.CHECK, Scope.EVIDENCE, Scope.DECIDE, Scope.LEARN}),
    Role.EDITOR: frozenset({Scope.EDIT, Scope.LEARN}),
    Role.MODERATOR: frozenset({Scope.APPROVE, Scope.LEARN}),
    Role.RESPONDENT: frozenset({Scope.ANSWER, Scope.LEARN}),
    Role.LEARNER: frozenset({Scope.LEARN}),
}


def scopes(roles: Iterable[str]) -> frozenset[Scope]:
    """What these roles may do together, and what everybody may; names that are no role add nothing."""
    known = [ROLES[role] for role in Role if role in set(roles)]
    return frozenset({Scope.STATISTICS}).union(*known)
