"""Products side by side: a Markdown table of what differs, and what decides between them.

In: products and the query that asks. Out: a table with a column a product, and a sentence. It compares only what the
records state in the same terms, and calls nothing better but by price, rating, stock or weight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from assistant.generation.figures import attribute_name, attribute_value, leading_number, money, plain, truth, unit_of
from assistant.generation.naming import short_titles
from assistant.generation.reasons import is_dull, product_of, weight_of
from assistant.generation.scene import Scene, Wording, wording_for
from assistant.generation.wording_zh import known_name
from assistant.types import Query
from knowledge_base.text import fold
from knowledge_base.types import Hit, Product

_MAX_ROWS = 8
_MAX_CELL_CHARS = 60


def compare(scene: Scene) -> str:
    """The table of the products asked about and a sentence on what decides."""
    hits = scene.asked()
    if len(hits) < 2:
        hits = scene.evidence.products[: max(2, scene.query.limit or 2)]
    hits = hits[:4]
    products = [product_of(hit) for hit in hits]
    table = compare_table(products, scene.query, [scene.mark(hit) for hit in hits], scene.info.currency)
    asked = asked_for(scene.query)
    points: dict[int, list[str]] = {}

    def best(kind: str, figures: Sequence[Decimal | None], lowest: bool, show: Callable[[int], str]) -> None:
        known = [value for value in figures if value is not None]
        if asked is not None and kind == asked[0]:
            return  # the verdict says it
        if len(known) < len(figures) or len(set(known)) < 2:
            return
        winner = min(known) if lowest else max(known)
        if known.count(winner) == 1:
            i = figures.index(winner)
            points.setdefault(i, []).append(scene.say.point(kind, scene.mention(hits[i]), show(i)))

    def price_of(i: int) -> str:
        span = products[i].price_range or (Decimal(0), Decimal(0))
        lowest = scene.say.money(span[0], scene.currency(products[i]))
        return lowest if span[0] == span[1] else scene.say.starting(lowest)

    prices = [product.price_range[0] if product.price_range else None for product in products]
    if len({scene.currency(product) for product in products}) == 1:
        best("price", prices, True, price_of)
    ratings = [product.rating for product in products]
    best("rating", ratings, False, lambda i: plain(ratings[i] or Decimal(0)))
    weights = [weight_of(product, product.skus[0]) for product in products]
    if len({unit_of(weight.value) if weight else "" for weight in weights}) == 1:
        best(
            "weight",
            [leading_number(w.value) if w else None for w in weights],
            True,
            lambda i: getattr(weights[i], "value", ""),
        )
    stock = [product.available for product in products]
    if stock.count(True) == 1 and stock.count(False) == len(stock) - 1:
        i = stock.index(True)
        points.setdefault(i, []).append(scene.say.point("stock", scene.mention(hits[i]), ""))
    said = [(scene.mention(hits[i]), points[i]) for i in sorted(points)]
    if asked is None:
        return f"{table}\n\n{scene.say.deciding(said)}"
    first = verdict(scene, hits, *asked)
    return f"{first}\n\n{table}\n\n{scene.say.deciding(said)}" if said else f"{first}\n\n{table}"


_CRITERIA: tuple[tuple[str, bool, str], ...] = (
    ("price", True, r"cheap|less expensive|costs? less|more affordable|lower price|便宜|实惠|划算|省钱"),
    ("price", False, r"dearer|pric(?:i|y)er|more expensive|costs? more|更贵|比较贵|贵一点|哪[款个]贵"),
    ("weight", True, r"light(?:er|est)\b|weighs? less|更轻|轻一[点些]|比较轻|哪[款个]轻"),
    ("weight", False, r"heav(?:ier|iest)|weighs? more|更重|比较重|哪[款个]重"),
    (
        "rating",
        True,
        r"(?:better|higher|best|highest)[- ](?:rat|review)|rated (?:better|higher)"
        r"|评分更?高|评价更?好|口碑更?好|哪[款个]评分",
    ),
)


def asked_for(query: Query) -> tuple[str, bool] | None:
    """What the question wants decided, and whether the product that has less (rating: more) of it is wanted; None
    where it only asks to compare."""
    found = next(((kind, first) for kind, first, words in _CRITERIA if re.search(words, query.text, re.I)), None)
    return found if found is not None and len(query.refers_to) != 1 else None


def verdict(scene: Scene, hits: Sequence[Hit], kind: str, first: bool) -> str:
    """The sentence that decides: which is cheaper, lighter or better rated, with the figures of each."""
    say = scene.say
    figures: list[tuple[Decimal, str] | None] = [_figure(scene, hit, kind) for hit in hits]
    unknown = [scene.mention(hit) for hit, figure in zip(hits, figures, strict=True) if figure is None]
    if unknown:
        return say.undecided(kind, first, unknown)
    known = [(figure, scene.mention(hit)) for hit, figure in zip(hits, figures, strict=True) if figure is not None]
    lowest = first if kind != "rating" else not first
    ranked = sorted(known, key=lambda item: item[0][0] if lowest else -item[0][0])
    units = {unit_of(figure[1]) for figure, _ in known} if kind == "weight" else {""}
    currencies = {scene.currency(product_of(hit)) for hit in hits} if kind == "price" else {None}
    if len(units) > 1 or len(currencies) > 1:
        return say.incomparable(kind)
    if ranked[0][0][0] == ranked[1][0][0]:
        ties = [mention for figure, mention in ranked if figure[0] == ranked[0][0][0]]
        return say.equal(kind, ties, ranked[0][0][1])
    return say.verdict(kind, first, [(mention, figure[1]) for figure, mention in ranked])


def _figure(scene: Scene, hit: Hit, kind: str) -> tuple[Decimal, str] | None:
    """What a product is judged by, and its words; None where the record does not have it."""
    product = product_of(hit)
    if kind == "price":
        sku = scene.sku(hit)
        return (sku.price, scene.price_tag(hit)) if sku.price is not None else None
    if kind == "rating":
        return (product.rating, plain(product.rating)) if product.rating is not None else None
    weight = weight_of(product, product.skus[0])
    number = leading_number(weight.value) if weight is not None else None
    return (number, weight.value) if weight is not None and number is not None else None


def compare_table(
    products: Sequence[Product], query: Query, marks: Sequence[str] = (), currency: str | None = None
) -> str:
    """A Markdown table with a column a product: price, stock, rating, brand and up to eight rows in all that differ.

    `marks` are citations for the column heads; `currency` counts where a product names none of its own. "" for none.
    """
    if not products:
        return ""
    say = wording_for(query.language)
    names = short_titles(products, query.subject)
    heads = [
        f"{_cell(names[p.id])} {mark}".strip() for p, mark in zip(products, marks or [""] * len(products), strict=True)
    ]
    rows = [
        (say.labels["price"], [_price(p, p.currency or currency, query, say) for p in products]),
        (say.labels["stock"], [_stock(p, say) for p in products]),
        (say.labels["rating"], [_rating(p, say) for p in products]),
        (say.labels["brand"], [p.brand or "" for p in products]),
    ]
    rows = [row for row in rows if any(row[1])]
    rows += _attributes(products, query, say, _MAX_ROWS - len(rows))
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(products) + 1) + "|"]
    for label, cells in rows:
        lines.append(f"| {_cell(label)} | " + " | ".join(_cell(cell) or say.labels["unknown"] for cell in cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ").strip()


def _price(product: Product, currency: str | None, query: Query, say: Wording) -> str:
    span = product.price_range
    if span is None:
        return ""
    low, high = (money(amount, currency, query.language) for amount in span)
    return low if span[0] == span[1] else f"{low} – {high}"


def _stock(product: Product, say: Wording) -> str:
    if product.available is None:
        return ""
    some_out = any(sku.in_stock is False for sku in product.skus)
    return say.labels["out"] if not product.available else say.labels["part"] if some_out else say.labels["in"]


def _rating(product: Product, say: Wording) -> str:
    if product.rating is None:
        return ""
    return plain(product.rating) + (f" ({product.review_count})" if product.review_count else "")


def _values(product: Product) -> dict[str, tuple[str, str]]:
    """Folded name -> (name, value), options with all their values after the attributes."""
    found = {fold(name): (name, value) for name, value in product.attributes.items()}
    for name, values in product.option_values.items():
        found[fold(name)] = (name, ", ".join(values))
    return found


def _attributes(products: Sequence[Product], query: Query, say: Wording, limit: int) -> list[tuple[str, list[str]]]:
    """The attributes that differ: those asked for or wished first, then those that most of the products state."""
    tables = [_values(product) for product in products]
    asked = [fold(name) for name in query.asks]
    asked += [fold(name) for c in (*query.wishes, *query.filters.conditions) for name in c.names]
    keys = list(dict.fromkeys([*asked, *(key for table in tables for key in table)]))
    scored = []
    for position, key in enumerate(keys):
        cells = [table.get(key) for table in tables]
        stated = [cell for cell in cells if cell is not None]
        if not stated or key == "brand" or (is_dull(key) and key not in asked):
            continue
        differs = len({fold(value) for _, value in stated}) > 1
        if key not in asked and (len(stated) < 2 or not differs or any(len(v) > _MAX_CELL_CHARS for _, v in stated)):
            continue
        scored.append((key not in asked, len(products) - len(stated), position, cells, stated[0][0]))
    rows = []
    for _, _, _, cells, name in sorted(scored, key=lambda item: item[:3])[: max(0, limit)]:
        label = known_name(name) if query.language == "zh" else _capital(attribute_name(name))
        rows.append((label, [_value(cell[1], say) if cell else "" for cell in cells]))
    return rows


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _value(value: str, say: Wording) -> str:
    state = truth(value)
    if state is not None:
        return say.labels["yes" if state else "no"]
    return attribute_value(value, _MAX_CELL_CHARS)
