"""What an entry of the repository consists of: for each kind one list of fields with type, allowed values and bounds.

Everything else follows these lists: validation, forms, pages, comparison, exports. A field without a value is null,
which means "unknown" and never "no"; an empty list says that there is positively none. Sources: the fields of the
starting facts; the fields that a repository of spam laws should have after the ITU and OECD studies named in
docs/repository.md. Those that the starting facts lack are optional and unknown there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Content = Mapping[str, Any]  # an entry: value by field name, each field of its kind present

MOST_TEXT = 2000  # characters of a longer text
MOST_LINE = 300  # characters of one line
MOST_URL = 600
MOST_ITEMS = 40  # members of a list
CHANNELS = ("email", "sms", "mms", "voice", "fax", "im", "social", "other")
CONSENT = ("opt-in", "mixed", "opt-out", "none")  # the strictest first
CONFIDENCE = ("high", "medium", "low")
REGIONS = ("Africa", "Americas", "Arab States", "Asia-Pacific", "CIS", "Europe")


class Kind(StrEnum):
    """A kind of entry; its value is its name in addresses and files."""

    LAW = "laws"
    PRACTICE = "practices"
    BODY = "bodies"


class Type(StrEnum):
    """What a field holds. LINES, CHOICES and RECORDS are lists, RECORD has fields of its own."""

    LINE = "line"
    TEXT = "text"
    CODE = "code"
    URL = "url"
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    URLS = "urls"
    RECORD = "record"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `required`: never null. `values`: what is allowed. `fields`: those of a record. `provision`: laws are
    compared by it. `most`: characters of a text, members of a list, greatest number. `added`: the starting facts lack it.

    A RECORD that is `required` is always there, with null members; another is null when nothing of it is known.
    """

    name: str
    type: Type
    required: bool = False
    values: tuple[str, ...] = ()
    fields: "tuple[Field, ...]" = ()
    provision: bool = False
    most: int = 0
    added: bool = False

    @property
    def limit(self) -> int:
        """What `most` says, or the bound of the type."""
        usual = {Type.TEXT: MOST_TEXT, Type.URL: MOST_URL, Type.CODE: 40, Type.YEAR: 2100, Type.NUMBER: 10**15}
        lists = (Type.CHOICES, Type.LINES, Type.URLS, Type.RECORDS)
        return self.most or usual.get(self.type, MOST_ITEMS if self.type in lists else MOST_LINE)


def _line(name: str, **given: Any) -> Field:
    return Field(name, Type.LINE, **given)


def _flag(name: str, *, added: bool = False) -> Field:
    return Field(name, Type.FLAG, provision=True, added=added)


