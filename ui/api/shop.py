"""What the shop has, for whoever asks: the shop itself, questions to begin with, products, and products compared.

In: a search text, ids. Out: cards with figures from the records. It knows no conversation and no shopper.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from assistant.as_json import plain
from assistant.cards import product_cards
from assistant.generation.comparison import compare_rows
from assistant.types import Evidence, Language
from assistant.types import Query as Asked
from knowledge_base.retrieval import retrieve, understood
from knowledge_base.text import language_of
from knowledge_base.types import Hit
from ui.api.problems import Problem, not_found, problems
from ui.api.service import Served, Service, counted_read
from ui.api.wire import (
    MAX_PRODUCTS,
    MAX_QUERY_CHARS,
    ComparedRow,
    Comparison,
    Locale,
    Openers,
    ProductDetail,
    ProductId,
    Products,
    Shop,
    Text,
)

if TYPE_CHECKING:
    from knowledge_base.index import Index

MAX_COMPARED: Final = 4
router = APIRouter(tags=["shop"], dependencies=[counted_read])
LocaleParameter = Annotated[Locale | None, Query(description="the shopper's, else the shop's language is taken")]


@router.get("/shop", summary="The shop", responses=problems(422, 429))
async def shop(service: Served, locale: LocaleParameter = None) -> Shop:
    """Its name, its greeting and questions to begin with, in the shopper's language."""
    language, info = service.language(locale), service.shop.info
    return Shop(
        id=service.id,
        name=info.name,
        language=info.language,
        currency=info.currency,
        greeting=service.greeting(language),
        openers=service.openers(language),
    )


@router.get("/openers", summary="Questions to begin with", responses=problems(422, 429))
async def openers(service: Served, locale: LocaleParameter = None) -> Openers:
    """Questions that this shop can answer; none while the assistant is being loaded."""
    return Openers(openers=service.openers(service.language(locale)))


@router.get("/products", summary="Search products", response_model=Products, responses=problems(422, 429, 503))
async def products(
    service: Served,
    q: Annotated[
        Text,
        Query(
            max_length=MAX_QUERY_CHARS, description="what is wanted; empty: all", examples=["waterproof tent < $200"]
        ),
    ] = "",
    k: Annotated[int, Query(ge=1, le=MAX_PRODUCTS, description="how many at most")] = 10,
) -> dict[str, Any]:
    """The best products for a text, which may bound price, stock and measures ("a light tent under $200")."""
    index = service.index()
    found = await asyncio.to_thread(_search, index, q, k)
    return {"products": service.pages().cards(found)}


@router.get(
    "/products/{product_id}",
    summary="One product",
    response_model=ProductDetail,
    responses=problems(404, 422, 429, 503),
)
async def product(service: Served, product_id: Annotated[ProductId, Path()]) -> dict[str, Any]:
    """A product with its variants and what its record says of it."""
    return await asyncio.to_thread(_detail, service, product_id)


@router.get("/compare", summary="Compare products", response_model=Comparison, responses=problems(404, 422, 429, 503))
async def compare(
    service: Served,
    ids: Annotated[
        Text,
        Query(max_length=1000, description=f"two to {MAX_COMPARED} ids, comma-separated", examples=["TN-102,TN-140"]),
    ],
    locale: LocaleParameter = None,
) -> dict[str, Any]:
    """What the records state of several products in the same terms, and in which they differ."""
    wanted = list(dict.fromkeys(part.strip() for part in ids.split(",") if part.strip()))
    if not 2 <= len(wanted) <= MAX_COMPARED:
        raise Problem(422, "invalid", f"Name two to {MAX_COMPARED} products to compare.")
    return await asyncio.to_thread(_compare, service, wanted, locale)


def _search(index: Index, text: str, k: int) -> list[dict[str, Any]]:
    constraints = understood(index, text)
    hits = retrieve(index, constraints.residual, constraints.filters, k, ("product",), constraints.sort)
    language: Language = "zh" if (language_of(text) or index.info.language).startswith("zh") else "en"
    asked = Asked(text, ("find",), language, filters=constraints.filters, sort=constraints.sort)
    cards: list[dict[str, Any]] = plain(product_cards(asked, Evidence(products=hits), index.info))
    return cards


def _cards(service: Service, index: Index, ids: list[str]) -> list[dict[str, Any]]:
    """Cards of these products as whole products.

    Raises:
        Problem: there is no such product.
    """
    if any(product_id not in index.products for product_id in ids):
        raise not_found("product")
    entries = [index.catalogue.entries[index.product_rows[product_id]] for product_id in ids]
    hits = tuple(Hit(entry, 0.0, rank, "selected") for rank, entry in enumerate(entries, 1))
    asked = Asked("", ("compare",), service.language(None))
    return service.pages().cards(plain(product_cards(asked, Evidence(products=hits), index.info)))


def _detail(service: Service, product_id: str) -> dict[str, Any]:
    index = service.index()
    (card,) = _cards(service, index, [product_id])
    record = index.products[product_id]
    kept = ("id", "options", "price", "list_price", "in_stock")
    return {
        "product": card,
        "description": record.description,
        "brand": record.brand,
        "attributes": dict(record.attributes),
        "variants": [{name: value for name, value in plain(v).items() if name in kept} for v in record.variants],
    }


def _compare(service: Service, ids: list[str], locale: str | None) -> dict[str, Any]:
    index = service.index()
    cards = _cards(service, index, ids)
    asked = Asked("", ("compare",), service.language(locale))
    rows = compare_rows([index.products[product_id] for product_id in ids], asked, index.info.currency)
    told = [ComparedRow(name=name, values=[value or None for value in values]) for name, values in rows]
    return {"products": cards, "rows": told}
