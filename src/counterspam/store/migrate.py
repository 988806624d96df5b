"""Numbered SQL migrations, one series per store: `sql/SERIES/NUMBER_NAME.sql`, `-DIALECT` before `.sql` where dialects differ.

Both stores keep a table `migrations` of what was applied. Statements of the event store can be repeated (IF NOT EXISTS),
as it has no transactions; those of the records store run in one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from counterspam.errors import StoreError

Execute = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file: its statements in order."""

    number: int
    name: str
    statements: tuple[str, ...]


def statements(text: str) -> Iterator[str]:
    """The statements of a file, without comments. Our files have no ';' or '--' inside literals."""
    code = "\n".join(line.partition("--")[0].rstrip() for line in text.splitlines())
    for statement in code.split(";"):
        if statement.strip():
            yield statement.strip()


def series(name: str, dialect: str) -> list[Migration]:
    """All the migrations of a store for one dialect, in order."""
    found: dict[int, Migration] = {}
    for file in files("counterspam.store").joinpath("sql", name).iterdir():
        stem, _, only = file.name.removesuffix(".sql").partition("-")
        if not file.name.endswith(".sql") or only not in ("", dialect):
            continue
        number = int(stem[:4])
        if number in found:
            raise StoreError(f"two migrations of {name} have the number {number}")
        found[number] = Migration(number, stem[5:], tuple(statements(file.read_text(encoding="utf-8"))))
    return [found[number] for number in sorted(found)]


def run(todo: list[Migration], applied: set[int], execute: Execute, record: Callable[[Migration], object]) -> list[str]:
    """Apply what is not applied yet, in order; return the names. Refuses a store that a newer version has changed."""
    newer = applied - {migration.number for migration in todo}
    if newer:
        raise StoreError(
            f"the store was changed by a newer version (migration {max(newer)}); please update this program"
        )
    done = []
    for migration in todo:
        if migration.number in applied:
            continue
        for statement in migration.statements:
            execute(statement)
        record(migration)
        done.append(f"{migration.number:04d}_{migration.name}")
    return done
