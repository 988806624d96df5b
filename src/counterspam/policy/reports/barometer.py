"""The public barometer: the same indicators each time, and one topic that this one looks at more closely (G-R5)."""

from counterspam.policy.reports import key_figures
from counterspam.policy.reports.council import caveats
from counterspam.policy.reports.document import Block, Section
from counterspam.policy.reports.fields import Field, Group
from counterspam.policy.reports.given import Given, typed
from counterspam.policy.reports.parts import by_channel, counted, over_time, ranked, world
from counterspam.policy.reports.voice import Voice, mark

TOPICS = {
    "types": mark("What the spam is about"),
    "origins": mark("Where the spam comes from"),
    "border": mark("Across borders or within the country"),
    "dispositions": mark("What was done with it"),
}
COMMENT = Field("comment", mark("Comment"))


def groups() -> list[Group]:
    """What the editor fills in."""
    return [Group(mark("The whole report"), (COMMENT,))]


def build(given: Given, voice: Voice) -> list[Section]:
    """The sections of the report."""
    say, snapshot = voice.say, given.snapshot
    topic = snapshot["topic"] or "types"
    title = say("In focus: %(topic)s") % {"topic": say(TOPICS[topic])}
    return [
        Section(say("Comment"), typed(given, voice, "comment")),
        Section(say("Volume"), [by_channel(snapshot, voice), *over_time(snapshot, voice)]),
        Section(say("Key figures"), [key_figures.table(snapshot, voice)]),
        Section(title, _focus(given, voice, topic)),
        Section(say("How to read the figures"), caveats(voice)),
    ]


def _focus(given: Given, voice: Voice, topic: str) -> list[Block]:
    snapshot, caption = given.snapshot, voice.say(TOPICS[topic])
    if topic == "types":
        return ranked(snapshot, voice, "types", caption, "content_type")
    if topic == "origins":
        return [*world(snapshot, voice), counted(snapshot, voice, "origins", caption, ["origin"])]
    dimension = "disposition" if topic == "dispositions" else "border"
    return [counted(snapshot, voice, topic, caption, ["channel", dimension])]
