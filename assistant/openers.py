"""The first questions a new conversation offers, made from what this shop really has.

In: the index. Out: up to four questions in the shopper's language that the assistant can answer.
"""

from __future__ import annotations

from decimal import Decimal

from assistant.generation.figures import money
from assistant.types import Language
from knowledge_base.index import Index
from knowledge_base.text import has_cjk, language_of
from knowledge_base.types import Product

_MAX_CATEGORY_CHARS = 24


def openers(index: Index, language: Language) -> tuple[str, ...]:
    """At most four; fewer where the shop has no categories, prices or FAQ in this language."""
    found: list[str] = []
    departments = _departments(index, language)
    if departments:
        name, products = departments[0]
        bound = _middle_price(products)
        if bound is not None:
            price = money(bound, index.info.currency, language, bound=True)
            found.append(
                f"{price}以内有哪些{name}？" if language == "zh" else f"Which {name.lower()} do you have under {price}?"
            )
    if len(departments) > 1:
        name = departments[1][0]
        found.append(f"最便宜的{name}是哪款？" if language == "zh" else f"What are your three cheapest {name.lower()}?")
    if len(departments) > 2:
        name, products = departments[2]
        rated = any(product.rating is not None for product in products)
        asked = f"What are your best-rated {name.lower()}?" if rated else f"Can you recommend {name.lower()}?"
        found.append(f"推荐一款{name}" if language == "zh" else asked)
    questions = [e.title for e in index.passages.entries if e.kind == "faq" and not e.product_id]
    questions = [q for q in questions if language_of(q) == language and len(q) <= 60]
    return (*found, *questions[:1])


def _departments(index: Index, language: Language) -> list[tuple[str, list[Product]]]:
    """The leaf categories with most products, of different departments where there are several."""
    chosen: dict[tuple[str, ...], list[Product]] = {}
    seen: set[str] = set()
    for path, _ in index.paths.most_common():
        fits = len(path[-1]) <= _MAX_CATEGORY_CHARS and has_cjk(path[-1]) == (language == "zh")
        if fits and (path[0] not in seen or len(path) == 1):
            seen.add(path[0])
            chosen[path] = []
    for product in index.some_products():
        if product.category in chosen:
            chosen[product.category].append(product)
    return [(path[-1], products) for path, products in chosen.items()]


def _middle_price(products: list[Product]) -> Decimal | None:
    """A round bound that keeps about half of the products; None where prices are unknown."""
    prices = sorted(p.price_range[0] for p in products if p.price_range)
    if not prices:
        return None
    middle = prices[len(prices) // 2]
    step = next((Decimal(s) for s in (5, 10, 50, 100, 500, 1000) if middle < 20 * s), Decimal(5000))
    return (middle // step + 1) * step
