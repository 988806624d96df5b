"""The words of training: audiences, kinds of events, and the sentences on pages that work without a node."""

from collections.abc import Iterable

from counterspam.policy.training.module import in_order
from counterspam.policy.training.reading import AUDIENCES
from counterspam.web.format import listed
from counterspam.web.language import direction, gettext, mark

# Who a module is for.
FOR = {
    "policy": mark("Policy-makers and regulators"),
    "operator": mark("Operators"),
    "user": mark("Users"),
}
KINDS = {"workshop": mark("Workshop"), "webinar": mark("Webinar")}
GENDERS = {"women": mark("Women"), "men": mark("Men"), "other": mark("Another gender"), "": mark("Not said")}


def audience(name: str) -> str:
    """An audience in words."""
    return gettext(FOR[name]) if name in FOR else gettext("Everybody")


def audiences() -> dict[str, str]:
    """Every audience and its name, in the order in which pages list them."""
    return {name: gettext(FOR[name]) for name in AUDIENCES}


def listing(names: Iterable[str]) -> str:
    """Audiences as a list in a sentence."""
    return listed([audience(name) for name in in_order(tuple(names))])


def kind(name: str) -> str:
    """A kind of event in words."""
    return gettext(KINDS[name]) if name in KINDS else name


def gender(name: str) -> str:
    """A gender in words."""
    return gettext(GENDERS[name]) if name in GENDERS else name


def of_pages(made: str) -> dict[str, str]:
    """What pages outside a node say, in the language spoken now; `made` says when and where they were made."""
    return {
        "title": gettext("Training"),
        "contents": gettext("All modules"),
        "goals": gettext("What you will be able to do"),
        "lessons": gettext("Lessons"),
        "quiz": gettext("Questions"),
        "sources": gettext("Sources"),
        "reviewed": gettext("Last reviewed:"),
        "review_due": gettext("To be reviewed by:"),
        "needs_script": gettext("The questions on this page need JavaScript."),
        "several": gettext("More than one answer is right."),
        "right": gettext("Right."),
        "wrong": gettext("Not right."),
        "answer": gettext("The answer:"),
        "check": gettext("Check my answers"),
        "again": gettext("Try again with other questions"),
        "passed": gettext("Passed") + ".",
        "failed": gettext("Not passed yet") + ".",
        # Translators: {right} and {all} are put in by a script; keep them as they are.
        "result": gettext("{right} of {all} answers are right."),
        "offline": gettext("These pages need no network. Modules that are not translated yet are in English."),
        "made": made,
    }


def written(lang: str) -> str:
    """The direction of writing of a language, "rtl" or "ltr"."""
    return direction(lang)
