"""What the software takes from single questions, by their ids; a questionnaire without them works, and gives nothing there."""

from collections.abc import Mapping

from counterspam.policy.questionnaire.definition import NUMBERS, Definition

PREFILLED = {"country": "B0.1", "member": "B0.2", "role": "B0.3", "size": "B0.4"}  # what the office knows
_KINDS = {"country": "country", "member": "text", "role": "choice", "size": "choice"}
FEEDS = ("bandwidth_price", "help_desk_share")  # that the cost pages ask for


def options(definition: Definition, name: str) -> Mapping[str, str]:
    """The roles or sizes (`name`) that the questionnaire knows, {} where it does not ask for them."""
    field = definition.fields.get(PREFILLED[name])
    return field.options if field and field.kind == "choice" else {}


def prefilled(definition: Definition, known: Mapping[str, str]) -> dict[str, str]:
    """What is known of a respondent as answers, as far as the questionnaire asks for it. `known` is by country, member ..."""
    return {
        key: known[name]
        for name, key in PREFILLED.items()
        if _asks(definition, name) and (_KINDS[name] != "choice" or known[name] in definition.fields[key].options)
    }


def asks_country(definition: Definition) -> bool:
    """Whether it asks for the country of the respondent."""
    return _asks(definition, "country")


def _asks(definition: Definition, name: str) -> bool:
    field = definition.fields.get(PREFILLED[name])
    return field is not None and field.kind == _KINDS[name]


def lacking(definition: Definition) -> list[str]:
    """The uses that get no input; what they are called is in web/questionnaire/faults.py."""
    fed = {one["parameter"] for one in definition.feeds}
    amounts = [one for one in definition.fields.values() if one.kind == "currency"]
    lacks = {
        "prefilled": not all(_asks(definition, name) for name in PREFILLED),
        "groups": not (options(definition, "role") and options(definition, "size")),
        "dollars": bool(amounts) and not definition.amounts,
        "costs": not set(FEEDS) & fed,
        "profile": not any(one.disclosure == "public" for one in definition.questions()),
        "numbers": not any(one.kind in NUMBERS for one in definition.fields.values()),
    }
    return [name for name, lack in lacks.items() if lack]
