"""A node without workers and event store: real records, an inbox instead of a spool, canned rows for questions."""

import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from counterspam.config import Config
from counterspam.decide import Sources
from counterspam.defining import Definitions
from counterspam.errors import Reason, SpoolFull, StoreError
from counterspam.learning import Learning
from counterspam.model import Check, Evidence, Facts, Finding, Hop, Origin, Raw, Rejected, Verdict
from counterspam.store import api_keys, rejected
from counterspam.store.records import Records
from counterspam.taxonomy import Channel, ContentType, Nature, Payload, Source, Technique

EVIDENCE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
AT = 1_688_000_000_000
ROW = {
    "id": EVIDENCE_ID,
    "received_at": AT,
    "observed_at": AT,
    "channel": "sms",
    "source": "user-report",
    "sender": "+15550100",
    "sender_kind": "phone",
    "subject": "",
    "excerpt": "You won",
    "spam": 1,
    "probability": 0.97,
    "content_type": "contest",
    "country": "",
    "count": 1,
    "campaign": 0xAB54A98CEB1F0AD2,
    "synthetic": 0,
}


class Events:
    """Answers by the first word that the SQL contains."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {
            "What arrived last": [ROW],
            "Which evidence meets": [ROW],
            "What is known about one": [{**ROW, "blob": "", "detail": '{"checks": []}'}],
            "Which campaign is this": [{"id": ROW["campaign"], "parts": []}],
            "AS reports,\n       (SELECT": [{"reports": 1, "first": AT // 1000, "last": AT // 1000}],
            "campaign per hour": [],
            "different reporters": [{"reporters": 3}],
        }

    def query(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
        """Rows of the first answer whose words are in the SQL."""
        self.asked.append((sql, params))
        return next(([dict(row) for row in rows] for words, rows in self.answers.items() if words in sql), [])


class Blobs:
    """No raw item is kept."""

    def get(self, ref: str) -> bytes:
        """Nothing."""
        raise StoreError("gone")


class FakeNode:
    """What the web needs of a node."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.config = Config(data=folder, **settings)
        self.records = Records.open(self.config)
        self.records.migrate()
        self.events = Events()
        self.definitions = Definitions(self.records)
        self.blobs: Any = Blobs()
        self.learning = Learning(
            Sources(self.config, lambda sql, given: self.events.query(sql, given), self.records, self.blobs)
        )
        self.inbox: list[Raw] = []
        self.full = 0  # so many submissions are refused
        self.fault = "ok"
        self._writer = ThreadPoolExecutor(1)
        self._lock = threading.Lock()

    def new_raw(self, data: bytes, *, intake: str, **given: Any) -> Raw:
        """A stamped item."""
        with self._lock:
            number = len(self.inbox)
        return Raw(id=f"{time.time_ns():016x}{number:016x}", data=data, received_at=AT, intake=intake, **given)

    def submit(self, raws: list[Raw]) -> "Future[None]":
        """Into the inbox, in another thread."""
        if self.full > 0:
            self.full -= 1
            raise SpoolFull(1)
        return self._writer.submit(self.inbox.extend, list(raws))

    def check(self, raw: Raw) -> list[Finding | Rejected]:
        """One finding and one rejection."""
        evidence = Evidence(
            id=EVIDENCE_ID,
            key="0" * 32,
            received_at=AT,
            observed_at=AT,
            channel=Channel.SMS,
            source=Source.USER_REPORT,
            format="mars",
            intake=raw.intake,
            text=raw.data.decode("utf-8", "replace"),
            html="<b>",
        )
        verdict = Verdict(
            probability=0.9,
            spam=True,
            content_type=ContentType.CONTEST,
            nature=Nature.FRAUDULENT,
            payload=Payload.URL,
            technique=Technique.UNKNOWN,
            checks=(Check("links", "1 link", 0.5, "a link"),),
            summary="Spam: a contest",
        )
        origin = Origin(country="ZZ", hops=(Hop(by="smsc.example"),))
        finding = Finding(evidence=evidence, facts=Facts(), verdict=verdict, origin=origin, keys=(5,))
        return [finding, Rejected(Reason.BAD_VALUE, "line 2: no sender", 1, "mars", b"\xff")]

    def status(self) -> dict[str, Any]:
        """Fixed figures."""
        return {
            "node": "node",
            "version": "0",
            "started_at": AT,
            "failed": "" if self.fault == "ok" else self.fault,
            "backlog_items": 2,
            "backlog_bytes": 100,
            "damaged": 0,
            "totals": {"read": 5, "accepted": 3, "duplicate": 1, "rejected": 1, "messages": 7, "rejected:bad-value": 1},
            "rates": {"read": 0.1},
            "seconds": {"derive": 1.5},
            "worker_restarts": 1,
            "stores": {"events": {"rows": 3, "bytes": 100}, "volume": {"rows": 1, "bytes": 5}},
        }

    def ready(self) -> dict[str, str]:
        """All well, or the fault."""
        return {"node": self.fault, "events": "ok"}

    def pending(self, intake: str) -> int:
        """Nothing waits here."""
        return 0

    def settled(self, intake: str) -> list[dict[str, Any]]:
        """Read items, as if each held one accepted record."""
        count = Counter(raw.intake for raw in self.inbox)[intake]
        return [{"intake": intake, "format": "mars", "items": count, "read": count, "accepted": count}]

    def retry(self, rejected_id: str) -> None:
        """Mark it."""
        with self.records.begin() as conn:
            rejected.set_state(conn, rejected_id, "retried")

    def dismiss(self, rejected_id: str) -> None:
        """Mark it."""
        with self.records.begin() as conn:
            rejected.set_state(conn, rejected_id, "dismissed")

    def reconcile(self) -> list[str]:
        """No differences."""
        return []

    def key(self, *scopes: str, reporter: str = "") -> str:
        """The secret of a new key."""
        with self.records.begin() as conn:
            return api_keys.create(conn, "test", scopes, reporter)[1]

    def close(self) -> None:
        """End the thread and close the records."""
        self._writer.shutdown()
        self.records.close()


def client(
    app: Any, *, peer: str = "192.0.2.7", host: str = "node.example", secret: str = "", **headers: str
) -> httpx.AsyncClient:
    """A client at an address, with a key or without."""
    if secret:
        headers["authorization"] = f"Bearer {secret}"
    transport = httpx.ASGITransport(app, client=(peer, 1), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)
