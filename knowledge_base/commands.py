"""`python -m knowledge_base build` and `search`: what they do, apart from reading their arguments.

In: a shop folder and options. Out: lines on standard output (results) and standard error (progress and notes), and an
exit status. Expected failures are raised as `KnowledgeBaseError` for `__main__` to print.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from knowledge_base.constraints import Constraints
from knowledge_base.embedding import Embedder, make_embedder
from knowledge_base.errors import ChangeRefused, KnowledgeBaseError
from knowledge_base.imported import Difference
from knowledge_base.index import Index, fingerprint
from knowledge_base.opening import Place, import_shop, is_current, open_index
from knowledge_base.related import LOOKUPS
from knowledge_base.retrieval import search, understood
from knowledge_base.shop import Shop, open_shop
from knowledge_base.snapshot import read_manifest, rebuild_command
from knowledge_base.suitability import SUITABLE, suitability
from knowledge_base.text import has_cjk
from knowledge_base.types import Condition, Filters, Hit, Product


def run_build(args: Namespace, output: TextIO | None = None) -> int:
    """Build the index of `args.shop` anew, into `args.out` or under `args.data`; say what is in it and what changed.

    Raises:
        KnowledgeBaseError: the shop or the embedder cannot be used, or most products would go and nobody said yes; the
            old snapshot, if any, is untouched.
    """
    output = output or sys.stdout
    started = time.monotonic()
    shop, place = open_shop(args.shop), Place.of(args.shop, args.data, args.vectors)
    if args.out is not None:
        vectors = replace(place.vectors, home=args.out)
        place = replace(place, root=args.out, remedy=rebuild_command(args.shop, args.out), vectors=vectors)
    embedder = make_embedder(args.embedder)
    with place.lock():
        if args.if_changed and is_current(place.root, fingerprint(shop, embedder, place.vectors)):
            difference = Difference()
        else:
            difference = import_asking(shop, place, embedder, not args.quiet, args.yes, args.discard_changes)
    if args.quiet:
        output.write(f"{difference}\n")
        return 0
    manifest = read_manifest(place.root, place.remedy)
    counts = ", ".join(f"{n:,} {name}" for name, n in manifest.counts.items() if n)
    seconds = time.monotonic() - started
    output.write(f"{shop.info.name}: {counts}\n")
    output.write(f"since the last import: {difference}\n")
    output.write(f"embedder: {manifest.embedder or 'none'}; {seconds:.1f} s; index in {place.root}\n")
    return 0


def import_asking(
    shop: Shop,
    place: Place,
    embedder: Embedder | None,
    progress: bool,
    confirmed: bool = False,
    discard_changes: bool = False,
) -> Difference:
    """`import_shop`; where most products would go, whoever sits at the terminal is asked.

    Raises:
        ChangeRefused: nobody sits there, or the answer is not yes.
    """
    try:
        return import_shop(shop, place, embedder, progress, confirmed, discard_changes)
    except ChangeRefused as error:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        sys.stderr.write(f"{error}\nTake them away? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
            raise
        return import_shop(shop, place, embedder, progress, True, discard_changes)


def run_search(args: Namespace, output: TextIO | None = None) -> int:
    """Search for `args.query`, or for every line of `args.batch` (a file, or "-" for standard input).

    Raises:
        KnowledgeBaseError: the shop cannot be opened, or a batch line is not {"id", "text"}.
    """
    output = output or sys.stdout
    queries = None if args.batch is None else list(read_batch(args.batch))
    index = open_index(args.shop, args.data, args.embedder, vectors=args.vectors)
    if queries is not None:
        for query_id, text in queries:
            output.write(json.dumps(answer(index, text, args.k, query_id), ensure_ascii=False) + "\n")
            output.flush()
    elif args.json:
        output.write(json.dumps(answer(index, args.query, args.k, None), ensure_ascii=False) + "\n")
    else:
        write_table(index, args.query, args.k, output)
    return 0


def run_related(args: Namespace, output: TextIO | None = None) -> int:
    """Look up what stands beside the product `args.id`: similar, cheaper, compatible, or what goes with it.

    Raises:
        KnowledgeBaseError: the shop cannot be opened, or has no such product.
    """
    output = output or sys.stdout
    index = open_index(args.shop, args.data, args.embedder, vectors=args.vectors)
    if args.id not in index.products:
        raise KnowledgeBaseError(f"{args.shop} has no product {args.id!r}: `search` shows the ids of products")
    hits = LOOKUPS[args.command](index, args.id, args.k)
    if args.json:
        found = [{"id": record_id(h), "kind": h.entry.kind, "score": round(h.score, 6), "rank": h.rank} for h in hits]
        output.write(json.dumps({"id": args.id, "lookup": args.command, "hits": found}, ensure_ascii=False) + "\n")
    else:
        _write_hits(hits, output)
    return 0


def read_batch(path: str) -> Iterator[tuple[Any, str]]:
    """The (id, text) of every line of a JSONL file, or of standard input for "-"; empty lines are skipped.

    Raises:
        KnowledgeBaseError: the file cannot be read, or a line is not an object with a text.
    """
    try:
        lines = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"{path} cannot be read ({error}): give a UTF-8 JSONL file, or - for input") from error
    for number, line in enumerate(lines.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise KnowledgeBaseError(f"{path}, line {number} is not JSON ({error})") from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str) or "id" not in row:
            raise KnowledgeBaseError(f'{path}, line {number}: expected {{"id": …, "text": "…"}}')
        yield row["id"], row["text"]


def answer(index: Index, text: str, k: int, query_id: Any) -> dict[str, Any]:
    """One result as JSON values. A hit's id is the record's own: the product's, the question's, the passage's."""
    constraints = understood(index, text)
    hits = search(index, text, constraints, k)
    return {
        "id": query_id,
        "filters": filters_to_json(constraints.filters),
        "sort": constraints.sort,
        "suitable": _suitable(index, constraints, hits),
        "hits": [
            {"id": record_id(hit), "kind": hit.entry.kind, "score": round(hit.score, 6), "rank": hit.rank}
            for hit in hits
        ],
    }


