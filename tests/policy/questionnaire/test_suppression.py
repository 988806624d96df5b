"""No hidden cell can be worked out from the ones that are shown."""

from hypothesis import given
from hypothesis import strategies as st

from counterspam.policy.questionnaire.suppression import LEAST, Cell, Line, determined, dominated, hidden


def line(*people: int) -> tuple[dict[object, Cell], list[Line]]:
    """Parts with so many people each, and their total."""
    cells: dict[object, Cell] = {n: Cell(count, count) for n, count in enumerate(people)}
    cells["total"] = Cell(sum(people), sum(people))
    return cells, [Line("total", tuple(range(len(people))))]


def test_a_small_cell_takes_a_second_one_with_it() -> None:
    cells, lines = line(3, 8, 20)
    assert hidden(cells, lines) == {0, 1}
    cells, lines = line(1, 2, 8, 20)
    assert hidden(cells, lines) == {0, 1, 2}, "1 and 2 together are less than 5"
    cells, lines = line(3, 4, 20)
    assert hidden(cells, lines) == {0, 1}
    cells, lines = line(0, 5, 20)
    assert hidden(cells, lines) == set()
    cells, lines = line(3, 0, 0)
    assert hidden(cells, lines) == {0, "total"}


def test_public_answers_protect_nobody() -> None:
    assert Cell(7, 1).sensitive, "six of seven are listed by name, so the sum tells the seventh"
    assert not Cell(7, 0).sensitive
    assert not Cell(12, 5).sensitive


def test_a_dominated_total_is_hidden() -> None:
    assert dominated([100, 50, 1, 1, 1, 1])
    assert not dominated([100, 50, 10, 5, 5])
    assert not dominated([])
    assert not dominated([0, 0, 0, 0, 0])


def test_a_cell_that_two_directions_tell_is_hidden_no_longer_alone() -> None:
    cells: dict[object, Cell] = {}
    for row in range(3):
        for column in range(3):
            cells[row, column] = Cell(3 if row == column == 0 else 9, 9)
    lines = []
    for n in range(3):
        cells["row", n] = cells["column", n] = Cell(27, 27)
        lines += [
            Line(("row", n), tuple((n, c) for c in range(3))),
            Line(("column", n), tuple((r, n) for r in range(3))),
        ]
    gone = hidden(cells, lines)
    assert (0, 0) in gone
    assert len(gone) >= 4, "a rectangle"
    assert not determined(lines, gone)


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[object, Cell], list[Line]]:
    """A table of two dimensions with both totals and the total of all."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    counts = [[draw(st.integers(0, 12)) for _ in range(columns)] for _ in range(rows)]
    cells: dict[object, Cell] = {}
    for r, row in enumerate(counts):
        for c, count in enumerate(row):
            cells[r, c] = Cell(count, draw(st.integers(0, count)))
    lines = []
    for r in range(rows):
        cells[r, "all"] = Cell(
            sum(cells[r, c].people for c in range(columns)), sum(cells[r, c].protected for c in range(columns))
        )
        lines.append(Line((r, "all"), tuple((r, c) for c in range(columns))))
    for c in (*range(columns), "all"):
        parts = [cells[r, c] for r in range(rows)]
        cells["all", c] = Cell(sum(p.people for p in parts), sum(p.protected for p in parts))
        lines.append(Line(("all", c), tuple((r, c) for r in range(rows))))
    return cells, lines


@given(tables())
def test_whatever_the_table_nothing_hidden_follows_from_what_is_shown(
    table: tuple[dict[object, Cell], list[Line]],
) -> None:
    cells, lines = table
    gone = hidden(cells, lines)
    assert {name for name, cell in cells.items() if cell.sensitive} <= gone
    assert not determined(lines, gone)
    for one in lines:
        parts = [name for name in one.parts if name in gone]
        if parts and one.total not in gone:
            assert len(parts) > 1
            assert sum(cells[name].people for name in parts) >= LEAST
