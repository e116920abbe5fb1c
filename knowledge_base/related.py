"""What stands beside a product: similar ones, cheaper alternatives, what fits it, what goes with it.

In: an index, a product, maybe what is wanted for it ("keyboards"). Out: hits, best first. All four look-ups use the
index as it is: what products are (`kinds`), what their texts share, and how near they are in meaning. It knows no
baskets and no shoppers, and promises no fit that the texts do not hint at.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from knowledge_base.errors import VectorStoreError
from knowledge_base.index import Index
from knowledge_base.kinds import called, kind_scores
from knowledge_base.lexical import Mask, Rows, Scores, top_rows
from knowledge_base.text import fold, noun, stem, words
from knowledge_base.types import Hit, Product

_CANDIDATES = 400
_DENSE, _KIND = 1.0, 0.6  # beside a lexical score of at most 1
_LIKE = 0.5  # kind score from which on a product is of the kind
_CODE = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z\d]+|[a-z]*\d{3,}[a-z\d]*")  # "am5", "wrx80e", "ddr5", "4070"
_MADE_FOR = re.compile(r"\b(?:for|fits?|compatible|suitable|replac\w+|works with)\b|适用|兼容|专用|适配|通用", re.I)
_SAYS_FITS = 0.3
_PURPOSE_CHARS = 60  # after "for" or "compatible with" in which what it is made for is named
_RARE, _MIN_RARE = 0.02, 3  # share and number of products that have a code that still tells one fit from another
_CODE_WEIGHT = np.float32(2)
_MIN_CODE_CHARS = 4
_LINK = re.compile(r"\S*/([^/\s?#]*[^/\s?#\d][^/\s?#]*)/?(?:[?#]\S*)?(?=[\s.,;)]|$)")
_MIN_LINK_WORDS = 3


def similar(index: Index, product_id: str, k: int = 10) -> tuple[Hit, ...]:
    """Products of the same kind, the likest first; () for an unknown id."""
    return _hits(index, _alike(index, product_id), k)


def cheaper(index: Index, product_id: str, k: int = 10) -> tuple[Hit, ...]:
    """Similar products that cost less, the likest first; () where the price is not known."""
    price = _price(index.products.get(product_id))
    if price is None:
        return ()
    scores = _alike(index, product_id)
    for row in np.flatnonzero(scores).tolist():
        other = _price(index.catalogue.entries[row].product)
        if other is None or other >= price:
            scores[row] = 0
    return _hits(index, scores, k)


def compatible(index: Index, product_id: str, k: int = 10, wanted: str = "") -> tuple[Hit, ...]:
    """Products of other kinds that share its models, sockets and standards, or say that they are made for it.

    `wanted` names the kind ("CPUs"): then all products of that kind, those that share the most first.
    """
    product = index.products.get(product_id)
    if product is None:
        return ()
    fit, sharing = _fit(index, product)
    if wanted:
        rows = called(index, wanted)
        mask = np.zeros(len(fit), dtype=bool)
        mask[rows if len(rows) else index.catalogue.lexical.match(wanted).top(_CANDIDATES)] = True
        scores = np.where(mask, fit + np.float32(1e-3), np.float32(0))
    else:
        scores = np.where(sharing, fit, np.float32(0))
        scores[_of_same_kind(index, product)] = 0
    scores[index.product_rows[product_id]] = 0
    return _hits(index, scores, k)


def goes_with(index: Index, product_id: str, k: int = 10) -> tuple[Hit, ...]:
    """What is made for such a product or fits it, one product of every kind."""
    product = index.products.get(product_id)
    if product is None:
        return ()
    kept: dict[str, Hit] = {}
    for hit in compatible(index, product_id, _CANDIDATES):
        kind = index.types.name_of(index.product_rows[hit.entry.product_id or ""])
        if kind and _made_for(hit, product, index.types.name_of(index.product_rows[product_id])):
            kept.setdefault(kind, replace(hit, rank=len(kept) + 1))
    return tuple(kept.values())[:k]


LOOKUPS: Mapping[str, Callable[[Index, str, int], tuple[Hit, ...]]] = {
    "similar": similar,
    "cheaper": cheaper,
    "compatible": compatible,
    "goes-with": goes_with,
}


def linked_product(index: Index, text: str) -> tuple[str, str] | None:
    """The id of the product whose page a text links to, and the text without the link; None where there is none.

    A page's address ends in the words of its title.
    """
    for match in _LINK.finditer(text):
        said = [stem(word) for word, _, _ in words(fold(match.group(1)))]
        if len(said) < _MIN_LINK_WORDS:
            continue
        ranked = index.catalogue.lexical.match(" ".join(said))
        best = ranked.top(1)
        if len(best) and ranked.coverage[best[0]] > 2 / 3:
            product = index.catalogue.entries[int(best[0])].product
            if product is not None:
                return product.id, f"{text[: match.start()]} {text[match.end() :]}"
    return None


def _alike(index: Index, product_id: str) -> Scores:
    """How like a product all others of its kind are, (n,); 0 for itself and what is of another kind."""
    n = len(index.catalogue.entries)
    product = index.products.get(product_id)
    if product is None:
        return np.zeros(n, dtype=np.float32)
    own = index.product_rows[product_id]
    lexical = index.catalogue.lexical.match(product.title).scores
    scores = lexical / max(float(lexical.max(initial=0.0)), 1e-9)
    rows = np.union1d(top_rows(scores, _CANDIDATES), _of_same_kind(index, product))
    scores = scores + _cosines(index, own, rows) * np.float32(_DENSE)
    kept = np.zeros(n, dtype=np.float32)
    same = np.isin(rows, _of_same_kind(index, product))
    likeness = index.profiles.likeness(np.array([own]), rows)
    kept[rows] = scores[rows] + np.float32(_KIND) * np.where(np.isnan(likeness), same, likeness > 0)
    kept[rows[~same]] *= np.float32(0.5)
    kept[own] = 0
    return kept


def _cosines(index: Index, row: int, rows: Rows) -> Scores:
    found = np.zeros(len(index.catalogue.entries), dtype=np.float32)
    vectors = index.catalogue.vectors
    if vectors is not None:
        with contextlib.suppress(VectorStoreError):  # words and kinds alone, then; the store says so once
            if len(own := vectors.of_row(row)):
                found[rows] = np.maximum(vectors.cosines(own[0], rows), 0)
    return found


def _fit(index: Index, product: Product) -> tuple[Scores, Mask]:
    """How many of a product's telling words others share, most of all its models and standards: (n,), 0..1 and more.

    And which of them share a rare one of these, or say that they are made for it or its kind.
    """
    lexical = index.catalogue.lexical
    said = {word for word, _, _ in words(fold(" ".join([product.title, *product.attributes.values()])))}
    # A socket is "sWRX8" on one side and "WRX8" on the other, a chipset of it "WRX80".
    codes = sorted({part for word in said if _CODE.fullmatch(word) for part in _within(word) if lexical.knows(part)})
    scores = lexical.match(product.title).scores
    sharing = np.zeros(len(scores), dtype=bool)
    if codes:
        scores = scores + _CODE_WEIGHT * lexical.match(" ".join(codes)).scores
    for code in codes:
        having = lexical.match(code).scores > 0
        if np.count_nonzero(having) <= max(_RARE * len(having), _MIN_RARE):
            sharing |= having
    scores = scores / max(float(scores.max(initial=0.0)), 1e-9)
    kind = index.types.name_of(index.product_rows[product.id])
    for hit in _hits(index, scores, _CANDIDATES):
        if _made_for(hit, product, kind):
            row = index.product_rows[hit.entry.product_id or ""]
            scores[row] += np.float32(_SAYS_FITS)
            sharing[row] = True
    return scores.astype(np.float32), sharing


def _made_for(hit: Hit, product: Product, kind: str) -> bool:
    """Whether a product says that it is made for things of that kind or brand."""
    wanted = {noun(word) for word in (kind, *fold(product.brand or "").split()) if word}
    text = f"{hit.entry.title}\n{hit.entry.text}"
    return any(
        wanted & {noun(word) for word, _, _ in words(fold(text[match.end() : match.end() + _PURPOSE_CHARS]))}
        for match in _MADE_FOR.finditer(text)
    )


def _within(code: str) -> set[str]:
    """A code, and all shorter ones within it that still have letters and a figure."""
    shorter = (code[i:j] for i in range(len(code)) for j in range(i + _MIN_CODE_CHARS, len(code) + 1))
    return {code, *(part for part in shorter if any(map(str.isdigit, part)) and any(map(str.isalpha, part)))}


def _of_same_kind(index: Index, product: Product) -> Rows:
    kind = index.types.name_of(index.product_rows[product.id])
    if not kind:
        return np.array([index.product_rows[product.id]], dtype=np.int64)
    rows = called(index, kind)
    return rows[kind_scores(index, kind, rows) >= _LIKE] if len(rows) else rows


def _price(product: Product | None) -> Decimal | None:
    return product.price_range[0] if product is not None and product.price_range is not None else None


def _hits(index: Index, scores: Scores, k: int) -> tuple[Hit, ...]:
    entries = index.catalogue.entries
    return tuple(
        Hit(entries[row], float(scores[row]), rank, "fused") for rank, row in enumerate(top_rows(scores, k).tolist(), 1)
    )
