"""Many problems in little memory: all are counted, of each kind some are kept.

In: problems, as files are read. Out: those that are kept, in the order in which they were met, and how many more there
are of their kind. A kind is what is wrong with one column of one file, whatever the row and the figures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from knowledge_base.types import Problem, Severity

_KEPT = 1000  # of a kind
_KINDS = 1000  # whose problems are kept; what is wrong in more ways than that is no export
Kind = tuple[str, str, str]


def kind_of(problem: Problem) -> Kind:
    """The file, the column and what is wrong, without what differs from row to row."""
    message = re.sub(r"(the id|variant|order) \S+", r"\1", problem.message)
    return problem.file, problem.column or "", re.sub(r"\d[\d,]*", "N", message)


@dataclass(slots=True)
class Problems:
    """The problems that were kept, and counts of all. `refused_rows` counts the errors that have a row."""

    refused_rows: int = 0
    _kept: list[Problem] = field(default_factory=list)
    _kinds: Counter[Kind] = field(default_factory=Counter)
    _severities: Counter[Severity] = field(default_factory=Counter)

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it where few of its kind were met."""
        kind = kind_of(problem)
        if self._kinds[kind] < _KEPT and (kind in self._kinds or len(self._kinds) < _KINDS):
            self._kept.append(problem)
        self._kinds[kind] += 1
        self._severities[problem.severity] += 1
        self.refused_rows += problem.severity == "error" and problem.row is not None

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add all of these."""
        for problem in problems:
            self.add(problem)

    def merge(self, others: Problems) -> None:
        """Add what others kept, and what they counted."""
        self._kept += others._kept
        self._kinds.update(others._kinds)
        self._severities.update(others._severities)
        self.refused_rows += others.refused_rows

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)

    def __len__(self) -> int:
        """How many were kept."""
        return len(self._kept)

    def count(self, severity: Severity) -> int:
        """How many problems of a severity there were, kept or not."""
        return self._severities[severity]

    def of_kind(self, kind: Kind) -> int:
        """How many problems of a kind there were, kept or not."""
        return self._kinds[kind]

    @property
    def n_left_out(self) -> int:
        """How many problems were not kept."""
        return self._kinds.total() - len(self._kept)