_LAST = (
    Field("sources", Type.URLS, required=True),
    Field("confidence", Type.CHOICE, required=True, values=CONFIDENCE),
    Field("date_recorded", Type.DATE, required=True),
    Field("last_reviewed", Type.DATE, added=True),
    _line("reviewed_by", added=True),
)
_CHANNEL_MODEL = (
    Field("channel", Type.CHOICE, required=True, values=CHANNELS),
    Field("model", Type.CHOICE, required=True, values=CONSENT),
)
_THRESHOLD = (
    Field("type", Type.CHOICE, required=True, values=("bulk_definition", "frequency_cap", "complaint_trigger")),
    Field("comparison", Type.CHOICE, required=True, values=("more than", "at least", "at most")),
    Field("count", Type.NUMBER, required=True),
    Field("counted", Type.CHOICE, required=True, values=("messages", "complaints", "recipients")),
    Field("period_hours", Type.NUMBER, required=True, most=87_600),
    _line("note"),
)
_AMOUNTS = (
    "money", "penalty_units", "percent_of_turnover", "index_units", "percent_of_index_unit", "minimum_daily_wages",
    "prison_years",
)  # fmt: skip
_PENALTY = (
    Field("amount", Type.NUMBER),
    Field("amount_kind", Type.CHOICE, values=_AMOUNTS),
    Field("currency", Type.CODE, most=3),
    _line("unit"),
    Field("note", Type.TEXT),
)
_COMPLAINT = (
    Field("type", Type.CHOICE, required=True, values=("short_code", "sms", "phone", "email", "web", "ussd")),
    _line("value", required=True),
)
LAW = (
    Field("id", Type.CODE, required=True),
    Field("jurisdiction", Type.CODE, required=True, most=2),
    _line("country", required=True),
    Field("itu_region", Type.CHOICE, required=True, values=REGIONS),
    _line("title", required=True),
    _line("title_original"),
    Field("year_enacted", Type.YEAR),
    Field("year_last_amended", Type.YEAR),
    Field(
        "status",
        Type.CHOICE,
        required=True,
        values=("in force", "enacted-not-in-force", "draft", "repealed", "none"),
    ),
    Field("authority", Type.RECORDS, fields=(_line("name", required=True), Field("url", Type.URL)), provision=True),
    Field("channels", Type.CHOICES, values=CHANNELS, provision=True),
    Field("consent_model", Type.CHOICE, values=CONSENT, provision=True),
    Field("consent_exceptions", Type.LINES, provision=True),
    Field("scope", Type.CHOICE, values=("all", "commercial"), provision=True),
    Field("bulk_threshold", Type.RECORDS, fields=_THRESHOLD, provision=True),
    _flag("sender_identification_required"),
    Field(
        "unsubscribe",
        Type.RECORD,
        required=True,
        fields=(
            _flag("required"),
            Field("time_limit_days", Type.NUMBER, most=3650, provision=True),
            Field("day_type", Type.CHOICE, values=("business", "calendar", "immediate")),
        ),
    ),
    Field("labelling", Type.RECORD, required=True, fields=(_flag("required"), _line("label"))),
    _flag("address_harvesting_banned"),
    _flag("dictionary_attack_banned"),
    _line("do_not_contact_registry", provision=True),
    _flag("private_right_of_action"),
    Field("max_penalty", Type.RECORD, fields=_PENALTY, provision=True),
    _flag("criminal_sanctions"),
    Field(
        "cross_border",
        Type.RECORD,
        required=True,
        fields=(_flag("extraterritorial_reach"), _flag("cooperation_provision")),
    ),
    Field("complaint_channels", Type.RECORDS, fields=_COMPLAINT, provision=True),
    _line("sending_hours", provision=True),
    Field("definition_note", Type.TEXT),
    Field("official_url", Type.URL),
    Field("consent_by_channel", Type.RECORDS, fields=_CHANNEL_MODEL, provision=True, added=True),
    Field("consent_natural_persons", Type.CHOICE, values=CONSENT, provision=True, added=True),
    Field("consent_legal_persons", Type.CHOICE, values=CONSENT, provision=True, added=True),
    Field("definition_elements", Type.LINES, added=True),
    _flag("misleading_content_banned", added=True),
    _flag("false_routing_banned", added=True),
    _flag("third_party_liability", added=True),
    _flag("provider_duties", added=True),
    _flag("provider_immunity", added=True),
    _flag("caller_id_rules", added=True),
    _flag("number_use_rules", added=True),
    Field("powers", Type.LINES, provision=True, added=True),
    _flag("administrative_sanctions", added=True),
    _flag("civil_sanctions", added=True),
    _flag("sharing_gateway", added=True),
    Field("jurisdiction_test", Type.TEXT, provision=True, added=True),
    Field("language", Type.CODE, most=12, added=True),
    Field("from_general_knowledge", Type.LINES, required=True),
    *_LAST,
)
TAGS = (
    "architecture", "authentication", "policy", "filtering", "inbound-control", "outbound-control", "rate-limit", "blocklist",
    "allowlist", "reputation", "reporting", "feedback-loop", "delivery-status", "incident-response", "remediation", "traceback",
    "caller-id", "numbering", "registry", "labelling", "consent", "unsubscribe", "sender-practice", "user-tools", "privacy",
    "encryption", "honeypot", "fraud", "statistics", "information-sharing", "cooperation", "legal-model", "education",
)  # fmt: skip
AUDIENCES = ("regulator", "operator", "sender", "user")
PRACTICE = (
    Field("id", Type.CODE, required=True),
    _line("title", required=True),
    _line("publisher", required=True),
    Field("year", Type.YEAR),
    Field("status", Type.CHOICE, required=True, values=("current", "draft", "superseded", "obsolete", "historic")),
    Field("channels", Type.CHOICES, required=True, values=CHANNELS),
    Field("audience", Type.CHOICES, required=True, values=AUDIENCES),
    Field("prescribes", Type.TEXT, required=True),
    Field("url", Type.URL),
    Field("tags", Type.CHOICES, required=True, values=TAGS),
    Field("evidence_of_effect", Type.TEXT, added=True),
    Field("cost_level", Type.CHOICE, values=("low", "medium", "high"), added=True),
    Field("note", Type.TEXT),
    Field("language", Type.CODE, most=12, added=True),
    *_LAST,
)
BODY_KINDS = (
    "network", "agreement", "treaty", "regional-instrument", "industry-body", "reporting-service", "un-process",
    "law-enforcement", "data-exchange", "project",
)  # fmt: skip
BODY = (
    Field("id", Type.CODE, required=True),
    _line("name", required=True),
    _line("also_known_as"),
    Field("kind", Type.CHOICE, required=True, values=BODY_KINDS),
    Field("scope", Type.CHOICE, required=True, values=("global", "regional", "bilateral", "national")),
    Field("members", Type.TEXT),
    Field("year", Type.YEAR),
    Field("status", Type.CHOICE, required=True, values=("active", "dormant", "ended", "unknown")),
    Field("purpose", Type.TEXT, required=True),
    Field("url", Type.URL),
    Field("note", Type.TEXT),
    *_LAST,
)
FIELDS: Mapping[Kind, tuple[Field, ...]] = {Kind.LAW: LAW, Kind.PRACTICE: PRACTICE, Kind.BODY: BODY}
TITLE = {Kind.LAW: "title", Kind.PRACTICE: "title", Kind.BODY: "name"}  # the field that an entry is called by


