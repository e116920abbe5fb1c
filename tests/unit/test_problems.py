"""Problems are all counted; of a kind, so many are kept as a person can read."""

from __future__ import annotations

from knowledge_base.problems import Problems, kind_of
from knowledge_base.types import Problem


def no_price(row: int) -> Problem:
    return Problem("p.csv", row, "price", "?", f"row {row} is no price", "write 12.99", "warning")


def test_of_a_kind_the_first_are_kept_and_all_are_counted() -> None:
    problems = Problems()
    problems.extend(no_price(row) for row in range(5000))
    problems.add(Problem("p.csv", 7, "id", "7", "the id a-7 was there before", "correct it", "error"))
    problems.add(Problem("p.csv", None, None, None, "the file is empty", "export it again", "error"))
    assert len(problems) == 1002 and problems.n_left_out == 4000
    assert [p.row for p in problems][:2] == [0, 1]
    assert (problems.count("warning"), problems.count("error"), problems.count("note")) == (5000, 2, 0)
    assert problems.of_kind(kind_of(no_price(3))) == 5000
    assert problems.refused_rows == 1


def test_an_export_that_is_wrong_in_ever_new_ways_is_not_kept_whole() -> None:
    problems = Problems()
    problems.extend(Problem("p.csv", row, f"column {row}", None, "is strange", "", "note") for row in range(50_000))
    assert len(problems) <= 1000 and problems.count("note") == 50_000


def test_what_two_files_said_is_counted_together() -> None:
    first, second = Problems(), Problems()
    first.add(no_price(1))
    second.extend([no_price(2), no_price(3)])
    first.merge(second)
    assert [p.row for p in first] == [1, 2, 3] and first.count("warning") == 3
