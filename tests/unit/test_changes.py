"""An index with changes finds, filters, sorts and counts as one that is built anew from the same entries."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base.catalog import read_products
from knowledge_base.changes import with_changes
from knowledge_base.documents import read_documents
from knowledge_base.embedding import Embedder
from knowledge_base.entry_json import product_entry
from knowledge_base.index import Index, build_index, load, save
from knowledge_base.retrieval import retrieve, select
from knowledge_base.shop import Shop, open_shop
from knowledge_base.types import Condition, Entry, Filters, Product, Sort, Variant
from tests.embedders import WordEmbedder
from tests.shops import write_shop

BRANDS = ("Larch", "Fernway", "Cairn", None)
COLORS = ("navy", "sky blue", "red", "moss", "blue")
NOUNS = ("Tent", "Jacket", "Mug", "Head Lamp", "Headlamp", "帐篷", "雨衣")
FILTERS = (
    Filters(),
    Filters(price_max=Decimal(60)),
    Filters(price_min=Decimal(20), in_stock=True),
    Filters(in_stock=False),
    Filters(rating_min=Decimal("4.0")),
    Filters(conditions=(Condition(("brand",), ("Larch",)),)),
    Filters(conditions=(Condition(("brand",), ("Larch",), negated=True),)),
    Filters(conditions=(Condition(("category",), ("Gear",)), Condition(("color",), ("red", "navy")))),
    Filters(conditions=(Condition(("title",), ("tent",)),)),
    Filters(conditions=(Condition(("title",), ("帐篷",)),)),
    Filters(conditions=(Condition(("weight",), minimum=Decimal(1), maximum=Decimal(3), unit="kg"),)),
    Filters(conditions=(Condition(("waterproof",), ("yes",)),)),
    Filters(product_ids=("p1", "p2", "p3", "never")),
)
SORTS: tuple[Sort, ...] = ("price_asc", "price_desc", "rating")


def any_product(name: str, chance: random.Random) -> Product:
    def price() -> Decimal | None:
        return chance.choice([None, Decimal(chance.randrange(5, 200)), Decimal(chance.randrange(500, 9900)) / 100])

    noun, color = chance.choice(NOUNS), chance.choice(COLORS)
    attributes = {
        "color": color,
        "weight": f"{chance.randrange(1, 60) / 10} kg",
        "waterproof": chance.choice(["yes", "no"]),
    }
    if chance.random() < 0.3:
        attributes[chance.choice(["fabric", "origin", "note"])] = chance.choice(["wool", "Peru, Chile", "12 oz"])
    brand, sold = chance.choice(BRANDS), chance.choice([True, False, None])
    variants: tuple[Variant, ...] = ()
    if chance.random() < 0.3:
        del attributes["color"]
        variants = tuple(
            Variant(
                f"{name}-{i}", {"color": shade, "size": "SML"[i]}, price(), in_stock=chance.choice([True, False, None])
            )
            for i, shade in enumerate(chance.sample(COLORS, 3))
        )
    return Product(
        name, f"{brand or 'Plain'} {chance.choice(['Light', 'Storm', 'Solo'])} {noun}", "For rain and wind.", brand,
        chance.choice([("Gear", noun), ("Wear",), ()]), price(), None, "USD", None, sold,
        chance.choice([None, Decimal("4.5"), Decimal("3.9")]), attributes=attributes, variants=variants,
    )  # fmt: skip


def any_change(index: Index, chance: random.Random) -> dict[str, Entry | None]:
    """What one call of `upsert` or `delete` may bring."""
    ids = list(index.products)
    roll = chance.random()
    if roll < 0.25 and ids:
        product = index.products[chance.choice(ids)]
        return {
            f"product:{product.id}": product_entry(
                replace(product, price=Decimal(chance.randrange(5, 99)), in_stock=True)
            )
        }
    if roll < 0.45:
        return {f"product:{name}": None for name in chance.sample([*ids, "never"], min(2, len(ids) + 1))}
    if roll < 0.55:
        n = chance.randrange(3)
        return {
            f"faq:q{n}": chance.choice(
                [None, Entry(f"faq:q{n}", "faq", f"Do you ship to land {n}?", "We do.", "", "en")]
            )
        }
    names = [chance.choice([*ids, f"p{chance.randrange(60)}"]) for _ in range(chance.randrange(1, 4))]
    return {f"product:{name}": product_entry(any_product(name, chance)) for name in names}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_shop(tmp_path_factory.mktemp("shops") / "small"))


@pytest.fixture
def build(shop: Shop) -> Callable[[Mapping[str, Entry], Embedder | None], Index]:
    def built(entries: Mapping[str, Entry], embedder: Embedder | None) -> Index:
        products = [entry.product for entry in entries.values() if entry.product is not None]
        documents = [entry for entry in entries.values() if entry.product is None]
        return build_index(shop, products, documents, embedder)

    return built


def ids(index: Index, filters: Filters, sort: Sort = "relevance") -> list[str]:
    return [hit.entry.id for hit in select(index, filters, sort).hits]


def prices(index: Index, filters: Filters, sort: Sort) -> list[Any]:
    """What the products are sorted by, in their order."""
    if sort == "rating":
        return [hit.entry.product.rating for hit in select(index, filters, sort).hits if hit.entry.product]
    best = min if sort == "price_asc" else max
    found = []
    for hit in select(index, filters, sort).hits:
        assert hit.entry.product is not None
        met = [sku.price for sku in hit.entry.product.skus if sku.id in hit.variant_ids or not hit.variant_ids]
        found.append(best((price for price in met if price is not None), default=None))
    return found


def meant(index: Index, text: str) -> dict[str, float]:
    """The cosine of every product that has a vector."""
    vectors, embedder = index.catalogue.vectors, index.embedder
    assert vectors is not None and embedder is not None
    rows, cosines = vectors.search(embedder.encode_query(text), len(index.catalogue.entries))
    assert np.allclose(vectors.cosines(embedder.encode_query(text), rows), cosines, atol=1e-6)
    return {index.catalogue.entries[row].id: round(float(c), 4) for row, c in zip(rows, cosines, strict=True)}


def said(index: Index, text: str) -> set[str]:
    """The products that have any of the words."""
    scores = index.catalogue.lexical.match(text).scores
    return {index.catalogue.entries[row].id for row in np.flatnonzero(scores > 0)}


def vocabulary(index: Index) -> dict[str, Any]:
    known = index.facets.vocabulary
    words = (
        "larch",
        "cairn",
        "navy",
        "sky",
        "blue",
        "red",
        "moss",
        "tent",
        "mug",
        "headlamp",
        "fabric",
        "peru",
        "origin",
    )
    return {
        "names": {
            key: (n.n_products, n.n_values, n.boolean, n.numeric, n.unit)
            for key, n in known.names.items()
        },
        "values": {(v.name, v.value, v.n_products) for name in known.names for v in known.values_of(name)},
        "looked up": {(w, v.name, v.value, v.n_products) for w in words for v in known.values(w)},
        "generic": known.generic,
        "knows": {w: known.knows(w) for w in words},
        "titles": dict(known.title_counts),
        "chinese": (known.chinese_names, {w for w in ("帐篷", "雨衣", "红") if known.is_chinese_value(w)}),
        "n": known.n_products,
    }  # fmt: skip


def named(index: Index, text: str) -> list[tuple[int, int, set[str], bool]]:
    return [
        (m.start, m.end, {index.catalogue.entries[row].id for row in m.rows}, m.whole)
        for m in index.facets.titles.mentions(text)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_it_is_as_if_built_anew(
    shop: Shop, build: Callable[[Mapping[str, Entry], Embedder | None], Index], seed: int
) -> None:
    chance = random.Random(seed)
    entries = {f"product:p{n}": product_entry(any_product(f"p{n}", chance)) for n in range(30)}
    entries |= {entry.id: entry for entry in read_documents(shop)[0]}
    index = first = build(entries, WordEmbedder())
    before = {entry.id: entry for entry in first.entries}
    for step in range(25):
        changes = any_change(index, chance)
        index = with_changes(index, changes)
        entries = {i: e for i, e in (entries | changes).items() if e is not None}
        if step % 4 and step != 24:
            continue
        anew = build(entries, WordEmbedder())
        assert {e.id: e for e in index.entries} == entries
        assert dict(index.products) == {e.product.id: e.product for e in entries.values() if e.product}
        assert all(index.catalogue.entries[row].product_id == i for i, row in index.product_rows.items())
        assert index.facets.n_skus == anew.facets.n_skus
        for filters in FILTERS:
            assert set(ids(index, filters)) == set(ids(anew, filters)), filters
            assert select(index, filters).n_skus == select(anew, filters).n_skus
            for sort in SORTS:
                assert prices(index, filters, sort) == prices(anew, filters, sort)
        for filters in (Filters(), FILTERS[1]):
            assert {h.entry.id for h in retrieve(index, "rain", filters, 99)} == {
                h.entry.id for h in retrieve(anew, "rain", filters, 99)
            }
        assert vocabulary(index) == vocabulary(anew)
        for text in ("larch storm tent", "headlamp", "head lamp", "帐篷", "peru", "nothing like it"):
            assert said(index, text) == said(anew, text)
            assert named(index, f"is the {text} good?") == named(anew, f"is the {text} good?")
        alive = np.isin(np.arange(len(index.catalogue.entries)), list(index.product_rows.values()))
        for noun in NOUNS:
            assert set(index.facets.title_rows(noun)) <= set(np.flatnonzero(alive).tolist())
            assert not (index.types.mask(noun) & ~alive).any()
        assert meant(index, "storm tent for wind") == meant(anew, "storm tent for wind")
        assert {h.entry.id for h in retrieve(index, "do you ship to land 2?", kinds=("faq", "policy"))} == {
            h.entry.id for h in retrieve(anew, "do you ship to land 2?", kinds=("faq", "policy"))
        }
    assert {entry.id: entry for entry in first.entries} == before, "the index given was changed"
    assert set(ids(first, Filters())) == {i for i in before if i.startswith("product:")}


def test_prices_and_stock_are_changed_without_embedding_or_a_new_row(shop: Shop) -> None:
    embedder = WordEmbedder()
    index = build_index(shop, read_products(shop)[0], read_documents(shop)[0], embedder)
    encoded = embedder.encoded
    tent = index.products["tent-2"]
    cheaper = with_changes(index, {"product:tent-2": product_entry(replace(tent, price=Decimal(1), in_stock=False))})
    assert embedder.encoded == encoded
    assert cheaper.catalogue.vectors is index.catalogue.vectors and cheaper.catalogue.lexical is index.catalogue.lexical
    assert cheaper.product_rows == index.product_rows
    assert ids(cheaper, Filters(price_max=Decimal(2))) == ["product:tent-2"]
    assert ids(index, Filters(price_max=Decimal(2))) == []


def test_a_new_attribute_keeps_the_vector_of_the_text(shop: Shop) -> None:
    embedder = WordEmbedder()
    index = build_index(shop, read_products(shop)[0], read_documents(shop)[0], embedder)
    encoded = embedder.encoded
    tent = index.products["tent-2"]
    marked = replace(tent, attributes={**tent.attributes, "poles": "carbon"})
    changed = with_changes(index, {"product:tent-2": product_entry(marked)})
    assert embedder.encoded == encoded
    assert meant(changed, "light tent") == meant(index, "light tent")
    assert ids(changed, Filters(conditions=(Condition(("poles",), ("carbon",)),))) == ["product:tent-2"]


def test_a_changed_index_finds_the_kind_of_new_products_and_forgets_removed_ones(shop: Shop) -> None:
    index = build_index(shop, read_products(shop)[0], (), None)
    assert {index.catalogue.entries[row].product_id for row in index.types.named_by("tent")} >= {"tent-2", "tent-4"}
    new = Product("t9", "Birch 3 Tent", category=("Camping", "Tents"))
    changed = with_changes(index, {"product:t9": product_entry(new), "product:tent-2": None})
    found = {changed.catalogue.entries[row].product_id for row in changed.types.named_by("tent")}
    assert "t9" in found and "tent-2" not in found


def test_the_first_product_an_embedder_knows_gets_a_vector(shop: Shop) -> None:
    index = build_index(shop, [Product("a", "帐篷")], (), WordEmbedder())
    assert index.catalogue.vectors is None
    changed = with_changes(index, {"product:b": product_entry(Product("b", "Storm Tent"))})
    assert set(meant(changed, "storm tent")) == {"product:b"}


def test_the_merged_entries_can_be_kept_and_read_back(shop: Shop, tmp_path: Path) -> None:
    index = build_index(shop, read_products(shop)[0], read_documents(shop)[0], None)
    changed = with_changes(index, {"product:mug": None, "product:tent-2": product_entry(Product("tent-2", "Big Tent"))})
    products = tuple(changed.products.values())
    save(build_index(shop, products, changed.passages.entries, None), tmp_path)
    again = load(tmp_path, None)
    assert json.dumps(sorted(again.products)) == json.dumps(sorted(changed.products))
    assert ids(again, FILTERS[8]) and "product:mug" not in ids(again, Filters())
