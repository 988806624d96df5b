"""The half-yearly report of a Member State: volume by channel, kind of sender, type and origin, and enforcement (G-R3).

What national reports of Korea and Australia hold (REQUIREMENTS C3) set the list of tables; the words are ours.
"""

from counterspam.policy.reports import key_figures, sections
from counterspam.policy.reports.council import caveats
from counterspam.policy.reports.document import Section
from counterspam.policy.reports.fields import NEXT, OBSTACLES, SUMMARY, Field, Group
from counterspam.policy.reports.given import Given, typed
from counterspam.policy.reports.parts import by_channel, by_source, counted, over_time, ranked
from counterspam.policy.reports.voice import Voice, mark

AWARENESS = Field("awareness", mark("Reporting channels and awareness of them"))
ENFORCEMENT = Field("enforcement", mark("Enforcement: cases opened and closed, warnings, penalties"))
BLOCKED = Field("blocked", mark("What operators say they blocked"))
COOPERATION = Field("cooperation", mark("Cooperation across borders: requests sent and received"))
OTHERS = {name: sections.TITLES[name] for name in ("workshops", "costs")}


def groups() -> list[Group]:
    """What the editor fills in."""
    fields = (SUMMARY, AWARENESS, ENFORCEMENT, BLOCKED, COOPERATION, OBSTACLES, NEXT)
    return [Group(mark("The whole report"), fields)]


def build(given: Given, voice: Voice) -> list[Section]:
    """The sections of the report."""
    say, snapshot = voice.say, given.snapshot
    sent = say("Kinds of sender by channel")
    kinds = counted(snapshot, voice, "sender_kinds", sent, ["channel", "sender_kind"])
    by_type = counted(snapshot, voice, "types_by_channel", say("Types by channel"), ["channel", "content_type"])
    done = say("What was done with it, by channel")
    return [
        Section(say("Summary"), typed(given, voice, "summary")),
        Section(say("How to read the figures"), [*caveats(voice), *typed(given, voice, "awareness")]),
        Section(say("Volume"), [by_channel(snapshot, voice), *over_time(snapshot, voice), by_source(snapshot, voice)]),
        Section(say("Kinds of sender"), [kinds]),
        Section(
            say("Types"), [*ranked(snapshot, voice, "types", say("What the spam is about"), "content_type"), by_type]
        ),
        Section(
            say("Origins"),
            [
                *ranked(snapshot, voice, "origins", say("Countries of origin"), "origin"),
                counted(snapshot, voice, "border", say("Across borders or within the country"), ["channel", "border"]),
            ],
        ),
        Section(
            say("Measures"),
            [
                counted(snapshot, voice, "dispositions", done, ["channel", "disposition"]),
                *typed(given, voice, "blocked"),
            ],
        ),
        Section(say("Key figures"), [key_figures.table(snapshot, voice)]),
        *(Section(say(field.title), typed(given, voice, field.name)) for field in (ENFORCEMENT, COOPERATION)),
        *(Section(say(title), sections.blocks(snapshot, voice, name)) for name, title in OTHERS.items()),
        *(Section(say(field.title), typed(given, voice, field.name)) for field in (OBSTACLES, NEXT)),
    ]
