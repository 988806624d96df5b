"""The panel of a country's profile: what its respondents answered publicly, beside what the node measured."""

from collections.abc import Mapping

from counterspam import questionnaires
from counterspam.measure.scope import Row
from counterspam.policy.questionnaire.definition import QUALITIES, Definition
from counterspam.store.waves import Wave
from counterspam.web.format import NOTHING, country, moment, share
from counterspam.web.language import gettext
from counterspam.web.questionnaire import labels
from counterspam.web.questionnaire.tables import value_name
from counterspam.web.views.page import Asker, Cell, Panel, Table

ID = "country-questionnaire"
MOST = 40  # answers that the panel shows
KEPT = 10.0  # seconds
SHARES = "B2.2/"  # the question of which the node measures the same: the share of spam by channel


def panel(ask: Asker) -> Panel:
    """The public answers of the newest wave that has any; where the same is measured, both stand side by side."""
    code, title = ask.view.subject, gettext("Questionnaire")

    def find() -> tuple[Wave, Definition, list[dict[str, str]]] | None:
        with ask.node.records.read() as conn:
            found = questionnaires.by_country(conn, code)
            return (found[0][0], questionnaires.definition_of(conn, found[0][0]), found[0][1]) if found else None

    found = ask.keep((ID, code), KEPT, find)
    if found is None:
        return Panel(ID, title, gettext("This node holds no answer of this country to a questionnaire yet."))
    wave, known, rows = found
    counted = {row["channel"]: row for row in ask.narrowed(destination=code, channel="")("channel").rows}
    head = [
        (gettext("Question"), ""),
        (gettext("Stated"), ""),
        (gettext("Unit"), ""),
        (gettext("Respondent"), "far"),
        (gettext("Measured here"), "n"),
    ]
    lines = [_line(known, row, counted) for row in rows[:MOST]]
    said = gettext("What respondents of %(country)s answered publicly to the questionnaire about %(period)s.")
    basis = gettext(
        "Stated by the respondents in the wave %(wave)s, closed %(when)s; not checked here. What is measured is the share"
        " judged spam of what reached this node; it is not added to what is stated."
    ) % {"wave": wave.id, "when": moment(wave.closes_at, "yMMMd")}
    return Panel(
        ID,
        title,
        said % {"country": country(code), "period": wave.period},
        table=Table(title, head, lines),
        basis=" ".join([basis, *([gettext(labels.SYNTHETIC)] if wave.synthetic else [])]),
    )


def _line(known: Definition, row: Mapping[str, str], counted: Mapping[str, Row]) -> list[Cell]:
    """One answer, with what the node measured of the same channel where that is the question."""
    field = known.fields[row["cell"]]
    words = [known.question(row["question"]).text, *field.labels]
    asks = row["cell"].startswith(SHARES) and field.kind == "percent"
    here = counted.get(row["cell"].split("/")[1]) if asks else None
    quality = labels.plain(known, QUALITIES.get(row["quality"], ""))
    return [
        Cell(" · ".join(labels.plain(known, word) for word in words), "", heads=True),
        Cell(value_name(known, row["cell"], row["value"]), ""),
        Cell(" · ".join(filter(None, (labels.plain(known, row["unit"]), quality))), "quiet"),
        Cell(row["member"], "quiet far"),
        Cell(share(here["spam_messages"], here["messages"]) if here else NOTHING, "n"),
    ]
