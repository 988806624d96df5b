"""Evidence of a day at which time stands still, as records to count and as answers to questions. Some of it is hostile."""

from importlib.resources import files
from typing import Any

from counted_answers import NOW, Row, records
from sqlalchemy import text

from counterspam.measure import scope
from counterspam.store.records import Records

HOUR = NOW - NOW % 3600
ID = f"{NOW * 1000:012x}"
EVIDENCE = f"{ID[:8]}-{ID[8:]}-774b-bcce-b302099a8057"
CAMPAIGN = 0x2B54A98CEB1F0AD2
HOSTILE = "<script>alert(1)</script> https://bank.example/login\u202egnp.exe \"'&"

SEEN: Row = {
    "id": EVIDENCE,
    "received_at": NOW * 1000,
    "channel": "sms",
    "source": "user-report",
    "sender": "+15550100123",
    "sender_kind": "phone",
    "subject": "",
    "excerpt": HOSTILE,
    "spam": 1,
    "probability": 0.97,
    "content_type": "bank",
    "country": "",
    "recipient_country": "CI",
    "count": 3,
    "synthetic": 0,
}
DETAIL = (
    '{"summary":"Spam: imitates a bank","checks":[["links","look-alike",2.1,"<b>imitates</b> one"],["text","plain",-0.4,""]],'
    '"spans":[["text",0,7,1.5],["text",5,9,-0.5]],"hops":[{"by":"mx.example.org","sender":"<x>","ip":"192.0.2.7","at":0,"country":"DE",'
    '"asn":64496,"network":"Example Net","trusted":false,"forged":true,"note":"says a later time"}],'
    '"attachments":[{"name":"<a>.exe","type":"application/x","size":2048,"sha256":"ab12"}],"urls":["https://bank.example/login"],'
    '"ai":{"score":0.97,"wrong":0.0276}}'
)
FULL: Row = {
    **SEEN,
    "observed_at": NOW * 1000 - 1000,
    "node": "node",
    "format": "mars",
    "intake": "http",
    "reporter": "0011223344556677",
    "seen_before": 41,
    "nature": "fraudulent",
    "payload": "url",
    "technique": "unknown",
    "disposition": "delivered",
    "model": "m1",
    "asn": 64496,
    "network": "Example Net",
    "operator": "",
    "recipient_operator": "Example Mobile",
    "source_ip": "192.0.2.7",
    "language": "en",
    "spf": "",
    "dkim": "fail",
    "dmarc": "",
    "stir": "",
    "campaign": CAMPAIGN,
    "domains": ["bank.example"],
    "numbers": ["+15550100999"],
    "body_hash": "aa",
    "blob": "2026/11/22/node-1#0+10",
    "record": 0,
    "detail": DETAIL,
}


def counted() -> list[Row]:
    """450 messages and calls in 225 reports, 150 of them spam: 100 of 400 that people reported, and all of the 50 of traps."""
    people = [
        *records(100, messages=2, spam=False, channel="email", origin="DE", destination="CI"),
        *records(50, messages=2, spam=False, origin="DE", destination="CI"),
        *records(20, messages=2, channel="email", origin="DE", destination="CI", transit=("NL",)),
        *records(5, messages=2, channel="email", origin="NG"),
        *records(15, messages=2, channel="email", content_type="unknown"),
        *records(4, messages=2, channel="email", origin="AQ", destination="CI"),
        *records(2, messages=2, channel="email", origin="FJ", destination="CI", asn=64496, network="<Net>"),
        *records(4, messages=2, channel="email"),
    ]
    kept = {"origin": "DE", "asn": 64496, "network": "<Net>", "operator": "<Net>", "sender": "<Net>"}
    return [*people, *records(25, messages=2, source="trap", **kept)]


