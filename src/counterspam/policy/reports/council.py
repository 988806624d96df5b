"""The contribution to the Secretary-General's report to Council: trends with caveats, instruments, recommendations (G-R2)."""

from counterspam.policy.reports import key_figures, sections
from counterspam.policy.reports.document import Paragraph, Section
from counterspam.policy.reports.fields import SUMMARY, Field, Group
from counterspam.policy.reports.given import Given, typed
from counterspam.policy.reports.parts import by_channel, by_source, counted, over_time, ranked, world
from counterspam.policy.reports.voice import Voice, mark

PLATFORM = Field("platform", mark("State of the platform"))
ASSISTANCE = Field("assistance", mark("Assistance to developing countries"))
FINANCES = Field("finances", mark("Finances"))
ADVICE = Field("recommendations", mark("Recommendations"))


def groups() -> list[Group]:
    """What the editor fills in."""
    return [Group(mark("The whole report"), (SUMMARY, PLATFORM, ASSISTANCE, FINANCES, ADVICE))]


def build(given: Given, voice: Voice) -> list[Section]:
    """The sections of the report."""
    say, snapshot = voice.say, given.snapshot
    routes = counted(snapshot, voice, "routes", say("Origin and destination of spam"), ["origin", "destination"])
    others = ("questionnaire", "repository", "practices", "workshops", "costs")
    return [
        Section(say("Summary"), typed(given, voice, "summary")),
        Section(say("How to read the figures"), caveats(voice)),
        Section(say("Volume"), [by_channel(snapshot, voice), *over_time(snapshot, voice), by_source(snapshot, voice)]),
        Section(say("Types"), ranked(snapshot, voice, "types", say("What the spam is about"), "content_type")),
        Section(
            say("Origins and routes"),
            [
                *world(snapshot, voice),
                counted(snapshot, voice, "origins", say("Countries of origin"), ["origin"]),
                routes,
                counted(snapshot, voice, "border", say("Across borders or within the country"), ["channel", "border"]),
            ],
        ),
        Section(say("Key figures"), [key_figures.table(snapshot, voice)]),
        *(Section(say(sections.TITLES[name]), sections.blocks(snapshot, voice, name)) for name in others),
        *(
            Section(say(field.title), typed(given, voice, field.name))
            for field in (PLATFORM, ASSISTANCE, FINANCES, ADVICE)
        ),
    ]


def caveats(voice: Voice) -> list[Paragraph]:
    """What every reader of figures is told."""
    return [
        Paragraph(
            voice.say(
                "These are counts of evidence that reached one node. They move with awareness and are not prevalence."
            )
        ),
        Paragraph(
            voice.say("The verdict is automatic and errs; numbers and headers can be forged. Unknown stays unknown.")
        ),
    ]