def leaves(fields: tuple[Field, ...]) -> Iterator[tuple[str, Field]]:
    """Every field by its path, those of a single record as `unsubscribe.required`; lists of records stay whole."""
    for one in fields:
        if one.type == Type.RECORD:
            yield from ((f"{one.name}.{inner.name}", inner) for inner in one.fields)
        else:
            yield one.name, one


def provisions() -> dict[str, Field]:
    """What laws are compared by: field by path."""
    found = dict(leaves(LAW))
    records = {one.name: one for one in LAW if one.type == Type.RECORD and one.provision}
    shown = {path: one for path, one in found.items() if one.provision and path.partition(".")[0] not in records}
    return shown | records


def value(content: Content, path: str) -> Any:
    """The value at a path such as `unsubscribe.required`; None where there is none."""
    found: Any = content
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def complete(kind: Kind, content: Content) -> dict[str, Any]:
    """The entry with every field of its kind in order, those not given null; records that nothing is known of null as well.

    Fields that the kind does not have are kept at the end, for validation to refuse.
    """
    found = {one.name: _whole(one, content.get(one.name)) for one in FIELDS[kind]}
    return found | {name: given for name, given in content.items() if name not in found}


def _whole(one: Field, given: Any) -> Any:
    if one.type == Type.RECORDS and isinstance(given, list):
        return [_members(one, each) if isinstance(each, Mapping) else each for each in given]
    if one.type != Type.RECORD or not isinstance(given, Mapping | None):
        return given
    members = _members(one, given or {})
    return members if one.required or any(value is not None for value in members.values()) else None


def _members(one: Field, given: Content) -> dict[str, Any]:
    return {inner.name: given.get(inner.name) for inner in one.fields} | {
        name: value for name, value in given.items() if name not in {inner.name for inner in one.fields}
    }
