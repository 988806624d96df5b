"""A real IMAP server for the tests: Debian's dovecot as a plain process on loopback ports, with its own configuration."""

import datetime
import getpass
import imaplib
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


@dataclass
class Dovecot:
    """Ports, certificate and mail folder of the running server."""

    port: int
    tls_port: int
    certificate: Path
    mail: Path

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login("desk", "secret")
        return client


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certify(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def _configuration(folder: Path, server: Dovecot) -> str:
    root = os.geteuid() == 0
    me = getpass.getuser()
    owner = pwd.getpwnam("nobody") if root else pwd.getpwnam(me)  # mail is never served as root
    if root:
        os.chown(server.mail, owner.pw_uid, owner.pw_gid)
    users = "" if root else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
disable_plaintext_auth = no
mail_location = maildir:{server.mail}/%u
first_valid_uid = {owner.pw_uid}
first_valid_gid = {owner.pw_gid}
{users}ssl = yes
ssl_cert = <{server.certificate}
ssl_key = <{server.certificate}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={server.mail}/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {server.port}
  }}
  inet_listener imaps {{
    port = {server.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def running() -> Iterator[Dovecot]:
    """The server, from its first answer until it is stopped by its own process id."""
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory(prefix="imap-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Dovecot(free_port(), free_port(), certify(folder), folder / "mail")
        server.mail.mkdir()
        (folder / "conf").write_text(_configuration(folder, server))
        process = subprocess.Popen([PROGRAM, "-F", "-c", str(folder / "conf")])
        try:
            for _ in range(200):
                try:
                    server.client().logout()
                    break
                except (OSError, imaplib.IMAP4.error):
                    time.sleep(0.05)
            else:
                raise RuntimeError((folder / "log").read_text() if (folder / "log").exists() else "no answer")
            yield server
        finally:
            process.terminate()
            process.wait(20)
