"""`counterspam check`: what messages are and why; as a filter of mail, an exit status or the mail with its verdict.

A running node of the data folder is asked, for it has everything loaded; else the model is loaded here, and no store is opened.
"""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from counterspam.config import MB, Config
from counterspam.console import client
from counterspam.console.output import Form, print_json, remark, show, show_record
from counterspam.errors import ConfigError, CounterspamError
from counterspam.model import Check, Raw, Verdict
from counterspam.respond import headers as fields
from counterspam.respond.score import REQUIRED, score
from counterspam.taxonomy import ContentType, Nature, Payload, Technique

Found = dict[str, Any]
Judge = Callable[[bytes], Found]
FAILED = "0/0"  # what spamc prints for a score that it could not get


@dataclass(frozen=True)
class Given:
    """What is checked, and what is said of it; `format` as in `model.Raw`, or "text"."""

    files: tuple[Path, ...]
    source: str = ""
    channel: str = ""
    format: str = ""


def read_input(path: Path, limit: int) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as file:
                data = file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    if len(data) > limit:
        raise ConfigError(f"{path}: larger than {limit // MB} MB")
    return data


@contextmanager
def judging(config: Config, given: Given, *, locating: bool) -> Iterator[Judge]:
    """What gives the answer of /check to the bytes of an item; `locating` also who sent it, where no node is asked."""
    if found := client.running(config):
        url, token = found
        auth = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        with httpx.Client(base_url=url, headers=auth, timeout=httpx.Timeout(120, connect=5), trust_env=False) as http:
            node = client.Client(http, url)
            said = {"source": given.source, "channel": given.channel, "format": given.format}
            yield lambda data: node.post("/check", content=data, **said)
        return
    yield _here(config, given, locating)


def _here(config: Config, given: Given, locating: bool) -> Judge:
    from counterspam import judging as path  # loads the model's libraries: only when it must be

    tools = path.open_tools(config, locating=locating)
    definitions = path.shipped_judge()

    def judge(data: bytes) -> Found:
        raw = Raw(
            id=secrets.token_hex(16),
            data=data,
            received_at=time.time_ns() // 1_000_000,
            intake="check",
            source=given.source,
            channel=given.channel,
            jurisdiction=config.jurisdiction,
            format=given.format,
        )
        return path.told(path.judge(raw, tools), config, definitions)

    return judge


def check(config: Config, given: Given, form: Form) -> bool:
    """Print what each message is and why; whether everything could be read."""
    answers: list[tuple[str, Found]] = []
    with judging(config, given, locating=True) as judge:
        for path in given.files:
            data = read_input(path, config.max_item_mb * MB)
            if not data.strip():
                raise ConfigError(f"{path}: empty")
            answers.append((str(path), judge(data)))
    if form == Form.JSON:
        print_json(answers[0][1] if len(answers) == 1 else [{"file": name, **found} for name, found in answers])
    elif form == Form.CSV or len(answers) > 1:
        show([_line(one, name) for name, found in answers for one in found["findings"]], form)
    else:
        for finding in answers[0][1]["findings"]:
            _explain(finding)
    for name, found in answers if form == Form.TABLE else ():
        if found["rejected"]:
            show(found["rejected"], form, f"Rejected in {name}")
        if not found["complete"]:
            remark(f"{name}: the first {found['records']} records are shown")
    return not any(found["rejected"] for _, found in answers)


def _line(finding: Found, file: str = "") -> Found:
    evidence, verdict, origin = finding["evidence"], finding["verdict"], finding["origin"]
    return {
        **({"file": file} if file else {}),
        "id": evidence["id"],
        "format": evidence["format"],
        "channel": evidence["channel"],
        "sender": evidence["sender"],
        "subject": evidence["subject"],
        "spam": verdict["spam"],
        "probability": round(verdict["probability"], 4),
        "score": verdict["score"],
        "content_type": verdict["content_type"],
        "nature": verdict["nature"],
        "payload": verdict["payload"],
        "technique": verdict["technique"],
        "ai_score": verdict["ai_score"],
        "summary": verdict["summary"],
        "country": origin["country"],
        "network": origin["network"],
        "operator": origin["operator"],
    }


