"""The shapes of the API's answers, as OpenAPI shows them.

Times are milliseconds since 1970 UTC unless a field says otherwise.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from counterspam.measure.ask import DIMENSIONS, INTERVALS, METRICS
from counterspam.measure.periods import POSSIBLE
from counterspam.taxonomy import Channel, ContentType
from counterspam.web.asked import DERIVED
from counterspam.web.scopes import Scope

HEX = r"^[0-9a-f]{16}$"


class Accepted(BaseModel):
    """The report is on disk."""

    id: str = Field(description="Names this acceptance; evidence ids are derived from it.")
    intake: str = Field(description="The door under which it is counted.")


class Bulk(BaseModel):
    """What was taken of a stream."""

    lines: int
    items: int
    bytes: int
    intake: str


class Taken(BaseModel):
    """How many framed items are on disk."""

    taken: int


class Uploaded(BaseModel):
    """What an upload held."""

    items: int
    bytes: int
    intake: str
    problems: list[dict[str, str]] = Field(description="Files or archive members that could not be read, and why.")


class EvidenceRow(BaseModel):
    """One record of evidence, as lists show it; text is masked."""

    model_config = ConfigDict(extra="allow")
    id: str
    received_at: int
    channel: Channel
    source: str
    sender: str
    spam: bool
    probability: float
    campaign: str = Field(description="Campaign id, 16 hex digits; empty when it is part of none.")
    subject: str
    excerpt: str


class EvidencePage(BaseModel):
    """A page of evidence, newest first."""

    rows: list[EvidenceRow]
    next: str = Field(description="Value of `cursor` for the following page; empty at the end.")


class CampaignRow(BaseModel):
    """One campaign."""

    id: str = Field(pattern=HEX)
    title: str
    exemplar: str = Field(description="Id of the first piece of evidence.")
    channel: str = Field(description="Channel of the first piece of evidence.")
    first_seen: int
    last_seen: int
    messages: int
    reports: int


class CampaignPage(BaseModel):
    """A page of campaigns, last seen first."""

    rows: list[CampaignRow]
    next: str


class CampaignDetail(BaseModel):
    """One campaign with its course, what varies in it, and its newest evidence."""

    id: str = Field(pattern=HEX)
    parts: list[str] = Field(description="Earlier campaign ids that are part of it.")
    hours: list[dict[str, Any]] = Field(
        description="Messages and reports per hour (`at`, seconds), channel and content type."
    )
    spread: dict[str, list[dict[str, Any]]] = Field(
        description="Facet (sender, link, number, text, ...) to its values."
    )
    evidence: list[dict[str, Any]]


class CampaignDays(BaseModel):
    """The course of one campaign."""

    campaign: str = Field(pattern=HEX, description="The campaign that it is part of by now.")
    definition: dict[str, str]
    units: dict[str, str]
    rows: list[dict[str, Any]]
    small_cells: dict[str, int] = Field(description="What cells with fewer than five reporters make together.")
    next: str


class Question(BaseModel):
    """A question that statistics answer."""

    name: str
    question: str
    basis: str


class Formed(BaseModel):
    """The form of an answer that is rows."""

    format: str = Field("", description="json, csv or parquet; default what the header Accept asks for, else json.")


DEFINED_BY = (
    "A national definition (docs/definitions.md), as `sg-spam-control` or one version of it, `sg-spam-control@1`:"
    " then spam is what meets it instead of the verdict."
)


class _Asked(Formed):
    """The parameters of a question that are no filters."""

    metrics: str = Field(
        "", description=f"What is counted: {', '.join((*METRICS, *DERIVED))}. Default the four counts."
    )
    dimensions: str = Field("", description=f"What it is split by, at most 4 of {', '.join(DIMENSIONS)}.")
    period: str = Field("24h", description=f"One of {POSSIBLE}.")
    interval: str = Field("", description=f"Steps of time: {', '.join(INTERVALS)}; empty for the whole period at once.")
    defined_by: str = Field("", max_length=50, description=DEFINED_BY)
    synthetic: str = Field("1", description="Count demonstration evidence too: 1 or 0.")
    order: str = Field("spam_messages", description=f"Greatest first by one of {', '.join(METRICS)}.")
    limit: str = Field(
        "", description="Most rows, 1 to 1000; with an interval, most combinations of dimensions. Default 100 or fewer."
    )
    cursor: str = Field("", max_length=200, description="`next` of the answer before.")
    lang: str = Field("", description="Only for charts; answers speak English.")


class Series(Formed):
    """The parameters of a named question."""

    period: str = Field("24h", description=f"One of {POSSIBLE}.")
    channel: str = Field("", description="One channel only.")
    defined_by: str = Field("", max_length=50, description=DEFINED_BY)
    synthetic: str = Field("1", description="Count demonstration evidence too: 1 or 0.")
    limit: str = Field("", description="Most rows or, over time, combinations, 1 to 1000. Default 10.")
    lang: str = Field("", description="Only for charts; answers speak English.")


# Every dimension is a filter too.
Asked = create_model(
    "Asked",
    __base__=_Asked,
    __doc__="A question to the statistics.",
    **{name: (str, Field("", description=f"Only these values of {name}, by commas.")) for name in DIMENSIONS},  # type: ignore[call-overload]
)


class Time(BaseModel):
    """Which time an answer covers, in seconds since 1970 UTC and as ISO 8601; its end is not part of it."""

    name: str
    start: int
    end: int
    from_: str = Field(alias="from")
    to: str


class Disclosure(BaseModel):
    """What was done so that no figure tells of fewer than five people."""

    rule: Literal["open", "rounded", "none"] = Field(
        description="open: totals by time, channel and source kind, exact; rounded; none: exact for who may read evidence."
    )
    rounded_to: int
    least_contributors: int = Field(description="Cells with fewer reporters are not shown.")
    small_cells: dict[str, int] = Field(
        description="What those cells make together; empty where there are none, or fewer than five reporters in all."
    )


class Answered(BaseModel):
    """An answer with what one must know to read it."""

    model_config = ConfigDict(extra="allow")
    question: dict[str, Any] = Field(description="What was understood.")
    period: Time
    units: dict[str, str] = Field(description="Unit of each number in `rows`.")
    basis: list[dict[str, Any]] = Field(description="Messages and reports in the period by kind of source.")
    population: str
    last_updated: int = Field(
        description="Minute in which the latest evidence of the period arrived, seconds; 0 without any."
    )
    disclosure: Disclosure
    confidence: dict[str, Any] = Field(description="How evidence is judged, and what an interval holds.")
    completeness: dict[str, Any] = Field(
        description="Share of reports that each dimension does not tell; whether the last step is running; first evidence."
    )
    totals: dict[str, Any] = Field(description="Over all that the filters let through; null where it may not be told.")
    rows: list[dict[str, Any]]
    next: str = Field(description="Value of `cursor` for the following rows; empty at the end.")


class Named(Answered):
    """The answer to a named question."""

    name: str
    definition: dict[str, str] = Field(description="Question, numerator, denominator, deduplication and caveats.")


class CheckAnswer(BaseModel):
    """What one check says."""

    name: str
    answer: str
    weight: float = Field(description="Log-odds: above 0 speaks for spam.")
    detail: str = Field(description="The reason in one line.")


class SpanAnswer(BaseModel):
    """A stretch of the text or subject that weighed on the verdict."""

    field: str
    start: int
    end: int
    weight: float


class VerdictAnswer(BaseModel):
    """What it is, how sure, and why."""

    probability: float = Field(ge=0, le=1, description="That it is spam, calibrated.")
    spam: bool
    score: float = Field(description="The same in points: 5 and more is spam (docs/gateway.md).")
    required_score: float
    content_type: str
    nature: str
    payload: str
    technique: str
    ai_score: float | None = Field(description="That a machine wrote it; null where that cannot be said.")
    ai_wrong: float | None = Field(description="Share of human texts that may be called so: upper bound, 95 %.")
    definitions: list[str] = Field(description="Versions of national definitions that it meets today.")
    checks: list[CheckAnswer]
    spans: list[SpanAnswer]
    summary: str
    model: str = Field(description="Version of the learned model.")


class PartAnswer(BaseModel):
    """A part of a definition that must be met, and whether it is."""

    expression: str
    answer: str = Field(description="yes, no or unknown.")


class DefinitionAnswer(BaseModel):
    """What a national definition says, and why."""

    id: str
    version: int
    jurisdiction: str = Field(description="ISO 3166 alpha-2; empty for a technical definition.")
    title: str
    answer: str = Field(description="yes, no or unknown; unknown is never no.")
    missing: list[str] = Field(description="Facts that are not known and that the answer hangs on.")
    failed: str = Field(description="Why it could not be worked out, when that is no missing fact.")
    parts: list[PartAnswer]


class FindingAnswer(BaseModel):
    """One message with its verdict."""

    evidence: dict[str, Any]
    facts: dict[str, Any]
    verdict: VerdictAnswer
    origin: dict[str, Any]
    keys: list[str]
    definitions: list[DefinitionAnswer] = Field(
        description="What each national definition in force today says; how often the campaign was seen is not known here."
    )


class RejectedAnswer(BaseModel):
    """A record that could not be read, and why."""

    reason: str
    detail: str
    index: int
    format: str


class Checked(BaseModel):
    """What the path says about a message that was not stored."""

    records: int
    complete: bool = Field(description="False when the item holds more records than are judged at a time.")
    findings: list[FindingAnswer]
    rejected: list[RejectedAnswer]


class Intake(BaseModel):
    """What came in: read = accepted + duplicate + rejected."""

    rows: list[dict[str, Any]]
    pending: int = Field(description="Raw items of the named intake, or of all, that are accepted but not yet stored.")
    reasons: list[dict[str, Any]] = Field(description="Why records of the named intake were rejected.")


class RejectedPage(BaseModel):
    """Rejected records, newest first, and how many there are by state and reason."""

    rows: list[dict[str, Any]]
    counts: list[dict[str, Any]]
    next: str


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Ready(BaseModel):
    """Whether the node can work; what is wrong with a component is told to operators only."""

    ready: bool
    components: dict[str, str]


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"label": "Operator A", "scopes": ["report"]}]}
    )
    label: str = Field(min_length=1, max_length=200, description="Whose key it is.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    reporter: str = Field(
        "", max_length=200, description="Identity that submissions with this key carry, as a pseudonym."
    )


class MadeKey(BaseModel):
    """A new key. The secret is shown this once."""

    id: str
    secret: str


class KeyRow(BaseModel):
    """A key without its secret."""

    id: str
    label: str
    scopes: list[str]
    reporter: str
    created_at: int
    last_used: int | None
    revoked_at: int | None


class Keys(BaseModel):
    """All keys, newest first."""

    rows: list[KeyRow]


class Decide(BaseModel):
    """What an analyst decides about a piece of evidence."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"spam": True, "content_type": "parcel"}]}
    )
    spam: bool
    content_type: ContentType | Literal[""] = Field(
        "", description="The right content type, if it is spam; empty: not said."
    )


