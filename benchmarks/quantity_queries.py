"""Do shoppers who say a measure get things that have it? Queries made from raw records, and cards held against them.

    python benchmarks/quantity_queries.py SHOP... [--n 30] [--seed 1] [--data DIR] [--failures FILE]

A figure in a product's title ("43.2 cm (17\\")", "60升") and the kind of thing the product is make a query: as it is
written, converted, or as a bound, in English or in Chinese. What is true is read off the export by the few patterns
below; nothing of the pipeline is imported but the assistant that is asked. A product meets a query if its title or
description states the measure, in whatever unit, or if it has the number under the attribute that the number came
from. Printed a shop: how often the first card meets it, how often every card does, and how often nothing was shown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.bootstrap import bootstrap
from assistant.config import Settings
from assistant.evaluation.records import Record, read_records
from assistant.evaluation.subjects import find_subjects
from assistant.evaluation.truth import Subject
from assistant.types import Turn

# Unit -> (dimension, factor to its base), and how titles write it.
_UNITS = {
    "cm": ("length", 1.0, r"cm|厘米"), "mm": ("length", 0.1, r"mm|毫米"),
    "m": ("length", 100.0, r"m(?:et(?:er|re)s?)?|米"),
    "inch": ("length", 2.54, r"\"|”|″|-?inch|英寸|寸"), "ft": ("length", 30.48, r"ft|feet"),
    "gb": ("data", 1.0, "GB"), "tb": ("data", 1000.0, "TB"), "mb": ("data", 0.001, "MB"),
    "w": ("power", 1.0, "W|瓦"), "kw": ("power", 1000.0, "kW|千瓦"),
    "l": ("volume", 1.0, "L|升"), "ml": ("volume", 0.001, "ml|毫升"),
    "kg": ("mass", 1.0, "kg|公斤|千克"), "g": ("mass", 0.001, "g|克"),
    "mah": ("charge", 1.0, "mAh|毫安"), "hz": ("frequency", 1.0, "Hz"), "mhz": ("frequency", 1e6, "MHz"),
}  # fmt: skip
_FIGURE = re.compile(
    r"(?<![A-Za-z0-9.,/-])(?P<n>\d{1,5}(?:\.\d{1,2})?) ?(?:"
    + "|".join(f"(?P<{unit}>{spelling})" for unit, (_, _, spelling) in _UNITS.items())
    + r")(?![A-Za-z0-9²/])"
)
_SAID = {
    "en": {"inch": (" inch", '"', "-inch"), "gb": ("GB", " GB", "gb"), "tb": ("TB", " TB"), "l": (" L", " litre"),
           "m": (" m", "m", " meter"), "w": ("W", " W", " watt")},
    "zh": {"inch": ("寸", "英寸"), "l": ("升", "L"), "kg": ("公斤", "kg"), "w": ("W", "瓦"), "m": ("米",),
           "g": ("克", "g"),
           "ml": ("毫升", "ml"), "cm": ("厘米", "cm"), "mm": ("毫米", "mm")},
}  # fmt: skip
_CONVERTED = {
    "inch": ("cm",), "cm": ("inch",), "tb": ("gb",), "gb": ("tb",), "m": ("cm",), "kg": ("g",), "l": ("ml",),
    "kw": ("w",),
}  # fmt: skip
_FORMS = {
    "en": (
        "{q} {x}",
        "{x} {q}",
        "{x} with {q}",
        "do you have a {q} {x}?",
        "show me {q} {xs}",
        "looking for a {x}, {q}",
    ),
    "zh": ("{q}{x}", "{x} {q}", "有{q}的{x}吗", "我想买一台{q}的{x}", "{q}的{x}有哪些"),
}
_BOUNDS = {
    "en": (("{x} with at least {q}", "{x} of {q} or more"), ("{x} under {q}", "{x} up to {q}")),
    "zh": (("{q}以上的{x}", "至少{q}的{x}"), ("{q}以下的{x}", "不超过{q}的{x}")),
}


@dataclass(frozen=True, slots=True)
class Query:
    """`low` and `high` are in the base unit of `dimension`; `attribute` is where the number came from, if any."""

    text: str
    subject: Subject
    dimension: str
    low: float
    high: float
    attribute: str | None
    factor: float


def figures(text: str) -> Iterator[tuple[str, float, str]]:
    """(unit, number, as written) of every figure of a text."""
    for match in _FIGURE.finditer(text):
        unit = match.lastgroup
        assert unit is not None
        yield unit, float(match["n"]), match["n"]


def meets(record: Record, query: Query) -> bool:
    """Whether the raw record states a measure between the query's ends."""
    stated = [n * _UNITS[u][1] for u, n, _ in figures(record.title) if _UNITS[u][0] == query.dimension]
    own = [v for name, v in record.attributes.items() if name == query.attribute]
    stated += [float(v) * query.factor for v in own if re.fullmatch(r"\d+(\.\d+)?", v)]
    for text in (record.description, *(v for name, v in record.attributes.items() if name != query.attribute)):
        stated += [n * _UNITS[u][1] for u, n, _ in figures(text) if _UNITS[u][0] == query.dimension]
    stated += [
        n * _UNITS[u][1]
        for sku in record.skus
        for value in sku.options.values()
        for u, n, _ in figures(value)
        if _UNITS[u][0] == query.dimension
    ]
    return any(query.low * 0.99 <= n <= query.high * 1.025 for n in stated)


