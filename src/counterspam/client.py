"""The public statistics of any node, from Python.

    from counterspam.client import Client

    with Client("https://spam.example") as node:
        answer = node.query(metrics="reports,spam_share", dimensions="channel", period="7d")
        for row in answer.rows:
            print(row["channel"], row["reports"])

The client asks again when a node says that it is asked too often, and does not fetch twice what has not changed.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from counterspam.errors import CounterspamError

Row = dict[str, Any]
# Parameters that mean nothing when they are empty; an empty filter asks for what is unknown.
NOT_FILTERS = ("metrics", "dimensions", "period", "interval", "channel", "order", "cursor", "synthetic")
MOST_KEPT = 100  # answers
MOST_WAITS = 5
LONGEST_WAIT = 120.0  # seconds


class Refused(CounterspamError):
    """The node answered with a problem document (RFC 9457); the text is its title and detail."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows, what their numbers mean, and `notes`: all else that the node says of them (docs/statistics.md)."""

    rows: list[Row]
    totals: Row
    units: dict[str, str]
    notes: dict[str, Any]
    next: str = ""


class Client:
    """A node at `url`. With a `key` that may read evidence the figures are exact. `transport` is for tests."""

    def __init__(self, url: str, key: str = "", *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Accept": "application/json", **({"X-Api-Key": key} if key else {})}
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=60, transport=transport)
        self._kept: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def query(
        self,
        metrics: str | Sequence[str] = (),
        dimensions: str | Sequence[str] = (),
        period: str = "24h",
        interval: str = "",
        **filters: str | int | Sequence[str],
    ) -> Answer:
        """One question; `filters` are dimensions with their values, or limit, order, synthetic and cursor.

        Raises Refused where the node cannot answer it, CounterspamError where it cannot be reached.
        """
        given = {"metrics": metrics, "dimensions": dimensions, "period": period, "interval": interval}
        return self._ask("query", {**given, **filters})

    def pages(self, **question: Any) -> Iterator[Answer]:
        """The answer and, page after page, all further rows; parameters as of `query`."""
        answer = self.query(**question)
        yield answer
        while answer.next:
            answer = self.query(**{**question, "cursor": answer.next})
            yield answer

    def series(self, name: str, period: str = "24h", channel: str = "", limit: int = 10) -> Answer:
        """A named question, such as volume_by_channel; `names` says which there are."""
        return self._ask(f"statistics/{name}", {"period": period, "channel": channel, "limit": limit})

    def names(self) -> list[dict[str, str]]:
        """The named questions with what they mean."""
        found: list[dict[str, str]] = self._get("statistics", {})["rows"]
        return found

    def _ask(self, path: str, given: dict[str, str | int | Sequence[str]]) -> Answer:
        texts = {name: str(value) if isinstance(value, str | int) else ",".join(value) for name, value in given.items()}
        found = self._get(path, {name: text for name, text in texts.items() if text or name not in NOT_FILTERS})
        notes = {name: value for name, value in found.items() if name not in ("rows", "totals", "units", "next")}
        return Answer(found["rows"], found["totals"], found["units"], notes, found["next"])

    def _get(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        request = self._http.build_request("GET", f"/api/v1/{path}", params=params)
        name = str(request.url)
        etag, content = self._kept.get(name, ("", {}))
        if etag:
            request.headers["If-None-Match"] = etag
        answer = self._patiently(request)
        if answer.status_code == 304:
            self._kept.move_to_end(name)
            return content
        found = _content(answer)
        if answer.is_error or not found:
            raise Refused(
                answer.status_code,
                str(found.get("title") or f"status {answer.status_code}"),
                str(found.get("detail", "")),
            )
        if tag := answer.headers.get("etag"):
            self._kept[name] = tag, found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _patiently(self, request: httpx.Request) -> httpx.Response:
        """The answer; one that says when to come back is asked for again then, a few times."""
        for left in range(MOST_WAITS, -1, -1):
            try:
                answer = self._http.send(request)
            except httpx.HTTPError as error:
                raise CounterspamError(
                    f"{request.url.host} does not answer: {error or type(error).__name__}"
                ) from error
            wait = answer.headers.get("retry-after", "")
            if answer.status_code not in (429, 503) or not (wait.isdecimal() and left and float(wait) <= LONGEST_WAIT):
                break
            time.sleep(max(float(wait), 0.1))
        return answer


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return {"rows": found} if isinstance(found, list) else dict(found)
