"""What the states of reports, and what is done to them, are called."""

from counterspam.policy.reports.fields import STATUSES
from counterspam.web.language import gettext, mark

STATES = {
    "draft": mark("draft"),
    "submitted": mark("submitted for review"),
    "reviewed": mark("reviewed"),
    "signed-off": mark("signed off"),
    "released": mark("released"),
}
ACTS = {
    "created": mark("begun"),
    "written": mark("written"),
    "frozen": mark("data frozen and files built"),
    "built": mark("files built again from the same data"),
    "submitted": mark("submitted for review"),
    "reviewed": mark("reviewed"),
    "signed-off": mark("signed off"),
    "released": mark("released"),
    "returned": mark("returned to draft"),
}
FORMS = {"html": mark("Web page"), "pdf": "PDF", "docx": "DOCX", "zip": mark("Annex of CSV files")}


def statuses() -> list[tuple[str, str]]:
    """What an editor may say of a clause."""
    return [(value, gettext(text)) for value, text in STATUSES.items()]
