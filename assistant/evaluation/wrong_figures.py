"""Figures shown that contradict the record of the product they are attached to.

In: a reply, the shop's records, what the shopper said. Out: one line a wrong figure; empty is what must be. Cards are
compared field by field; in text and tables an amount, rating or stock figure belongs to the products its sentence,
row or column names by title or citation, or, where none is named, to any product of the reply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.evaluation import figures
from assistant.evaluation.records import Record, Sku, fold
from assistant.types import ProductCard, Reply


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reply may speak of: its products by id, their citation numbers, and the amounts that are not theirs."""

    records: Mapping[str, Record]
    by_citation: Mapping[int, Record]
    granted: frozenset[Decimal]


def wrong_figures(
    reply: Reply, records: Mapping[str, Record], said: str, granted: Sequence[Decimal | None] = ()
) -> tuple[str, ...]:
    """Every wrong figure of the reply. `said` is what the shopper said so far: its amounts may be repeated.

    `granted` are further amounts that are true of something else than a product shown (the lowest price of a kind).
    """
    by_citation = {
        c.n: records[c.id.split(":", 1)[1]]
        for c in reply.citations
        if c.kind == "product" and c.id.split(":", 1)[-1] in records
    }
    shown = {card.id: records[card.id] for card in reply.products if card.id in records}
    shown.update({record.id: record for record in by_citation.values()})
    quotes = " ".join(c.quote for c in reply.citations if c.kind in ("faq", "policy"))
    free = {*figures.amounts(said), *figures.numbers(said), *figures.amounts(quotes), *(g for g in granted if g)}
    scope = Scope(shown, by_citation, frozenset(free))
    return (*_cards(reply.products, records), *_text(reply.text, scope))


def _cards(cards: Sequence[ProductCard], records: Mapping[str, Record]) -> Iterator[str]:
    for card in cards:
        record = records.get(card.id)
        if record is None:
            yield f"card {card.id}: no such product"
            continue
        skus = record.skus if card.variant_id is None else tuple(s for s in record.skus if s.id == card.variant_id)
        if not skus:
            yield f"card {card.id}: no such variant {card.variant_id}"
            continue
        for name, shown, known in (
            ("price", card.price, [s.price for s in skus]),
            ("price_max", card.price_max, [s.price for s in skus]),
            ("list_price", card.list_price, [s.list_price for s in skus]),
            ("rating", card.rating, [record.rating]),
            ("review_count", card.review_count, [record.review_count]),
        ):
            if shown is not None and shown not in known:
                yield f"card {card.id}: {name} {shown} is none of {sorted({str(k) for k in known})[:6]}"
        states = [s.in_stock for s in skus]
        available = True if any(states) else (None if None in states else False)
        if card.in_stock is not available and not (card.in_stock is None and available is None):
            yield f"card {card.id}: in_stock {card.in_stock}, the record says {available}"
        if card.title != record.title and fold(card.title) != record.key:
            yield f"card {card.id}: title {card.title!r} is not {record.title!r}"


def _text(text: str, scope: Scope) -> Iterator[str]:
    for sentence in figures.sentences(text):
        named = named_in(sentence, scope)
        yield from _amounts_of(sentence, named, scope)
        if len(named) == 1:
            yield from _stock_of(sentence, named[0])
    for rows in figures.tables(text):
        header = [named_in(cell, scope) for cell in rows[0]]
        for row in rows[1:]:
            first = named_in(row[0], scope)
            for column, cell in enumerate(row[1:], start=1):
                above = header[column] if column < len(header) else []
                yield from _amounts_of(cell, above or first, scope)


def named_in(text: str, scope: Scope) -> list[Record]:
    """The products a piece of text names, by citation or title, each once; a title inside a longer one is not named."""
    found = {scope.by_citation[n].id: scope.by_citation[n] for n in figures.cited(text) if n in scope.by_citation}
    if found:
        return list(found.values())
    folded = fold(figures.plain(text))
    for record in sorted(scope.records.values(), key=lambda r: -len(r.key)):
        stub = record.key if len(record.key) < 30 else record.key[:28].rstrip()
        if stub in folded and not any(stub in other.key for other in found.values()):
            found[record.id] = record
    return list(found.values())


def _allowed(record: Record, sku: Sku) -> set[Decimal]:
    allowed = {p for p in (sku.price, sku.list_price) if p is not None}
    if sku.price is not None and sku.list_price is not None:
        allowed.add(sku.list_price - sku.price)
    return allowed


def _amounts_of(text: str, named: Sequence[Record], scope: Scope) -> Iterator[str]:
    everyone = list(named) or list(scope.records.values())
    own = {price for record in everyone for sku in record.skus for price in _allowed(record, sku)}
    prices = {price for record in scope.records.values() for price in record.prices}
    differences = {abs(a - b) for a in prices for b in prices} if len(prices) <= 200 else set()
    for amount in figures.amounts(text):
        if amount not in own and amount not in scope.granted and amount not in differences:
            names = ", ".join(record.title[:40] for record in named) or "any product shown"
            yield f"text: {amount} is no price of {names}: {text.strip()[:160]!r}"
    known = {record.rating for record in everyone if record.rating is not None}
    for rating in figures.ratings(text):
        if rating not in known and rating not in scope.granted:
            yield f"text: rating {rating} is none of {sorted(map(str, known))[:5]}: {text.strip()[:160]!r}"


def _stock_of(sentence: str, record: Record) -> Iterator[str]:
    """A claim about a product's stock, where the record leaves no doubt which it is."""
    claim, states = figures.stock_claim(sentence), {sku.in_stock for sku in record.skus}
    if claim is not None and states in ({True}, {False}) and states != {claim}:
        explicit = figures.stock_claim(sentence.replace("yes", "").replace("Yes", ""))
        if explicit is claim:
            truly = "in stock" if True in states else "out of stock"
            yield f"text: {record.title[:40]} is {truly}: {sentence.strip()[:160]!r}"
    stocks = {sku.stock for sku in record.skus if sku.stock is not None}
    if stocks:
        stocks.add(sum(sku.stock or 0 for sku in record.skus))
        for left in figures.pieces_left(sentence):
            if left not in stocks:
                yield f"text: {left} pieces of {record.title[:40]}, the record says {sorted(stocks)}"
