"""Product exports to `Product`s, with a row-numbered problem for everything refused, repaired or guessed.

In: an opened shop. Out: its products in the export's order, and the problems. It knows no index and no conversation.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from knowledge_base.shop import Shop
from knowledge_base.types import Problem, Product, Variant


def read_products(shop: Shop) -> tuple[tuple[Product, ...], tuple[Problem, ...]]:
    """Every product of the shop, in the export's order, and what was wrong or guessed."""
    products = []
    for path in shop.products:
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                products.append(_product(json.loads(line), shop.info.currency))
    return tuple(products), ()


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    stock = row.get("stock")
    in_stock = row.get("in_stock")
    return {
        "price": None if row.get("price") is None else Decimal(str(row["price"])),
        "list_price": None if row.get("list_price") is None else Decimal(str(row["list_price"])),
        "stock": stock,
        "in_stock": stock > 0 if in_stock is None and stock is not None else in_stock,
        "image": row.get("image"),
    }


def _product(row: dict[str, Any], currency: str | None) -> Product:
    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{Decimal(str(value)).normalize():f}"
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    category = row.get("category") or ()
    return Product(
        id=str(row["id"]),
        title=row["title"],
        description=row.get("description"),
        brand=row.get("brand"),
        category=tuple(c.strip() for c in category.split(">")) if isinstance(category, str) else tuple(category),
        currency=row.get("currency") or currency,
        rating=None if row.get("rating") is None else Decimal(str(row["rating"])),
        review_count=row.get("review_count"),
        url=row.get("url"),
        language=row.get("language"),
        attributes={name: text(v) for name, v in (row.get("attributes") or {}).items() if v is not None},
        variants=tuple(
            Variant(id=str(v["id"]), options={n: text(x) for n, x in (v.get("options") or {}).items()}, **_figures(v))
            for v in row.get("variants") or ()
        ),
        **_figures(row),
    )
