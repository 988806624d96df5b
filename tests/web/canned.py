"""Answers to every question, by hand: what pages show is checked against these and nothing else. Some of them are hostile."""

import time
from typing import Any

from sqlalchemy import text

from counterspam.measure import questions, scope
from counterspam.store.records import Records

Row = dict[str, Any]
NOW = int(time.time())
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
    '"attachments":[{"name":"<a>.exe","type":"application/x","size":2048,"sha256":"ab12"}],"urls":["https://bank.example/login"]}'
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


def origin(country: str, reports: int, recipient: str = "CI") -> Row:
    """Ten messages per report, all spam."""
    counts = {"spam_messages": 10 * reports, "spam_reports": reports, "messages": 12 * reports, "reports": reports + 1}
    return {"country": country, "recipient_country": recipient, **counts}


def volume(channel: str, at: int, messages: int) -> Row:
    """A cell of the chart."""
    return {
        "at": at,
        "channel": channel,
        "messages": messages,
        "reports": messages // 2,
        "spam_messages": messages // 2,
    }


ANSWERS: dict[str, list[Row]] = {
    "volume_by_channel": [volume("email", HOUR, 300), volume("sms", HOUR, 100), volume("sms", HOUR - 3600, 50)],
    "volume_by_type": [
        {"at": HOUR, "content_type": "bank", "messages": 120, "reports": 60},
        {"at": HOUR, "content_type": "unknown", "messages": 30, "reports": 10},
    ],
    "spam_share": [
        {
            "source": "user-report",
            "messages": 400,
            "reports": 200,
            "spam_messages": 100,
            "spam_reports": 50,
            "synthetic_reports": 0,
        },
        {
            "source": "trap",
            "messages": 50,
            "reports": 25,
            "spam_messages": 50,
            "spam_reports": 25,
            "synthetic_reports": 0,
        },
    ],
    "reporters": [{"reporters": 77}],
    "origins_by_country": [origin("DE", 20), origin("", 9), origin("NG", 5), origin("AQ", 4), origin("FJ", 2)],
    "origins_by_network": [{"asn": 64496, "network": "<Net>", "country": "DE", "spam_messages": 90, "spam_reports": 9}],
    "origins_by_operator": [],
    "route_matrix": [origin("DE", 20), origin("", 9), origin("NG", 5, ""), origin("AQ", 4)],
    "top_routes": [{**origin("DE", 6), "transit": ["NL", ""]}],
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
    """An event store that knows the answers; `asked` counts the questions."""

    def __init__(self) -> None:
        self.answers = {name: [dict(row) for row in rows] for name, rows in ANSWERS.items()}
        self.asked: list[str] = []
        self._names = {scope.text(name): name for name in questions.QUESTIONS}

    def query(self, sql: str, parameters: Any = None) -> list[Row]:
        """The rows of the question that this SQL is."""
        name = self._names[sql]
        self.asked.append(name)
        return [dict(row) for row in self.answers[name]]

    def made_up(self) -> None:
        """From now on all of it is synthetic."""
        for rows in self.answers.values():
            for row in rows:
                row |= {"synthetic": 1} if "synthetic" in row else {}
                row |= {"synthetic_reports": row["reports"]} if "synthetic_reports" in row else {}
        self.answers["synthetic_reports"] = [{"reports": 225}]

    def nothing(self) -> None:
        """From now on the store is empty."""
        self.answers = {name: [] for name in self.answers}
        self.answers["reporters"] = [{"reports": 0, "reporters": 0}]
        self.answers["span"] = [{"reports": 0, "first": 0, "last": 0}]
        self.answers["synthetic_reports"] = [{"reports": 0}]
        self.answers["campaign_parts"] = [{"id": 1, "parts": []}]
