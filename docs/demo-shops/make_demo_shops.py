"""Write the two demo shops from their specs: python docs/demo-shops/make_demo_shops.py [OUT]

In: english.txt and chinese.txt (products), phrases_*.txt (what reviewers say), drawings.py (pictures). Out:
products.jsonl, orders.jsonl, reviews.jsonl, prices.jsonl, events.jsonl and images/ of knowledge_base/demo_shop and
demo_shop_zh. FAQ, policies and shop.toml are written by hand in the shop folders and left alone. The same specs give
the same bytes on every machine: randomness comes from seeds made of names, and no clock is read. It knows nothing of
the importer: the files are what a merchant's export would be.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import drawings
import histories

HERE = Path(__file__).resolve().parent
TODAY = date(2026, 11, 20)
OUT_OF_STOCK_SHARE = 0.13


@dataclass(frozen=True, slots=True)
class Family:
    """One `==` line of a spec: products that share a category, a drawing and attribute names."""

    code: str
    category: tuple[str, ...]
    drawing: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One product line of a spec; `flags` are its last column."""

    id: str
    family: Family
    title: str
    brand: str
    price: Decimal
    attributes: dict[str, str]
    options: tuple[tuple[str, tuple[tuple[str, Decimal], ...]], ...]
    description: str
    flags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShopSpec:
    """What differs between the shops beside their words."""

    folder: str
    spec: str
    language: str
    currency: str
    url: str
    colour_names: tuple[str, ...]


SHOPS = (
    ShopSpec("demo_shop", "english", "en", "USD", "https://alderandpine.example/p/", ("Color",)),
    ShopSpec("demo_shop_zh", "chinese", "zh", "CNY", "https://yanxia.example/item/", ("颜色",)),
)


def read_spec(path: Path) -> list[Item]:
    """The products of a spec, in its order. Raises ValueError naming the line that does not fit the format."""
    items: list[Item] = []
    family: Family | None = None
    number = 0
    for line_number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.removeprefix("==").split("|")]
        if line.startswith("=="):
            code, category, drawing, names = cells
            family = Family(code, tuple(_split(category, ">")), drawing, tuple(_split(names, ";")))
            number = 0
            continue
        if family is None or len(cells) not in (6, 7):
            raise ValueError(f"{path.name}:{line_number}: {len(cells)} cells, 6 or 7 are needed under a == line")
        number += 1
        title, brand, price, values, options, description = cells[:6]
        given = _split(values, ";")
        if len(given) != len(family.attributes):
            raise ValueError(f"{path.name}:{line_number}: {len(given)} values for {len(family.attributes)} attributes")
        attributes = {name: value for name, value in zip(family.attributes, given, strict=True) if value != "-"}
        flags = dict(flag.partition("=")[::2] for flag in _split(cells[6] if len(cells) == 7 else "", ";"))
        items.append(
            Item(
                f"{family.code}-{100 + number}",
                family,
                title,
                brand,
                Decimal(price),
                attributes,
                tuple(_option(text) for text in _split(options, ";")),
                description,
                flags,
            )
        )
    return items


