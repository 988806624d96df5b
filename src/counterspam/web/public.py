"""How public data is served: validators and caching, other origins, and how often one caller may ask.

Sources: RFC 9110 (ETag, If-None-Match, Retry-After), RFC 9111 (Cache-Control), Fetch (CORS), and for the fields RateLimit and
RateLimit-Policy draft-ietf-httpapi-ratelimit-headers-10.
"""

import hashlib
import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from counterspam.config import Config
from counterspam.errors import ConfigError
from counterspam.web import access
from counterspam.web.access import LOCAL, Caller
from counterspam.web.problems import later
from counterspam.web.scopes import Scope
from counterspam.web.view import has

PATHS = ("/api/v1/query", "/api/v1/statistics", "/api/v1/published", "/api/v1/repository", "/embed/")
DAY = 86_400
MOST_CALLERS = 10_000
VARY = "Accept, Accept-Language, Authorization, X-Api-Key, Cookie"
# Answers to anybody. Keys are not allowed across origins: exact figures are no matter for pages elsewhere.
SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, RateLimit, RateLimit-Policy, Content-Disposition",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    **SHARED,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}


def is_shared(path: str) -> bool:
    """Whether pages of other sites may read what is at this path."""
    return any(path == one or path.startswith(one.rstrip("/") + "/") for one in PATHS)


def preflight() -> Response:
    """The answer to OPTIONS."""
    return Response(status_code=204, headers=PREFLIGHT)


def sees_all(request: Request, caller: Caller) -> bool:
    """Whether figures are exact for this caller. Not for a page elsewhere, whose reader has a session or open access here."""
    return caller.may(Scope.EVIDENCE) and access.same_origin(request)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer and their strong validator."""

    data: bytes
    etag: str
    headers: Mapping[str, str]


def body(data: bytes, headers: Mapping[str, str]) -> Body:
    """An answer with its validator; `headers` are those that come from what was answered, media type included."""
    return Body(data, f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"', headers)


def served(request: Request, found: Body, seconds: int, *, private: bool = False) -> Response:
    """The answer, or 304 where the caller has it. It may be kept for `seconds`; a private one by its caller, who must ask."""
    keep = "private, no-cache" if private else f"public, max-age={seconds}"
    headers = {**found.headers, "ETag": found.etag, "Cache-Control": keep, "Vary": VARY}
    if has(request, found.etag):
        headers.pop("Content-Type")
        return Response(status_code=304, headers=headers)
    return Response(found.data, headers=headers)


class Limits:
    """A token bucket per caller: `per_minute` at once, refilled evenly; the callers seen longest ago are forgotten."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str, now: float) -> tuple[int, int, int]:
        """Take one: how many are left (-1 when there was none), seconds until the next one, seconds until all are back."""
        speed = self.per_minute / 60
        with self._lock:
            left, at = self._buckets.pop(caller, (float(self.per_minute), now))
            left = min(left + (now - at) * speed, self.per_minute)
            taken = left >= 1
            left -= taken
            self._buckets[caller] = left, now
            while len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
        full = math.ceil((self.per_minute - left) / speed)
        return int(left) if taken else -1, max(math.ceil((1 - left) / speed), 1), full


class Gate:
    """Who asks how often. Behind a proxy that the configuration trusts, the address is the one that it names."""

    def __init__(self, config: Config) -> None:
        self.limits = Limits(config.rate_per_minute)
        try:
            self.proxies = [ipaddress.ip_network(one, strict=False) for one in config.trusted_proxies]
        except ValueError as error:
            raise ConfigError(f"setting trusted_proxies: {error}") from error

    def admit(self, request: Request, caller: Caller) -> dict[str, str]:
        """Headers that say what is left; Problem 429 when nothing is. Our own command line is not counted."""
        if not self.limits.per_minute or caller.id == LOCAL.id:
            return {}
        name = caller.id or self.address(request)
        left, wait, full = self.limits.take(name, time.monotonic())
        said = {
            "RateLimit-Policy": f'"statistics";q={self.limits.per_minute};w=60',
            "RateLimit": f'"statistics";r={max(left, 0)};t={full}',
        }
        if left < 0:
            problem = later(wait, f"more than {self.limits.per_minute} questions a minute; wait {wait} s", 429)
            problem.headers |= said
            raise problem
        return said

    def address(self, request: Request) -> str:
        """The caller's address; of IPv6 the first 64 bits, which one subscriber has."""
        hops = [request.client.host if request.client else ""]
        if self._is_proxy(hops[0]):
            given = ",".join(request.headers.getlist("x-forwarded-for"))
            hops += [hop.strip() for hop in reversed(given.split(",")) if hop.strip()]
        found = next((hop for hop in hops if not self._is_proxy(hop)), hops[-1])
        try:
            known = ipaddress.ip_address(found)
        except ValueError:
            return found[:64]
        return str(known) if known.version == 4 else str(ipaddress.ip_network((known, 64), strict=False))

    def _is_proxy(self, host: str) -> bool:
        try:
            known = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(known in network for network in self.proxies)


def gate(request: Request) -> Gate:
    """The gate of the application that serves this request."""
    found: Gate = request.app.state.gate
    return found
