"""The dry run: everything a shop folder would give, and everything wrong with it, said so that it can be mended.

In: the arguments of `python -m knowledge_base check`. Out: a report as text or JSON, and an exit status. It builds
nothing and changes nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from knowledge_base.catalog import CatalogReading
from knowledge_base.column_units import ColumnUnit, UnitEvidence
from knowledge_base.documents import read_documents
from knowledge_base.errors import ShopError
from knowledge_base.importing.records import OrderRecord, read_events, read_orders, read_prices, read_reviews
from knowledge_base.problems import Kind, Problems, kind_of
from knowledge_base.shop import Shop, open_shop
from knowledge_base.types import Entry, Problem, Product, Severity

SHOWN = 3
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_TITLES = {"error": "refused", "warning": "repaired or unknown", "note": "guessed"}


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` found. `counts` are by kind; `columns` says for each product file what each column was read as."""

    shop: Shop
    counts: Mapping[str, int]
    columns: Mapping[str, Mapping[str, str]]
    problems: Problems = field(default_factory=Problems)
    coverage: Mapping[str, int] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """2 where there is no product to sell, 1 where a row was refused, else 0."""
        if not self.counts["products"]:
            return 2
        return 1 if self.problems.count("error") else 0


def run_check(args: argparse.Namespace) -> int:
    """`check SHOP [--json] [--all]`: print the report; the exit status is 0, 1 (rows refused) or 2 (no usable shop).

    Raises:
        ShopError: the folder cannot be opened (with --json it is printed instead).
    """
    try:
        report = check_shop(open_shop(args.shop))
    except ShopError as error:
        if not args.json:
            raise
        sys.stdout.write(json.dumps({"error": str(error), "status": 2}) + "\n")
        return 2
    if args.json:
        sys.stdout.write(json.dumps(as_json(report)) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in render(report, shown=None if args.all else SHOWN))
    return report.status


def check_shop(shop: Shop) -> Report:
    """Read everything in a shop folder and gather what was wrong with it. Products are counted, not kept."""
    orders, order_problems = read_orders(shop)
    ordered = {line.product_id for order in orders for line in order.items}
    reading, coverage, n_variants = CatalogReading(shop), Counter[str](), 0
    units = UnitEvidence()
    known: dict[str, frozenset[str] | None] = {}  # of every product that was ordered the variants; None: any
    for product in reading:
        coverage.update(_facts(product))
        units.add(product)
        n_variants += len(product.variants)
        told_apart = product.id in ordered and product.variants
        known[product.id] = frozenset(variant.id for variant in product.variants) if told_apart else None
    documents, document_problems = read_documents(shop)
    reviews, review_problems = read_reviews(shop)
    prices, price_problems = read_prices(shop)
    events, event_problems = read_events(shop)
    counts = {
        "products": reading.n_products,
        "variants": n_variants,
        "rows": reading.rows,
        "refused": reading.refused,
        "faq": sum(1 for entry in documents if entry.kind == "faq"),
        "passages": sum(1 for entry in documents if entry.kind == "policy"),
        "orders": len(orders),
        "reviews": len(reviews),
        "prices": len(prices),
        "events": len(events),
    }
    problems = Problems()
    problems.extend(shop.notes)
    problems.merge(reading.problems)
    for found in (document_problems, order_problems, review_problems, price_problems, event_problems):
        problems.extend(found)
    problems.extend(_stray_orders(orders, known))
    problems.extend(_strays(shop, "reviews", (review.product_id for review in reviews), known))
    problems.extend(_strays(shop, "prices", (price.product_id for price in prices), known))
    problems.extend(_strays(shop, "events", (event.product_id for event in events), known))
    problems.extend(_stray_faq(documents, known))
    problems.extend(_learned_units(shop, units.settle()))
    return Report(shop, counts, reading.readings, problems, {name: coverage[name] for name in _FACTS})


_FACTS = ("price", "stock", "rating", "brand", "category", "picture", "description", "attributes")


def _facts(product: Product) -> Iterator[str]:
    """Which facts are known of a product."""
    known = (
        product.price_range,
        product.available is not None,
        product.rating is not None,
        product.brand,
        product.category,
        product.image,
        product.description,
        product.attributes,
    )
    return (name for name, said in zip(_FACTS, known, strict=True) if said)


def _strays(shop: Shop, kind: str, ids: Iterable[str], known: Container[str]) -> Iterator[Problem]:
    """A warning for each product id of a file that no product has."""
    file = ", ".join(shop.name_of(path) for path in getattr(shop, kind))
    for product_id in dict.fromkeys(i for i in ids if i not in known):
        yield _stray(file, None, "product_id", product_id)


def _stray(file: str, row: int | None, column: str, value: str) -> Problem:
    what = "variant" if column == "variant_id" else "product"
    remedy = "correct the id, or ignore this if it is no longer sold"
    return Problem(file, row, column, value, f"no {what} has this id", remedy, "warning")


