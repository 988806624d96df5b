"""What was never seen before: campaigns and routes that are new and already large."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from counterspam.measure import change_questions as asked
from counterspam.measure.observation import (
    CAMPAIGN,
    LEAST_CONTRIBUTORS,
    LEAST_MESSAGES,
    ROUTE,
    Observation,
    Subject,
)
from counterspam.measure.periods import DAY
from counterspam.measure.scope import Query, Row, text

UNSEEN = 30 * DAY
MOST_KNOWN = 20_000  # ids that a query is told to pass over
LEARNING = 7 * DAY  # of evidence without which nothing is called new


def routes(query: Query, now: int, first: int) -> Iterator[Observation]:
    """Pairs of countries, and routes with transit, unseen in 30 days, that carry spam since yesterday."""
    recent = now - now % DAY - DAY
    if recent - first < LEARNING:
        return
    given = {
        "start": recent - UNSEEN,
        "recent": recent,
        "end": now + 1,
        "messages": LEAST_MESSAGES,
        "least": LEAST_CONTRIBUTORS,
    }
    pairs = _begun(query, asked.change_pairs(query, **given), recent)
    known = {_ends(row) for row in pairs}
    longer = asked.change_routes(query, **given)
    news = [row for row in longer if _ends(row) not in known]
    for row in [*pairs, *news]:
        yield Observation(
            subject=Subject(
                kind=ROUTE,
                channel=row["channel"],
                country=row["country"],
                recipient_country=row["recipient_country"],
                transit="-".join(code or "??" for code in row.get("transit", ())),
            ),
            began_at=int(row["first"]),
            window=now - int(row["first"]),
            observed=float(row["messages"]),
            reports=int(row["reports"]),
            synthetic=bool(row["synthetic"]),
        )


def _ends(row: Row) -> tuple[str, str, str]:
    return row["channel"], row["country"], row["recipient_country"]


def _begun(query: Query, pairs: list[Row], recent: int) -> list[Row]:
    """The pairs with the hour in which each began; they were found by days."""
    if not pairs:
        return []
    origins, destinations = {row["country"] for row in pairs}, {row["recipient_country"] for row in pairs}
    rows = asked.change_pair_starts(query, recent=recent, origins=sorted(origins), destinations=sorted(destinations))
    first = {_ends(row): row["first"] for row in rows}
    return [{**row, "first": first.get(_ends(row), row["first"])} for row in pairs]


def usual_peak(query: Query, now: int, first: int, allowed: float, known: Sequence[int]) -> float:
    """Messages an hour that new campaigns of the last four weeks exceeded `allowed` times a day or less.

    `known` are campaigns that were told as changes: they are not what is usual.
    """
    today = now - now % DAY
    start = max(today - 28 * DAY, first - first % DAY)
    peaks = asked.change_campaign_peaks(query, start, today, known)
    days = (today - start) / DAY
    place = int(allowed * days)
    peak = peaks[min(place, len(peaks)) - 1] if peaks and place else (2 * peaks[0] if peaks else 0.0)
    return max(peak, float(LEAST_MESSAGES))


def campaigns(query: Query, now: int, peak: float, old: set[int]) -> Iterator[Observation]:
    """Campaigns first received since yesterday that brought more in one hour than `peak`.

    `old` keeps ids that were asked about and are not new, so that they are not asked about again.
    """
    recent = now - now % DAY - DAY
    known = sorted(old)[-MOST_KNOWN:]
    large = asked.change_campaigns(query, start=recent, end=now + 1, messages=int(peak), known=known)
    candidates = [int(row["id"]) for row in large]
    if not candidates:
        return
    parts = {id: [id] for id in candidates}
    for row in query(text("campaigns_joined"), {"ids": candidates}):
        parts[int(row["id"])].append(int(row["campaign"]))
    everything = [part for some in parts.values() for part in some]
    starts = {row["campaign"]: row["first"] for row in asked.change_campaign_starts(query, everything)}
    fresh = [id for id, some in parts.items() if min(starts.get(part, now) for part in some) >= recent]
    old.update(id for id in everything if starts.get(id, now) < recent)
    if not fresh:
        return
    wanted = [part for id in fresh for part in parts[id]]
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in asked.change_campaign_growth(query, wanted, recent, now + 1):
        rows[int(row["campaign"])].append(row)
    for id in fresh:
        found = _grown(id, parts[id], [row for part in parts[id] for row in rows[part]], now, peak)
        if found:
            yield found


def _grown(id: int, parts: Sequence[int], rows: Sequence[Row], now: int, peak: float) -> Observation | None:
    """The campaign as a change, if it has grown beyond what is usual."""
    hours, channels, types = Counter[int](), Counter[str](), Counter[str]()
    for row in rows:
        hours[row["at"]] += row["messages"]
        channels[row["channel"]] += row["messages"]
        types[row["content_type"]] += row["messages"]
    contributors = {one for row in rows for one in row["contributors"]}
    if not hours or max(hours.values()) <= peak or len(contributors) < LEAST_CONTRIBUTORS:
        return None
    first = min(hours)
    return Observation(
        subject=Subject(
            kind=CAMPAIGN,
            channel=max(channels, key=lambda name: channels[name]),
            content_type=types.most_common(1)[0][0],
            campaign=id,
        ),
        began_at=first,
        window=now - first,
        observed=float(hours.total()),
        high=peak,
        reports=sum(row["reports"] for row in rows),
        synthetic=any(row["synthetic"] for row in rows),
        parts=tuple(parts),
    )
