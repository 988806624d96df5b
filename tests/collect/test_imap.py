"""The IMAP reader against a real server."""

import imaplib
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dovecot
import pytest

from counterspam.collect import imap
from counterspam.collect.imap import State, look, poll
from counterspam.config import Config
from counterspam.errors import ConfigError, SpoolFull
from counterspam.model import Raw

pytestmark = pytest.mark.skipif(
    dovecot.PROGRAM is None, reason="dovecot is not installed (apt-get install dovecot-imapd)"
)


@pytest.fixture(scope="module")
def server() -> Iterator[dovecot.Dovecot]:
    with dovecot.running() as found:
        yield found


@pytest.fixture
def mailbox(server: dovecot.Dovecot) -> Iterator[imaplib.IMAP4]:
    """An empty INBOX and no Done folder; the client stays logged in."""
    client = server.client()
    if client.select("INBOX")[1] != [b"0"]:
        client.store("1:*", "+FLAGS", "\\Deleted")
        client.expunge()
    client.delete("Done")
    yield client
    client.logout()


@pytest.fixture
def config(server: dovecot.Dovecot) -> Callable[..., Config]:
    def build(**settings: Any) -> Config:
        return Config(
            **{
                "imap_host": "127.0.0.1",
                "imap_port": server.port,
                "imap_tls": False,
                "imap_user": "desk",
                "imap_password": "secret",
                "jurisdiction": "SN",
                **settings,
            }
        )

    return build


class Store:
    """Takes raw items, or refuses the first times; `seen` is called first."""

    def __init__(self, *errors: Exception, seen: Callable[[], None] = lambda: None) -> None:
        self.raws: list[Raw] = []
        self.errors = list(errors)
        self.seen = seen

    def __call__(self, raws: list[Raw]) -> None:
        self.seen()
        if self.errors:
            raise self.errors.pop(0)
        self.raws += raws


def put(client: imaplib.IMAP4, *texts: str, folder: str = "INBOX") -> None:
    for text in texts:
        client.append(folder, "", imaplib.Time2Internaldate(1_700_000_000), mail(text))


def mail(text: str) -> bytes:
    return f"Subject: {text}\r\n\r\n{text} {{5}}\r\n".encode()


def flags(client: imaplib.IMAP4, folder: str = "INBOX") -> list[bytes]:
    if client.select(folder)[1] == [b"0"]:
        return []
    return [line for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]


def read(config: Config, store: Store, state: State, new_id: Callable[[], str], **more: Any) -> int:
    return look(config, store, state, now=lambda: 1_700_000_000_000, new_id=new_id, **more)


def test_each_message_is_read_once_and_marked(
    mailbox: imaplib.IMAP4, config: Callable[..., Config], new_id: Callable[[], str], tmp_path: Path
) -> None:
    store, path = Store(), tmp_path / "state.json"
    put(mailbox, "one", "two")
    assert read(config(), store, State.load(path), new_id) == 2
    assert [raw.data for raw in store.raws] == [mail("one"), mail("two")]
    first = store.raws[0]
    assert (first.intake, first.source, first.jurisdiction) == ("imap", "user-report", "SN")
    assert all(b"\\Seen" in line for line in flags(mailbox))
    assert read(config(), store, State.load(path), new_id) == 0
    put(mailbox, "three")
    assert read(config(), store, State.load(path), new_id) == 1
    assert store.raws[-1].data == mail("three")


