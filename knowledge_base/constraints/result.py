"""What reading a message gives: the stretches that name facet values, and everything that the message constrains.

Values only. They know nothing of how they were read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from knowledge_base.quantities import Quantity
from knowledge_base.types import Condition, Filters, Sort

Interval = tuple[Decimal | None, Decimal | None]  # from, to; None where it is open
Role = Literal["brand", "category", "value", "boolean"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the text that names facet values: where it stands, what it means, and how it was said.

    `named`: the facet itself was said too ("size M"). `purpose`: it follows "for" or "compatible with", so it says
    what the thing is for and not what it is.
    """

    start: int
    end: int
    role: Role
    names: tuple[str, ...]
    values: tuple[str, ...]
    named: bool = False
    negated: bool = False
    purpose: bool = False
    option: bool = False

    @property
    def condition(self) -> Condition:
        return Condition(self.names, self.values, negated=self.negated)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure said without the name of its facet: "27 inch", "at least 16 GB".

    `before` and `after` are the words beside it, which may tell of what it is ("16 GB RAM"). `value`: it also stands as
    some facet's value is written. `guess`: the condition it was taken for without knowing the kind of thing.
    """

    start: int
    end: int
    minimum: Decimal | None
    maximum: Decimal | None
    unit: str
    before: str = ""
    after: str = ""
    value: bool = False
    guess: Condition | None = None

    @property
    def exact(self) -> bool:
        """Whether it asks for this very measure."""
        return self.minimum is not None and self.minimum == self.maximum


@dataclass(frozen=True, slots=True)
class Constraints:
    """What one message constrains. `filters` are hard; `wishes` are values said without their facet's name.

    `subject` names the kind of thing, "" where none is named. `residual` is the text to search for: without carrier
    phrases, bounds, sort words and what is negated. `terms` are its words outside the subject. `foreign` is a price
    bound in a currency that is not the shop's, which no filter can express. `corrections` maps a mistyped word to
    the known one it was read as. `unexplained` are words that are neither what a shop sells, by its titles and facets,
    nor the way requests are made: of "do you rent out tents" it is "rent". `figures` are measures of which only the
    products of the kind named can tell what they are measures of (`settle_figures`).
    """

    filters: Filters = field(default_factory=Filters)
    wishes: tuple[Condition, ...] = ()
    sort: Sort = "relevance"
    limit: int | None = None
    subject: str = ""
    residual: str = ""
    terms: tuple[str, ...] = ()
    foreign: Quantity | None = None
    mentions: tuple[Mention, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    unexplained: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
