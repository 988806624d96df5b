"""Twenty simulated members who answer a wave of the questionnaire, half on the pages and half by file, with slips on the way.

`python -m bench.members http://127.0.0.1:8052` does so on a running node with open access, so that its pages can be looked
at; tests/web/test_questionnaire_members.py does the same inside the application. The answers are made up and say so.
"""

import asyncio
import io
import random
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from openpyxl import load_workbook

from counterspam import questionnaires
from counterspam.policy.questionnaire.definition import NUMBERS, Definition, load
from counterspam.policy.questionnaire.form_file import SEVERAL
from counterspam.store import invitations, waves
from counterspam.store.invitations import Invitation
from counterspam.store.records import Records

COUNTRIES = (
    "KE", "GH", "NG", "SN", "CI", "RW", "TN", "FR", "DE", "PL", "ES", "IT", "CH", "BR", "MX", "CA", "JP", "IN", "ID", "KR",
)  # fmt: skip
ROLES = ["regulator", "mobile", "isp"]
SIZES = ["s3", "s5", "s2", "s4"]
SILENT = [("Demonstration respondent 21", "UY"), ("Demonstration respondent 22", "NZ")]  # invited, but never answer
VERSION = "2026"
DELEGATED = "B6"
Open = Callable[[], httpx.AsyncClient]


@dataclass(slots=True)
class Shown:
    """What was seen on the way: what the pages said about wrong answers, and what was stored for whom."""

    codes: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def name(n: int) -> str:
    """The nth member."""
    return f"Demonstration respondent {n:02d}"


