"""Questions over any shop, each with what is true of it.

In: a shop's raw records, a seed, a number. Out: `Question`s with their `Truth`, computed from the records by `truth`
and `subjects` alone. Nothing here knows how the assistant understands, finds or words anything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from assistant.evaluation.truth import Subject, Wanted

Check = Literal[
    "price", "stock", "options", "attribute", "extreme",
    "rated", "ladder", "count", "list", "compare", "cheaper_of_two",
    "place_price", "place_stock", "cheaper",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """The right answer under one reading of the question's subject; `price` is the rating where that was asked."""

    price: Decimal | None = None
    products: tuple[str, ...] = ()
    ladder: tuple[Decimal, ...] = ()
    n_products: int = 0
    n_skus: int = 0


@dataclass(frozen=True, slots=True)
class Truth:
    """What a right reply must hold, for the judge.

    `targets` are the products that the question's words can mean (any of them will do; both of them, in the order of
    mention, for a comparison). `skus` are the (product, variant) pairs the named options leave, None where none were
    named. `name` is the option or attribute asked about. `answers` has one entry a reading of `subject`, strictest
    first. `place` is the 1-based card of the reply before. `currency` is the shop's.
    """

    check: Check
    targets: tuple[str, ...] = ()
    skus: tuple[tuple[str, str], ...] | None = None
    name: str | None = None
    subject: Subject | None = None
    wanted: Wanted = dataclasses.field(default_factory=Wanted)
    answers: tuple[Answer, ...] = ()
    place: int | None = None
    dearest: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One message of a shopper. Questions of one `conversation` are its turns, in order."""

    id: str
    conversation: str
    kind: str
    language: str
    text: str
    truth: Truth
    mistyped: bool = False

    def to_json(self) -> dict[str, Any]:
        """For a file: plain values; a subject as its name and the sizes of its readings."""
        row = {
            key: _plain(getattr(self, key)) for key in ("id", "conversation", "kind", "language", "text", "mistyped")
        }
        fields = {f.name: getattr(self.truth, f.name) for f in dataclasses.fields(Truth)}
        subject = self.truth.subject
        fields["subject"] = subject and {"name": subject.name, "products": [len(ids) for ids in subject.readings]}
        return {**row, "truth": {key: _plain(value) for key, value in fields.items() if value not in (None, (), False)}}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {key: _plain(item) for key, item in found.items() if item not in (None, (), False)}
    return value
