"""What is wrong with a questionnaire of this node, what it gives no input to, and why something cannot be done with it."""

from counterspam.policy.questionnaire.source import Fault
from counterspam.web.language import gettext, mark

FAULTS = {
    "large": mark("The file is larger than %(a)s KB."),
    "encoding": mark("The file is not written in UTF-8."),
    "character": mark("This line has a control character."),
    "yaml": mark("This is no YAML: %(a)s"),
    "alias": mark("Anchors, aliases, merges and tags are not taken; write it out."),
    "deep": mark("Parts are nested more than %(a)s deep."),
    "many": mark("The file has more than %(a)s values."),
    "key": mark("A key has to be a text; put it in quotes."),
    "twice": mark("This key stands here twice."),
    "missing": mark("“%(a)s” is missing."),
    "unknown-key": mark("“%(a)s” means nothing here."),
    "want-map": mark("Keys with values are expected."),
    "want-list": mark("A list is expected."),
    "want-text": mark("A text is expected; put it in quotes."),
    "want-truth": mark("true or false is expected."),
    "want-number": mark("A number is expected, such as 1200 or 12.5."),
    "version": mark(
        "A version is named with small letters, digits and hyphens, at least one of them a digit, at most 40."
    ),
    "name": mark(
        "A name has letters, digits, hyphens and, except for sections, points and underscores; at most 40, of sections 20."
    ),
    "again": mark("“%(a)s” is there already, or cannot be told apart from what is there."),
    "taken": mark("“%(a)s” is a name that the software needs itself."),
    "long": mark("The text is longer than %(a)s characters."),
    "space": mark("The text is empty, or has needless space or line breaks."),
    "empty": mark("There is nothing in it."),
    "count": mark("These are more than %(a)s."),
    "choice": mark("Choose one of: %(a)s"),
    "no-list": mark("There is no list “%(a)s”."),
    "rows-or-places": mark("A table has either rows or places."),
    "places": mark("A whole number from 1 to %(a)s is expected."),
    "ranked": mark(
        "A ranked list has a column “item” of kind text, choice or country; a column “share” holds numbers."
    ),
    "usual": mark("Two numbers are expected."),
    "range": mark("The least is more than the most."),
    "pattern": mark("This is no pattern of RE2."),
    "no-field": mark("There is no field “%(a)s”."),
    "field-kind": mark("“%(a)s” is of another kind than is needed here."),
    "factor": mark("The factor has to be more than 1."),
    "inputs": mark("The section has more than %(a)s boxes to fill in; split it."),
    "same-name": mark("“%(a)s” is the name of two options; in a file they could not be told apart."),
    "file": mark("The form as a file does not come back as it was filled in: %(a)s"),
}
LACKING = {
    "prefilled": mark("Country, name, role or size of the respondent are not filled in beforehand (B0.1 to B0.4)."),
    "groups": mark("Groups by role or size have no names (B0.3, B0.4)."),
    "measured": mark("None of its questions stands beside what is measured (docs/questionnaire.md has the table)."),
    "dollars": mark("Amounts are not given in US dollars and are left out of figures (amounts)."),
    "costs": mark("The pages on costs take nothing from it (feeds)."),
    "profile": mark("The profile of a country shows nothing of it, as no question is public at first."),
    "numbers": mark("It asks for no numbers, so there are no medians."),
}
REFUSED = {
    "shipped": mark("a version that comes with the software has this name; take another"),
    "origin": mark("the version that it was derived from is not known here"),
    "missing": mark("there is no such version"),
    "decided": mark("this version was decided about and stays as it is; write a new one"),
    "full": mark("this node keeps no more questionnaires"),
    "changed": mark("it was changed meanwhile; look at it again"),
    "not-proposed": mark("only what was proposed can be published"),
    "same-person": mark("somebody else has to approve what you wrote"),
}
STATES = {
    "draft": mark("Draft"),
    "proposed": mark("Proposed"),
    "published": mark("Published"),
    "refused": mark("Refused"),
}
ACTS = {
    "write": mark("Uploaded"),
    "propose": mark("Proposed"),
    "publish": mark("Published"),
    "refuse": mark("Refused"),
}
PARTS = {
    "title": mark("Title"),
    "sections": mark("Sections"),
    "rules": mark("Rules"),
    "amounts": mark("Amounts"),
    "feeds": mark("For the cost model"),
}


def said(fault: Fault) -> str:
    """A fault as a sentence."""
    given = dict(zip("ab", fault.given, strict=False))
    text = gettext(FAULTS[fault.code])
    return text % given if given else text


def refusal(code: str) -> str:
    """Why it cannot be done, as a sentence."""
    text = gettext(REFUSED[code])
    return f"{text[:1].upper()}{text[1:]}."
