"""What OpenAPI says about the doors: their bodies are read by hand, so nothing of it can be derived."""

from typing import Any

import orjson

from counterspam.taxonomy import Channel, Source
from counterspam.web.problems import responses

SECURITY: list[dict[str, list[str]]] = [{"HTTPBearer": []}, {"APIKeyHeader": []}]
_ANY = {"schema": {"type": "string", "format": "binary"}}
EXAMPLE = (
    '{"channel": "sms", "source": "user-report", "sender": "+15550100", "text": "You won, see http://prize.example/"}'
)
BODY = {
    "required": True,
    "description": "A report in any format that the node decodes, as it is; the media type is not looked at.",
    "content": {
        "application/octet-stream": _ANY,
        "message/rfc822": _ANY,
        "application/json": {"schema": {"type": "object"}, "example": orjson.loads(EXAMPLE)},
    },
}
CHECKED = {
    **BODY,
    "description": "A message in any format that the node decodes; as text/plain with a channel, the text of one message.",
    "content": {**BODY["content"], "text/plain": {"schema": {"type": "string"}, "example": "You won a prize"}},  # type: ignore[dict-item]
}
STREAM = {
    "required": True,
    "content": {"application/x-ndjson": {"schema": {"type": "string"}, "example": EXAMPLE + "\n"}},
}
FRAMES = {"required": True, "content": {"application/octet-stream": _ANY}}
FILE = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
            }
        }
    },
}


def _parameter(name: str, about: str, place: str = "query", **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": False, "description": about, "schema": {"type": "string", **schema}}


OPTIONS = [
    _parameter("source", "Which kind of observer reports (also header X-Source).", enum=list(Source)),
    _parameter("channel", "Channel of the message (also header X-Channel).", enum=list(Channel)),
    _parameter("name", "What to call it in lists, at most 200 characters (also header X-Name).", maxLength=200),
    _parameter("jurisdiction", "Country that it concerns (also header X-Jurisdiction).", pattern="^[A-Z]{2}$"),
    _parameter("intake", "Name under which it is counted.", pattern="^(http|ingest)-[a-z0-9-]{1,50}$"),
]
CHECK_OPTIONS = [
    *OPTIONS[:4],
    _parameter("format", "Name of the format (docs/formats.md), or `text`; default: what the bytes look like."),
]
IDEMPOTENCY = _parameter(
    "Idempotency-Key", "The same key again gives the same answer and stores nothing.", "header", maxLength=255
)


def door(summary: str, model: type, body: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """How the route of a door is declared; its function checks the key itself."""
    return {
        "summary": summary,
        "status_code": 202,
        "response_model": model,
        "responses": responses(400, 401, 403, 413, 415, 422, 503),
        "openapi_extra": {"x-scope": "report", "requestBody": body, "parameters": parameters, "security": SECURITY},
    }
