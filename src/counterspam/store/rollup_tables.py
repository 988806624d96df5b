"""The tables and materialized views of the rollups, as SQL.

A rollup that the store lacks is made and filled from what is stored: table, contents, then the view that feeds it from then
on, so a view that is there tells that its table is complete. This is done while nothing is inserted, as all migrations are.
"""

from collections.abc import Iterator

from counterspam.rollups import ROLLUPS, Rollup

# Inserts into rollups carry the token of the events' insert, and are synced like it. Few and wide merges write the same rows
# less often: merging takes a good third of what storing costs.
SETTINGS = (
    "non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,"
    " merge_selector_base = 10, min_parts_to_merge_at_once = 6"
)
STARTS = {
    "minute": "toStartOfMinute({})",
    "hour": "toStartOfHour({})",
    "day": "toDateTime(toStartOfDay({}), 'UTC')",
    "month": "toDateTime(toStartOfMonth({}), 'UTC')",
}
_TYPES = {
    "spam": "UInt8",
    "synthetic": "UInt8",
    "asn": "UInt32",
    "campaign": "UInt64",
    "transit": "Array(LowCardinality(String))",
    "name": "String",
}


def steps(rollup: Rollup) -> Iterator[tuple[str, str]]:
    """The steps of a rollup, each with the finer one that feeds it, "" for events."""
    return zip(rollup.steps, ("", *rollup.steps), strict=False)


def columns(rollup: Rollup, step: str) -> str:
    """The column definitions of a table."""
    made = [f"{step} DateTime('UTC')"]
    made += [f"{name} {_TYPES.get(name, 'LowCardinality(String)')}" for name in rollup.dimensions]
    made += [f"{measure.name} {measure.type}" for measure in rollup.measures]
    return ", ".join(made)


def order(rollup: Rollup, step: str) -> str:
    """The sorting key of a table: time first, unless the rows of one subject stand together."""
    dimensions = [name for name in rollup.dimensions if name != rollup.leading]
    return ", ".join([*filter(None, [rollup.leading]), step, *dimensions])


def table(rollup: Rollup, step: str) -> str:
    """CREATE TABLE."""
    return (
        f"CREATE TABLE IF NOT EXISTS {rollup.table(step)} ({columns(rollup, step)}) ENGINE = AggregatingMergeTree"
        f" PARTITION BY toYYYYMM({step}) ORDER BY ({order(rollup, step)})"
        f" SETTINGS {SETTINGS}, index_granularity = {rollup.granularity}"
    )


def selected(rollup: Rollup, step: str, finer: str) -> str:
    """SELECT of the rows of a table, from the events or from the table with the finer step."""
    if finer:
        time, source, only = STARTS[step].format(finer), f"{rollup.table(finer)} AS lower", ""
        dimensions = list(rollup.dimensions)
        measures = [f"{measure.of_rows} AS {measure.name}" for measure in rollup.measures]
    else:
        time, source, only = STARTS[step].format("received_at"), "events", rollup.only
        made = rollup.expressions
        dimensions = [f"{made[name]} AS {name}" if name in made else name for name in rollup.dimensions]
        measures = [f"{measure.of_events} AS {measure.name}" for measure in rollup.measures]
    chosen = ", ".join([f"{time} AS {step}", *dimensions, *measures])
    where = f" WHERE {only}" if only else ""
    return f"SELECT {chosen} FROM {source}{where} GROUP BY {', '.join([step, *rollup.dimensions])}"  # noqa: S608


def feed(rollup: Rollup, step: str) -> str:
    """Name of the view that feeds a table."""
    return f"{rollup.table(step)}_feed"


def view(rollup: Rollup, step: str, finer: str) -> str:
    """CREATE MATERIALIZED VIEW."""
    made = selected(rollup, step, finer)
    return f"CREATE MATERIALIZED VIEW IF NOT EXISTS {feed(rollup, step)} TO {rollup.table(step)} AS {made}"


def missing(known: set[str]) -> Iterator[tuple[str, list[str]]]:
    """For each table to be made: its name, and the statements that make and fill it.

    These are the tables whose view is not among the `known` ones, and those that they feed: filling a table feeds others, so
    the views that would do so are dropped first.
    """
    for rollup in ROLLUPS:
        lacking = [step for step in rollup.steps if feed(rollup, step) not in known]
        todo = rollup.steps[rollup.steps.index(lacking[0]) :] if lacking else ()
        dropped = [f"DROP TABLE IF EXISTS {feed(rollup, step)}" for step in todo]
        for step, finer in steps(rollup):
            if step in todo:
                name = rollup.table(step)
                names = ", ".join([step, *rollup.dimensions, *(measure.name for measure in rollup.measures)])
                filled = f"INSERT INTO {name} ({names}) {selected(rollup, step, finer)}"
                made = [table(rollup, step), f"TRUNCATE TABLE {name}", filled, view(rollup, step, finer)]
                yield name, [*dropped, *made]
                dropped = []
