"""Products for an agent's reply: found by search, told in a line, set side by side in a table.

In: a search text, ids. Out: cards with figures from the records, and Markdown. It knows no conversation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from assistant.cards import product_cards
from assistant.generation.comparison import compare_table
from assistant.generation.figures import money
from assistant.types import Evidence, Language, ProductCard, Query
from knowledge_base.retrieval import retrieve, understood
from knowledge_base.text import language_of
from knowledge_base.types import Hit, Product
from ui.api.service import Service
from ui.rendering import safe_link

if TYPE_CHECKING:
    from knowledge_base.index import Index

_FOUND: Final = 12


class Catalogue:
    """The products of one shop as they are now. Nothing is found while the shop is being opened."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def search(self, text: str, also: Sequence[str] = ()) -> tuple[ProductCard, ...]:
        """The best products for a text, after those of the ids in `also`."""
        if not self._service.is_open:
            return ()
        return await asyncio.to_thread(_search, self._service.index(), text, tuple(also))

    async def line(self, product_id: str, language: Language) -> str:
        """A product in a line of a reply: title, price, stock, link; "" where there is none."""
        if not self._service.is_open or product_id not in self._service.index().products:
            return ""
        index = self._service.index()
        return _line(index.products[product_id], index.info.currency, language)

    async def table(self, ids: Sequence[str], language: Language) -> str:
        """Products side by side; "" where fewer than two are there."""
        if not self._service.is_open:
            return ""
        index = self._service.index()
        products = [index.products[one] for one in ids if one in index.products]
        if len(products) < 2:
            return ""
        asked = Query("", ("compare",), language)
        return await asyncio.to_thread(compare_table, products, asked, (), index.info.currency)


def _search(index: Index, text: str, also: tuple[str, ...]) -> tuple[ProductCard, ...]:
    constraints = understood(index, text)
    hits = retrieve(index, constraints.residual, constraints.filters, _FOUND, ("product",), constraints.sort)
    known = [index.catalogue.entries[index.product_rows[one]] for one in also if one in index.products]
    first = [Hit(entry, 0.0, rank, "selected") for rank, entry in enumerate(known, 1)]
    language: Language = "zh" if (language_of(text) or index.info.language).startswith("zh") else "en"
    asked = Query(text, ("find",), language, filters=constraints.filters, sort=constraints.sort)
    shown = (*first, *(hit for hit in hits if hit.entry.id not in {one.entry.id for one in first}))
    return product_cards(asked, Evidence(products=shown), index.info)


def _line(product: Product, currency: str | None, language: Language) -> str:
    span = product.price_range
    facts = []
    if span is not None:
        low, high = (money(amount, product.currency or currency, language) for amount in span)
        facts.append(low if low == high else f"{low} – {high}")
    if product.available is not None:
        there = ("有货", "缺货") if language == "zh" else ("in stock", "out of stock")
        facts.append(there[not product.available])
    told = f"**{product.title}**" + (f" ({', '.join(facts)})" if facts and language == "en" else "")
    if facts and language == "zh":
        told += f"（{'，'.join(facts)}）"
    link = safe_link(product.url)
    return f"{told}\n{link}" if link and link.startswith("http") else told
