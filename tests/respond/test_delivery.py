"""The recipes of docs/gateway.md for delivery programs, as they stand there, with the real programs where installed."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "gateway.md"
SPAM = b"""From: "DHL Express" <noreply@parcel-fee.example>
To: you@example.org
Subject: Your parcel is on hold, pay the fee now

Your parcel could not be delivered. Pay the outstanding customs fee of 1.99 within 24 hours: http://dhl-fee.example/pay
"""
HAM = b"""From: Anna <anna@example.org>
To: you@example.org
Subject: Re: dinner on Friday

See you at eight then, shall I bring the cake? Anna
"""


def recipe(first: str) -> str:
    """The block of the page that begins with this line."""
    blocks = re.findall(r"^```\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return next(block for block in blocks if block.startswith(first))


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"{program} is not installed (apt-get install {package})"
    )


def path() -> str:
    """Where delivery programs find `counterspam`."""
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def run(*words: str, data: bytes, home: Path) -> None:
    env = {"PATH": path(), "HOME": str(home), "COUNTERSPAM_DATA": str(home / "data")}
    done = subprocess.run(words, input=data, capture_output=True, timeout=120, check=False, env=env)
    assert done.returncode == 0, done.stderr.decode()


def folders(*roots: Path) -> None:
    for root in roots:
        for name in ("new", "cur", "tmp"):
            (root / name).mkdir(parents=True)


def delivered(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (folder / "new").iterdir()]


@needs("procmail", "procmail")
def test_the_recipe_for_procmail(tmp_path: Path) -> None:
    folders(tmp_path / "Junk", tmp_path / "Inbox")
    rules = tmp_path / "procmailrc"
    head = f"PATH={path()}\nSHELL=/bin/sh\nMAILDIR={tmp_path}\nDEFAULT={tmp_path}/Inbox/\n"
    rules.write_text(head + recipe("# ~/.procmailrc"), encoding="utf-8")
    rules.chmod(0o600)
    for mail in (SPAM, HAM):
        run("procmail", "-m", str(rules), data=mail, home=tmp_path)
    junk, kept = delivered(tmp_path / "Junk"), delivered(tmp_path / "Inbox")
    assert ["parcel is on hold" in mail for mail in junk] == [True]
    assert ["dinner on Friday" in mail and "X-Spam-Flag: NO" in mail for mail in kept] == [True]


@needs("maildrop", "maildrop")
def test_the_recipe_for_maildrop(tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    folders(box, box / ".Junk")
    rules = tmp_path / "mailfilter"
    text = recipe("# ~/.mailfilter").replace('"Maildir/', f'"{box}/')
    rules.write_text(f'PATH="{path()}"\nDEFAULT="{box}"\n{text}', encoding="utf-8")
    rules.chmod(0o600)
    for mail in (SPAM, HAM):
        run("maildrop", str(rules), data=mail, home=tmp_path)
    assert ["parcel is on hold" in mail for mail in delivered(box / ".Junk")] == [True]
    assert ["dinner on Friday" in mail for mail in delivered(box)] == [True]


@needs("sieve-test", "dovecot-sieve")
@pytest.mark.parametrize(("flag", "folder"), [("YES", "Junk"), ("NO", "INBOX")])
def test_the_rule_for_sieve(flag: str, folder: str) -> None:
    # Dovecot keeps no mail of root, and other users cannot read the folders that pytest makes.
    user = pwd.getpwuid(os.getuid() or pwd.getpwnam("nobody").pw_uid)
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        Path(place, "rule.sieve").write_text(recipe("# Sieve"), encoding="utf-8")
        Path(place, "mail.eml").write_bytes(f"X-Spam-Flag: {flag}\n".encode() + HAM)
        options = {
            "mail_uid": user.pw_uid,
            "mail_gid": user.pw_gid,
            "last_valid_uid": user.pw_uid,
            "first_valid_gid": 0,
            "mail_location": f"maildir:{place}/box",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        command = ["sieve-test", *words, "rule.sieve", "mail.eml"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False, cwd=place, text=True)
    assert f"store message in folder: {folder}" in done.stdout, done.stdout + done.stderr
