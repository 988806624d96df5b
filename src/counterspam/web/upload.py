"""Uploads: files and archives as multipart form data, unpacked by the collector that `counterspam ingest` uses."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from counterspam.collect import directory
from counterspam.config import MB
from counterspam.errors import SpoolFull
from counterspam.model import Raw
from counterspam.web import access, api_models, doors, receive
from counterspam.web.problems import Problem, later
from counterspam.web.scopes import Scope

MAX_UPLOAD = 1024 * MB
router = APIRouter(prefix="/api/v1")


@router.post("/files", **doors.door("Upload a file or archive", api_models.Uploaded, doors.FILE, doors.OPTIONS))
async def upload(request: Request) -> Response:
    """POST /files: a file or archive as multipart form data, unpacked and taken in like `counterspam ingest` does."""
    caller = await access.permit(request, Scope.REPORT)
    kept: receive.Doors = request.app.state.doors
    if kept.uploads.locked():
        raise later(10, "too many uploads at once")
    async with kept.uploads:
        form = await _form(request)
        try:
            given = receive.options(request, "http-file")
            for name in ("source", "channel", "jurisdiction"):
                if isinstance(value := form.get(name), str) and value:
                    given[name] = receive.checked(name, value)
            files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
            if not files:
                raise Problem(422, "the form has no part `file`")
            result = await run_in_threadpool(_unpack, request.app.state.node, files, given, caller.reporter)
        finally:
            await form.close()
    return receive.accepted(orjson.dumps(result))


async def _form(request: Request) -> FormData:
    request._receive = receive.bounded(request._receive, MAX_UPLOAD)
    return await request.form(max_files=100, max_fields=20, max_part_size=receive.MAX_META)


def _unpack(node: Any, files: list[UploadFile], given: dict[str, str], reporter: str) -> dict[str, Any]:
    """Copy the uploaded files to a folder, read it as `counterspam ingest` does, and submit what is in them."""
    result: dict[str, Any] = {"items": 0, "bytes": 0, "intake": given["intake"], "problems": []}
    with tempfile.TemporaryDirectory(prefix="counterspam-") as folder:
        for number, file in enumerate(files):
            target = Path(folder) / str(number) / _file_name(file.filename or "")
            target.parent.mkdir()
            with target.open("wb") as out:
                shutil.copyfileobj(file.file, out)
        marks = {"intake": "", "now": lambda: 0, "new_id": str, "max_item": node.config.max_item_mb * MB}
        for item in directory.read([folder], directory.Options(**marks)):
            name = "/".join(Path(item.name).relative_to(folder).parts[1:])
            if not isinstance(item, Raw):
                result["problems"].append({"name": name, "reason": str(item.reason), "detail": item.detail})
                continue
            _submit_here(node, node.new_raw(item.data, reporter=reporter, first=item.first, **{"name": name, **given}))
            result["items"] += 1
            result["bytes"] += len(item.data)
    return result


def _file_name(given: str) -> str:
    """The last part of a name from outside, safe as a name in a folder of ours; never hidden."""
    name = "".join(c for c in given.replace("\\", "/").rpartition("/")[2] if c.isprintable() and c != "\x00")
    return name.lstrip(".")[-120:] or "upload"


def _submit_here(node: Any, raw: Raw) -> None:
    end = time.monotonic() + receive.PATIENCE
    while True:
        try:
            node.submit([raw]).result()
            return
        except SpoolFull:
            if time.monotonic() > end:
                raise
            time.sleep(0.25)
