"""The page of the audit log: what was done by whom, and whether the chain fits."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.store import audit
from counterspam.web import access, render
from counterspam.web.scopes import Scope

PAGE = 100
MOST_PAGES = 100_000
router = APIRouter(include_in_schema=False)


@router.get("/operator/audit", dependencies=[Depends(access.require(Scope.ADMIN))])
async def log(request: Request) -> Response:
    """The newest rows; `check` goes through the whole chain."""
    asked = request.query_params
    action, number = asked.get("action", "")[:60], asked.get("page", "0")
    page = min(int(number), MOST_PAGES) if number.isdecimal() and len(number) < 9 else 0

    def ask() -> Any:
        with request.app.state.node.records.read() as conn:
            rows = audit.latest(conn, action=action, limit=PAGE + 1, offset=page * PAGE)
            return rows, audit.check(conn, access.of(request).audit_key) if asked.get("check") else None

    rows, checked = await run_in_threadpool(ask)
    shown = {"rows": rows[:PAGE], "more": len(rows) > PAGE, "page": page, "action": action, "checked": checked}
    return render.page(request, "audit.html", shown)
