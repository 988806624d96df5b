"""The demonstration feed: invented traffic of every channel with planted campaigns, marked synthetic in every record.

It speaks the real wire formats (mail, MARS, Evidence NDJSON, call records, DMARC), so the whole path works on it. Addresses
come from ranges that nobody uses: 198.18.0.0/15, the .example domain, numbers kept for fiction.
"""

import random
import string
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from importlib.resources import files
from typing import Any

import orjson

from counterspam.model import Raw

Stamp = Callable[..., Raw]
TARGETS = ("FR", "GB", "US", "SN", "EG", "IN", "BR", "JP", "KE", "DE")
SOURCES = {"email": ("trap", "user-report", "filter"), "sms": ("user-report", "honeypot"), "voice": ("call-record",)}


def _script() -> dict[str, Any]:
    script: dict[str, Any] = orjson.loads((files("counterspam") / "data" / "demo_campaigns.json").read_bytes())
    return script


def _fill(template: str, dice: random.Random, link: str = "") -> str:
    """The template with its slots filled: {amount} {ref} {n2} {n3} {n4} {slot} {link}."""
    return (
        template.replace("{link}", link)
        .replace("{amount}", str(dice.choice((1.99, 2.49, 49, 250, 399, 890, 1200, 5000))))
        .replace("{ref}", "".join(dice.choices(string.digits, k=8)))
        .replace("{slot}", "".join(dice.choices(string.ascii_lowercase + string.digits, k=6)))
        .replace("{n4}", f"{dice.randrange(10**4):04d}")
        .replace("{n3}", f"{dice.randrange(20):03d}")
        .replace("{n2}", f"{dice.randrange(10, 99)}")
    )


def _mail(dice: random.Random, at: datetime, sender: str, subject: str, text: str, network: int, passes: bool) -> bytes:
    """A mail as a mailbox provider hands it over, with the Received line that its own server wrote."""
    ip = f"198.18.{network}.{dice.randrange(1, 255)}"
    host = f"host{dice.randrange(500)}.net{network}.example"
    message = EmailMessage()
    message["Received"] = (
        f"from {host} ({host} [{ip}]) by mx1.receiver.example with ESMTP id {dice.randrange(10**9):x}; {format_datetime(at)}"
    )
    result = "pass" if passes else "fail"
    domain = sender.partition("@")[2] or "free-mail.example"
    message["Authentication-Results"] = (
        f"mx1.receiver.example; spf={result} smtp.mailfrom={domain}; dkim={'pass' if passes else 'none'}; dmarc={result}"
    )
    message["From"] = sender if "@" in sender[1:] else f"notice@{domain}"
    message["To"] = "reader@receiver.example"
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{dice.randrange(10**15):x}@{domain}>"
    message.set_content(text)
    return bytes(message)


def _report(dice: random.Random, at: datetime, channel: str, sender: str, text: str, target: str) -> bytes:
    """A subscriber's report: MARS fields for mobile messages, an Evidence line for the rest."""
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    reporter = f"reader-{dice.randrange(400)}"
    if channel in ("sms", "rcs", "mms"):
        return orjson.dumps(
            {
                "v": "1",
                "u": "Counterspam/Demo/1",
                "s": sender,
                "r": reporter,
                "m": {"p": channel, "t": stamp, "c": text},
            }
        )
    return orjson.dumps(
        {
            "counterspam": "1",
            "channel": channel,
            "observed_at": stamp,
            "sender": sender,
            "text": text,
            "reporter": reporter,
            "recipient": {"country": target},
        }
    )


