"""A data folder full of demonstration evidence and of something of every instrument, for the pages that a browser looks at.

`python -m bench.filling FOLDER COUNT HOURS` writes it; it is a process of its own because the embedded engine takes one data
folder per process.
"""

import random
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bench.common import drain
from bench.members import fill_wave
from bench.server import report
from counterspam import __version__, asking, config, privacy
from counterspam.collect import demo
from counterspam.node import Node, new_id
from counterspam.policy.costs import draws, inputs, version
from counterspam.policy.costs.estimate import estimated
from counterspam.policy.costs.investment import invested
from counterspam.policy.questionnaire import own
from counterspam.policy.repository import plan
from counterspam.policy.repository.fields import Kind
from counterspam.policy.repository.shipped import shipped
from counterspam.publish import publish
from counterspam.store import accounts, changes, definitions, entries, forms, plans, reports, scenarios, training
from counterspam.store.changes import Change
from counterspam.store.forms import Who
from counterspam.store.reports import Act, Version
from counterspam.web.costs import answers
from counterspam.web.costs.asked import Asked
from counterspam.web.reports import freezing, gathered, making
from counterspam.web.reports.freezing import Wanted
from counterspam.web.scopes import Role

INTAKE = "fill"
SCENARIO = "5ce0a210c0575ce0"
LAW = "US-CANSPAM"
REPORT, DRAFT = "00000000000000aa", "00000000000000bb"
UNREADABLE = b"\x00\x01 no format at all"


def fill(data: Path, count: int, hours: float) -> None:
    """Write `count` items of the demonstration feed, received over the last `hours`, and one that nothing can read."""
    dice = random.Random(0)
    end = time.time()
    times = iter(sorted(end - 5 - hours * 3600 * dice.betavariate(1, 1.5) for _ in range(count)))
    moment = [next(times)]
    node = Node.open(config.load(data=data))
    node.start()
    feed = demo.feed(node.new_raw, now=lambda: datetime.fromtimestamp(moment[0], UTC))
    raws = []
    for at in [*moment, *times]:
        moment[0] = at
        raw = replace(next(feed), intake=INTAKE, received_at=int(at * 1000))
        raws.append(replace(raw, id=f"{raw.received_at:012x}{new_id()[12:]}"))
    for start in range(0, count, 500):
        node.submit(raws[start : start + 500]).result()
    node.submit([node.new_raw(UNREADABLE, intake=INTAKE)]).result()
    drain(node, INTAKE)
    _publish(node)
    _change(node)
    with node.records.begin() as conn:
        accounts.create(conn, "ana", "An analyst", [Role.ANALYST, Role.LEARNER], "")
    _scenario(node)
    _repository(node)
    _definitions(node)
    _teach(node)
    _reports(node)
    fill_wave(node.records, int(time.time() * 1000))
    _forms(node)
    node.close()


def last_week() -> datetime:
    """A moment of the last week that has ended."""
    return datetime.now(UTC) - timedelta(7)


def _publish(node: Node) -> None:
    """The figures of the last week that has ended, and again after evidence that came late; what is made up never counts."""
    secret = privacy.rounding_key(node.config.data)
    for revision in (1, 2):
        raws = [node.new_raw(report(number, f"late{revision}"), intake=INTAKE) for number in range(40 * revision)]
        node.submit([replace(raw, received_at=int(last_week().timestamp() * 1000)) for raw in raws]).result()
        drain(node, INTAKE)
        reason = "Reports of one operator came late." if revision > 1 else ""
        now = int(time.time() * 1000)
        publish(
            node.events.query, node.records, f"{last_week():%G-W%V}", by="bench", secret=secret, now=now, reason=reason
        )


def _change(node: Node) -> None:
    """A change as the lookout would keep it, which finds none in so little evidence."""
    now = int(time.time() * 1000)
    figures: dict[str, Any] = {
        "observed": 420.0,
        "expected": 160.0,
        "low": 90.0,
        "high": 240.0,
        "score": 7.1,
        "reports": 130,
    }
    times: dict[str, Any] = {
        "found_at": now - 1_800_000,
        "began_at": now - 3_000_000,
        "seen_at": now,
        "span": 3_600_000,
    }
    with node.records.begin() as conn:
        changes.add(
            conn,
            Change(id=new_id(), kind="surge", channel="sms", country="FR", synthetic=True, **times, **figures),
        )


def _scenario(node: Node) -> None:
    """A published scenario of the cost model for one country, as the calculator would keep it."""
    asked = Asked("FR", measures=("sms_firewall",), given={"mail_seconds": "2 4 8"})
    given = {name: {"value": value} for name, value in asked.given.items()}
    people = {name: {"value": 60_000_000} for name in ("people", "mail_users", "phone_users")}
    known = inputs.settled(asked.country, people, given)
    found = invested(known, asked.measures, asked.seed)
    result = {
        "burden": answers.estimate(asked, estimated(known, asked.seed), known),
        "investment": answers.investment(asked, found, known, draws.COUNT),
    }
    with node.records.begin() as conn:
        kept = scenarios.add(
            conn,
            scenarios.Scenario(
                id=SCENARIO,
                title="Households and operators",
                country=asked.country,
                asked=orjson.dumps(asked.pairs()).decode(),
                result=orjson.dumps(result).decode(),
                model=version.model(),
                author="bench",
                created_at=int(time.time() * 1000),
            ),
        )
        scenarios.decide(conn, SCENARIO, kept.version, scenarios.PUBLISHED, "other", "", int(time.time() * 1000))


