"""Price and stock as the shop has them now, in place of what its records say; and how old they are where they are old.

In: evidence with products, and the visit that may ask the shop. Out: the same evidence with the figures of now, so that
text, prompt, checks and cards all have them; products that no longer meet the request are left out. A shop that gives
no answer in time leaves the records as they are, with their age. It knows no wording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from assistant.orders.visit import Freshness, Visit
from assistant.storefront import Offer
from assistant.types import Evidence, Query
from knowledge_base.types import Filters, Hit, Product, Variant

_SEARCHES: Final = frozenset({"find", "recommend", "count", "superlative"})


def with_live_figures(query: Query, evidence: Evidence, visit: Visit) -> Evidence:
    """The evidence with what the shop says now, and the ages that must be said."""
    if not evidence.products:
        return evidence
    offers = visit.offers([hit.entry.product.id for hit in evidence.products if hit.entry.product is not None])
    told = evidence
    if offers:
        hits = [_told(hit, offers.get(hit.entry.product.id, ()) if hit.entry.product else ()) for hit in told.products]
        if query.intent in _SEARCHES and not query.refers_to:
            hits = [kept for hit in hits if (kept := _meeting(hit, query.filters)) is not None]
            hits = _in_order(hits, query)
        told = _without(evidence, tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, 1)))
    return replace(told, as_of=_ages(told.products, offers, visit.freshness)) if visit.freshness else told


def _told(hit: Hit, offers: Sequence[Offer]) -> Hit:
    product = hit.entry.product
    if product is None or not offers:
        return hit
    by_variant = {offer.variant_id or "": offer for offer in offers}
    if product.variants:
        variants = tuple(_figures(v, by_variant[v.id]) if v.id in by_variant else v for v in product.variants)
        now = replace(product, variants=variants)
    elif "" in by_variant:
        sku = _figures(product.skus[0], by_variant[""])
        now = replace(product, price=sku.price, list_price=sku.list_price, stock=sku.stock, in_stock=sku.in_stock)
    else:
        return hit
    return replace(hit, entry=replace(hit.entry, product=now))


def _figures(sku: Variant, offer: Offer) -> Variant:
    """The variant with the shop's figures; what the shop does not say stays, but for a count beside a new yes or no."""
    known = offer.in_stock is not None or offer.stock is not None
    return replace(
        sku,
        price=sku.price if offer.price is None else offer.price,
        list_price=offer.list_price if offer.price is not None else sku.list_price,
        stock=offer.stock if known else sku.stock,
        in_stock=(offer.in_stock if offer.stock is None else offer.stock > 0) if known else sku.in_stock,
    )


def _meeting(hit: Hit, filters: Filters) -> Hit | None:
    """The hit with its variants that still meet price and stock; None where none does."""
    product = hit.entry.product
    if product is None:
        return hit
    of = [sku for sku in product.skus if sku.id in hit.variant_ids] if hit.variant_ids else list(product.skus)
    kept = [sku for sku in of if _meets(sku, filters)]
    if not kept:
        return None
    if len(kept) == len(of):
        return hit
    return replace(hit, variant_ids=tuple(sku.id for sku in kept if sku.id))


def _meets(sku: Variant, filters: Filters) -> bool:
    if filters.price_min is not None and (sku.price is None or sku.price < filters.price_min):
        return False
    if filters.price_max is not None and (sku.price is None or sku.price > filters.price_max):
        return False
    return filters.in_stock is None or sku.in_stock is filters.in_stock


def _in_order(hits: Sequence[Hit], query: Query) -> list[Hit]:
    """An order by price is that of now, of products and of their variants."""
    if query.sort not in ("price_asc", "price_desc"):
        return list(hits)
    falling = query.sort == "price_desc"

    def by_price(price: Decimal | None) -> tuple[bool, Decimal]:
        return price is None, (-price if falling else price) if price is not None else Decimal(0)

    ordered = []
    for hit in hits:
        product = hit.entry.product
        prices = {sku.id: sku.price for sku in product.skus} if product is not None else {}
        ids = tuple(sorted(hit.variant_ids, key=lambda i: by_price(prices.get(i))))
        best = min((by_price(prices[i]) for i in ids or prices), default=by_price(None))
        ordered.append((best, replace(hit, variant_ids=ids)))
    return [hit for _, hit in sorted(ordered, key=lambda pair: pair[0])]


def _without(evidence: Evidence, hits: tuple[Hit, ...]) -> Evidence:
    """The evidence with these products; those that were left out are counted no more."""
    gone = len(evidence.products) - len(hits)
    if not gone:
        return replace(evidence, products=hits)
    total = None if evidence.total is None else max(evidence.total - gone, len(hits))
    answerable = evidence.answerable and bool(hits or evidence.passages)
    return replace(evidence, products=hits, total=total, n_skus=None, answerable=answerable)


def _ages(hits: Sequence[Hit], offers: dict[str, tuple[Offer, ...]], freshness: Freshness) -> dict[str, str]:
    """The time of the figures of products where it is longer ago than may pass unsaid."""
    recorded, oldest = freshness.at(), datetime.now(UTC) - freshness.max_age
    ages = {}
    for product in (hit.entry.product for hit in hits):
        if product is None:
            continue
        at = _offered_at(product, offers.get(product.id, ())) or recorded
        if at is not None and at < oldest:
            ages[product.id] = at.isoformat(timespec="seconds")
    return ages


def _offered_at(product: Product, offers: Sequence[Offer]) -> datetime | None:
    """When the shop's figures were true, the oldest of them; None where it has none for all that can be bought."""
    told = {offer.variant_id or "": datetime.fromisoformat(offer.as_of) for offer in offers}
    times = [told.get(sku.id) for sku in product.skus]
    return min(time for time in times if time is not None) if None not in times else None
