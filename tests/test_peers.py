"""The peer programs of the benchmark of detection: each learns ten messages and tells spam from ham."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from bench.detect import bogofilter, peer_runs, peers, rspamd, spamassassin
from bench.detect.peers import Peer
from bench.detect.sets import Item, decode
from counterspam.taxonomy import Channel

SPAM = (
    "Buy cheap watches today, best offer of the week, free shipping for every order you place with our shop before noon"
)
HAM = "The agenda of the meeting on Tuesday: minutes of last time, budget of the library, repair of the roof, open questions"
NEEDED = {
    "bogofilter": (bogofilter.start, ("bogofilter",)),
    "SpamAssassin": (lambda: spamassassin.start(least=1), ("spamd", "spamassassin")),
    "rspamd": (lambda: rspamd.start(least=1), ("rspamd", "redis-server")),
}


def item(number: int, spam: bool, more: bytes = b"") -> Item:
    words = f"{SPAM if spam else HAM}, number {number}"
    head = f"From: {'shop' if spam else 'clerk'}@example.org\nTo: reader@example.net\nSubject: Letter {number}\n"
    dates = f"Date: Mon, 2 Nov 2026 10:{number:02}:00 +0000\nMessage-ID: <{number}.{spam}@example.org>\n"
    data = more + f"{head}{dates}\n{words}\n".encode()
    evidence = decode(data, str(number), Channel.EMAIL)
    assert evidence
    return Item(f"{number} {spam}", data, spam, Channel.EMAIL, evidence)


@pytest.mark.parametrize("name", NEEDED)
def test_a_peer_learns_and_scores(name: str) -> None:
    start: Callable[[], AbstractContextManager[Peer]]
    start, programs = NEEDED[name]
    for program in programs:
        if not peers.program(program):
            pytest.skip(f"{program} is not installed")
    with start() as peer:
        unknown = peer.score(item(50, True))
        known = [item(number, spam) for number in range(5) for spam in (True, False)]
        peer.learn(known[0], True)
        peer.learn(known[1], False)
        peer.learn_all(known[2:])
        spam, ham = peer.score(item(50, True)), peer.score(item(50, False))
        assert spam > unknown > ham
        assert spam - ham > 3
        assert any(c.isdigit() for c in peer.program)
        assert 1 < peer.memory_mb() < 2000


def test_peers_see_neither_the_line_of_the_mbox_nor_verdicts_of_others() -> None:
    line = b"From shop@example.org Mon Nov  2 10:00:00 2026\n"
    verdicts = b"X-Spam-Flag: YES\nX-Spam-Status: Yes,\n\ttests=A\nx-bogosity: Spam\n"
    seen = peers.message(item(1, True, line + verdicts))
    assert seen == item(1, True).data
    body = b"Subject: a\r\nX-Mailer: b\r\n\r\nX-Spam-Flag: YES\r\nFrom here on\r\n"
    assert peers.message(Item("a", body, True, Channel.EMAIL, item(1, True).evidence)) == body


def test_the_file_of_a_run_is_named_after_all_that_tells_it_apart() -> None:
    names = {peer_runs.name(peer, *run) for peer in peer_runs.PEERS for run in peer_runs.RUNS}
    assert len(names) == len(peer_runs.PEERS) * len(peer_runs.RUNS)
