"""Tables of complaints about calls, such as the daily Do-Not-Call file of the US Federal Trade Commission.

Of the person who complained nothing is kept but the state or region.
"""

from collections.abc import Iterator, Mapping

from counterspam.decode import columns, sender, times
from counterspam.decode.record import MAX_CUT, MAX_RECORDS, MAX_TEXT, evidence
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel, Source

FORMAT = "complaint"
FIELDS: dict[str, tuple[str, ...]] = {
    "number": ("company_phone_number", "caller_id_number", "reported_number", "complained_number", "offending_number"),
    "created": ("created_date", "ticket_created", "complaint_date", "date_received", "reported_at"),
    "violation": ("violation_date", "date_of_issue", "call_date", "incident_date"),
    "region": ("consumer_state", "state", "region", "province"),
    "subject": ("subject", "issue", "complaint_type", "topic", "type_of_call"),
    "robocall": ("recorded_message_or_robocall", "robocall", "recorded_message"),
    "id": ("complaint_id", "ticket_id", "reference"),
}  # fmt: skip
FTC = {"company_phone_number", "violation_date", "recorded_message_or_robocall"}
YES_NO = {"y": "yes", "yes": "yes", "1": "yes", "true": "yes", "n": "no", "no": "no", "0": "no", "false": "no"}


def looks_like(raw: Raw) -> bool:
    """Whether mapping or header name a complained-about number, and a subject or whether it was a recording."""
    if wanted := columns.targets(raw):
        return "number" in wanted
    names = columns.names(raw.data)[1]
    if len(names) < 2:
        return False
    found = columns.recognise(names, FIELDS)
    return "number" in found and not found.keys().isdisjoint({"subject", "robocall", "violation", "created"})


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """One evidence per complaint, or Rejected with the row as it stood. Raises DecodeError when the columns are missing."""
    mark, names = columns.names(raw.data)
    found, forms = columns.assigned(raw, names, FIELDS)
    if "number" not in found:
        raise DecodeError(Reason.MISSING_FIELD, f"no column for the number among {', '.join(names)}"[:500])
    federal = set(map(columns.plain, names)) >= FTC
    places = {field: names.index(column) for field, column in found.items()}
    lines = columns.rows(columns.utf8(raw.data), mark)
    next(lines, None)
    for index, (cells, line) in enumerate(lines):
        if index >= MAX_RECORDS:
            detail = f"more than {MAX_RECORDS} rows: feed the rest on its own"
            yield Rejected(Reason.TOO_MANY, detail, index, FORMAT)
            return
        try:
            if cells is None:
                raise DecodeError(Reason.BAD_SYNTAX, f"a cell of over {MAX_TEXT} characters: a quote is not closed")
            if len(cells) < len(names) or any(cells[len(names) :]):
                raise DecodeError(Reason.BAD_SYNTAX, f"{len(cells)} cells where the header has {len(names)}")
            row = {field: cells[at].strip() for field, at in places.items()}
            yield _evidence(raw, index, row, forms, federal)
        except DecodeError as error:
            yield Rejected(error.reason, error.detail, index, FORMAT, line.encode()[:MAX_CUT])


def _evidence(raw: Raw, index: int, row: Mapping[str, str], forms: Mapping[str, str], federal: bool) -> Evidence:
    country = "US" if federal else raw.jurisdiction
    given = row["number"][: sender.MAX_SENDER]
    name, kind = sender.normalise(given, country) if given else sender.NOBODY
    subject = row.get("subject", "")[:200]
    robocall = row.get("robocall", "").lower()
    if not given and not subject and robocall not in YES_NO:
        raise DecodeError(Reason.MISSING_FIELD, "neither a number nor a subject")
    headers = {}
    if robocall in YES_NO:
        headers["robocall"] = YES_NO[robocall]
    if region := row.get("region", ""):
        headers["region"] = region[:60]
    observed_at, unread = _time(row, forms)
    if unread:
        headers["date"] = unread[:64]
    identity = [
        row.get("id", ""),
        given,
        *(row.get(field, "") for field in ("created", "violation", "region", "subject")),
    ]
    if not identity[0]:
        identity.append(str(raw.first + index))
    return evidence(
        raw,
        index,
        FORMAT,
        identity=identity,
        channel=Channel.VOICE,
        source=Source.USER_REPORT,
        observed_at=observed_at,
        sender_raw=given,
        sender=name,
        sender_kind=kind,
        recipient_country=country,
        claimed=subject,
        reported_spam=True,
        headers=headers,
    )


def _time(row: Mapping[str, str], forms: Mapping[str, str]) -> tuple[int, str]:
    """When the call came, else when the complaint was made, 0 when neither can be read; and a date that could not."""
    unread = ""
    for field in ("violation", "created"):
        if given := row.get(field, ""):
            if found := times.milliseconds(given, forms.get(field, "")):
                return found, unread
            unread = unread or given
    return 0, unread
