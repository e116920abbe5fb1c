"""Each figure of a draft, with the records that have it.

In: a draft's text and the evidence it was made from. Out: where its figures stand, and for each the records, with the
line that states it; none where no record does, so that whoever sends it looks twice. It judges no sentence: that is
`assistant.checks`' business, and was done when the draft was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.checking.grounds import Ground, dates_in, equal, find_dates, grounds_of, order_text, quantities_in
from assistant.generation.figures import money, plain
from assistant.sentences import split_sentences
from assistant.types import Evidence, Language, Order
from knowledge_base.quantities import Quantity, find_quantities
from knowledge_base.shop import ShopInfo
from knowledge_base.text import fold
from knowledge_base.types import Product

_CITATION: Final = re.compile(r"\[\d{1,3}(?:,\s?\d{1,3})*\]")
_LIST_NUMBER: Final = re.compile(r"(?m)^\s*\d{1,2}[.)、]")
_MOST_RECORDS: Final = 3
_LINE_CHARS: Final = 240


@dataclass(frozen=True, slots=True)
class Record:
    """A record that has a figure: `line` states it.

    `entry_id` is None for an order, "" for what the shop says of itself.
    """

    entry_id: str | None
    title: str
    line: str


@dataclass(frozen=True, slots=True)
class Figure:
    """`text[start:end]` is a figure; `records` have it, those that its sentence speaks of first."""

    start: int
    end: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """A record as lines that state figures."""

    n: int  # as it is cited; 0 for an order
    record_id: str | None
    title: str
    lines: tuple[str, ...]


def find_figures(text: str, evidences: Iterable[Evidence], info: ShopInfo, language: Language) -> list[Figure]:
    """The figures of a draft, in order. Citations, list numbers and figures in a product's own name are none."""
    currency = info.currency
    sources = [source for evidence in evidences for source in _sources(evidence, currency, language)]
    own = (info.hours, info.greeting, *info.handoff.values(), *info.links.values())
    sources.append(_Source(0, "", info.name, tuple(filter(None, own))))
    passed_over = [match.span() for pattern in (_CITATION, _LIST_NUMBER) for match in pattern.finditer(text)]
    passed_over += list(_named(text, [source.title for source in sources if source.record_id]))
    found: list[Figure] = []
    at = 0
    for sentence in split_sentences(text):
        spoken_of = {int(n) for match in _CITATION.finditer(sentence) for n in re.findall(r"\d+", match[0])}
        ordered = sorted(sources, key=lambda source: source.n not in spoken_of and source.title not in sentence)
        for start, end, having in _in_sentence(sentence, ordered, currency):
            if not any(left < at + end and at + start < right for left, right in passed_over):
                found.append(Figure(at + start, at + end, having))
        at += len(sentence)
    return found


def _in_sentence(
    sentence: str, sources: Sequence[_Source], currency: str | None
) -> Iterator[tuple[int, int, tuple[Record, ...]]]:
    dates = find_dates(sentence)
    spans = [(start, end) for start, end, _, _ in dates]
    stated = [(start, end, _dated(sources, (month, day))) for start, end, month, day in dates]
    for quantity in find_quantities(sentence, currency):
        if not any(left < quantity.end and quantity.start < right for left, right in spans):
            stated.append((quantity.start, quantity.end, _measured(sources, quantity, currency)))
    yield from sorted(stated, key=lambda one: one[0])


def _dated(sources: Sequence[_Source], day: tuple[int, int]) -> tuple[Record, ...]:
    return _having(sources, lambda line: day in dates_in(line))


def _measured(sources: Sequence[_Source], said: Quantity, currency: str | None) -> tuple[Record, ...]:
    def states(line: str) -> bool:
        return any(equal(said, known) or _at_an_end(said, known) for known in quantities_in(line, currency))

    return _having(sources, states)


def _at_an_end(said: Quantity, known: Quantity) -> bool:
    """A figure that is one end of a record's range, or the figure without the unit that stands beside it."""
    if said.dimension == "count" and known.dimension not in ("money", "percent"):
        return said.low == said.high and said.low in (known.low, known.high)
    same = said.dimension == known.dimension and said.unit == known.unit
    return same and said.low == said.high and said.low in (known.low, known.high)


def _having(sources: Sequence[_Source], states: object) -> tuple[Record, ...]:
    assert callable(states)
    found = []
    for source in sources:
        line = next((line for line in source.lines if states(line)), None)
        if line is not None:
            found.append(Record(source.record_id, source.title, line[:_LINE_CHARS]))
    return tuple(dict.fromkeys(found))[:_MOST_RECORDS]


def _sources(evidence: Evidence, currency: str | None, language: Language) -> Iterator[_Source]:
    for ground in grounds_of(evidence):
        lines = _passage_lines(ground) if ground.product is None else _product_lines(ground, currency, language)
        yield _Source(ground.n, ground.hit.entry.id, ground.hit.entry.title, tuple(lines))
    for order in evidence.orders:
        yield _Source(0, None, order.id, tuple(_order_lines(order, language)))


def _product_lines(ground: Ground, currency: str | None, language: Language) -> Iterator[str]:
    """What the record states, the figures that change first."""
    product = ground.product
    assert product is not None
    in_money = product.currency or currency
    for sku in product.skus:
        name = ", ".join(sku.options.values()) or product.title
        for amount in (sku.price, sku.list_price):
            if amount is not None:
                yield f"{name}: {money(amount, in_money, language)}"
        if sku.stock is not None:
            yield f"{name}: {sku.stock}"
    yield from _rated(product, language)
    yield from (line for line in ground.text.split("\n") if line != product.title)


def _rated(product: Product, language: Language) -> Iterator[str]:
    if product.rating is not None:
        rating = plain(product.rating)
        yield f"评分 {rating}（满分 5 分）" if language == "zh" else f"rated {rating} out of 5"
    if product.review_count is not None:
        yield f"{product.review_count} 条评价" if language == "zh" else f"{product.review_count} reviews"


def _passage_lines(ground: Ground) -> Iterator[str]:
    for line in ground.text.split("\n"):
        yield from (sentence.strip() for sentence in split_sentences(line))


def _order_lines(order: Order, language: Language) -> Iterator[str]:
    if order.total is not None:
        yield money(order.total, order.currency, language)
    yield from order_text(order).split("\n")
    if order.expected:
        yield order.expected


def _named(text: str, titles: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where a title, or its first words, stands in a text: figures in it are part of a name."""
    folded = fold(text)
    if len(folded) != len(text):
        folded = text.casefold() if len(text.casefold()) == len(text) else text
    for title in set(titles):
        words = fold(title).split(" ")
        for n_words in range(len(words), 1, -1):
            part = " ".join(words[:n_words])
            if not re.search(r"\d", part):
                break
            places = [match.span() for match in re.finditer(re.escape(part), folded)]
            if places:
                yield from places
                break
