"""Small pieces of text of the panels: links to more, headings of two lines, sentences after each other."""

from markupsafe import Markup

from counterspam.web.links import href
from counterspam.web.views.page import Asker


def two_lines(text: str | Markup, below: str) -> str | Markup:
    """What heads a row, with what is said of it below it."""
    if not below:
        return text
    return Markup('<bdi>{}</bdi> <br><span class="quiet"><bdi>{}</bdi></span>').format(text, below)


def more(ask: Asker, path: str, text: str) -> Markup:
    """A link to where the same view is shown in another way, or is defined."""
    return Markup('<a href="{}">{}</a>').format(href(path, **ask.view.elsewhere.params()), text)


def defined(name: str, text: str) -> Markup:
    """A link to the definition of a figure."""
    return Markup('<a href="{}">{}</a>').format(href(f"/about#{name}"), text)


def sentences(*texts: str) -> Markup:
    """Sentences after each other, without those that are empty."""
    return Markup(" ").join(filter(None, texts))