def queries(shop: Path, n: int, seed: int) -> list[Query]:
    """The same `n` queries for the same seed."""
    data = read_records(shop)
    language = "zh" if data.language.startswith("zh") else "en"
    chance = random.Random(seed)
    of_product: dict[str, list[Subject]] = {}
    for subject in find_subjects(data.records):
        for product in subject.readings[0]:
            of_product.setdefault(product, []).append(subject)
    pool = [record for record in data.records if record.id in of_product and stating(record)]
    found: dict[str, Query] = {}
    for _ in range(n * 20):
        if len(found) == n or not pool:
            break
        record = chance.choice(pool)
        query = _query(record, chance.choice(of_product[record.id]), language, chance)
        if query is not None:
            found.setdefault(query.text, query)
    return list(found.values())


def stating(record: Record) -> list[tuple[str, float, str]]:
    """The figures that a query may be made of: those of the title, and of options."""
    options = [value for sku in record.skus for value in sku.options.values()]
    return [found for text in (record.title, *options) for found in figures(text) if found[1] > 0]


def _query(record: Record, subject: Subject, language: str, chance: random.Random) -> Query | None:
    unit, number, written = chance.choice(stating(record))
    dimension, factor, _ = _UNITS[unit]
    attribute = next(
        (name for name, v in record.attributes.items() if v in (written, f"{number:g}", f"{number}")), None
    )
    said_unit, said = unit, f"{number:g}"
    if chance.random() < 0.25 and unit in _CONVERTED:
        said_unit = chance.choice(_CONVERTED[unit])
        converted = number * factor / _UNITS[said_unit][1]
        said = f"{converted:.1f}".removesuffix(".0")
        if abs(float(said) * _UNITS[said_unit][1] / (number * factor) - 1) > 0.005:
            return None
    quantity = said + chance.choice(_SAID[language].get(said_unit, (f" {_spelled(said_unit)}",)))
    base = number * factor
    low = high = base
    forms: Sequence[str] = _FORMS[language]
    if chance.random() < 0.25:
        side = chance.randrange(2)
        forms = _BOUNDS[language][side]
        low, high = (base, float("inf")) if side == 0 else (0.0, base)
    text = chance.choice(forms).format(q=quantity, x=subject.name, xs=subject.plural)
    return Query(text, subject, dimension, low, high, attribute, factor)


def _spelled(unit: str) -> str:
    return {"mah": "mAh", "hz": "Hz", "mhz": "MHz", "mb": "MB", "kw": "kW"}.get(unit, unit)


async def _run(shop: Path, options: argparse.Namespace) -> list[dict[str, object]]:
    settings = Settings.from_environment(os.environ, shop=shop, model="composer", data=options.data)
    assistant = bootstrap(settings)
    records = read_records(shop).by_id()
    rows = []
    for number, query in enumerate(queries(shop, options.n, options.seed)):
        reply = await assistant.answer(Turn(f"q{number}", query.text, ()))
        cards = [records[card.id] for card in reply.products]
        fits = [meets(record, query) and query.subject.is_kind(record) for record in cards]
        rows.append(
            {
                "query": query.text, "first": bool(fits) and fits[0], "all": bool(fits) and all(fits),
                "none": not cards, "reply": reply.text, "cards": [[r.id, r.title[:90]] for r in cards],
                "fits": fits, "attribute": query.attribute,
                "filters": str(reply.query.filters), "wishes": str(reply.query.wishes),
            }
        )  # fmt: skip
    return rows


def main() -> None:
    """Ask every shop and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("shops", type=Path, nargs="+")
    parser.add_argument("--n", type=int, default=30, help="queries a shop (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="which queries are drawn (default 1)")
    parser.add_argument("--data", type=Path, help="where indexes are kept (default .data)")
    parser.add_argument("--failures", type=Path, help="JSONL of the queries whose cards do not all meet them")
    options = parser.parse_args()
    failed = []
    print(f"{'shop':<16}{'n':>5}{'first meets':>13}{'all meet':>10}{'nothing shown':>15}")
    for shop in options.shops:
        rows = asyncio.run(_run(shop, options))
        shares = [sum(bool(row[name]) for row in rows) / max(len(rows), 1) for name in ("first", "all", "none")]
        print(f"{shop.name:<16}{len(rows):>5}{shares[0]:>13.3f}{shares[1]:>10.3f}{shares[2]:>15.3f}")
        failed += [row for row in rows if not row["all"]]
    if options.failures:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in failed)
        options.failures.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
