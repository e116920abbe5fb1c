"""Product exports to `Product`s, with a row-numbered problem for everything refused, repaired or guessed.

In: an opened shop. Out: its products in the export's order, and the problems. The stages are `tables` (rows),
`profile` and `columns` (what each column is), `grouping` or `feeds` (which rows are one product), `products` (cells to
values). It knows no index and no conversation.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rapidfuzz import process

from knowledge_base.errors import ShopError
from knowledge_base.importing.columns import Columns, recognise
from knowledge_base.importing.conventions import convention_notes, conventions_of, note
from knowledge_base.importing.drafts import Draft
from knowledge_base.importing.feeds import FeedKind, feed_drafts, feed_kind, feed_reading
from knowledge_base.importing.grouping import drafts_of
from knowledge_base.importing.products import Conventions, product_of
from knowledge_base.importing.profile import Profile, profile
from knowledge_base.importing.rows import Row
from knowledge_base.importing.tables import read_rows
from knowledge_base.problems import Problems
from knowledge_base.progress import progress_bar
from knowledge_base.shop import Shop
from knowledge_base.types import Problem, Product


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the product exports of a shop come to. `readings` says for each file what each column was read as.

    `rows` counts the data rows of all files, `refused` those of them that gave no product.
    """

    products: tuple[Product, ...] = ()
    problems: tuple[Problem, ...] = ()
    readings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: int = 0
    refused: int = 0


def read_products(shop: Shop) -> tuple[tuple[Product, ...], tuple[Problem, ...]]:
    """Every product of the shop, in the export's order, and what was wrong or guessed.

    Raises:
        ShopError: there is not one product; the message says why.
    """
    catalog = read_catalog(shop)
    if not catalog.products:
        raise no_products(shop, catalog.problems)
    return catalog.products, catalog.problems


def no_products(shop: Shop, problems: Iterable[Problem]) -> ShopError:
    """The error of a shop without one product: why there is none."""
    first = next((p for p in problems if p.severity == "error"), None)
    why = f"{first.file}: {first.message}; {first.remedy}" if first else "the file has no rows"
    return ShopError(f"no product could be read from {shop.folder}: {why}")


def read_catalog(shop: Shop) -> Catalog:
    """As `read_products`, with what `check` tells beside it; it never raises for what the files hold."""
    reading = CatalogReading(shop)
    products = tuple(reading)
    return Catalog(products, tuple(reading.problems), reading.readings, reading.rows, reading.refused)


class CatalogReading:
    """One pass over the product exports of a shop: its products one after the other, none of which is kept.

    The rest grows on the way and is complete when all products were taken: `problems`, and what `Catalog` has.
    """

    def __init__(self, shop: Shop, progress: bool = False) -> None:
        self._shop, self._progress = shop, progress
        self.problems = Problems()
        self.readings: dict[str, Mapping[str, str]] = {}
        self.rows = self.refused = self.n_products = 0

    def __iter__(self) -> Iterator[Product]:
        taken: set[str] = set()
        for path in self._shop.products:
            name = self._shop.name_of(path)
            plan = _plan(path, name, self._shop, self._progress)
            self.readings[name] = plan.reading
            self.rows += plan.rows
            self.refused += plan.problems.refused_rows
            self.problems.merge(plan.problems)
            found = progress_bar(
                _products(path, name, plan), f"importing {name}", "product", plan.rows, shown=self._progress
            )
            for row, product, problems in found:
                self.problems.extend(problems)
                if product is None:
                    self.refused += any(p.severity == "error" for p in problems)
                    continue
                if product.id in taken:
                    if not plan.generated_ids:
                        self.refused += 1
                        message = f"the id {product.id} was there before; the first is kept"
                        remedy = "give each product an id of its own"
                        self.problems.add(Problem(name, row, "id", product.id, message, remedy))
                        continue
                    product = replace(product, id=_free_id(product.id, taken))
                taken.add(product.id)
                self.n_products += 1
                yield product


