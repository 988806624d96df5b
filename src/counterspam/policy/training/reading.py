"""Files of the training reader by reader: YAML into checked records, with errors that name the place."""

import re
from collections.abc import Iterable
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from counterspam.errors import DecodeError, Reason

MOST_BYTES = 400_000  # of one file
MOST_TOLD = 5  # wrong places that one error names
Audience = Literal["policy", "operator", "user"]
AUDIENCES: tuple[Audience, ...] = ("policy", "operator", "user")
SLUG = r"^[a-z0-9]+(-[a-z0-9]+){0,11}$"
T = TypeVar("T")


class _Loader(yaml.SafeLoader):
    """Safe YAML in which yes, no, on and off are words, as authors mean them, and true and false alone are truths."""


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != _BOOL]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), ["t", "f"])


class Record(BaseModel):
    """What every record of these files has in common: no field that is not known, and nothing that can change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=20_000)


def content(text: str, name: str) -> Any:
    """The YAML of a file. Raises DecodeError with `name`, the file, in it."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise DecodeError(Reason.TOO_LARGE, f"{name}: more than {MOST_BYTES} bytes")
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise DecodeError(Reason.BAD_SYNTAX, f"{name}: {' '.join(str(error).split())[:300]}") from error


def front_matter(text: str, name: str) -> tuple[Any, str]:
    """What stands between the first two lines of `---`, and what follows. Raises DecodeError."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != "---":
        raise DecodeError(Reason.BAD_SYNTAX, f"{name}: does not begin with a line ---")
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not end:
        raise DecodeError(Reason.BAD_SYNTAX, f"{name}: no second line --- ends the front matter")
    return content("\n".join(lines[1:end]), name), "\n".join(lines[end + 1 :])


def checked(kind: type[T], data: Any, name: str) -> T:
    """`data` as a record of this kind. Raises DecodeError that names the file and the first wrong places."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        places = [f"{'.'.join(map(str, e['loc'])) or 'all of it'}: {e['msg']}" for e in error.errors()[:MOST_TOLD]]
        raise DecodeError(Reason.BAD_VALUE, f"{name}: {'; '.join(places)}") from error
    except RecursionError as error:
        raise DecodeError(Reason.TOO_DEEP, f"{name}: nested too deeply") from error


def twice(values: Iterable[str]) -> list[str]:
    """The values that stand there more than once."""
    seen: set[str] = set()
    found = []
    for value in values:
        if value in seen:
            found.append(value)
        seen.add(value)
    return found