def _stray_orders(orders: Sequence[OrderRecord], known: Mapping[str, frozenset[str] | None]) -> Iterator[Problem]:
    for order in orders:
        for line in order.items:
            if not line.product_id:
                continue
            if line.product_id not in known:
                yield _stray(order.file, order.row, "product_id", line.product_id)
                continue
            variants = known[line.product_id]
            if line.variant_id and variants is not None and line.variant_id not in variants:
                yield _stray(order.file, order.row, "variant_id", line.variant_id)


def _stray_faq(entries: Sequence[Entry], known: Container[str]) -> Iterator[Problem]:
    for entry in entries:
        if entry.product_id and entry.product_id not in known:
            yield _stray(entry.source, None, "product_id", entry.product_id)


def _learned_units(shop: Shop, units: Mapping[str, ColumnUnit]) -> Iterator[Problem]:
    """A note for each column of bare numbers whose unit was guessed, and from what."""
    file = ", ".join(shop.name_of(path) for path in shop.products)
    for name, learned in sorted(units.items(), key=lambda item: -item[1].shown):
        value = f"{name}: {learned.unit}"
        if not learned.tested:
            message = "bare numbers are taken to be in the unit that ends the column's name"
        elif learned.by_value is not None:
            message = "bare numbers are of two units; each is taken as titles and descriptions show it, others for none"
        else:
            message = "bare numbers are taken to be in the unit that titles and descriptions show them with"
        if learned.tested:
            value = f"{value} ({learned.shown:,} of {learned.tested:,} products that name such a measure)"
        yield Problem(file, None, None, value, message, "write the unit beside the number where this is wrong", "note")


# --- the report ---


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values; `problems` are in the order they were met in, a thousand of a kind."""
    info = report.shop.info
    return {
        "shop": str(report.shop.folder),
        "name": info.name,
        "language": info.language,
        "currency": info.currency,
        **report.counts,
        "known": dict(report.coverage),
        "columns": {file: dict(reading) for file, reading in report.columns.items()},
        "problems": [asdict(problem) for problem in report.problems],
        "problems_left_out": report.problems.n_left_out,
        "status": report.status,
    }


def render(report: Report, shown: int | None = SHOWN) -> Iterator[str]:
    """The report as lines: a summary, the columns, the problems with the worst first, `shown` of each kind."""
    info, counts = report.shop.info, report.counts
    yield f"{info.name} ({report.shop.folder}), language {info.language}, currency {info.currency or 'unknown'}"
    refused = f", {counts['refused']:,} refused" if counts["refused"] else ""
    variants = f" with {counts['variants']:,} variants" if counts["variants"] else ""
    yield f"  products   {counts['products']:,}{variants}, from {counts['rows']:,} rows{refused}"
    if counts["products"]:
        yield "  known      " + ", ".join(f"{name} of {n:,}" for name, n in report.coverage.items() if n)
    yield f"  FAQ        {counts['faq']:,} questions;  policies {counts['passages']:,} passages"
    others = [f"{counts[kind]:,} {kind}" for kind in ("orders", "reviews", "prices", "events") if counts[kind]]
    if others:
        yield f"  and        {', '.join(others)}"
    for file, reading in report.columns.items():
        yield f"\n{file} was read as"
        width = min(32, max((len(header) for header in reading), default=0))
        used = [(h, r) for h, r in reading.items() if not r.startswith("not used")]
        for header, role in used if shown else reading.items():
            yield f"  {header:<{width}}  {role}"
        unused = [header for header, role in reading.items() if role.startswith("not used")]
        if unused and shown:
            yield f"  not used: {', '.join(unused[:12])}{' …' if len(unused) > 12 else ''}"
    for severity in _SEVERITIES:
        found = [problem for problem in report.problems if problem.severity == severity]
        if severity == "note" and shown:  # what columns were read as stands above
            found = [p for p in found if not re.match(r"read as (?!a )|not used", p.message)]
        if found:
            n_found = sum(map(report.problems.of_kind, {kind_of(problem) for problem in found}))
            yield f"\n{_TITLES[severity]} ({n_found:,})"
            yield from _groups(found, report.problems, shown)
    if not any(problem.severity != "note" for problem in report.problems):
        yield "\nno problems found"


def _groups(found: Sequence[Problem], problems: Problems, shown: int | None) -> Iterator[str]:
    """Problems of one kind below each other: file, what is wrong, what to do, then the rows."""
    groups: dict[Kind, list[Problem]] = {}
    for problem in found:
        groups.setdefault(kind_of(problem), []).append(problem)
    for kind, members in groups.items():
        file, column, _ = kind
        first = members[0]
        where = f"{file}, {column}" if column else file
        yield f"  {where}: {_printable(first.message)} → {_printable(first.remedy)}"
        for problem in members[:shown]:
            row = f"row {problem.row}" if problem.row is not None else ""
            value = f"{_printable(problem.value)!r}" if problem.value is not None else ""
            if row or value:
                yield f"      {'  '.join(part for part in (row, value) if part)}"
        if n_more := problems.of_kind(kind) - len(members[:shown]):
            yield f"      and {n_more:,} more"


def _printable(text: str) -> str:
    """A text that cannot steer a terminal."""
    return "".join(c if c.isprintable() else "·" for c in text)