def _calls(dice: random.Random, at: datetime, senders: list[str]) -> bytes:
    """Call records of a minute: ordinary calls, and one caller of the campaign ringing many numbers briefly."""
    lines = ["caller,called,start,duration,answered,trunk"]
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for _ in range(dice.randrange(20, 60)):
        caller, called = (f"+4420794600{dice.randrange(100):02d}" for _ in range(2))
        lines.append(f"{caller},{called},{stamp},{dice.randrange(5, 600)},1,demo-national")
    caller = _fill(dice.choice(senders), dice)
    for _ in range(dice.randrange(25, 60)):
        rings = caller.startswith(("+882", "+216"))
        seconds = 0 if rings else dice.randrange(1, 12)
        lines.append(
            f"{caller},+447700900{dice.randrange(1000):03d},{stamp},{seconds},{0 if rings else 1},demo-transit"
        )
    return ("\n".join(lines) + "\n").encode()


def _dmarc(dice: random.Random, at: datetime) -> bytes:
    """An aggregate report of an invented receiver about an invented domain."""
    end = int(at.timestamp())
    rows = []
    for _ in range(dice.randrange(3, 9)):
        fine = dice.random() < 0.6
        ip = f"198.18.{dice.choice((1, 2, 10)) if fine else dice.choice((4, 5, 6, 9))}.{dice.randrange(1, 255)}"
        result = "pass" if fine else "fail"
        rows.append(
            f"<record><row><source_ip>{ip}</source_ip><count>{dice.randrange(1, 60)}</count><policy_evaluated>"
            f"<disposition>{'none' if fine else 'reject'}</disposition><dkim>{result}</dkim><spf>{result}</spf>"
            "</policy_evaluated></row><identifiers><header_from>bank.example</header_from></identifiers><auth_results><spf><domain>bank.example"
            f"</domain><result>{result}</result></spf></auth_results></record>"
        )
    return (
        '<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name>'
        f"<email>dmarc@receiver.example</email><report_id>{dice.randrange(10**12)}</report_id><date_range><begin>{end - 86400}"
        f"</begin><end>{end}</end></date_range></report_metadata><policy_published><domain>bank.example</domain><p>reject</p>"
        f"</policy_published>{''.join(rows)}</feedback>"
    ).encode()


def feed(stamp: Stamp, seed: int = 0, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Raw]:
    """Raw items without end. `stamp(data, intake=, name=, source=, jurisdiction=, synthetic=)` makes the Raw."""
    dice = random.Random(seed)
    script = _script()
    campaigns = script["campaigns"]
    weights = [campaign["weight"] for campaign in campaigns]
    while True:
        target, at = dice.choice(TARGETS), now()
        if dice.random() < 0.3:
            data, source = _ham(dice, at, dice.choice(script["ham"]), target)
        elif dice.random() < 0.04:
            data, source = _dmarc(dice, at), ""
        else:
            data, source = _spam(dice, at, dice.choices(campaigns, weights)[0], target)
        yield stamp(data, intake="demo", name="demonstration", source=source, jurisdiction=target, synthetic=True)


def _ham(dice: random.Random, at: datetime, ham: dict[str, str], target: str) -> tuple[bytes, str]:
    sender = _fill(ham["sender"], dice)
    if ham["channel"] == "email":
        return _mail(
            dice,
            at,
            sender,
            ham["subject"],
            ham["text"] + f"\n\n{dice.randrange(10**6)}",
            dice.choice((0, 1, 2, 10, 13)),
            True,
        ), "filter"
    line = orjson.loads(_report(dice, at, "im", sender, ham["text"], target))
    return orjson.dumps({**line, "channel": ham["channel"], "reported_spam": False, "reporter": ""}), "filter"


def _spam(dice: random.Random, at: datetime, campaign: dict[str, Any], target: str) -> tuple[bytes, str]:
    channel = dice.choice(campaign["channels"])
    if channel == "voice":
        return _calls(dice, at, campaign["senders"]), ""
    sender = _fill(dice.choice(campaign["senders"]), dice)
    text = _fill(dice.choice(campaign["texts"]), dice, _fill(campaign["link"], dice))
    source = dice.choice(SOURCES.get(channel, ("user-report",)))
    if channel == "email":
        subject = _fill(campaign["subject"], dice)
        return _mail(dice, at, sender, subject, text, dice.choice(campaign["networks"]), dice.random() < 0.2), source
    return _report(dice, at, channel, sender, text, target), source
