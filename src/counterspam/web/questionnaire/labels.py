"""What problems, states and groups are called on pages; the texts of the questions stand in the definition."""

from markupsafe import Markup, escape

from counterspam.policy.questionnaire import uses
from counterspam.policy.questionnaire.checks import Problem
from counterspam.policy.questionnaire.definition import Definition
from counterspam.web import language
from counterspam.web.format import NOTHING, locale, number
from counterspam.web.language import gettext, mark

MESSAGES = {
    "required": mark("This answer is needed."),
    "number": mark("A number is expected, such as 1200 or 12.5."),
    "number-comma": mark("Write numbers without separators of thousands, and with a point before decimals."),
    "integer": mark("A whole number is expected."),
    "at-least": mark("At least %(a)s is expected."),
    "at-most": mark("At most %(a)s is expected."),
    "country": mark("This is no country: give its code of two letters or its name."),
    "other-country": mark("The invitation is for another country."),
    "choice": mark("Choose from the list."),
    "too-long": mark("The text is longer than %(a)s characters."),
    "form": mark("Expected form: %(a)s"),
    "url": mark("An address that begins with https:// is expected."),
    "date": mark("A date is expected: year-month-day."),
    "quality": mark("Say how these numbers are known."),
    "unusual": mark("Usual are values from %(a)s to %(b)s."),
    "no-name": mark("Say what this share is of."),
    "gap": mark("A place above is empty."),
    "twice": mark("This is named twice."),
    "order": mark("The greatest share comes first."),
    "file-large": mark("The file is larger than a filled-in form can be."),
    "file-kind": mark("This is no XLSX file, or it is damaged."),
    "file-macros": mark("The file has macros. Save it as XLSX without them."),
    "file-form": mark("This is no form of this questionnaire."),
    "file-version": mark("The form is for another version of the questionnaire."),
    "file-wave": mark("The form is for another wave."),
    "cell-unknown": mark("Nothing is asked in this cell."),
    "cell-formula": mark("A formula cannot be taken. Write its value."),
    "cell-long": mark("The text is too long."),
    "cell-section": mark("This is outside the section that your code opens."),
}
STATES = {"invited": mark("Invited"), "started": mark("Started"), "signed": mark("Signed")}
EVERYBODY = mark("All respondents")
BY = {"all": EVERYBODY, "region": mark("By region"), "role": mark("By role"), "size": mark("By size")}
WAYS = {"web": mark("Web form"), "file": mark("File"), "api": "API", "mail": mark("Mail"), "text": mark("Text")}
DECISIONS = {"": mark("Waiting"), "approved": mark("Approved"), "refused": mark("Refused")}
ACTS = {"sign": mark("Signed"), "reopen": mark("Opened again")}
REST = mark("Other groups together")
SYNTHETIC = mark("This wave was answered by nobody: its answers were made up by a generator.")
# What `counterspam.questionnaires` refuses, as a page repeats it.
REFUSALS = (
    mark("these answers are signed; the office can open them again"),
    mark("this invitation was taken back"),
    mark("this wave is not open"),
    mark("nothing was saved yet"),
    mark("some answers are wrong, or have to be confirmed, before they can be signed"),
    mark("these answers are not signed"),
    mark("say why they are opened again"),
    mark("there is no release that waits for a decision"),
    mark("somebody else than who prepared a release has to approve it"),
    mark("the deadline lies before the opening"),
    mark("this is no day"),
    mark("no more codes can be made for these answers"),
)


def message(problem: Problem, definition: Definition) -> str:
    """A problem as a sentence in the language spoken."""
    if problem.text:
        return plain(definition, problem.text)
    return said(problem.code, problem.given)


def said(code: str, given: tuple[str, ...] = ()) -> str:
    """The sentence of a code."""
    values = dict(zip("ab", map(_value, given), strict=False))
    return gettext(MESSAGES[code]) % values if values else gettext(MESSAGES[code])


def _value(text: str) -> str:
    try:
        return number(float(text), 0 if float(text) == int(float(text)) else 2)
    except ValueError:
        return text


def plain(definition: Definition, text: str) -> str:
    """A text of the definition in the language spoken, for attributes and lists."""
    return definition.say(text, language.current())[0]


def shown(definition: Definition, text: str) -> Markup:
    """The same for pages; marked as English where there is no translation."""
    found, lang = definition.say(text, language.current())
    if lang == language.current() or not found:
        return escape(found)
    return Markup('<span lang="{}" dir="{}">{}</span>').format(lang, language.direction(lang), found)


def is_whole(definition: Definition) -> bool:
    """Whether every text of the definition is there in the language spoken."""
    lang = language.current()
    return lang == "en" or (bool(definition.texts.get(lang)) and definition.title in definition.texts[lang])


def group(definition: Definition, by: str, name: str) -> str:
    """A group of respondents in words."""
    if name in ("all", "rest"):
        text = EVERYBODY if name == "all" else REST
        return gettext(text)
    if by == "region":
        return str(locale(language.current()).territories.get(name, name or NOTHING))
    return plain(definition, uses.options(definition, by).get(name, name)) or NOTHING
