"""A row of an export, before anyone knows what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` is 1-based as `Problem.row` counts, `cells` maps a header to text or a JSON value.

    Empty cells of a table are "". `short` says that the row had fewer cells than the header: its end may be missing.
    """

    number: int
    cells: Mapping[str, Any]
    short: bool = False


def unique_headers(cells: Sequence[str]) -> list[str]:
    """Headers that can key a row: trimmed, an empty one named by its place, a repeated one numbered."""
    headers: list[str] = []
    for place, cell in enumerate(cells, 1):
        base = " ".join(cell.split()) or f"column {place}"
        header, count = base, 1
        while header in headers:
            count += 1
            header = f"{base} ({count})"
        headers.append(header)
    return headers
