"""From a query and filters to hits: the one way anything is found.

In: an index, a self-contained text, hard filters, a sort. Out: hits, best first, every one of which meets the filters.
Lexical and dense results are fused; filters hold inside both searches. It knows no conversation and parses no
constraints: `constraints` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge_base.constraints import Constraints, parse_constraints, settle_figures
from knowledge_base.index import Index
from knowledge_base.kinds import before_purpose, called
from knowledge_base.lexical import Mask, Rows, Scores, top_rows
from knowledge_base.model_numbers import as_written
from knowledge_base.query_expansion import query_words
from knowledge_base.ranking import Ranking, best_products, rank_passages, rank_products
from knowledge_base.related import compatible, linked_product, similar
from knowledge_base.reranking import CANDIDATES
from knowledge_base.text import has_cjk, stem
from knowledge_base.types import Condition, Entry, Filters, Hit, Kind, Sort, Stage

NO_FILTERS = Filters()
_INSTEAD = re.compile(
    r"\b(?:alternatives?|similar|substitutes?|instead|replacements?|like (?:this|it))\b|类似|替代|代替|同款|差不多",
    re.I,
)
_BEST = 3  # products for a text by which it is seen whether the categories in it are meant
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])")
_SEVERAL = 3  # products that make a word the name of a kind
_NEARLY = 0.7  # share of the best score that a row needs to be sorted too, where few have all of the words
_RELEVANT = 0.9  # share of the best row's query coverage that a row needs to count as "a tent" when tents are sorted


@dataclass(frozen=True, slots=True)
class Selection:
    """Records picked without a ranking. `hits` may be cut by a limit; `total` products and `n_skus` SKUs are all."""

    hits: tuple[Hit, ...]
    total: int
    n_skus: int


def retrieve(
    index: Index,
    text: str,
    filters: Filters = NO_FILTERS,
    k: int = 10,
    kinds: Sequence[Kind] = ("product",),
    sort: Sort = "relevance",
) -> tuple[Hit, ...]:
    """The `k` best entries of these kinds. Filters hold for products; of the rest only `product_ids` concerns them.

    With a sort other than relevance, products are sorted among all that fit the text, not among the best `k`. An
    empty text finds every product that meets the filters, and no passage.
    """
    products = _products(index, text, filters, k, sort) if "product" in kinds else []
    wanted = tuple(kind for kind in kinds if kind in ("faq", "policy"))
    if not wanted:
        return tuple(products)
    passages = passage_hits(index, rank_passages(index, text), filters, k, wanted)
    if not products:
        return tuple(passages)
    hits = sorted([*products, *passages], key=lambda hit: -hit.score)[:k]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, 1))


def select(
    index: Index, filters: Filters = NO_FILTERS, sort: Sort = "relevance", limit: int | None = None, text: str = ""
) -> Selection:
    """All products that meet the filters, and fit `text` where one is given; sort "relevance" is shop order."""
    rows = _rows_that_fit(index, text, filters)
    n_skus = index.facets.sku_count(filters, rows.tolist()) if filters or text else index.facets.n_skus
    ordered = rows.tolist() if sort == "relevance" else list(index.facets.order(rows.tolist(), filters, sort))
    hits = _hits(index, ordered[:limit], None, "selected", filters, sort)
    return Selection(tuple(hits), len(rows), n_skus)


def understood(index: Index, text: str) -> Constraints:
    """What a search text asks for, with the guesses taken back that the best products for its words do not bear out.

    A word may be the name of a category and play another part: "case with fans" asks for no fans. Where nothing was
    understood, no word is taken from the text.
    """
    text = as_written(_about_things(index, text), index.facets)
    constraints = parse_constraints(text, index.facets.vocabulary, index.info.currency)
    filters = _borne_out(index, text, constraints.filters)
    measured = _measured(index, text, constraints)
    meant = replace(filters, conditions=(*_met_by_titles(text, filters.conditions), *measured))
    if filters == constraints.filters and (filters or constraints.sort != "relevance"):
        return replace(constraints, filters=meant)
    if not filters and constraints.sort == "relevance":
        return replace(constraints, filters=meant, residual=text)
    return replace(constraints, filters=meant)


def _measured(index: Index, text: str, constraints: Constraints) -> tuple[Condition, ...]:
    """What the measures of a text ask of the kind of thing it names, where some product of that kind has it."""
    if not constraints.figures:
        return ()
    kind = np.zeros(index.facets.n_products, dtype=np.bool_)
    kind[called(index, text)] = True
    settled = settle_figures(constraints, index.facets, index.types, kind if kind.any() else None)
    asked = [c for c in (*settled.filters.conditions, *settled.wishes) if c not in constraints.wishes]
    asked = [c for c in asked if c not in constraints.filters.conditions]
    return tuple(c for c in asked if (_product_mask(index, Filters(conditions=(c,))) & (kind | ~kind.any())).any())


def _about_things(index: Index, text: str) -> str:
    """The sentences of a text that name a kind of thing the shop sells; all of it where none or one does not."""
    sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
    telling = [part for part in sentences if len(called(index, part)) >= _SEVERAL] if len(sentences) > 1 else []
    return " ".join(telling) or text


def _borne_out(index: Index, text: str, filters: Filters) -> Filters:
    """The filters without the categories that none of the best products for the text are in."""
    guessed = [c for c in filters.conditions if c.names == ("category",) and not c.negated]
    if not guessed:
        return filters
    sure = replace(filters, conditions=tuple(c for c in filters.conditions if c not in guessed))
    best = top_rows(rank_products(index, text, _product_mask(index, sure) if sure else None).scores, _BEST)
    kept = [c for c in guessed if _product_mask(index, Filters(conditions=(c,)))[best].all()]
    return replace(sure, conditions=tuple(c for c in filters.conditions if c in sure.conditions or c in kept))


def _met_by_titles(text: str, conditions: Sequence[Condition]) -> Iterator[Condition]:
    """The conditions, of which a category that is named beside the thing is met by a title with its words as well.

    Shops file the same things under different branches: not every "case from Antec" is in the category "Antec". What
    the thing itself is, its category says better than titles: a tent peg says "tent", too.
    """
    heads = {stem(word) for word in query_words(before_purpose(text))[-1:]}
    for condition in conditions:
        last = {stem(value.split()[-1].casefold()) for value in condition.values if value.strip()}
        beside = condition.names == ("category",) and not condition.negated and not last & heads and not has_cjk(text)
        yield replace(condition, names=("category", "title")) if beside else condition


def search(index: Index, text: str, constraints: Constraints, k: int = 10) -> tuple[Hit, ...]:
    """What `python -m knowledge_base search` shows: products under the constraints of the text, and passages.

    Passages come first only for a text that the products do not have and the passages do. A text that links to a
    product's page is about that product, or about what fits it or could take its place.
    """
    if (linked := linked_product(index, text)) is not None:
        return _about_linked(index, *linked, k)
    products = retrieve(index, constraints.residual, constraints.filters, k, ("product",), constraints.sort)
    if constraints.filters or constraints.sort != "relevance" or not index.passages.entries:
        return products
    passages = retrieve(index, text, k=k, kinds=("faq", "policy"))
    first, second = (products, passages) if _fits_products(index, text) else (passages, products)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate((first + second)[:k], 1))


def _about_linked(index: Index, product_id: str, beside: str, k: int) -> tuple[Hit, ...]:
    """What a text asks about the product it links to; `beside` is the text without the link."""
    product = index.products[product_id]
    own = index.product_rows[product_id]
    if _INSTEAD.search(beside):
        return similar(index, product_id, k)
    asked = called(index, beside)
    if len(asked) and own not in asked:
        return compatible(index, product_id, k, beside)
    same = retrieve(index, product.title, k=k)
    first = Hit(index.catalogue.entries[own], max((hit.score for hit in same), default=1.0), 1, "selected")
    others = [hit for hit in same if hit.entry.product_id != product_id]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate([first, *others][:k], 1))


def _fits_products(index: Index, text: str) -> bool:
    """Whether the best product has at least as much of the text as the best passage, word by word."""
    best = index.catalogue.lexical.match(text, other_names=has_cjk(text)).coverage.max(initial=0.0)
    return bool(best >= index.passages.lexical.match(text).coverage.max(initial=0.0))


def _products(index: Index, text: str, filters: Filters, k: int, sort: Sort) -> list[Hit]:
    if not text.strip() or sort != "relevance":
        rows = _rows_that_fit(index, text, filters)
        if text.strip() and len(rows) < k:
            rows = np.union1d(rows, _rows_nearly_fitting(index, text, filters))
        ordered = rows.tolist() if sort == "relevance" else list(index.facets.order(rows.tolist(), filters, sort))
        return _hits(index, ordered[:k], None, "selected", filters, sort)
    mask = _product_mask(index, filters) if filters else None
    ranking = rank_products(index, text, mask)
    stage: Stage = "bm25" if ranking.cosines is None else "fused"
    n = k if index.reranker is None else max(k, CANDIDATES)
    rows, scores = best_products(index, text, ranking, n, mask)
    hits = _hits(index, rows.tolist(), scores, stage, filters, sort)
    if index.reranker is None:
        return hits
    return [replace(hit, rank=rank) for rank, hit in enumerate(index.reranker.rerank(text, hits)[:k], 1)]


def _rows_that_fit(index: Index, text: str, filters: Filters) -> Rows:
    """The rows that meet the filters and, where a text is given, have nearly as much of it as the best row has."""
    mask = _product_mask(index, filters)
    if text.strip():
        # The bar is set by the whole catalogue: "cheapest tent under $5" must not fall back on tent pegs.
        coverage = index.catalogue.lexical.match(text).coverage
        best = float(coverage.max(initial=0.0))
        fits = coverage >= max(best * _RELEVANT, 1e-6)
        of_kind = fits & index.types.mask(text)
        mask = mask & (of_kind if of_kind.any() else fits)
    return np.flatnonzero(mask).astype(np.int64)


def _rows_nearly_fitting(index: Index, text: str, filters: Filters) -> Rows:
    """The rows that meet the filters and score nearly as well for the text as the best of the whole catalogue."""
    scores = rank_products(index, text).scores
    fits = scores >= max(float(scores.max(initial=0.0)) * _NEARLY, 1e-6)
    return np.flatnonzero(fits & _product_mask(index, filters) if filters else fits).astype(np.int64)


def _product_mask(index: Index, filters: Filters) -> Mask:
    """The products with a SKU that meets the filters; unknown `product_ids` are none."""
    rows = None
    if filters.product_ids is not None:
        rows = [index.product_rows[i] for i in filters.product_ids if i in index.product_rows]
    return index.facets.product_mask(filters, rows)


def passage_hits(
    index: Index, ranking: Ranking, filters: Filters, k: int, kinds: Sequence[Kind] = ("faq", "policy")
) -> list[Hit]:
    """The `k` best passages of a ranking; with `product_ids`, not those about another product."""
    entries = index.passages.entries
    scores = np.where(_passage_mask(entries, filters, kinds), ranking.scores, np.float32(0))
    stage: Stage = "bm25" if ranking.cosines is None else "fused"
    return [
        Hit(entries[row], float(scores[row]), rank, stage) for rank, row in enumerate(top_rows(scores, k).tolist(), 1)
    ]


def _passage_mask(entries: Sequence[Entry], filters: Filters, kinds: Sequence[Kind]) -> Mask:
    """Entries of these kinds; with `product_ids`, not those about another product."""
    about = filters.product_ids
    return np.array(
        [e.kind in kinds and (about is None or e.product_id is None or e.product_id in about) for e in entries],
        dtype=bool,
    )


def _hits(
    index: Index, rows: Sequence[int], scores: Scores | None, stage: Stage, filters: Filters, sort: Sort
) -> list[Hit]:
    """The products in these rows as hits, in this order, with `scores` (rows,); without scores all have 0."""
    entries, told_apart = index.catalogue.entries, bool(filters)
    found = []
    for rank, row in enumerate(rows, 1):
        entry = entries[row]
        variants: tuple[str, ...] = ()
        if told_apart and entry.product is not None and entry.product.variants:
            variants = tuple(index.facets.matching_variants(row, filters, sort))
        found.append(Hit(entry, 0.0 if scores is None else float(scores[rank - 1]), rank, stage, variants))
    return found