def _repository(node: Node) -> None:
    """A law that was corrected, a contribution that waits, and an action plan that is under way."""
    law, now = dict(shipped(Kind.LAW)[LAW]), int(time.time() * 1000)
    with node.records.begin() as conn:
        for number in (1, 2):
            content = law | {"last_reviewed": f"2026-11-0{number}", "reviewed_by": "A regulator"}
            entries.propose(
                conn,
                entries.Version(
                    kind="laws", id=LAW, base=number - 1, content=content, author_name="A regulator", proposed_at=now
                ),
            )
            if number == 1:
                signed = {
                    "approver": "bench",
                    "approver_name": "A moderator",
                    "reason": "Read at the source.",
                    "at": now,
                }
                entries.decide(conn, 1, "published", **signed)
        for back, status in ((150, "planned"), (90, "in-progress"), (20, "done")):
            for item in list(plan.items())[: 30 - back // 6]:
                at = now - back * 86_400_000
                plans.add(
                    conn, plans.Row(item=item, status=status, responsible="The regulator", said_at=at, said_by="bench")
                )


def _definitions(node: Node) -> None:
    """A definition of the node's own in force, and a draft of its next version."""
    now = int(time.time() * 1000)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    one = definitions.Version(
        id="xx-example", title="An example", words="Whatever is judged spam.", expression="spam", written_by="bench"
    )
    with node.records.begin() as conn:
        definitions.write(conn, one, now)
        definitions.propose(conn, one.id, 1, now)
        definitions.publish(conn, one.id, 1, "other", "Another editor", "", now=now, today=today)
        definitions.write(conn, replace(one, expression='spam && channel == "sms"', valid_from=today), now)


def _forms(node: Node) -> None:
    """A questionnaire of the node's own that is published, and a draft that was made from it."""
    at = int(time.time() * 1000)
    writer, other = Who("bench", "An editor", at), Who("other", "Another editor", at)
    first = own.shipped_text("2026").replace("version: '2026'", "version: example-2026", 1)
    with node.records.begin() as conn:
        for number in (6, 7):
            version = f"example-202{number}"
            data = first.replace("version: example-2026", f"version: {version}", 1)
            if number == 7:
                data = data.replace("derived_from: '2026'", "derived_from: example-2026", 1)
                data = data.replace("text: Countries of origin", "text: Countries and areas of origin", 1)
            kept = asking.write(conn, own.checked(data.encode()), data.encode(), writer)
            forms.propose(conn, version, kept.hash, writer)
            if number == 6:
                asking.publish(conn, version, kept.hash, other, "Read and compared.")


def _teach(node: Node) -> None:
    """A workshop that was held, with who came, and learners who passed a module."""
    start = int(last_week().timestamp() * 1000)
    times = {"starts_at": start, "ends_at": start + 3_600_000, "updated_at": start}
    about: dict[str, Any] = {"kind": "webinar", "title": "Reading figures of spam", "lang": "en", "place": "Online"}
    with node.records.begin() as conn:
        held = training.Workshop(
            id=f"{1:016x}", audience="policy", region="002", answers=12, score=4.2, **about, **times
        )
        training.save(conn, held)
        training.record(conn, held.id, [training.Group(audience="policy", region="002", gender="women", people=21)])
        for number in range(12):
            training.count(conn, f"{last_week():%Y-%m}", "what-is-spam", "user", "002", completed=number % 2 == 0)


def _reports(node: Node) -> None:
    """A released barometer of the last week that has ended, and a draft to TSAG."""
    at = int(time.time() * 1000)
    given: dict[str, Any] = {"audience": "public", "tlp": "TLP:CLEAR", "author": "en", "languages": ("en",)}
    given |= {"period": f"{last_week():%G-W%V}", "created_at": at, "changed_at": at}
    draft = Version(id=DRAFT, version=1, kind="tsag", fields={}, **given)
    one = Version(id=REPORT, version=1, kind="barometer", topic="types", fields={"comment": "Little spam."}, **given)
    wanted = Wanted(one.kind, one.period, one.audience, topic=one.topic)
    snapshot, content = freezing.freeze(node, wanted, gathered.sections)
    one = replace(one, snapshot=snapshot, software=__version__, built_at=at, state="released")
    made = making.files(making.given(one, content, at=at), one.languages)
    with node.records.begin() as conn:
        reports.freeze(conn, snapshot, content, at=at, software=__version__)
        for version in (one, draft):
            reports.add(conn, version)
            reports.log(conn, version, Act(0, at, "bench", "", "created", "", {}))
        hashes = {file.name: file.sha256 for file in reports.keep_files(conn, one, made)}
        for act in ("frozen", "signed-off", "released"):
            reports.log(conn, one, Act(0, at, "bench", "", act, "", hashes))


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
