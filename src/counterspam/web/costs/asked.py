"""What the calculator is asked, as it stands in the address: scope, seed, measures, targets, and values of the reader's own.

The address holds all of it, so that a result is shared by sharing the address. Names of parameters are names in the address;
what is no parameter is left alone (`lang`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from counterspam.measure import populations
from counterspam.measure.populations import Kind, Population
from counterspam.policy.costs import draws, inputs, table
from counterspam.policy.costs.parameter import BadInput, Parameter, Provenance
from counterspam.web import reference
from counterspam.web.costs import measured
from counterspam.web.format import countries
from counterspam.web.language import mark

MOST_VALUES = 120  # parameters in one address
LONGEST = 100  # characters of a value
MOST_PEOPLE = 2 * 10**10
# What a country has of each: the first kind that is known.
PEOPLE: dict[str, tuple[Kind, ...]] = {
    "people": (Kind.PEOPLE,),
    "mail_users": (Kind.MAILBOXES, Kind.INTERNET),
    "phone_users": (Kind.MOBILE,),
}
NO_COUNTRY = mark("this is no country of the list")
NO_SIZE = mark("write a whole number from 1")
NO_SEED = mark("write a whole number from 0 to 2147483647")
NO_TARGET = mark("write a share of 0 to 100")
NO_MEASURE = mark("there is no such measure")
ERRORS = (
    mark("write one number, or three: low, base, high"),
    mark("low, base and high must all be finite numbers"),
    mark("low, base and high must be in this order"),
    mark("must be above 0"),
    mark("there is no such parameter"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the model. `given` are values of the reader's own as written; `size` 0 takes the people of the country."""

    country: str = ""
    size: int = 0
    seed: int = 1
    covered: int = 0  # subscribers whose filters report to this node; 0 leaves its figures out
    measures: tuple[str, ...] = ()
    targets: Mapping[str, float] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def pairs(self) -> list[tuple[str, str]]:
        """The question as pairs of name and value, in one order: what is saved, and what an address is made of."""
        found = [("country", self.country)] if self.country else []
        found += [("size", str(self.size))] if self.size else []
        found += [("covered", str(self.covered))] if self.covered else []
        found += [("seed", str(self.seed))]
        found += [("measure", name) for name in self.measures]
        found += [(f"target_{channel}", f"{100 * share:g}") for channel, share in sorted(self.targets.items())]
        return [*found, *sorted(self.given.items())]

    def address(self) -> str:
        """The question as the query of an address."""
        return urlencode(self.pairs())


def read(pairs: list[tuple[str, str]]) -> tuple[Asked, dict[str, str], dict[str, str]]:
    """The question of an address, what is wrong by name, and all that was written (so that a form loses nothing)."""
    written = {name: value.strip()[:LONGEST] for name, value in pairs[:400] if value.strip()}
    errors: dict[str, str] = {}
    known = table.every()
    given = {name: value for name, value in written.items() if name in known}
    if len(given) > MOST_VALUES:
        errors["given"] = f"at most {MOST_VALUES} values"
        given = {}
    country = written.get("country", "").upper()
    if country and country not in countries():
        errors["country"], country = NO_COUNTRY, ""
    measures = dict.fromkeys(value for name, value in pairs[:400] if name == "measure" and value)
    if any(name not in table.measures() for name in measures):
        errors["measure"] = NO_MEASURE
    asked = Asked(
        country,
        _whole(written, "size", MOST_PEOPLE, NO_SIZE, errors),
        _whole(written, "seed", draws.MOST_SEED, NO_SEED, errors) if "seed" in written else 1,
        _whole(written, "covered", MOST_PEOPLE, NO_SIZE, errors),
        tuple(name for name in measures if name in table.measures()),
        _targets(written, errors),
        given,
    )
    return asked, errors, written


def parameters(request: Request, asked: Asked) -> dict[str, Parameter]:
    """All parameters for the question: shipped, of the country, of questionnaires, measured here, and the reader's own.

    Each later one counts. Raises BadInput.
    """
    node = request.app.state.node
    answers = getattr(request.app.state, "cost_answers", None)  # country -> mapping, set by the questionnaire
    return inputs.settled(
        asked.country,
        _people(request, asked),
        answers(asked.country) if answers and asked.country else {},
        measured.given(node, asked.covered) if asked.covered else {},
        {name: {"value": value, "provenance": Provenance.USER} for name, value in asked.given.items()},
    )


def of(request: Request) -> tuple[Asked, dict[str, Parameter], dict[str, str], dict[str, str]]:
    """The question of a request, its parameters (without what is wrong), errors and all that was written."""
    pairs = list(request.query_params.multi_items())
    asked, errors, written = read([*set_pairs(request), *pairs])
    try:
        return asked, parameters(request, asked), errors, written
    except BadInput as error:
        errors |= error.errors
    kept = {name: value for name, value in asked.given.items() if name not in errors}
    asked = Asked(asked.country, asked.size, asked.seed, asked.covered, asked.measures, asked.targets, kept)
    return asked, parameters(request, asked), errors, written


def set_pairs(request: Request) -> list[tuple[str, str]]:
    """`set=mail_seconds:1 5 15` of the API as if it were `mail_seconds=1 5 15`."""
    found = (value.partition(":") for value in request.query_params.getlist("set")[:MOST_VALUES])
    return [(name.strip(), value) for name, colon, value in found if colon]


def _people(request: Request, asked: Asked) -> dict[str, dict[str, Any]]:
    """Who is within the scope: a size that was given, else the people, mailboxes and subscriptions of the country."""
    if asked.size:
        return {name: {"value": asked.size, "provenance": Provenance.USER} for name in PEOPLE}
    known = reference.populations(request.app.state.node.config)
    found = {}
    for name, kinds in PEOPLE.items():
        for kind in kinds:
            one = populations.of(known, asked.country, kind)
            if one:
                found[name] = _population(one)
                break
    return found


def _population(one: Population) -> dict[str, Any]:
    said = {"year": str(one.year), "source": one.source, "note": one.note, "place": one.country}
    return {"value": one.value, "provenance": Provenance.PUBLISHED, **said}


def _whole(written: Mapping[str, str], name: str, most: int, why: str, errors: dict[str, str]) -> int:
    text = written.get(name, "")
    if not text:
        return 0
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    least = 0 if name == "seed" else 1
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 12 and least <= int(plain) <= most):
        errors[name] = why
        return 0
    return int(plain)


def _targets(written: Mapping[str, str], errors: dict[str, str]) -> dict[str, float]:
    found = {}
    for channel in table.CHANNELS:
        text = written.get(f"target_{channel}", "")
        if not text:
            continue
        try:
            (share,) = inputs.numbers(text.rstrip("%"))
        except ValueError:
            share = -1.0
        if not 0 <= share <= 100:
            errors[f"target_{channel}"] = NO_TARGET
            continue
        found[channel] = share / 100
    return found
