"""A shop folder of any size, its products recombined from public catalogues.

In: folders with `icecat_electronics` and `webmall`, a number of products, a seed. Out: a shop folder with
`products.jsonl`, the same for the same arguments. Every product is a real one whose brand, attribute values,
description and price are those of others of its kind, with an id and a model number of its own. It needs no memory for
the products it writes.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

SOURCES = ("icecat_electronics/products.jsonl.gz", "webmall/products.jsonl.gz")
_SETTINGS = 'name = "Imagined"\nlanguage = "en"\ncurrency = "USD"\n'
_MODEL = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{5,}\b")
_TAKEN = 0.4  # chance that a value is another product's of the kind
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class DataMissing(Exception):
    """The public catalogues are not where they were looked for."""


def write_shop(folder: Path, n: int, data: Path, seed: int = 7) -> None:
    """Write a shop of `n` products into `folder`.

    Raises:
        DataMissing: `data` has no public catalogues.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.toml").write_text(_SETTINGS, encoding="utf-8")
    with (folder / "products.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for row in imagined_rows(n, data, seed):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def imagined_rows(n: int, data: Path, seed: int) -> Iterator[dict[str, Any]]:
    """The rows of `n` products, one at a time."""
    kinds = _kinds(data)
    names, sizes = list(kinds), [len(found) for found in kinds.values()]
    chance = random.Random(seed)
    for number in range(n):
        kind = kinds[chance.choices(names, sizes)[0]]
        yield _recombined(number, kind, chance)


def _recombined(number: int, kind: list[dict[str, Any]], chance: random.Random) -> dict[str, Any]:
    """One product of a kind: a real one with what others of the kind have in places."""
    base, other = chance.choice(kind), chance.choice(kind)
    model = "".join(chance.choices(_LETTERS, k=2)) + str(chance.randrange(10, 1000)) + "-" + str(number)
    title = base["title"]
    brand = base.get("brand")
    if brand and other.get("brand") and chance.random() < _TAKEN:
        title, brand = title.replace(brand, other["brand"]), other["brand"]
    title = _MODEL.sub(model, title, count=1) if _MODEL.search(title) else f"{title} {model}"
    attributes = dict(base["attributes"])
    for name in attributes:
        if chance.random() < _TAKEN:
            attributes[name] = chance.choice(kind)["attributes"].get(name, attributes[name])
    row = {"id": f"p{number}", "title": title, "brand": brand, "attributes": attributes}
    row["description"] = (other if chance.random() < _TAKEN else base).get("description")
    row["category"] = base.get("category")
    if base.get("price") is not None:
        row["price"] = str((base["price"] * Decimal(chance.randrange(60, 170)) / 100).quantize(Decimal("0.01")))
    row["in_stock"] = chance.random() < 0.9
    row["rating"] = str(Decimal(chance.randrange(20, 51)) / 10)
    return {name: value for name, value in row.items() if value is not None}


def _kinds(data: Path) -> Mapping[str, list[dict[str, Any]]]:
    """The real products by kind: their category, their stated type, or the names of their first attributes."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for source in SOURCES:
        path = data / source
        if not path.is_file():
            raise DataMissing(f"{path} is not there: --public-data must name a folder with {' and '.join(SOURCES)}")
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                product = _plain(json.loads(line))
                attributes = product["attributes"]
                kind = product.get("category") or attributes.get("product type") or " ".join([*attributes][:3])
                kinds[str(kind)].append(product)
    return kinds


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of either catalogue under one set of names."""
    price = row.get("price_eur")
    if row.get("price_cents") is not None:
        price = Decimal(row["price_cents"]) / 100
    attributes = {
        re.sub(r"^[tnb]_", "", name).replace("_", " "): value for name, value in row.get("attributes", {}).items()
    }
    return {
        "title": row.get("title") or row["name"],
        "brand": row.get("brand"),
        "description": row.get("description") or row.get("short_description"),
        "category": row.get("categories"),
        "price": None if price is None else Decimal(str(price)),
        "attributes": attributes,
    }
