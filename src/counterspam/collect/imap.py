"""Reports from an IMAP mailbox (RFC 9051, RFC 3501): each message once, by UID, and marked only after it is stored.

The mailbox is never listed as a whole twice: where reading stopped (UIDVALIDITY and UID) is kept in a small file, and only
what came after it is asked for. When a crash falls between storing and marking, the message is read again and found to be
a duplicate.
"""

import imaplib
import json
import logging
import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from counterspam.config import MB, Config
from counterspam.errors import ConfigError, CounterspamError, SpoolFull
from counterspam.model import Raw

BATCH = 100
BATCH_BYTES = 8 * MB
WINDOW = 10_000  # UIDs asked for at once: the answer is one line
LONGEST_WAIT = 900.0
TIMEOUT = 60.0
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
log = logging.getLogger(__name__)

Submit = Callable[[list[Raw]], None]


@dataclass(slots=True)
class State:
    """Where reading stopped; kept in `path`."""

    path: Path
    validity: int = 0
    uid: int = 0

    @classmethod
    def load(cls, path: Path) -> "State":
        """From the file; a missing or damaged one means from the start (what is known already is a duplicate then)."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, int(kept["validity"]), int(kept["uid"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path)

    def save(self) -> None:
        """Write to disk, all or nothing."""
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps({"validity": self.validity, "uid": self.uid}), encoding="utf-8")
        os.replace(temporary, self.path)


def poll(
    config: Config,
    submit: Submit,
    state: State,
    stop: threading.Event,
    *,
    now: Callable[[], int],
    new_id: Callable[[], str],
) -> None:
    """Look into the mailbox every `imap_seconds` until `stop` is set; runs in a thread of its own.

    `submit` returns when the raw items are durable. A lost connection or a refused login is logged and tried again, each
    time after a longer pause. Raises ConfigError for a setting that no retry can help.
    """
    failures = 0
    while not stop.is_set():
        wait = float(config.imap_seconds)
        try:
            look(config, submit, state, now=now, new_id=new_id, stop=stop)
            failures = 0
        except SpoolFull as error:
            wait = float(error.retry_after)
        except ConfigError:
            raise
        except (imaplib.IMAP4.error, OSError, CounterspamError) as error:
            failures += 1
            wait = min(config.imap_seconds * 2.0**failures, LONGEST_WAIT)
            log.warning("IMAP %s: %s; next try in %.0f s", config.imap_host, str(error)[:200], wait)
        stop.wait(wait)


def look(
    config: Config,
    submit: Submit,
    state: State,
    *,
    now: Callable[[], int],
    new_id: Callable[[], str],
    stop: threading.Event | None = None,
    tls: ssl.SSLContext | None = None,
) -> int:
    """Take in what is new in the folder; how many messages were stored. Raises what the server or the network says."""
    stored = 0
    with _connected(config, tls) as server:
        following = _select(server, config.imap_folder, state)
        for uids in _new(server, state, following):
            for batch in _batches(server, uids, config):
                if stop is not None and stop.is_set():
                    return stored
                messages = _fetch(server, batch)
                raws = [_raw(config, data, uid, now, new_id) for uid, data in messages]
                if raws:
                    submit(raws)
                    _mark(server, [uid for uid, _ in messages], config)
                    stored += len(raws)
                state.uid = max(state.uid, *batch)
                state.save()
    return stored


def _raw(config: Config, data: bytes, uid: int, now: Callable[[], int], new_id: Callable[[], str]) -> Raw:
    return Raw(
        id=new_id(),
        data=data,
        received_at=now(),
        intake="imap",
        name=f"{config.imap_folder}/{uid}",
        source=config.imap_source,
        jurisdiction=config.jurisdiction,
    )


@contextmanager
def _connected(config: Config, tls: ssl.SSLContext | None) -> Iterator[imaplib.IMAP4]:
    context = tls or ssl.create_default_context()
    server: imaplib.IMAP4
    if config.imap_tls:
        server = imaplib.IMAP4_SSL(config.imap_host, config.imap_port, ssl_context=context, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(config.imap_host, config.imap_port, timeout=TIMEOUT)
    try:
        if not config.imap_tls:
            _protect(server, config, context)
        server.login(config.imap_user, config.imap_password)
        yield server
    finally:
        try:
            server.logout()
        except (imaplib.IMAP4.error, OSError):
            with suppress(OSError):  # broken already; what broke it is on its way up
                server.shutdown()


def _protect(server: imaplib.IMAP4, config: Config, context: ssl.SSLContext) -> None:
    """STARTTLS, or no password over a network; a server on this machine needs neither."""
    if _on_this_machine(server):
        return
    if "STARTTLS" not in server.capabilities:
        raise ConfigError(f"imap_tls: {config.imap_host} offers no encryption; the password is not sent in the clear")
    server.starttls(context)


def _on_this_machine(server: imaplib.IMAP4) -> bool:
    return ip_address(server.socket().getpeername()[0]).is_loopback


def _quoted(folder: str) -> str:
    if not folder.isascii() or not folder.isprintable():
        raise ConfigError(
            f"imap_folder, imap_done: {folder!r} must be plain ASCII (write it in modified UTF-7, RFC 3501)"
        )
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ask(server: imaplib.IMAP4, *command: str) -> list[bytes | tuple[bytes, bytes]]:
    kind, data = server.uid(*command)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"UID {command[0]}: {data!r:.200}")
    return [part for part in data if part]


def _select(server: imaplib.IMAP4, folder: str, state: State) -> int:
    """Open the folder; the UID that the next message will get, or the largest possible. Starts over in a new mailbox."""
    kind, data = server.select(_quoted(folder))
    if kind != "OK":
        raise imaplib.IMAP4.error(f"cannot open {folder}: {data!r:.200}")
    validity = int(server.response("UIDVALIDITY")[1][0] or 0)
    if validity != state.validity:
        state.validity, state.uid = validity, 0
    return int(server.response("UIDNEXT")[1][0] or 2**32)


def _new(server: imaplib.IMAP4, state: State, following: int) -> Iterator[list[int]]:
    """UIDs after the last one read, a window at a time."""
    first, width = state.uid + 1, WINDOW
    while first < following:
        last = min(first + width, following) - 1
        answer = b" ".join(part for part in _ask(server, "SEARCH", f"UID {first}:{last}") if isinstance(part, bytes))
        uids = sorted(uid for uid in map(int, answer.split()) if first <= uid <= last)
        if uids:
            yield uids
        width = WINDOW if uids else width * 4
        first = last + 1


def _batches(server: imaplib.IMAP4, uids: Sequence[int], config: Config) -> Iterator[list[int]]:
    """`uids` in batches of bounded size; a message above the limit is left where it is, and logged."""
    batch: list[int] = []
    held = 0
    for at in range(0, len(uids), BATCH):
        part = uids[at : at + BATCH]
        sizes = {}
        for line in _ask(server, "FETCH", _set(part), "(RFC822.SIZE)"):
            if isinstance(line, bytes) and (uid := _UID.search(line)) and (size := _SIZE.search(line)):
                sizes[int(uid[1])] = int(size[1])
        for number in part:
            if sizes.get(number, 0) > config.max_item_mb * MB:
                log.warning("IMAP message %d is larger than max_item_mb and is left in %s", number, config.imap_folder)
                continue
            if batch and (len(batch) >= BATCH or held + sizes.get(number, 0) > BATCH_BYTES):
                yield batch
                batch, held = [], 0
            batch.append(number)
            held += sizes.get(number, 0)
    if batch:
        yield batch


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _fetch(server: imaplib.IMAP4, uids: Sequence[int]) -> list[tuple[int, bytes]]:
    """(UID, message) of those that are still there; \\Seen is not touched."""
    found = []
    for part in _ask(server, "FETCH", _set(uids), "(BODY.PEEK[])"):
        if isinstance(part, tuple) and (uid := _UID.search(part[0])):
            found.append((int(uid[1]), part[1]))
    return found


def _mark(server: imaplib.IMAP4, uids: Sequence[int], config: Config) -> None:
    """Move what is stored to `imap_done`, or mark it read."""
    if not config.imap_done:
        _ask(server, "STORE", _set(uids), "+FLAGS.SILENT", "(\\Seen)")
        return
    able = _able(server)
    if b"MOVE" in able:  # RFC 6851
        _ask(server, "MOVE", _set(uids), _quoted(config.imap_done))
    else:
        _ask(server, "COPY", _set(uids), _quoted(config.imap_done))
        _ask(server, "STORE", _set(uids), "+FLAGS.SILENT", "(\\Deleted)")
        if b"UIDPLUS" in able:  # RFC 4315: without it the mailbox's owner expunges
            _ask(server, "EXPUNGE", _set(uids))


def _able(server: imaplib.IMAP4) -> list[bytes]:
    """What the server can do for a user who is logged in; imaplib keeps what it said before."""
    kind, data = server.capability()
    return bytes(data[0] or b"").upper().split() if kind == "OK" else []
