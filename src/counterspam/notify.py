"""Telling others of changes: a signed POST to each webhook, and a digest by mail through the configured relay.

At least once for each target: it is noted after it succeeded, and tried again with growing pauses until it does. The note of
a webhook carries the hash of its address only, as addresses may hold secrets; errors name no address either.
"""

import base64
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import MutableMapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import httpx
import orjson

from counterspam.config import Config
from counterspam.store import changes
from counterspam.store.changes import Change, Telling
from counterspam.store.records import Records
from counterspam.web.feeds import address, explained
from counterspam.web.format import iso
from counterspam.web.sentences import said

TIMEOUT = 10.0  # seconds for a webhook or the relay to answer
FIRST_PAUSE, LONGEST_PAUSE = 60_000, 6 * 3_600_000  # ms between two tries
LEASE = 120_000  # ms for which one node alone tells a target
SINCE = 86_400_000  # ms: what a target that was never told anything gets of the past
DIGEST = "digest"
MOST = 200  # changes in one digest
HOUR = 3_600_000


class Notifier:
    """Tells the targets of a configuration; `doors` says how each is doing. Without targets it does nothing."""

    def __init__(self, config: Config, records: Records, doors: MutableMapping[str, str]) -> None:
        self._config, self._records, self._doors = config, records, doors
        self._hooks = {hook_name(url): url for url in config.webhook_urls}
        self._digest = bool(config.mail_relay_host and config.digest_to)
        self.wanted = bool(self._hooks) or self._digest

    def round(self, now: int) -> int:
        """Tell what is due at `now` (ms); how many tellings succeeded."""
        done = sum(self._hook(name, url, now) for name, url in self._hooks.items())
        return done + (self._mail(now) if self._digest else 0)

    def _due(self, target: str, state: str, now: int) -> list[Telling]:
        with self._records.read() as conn:
            since = 0 if changes.last_told(conn, target) else now - SINCE
            return list(changes.untold(conn, target, state, since, now, MOST))

    def _claimed(self, target: str, telling: Telling, now: int) -> bool:
        with self._records.begin() as conn:
            return changes.claim(conn, target, telling, now, now + LEASE)

    def _noted(self, target: str, tellings: list[Telling], now: int, error: str) -> None:
        with self._records.begin() as conn:
            for telling in tellings:
                if error:
                    changes.failed(conn, target, telling, now + pause(telling.tries), error)
                else:
                    changes.told(conn, target, telling, now)
        self._doors[target] = error or "ok"

    def _hook(self, name: str, url: str, now: int) -> int:
        done = 0
        for telling in [*self._due(name, "open", now), *self._due(name, "over", now)]:
            if not self._claimed(name, telling, now):
                continue
            error = post(url, body(telling, self._config.site()), self._config.webhook_secret, now)
            self._noted(name, [telling], now, error)
            if error:
                return done  # the rest waits: a target that is down is not asked a hundred times
            done += 1
        return done

    def _mail(self, now: int) -> int:
        """One digest of everything new, every so many hours."""
        with self._records.read() as conn:
            last = changes.last_told(conn, DIGEST)
        if now - last < self._config.digest_hours * HOUR:
            return 0
        mine = [telling for telling in self._due(DIGEST, "open", now) if self._claimed(DIGEST, telling, now)]
        if not mine:
            return 0
        error = send(self._config, digest(self._config, [telling.change for telling in mine], now))
        self._noted(DIGEST, mine, now, error)
        return 0 if error else len(mine)


def hook_name(url: str) -> str:
    """What a webhook is called in notes and states."""
    return f"webhook-{hashlib.sha256(url.encode()).hexdigest()[:8]}"


def pause(tries: int) -> int:
    """Milliseconds until the next try after so many earlier ones."""
    return int(min(FIRST_PAUSE * 2 ** min(tries, 20), LONGEST_PAUSE))


def body(telling: Telling, site: str) -> tuple[str, bytes]:
    """The message to a webhook: its id, the same at every try, and the JSON."""
    change = telling.change
    told = {
        "id": change.id,
        "state": telling.state,
        "kind": change.kind,
        "sentence": said(change),
        "url": address(site, change),
        "found_at": iso(change.found_at),
        "began_at": iso(change.began_at),
        "ended_at": iso(change.ended_at) if change.ended_at else None,
        **{name: getattr(change, name) or None for name in ("channel", "content_type", "country", "recipient_country")},
        "transit": [code for code in change.transit.split("-") if code],
        "campaign": str(change.campaign) if change.campaign else None,
        "source": change.source or None,
        "seconds": change.span // 1000,
        **{name: getattr(change, name) for name in ("observed", "expected", "low", "high", "score", "reports")},
        "synthetic": change.synthetic,
    }
    return f"{change.id}.{telling.state}", orjson.dumps(told)


def signature(secret: str, id: str, seconds: int, data: bytes) -> str:
    """HMAC-SHA256 over id, time and body, as the Standard Webhooks specification has it (version 1)."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    signed = hmac.new(key, f"{id}.{seconds}.".encode() + data, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def post(url: str, message: tuple[str, bytes], secret: str, now: int) -> str:
    """POST a message; "" when it was taken (2xx), else what went wrong, without the address. Follows no redirect."""
    id, data = message
    headers = {"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": str(now // 1000)}
    if secret:
        headers["webhook-signature"] = signature(secret, id, now // 1000, data)
    try:
        answer = httpx.post(
            url, content=data, headers=headers, timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{type(error).__name__}: not reached"
    return "" if answer.is_success else f"answered {answer.status_code}"


def digest(config: Config, found: list[Change], now: int) -> EmailMessage:
    """The mail: a sentence for each change, oldest first, with its address. Its Message-ID depends on its contents alone."""
    sender = config.digest_from or f"counterspam@{config.node}.invalid"
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(config.digest_to)
    mail["Subject"] = f"Changes in spam: {len(found)}"
    mail["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
    name = hashlib.sha256(" ".join(change.id for change in found).encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [f"{said(change)}\n{explained(change)}\n{address(config.site(), change)}\n" for change in found]
    mail.set_content("\n".join(lines), cte="quoted-printable")
    return mail


def send(config: Config, mail: EmailMessage) -> str:
    """Hand a mail to the relay; "" when it was taken for all recipients, else what went wrong, without addresses."""
    context = ssl.create_default_context()
    try:
        if config.mail_relay_tls == "tls":
            relay: smtplib.SMTP = smtplib.SMTP_SSL(
                config.mail_relay_host, config.mail_relay_port, timeout=TIMEOUT, context=context
            )
        else:
            relay = smtplib.SMTP(config.mail_relay_host, config.mail_relay_port, timeout=TIMEOUT)
        with relay:
            if config.mail_relay_tls == "starttls":
                relay.starttls(context=context)
            if config.mail_relay_user:
                relay.login(config.mail_relay_user, config.mail_relay_password)
            refused = relay.send_message(mail)
    except smtplib.SMTPResponseException as error:
        return f"{type(error).__name__}: {error.smtp_code}"
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: not delivered"
    return f"refused for {len(refused)} of {len(config.digest_to)} recipients" if refused else ""