@pytest.mark.parametrize("able", [None, [b"UIDPLUS"]])
def test_stored_messages_are_moved(
    able: list[bytes] | None,
    mailbox: imaplib.IMAP4,
    config: Callable[..., Config],
    new_id: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if able is not None:  # a server without MOVE
        monkeypatch.setattr(imap, "_able", lambda _: able)
    mailbox.create("Done")
    put(mailbox, "one", "two", "three")
    store = Store()
    assert read(config(imap_done="Done"), store, State.load(tmp_path / "s"), new_id) == 3
    assert flags(mailbox) == []
    assert len(flags(mailbox, "Done")) == 3


@pytest.mark.parametrize("done", ["", "Done"])
def test_nothing_is_marked_before_it_is_stored(
    done: str, mailbox: imaplib.IMAP4, config: Callable[..., Config], new_id: Callable[[], str], tmp_path: Path
) -> None:
    mailbox.create("Done")
    put(mailbox, "one")
    untouched: list[bool] = []

    def seen() -> None:
        untouched.append(len(flags(mailbox)) == 1 and b"\\Seen" not in flags(mailbox)[0])

    store = Store(SpoolFull(1), seen=seen)
    with pytest.raises(SpoolFull):
        read(config(imap_done=done), store, State.load(tmp_path / "s"), new_id)
    assert not (tmp_path / "s").exists()
    assert read(config(imap_done=done), store, State.load(tmp_path / "s"), new_id) == 1
    assert untouched == [True, True]
    assert [raw.data for raw in store.raws] == [mail("one")]


def test_a_new_mailbox_under_the_old_name_is_read_from_its_start(
    mailbox: imaplib.IMAP4, config: Callable[..., Config], new_id: Callable[[], str], tmp_path: Path
) -> None:
    put(mailbox, "one")
    state = State(tmp_path / "s", validity=1, uid=4_000_000)
    assert read(config(), Store(), state, new_id) == 1
    assert State.load(tmp_path / "s").validity > 1


def test_only_what_is_new_is_asked_for(
    mailbox: imaplib.IMAP4,
    config: Callable[..., Config],
    new_id: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imap, "WINDOW", 3)
    monkeypatch.setattr(imap, "BATCH", 2)
    put(mailbox, *map(str, range(8)))
    asked: list[tuple[str, ...]] = []
    ask = imap._ask

    def listen(server: imaplib.IMAP4, *command: str) -> Any:
        asked.append(command)
        return ask(server, *command)

    monkeypatch.setattr(imap, "_ask", listen)
    store, state = Store(), State.load(tmp_path / "s")
    assert read(config(), store, state, new_id) == 8
    assert [raw.data for raw in store.raws] == [mail(str(n)) for n in range(8)]
    asked.clear()
    put(mailbox, "new")
    assert read(config(), store, state, new_id) == 1
    assert [command[0] for command in asked] == ["SEARCH", "FETCH", "FETCH", "STORE"]
    assert asked[0][1] == f"UID {state.uid}:{state.uid}"
    asked.clear()
    assert read(config(), store, state, new_id) == 0
    assert asked == []


def test_a_large_message_is_left_where_it_is(
    mailbox: imaplib.IMAP4, config: Callable[..., Config], new_id: Callable[[], str], tmp_path: Path
) -> None:
    put(mailbox, "small", "x" * 1_100_000, "small too")
    store = Store()
    assert read(config(imap_done="", max_item_mb=1), store, State.load(tmp_path / "s"), new_id) == 2
    assert [b"\\Seen" in line for line in flags(mailbox)] == [True, False, True]


def test_encrypted_from_the_first_byte(
    server: dovecot.Dovecot,
    mailbox: imaplib.IMAP4,
    config: Callable[..., Config],
    new_id: Callable[[], str],
    tmp_path: Path,
) -> None:
    put(mailbox, "one")
    encrypted = config(imap_tls=True, imap_port=server.tls_port)
    with pytest.raises(ssl.SSLCertVerificationError):
        read(encrypted, Store(), State.load(tmp_path / "s"), new_id)
    trust = ssl.create_default_context(cafile=str(server.certificate))
    assert read(encrypted, Store(), State.load(tmp_path / "s"), new_id, tls=trust) == 1


def test_a_password_goes_over_a_network_encrypted_only(
    server: dovecot.Dovecot,
    mailbox: imaplib.IMAP4,
    config: Callable[..., Config],
    new_id: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imap, "_on_this_machine", lambda _: False)
    put(mailbox, "one")
    with pytest.raises(ssl.SSLCertVerificationError):
        read(config(), Store(), State.load(tmp_path / "s"), new_id)
    trust = ssl.create_default_context(cafile=str(server.certificate))
    assert read(config(), Store(), State.load(tmp_path / "s"), new_id, tls=trust) == 1
    monkeypatch.setattr(imaplib.IMAP4, "_get_capabilities", lambda self: setattr(self, "capabilities", ("IMAP4REV1",)))
    with pytest.raises(ConfigError, match="no encryption"):
        read(config(), Store(), State.load(tmp_path / "s"), new_id)


def test_wrong_settings_are_said(config: Callable[..., Config], new_id: Callable[[], str], tmp_path: Path) -> None:
    state = State.load(tmp_path / "s")
    with pytest.raises(imaplib.IMAP4.error, match="cannot open"):
        read(config(imap_folder="Missing"), Store(), state, new_id)
    with pytest.raises(ConfigError, match="imap_folder"):
        read(config(imap_folder="Spam\r\nx LOGOUT"), Store(), state, new_id)
    with pytest.raises(imaplib.IMAP4.error):
        read(config(imap_password="wrong"), Store(), state, new_id)


def test_polling_goes_on_after_faults(
    mailbox: imaplib.IMAP4,
    config: Callable[..., Config],
    new_id: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imap, "LONGEST_WAIT", 0.01)
    put(mailbox, "one")
    stop = threading.Event()
    store = Store(SpoolFull(0), OSError("network"), ConnectionResetError("again"))
    taken = store.__call__

    def submit(raws: list[Raw]) -> None:
        taken(raws)
        stop.set()

    thread = threading.Thread(
        target=poll,
        args=(config(), submit, State.load(tmp_path / "s"), stop),
        kwargs={"now": lambda: 1, "new_id": new_id},
    )
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert [raw.data for raw in store.raws] == [mail("one")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"validity": "x"}'])
def test_a_damaged_state_means_from_the_start(text: str, tmp_path: Path) -> None:
    (tmp_path / "s").write_text(text)
    state = State.load(tmp_path / "s")
    assert (state.validity, state.uid) == (0, 0)
