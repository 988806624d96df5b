"""Passwords: argon2id (RFC 9106) with little memory, for small servers, and what a password must be (NIST SP 800-63B)."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from starlette.requests import Request

from counterspam.web.language import mark
from counterspam.web.problems import later

LEAST, MOST = 12, 200  # characters
AT_ONCE = 2  # hashes worked out at a time, each of which takes 19 MB
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
T = TypeVar("T")


def made() -> str:
    """A new random password that can be read out: 4 groups of 5, about 99 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def fault(password: str, *names: str) -> str:
    """What is wrong with a new password, in a sentence for the catalogue; "" when it is fine."""
    plain = password.casefold()
    if not LEAST <= len(password) <= MOST:
        return mark("A password has at least 12 and at most 200 characters.")
    if len(set(plain)) < 5:
        return mark("A password has at least 5 different characters.")
    if any(len(name) > 3 and name.casefold() in plain for name in names) or "counterspam" in plain:
        return mark("A password does not hold the name of its account or of this program.")
    return ""


def hashed(password: str) -> str:
    """What is stored of a password."""
    return _HASHER.hash(password)


def right(password: str, stored: str) -> bool:
    """Whether the password is the one; takes as long where there is none to compare with."""
    try:
        return _HASHER.verify(stored or _NOBODY, password[: MOST * 4]) and bool(stored)
    except (Argon2Error, InvalidHashError, UnicodeError):
        return False


async def in_turn(request: Request, work: Callable[..., T], *arguments: Any) -> T:
    """Run one of these in a thread, so few at a time that they never take much memory."""
    state = request.app.state
    if not hasattr(state, "hashing"):
        state.hashing = anyio.CapacityLimiter(AT_ONCE)
    if state.hashing.statistics().tasks_waiting > 50:
        raise later(5, "too many are signing in at once")
    return await anyio.to_thread.run_sync(partial(work, *arguments), limiter=state.hashing)
