"""Certificates: who passed gets a PDF with a signed code; anybody checks a code, here or with the public key elsewhere."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.errors import DecodeError
from counterspam.policy.training import certificate, paths
from counterspam.policy.training.certificate import Certificate, NoFont
from counterspam.store import training
from counterspam.web import access, language, public, render
from counterspam.web.access import Caller
from counterspam.web.format import moment, number
from counterspam.web.language import gettext
from counterspam.web.training import labels, progress, shelf
from counterspam.web.training.progress import Key, Passed

VERIFY = "/training/verify"
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


def signing_key(request: Request) -> Any:
    """The key that this node signs certificates with, read once."""
    state = request.app.state
    if not hasattr(state, "training_signer"):
        state.training_signer = certificate.signing_key(state.node.config.data)
    return state.training_signer


@router.get("/training/certificate")
async def choose(request: Request) -> Response:
    """What the learner may have a certificate for."""
    return await _form(request, {})


@router.post("/training/certificate")
async def issue(request: Request) -> Response:
    """The certificate as a PDF. The name goes into the file and nowhere else."""
    await access.check_csrf(request)
    caller = await access.of(request).identify(request)
    public.gate(request).admit(request, caller)
    form = await request.form()
    given, subject = str(form.get("name", ""))[:1000], str(form.get("subject", ""))
    passed = await run_in_threadpool(progress.of, request, caller)
    name, known = certificate.tidy(given), offered(request, passed)
    errors = {} if name else {"name": gettext("Write your name as it shall stand on the certificate.")}
    if subject not in known:
        errors["subject"] = gettext("Choose one of these.")
    if errors:
        return await _form(request, {"name": given, "subject": subject, "errors": errors}, 422)
    try:
        made = await run_in_threadpool(_issued, request, caller, name, subject, *known[subject])
    except NoFont as error:
        said = gettext(
            "This node has no font for %(script)s. Write it in another script, or ask whoever runs the node."
        )
        errors = {"name": said % {"script": error.script}}
        return await _form(request, {"name": given, "subject": subject, "errors": errors}, 422)
    headers = {
        "Content-Disposition": f'attachment; filename="counterspam-certificate-{subject}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(made, media_type="application/pdf", headers=headers)


def offered(request: Request, passed: dict[Key, Passed]) -> dict[str, tuple[str, Passed]]:
    """What may be certified, by subject: each passed module, and each path of which all modules were passed.

    With each the audience of the questions ("" all) and how it was passed; of a path the mean score and the last day.
    """
    modules = shelf.library_of(request).every(language.current())
    found: dict[str, tuple[str, Passed]] = {}
    for one in modules:
        ways = [(audience, how) for (slug, audience), how in passed.items() if slug == one.id]
        if ways:
            found[one.id] = max(ways, key=lambda way: way[1].score)
    for subject, (audience, slugs) in ways_of(request).items():
        if paths.complete(slugs, audience, passed.keys()):
            wanted = [passed.get((slug, audience)) or passed[slug, ""] for slug in slugs]
            score = sum(one.score for one in wanted) // len(wanted)
            found[subject] = audience, Passed(score, max(one.at for one in wanted))
    return found


def ways_of(request: Request) -> dict[str, tuple[str, list[str]]]:
    """Every path with its audience and modules: all modules for each audience, and the named paths."""
    library = shelf.library_of(request)
    general = {
        f"path-{audience}": (audience, [one.id for one in library.every("en", audience)]) for audience in labels.FOR
    }
    return general | {f"path-{one.id}": (one.audience, list(one.modules)) for one in library.paths}


def title(request: Request, subject: str) -> tuple[str, str]:
    """What a subject is called, and in which language."""
    kind, _, audience = subject.partition("-")
    if kind == "path" and audience in labels.FOR:
        return gettext("All modules for: %(audience)s") % {"audience": labels.audience(audience)}, language.current()
    for path in shelf.library_of(request).paths:
        if kind == "path" and path.id == audience:
            return path.title, "en"
    found = shelf.library_of(request).module(subject, language.current())
    return (found.title, found.lang) if found else (subject, "en")


def _issued(request: Request, caller: Caller, name: str, subject: str, audience: str, passed: Passed) -> bytes:
    key, now = signing_key(request), time.time_ns() // 1_000_000
    called, lang = title(request, subject)
    one = Certificate(
        name=name,
        subject=subject,
        title=called,
        lang=lang,
        audience=audience,
        score=passed.score,
        day=datetime.fromtimestamp(passed.at // 1000, UTC).date().isoformat(),
        serial=secrets.token_hex(8),
    )
    code = certificate.sign(one, key)
    address = access.of(request).config.site() + VERIFY
    made = certificate.pdf(one, code, _words(one, passed, address), address, language.current())
    digest = certificate.code_hash(code)
    with request.app.state.node.records.begin() as conn:
        training.issue(conn, digest, subject, now, certificate.key_id(key.public_key()))
        access.note(request, conn, caller, "certificate.issue", subject, hash=digest)
    return made


def _words(one: Certificate, passed: Passed, address: str) -> dict[str, str]:
    """What stands on the sheet, in the language spoken now."""
    return {
        "title": gettext("Certificate of training"),
        "holds": gettext("This is to say that"),
        "passed": gettext("has passed the questions on"),
        "score": gettext("%(n)s of 100 points.") % {"n": number(one.score)},
        "day": gettext("Passed on %(day)s.") % {"day": moment(passed.at, "yMMMd")},
        "check": gettext("To check it, scan the mark, or paste the code at %(address)s.") % {"address": address},
        "unsupervised": gettext("The questions were answered without supervision; the name is as the learner gave it."),
    }


async def _form(request: Request, given: dict[str, Any], status: int = 200) -> Response:
    caller = await access.of(request).identify(request)
    passed = await run_in_threadpool(progress.of, request, caller)
    found = [(subject, *title(request, subject), how) for subject, (_, how) in offered(request, passed).items()]
    shown = {
        "offered": found,
        "name": "",
        "subject": found[0][0] if found else "",
        "errors": {},
        "most": certificate.MOST_NAME,
        "csrf": access.csrf_token(request),
        "section": "/training",
        **given,
    }
    return render.page(request, "training/certificate.html", shown, status)


# Checking


@router.get(VERIFY)
def ask_for_code(request: Request) -> Response:
    """Where a code is pasted."""
    return _verify_page(request, {})


@router.post(VERIFY)
async def check_code(request: Request) -> Response:
    """Whether this node signed a code, and what it certifies. A code comes in a form: it has a name in it."""
    await access.check_csrf(request)
    caller = await access.of(request).identify(request)
    public.gate(request).admit(request, caller)
    code = str((await request.form()).get("code", ""))[: 2 * certificate.MOST_CODE]
    found, issued_at, error = await run_in_threadpool(checked, request, code)
    shown = {"code": code, "found": found, "issued_at": issued_at, "error": gettext(error) if error else ""}
    answer = _verify_page(request, shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def checked(request: Request, code: str) -> tuple[Certificate | None, int, str]:
    """What a code certifies, when it was issued here (ms, 0 unknown), and what is wrong with it ("" nothing)."""
    try:
        found = certificate.verify(code, signing_key(request).public_key())
    except DecodeError as error:
        return None, 0, error.detail
    with request.app.state.node.records.read() as conn:
        return found, training.issued(conn, certificate.code_hash(code)), ""


def _verify_page(request: Request, more: dict[str, Any]) -> Response:
    public_key = signing_key(request).public_key()
    shown = {
        "code": "",
        "found": None,
        "issued_at": 0,
        "error": "",
        "key_id": certificate.key_id(public_key),
        "pem": certificate.public_pem(public_key),
        "most": 2 * certificate.MOST_CODE,
        "csrf": access.csrf_token(request),
        "audience_name": labels.audience,
        "section": "/training",
        **more,
    }
    return render.page(request, "training/verify.html", shown)
