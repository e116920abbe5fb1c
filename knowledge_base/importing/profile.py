"""What the cells of each column look like, gathered in one pass over the rows.

In: rows. Out: a `Profile` a column, of bounded size however long the file is. It draws no conclusions: `columns` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from knowledge_base.importing.cells import is_blank
from knowledge_base.importing.rows import Row

_TEXTS = 400
_FIGURES = 20_000
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Profile:
    """One column. `texts` are distinct cells as text (a sample), `figures` counts the short ones with digits.

    `filled` counts the cells that say something; of these `numbers`, `lists`, `objects` and `flags` were JSON values
    of that kind, `nested` are samples of lists and objects. `chars` is the length of all texts together.
    """

    header: str
    filled: int = 0
    numbers: int = 0
    flags: int = 0
    lists: int = 0
    objects: int = 0
    chars: int = 0
    texts: dict[str, None] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)
    nested: list[Any] = field(default_factory=list)

    def add(self, value: Any) -> None:
        """Count one cell."""
        if is_blank(value):
            return
        self.filled += 1
        if isinstance(value, bool):
            self.flags += 1
            text = "yes" if value else "no"
        elif isinstance(value, int | float | Decimal):
            self.numbers += 1
            text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        elif isinstance(value, list | Mapping):
            if isinstance(value, list):
                self.lists += 1
            else:
                self.objects += 1
            if len(self.nested) < 50:
                self.nested.append(value)
            return
        else:
            text = str(value)
        self.chars += len(text)
        if len(self.texts) < _TEXTS:
            self.texts[text[:300]] = None
        if len(text) <= 40 and (text in self.figures or len(self.figures) < _FIGURES) and _DIGIT.search(text):
            self.figures[text] = self.figures.get(text, 0) + 1

    @property
    def average_chars(self) -> float:
        """The mean length of the cells that are text."""
        return self.chars / max(1, self.filled - self.lists - self.objects)

    @property
    def distinct_share(self) -> float:
        """How many of the cells differ, 0 to 1; meaningful for up to the size of the sample."""
        return len(self.texts) / max(1, min(self.filled, _TEXTS))


def profile(rows: Iterable[Row]) -> dict[str, Profile]:
    """Profiles by header, in the order in which the headers appear; a list of objects is also profiled as "a.b"."""
    found: dict[str, Profile] = {}
    for row in rows:
        for header, value in row.cells.items():
            known = found.get(header)
            if known is None:
                known = found[header] = Profile(header)
            if value != "":
                known.add(value)
            if isinstance(value, list) and value and isinstance(value[0], Mapping):
                _add_nested(found, header, value)
    return found


def _add_nested(found: dict[str, Profile], header: str, items: list[Any]) -> None:
    for item in items:
        for key, value in item.items() if isinstance(item, Mapping) else ():
            name = f"{header}.{key}"
            if name not in found:
                found[name] = Profile(name)
            found[name].add(value)
