"""An index with some entries changed, without building it anew.

In: an index, and what some of its entries became. Out: another index that finds exactly these; the one given stays as
it was, and both share what no change touched. Prices, stocks and ratings are set in place. Any other product takes a
new row, and its old one is dead: scored with the word statistics of the last full build, which is good while such rows
are few (`live` builds anew before they are many). Questions and answers are few: theirs is a full build.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.errors import VectorStoreError
from knowledge_base.index import (
    PRODUCT_WEIGHTS,
    Corpus,
    Encode,
    Index,
    encoder,
    passage_corpus,
    product_fields,
    product_text,
)
from knowledge_base.lexical import Mask
from knowledge_base.records import Records
from knowledge_base.types import Entry, Product
from knowledge_base.vectors import VectorIndex


def with_changes(index: Index, changes: Mapping[str, Entry | None], cache: Path | None = None) -> Index:
    """`index` where the entry of each of these ids is the one given, or is gone (None: also if there was none).

    `cache` keeps the vectors of new texts. Raises `EmbedderError` where the embedder cannot be loaded.
    """
    places, encode = index.catalogue.places, encoder(index.embedder, cache)
    passages = {entry.id: entry for entry in index.passages.entries}
    gone: list[int] = []
    added: list[Entry] = []
    figures: dict[int, Entry] = {}
    documents: dict[str, Entry | None] = {}
    for entry_id, entry in changes.items():
        row = places.get(entry_id)
        old = passages.get(entry_id) if row is None else index.catalogue.entries[row]
        if entry == old:
            continue
        if not entry_id.startswith("product:"):
            documents[entry_id] = entry
        elif row is not None and old is not None and entry is not None and _only_figures(old, entry):
            figures[row] = entry
        else:
            gone += [] if row is None else [row]
            added += [] if entry is None else [entry]
    if figures:
        index = _with_figures(index, figures)
    if gone or added:
        index = _with_products(index, gone, added, encode)
    if documents:
        kept = [entry for entry in (passages | documents).values() if entry is not None]
        index = replace(index, passages=passage_corpus(kept, index.embedder, encode))
    return index


def _only_figures(old: Entry, new: Entry) -> bool:
    """Whether nothing differs that is searched for, but prices, stocks, ratings and pictures."""
    return old.product is not None and new.product is not None and _bare(old.product) == _bare(new.product)


def _bare(product: Product) -> Product:
    """A product without its figures."""
    variants = tuple(
        replace(variant, price=None, list_price=None, stock=None, in_stock=None, image=None)
        for variant in product.variants
    )
    product = replace(product, price=None, list_price=None, stock=None, in_stock=None, image=None, variants=variants)
    return replace(product, rating=None, review_count=None, added_on=None, url=None)


def _with_figures(index: Index, changed: Mapping[int, Entry]) -> Index:
    products = {row: entry.product for row, entry in changed.items() if entry.product is not None}
    catalogue = replace(index.catalogue, entries=_records(index).changed(changed))
    return replace(index, catalogue=catalogue, facets=index.facets.with_figures(products))


def _records(index: Index) -> Records:
    assert isinstance(index.catalogue.entries, Records)
    return index.catalogue.entries


def _with_products(index: Index, gone: Sequence[int], added: Sequence[Entry], encode: Encode) -> Index:
    corpus = index.catalogue
    products = [entry.product for entry in added if entry.product is not None]
    alive: Mask = np.ones(len(corpus.entries) + len(products), dtype=bool)
    if corpus.alive is not None:
        alive[: len(corpus.alive)] = corpus.alive
    alive[list(gone)] = False
    removed = {row: product for row in gone if (product := corpus.entries[row].product) is not None}
    assert corpus.rows is not None
    rows = {entry.id: row for row, entry in enumerate(added, len(corpus.entries))}
    return replace(
        index,
        catalogue=Corpus(
            _records(index).changed({}, added),
            corpus.lexical.changed(alive, [product_fields(product) for product in products], PRODUCT_WEIGHTS),
            _vectors(corpus, gone, products, alive, index.embedder, encode),
            corpus.rows.changed(rows, alive),
            corpus.picture_names,
            alive=alive,
        ),
        facets=index.facets.changed(removed, products),
        types=index.types.changed(alive, products),
        profiles=index.profiles.extended(products),
    )


def _vectors(
    corpus: Corpus,
    gone: Sequence[int],
    products: Sequence[Product],
    alive: Mask,
    embedder: Embedder | None,
    encode: Encode,
) -> VectorIndex | None:
    """The corpus's vectors with those of `products`; a text that a removed row had is not embedded again."""
    if embedder is None:
        return None
    known: dict[str, int] = {}
    if corpus.vectors is not None:
        known = {product_text(product): row for row in gone if (product := corpus.entries[row].product) is not None}
    found: dict[str, np.ndarray] = {}
    for text in {product_text(product) for product in products}:
        if text in known and corpus.vectors is not None:
            with contextlib.suppress(VectorStoreError):  # then it is embedded again
                if len(old := corpus.vectors.of_row(known[text])):
                    found[text] = old[0]
    texts = {product_text(product) for product in products} - found.keys()
    fresh = sorted(text for text in texts if text.strip() and embedder.known_share(text) >= KNOWN_SHARE)
    if fresh:
        found |= dict(zip(fresh, encode(fresh), strict=True))
    pairs = [
        (row, found[text]) for row, p in enumerate(products, len(corpus.entries)) if (text := product_text(p)) in found
    ]
    rows = np.array([row for row, _ in pairs], dtype=np.int64)
    vectors = np.array([vector for _, vector in pairs], dtype=np.float32).reshape(len(pairs), embedder.dimension)
    if corpus.vectors is not None:
        return corpus.vectors.changed(alive, vectors, rows)
    return VectorIndex.build(vectors, rows, len(alive)) if pairs else None
