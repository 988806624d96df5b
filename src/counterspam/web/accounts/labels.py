"""What each role is for, in words."""

from counterspam.web.language import mark
from counterspam.web.scopes import Role

ABOUT = {
    Role.ADMINISTRATOR: mark("Administrator: runs the node, gives roles, may do everything."),
    Role.ANALYST: mark("Analyst: reads evidence and decides about it."),
    Role.EDITOR: mark("Policy editor: writes laws, practices, definitions, questionnaires, costs and reports."),
    Role.MODERATOR: mark("Moderator: publishes or refuses what others wrote."),
    Role.RESPONDENT: mark("Respondent: answers questionnaires for an administration."),
    Role.LEARNER: mark("Learner: takes part in training."),
}
