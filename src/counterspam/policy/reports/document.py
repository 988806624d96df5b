"""What a report is made of, in no format: a title block, and sections of paragraphs, tables and charts with their sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from and how far it goes. `address` leads to its definition on the node."""

    key: str
    title: str
    source: str
    basis: str
    method: str
    uncertainty: str
    address: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the CSV annex, its head as it is read, and whether it holds numbers."""

    name: str
    title: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values for the annex, and the same cells as they are `shown`. `empty` stands where there are none.

    `lang` is the language of the cells of a table that holds text in another language than the report's.
    """

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    shown: Sequence[Sequence[str]]
    source: Source | None
    empty: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows; how it is drawn is the caller's matter. `form`: bars, rows or world.

    bars: `series` by key, one value for each of `columns`; rows: one series, a value for each of `columns`; world: one series,
    `columns` are codes of countries. `alt` says in words what is seen.
    """

    id: str
    caption: str
    form: str
    columns: Sequence[str]
    series: Mapping[str, Sequence[float]]
    labels: Mapping[str, str]
    alt: str
    source: Source


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `lang` where it is in another language than the report, `quiet` for remarks, `item` for one of a list."""

    text: str
    lang: str = ""
    quiet: bool = False
    item: bool = False


Block = Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A section under a heading of `level` 1 or 2. `lang` is that of a heading in another language than the report."""

    title: str
    blocks: Sequence[Block]
    level: int = 1
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `facts` are name and value of the title block; `created_at` in ms; `tlp` such as TLP:CLEAR."""

    kind: str
    title: str
    subtitle: str
    lang: str
    direction: str
    tlp: str
    tlp_meaning: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    created_at: int
    made_up: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def tables(report: Report) -> Iterator[Table]:
    """Every table, in order."""
    yield from (block for section in report.sections for block in section.blocks if isinstance(block, Table))


def charts(report: Report) -> Iterator[Chart]:
    """Every chart, in order."""
    yield from (block for section in report.sections for block in section.blocks if isinstance(block, Chart))


def numbers(report: Report) -> dict[str, int]:
    """The number of each table and of each chart, by id: both are counted from 1, each for itself."""
    found = {table.id: n for n, table in enumerate(tables(report), 1)}
    return found | {chart.id: n for n, chart in enumerate(charts(report), 1)}


def sources(report: Report) -> dict[str, tuple[int, Source]]:
    """Each source once with its number, in the order of first use."""
    found: dict[str, tuple[int, Source]] = {}
    for section in report.sections:
        for block in section.blocks:
            if not isinstance(block, Paragraph) and block.source and block.source.key not in found:
                found[block.source.key] = (len(found) + 1, block.source)
    return found


def captions(report: Report, block: Table | Chart) -> str:
    """A caption with its number, in the language of the report."""
    form = report.words["table"] if isinstance(block, Table) else report.words["figure"]
    return form % {"n": numbers(report)[block.id], "caption": block.caption}
