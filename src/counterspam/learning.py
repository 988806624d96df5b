"""Learning on a node: versions of the model that start from the shipped one and follow what its analysts decide.

    decisions since the parent -> lessons -> a copy that has learned them -> test -> a version -> used, if it is not worse

`Learning` is the one place in a process that makes and chooses versions; workers see the choice at their next batch.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from counterspam import __version__
from counterspam.decide import Sources, reread
from counterspam.detect import guard, learned, lessons, reliability, support, version_card, versions
from counterspam.detect.labelled import text_key
from counterspam.detect.learned import Model
from counterspam.detect.lessons import DECISION, REPORT, Lesson
from counterspam.detect.versions import ALL, SHIPPED, Version
from counterspam.errors import ConfigError, CounterspamError
from counterspam.measure import drift, learning_questions
from counterspam.measure.drift import Decided, Drift
from counterspam.model import Evidence
from counterspam.store import decisions
from counterspam.store.decisions import Decision

MOST_DECISIONS = 5_000  # in one run, the latest
MOST_REPORTS = 5_000
WATCHED = drift.RECENT + drift.EARLIER
DAY = 86_400_000
LEARNED, IMPORTED = "learned", "imported"
log = logging.getLogger(__name__)


class NothingToLearn(CounterspamError):
    """There is no decision that could be learned from; the text says why."""


@dataclass(frozen=True)
class Parent:
    """What a new version starts from. `through` is the last decision that it knows, `until` the last report (ms), `base` the
    shipped model that it comes from ("" itself), `taken_in` the deltas that are part of it."""

    jurisdiction: str
    name: str
    model: Model
    support: support.Support
    through: int = 0
    until: int = 0
    base: str = ""
    taken_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """What may become a version; `record` is what its making adds to the record."""

    jurisdiction: str
    model: Model
    support: support.Support
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Taught:
    """What a run has to learn from; `left_out` lessons are too many of one label."""

    lessons: list[Lesson]
    left_out: int
    unread: int
    synthetic: bool
    through: int


class Learning:
    """Makes versions and chooses which is used; one thing at a time."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.config = sources.config
        self.root = sources.config.data / versions.FOLDER
        self.drifts: dict[str, Drift] = {}  # what the last look saw
        self.making = threading.Lock()  # held while a version is made or chosen

    @property
    def places(self) -> tuple[str, ...]:
        """ALL and the jurisdictions with a model of their own."""
        return (ALL, *self.config.learn_jurisdictions)

    # Making

    def learn(self, jurisdiction: str = ALL, *, by: str, now: int, afresh: bool = False) -> Version:
        """A new version from the decisions since the one in use; used at once when it passes the test. `now` in ms.

        `afresh` starts from the shipped model, with every decision whose raw evidence is kept. Raises NothingToLearn,
        ConfigError.
        """
        with self.making:
            parent = self.parent(jurisdiction, afresh=afresh)
            taught = self._taught(jurisdiction, parent, now)
            if not taught.lessons:
                gone = f"; {taught.unread} could not be read again" if taught.unread else ""
                raise NothingToLearn(f"no decision to learn from since the version in use{gone}")
            candidate = lessons.teach(parent.model, taught.lessons)
            record = {
                "kind": LEARNED,
                "through": taught.through,
                "reports_until": now,
                "reports": self.config.learn_from_reporters,
                "lessons": len(taught.lessons),
                "left_out": taught.left_out,
                "learned": lessons.counts(taught.lessons),
                "unread": taught.unread,
                "unknown": _unknown(parent.model, taught.lessons),
                "synthetic": taught.synthetic,
                "digest": lessons.digest(taught.lessons),
                "taken_in": parent.taken_in,
                "settings": {"report": reliability.REPORT, "canary": len(guard.canary())},
            }
            met = support.more(parent.support, parent.model, (one.evidence for one in taught.lessons))
            made = Candidate(jurisdiction, candidate, met, record)
            return self.keep(parent, made, taught.lessons, by=by, now=now)

    def keep(self, parent: Parent, candidate: Candidate, told: Sequence[Lesson], *, by: str, now: int) -> Version:
        """Test a candidate, make a version of it, and use it unless it is worse or the jurisdiction is held.

        `told` are decisions that it has learned, or, for one that has learned nothing here, that it is tested with.
        """
        place = candidate.jurisdiction
        draft, model = versions.drafted(self.root, candidate.model)
        try:
            made = next((v for v in versions.listed(self.root, place) if v.model == model.version), None)
            if made is None:
                support.save(candidate.support, draft)
                outcome = guard.tested(parent.model, model, told, seen=candidate.record["kind"] == LEARNED)
                record = self._record(parent, candidate, model, outcome, by, now)
                name = versions.next_name(self.root, place, model)
                day = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%d")
                made = versions.add(self.root, place, name, draft, record, version_card.text(record, name, day))
                log.info("model %s for %s: %s", made.name, place, outcome.why)
        finally:
            versions.discard(draft)
        if made.record["test"]["passed"] and place not in versions.state(self.root).held:
            versions.choose(self.root, place, made.name, at=now, by=by, why=made.record["kind"], hold=False)
        return made

    def _record(
        self, parent: Parent, candidate: Candidate, model: Model, outcome: guard.Outcome, by: str, now: int
    ) -> dict[str, Any]:
        origin = {"jurisdiction": parent.jurisdiction, "name": parent.name, "version": parent.model.version}
        place = candidate.jurisdiction
        return {
            **candidate.record,
            "jurisdiction": place,
            "version": model.version,
            "parent": origin,
            "replaces": versions.state(self.root).chosen.get(place, SHIPPED),
            "base": parent.base or learned.load(self.config.model).version,
            "made_at": now,
            "made_by": by,
            "software": __version__,
            "test": asdict(outcome),
        }

    def parent(self, jurisdiction: str, *, afresh: bool = False) -> Parent:
        """What a new version for a jurisdiction starts from: what it uses, else what all use, else the shipped model."""
        chosen = versions.state(self.root).chosen
        for place in dict.fromkeys((versions.known(jurisdiction), ALL)):
            name = chosen.get(place, SHIPPED)
            if name == SHIPPED or afresh:
                continue
            version = versions.get(self.root, place, name)
            model = learned.load(version.folder)
            met = support.load(version.folder, len(model.weights))
            record, same = version.record, place == jurisdiction
            through, until = (record["through"], record["reports_until"]) if same else (0, 0)
            return Parent(place, name, model, met, through, until, record["base"], tuple(record["taken_in"]))
        model = Model.above(learned.load(self.config.model))
        return Parent(ALL, SHIPPED, model, support.empty(len(model.weights)))

    # Choosing

    def activate(self, jurisdiction: str, name: str, *, by: str, now: int) -> None:
        """Use a version, whatever its test said; SHIPPED is the model that came with the program."""
        with self.making:
            versions.choose(self.root, jurisdiction, name, at=now, by=by, why="chosen", hold=False)

    def revert(self, jurisdiction: str, *, by: str, now: int) -> str:
        """Go back to what the version in use replaced, and stay there until a version is chosen by hand; its name."""
        with self.making:
            name = versions.state(self.root).chosen.get(versions.known(jurisdiction), SHIPPED)
            if name == SHIPPED:
                raise ConfigError(f"{jurisdiction} uses the shipped model: there is nothing to go back to")
            before = str(versions.get(self.root, jurisdiction, name).record["replaces"])
            versions.choose(self.root, jurisdiction, before, at=now, by=by, why="went back", hold=True)
            return before

    # Watching

    def last_made(self, jurisdiction: str) -> int:
        """When the newest version was made (ms), used or not; 0 without any."""
        return max((int(one.record["made_at"]) for one in versions.listed(self.root, jurisdiction)), default=0)

    def waiting(self, jurisdiction: str) -> int:
        """Decisions that no version has learned, used or not."""
        through = max((int(one.record["through"]) for one in versions.listed(self.root, jurisdiction)), default=0)
        with self.sources.records.read() as conn:
            new = decisions.standing(conn, after=through)
        return sum(self.belongs(one.jurisdiction, jurisdiction) for one in new)

    def watch(self, jurisdiction: str, now: int) -> Drift:
        """How the model in use does on what was decided lately, and how its scores move; `now` in ms."""
        with self.sources.records.read() as conn:
            known = [one for one in decisions.standing(conn) if self.belongs(one.jurisdiction, jurisdiction)][-WATCHED:]
        decided = [Decided(one.spam, one.was_spam, one.probability, one.odds) for one in known]
        own = self.config.learn_jurisdictions
        weeks = learning_questions.score_histogram(self.sources.query, jurisdiction, own, now // 1000)
        self.drifts[jurisdiction] = found = drift.watch(decided, weeks)
        return found

    def belongs(self, jurisdiction: str, place: str) -> bool:
        """Whether evidence of a jurisdiction is judged by the model of `place`."""
        return jurisdiction == place if place != ALL else jurisdiction not in self.config.learn_jurisdictions

    # Lessons

    def decided(self, jurisdiction: str, most: int) -> list[Lesson]:
        """The latest decisions whose messages can be read again, as lessons, in order."""
        with self.sources.records.read() as conn:
            known = [one for one in decisions.standing(conn) if self.belongs(one.jurisdiction, jurisdiction)]
        texts = self._texts(known[-most:])
        return [_lesson(one, texts[one.evidence]) for one in known[-most:] if one.evidence in texts]

    def _texts(self, some: Sequence[Decision]) -> dict[str, Evidence]:
        wanted = ((one.received_at, one.evidence) for one in some)
        return reread(self.sources.blobs, learning_questions.evidence_by_id(self.sources.query, wanted))

    def _taught(self, jurisdiction: str, parent: Parent, now: int) -> Taught:
        with self.sources.records.read() as conn:
            last = decisions.last(conn)
            known = [
                one for one in decisions.standing(conn, until=last) if self.belongs(one.jurisdiction, jurisdiction)
            ]
        # Made-up evidence teaches a demonstration, never a node that has real evidence.
        synthetic = all(one.synthetic for one in known)
        new = [one for one in known if one.number > parent.through and one.synthetic is synthetic][-MOST_DECISIONS:]
        texts = self._texts(new)
        found = [(one.decided_at, _lesson(one, texts[one.evidence])) for one in new if one.evidence in texts]
        if self.config.learn_from_reporters and found:
            found += self._reported(jurisdiction, parent, now, known, float(len(found)))
        found.sort(key=lambda pair: (pair[0], pair[1].basis, pair[1].key))
        readable = [one for _, one in found if parent.model.features(one.evidence).size]
        chosen = lessons.evened(readable)
        return Taught(chosen, len(readable) - len(chosen), len(new) - len(texts), bool(known) and synthetic, last)

    def _reported(
        self, jurisdiction: str, parent: Parent, now: int, known: Sequence[Decision], most: float
    ) -> list[tuple[int, Lesson]]:
        """What users reported since the parent, as far as they may be believed, but for what analysts decided on themselves."""
        own, start = self.config.learn_jurisdictions, max(parent.until, now - self.config.keep_raw_days * DAY)
        rows = learning_questions.user_reports(self.sources.query, jurisdiction, own, start, now, MOST_REPORTS)
        decided = {one.evidence for one in known}
        texts = reread(self.sources.blobs, [row for row in rows if row["id"] not in decided and not row["synthetic"]])
        reports = [
            Lesson(one, one.reported_spam, 0.0, REPORT, row["id"], _group(row["campaign"], one))
            for row in rows
            if (one := texts.get(row["id"])) and one.reported_spam is not None
        ]
        judged = (
            reliability.Judged(
                one.reporter, f"{one.campaign:x}" if one.campaign else one.evidence, one.reported == one.spam
            )
            for one in known
            if one.reported >= 0
        )
        times = {row["id"]: row["received_at"] for row in rows}
        weighed = reliability.weighed(reports, reliability.standings(judged), most)
        return [(times[one.key], one) for one in weighed]


def _lesson(one: Decision, evidence: Evidence) -> Lesson:
    return Lesson(evidence, one.spam, 1.0, DECISION, str(one.number), _group(one.campaign, evidence))


def _group(campaign: int, evidence: Evidence) -> str:
    return f"{campaign & (2**63 - 1):x}" if campaign else text_key(evidence)


def _unknown(model: Model, told: Sequence[Lesson]) -> float:
    """Share of the n-grams of these messages that the model has no weight for."""
    unknown = known = 0
    for one in told:
        found = model.knows(model.features(one.evidence))
        known += int(np.count_nonzero(found))
        unknown += found.size - int(np.count_nonzero(found))
    return unknown / max(1, unknown + known)