ANSWERS: dict[str, list[Row]] = {
    "reporters": [{"reporters": 77}],
    "k1_spam_share": [
        {
            "channel": "email",
            "basis": "user-report",
            "numerator": 100,
            "denominator": 300,
            "numerator_reports": 50,
            "denominator_reports": 150,
            "contributors": 5,
            "synthetic": 0,
        }
    ],
    "quality_coverage": [
        {
            "channel": "email",
            "source": "user-report",
            "via_format": "",
            "via_intake": "",
            "nodes": 1,
            "reports": 150,
            "messages": 300,
            "first": HOUR - 3600,
            "last": HOUR,
            "hours": 2,
            "no_country": 30,
            "no_destination": 10,
            "no_type": 15,
            "late_hour": 30,
            "late_day": 3,
            "synthetic": 0,
        }
    ],
    "top_campaigns": [{"id": CAMPAIGN, "ranked_by": 60}],
    "campaigns_joined": [],
    "campaign_cards": [
        {
            "campaign": CAMPAIGN,
            "channel": "sms",
            "content_type": "bank",
            "messages": 60,
            "reports": 20,
            "first_seen": (NOW - 7200) * 1000,
            "last_seen": NOW * 1000,
            "contributors": [1, 2, 3, 4, 5],
            "synthetic": 0,
        }
    ],
    "campaign_parts": [{"id": CAMPAIGN, "parts": []}],
    "campaign_days": [
        {
            "at": HOUR - HOUR % 86400,
            "channel": "sms",
            "content_type": "bank",
            "spam": 1,
            "messages": 60,
            "reports": 20,
            "first_seen": (NOW - 7200) * 1000,
            "last_seen": NOW * 1000,
            "contributors": [1, 2, 3, 4, 5],
            "synthetic": 0,
        }
    ],
    "campaign_hours": [],
    "campaign_spread": [
        {"facet": "text", "value": "aa", "messages": 60, "reports": 20, "example": HOSTILE, "kind": ""},
        {"facet": "sender", "value": "+15550100123", "messages": 60, "reports": 20, "example": "", "kind": "phone"},
        {"facet": "number", "value": "+15550100999", "messages": 60, "reports": 20, "example": "", "kind": ""},
        {"facet": "link", "value": "bank.example", "messages": 60, "reports": 20, "example": "", "kind": ""},
        {"facet": "origin", "value": "", "messages": 60, "reports": 20, "example": "", "kind": ""},
    ],
    "campaign_evidence": [SEEN],
    "newest_minutes": [{"at": HOUR, "reports": 100}],
    "newest_evidence": [SEEN],
    "evidence": [FULL],
    "same_text": [SEEN],
    "synthetic_reports": [{"reports": 0}],
    "span": [{"reports": 225, "first": NOW - 3 * 86400, "last": NOW}],
}


def name_campaign(records: Records, title: str = HOSTILE) -> None:
    """Give the campaign its row in the records store."""
    with records.begin() as conn:
        conn.execute(
            text("INSERT INTO campaigns VALUES (:id, :title, :exemplar, 'sms', :at, :at, 60, 20, NULL)"),
            {"id": CAMPAIGN, "title": title, "exemplar": EVIDENCE, "at": NOW * 1000},
        )


class Canned:
    """An event store that knows the answers, by the name of the question; `asked` are the names of those asked."""

    def __init__(self) -> None:
        self.answers = {name: [dict(row) for row in rows] for name, rows in ANSWERS.items()}
        self.asked: list[str] = []
        folder = files("counterspam.measure") / "sql"
        names = [path.name.removesuffix(".sql") for path in folder.iterdir() if path.name.endswith(".sql")]
        self._names = {scope.text(name): name for name in names}

    def query(self, sql: str, parameters: Any = None) -> list[Row]:
        """The rows of the question that this SQL is; none where no answer is known."""
        name = self._names[sql]
        self.asked.append(name)
        return [dict(row) for row in self.answers.get(name, [])]

    def made_up(self) -> None:
        """From now on all of it is synthetic."""
        for rows in self.answers.values():
            for row in rows:
                row |= {"synthetic": 1} if "synthetic" in row else {}
        self.answers["synthetic_reports"] = [{"reports": 225}]

    def nothing(self) -> None:
        """From now on the store is empty."""
        self.answers = {name: [] for name in self.answers}
        self.answers["span"] = [{"reports": 0, "first": 0, "last": 0}]
        self.answers["synthetic_reports"] = [{"reports": 0}]
        self.answers["campaign_parts"] = [{"id": 1, "parts": []}]