def _explain(finding: Found) -> None:
    show_record(_line(finding), Form.TABLE, "Verdict")
    show(finding["verdict"]["checks"], Form.TABLE, "Checks (weight in log-odds: above 0 speaks for spam)")
    said = [
        {"definition": f"{one['id']}@{one['version']}", "answer": one["answer"], "not known": ", ".join(one["missing"])}
        for one in finding["definitions"]
        if one["answer"] != "no"
    ]
    show(said, Form.TABLE, "National definitions that it meets, or about which evidence does not tell enough")
    evidence = finding["evidence"]
    spans = [
        {"text": evidence[span["field"]][span["start"] : span["end"]], "weight": span["weight"]}
        for span in finding["verdict"]["spans"][:20]
    ]
    if spans:
        show(spans, Form.TABLE, "Stretches that weighed")
    if finding["origin"]["hops"]:
        hops = [{k: v for k, v in hop.items() if k != "at"} for hop in finding["origin"]["hops"]]
        show(hops, Form.TABLE, "Route, newest first")


# As a filter: spamc(1) -c, -E and without


def filtered(load: Callable[[], Config], given: Given, *, headers: bool, exit_status: bool) -> int:
    """The exit status for one mail (sysexits.h for faults), which is written out with its verdict when `headers`.

    A filter must not lose mail: with `headers`, a fault lets it through without a verdict, and without claims of its sender.
    `exit_status` then tells the fault; else the status is 0.
    """
    data, rest, verdict, config = b"", b"", None, None
    try:
        config = load()
        with _input(given.files[0]) as stream:
            data = stream.read(config.max_item_mb * MB + 1)
            rest = stream.read() if len(data) > config.max_item_mb * MB else b""
        verdict = None if rest or len(data) > config.max_item_mb * MB else _verdict(config, given, data)
        status = int(verdict.spam) if verdict else os.EX_OK  # as spamc: what is too large is let through
    except _Fault as fault:
        remark(f"counterspam: {fault}")
        status = fault.status
    except ConfigError as error:
        remark(f"counterspam: {error}")
        status = os.EX_CONFIG
    except Exception as error:
        remark(f"counterspam: {type(error).__name__}: {error}")
        status = os.EX_TEMPFAIL if isinstance(error, CounterspamError) else os.EX_SOFTWARE
    if headers and status != os.EX_NOINPUT:
        data = data or _unread(given.files[0])
        _write(fields.marked(data, verdict, config) + rest)
    elif not headers:
        print(f"{score(verdict, config):.2f}/{REQUIRED:.2f}" if verdict and config else FAILED)
    return status if exit_status or status == os.EX_NOINPUT else os.EX_OK


class _Fault(Exception):
    """No verdict, and the exit status that says why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@contextmanager
def _input(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise _Fault(os.EX_NOINPUT, f"{path}: {error.strerror or error}") from error
    with file:
        yield file


def _unread(path: Path) -> bytes:
    """What a fault before reading left."""
    try:
        with _input(path) as stream:
            return stream.read()
    except _Fault:
        return b""


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _verdict(config: Config, given: Given, data: bytes) -> Verdict:
    with judging(config, given, locating=False) as judge:
        found = judge(data)
    if not found["findings"]:
        reasons = [one["detail"] for one in found["rejected"]] or ["nothing in it"]
        raise _Fault(os.EX_DATAERR, reasons[0])
    said = found["findings"][0]["verdict"]
    return Verdict(
        probability=said["probability"],
        spam=said["spam"],
        content_type=ContentType(said["content_type"]),
        nature=Nature(said["nature"]),
        payload=Payload(said["payload"]),
        technique=Technique(said["technique"]),
        checks=tuple(Check(**one) for one in said["checks"]),
        summary=said["summary"],
        ai_score=said["ai_score"],
        ai_wrong=said["ai_wrong"],
        model=said["model"],
    )
