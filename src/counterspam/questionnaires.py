"""The questionnaire at work: joins `policy.questionnaire` to the records. Pages, API and benchmarks go through here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterspam import asking
from counterspam.asking import LOCAL
from counterspam.errors import CounterspamError
from counterspam.measure import frozen
from counterspam.policy.questionnaire import answers, checks, compare, filled, rates, results, uses
from counterspam.policy.questionnaire.answers import Answered, Given
from counterspam.policy.questionnaire.checks import Problem
from counterspam.policy.questionnaire.definition import Definition, load
from counterspam.policy.questionnaire.inputs import Input, inputs
from counterspam.policy.questionnaire.values import countries
from counterspam.store import invitations, responses, waves
from counterspam.store.invitations import Invitation
from counterspam.store.responses import Act, Version
from counterspam.store.waves import Release, Wave

REMINDER = """Dear respondent of {member},

the questionnaire "{title}" about {period} is open until {deadline}. We have no signed answers of {member} yet.
You can answer at {address} with the code that you were given, or send the file back.
"""


class NotNow(CounterspamError):
    """The state does not allow it; the text says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the version that was saved, its problems with their cells, and cells that were not taken."""

    version: Version
    problems: Sequence[tuple[str, Problem]]
    refused: Sequence[filled.Refused]


def definition_of(conn: Any, wave: Wave) -> Definition:
    """The questionnaire of a wave. Raises NotNow when its text is not the one that the wave was opened with."""
    found = asking.form(conn, wave.definition, wave.definition_hash)
    if found.hash != wave.definition_hash:
        raise NotNow("the questionnaire was changed after this wave was opened")
    return found


def region(country: str) -> str:
    """The region of a country (UN M49), "" unknown."""
    return countries().get(country, "")


def new_wave(id: str, title: str, version: str, period: str, opens_at: int, closes_at: int, **more: Any) -> Wave:
    """A wave to be added; `form` is the definition of a version that is not shipped.

    Raises NotNow or Unanswerable when the period is none, or the end lies before the beginning.
    """
    if frozen.span(period).kind == "week":
        raise NotNow("a wave asks about a year, a half-year or a month")
    if opens_at >= closes_at:
        raise NotNow("the deadline lies before the opening")
    known = more.pop("form", None) or load(version)
    return Wave(
        id=id,
        title=title,
        definition=known.version,
        definition_hash=known.hash,
        period=period,
        opens_at=opens_at,
        closes_at=closes_at,
        reminder=more.pop("reminder", REMINDER),
        **more,
    )


def members(conn: Any, wave: str) -> list[dict[str, Any]]:
    """Every invitation of a wave with its region, state, last save and last reminder (ms, 0 never), by name."""
    states, reminded = responses.states(conn, wave), {}
    for one in reversed(invitations.reminders(conn, wave)):
        if not one.error:
            reminded[one.invitation] = one.at
    rows = []
    for each in invitations.every(conn, wave):
        state, saved = states.get(each.id, ("invited", 0))
        rows.append(
            {
                **{name: getattr(each, name) for name in ("id", "member", "country", "role", "size", "contact")},
                "region": region(each.country),
                "revoked": bool(each.revoked_at),
                "state": state,
                "saved_at": saved,
                "reminded": reminded.get(each.id, 0),
            }
        )
    return rows


def standing(conn: Any, invitation: Invitation) -> Version:
    """The answers as they stand; before the first save what the office knows of the respondent."""
    last = responses.last(conn, invitation.id)
    if last.version:
        return last
    wave = waves.get(conn, invitation.wave)
    known = {name: getattr(invitation, name) for name in uses.PREFILLED}
    content = uses.prefilled(definition_of(conn, wave), known) if wave else {}
    return Version(invitation=invitation.id, version=0, content=content)


def before(conn: Any, wave: Wave, invitation: Invitation) -> Given:
    """The answers that this member signed in the wave before to questions with the same words; {} none."""
    for earlier in waves.every(conn):
        if earlier.opens_at >= wave.opens_at:
            continue
        same = invitations.same(conn, invitation.member, invitation.country, earlier.id)
        if same and responses.is_signed(conn, same.id):
            found = responses.last(conn, same.id).content
            return _same(
                found, definition_of(conn, wave), asking.form(conn, earlier.definition, earlier.definition_hash)
            )
    return {}


def _same(given: Given, now: Definition, then: Definition) -> Given:
    """Answers to the questions that both definitions ask in the same words."""
    if now.hash == then.hash:
        return given
    same = {one.id for one in now.questions() if one.id in then.known and then.known[one.id].text == one.text}
    return {key: text for key, text in given.items() if key in then.fields and then.fields[key].question in same}


def problems(conn: Any, wave: Wave, invitation: Invitation, given: Given, section: str = "") -> list[Problem]:
    """What the checks find in these answers."""
    known = definition_of(conn, wave)
    found = checks.check(known, given, before(conn, wave, invitation), section)
    country = uses.PREFILLED["country"]
    if (
        uses.asks_country(known)
        and _section_of(known, country, section)
        and given.get(country) not in ("", None, invitation.country)
    ):
        found.insert(0, Problem(country, checks.HARD, "other-country"))
    return found


def _section_of(known: Definition, id: str, section: str) -> bool:
    """Whether a question is among those that are wanted."""
    return section in ("", known.question(id).section)


def may_save(conn: Any, wave: Wave, invitation: Invitation, now: int, office: bool = False) -> None:
    """Raises NotNow when these answers cannot be changed now. After the deadline the office may, and who was reopened."""
    acts = responses.acts(conn, invitation.id)
    if acts and acts[-1].act == "sign":
        raise NotNow("these answers are signed; the office can open them again")
    if invitation.revoked_at:
        raise NotNow("this invitation was taken back")
    reopened = bool(acts) and acts[-1].act == "reopen"
    if now < wave.opens_at or (now > wave.closes_at and not office and not reopened):
        raise NotNow("this wave is not open")


def save(
    conn: Any,
    wave: Wave,
    invitation: Invitation,
    new: Given,
    *,
    by: str,
    at: int,
    way: str,
    section: str = "",
    office: bool = False,
) -> Version:
    """Keep given answers, of one section where it is named; right or wrong, they stand as given. Raises NotNow."""
    may_save(conn, wave, invitation, at, office)
    known = definition_of(conn, wave)
    first = standing(conn, invitation)

    def change(old: Mapping[str, str]) -> Mapping[str, str]:
        return answers.merged(known, old or first.content, new, section)

    return responses.save(conn, invitation.id, change, by=by, at=at, way=way, section=section)


def take_file(
    conn: Any,
    wave: Wave,
    invitation: Invitation,
    data: bytes,
    *,
    by: str,
    at: int,
    way: str = "file",
    section: str = "",
    empty: bool = False,
    office: bool = False,
) -> Taken:
    """Keep the answers of a file. Empty cells leave what is stored, unless `empty`. Raises NotAForm, NotNow."""
    known = definition_of(conn, wave)
    found = filled.read(known, data, wave.id)
    given = {key: text for key, text in found.given.items() if text or empty}
    refused = list(found.refused)
    if section:
        outside = [key for key in given if given[key] and known.question(known.fields[key].question).section != section]
        refused += [filled.Refused(found.places[key], "cell-section", given[key][:100]) for key in outside]
    made = save(conn, wave, invitation, given, by=by, at=at, way=way, section=section, office=office)
    listed = problems(conn, wave, invitation, made.content, section)
    return Taken(made, [(found.places.get(one.key, ""), one) for one in listed], refused)


def sign(conn: Any, wave: Wave, invitation: Invitation, *, by: str, name: str, at: int) -> None:
    """Sign the answers as they stand. Raises NotNow while a problem stands."""
    responses.still(conn)
    may_save(conn, wave, invitation, at)
    last = responses.last(conn, invitation.id)
    if not last.version:
        raise NotNow("nothing was saved yet")
    if checks.standing(problems(conn, wave, invitation, last.content)):
        raise NotNow("some answers are wrong, or have to be confirmed, before they can be signed")
    responses.act(conn, Act(invitation=invitation.id, act="sign", version=last.version, at=at, by=by, name=name))


def reopen(conn: Any, invitation: Invitation, *, by: str, reason: str, at: int) -> None:
    """Open signed answers again. Raises NotNow when they are not signed or no reason is given."""
    if not responses.is_signed(conn, invitation.id):
        raise NotNow("these answers are not signed")
    if not reason.strip():
        raise NotNow("say why they are opened again")
    last = responses.last(conn, invitation.id).version
    responses.act(conn, Act(invitation=invitation.id, act="reopen", version=last, at=at, by=by, reason=reason))


def everyone(conn: Any, wave: str) -> list[Answered]:
    """The signed answers of a wave, with whom they are from."""
    known = {one.id: one for one in invitations.every(conn, wave)}
    found = [
        Answered(
            member=(one := known[version.invitation]).member,
            country=one.country,
            region=region(one.country),
            role=one.role,
            size=one.size,
            given=version.content,
        )
        for version in responses.signed(conn, wave)
        if version.invitation in known
    ]
    return sorted(found, key=lambda one: (one.member, one.country))


def response_rates(conn: Any, wave: str) -> list[dict[str, Any]]:
    """Invited, started and signed as they stand now (K20)."""
    return rates.response([one for one in members(conn, wave) if not one["revoked"]])


def prepare(conn: Any, wave: Wave, *, by: str, at: int) -> Release:
    """Make the tables of a wave from what is signed, for somebody else to approve."""
    known, signed = definition_of(conn, wave), everyone(conn, wave.id)
    content = {
        "wave": wave.id,
        "title": wave.title,
        "period": wave.period,
        "definition": known.version,
        "definition_hash": known.hash,
        "provenance": "questionnaire",
        "synthetic": wave.synthetic,
        "response": response_rates(conn, wave.id),
        "left_out": rates.left_out(known, [one.given for one in signed]),
        "tables": results.tables(known, signed, wave.period),
        "answers": answers.by_name(known, signed),
    }
    return waves.prepare(conn, wave.id, content, by=by, at=at)


def may_decide(release: Release, by: str) -> bool:
    """Whether a release waits and somebody else prepared it."""
    return not release.decision and (release.prepared_by != by or by == LOCAL)


def decide(conn: Any, wave: str, number: int, decision: str, *, by: str, at: int, reason: str = "") -> None:
    """Approve or refuse a release. Raises NotNow when who prepared it decides, or nothing waits for a decision.

    `local` may do both: with open access on loopback there is one person only.
    """
    found = waves.release(conn, wave, number)
    if found is None or found.decision:
        raise NotNow("there is no release that waits for a decision")
    if not may_decide(found, by):
        raise NotNow("somebody else than who prepared a release has to approve it")
    if not waves.decide(conn, wave, number, decision, by=by, at=at, reason=reason):
        raise NotNow("there is no release that waits for a decision")


def earlier(conn: Any, wave: Wave) -> tuple[Wave, Release] | None:
    """The last wave before this one that has published tables."""
    for one in waves.every(conn):
        if one.opens_at < wave.opens_at and (found := waves.public(conn, one.id)):
            return one, found
    return None


def compared(conn: Any, wave: Wave, release: Release) -> tuple[Wave, list[dict[str, Any]]] | None:
    """Medians of this release beside those of the wave before; None when there is none."""
    found = earlier(conn, wave)
    if found is None:
        return None
    now, then = definition_of(conn, wave), asking.form(conn, found[0].definition, found[0].definition_hash)
    old = {one.id: (one.text, one.columns) for one in then.questions()}
    same = {one.id: old.get(one.id) == (one.text, one.columns) for one in now.questions()}
    return found[0], compare.waves(release.content["tables"], found[1].content["tables"], same)


def by_country(conn: Any, country: str) -> list[tuple[Wave, list[dict[str, str]]]]:
    """The published answers of respondents of a country by wave, the newest first; waves without any are left out."""
    found = []
    for wave in waves.every(conn, 50):
        release = waves.public(conn, wave.id)
        rows = [row for row in release.content["answers"] if row["country"] == country] if release else []
        if rows:
            found.append((wave, rows))
    return found


def inputs_of(
    conn: Any,
    country: str,
    *,
    levels: frozenset[str] = frozenset({"public"}),
    allow: Callable[[Wave], bool] | None = None,
) -> list[Mapping[str, Input]]:
    """What respondents of a country stated of the parameters of the cost model, one mapping a respondent, newest wave first.

    Of waves whose tables are approved only. Pass further `levels` for sums that stay within this node; never show these.
    """
    found = []
    for wave in waves.every(conn, 50):
        if waves.public(conn, wave.id) is None or (allow and not allow(wave)):
            continue
        known = definition_of(conn, wave)
        found += [
            inputs(known, one.given, member=one.member, wave=wave.id, period=wave.period, levels=levels)
            for one in everyone(conn, wave.id)
            if one.country == country
        ]
    return [one for one in found if one]
