"""Entries as JSON values and back, for the records of a snapshot.

In: an entry, or what `to_json` made of one. Out: the other. Unknown (None) and empty fields are left out of the JSON.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge_base.types import Entry, Product, Variant

_MONEY = frozenset({"price", "list_price", "rating"})


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """JSON values of one entry; a product entry is its product's."""
    if entry.product is not None:
        return {"source": entry.source, "product": _to_json(entry.product)}
    return _to_json(entry)


def entry_from_json(values: Mapping[str, Any]) -> Entry:
    """The inverse of `entry_to_json`."""
    if "product" in values:
        return product_entry(_product(values["product"]), values["source"])
    if "wordings" in values:
        return Entry(**{**values, "wordings": tuple(values["wordings"])})
    return Entry(**values)


def product_entry(product: Product, source: str = "") -> Entry:
    """The entry under which a product is found."""
    return Entry(
        id=f"product:{product.id}",
        kind="product",
        title=product.title,
        text=product.description or "",
        source=source,
        language=product.language,
        url=product.url,
        product_id=product.id,
        product=product,
    )


def entry_to_line(entry: Entry) -> bytes:
    """The record of an entry: `entry_to_json` as one line of UTF-8 with its end."""
    return _ENCODE(entry_to_json(entry)).encode("utf-8", "surrogatepass") + b"\n"


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_FIELDS = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in (Entry, Product, Variant)}


def _to_json(value: Entry | Product | Variant) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _FIELDS[type(value)]:
        item = getattr(value, name)
        if item is None or (item is False and name == "is_correction") or item == () or item == {}:
            continue
        if isinstance(item, Decimal | date):
            item = str(item)
        elif isinstance(item, Mapping):
            item = dict(item)
        elif name == "variants":
            item = [_to_json(variant) for variant in item]
        found[name] = item
    return found


def _figures(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Decimal(item) if name in _MONEY else item for name, item in values.items()}


def _product(values: Mapping[str, Any]) -> Product:
    found = _figures(values)
    found["category"] = tuple(found.get("category", ()))
    found["variants"] = tuple(Variant(**_figures(variant)) for variant in found.get("variants", ()))
    if "added_on" in found:
        found["added_on"] = date.fromisoformat(found["added_on"])
    return Product(**found)
