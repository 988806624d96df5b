"""The fields of our Evidence JSON, once: validation, the published JSON Schema and the table in docs/evidence.md.

`python -m counterspam.decode.evidence_fields` writes the schema to standard output.
"""

import ipaddress
import sys
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from counterspam.decode.record import MAX_TEXT, MAX_URLS, MB
from counterspam.decode.sender import MAX_SENDER
from counterspam.decode.times import RFC3339
from counterspam.taxonomy import Channel, Disposition, Source

SCHEMA_ID = "urn:counterspam:evidence:1"
CONTENT = ("sender", "subject", "text", "urls", "numbers", "attachments", "calls", "source_ip", "raw_mail")
BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
COUNTRY = r"^[A-Z]{2}$"
MANY = 1_000_000_000


def _whole(value: Any) -> Any:
    """JSON knows no integers: 3.0 is one (JSON Schema 2020-12 Core section 4.2.3)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _ip(value: str) -> str:
    address = ipaddress.ip_address(value)
    if getattr(address, "scope_id", None):
        raise ValueError("an address with a zone cannot be used")
    return value


Result = Literal["pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", ""]
Number = Annotated[int, Field(ge=0, le=MANY), BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=1, le=MANY), BeforeValidator(_whole)]
Bytes = Annotated[int, Field(ge=0, le=2**53 - 1), BeforeValidator(_whole)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=10_000_000)]
Link = Annotated[str, Field(max_length=4_096)]
Hop = Annotated[str, Field(max_length=200)]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
Address = Annotated[
    str, AfterValidator(_ip), WithJsonSchema({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
]


class Strict(BaseModel):
    """Nothing is guessed and nothing unknown is taken: a mistyped field would lose data silently."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Recipient(Strict):
    """Where it was received; never who received it."""

    country: str = Field("", pattern=COUNTRY, description="Country of the recipient, ISO 3166 alpha-2.")
    operator: str = Field("", max_length=100, description="Operator or provider of the recipient.")


class File(Strict):
    """A file that came with the message; the file itself is not sent."""

    name: str = Field("", max_length=255, description="File name as given.")
    type: str = Field("", max_length=127, description="Media type.")
    size: Bytes = Field(0, description="Size in bytes.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, lower-case hexadecimal.")


class Results(Strict):
    """Authentication results as the observer found them (RFC 8601, RFC 8588)."""

    spf: Result = Field("", description="SPF result.")
    dkim: Result = Field("", description="DKIM result.")
    dmarc: Result = Field("", description="DMARC result.")
    arc: Result = Field("", description="ARC result.")
    stir: Literal["A", "B", "C", "fail", ""] = Field("", description="STIR/SHAKEN attestation, or fail.")


class Pattern(Strict):
    """The calls of one caller within a stretch of time."""

    calls: Count = Field(description="Calls.")
    callees: Number = Field(description="Distinct numbers called.")
    answered: Share = Field(description="Share of calls that were answered, 0 to 1.")
    mean_duration: Seconds = Field(description="Mean duration of the answered calls, seconds.")
    short_ring: Share = Field(description="Share of calls that ended within 4 s, 0 to 1.")
    callbacks: Number = Field(0, description="Calls back to the caller.")


class Fields(Strict):
    """One reported or observed message or call, or an aggregate of `count` like ones."""

    counterspam: Literal["1"] = Field(description="Version of this format.")
    channel: Channel = Field(strict=False, description="By which kind of service it reached the recipient.")
    id: str = Field(
        "", min_length=1, max_length=200, description="Your own id; the same id from the same reporter counts once."
    )
    source: Source = Field(Source.USER_REPORT, strict=False, description="Kind of observer; default user-report.")
    observed_at: str = Field("", pattern=RFC3339, max_length=64, description="When it was received; default now.")
    reporter: str = Field("", max_length=320, description="Who reports; a keyed pseudonym is stored instead.")
    jurisdiction: str = Field(
        "", pattern=COUNTRY, description="Country whose figures it belongs to; default the node's."
    )
    sender: str = Field(
        "", max_length=MAX_SENDER, description="Sender as given: number, short code, name, e-mail, handle, URL or IP."
    )
    recipient: Recipient = Field(
        default_factory=lambda: Recipient.model_validate({}), description="Where it was received."
    )
    subject: str = Field("", max_length=2_000, description="Subject line.")
    text: str = Field("", max_length=MAX_TEXT, description="The text of the message, or what was said.")
    urls: list[Link] = Field([], max_length=MAX_URLS, description="Links that the text does not hold itself.")
    numbers: list[E164] = Field([], max_length=MAX_URLS, description="Call-back numbers, E.164 with the plus sign.")
    attachments: list[File] = Field([], max_length=100, description="Files that came with it, by hash.")
    auth: Results = Field(default_factory=lambda: Results.model_validate({}), description="Authentication results.")
    calls: Pattern | None = Field(None, description="The calling pattern, for aggregated calls.")
    language: str = Field(
        "", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35, description="Language, BCP 47."
    )
    count: Count = Field(1, description="How many like messages or calls it stands for; default 1.")
    disposition: Disposition = Field(
        Disposition.UNKNOWN, strict=False, description="What the observer did with it; default unknown."
    )
    relays: list[Hop] = Field(
        [], max_length=50, description="Named hops (SMSC, trunk, reseller), from the recipient's side to the origin."
    )
    source_ip: Address = Field("", description="Address that it came from, IPv4 or IPv6.")
    claimed: str = Field("", max_length=200, description="What the reporter calls it, in the reporter's words.")
    reported_spam: bool | None = Field(None, description="Whether the reporter calls it spam; null or absent: no word.")
    synthetic: bool = Field(False, description="Made up, for a test or a demonstration.")
    raw_mail: str = Field(
        "",
        pattern=BASE64,
        max_length=48 * MB,
        json_schema_extra={"contentEncoding": "base64", "contentMediaType": "message/rfc822"},
        description="The whole e-mail, base64; what is not given in the other fields is read from it.",
    )


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one evidence object."""
    schema: dict[str, Any] = _bare(Fields.model_json_schema())
    schema["title"] = "counterspam evidence"
    schema["patternProperties"] = {"^x_": {"description": "Your own data; ignored."}}
    schema["anyOf"] = [{"required": [name]} for name in CONTENT]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def _bare(node: Any) -> Any:
    """Without the titles and defaults that the generator adds; a property may be called so, hence the look at its type."""
    if isinstance(node, dict):
        drop = ("default",) if isinstance(node.get("title"), dict) else ("title", "default")
        return {key: _bare(value) for key, value in node.items() if key not in drop}
    return [_bare(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
