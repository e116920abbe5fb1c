"""Products side by side: a Markdown table of what differs, and what decides between them.

In: products and the query that asks. Out: a table with a column a product, and a sentence. It compares only what the
records state in the same terms, and calls nothing better but by price, rating, stock or weight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from assistant.generation.figures import attribute_name, attribute_value, leading_number, money, plain, truth, unit_of
from assistant.generation.naming import short_titles
from assistant.generation.reasons import Fact, Measure, is_dull, product_of, weight_of
from assistant.generation.scene import Scene, Wording, wording_for
from assistant.generation.weighing import Weighed, weigh
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
    judged = scene.query.rank_by
    points: dict[int, list[str]] = {}

    def best(kind: str, figures: Sequence[Decimal | None], lowest: bool, show: Callable[[int], str]) -> None:
        known = [value for value in figures if value is not None]
        if kind in judged:
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
    if not judged:
        return f"{table}\n\n{scene.say.deciding(said)}"
    first = verdict(scene, hits)
    if not wants_table(scene.query):
        return f"{first}{scene.say.gap}{scene.say.deciding(said)}" if said and len(hits) == 2 else first
    return f"{first}\n\n{table}\n\n{scene.say.deciding(said)}" if said else f"{first}\n\n{table}"


def wants_table(query: Query) -> bool:
    """Whether products are to be set side by side in full, rather than judged by one figure."""
    return not query.rank_by or bool(_WANTS_TABLE.search(query.text))


_WANTS_TABLE = re.compile(r"compar|differ|versus|\bvs\b|side by side|对比|比较|区别|差别|不同", re.I)


def verdict(scene: Scene, hits: Sequence[Hit]) -> str:
    """The sentence that decides: which is cheaper, lighter or better rated, with the figures of each; "yes" or "no"
    before it where the question supposed one of them to be."""
    say, query = scene.say, scene.query
    by_id = {product_of(hit).id: hit for hit in hits}
    weighing = weigh([product_of(hit) for hit in hits], query.rank_by, query.rank_direction)
    unknown = [scene.mention(by_id[product.id]) for product in weighing.unknown]
    measure = Measure(query.rank_by[0], query.rank_direction, weighing.ranked[0].name if weighing.ranked else "")
    if len(weighing.ranked) < 2:
        return say.undecided(measure, unknown)
    if not weighing.comparable:
        return say.incomparable(measure)
    known = [(scene.mention(by_id[item.product.id]), _fact(scene, by_id, item)) for item in weighing.ranked]
    ties = [known[i][0] for i in range(len(weighing.first))]
    rest = f"{say.gap}{say.left_open(measure, unknown)}" if unknown else ""
    if len(ties) > 1:
        lead = say.no if query.asserted else ""
        return f"{lead}{say.equal(measure, ties, known[0][1], known[len(ties) :])}{rest}"
    holds = weighing.ranked[0].product.id == query.asserted
    lead = "" if not query.asserted else say.yes_lead if holds else say.no
    return f"{lead}{say.verdict(measure, known, follows=bool(lead))}{rest}"


def _fact(scene: Scene, by_id: Mapping[str, Hit], item: Weighed) -> Fact:
    """The figure as it is said: a price with its currency, the others as the record has them."""
    if item.name != "price":
        return Fact(item.name, item.value)
    hit = by_id[item.product.id]
    cost = scene.say.money(item.number, scene.currency(item.product))
    span = item.product.price_range
    varies = span is not None and span[0] != span[1] and scene.named_sku(hit) is None
    return Fact("price", scene.say.starting(cost) if varies else cost)


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
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(products) + 1) + "|"]
    for label, cells in compare_rows(products, query, currency):
        lines.append(f"| {_cell(label)} | " + " | ".join(_cell(cell) or say.labels["unknown"] for cell in cells) + " |")
    return "\n".join(lines)


def compare_rows(products: Sequence[Product], query: Query, currency: str | None = None) -> list[tuple[str, list[str]]]:
    """What `compare_table` has below its heads: labels with a value a product, "" where unknown."""
    say = wording_for(query.language)
    rows = [
        (say.labels["price"], [_price(p, p.currency or currency, query, say) for p in products]),
        (say.labels["stock"], [_stock(p, say) for p in products]),
        (say.labels["rating"], [_rating(p, say) for p in products]),
        (say.labels["brand"], [p.brand or "" for p in products]),
    ]
    rows = [row for row in rows if any(row[1])]
    return rows + _attributes(products, query, say, _MAX_ROWS - len(rows))


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