def _free_id(wanted: str, taken: Container[str]) -> str:
    count = 2
    while f"{wanted}-{count}" in taken:
        count += 1
    return f"{wanted}-{count}"


# --- one file: how to read it ---


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one file is read, decided after a first pass over all of it."""

    columns: Columns
    feed: FeedKind | None
    conventions: Conventions
    reading: Mapping[str, str]
    problems: Problems
    rows: int
    generated_ids: bool


def _plan(path: Path, name: str, shop: Shop, progress: bool = False) -> _Plan:
    problems = Problems()
    count = 0

    def rows() -> Iterator[Row]:
        nonlocal count
        for found in read_rows(path, name):
            if isinstance(found, Row):
                count += 1
                yield found
            else:
                problems.add(found)

    profiles = profile(progress_bar(rows(), f"looking through {name}", "row", shown=progress))
    refused = problems.refused_rows
    kind = feed_kind(profiles)
    columns = recognise(profiles, shop.info.columns, count)
    conventions = conventions_of(profiles, columns, kind, name, shop.info.currency)
    reading = feed_reading(kind, profiles) if kind else columns.reading()
    if count:
        problems.extend(_feed_notes(kind, name) if kind else _column_notes(columns, name, profiles))
        problems.extend(convention_notes(conventions, profiles, columns, kind, name))
    elif not problems:
        problems.add(Problem(name, None, None, None, "the file has a header but no rows", "export it again", "error"))
    generated = kind is None and "id" not in columns.roles and "group" not in columns.roles
    return _Plan(columns, kind, conventions, reading, problems, count + refused, generated)


# --- one file: what was guessed ---


def _feed_notes(kind: FeedKind, name: str) -> list[Problem]:
    product = "Shopify" if kind == "shopify" else "WooCommerce"
    return [note(name, None, f"read as a {product} product export", "rename a column if it is not one")]


def _column_notes(columns: Columns, name: str, profiles: Mapping[str, Profile]) -> list[Problem]:
    remedy = "name the right column under [products.columns] in shop.toml if this is wrong"
    notes = []
    for role, header in columns.missing:
        best = process.extractOne(header, list(profiles), score_cutoff=50)
        hint = f"did you mean {best[0]!r}?" if best else f"its columns are {', '.join(list(profiles)[:20])}"
        message = f"shop.toml reads {role} from {header!r}, which this file does not have"
        notes.append(note(name, header, message, hint, "warning"))
    reading = columns.reading()
    for header in profiles:
        if header in columns.guessed:
            notes.append(note(name, header, f"read as {reading[header]}", remedy))
        elif header in columns.unused and profiles[header].filled:
            notes.append(note(name, header, reading[header], remedy))
        elif header in columns.attributes:
            notes.append(note(name, header, f"read as {reading[header]}", remedy))
    if "title" not in columns.roles:
        message = f"no column looks like the title; its columns are {', '.join(list(profiles)[:20])}"
        notes.append(note(name, None, message, 'say which it is: [products.columns] title = "…" in shop.toml', "error"))
    if "id" not in columns.roles and "group" not in columns.roles:
        notes.append(note(name, None, "no column looks like an id; ids are made from the titles", "add an id column"))
    return notes


# --- one file: its products ---


def _products(path: Path, name: str, plan: _Plan) -> Iterator[tuple[int, Product | None, list[Problem]]]:
    """(row, product or None, problems) of every product of a file, in its order."""
    if not plan.feed and "title" not in plan.columns.roles:
        return
    rows = (found for found in read_rows(path, name) if isinstance(found, Row))
    drafts: Iterable[Draft | Problem] = (
        feed_drafts(plan.feed, rows, name) if plan.feed else drafts_of(rows, plan.columns)
    )
    for draft in drafts:
        if isinstance(draft, Problem):
            yield draft.row or 0, None, [draft]
        else:
            product, problems = product_of(draft, plan.conventions, plan.generated_ids)
            yield draft.row, product, problems