def _suitable(index: Index, constraints: Constraints, hits: Sequence[Hit]) -> bool:
    """Whether the first hit is taken for what was asked for, and not merely for the nearest; a category is one."""
    if not hits or hits[0].entry.kind != "product":
        return bool(hits)
    by_category = any(c.names == ("category",) and not c.negated for c in constraints.filters.conditions)
    return by_category or not constraints.residual or suitability(index, constraints.residual) >= SUITABLE


def record_id(hit: Hit) -> str:
    """The id the shop's export gave: without the kind that entry ids begin with."""
    return hit.entry.id.partition(":")[2]


def filters_to_json(filters: Filters) -> dict[str, Any]:
    """Filters as JSON values; what does not filter is left out, amounts are strings."""
    found: dict[str, Any] = {}
    for name in ("price_min", "price_max", "in_stock", "rating_min"):
        value = getattr(filters, name)
        if value is not None:
            found[name] = str(value) if isinstance(value, Decimal) else value
    if filters.conditions:
        found["conditions"] = [_condition(condition) for condition in filters.conditions]
    if filters.product_ids is not None:
        found["product_ids"] = list(filters.product_ids)
    return found


def _condition(condition: Condition) -> dict[str, Any]:
    found: dict[str, Any] = {"names": list(condition.names)}
    if condition.values:
        found["values"] = list(condition.values)
    for name in ("minimum", "maximum"):
        bound = getattr(condition, name)
        if bound is not None:
            found[name] = str(bound)
    if condition.unit is not None:
        found["unit"] = condition.unit
    if condition.negated:
        found["negated"] = True
    return found


# -- for people --------------------------------------------------------------------------------------------------------


def write_table(index: Index, text: str, k: int, output: TextIO) -> None:
    """The hits as a table, above it what was understood."""
    constraints = understood(index, text)
    shown = filters_to_json(constraints.filters)
    if constraints.sort != "relevance":
        shown["sort"] = constraints.sort
    if shown:
        output.write("understood: " + json.dumps(shown, ensure_ascii=False) + "\n")
    hits = search(index, text, constraints, k)
    if hits and not _suitable(index, constraints, hits):
        output.write("nothing suitable; the nearest:\n")
    _write_hits(hits, output)


def _write_hits(hits: Sequence[Hit], output: TextIO) -> None:
    if not hits:
        output.write("nothing found\n")
        return
    rows: list[tuple[str, ...]] = [("", "id", "title", "price", "stock", "score")]
    rows.extend(_row(hit) for hit in hits)
    widths = [min(max(_width(row[i]) for row in rows), 60) for i in range(len(rows[0]))]
    for row in rows:
        cells = [_fit(cell, width) for cell, width in zip(row, widths, strict=True)]
        output.write("  ".join(cells).rstrip() + "\n")


def _row(hit: Hit) -> tuple[str, ...]:
    product = hit.entry.product
    score = f"{hit.score:.3f}" if hit.score else ""
    if product is None:
        return (str(hit.rank), record_id(hit), hit.entry.title, "", hit.entry.kind, score)
    stock = {True: "yes", False: "no", None: "?"}[product.available]
    return (str(hit.rank), product.id, product.title, _price(product), stock, score)


def _price(product: Product) -> str:
    if product.price_range is None:
        return "?"
    low, high = product.price_range
    amount = str(low) if low == high else f"{low}-{high}"
    return f"{amount} {product.currency or ''}".strip()


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if has_cjk(char) else 1 for char in text)


def _fit(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-2] + "…"
    return text + " " * (width - _width(text))