def answers(definition: Definition, n: int, year: int = 0) -> dict[str, str]:
    """What the nth member answers: plausible, made up, the same at each run. Later years say a tenth more."""
    dice, more = random.Random(n), 10 + year
    country, role = COUNTRIES[(n - 1) % 20], ROLES[n % 3]
    given = {
        "B0.1": country,
        "B0.2": name(n),
        "B0.3": role,
        "B0.4": SIZES[n % 4],
        "B0.4a": str(dice.randrange(20_000, 9_000_000) * more // 10),
        "B0.4a#quality": "measured",
        "B0.5": "The desk that answers questionnaires",
        "B0.6": "yes",
        "B1.1a": " ".join(dice.sample(["unsolicited", "bulk", "commercial", "no-consent"], 2 + n % 2)),
        "B1.2": "email sms voice" if n % 3 else "email sms",
        "B2.1#quality": "measured" if n % 2 else "estimated",
        "B2.2#quality": "estimated",
        "B4.2#quality": "estimated",
        "B4.1a#quality": "measured",
        "B6.0a": "EUR" if n % 4 == 0 else "USD",
        "B6.0b": "0.9" if n % 4 == 0 else "1",
        "B6.1a": str(dice.randrange(1, 30) / 2),
        "B6.1a#quality": "measured",
        "B6.2b": str(dice.randrange(2, 30)),
        "B6.2b#quality": "estimated",
        "B6.2e": str(dice.randrange(2, 60)),
        "B6.2e#quality": "measured",
        "B7.2a": "short-code web-form" if n % 4 else "no-channel",
        "B7.3a": "cert regional" if n % 3 == 0 else "cert",
        "B8.1b": "enforcement measurement" if n % 2 else "filtering",
        "B8.1c": "training software" if n <= 8 else "no-help",
    }
    for channel, share in (("email", 55 + n), ("sms", 5 + n), ("voice", 3 + n % 7)):
        total = dice.randrange(100_000, 90_000_000) * more // 10
        given[f"B2.1/{channel}/total"], given[f"B2.1/{channel}/spam"] = str(total), str(total * share // 100)
        given[f"B2.2/{channel}/share"], given[f"B2.2/{channel}/how"] = str(share), "filter"
    for place, origin in enumerate(dice.sample(["US", "CN", "RU", "BR", "IN", "FR"], 3), 1):
        given[f"B4.1a/{place}/item"], given[f"B4.1a/{place}/share"] = origin, str(40 - 10 * place)
    for route, share in (("on-net", 20), ("off-net", 20), ("international", 40), ("sim-box", 15), ("unknown", 5)):
        given[f"B4.2/{route}/share"] = str(share)
    for measure in ("lists", "content-filter", "authentication", "reporting"):
        given[f"B5.1/{measure}/use"], given[f"B5.1/{measure}/effect"] = "used", str(2 + dice.randrange(4))
    if n % 5 == 0:
        given["B2.2#disclosure"] = "public"  # some say so with their name
    if n == 7:
        given["B2.1#disclosure"] = "internal"
    return {key: text for key, text in given.items() if key in definition.fields}


def filled(data: bytes, definition: Definition, given: dict[str, str], places: dict[str, str] | None = None) -> bytes:
    """A form file with these answers typed into it, as a person would: options by their names, ticks as x."""
    book = load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=3, max_col=5):
            key, _, option = str(row[0].value or "").partition(SEVERAL)
            if key not in given:
                continue
            known, text = definition.fields[key], given[key]
            if places is not None:
                places.setdefault(key, f"{sheet.title}!E{row[4].row}")
            if option:
                row[4].value = "x" if option in text.split() else None
            elif known.kind in NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", text):
                row[4].value = float(text) if "." in text else int(text)
            else:
                row[4].value = known.options.get(text, text)
                row[4].data_type = "s"  # a text, even where it begins as formulas do
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csrf(page: str) -> str:
    """The token of the first form of a page."""
    return page.split('name="csrf" value="')[1].split('"')[0]


async def post(web: httpx.AsyncClient, page: str, path: str, expected: int = 303, **more: object) -> httpx.Response:
    """Send a form of a page; fails when the answer is another than expected."""
    token = csrf((await web.get(page)).text)
    data = {**more.pop("data", {}), "csrf": token}  # type: ignore[dict-item]
    found = await web.post(path, data=data, **more)  # type: ignore[arg-type]
    assert found.status_code == expected, (
        f"{path} answered {found.status_code}: {re.findall('<p class=.lead.>(.*)</p>', found.text)}"
    )
    return found


async def open_wave(office: httpx.AsyncClient, wave: str, period: str, today: datetime) -> dict[str, str]:
    """Open a wave and invite everybody; the codes by member."""
    dates = {"opens": f"{today - timedelta(3):%Y-%m-%d}", "closes": f"{today + timedelta(30):%Y-%m-%d}"}
    title = "Questionnaire on countering spam"
    about = {
        "id": wave,
        "title": title,
        "version": VERSION,
        "period": period,
        "reminder": "{member}: {deadline}, {address}",
    }
    await post(office, "/questionnaires/new", "/questionnaires/new", data={**about, **dates, "synthetic": "1"})
    lines = [
        f"{name(n)},{COUNTRIES[n - 1]},{ROLES[n % 3]},{SIZES[n % 4]},desk{n}@member.example," for n in range(1, 21)
    ]
    lines += [f"{who},{country},other,s1,," for who, country in SILENT]
    manage = f"/questionnaires/{wave}/manage"
    page = await post(office, manage, f"/questionnaires/{wave}/invite", 200, data={"lines": "\n".join(lines)})
    return dict(re.findall(r"<bdi>([^<]*)</bdi>: <code dir=\"ltr\">([0-9A-Z-]{29})</code>", page.text))


async def enter(web: httpx.AsyncClient, code: str) -> str:
    """Type a code; the address of the answers."""
    door = "/questionnaires/answer"
    found = await post(web, door, door, data={"code": code.lower().replace("-", " ")})
    return found.headers["location"].partition("?")[0]


async def online(web: httpx.AsyncClient, base: str, definition: Definition, given: dict[str, str], seen: Shown) -> None:
    """Section by section, the volume with a slip first."""
    for section in definition.sections:
        if section.id == DELEGATED and "delegated" in given:
            continue
        keys = {one.key for q in section.questions for one in (*q.fields, *q.about)}
        data: dict[str, object] = {
            key: text.split() if definition.fields[key].kind == "multi" else text
            for key, text in given.items()
            if key in keys
        }
        path = f"{base}/section/{section.id}"
        if section.id == "B2":
            slip = {**data, "B2.1/sms/total": "12,5 million"}
            await post(web, path, path, data=slip)
            page = (await web.get(path)).text
            assert 'value="12,5 million"' in page  # kept, with what is wrong beside it
            seen.said += re.findall(r'<ul class="wrong"[^>]*><li>([^<]*)', page)
        await post(web, path, path, data=data)


async def by_file(
    web: httpx.AsyncClient, base: str, definition: Definition, given: dict[str, str], seen: Shown
) -> None:
    """The form saved, filled in and given back, first with shares that do not add up."""
    blank = (await web.get(f"{base}/form.xlsx?lang=en")).content
    slip = filled(blank, definition, {**given, "B4.2/on-net/share": "70", "B2.1/sms/total": "many"}, seen.places)
    for data, expected in ((slip, True), (filled(blank, definition, given), False)):
        page = await post(web, base, f"{base}/file", 200, files={"file": ("answers.xlsx", data)})
        wrong = re.findall(r'<bdi class="mono">(\w+!E\d+)</bdi>', page.text)
        assert bool(wrong) is expected, re.findall("<td>(.*)</td>", page.text)
        seen.said += wrong


async def answer(open_: Open, code: str, n: int, definition: Definition, seen: Shown, year: int = 0) -> str:
    """One member from the code to the sign-off; the address of the answers."""
    given = answers(definition, n, year)
    async with open_() as web:
        base = await enter(web, code)
        if n == 1:  # the section on costs is a colleague's
            page = await post(web, base, f"{base}/delegate", 200, data={"section": DELEGATED, "label": "Finance desk"})
            colleague = re.search(r'<code dir="ltr">([0-9A-Z-]{29})</code>', page.text)
            assert colleague
            async with open_() as other:
                await enter(other, colleague[1])
                assert (await other.get(f"{base}/section/B2")).status_code == 404
                part = {key: text for key, text in given.items() if key.startswith(DELEGATED)}
                await post(other, base, f"{base}/section/{DELEGATED}", data=part)
            given = {key: text for key, text in given.items() if not key.startswith(DELEGATED)} | {"delegated": "yes"}
        await (online if n % 2 else by_file)(web, base, definition, given, seen)
        await post(web, base, f"{base}/sign", data={"name": "Head of the desk", "agree": "1"})
    return base


async def everyone(
    open_: Open, office: httpx.AsyncClient, wave: str, period: str, today: datetime, year: int = 0
) -> Shown:
    """The whole wave up to the prepared tables."""
    seen, definition = Shown(), load(VERSION)
    seen.codes = await open_wave(office, wave, period, today)
    assert len(seen.codes) == 22
    for n in range(1, 21):
        await answer(open_, seen.codes[name(n)], n, definition, seen, year)
    manage = f"/questionnaires/{wave}/manage"
    await post(office, manage, manage, data={"act": "prepare"})
    return seen


def fill_wave(records: Records, now: int) -> None:
    """An answered and published wave, straight into the records: for pages that need one. One respondent has not signed."""
    known, day = load(VERSION), 86_400_000
    with records.begin() as conn:
        year = f"{datetime.fromtimestamp(now / 1000, UTC):%Y}"
        open_ = {"opens_at": now - day, "closes_at": now + 30 * day, "synthetic": True}
        wave = questionnaires.new_wave(f"{year}-demo", "Questionnaire on countering spam", VERSION, year, **open_)
        waves.add(conn, wave)
        for n in range(1, 22):
            given = answers(known, n)
            one = Invitation(
                id=invitations.new_id(),
                wave=wave.id,
                member=name(n),
                country=given["B0.1"],
                role=given["B0.3"],
                size=given["B0.4"],
            )
            invitations.add(conn, one)
            wrong = {"B4.1a/1/share": "many", "B4.3": "90", "B4.3#quality": "measured"} if n == 21 else {}
            questionnaires.save(conn, wave, one, given | wrong, by="bench", at=now, way="web")
            if not wrong:
                questionnaires.sign(conn, wave, one, by="bench", name="Head of the desk", at=now)
        questionnaires.prepare(conn, wave, by="bench", at=now)
        questionnaires.decide(conn, wave.id, 1, "approved", by="other", at=now)


async def _main(url: str) -> None:
    today = datetime.now(UTC)
    year = today.year

    def open_() -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=url, timeout=60, headers={"accept": "text/html"})

    async with open_() as office:
        for wave, period, more in ((f"{year - 1}-demo", str(year - 1), 0), (f"{year}-demo", str(year), 1)):
            await everyone(open_, office, wave, period, today + timedelta(more), more)
            manage, release = f"/questionnaires/{wave}/manage", f"/questionnaires/{wave}/release"
            await post(office, manage, release, data={"number": "1", "decision": "approved"})
            print(f"{url}/questionnaires/{wave}")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
