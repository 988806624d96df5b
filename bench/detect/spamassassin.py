"""SpamAssassin with Bayes: spamd on the loopback interface with Debian's rules and no network checks.

Spoken to after spamd's PROTOCOL file: REPORT scores, TELL learns.
"""

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.detect import peers
from bench.detect.sets import Item

RULES, PLUGINS = Path("/usr/share/spamassassin"), Path("/etc/spamassassin")
_USER = "nobody"
_SECONDS = 300.0
# The report holds each rule with its score, since the score in the head of the answer has one decimal only.
_SETTINGS = """\
skip_rbl_checks 1
dns_available no
use_razor2 0
use_pyzor 0
use_bayes 1
use_learner 1
bayes_auto_learn 0
bayes_auto_expire 0
bayes_learn_to_journal 0
bayes_path {place}/bayes
bayes_file_mode 0600
lock_method flock
bayes_min_ham_num {least}
bayes_min_spam_num {least}
report_safe 0
clear_report_template
report _TESTSSCORES(,)_
"""


class SpamAssassin:
    """Scores are its own; it calls spam from 5 on."""

    thresholds = (5.0,)

    def __init__(self, number: int, process: int) -> None:
        self.program = peers.version("spamassassin", "--version")
        self._port, self._process = number, process

    def score(self, item: Item) -> float:
        """The sum of the scores of the rules that hit. Raises Failed where it is not the score of the answer's head."""
        head, body = self._ask("REPORT", "", peers.message(item))
        rounded = float(head.partition("Spam:")[2].partition(";")[2].partition("/")[0])
        rules = [rule.rpartition("=") for rule in body.strip().split(",") if "=" in rule]
        score = sum(float(points) for _, _, points in rules)
        if abs(score - rounded) > 0.051:
            raise peers.Failed(f"rules add up to {score}, spamd says {rounded}")
        return score

    def learn(self, item: Item, spam: bool) -> None:
        """Bayes learns; spamd answers DidSet, or nothing where it knows the message already."""
        fields = f"Message-class: {'spam' if spam else 'ham'}\r\nSet: local\r\n"
        self._ask("TELL", fields, peers.message(item))

    def learn_all(self, items: Iterable[Item]) -> None:
        """One after the other."""
        for item in items:
            self.learn(item, item.spam)

    def memory_mb(self) -> float:
        """Of spamd and its child."""
        return peers.memory_mb(self._process)

    def processor_seconds(self) -> float:
        """Of spamd and its child."""
        return peers.processor_seconds(self._process)

    def _ask(self, what: str, fields: str, data: bytes) -> tuple[str, str]:
        head = f"{what} SPAMC/1.5\r\nContent-length: {len(data)}\r\n{fields}\r\n"
        with socket.create_connection(("127.0.0.1", self._port), _SECONDS) as wire:
            wire.sendall(head.encode() + data)
            wire.shutdown(socket.SHUT_WR)
            with wire.makefile("rb") as stream:
                answer = stream.read().decode(errors="replace")
        status, _, rest = answer.partition("\r\n")
        if " 0 EX_OK" not in status:
            raise peers.Failed(f"spamd answered {what} with {status!r}")
        fields, _, body = rest.partition("\r\n\r\n")
        return fields, body


@contextmanager
def start(least: int = 200) -> Iterator[SpamAssassin]:
    """spamd with an empty Bayes store; Bayes counts once it learned `least` spam and as many ham (200 is its default)."""
    with peers.folder(_USER) as place:
        site = place / "site"
        site.mkdir()
        for path in PLUGINS.glob("*.pre"):
            (site / path.name).symlink_to(path)
        (site / "local.cf").write_text(_SETTINGS.format(place=place, least=least))
        number = peers.port()
        command = [
            peers.program("spamd"),
            *("--local", "--allow-tell", "--nouser-config", "--max-children=1", "--min-children=1"),
            *("--max-conn-per-child=1000000", "--syslog=stderr", "--timeout-child=0"),
            *(f"--listen=127.0.0.1:{number}", f"--configpath={RULES}", f"--siteconfigpath={site}"),
            *(f"--helper-home-dir={place}", f"--pidfile={place}/spamd.pid"),
            *(("-u", _USER) if os.getuid() == 0 else ()),
        ]
        with peers.running(command, place / "spamd.log", lambda: peers.listening(number)) as process:
            yield SpamAssassin(number, process)