def _split(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


def _option(text: str) -> tuple[str, tuple[tuple[str, Decimal], ...]]:
    """ "Size=S,M,XL+5": the name with its values and what each adds to the price."""
    name, _, values = text.partition("=")
    parsed = []
    for value in values.split(","):
        label, _, extra = value.strip().partition("+")
        parsed.append((label.strip(), Decimal(extra or "0")))
    return name.strip(), tuple(parsed)


def seeded(*parts: object) -> random.Random:
    """A generator that depends on the parts alone."""
    return random.Random("|".join(str(part) for part in parts))


def money(value: Decimal) -> str:
    """Two decimals, as a string."""
    return str(value.quantize(Decimal("0.01")))


def slug(item: Item) -> str:
    """The last part of the product's address."""
    words = re.findall(r"[a-z0-9]+", item.title.lower().replace("'", ""))
    return "-".join([*words[:5], item.id.lower()] if item.title.isascii() else [item.id.lower()])


def product_row(item: Item, shop: ShopSpec) -> dict[str, Any]:
    """The product as one line of products.jsonl; what the shop does not know is absent."""
    rng = seeded(shop.folder, item.id)
    row: dict[str, Any] = {"id": item.id, "title": item.title}
    row |= {"description": item.description} if item.description else {}
    row |= {"brand": item.brand, "category": list(item.family.category)}
    priced = "noprice" not in item.flags
    list_price = Decimal(item.flags["list"]) if "list" in item.flags else None
    if priced:
        row |= {"price": money(item.price), "currency": shop.currency}
        row |= {"list_price": money(list_price)} if list_price else {}
    if not item.options and "nostock" not in item.flags:
        row["stock"] = _stock(item, rng)
    if "norating" not in item.flags:
        row |= _rating(item, rng)
    row["url"] = shop.url + slug(item)
    colours = next((values for name, values in item.options if name in shop.colour_names), ())
    first = colours[0][0] if colours else item.flags.get("colour", "")
    if "noimage" not in item.flags:
        row["image"] = f"images/{drawings.file_name(_drawing(item), first or _colour(item))}"
    row["added_on"] = item.flags.get("added") or str(TODAY - timedelta(days=rng.randint(20, 1100)))
    row["attributes"] = item.attributes
    if item.options:
        row["variants"] = list(_variants(item, shop, rng, list_price, priced))
    return row


def _drawing(item: Item) -> str:
    return item.flags.get("draw", item.family.drawing)


def _colour(item: Item) -> str:
    return seeded("colour", item.id).choice(drawings.DEFAULT_COLOURS)


def _stock(item: Item, rng: random.Random) -> int:
    drawn = 0 if rng.random() < OUT_OF_STOCK_SHARE else rng.choice((1, 2, 3, 5, 8, 12, 19, 27, 44, 63, 118))
    return int(item.flags.get("stock", drawn))


def _rating(item: Item, rng: random.Random) -> dict[str, Any]:
    drawn = f"{min(4.9, max(3.1, rng.gauss(4.35, 0.35))):.1f}/{int(rng.lognormvariate(4.6, 0.9)) + 12}"
    rating, _, count = item.flags.get("rating", drawn).partition("/")
    return {"rating": rating, "review_count": int(count)}


def _variants(
    item: Item, shop: ShopSpec, rng: random.Random, list_price: Decimal | None, priced: bool
) -> Iterable[dict[str, Any]]:
    """One row a combination of options, numbered in the spec's order."""
    names = [name for name, _ in item.options]
    for number, combination in enumerate(itertools.product(*(values for _, values in item.options)), 1):
        extra = sum((added for _, added in combination), Decimal(0))
        options = {name: label for name, (label, _) in zip(names, combination, strict=True)}
        row: dict[str, Any] = {"id": f"{item.id}-{number:02d}", "options": options}
        if priced:
            row["price"] = money(item.price + extra)
            row |= {"list_price": money(list_price + extra)} if list_price else {}
        if "nostock" not in item.flags:
            row["stock"] = _stock(item, rng)
        colour = next((options[name] for name in shop.colour_names if name in options), None)
        if colour and "noimage" not in item.flags:
            row["image"] = f"images/{drawings.file_name(_drawing(item), colour)}"
        yield row


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write the rows, one a line; returns how many."""
    lines = [json.dumps(row, ensure_ascii=False, separators=(", ", ": ")) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(lines)


def write_images(folder: Path, products: list[dict[str, Any]], language: str) -> int:
    """Draw every picture that a product or variant names and remove those that none names any more."""
    wanted = {row["image"] for row in products if "image" in row}
    wanted |= {v["image"] for row in products for v in row.get("variants", ()) if "image" in v}
    images = folder / "images"
    images.mkdir(exist_ok=True)
    for stale in images.glob("*.svg"):
        if f"images/{stale.name}" not in wanted:
            stale.unlink()
    for name in sorted(wanted):
        (folder / name).write_text(drawings.draw(Path(name).stem), encoding="utf-8")
    return len(wanted)


def make_shop(shop: ShopSpec, out: Path) -> str:
    """Write one shop's generated files; returns a line that says what was written."""
    folder = out / shop.folder
    folder.mkdir(parents=True, exist_ok=True)
    items = read_spec(HERE / f"{shop.spec}.txt")
    products = [product_row(item, shop) for item in items]
    counts = {"products": write_jsonl(folder / "products.jsonl", products)}
    counts["images"] = write_images(folder, products, shop.language)
    for name, rows in histories.write(products, shop.language, HERE, TODAY).items():
        counts[name] = write_jsonl(folder / f"{name}.jsonl", rows)
    return f"{shop.folder}: " + ", ".join(f"{count} {name}" for name, count in counts.items())


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "knowledge_base"
    for one in SHOPS:
        print(make_shop(one, target))
