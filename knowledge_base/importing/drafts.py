"""A product before its cells are read: which cell stands for what, and which rows belong together.

Every kind of export becomes drafts (`feeds` for Shopify and WooCommerce, `grouping` for all others); `products` reads
them. A draft knows rows and headers, not what a price looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge_base.importing.cells import is_blank


@dataclass(frozen=True, slots=True)
class Cell:
    """A raw value and the header it stood under."""

    column: str
    value: Any


@dataclass(frozen=True, slots=True)
class Draft:
    """One product, or one variant of one. `cells` maps a role (see `columns`) to its cells, best first.

    `attributes` maps a name to its cell; `options` holds what tells a variant apart; `short` marks a row whose end may
    be missing.
    """

    row: int
    cells: Mapping[str, tuple[Cell, ...]]
    attributes: Mapping[str, Cell] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[Draft, ...] = ()
    short: bool = False

    def first(self, role: str) -> Cell | None:
        """The first cell of a role that says something; None where none does."""
        for cell in self.cells.get(role, ()):
            if not is_blank(cell.value):
                return cell
        return None


def cells_of(row: Mapping[str, Any], roles: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Cell, ...]]:
    """A row's cells by role; blank ones and absent columns are left out."""
    found: dict[str, tuple[Cell, ...]] = {}
    for role, headers in roles.items():
        cells = tuple(Cell(header, row[header]) for header in headers if not is_blank(row.get(header)))
        if cells:
            found[role] = cells
    return found
