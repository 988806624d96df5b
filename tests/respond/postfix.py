"""A Postfix of our own, on loopback ports and in a folder of the test, beside whatever the machine runs."""

import os
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DAEMONS = Path("/usr/lib/postfix/sbin")
MAIN = """compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.example.org
mydestination =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
default_transport = smtp:[127.0.0.1]:{sink}
smtpd_milters = {milter}
milter_default_action = {otherwise}
"""
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Why no Postfix can be run here; "" when one can."""
    if os.name != "posix" or os.getuid() != 0:
        return "only root can start a Postfix"
    if not shutil.which("postfix") or not DAEMONS.is_dir():
        return "postfix is not installed"
    return ""


@contextmanager
def running(port: int, milter: str, sink: int, otherwise: str = "tempfail") -> Iterator[Path]:
    """A Postfix that receives on `port`, asks `milter`, and sends everything to `sink`; its folder is given."""
    base = Path(tempfile.mkdtemp(prefix="postfix-", dir="/tmp"))  # its daemons must be able to enter every folder above
    base.chmod(0o755)
    try:
        for name in ("etc", "queue", "data"):
            (base / name).mkdir()
        shutil.chown(base / "data", "postfix")
        values = {
            "base": base,
            "daemons": DAEMONS,
            "port": port,
            "milter": milter,
            "sink": sink,
            "otherwise": otherwise,
        }
        (base / "etc" / "main.cf").write_text(MAIN.format(**values))
        (base / "etc" / "master.cf").write_text(MASTER.format(**values))
        started = subprocess.run(
            ["postfix", "-c", str(base / "etc"), "start"], capture_output=True, text=True, check=False
        )
        assert started.returncode == 0, started.stderr
        pid = int((base / "queue" / "pid" / "master.pid").read_text())
        try:
            _answers(port)
            yield base
        finally:
            _stop(pid)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _answers(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=10).quit()
            return
        except OSError:
            assert time.monotonic() < deadline, "Postfix does not answer"
            time.sleep(0.1)


def _stop(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
