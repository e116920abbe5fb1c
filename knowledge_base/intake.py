"""Products on their way from a shop's files into its index: each with its record and what it is told apart by.

In: an opened shop. Out: its products one after the other, and then what was wrong with them. Where the files are large
all of this is done by another process, while this one builds the index. It builds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from knowledge_base.beside import beside
from knowledge_base.catalog import CatalogReading
from knowledge_base.entry_json import entry_to_line, product_entry
from knowledge_base.imported import digest_of
from knowledge_base.shop import Shop
from knowledge_base.types import Product

_LARGE = 20_000_000  # bytes of product files that take longer to read than a process to start


class Taken(NamedTuple):
    """A product, the line of its record, and the digest that tells it apart."""

    product: Product
    line: bytes
    digest: bytes


class Intake:
    """The products of a shop's files. `reading` is complete when all of them were taken; `is_large` says that the
    files are worth a process of their own."""

    def __init__(self, shop: Shop, progress: bool) -> None:
        self._shop, self._progress = shop, progress
        self.reading = CatalogReading(shop)
        self.is_large = sum(path.stat().st_size for path in shop.products if path.is_file()) > _LARGE

    def __iter__(self) -> Iterator[Taken]:
        arguments = self._shop, self._progress
        for item in beside(_taken, *arguments) if self.is_large else _taken(*arguments):
            if isinstance(item, CatalogReading):
                self.reading = item
            else:
                yield item


def _taken(shop: Shop, progress: bool) -> Iterator[Taken | CatalogReading]:
    reading = CatalogReading(shop, progress)
    for product in reading:
        entry = product_entry(product)
        yield Taken(product, entry_to_line(entry), digest_of(entry))
    yield reading
