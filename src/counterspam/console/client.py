"""Commands speak to the node over its API: to the running one or, when none runs, to one opened in this process.

`serve` leaves data/node.json (owner only) with its address, process id and a key for this machine; it is believed only
while that process lives and answers.
"""

import asyncio
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson

from counterspam.config import Config
from counterspam.errors import CounterspamError

API = "/api/v1"


class Refused(CounterspamError):
    """The node answered with a problem; `members` are those of the problem document."""

    def __init__(self, status: int, members: dict[str, Any], retry_after: float = 1.0) -> None:
        said = str(members.get("detail") or f"the node answers {status}")
        wrong = [f"{error['place']}: {error['detail']}" for error in members.get("errors", ())]
        super().__init__(f"{said}: {'; '.join(wrong)}" if wrong else said)
        self.status = status
        self.members = members
        self.retry_after = retry_after


class Client:
    """The API of one node."""

    def __init__(self, http: httpx.Client, where: str) -> None:
        self.http = http
        self.where = where

    def get(self, path: str, **params: Any) -> Any:
        """JSON from a GET."""
        return self._ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    def download(self, path: str, **params: Any) -> bytes:
        """Bytes from a GET."""
        return self._request("GET", path, params=params).content

    def post(self, path: str, content: bytes | None = None, json: Any = None, **params: Any) -> Any:
        """JSON from a POST."""
        return self._ask("POST", path, content=content, json=json, params={k: v for k, v in params.items() if v})

    def patch(self, path: str, json: Any) -> Any:
        """JSON from a PATCH."""
        return self._ask("PATCH", path, json=json)

    def delete(self, path: str) -> Any:
        """JSON from a DELETE."""
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, **given: Any) -> Any:
        return _json(self._request(method, path, **given))

    def _request(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            answer = self.http.request(method, API + path, **given)
        except httpx.HTTPError as error:
            raise CounterspamError(
                f"the node at {self.where} does not answer: {error or type(error).__name__}"
            ) from error
        content = _json(answer) if answer.is_error else {}
        if answer.is_error and not (path == "/ready" and "components" in content):
            wait = answer.headers.get("retry-after", "")
            raise Refused(answer.status_code, content, float(wait) if wait.isdigit() else 1.0)
        return answer


def _json(answer: httpx.Response) -> Any:
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}


def node_file(config: Config) -> Path:
    """Where a running node says how it is reached."""
    return config.data / "node.json"


def announce(config: Config, url: str) -> str:
    """Write the file of a running node, readable by its owner only; return the key in it."""
    path, token = node_file(config), f"cs_local_{secrets.token_urlsafe(32)}"
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(orjson.dumps({"url": url, "pid": os.getpid(), "token": token}))
    return token


def withdraw(config: Config) -> None:
    """The node is gone."""
    node_file(config).unlink(missing_ok=True)


def running(config: Config) -> tuple[str, str] | None:
    """Address and key of the running node, None when there is none."""
    try:
        found = orjson.loads(node_file(config).read_bytes())
        url, pid, token = str(found["url"]), int(found["pid"]), str(found["token"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    try:
        alive = httpx.get(f"{url}{API}/health", timeout=10, trust_env=False).json() == {"status": "ok"}
    except (httpx.HTTPError, ValueError):
        return None
    return (url, token) if alive else None


@contextmanager
def connect(config: Config, *, work: bool = False) -> Iterator[Client]:
    """A client for the running node, or for one opened here; `work` starts its workers (to take in, to check)."""
    if found := running(config):
        url, token = found
        with httpx.Client(
            base_url=url, headers=_headers(token), timeout=httpx.Timeout(120, connect=5), trust_env=False
        ) as http:
            yield Client(http, url)
        return
    from counterspam.node import Node  # opening stores takes a second: only when it must be
    from counterspam.web.app import create_app

    token = f"cs_local_{secrets.token_urlsafe(32)}"
    node = Node.open(config)
    try:
        if work:
            node.start()
        transport = InProcess(create_app(node, local_token=token))
        with httpx.Client(
            base_url="http://127.0.0.1", headers=_headers(token), transport=transport, timeout=600
        ) as http:
            yield Client(http, "this process")
    finally:
        node.close()


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}


class InProcess(httpx.BaseTransport):
    """Requests to an application in this process, which runs in a loop of its own thread."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app, client=("127.0.0.1", 0), raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="in-process", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on one request and wait for the whole answer."""
        return asyncio.run_coroutine_threadsafe(self._pass(request), self._loop).result()

    async def _pass(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        inner = httpx.Request(request.method, request.url, headers=request.headers, content=content)
        answer = await self._transport.handle_async_request(inner)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