class Decision(BaseModel):
    """A decision about a piece of evidence, with the verdict that stood. The figures that were counted stay as they are."""

    number: int = Field(description="Counts decisions in their order.")
    evidence: str
    decided_at: int
    decided_by: str = Field(description="Id of the key.")
    spam: bool
    content_type: str
    jurisdiction: str
    was_spam: bool
    was_type: str
    probability: float
    model: str = Field(description="Version of the model that had judged.")


class Decisions(BaseModel):
    """The decisions about one piece of evidence, the standing one first."""

    rows: list[Decision]


class ModelVersion(BaseModel):
    """A version of the learned model that this node has made."""

    model_config = ConfigDict(extra="allow")
    jurisdiction: str = Field(description="`all`, or a country with a model of its own.")
    name: str = Field(description="NNNN-HASH.")
    version: str = Field(description="The hash, as verdicts carry it.")
    active: bool
    kind: Literal["learned", "imported"]
    made_at: int
    lessons: int = Field(description="Messages learned from, or behind the deltas taken in.")
    passed: bool = Field(description="Whether it was not worse than its parent.")
    why: str


class Models(BaseModel):
    """The versions of the learned model, what is used, and how it does."""

    shipped: str = Field(
        description="Version of the model that came with the program, or that the setting `model` names."
    )
    active: dict[str, str] = Field(
        description="Jurisdiction to the name of the version in use; empty: the shipped model."
    )
    held: list[str] = Field(description="Jurisdictions in which nothing new is used until a version is chosen by hand.")
    versions: list[ModelVersion]
    drift: dict[str, dict[str, Any]]
    unreadable: dict[str, str] = Field(
        description="Versions in use that cannot be read, and why; others stand in for them."
    )


class ModelCard(ModelVersion):
    """One version with its record and its card in Markdown."""

    record: dict[str, Any]
    card: str


class Choice(BaseModel):
    """Which version to use."""

    model_config = ConfigDict(extra="forbid")
    jurisdiction: str = Field("all", pattern="^(all|[A-Z]{2})$")
    name: str = Field("", max_length=40, description="Name of a version; empty: the shipped model, or what all use.")


class Whose(BaseModel):
    """Whose model."""

    model_config = ConfigDict(extra="forbid")
    jurisdiction: str = Field("all", pattern="^(all|[A-Z]{2})$")


class Learn(Whose):
    """What to learn."""

    afresh: bool = Field(False, description="Start from the shipped model instead of the version in use.")


class Done(BaseModel):
    """It is done."""

    done: str
