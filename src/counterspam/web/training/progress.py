"""How far a learner is: in the records store for an account that may learn, else in a signed cookie on the learner's device.

The cookie holds ids of passed modules with audience, score and day, and nothing else; it is set when a module was passed.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from counterspam import privacy
from counterspam.store import training
from counterspam.store.training import Progress
from counterspam.web import access
from counterspam.web.access import Caller
from counterspam.web.scopes import Scope

COOKIE = "counterspam_training"
MOST_COOKIE = 3800  # characters: browsers keep 4096 bytes with the attributes
YEAR = 366 * 86_400  # seconds
DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Passed:
    """How a module was passed with the questions for an audience: best score in per cent, and when first (ms)."""

    score: int
    at: int


Key = tuple[str, str]  # id of the module, audience of the questions ("" all)


def key(request: Request) -> bytes:
    """The key that cookies and forms of the training are signed with, from the secret of the node."""
    state = request.app.state
    if not hasattr(state, "training_key"):
        secret = privacy.node_key(state.node.config.data)
        state.training_key = hashlib.blake2b(secret, person=b"training forms").digest()
    found: bytes = state.training_key
    return found


def mac(request: Request, *parts: str) -> str:
    """What only this node can have written under these parts."""
    return hmac.new(key(request), "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def has_account(caller: Caller) -> bool:
    """Whether the progress of this caller is kept in the store."""
    return bool(caller.id) and caller.may(Scope.LEARN)


def best(passed: Mapping[Key, Passed], slug: str) -> Passed | None:
    """The best pass of a module, for whatever audience."""
    return max((one for (known, _), one in passed.items() if known == slug), key=lambda one: one.score, default=None)


def of(request: Request, caller: Caller) -> dict[Key, Passed]:
    """What was passed: by the account, and on the device. Asks the store."""
    found = on_device(request)
    if has_account(caller):
        with request.app.state.node.records.read() as conn:
            rows = training.progress(conn, caller.id)
        found |= {(row.module, row.audience): Passed(row.score, row.passed_at) for row in rows if row.passed_at}
    return found


def on_device(request: Request) -> dict[Key, Passed]:
    """What the cookie says; nothing when it was not made here."""
    content, _, signed = request.cookies.get(COOKIE, "")[:MOST_COOKIE].partition(".")
    if not content or not hmac.compare_digest(signed.encode(), mac(request, "device", content).encode()):
        return {}
    try:
        values = orjson.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        return {(str(slug), str(audience)): Passed(int(score), int(day) * DAY) for slug, audience, score, day in values}
    except (ValueError, binascii.Error, TypeError, AttributeError):
        return {}


def keep(request: Request, answer: Response, passed: Mapping[Key, Passed]) -> None:
    """Write the cookie; of more modules than it can hold, the latest."""
    latest = sorted(passed.items(), key=lambda item: -item[1].at)
    content = _packed(latest)
    while len(content) > MOST_COOKIE - 40:
        latest = latest[:-5]
        content = _packed(latest)
    answer.set_cookie(
        COOKIE,
        f"{content}.{mac(request, 'device', content)}",
        max_age=YEAR,
        path="/training",
        httponly=True,
        samesite="lax",
        secure=access.of(request).config.site().startswith("https:"),
    )


def forget(answer: Response) -> None:
    """Take the cookie away."""
    answer.delete_cookie(COOKIE, path="/training", httponly=True, samesite="lax")


def _packed(passed: Any) -> str:
    values = [(slug, audience, one.score, one.at // DAY) for (slug, audience), one in passed]
    return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


def tried(request: Request, caller: Caller, slug: str, audience: str, region: str, score: int, *, passed: bool) -> bool:
    """Count a try, and keep it for an account; whether it is the first pass. Writes into the store.

    A pass of an account stands in the audit log, a try does not: it concerns nobody but the learner. What is counted of
    learners without an account names nobody, so the log would have nothing to say about it either.
    """
    now = time.time_ns() // 1_000_000
    before = of(request, caller)
    first = passed and (slug, audience) not in before
    with request.app.state.node.records.begin() as conn:
        training.count(conn, time.strftime("%Y-%m", time.gmtime(now // 1000)), slug, audience, region, completed=first)
        if has_account(caller):
            for (known, who), one in on_device(request).items():  # what was done before signing in comes along
                row = Progress(module=known, audience=who, score=one.score, passed_at=one.at, tries=0)
                training.tried(conn, caller.id, row)
            one_more = Progress(module=slug, audience=audience, score=score, passed_at=now if passed else 0)
            training.tried(conn, caller.id, one_more)
            if first:
                access.note(request, conn, caller, "training.pass", slug, audience=audience)
    return first
