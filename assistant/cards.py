"""Product cards and citations: every figure on them comes from the record, never from generated text.

In: a query with its evidence, or a reply's text with its evidence. Out: the cards to show, and the sources that the
text cites with the words they rest on. It draws nothing and drafts nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.generation.conditions import price_words, said_limit
from assistant.generation.figures import money
from assistant.generation.naming import option_words
from assistant.generation.passages import quote_in
from assistant.generation.reasons import choice_of, matching_facts, product_of, shown_sku, telling_facts
from assistant.generation.scene import wording_for
from assistant.types import Citation, Evidence, Language, ProductCard, Query
from knowledge_base.shop import ShopInfo
from knowledge_base.text import language_of
from knowledge_base.types import Filters, Hit, Product, Variant

_MAX_REASON_FACTS = 3
_MAX_QUOTE_CHARS = 400


def product_cards(query: Query, evidence: Evidence, info: ShopInfo) -> tuple[ProductCard, ...]:
    """A card for every product of the evidence, in order."""
    return tuple(_card(query, evidence, info, hit) for hit in evidence.products)


def _card(query: Query, evidence: Evidence, info: ShopInfo, hit: Hit) -> ProductCard:
    """The variant that the query chose; the whole product with its price range where it chose none."""
    product, choice = product_of(hit), choice_of(hit, query)
    sku: Variant | None = None
    if product.variants and (
        choice.narrowed or query.sort in ("price_asc", "price_desc") or len(product.variants) == 1
    ):
        sku = shown_sku(choice, query)
    span = product.price_range
    price = sku.price if sku is not None else span[0] if span else None
    plain = product.skus[0]
    return ProductCard(
        id=product.id,
        title=product.title,
        variant_id=sku.id if sku is not None else None,
        options=sku.options if sku is not None else {},
        price=price,
        price_max=span[1] if sku is None and span is not None and span[1] != span[0] else None,
        list_price=_list_price(sku or plain, price) if sku is not None or len(product.skus) == 1 else None,
        currency=product.currency or info.currency,
        in_stock=sku.in_stock if sku is not None else product.available,
        rating=product.rating,
        review_count=product.review_count,
        url=product.url,
        image=(sku.image if sku is not None else None) or product.image or plain.image,
        category=product.category,
        reason=_reason(query, evidence, info, product, sku or shown_sku(choice, query)),
        as_of=evidence.as_of.get(product.id),
    )


def _list_price(sku: Variant, price: Decimal | None) -> Decimal | None:
    """The struck-out price: only one that is above the price."""
    return sku.list_price if sku.list_price is not None and price is not None and sku.list_price > price else None


def _reason(query: Query, evidence: Evidence, info: ShopInfo, product: Product, sku: Variant) -> str:
    """One line why the product fits: what it has of what was asked; "" where the records say nothing specific."""
    say, zh = wording_for(query.language), query.language == "zh"
    if query.intent in ("policy", "order_status", "small_talk", "compare"):
        return ""
    tags = [say.tag(fact) for fact in matching_facts(query, product, sku) if fact.name not in sku.options]
    limit = said_limit(query)
    if limit is not None and sku.price is not None and sku.price <= limit:
        tags.append(price_words(Filters(price_max=limit), product.currency or info.currency, query.language))
    if query.filters.rating_min is not None and product.rating is not None:
        tags.append(say.rating(product).removeprefix("is "))
    if not tags and query.intent in ("find", "recommend"):
        tags = [say.tag(fact) for fact in telling_facts(product, (), 2)]
    line = ("、" if zh else ", ").join(dict.fromkeys(tags[:_MAX_REASON_FACTS]))
    return line[:1].upper() + line[1:]


def citations(text: str, evidence: Evidence) -> tuple[Citation, ...]:
    """The sources cited in the text, each once, by number; a number without a source is left out."""
    numbers = sorted({int(number) for number in re.findall(r"\[(\d{1,3})\]", text)})
    hits = evidence.hits
    language = language_of(text) or "en"
    found = []
    for n in numbers:
        if not 1 <= n <= len(hits):
            continue
        entry = hits[n - 1].entry
        if entry.product is not None:
            quote = _facts_line(hits[n - 1], "zh" if language == "zh" else "en")
        else:
            quote = quote_in(text, entry.text)
        found.append(Citation(n, entry.id, entry.kind, entry.title, quote[:_MAX_QUOTE_CHARS], entry.url))
    return tuple(found)


def _facts_line(hit: Hit, language: Language) -> str:
    """Price, stock and rating of a product's record in one line."""
    product, say, zh = product_of(hit), wording_for(language), language == "zh"
    parts = []
    chosen = [v for v in product.variants if v.id in hit.variant_ids]
    if len(chosen) == 1:
        parts.append(option_words(chosen[0].options, language))
    span = product.price_range
    if len(chosen) == 1 and chosen[0].price is not None:
        span = (chosen[0].price, chosen[0].price)
    if span is not None:
        low, high = (money(amount, product.currency, language) for amount in span)
        parts.append(low if low == high else f"{low} – {high}")
    state = chosen[0].in_stock if len(chosen) == 1 else product.available
    parts.append(say.stock(state).removeprefix("is "))
    parts.append(say.rating(product).removeprefix("is "))
    return ("，" if zh else ", ").join(part for part in parts if part)
