"""Rows of the canonical form, one JSON object a line, to entries: single products and answers to add or replace.

In: a JSONL file. Out: entries by id, and a problem for every row that is not taken. The form is the one every importer
produces (docs/shop-folder.md), and nothing is guessed: unlike in an export, an unknown field or an unreadable figure
refuses its row, because the program that wrote it can be told. It changes no index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz import process

from knowledge_base.documents import faq_of
from knowledge_base.entry_json import product_entry
from knowledge_base.importing.columns import Columns
from knowledge_base.importing.grouping import drafts_of
from knowledge_base.importing.products import Conventions, product_of
from knowledge_base.importing.rows import Row
from knowledge_base.importing.tables import read_rows
from knowledge_base.types import Entry, Problem

_PRODUCT_FIELDS = (
    "id title description brand category price list_price currency in_stock stock rating review_count url image "
    "language added_on attributes variants"
)
_PRODUCT = tuple(_PRODUCT_FIELDS.split())
_FAQ = ("id", "question", "answer", "product_id", "url", "language")
_VARIANT = ("id", "options", "price", "list_price", "in_stock", "stock", "image")


def read_entries(path: Path, name: str, currency: str | None) -> tuple[dict[str, Entry], tuple[Problem, ...]]:
    """The entries of a file by id, the last of an id counting, and what was refused. Prices are in `currency`.

    A row with a question or an answer is a FAQ entry, any other a product.
    """
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for found in read_rows(path, name):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        wrong = list(_strange_fields(found, name))
        for result in () if wrong else _entry(found, name, currency):
            if isinstance(result, Entry):
                entry = result
            elif result.severity != "note":
                wrong.append(result)
        if wrong:
            problems += wrong
        else:
            entries.pop(entry.id, None)
            entries[entry.id] = entry
    return entries, tuple(problems)


def _is_faq(row: Row) -> bool:
    return "question" in row.cells or "answer" in row.cells


def _strange_fields(row: Row, name: str) -> Iterator[Problem]:
    """A problem for every field that the form does not have, or that is not of its shape."""
    known = _FAQ if _is_faq(row) else _PRODUCT
    yield from _unknown(row, name, row.cells, known, "")
    shapes = {"attributes": dict, "variants": list}
    for field, shape in shapes.items():
        value = row.cells.get(field)
        if field in known and value is not None and not isinstance(value, shape):
            wanted = '{"name": "value", …}' if shape is dict else '[{"id": …, "options": {…}}, …]'
            yield Problem(name, row.number, field, str(value)[:80], "has another form", f"write {wanted}")
    variants = row.cells.get("variants")
    for variant in variants if isinstance(variants, list) else ():
        if isinstance(variant, dict):
            yield from _unknown(row, name, variant, _VARIANT, "variants.")
        else:
            yield Problem(name, row.number, "variants", str(variant)[:80], "is no variant", 'write {"id": …, …}')
    if "id" not in row.cells:
        yield Problem(name, row.number, "id", None, "the row has no id", "give the id of the entry to add or replace")


def _unknown(row: Row, name: str, cells: object, known: Sequence[str], within: str) -> Iterator[Problem]:
    for field in cells if isinstance(cells, dict) else ():
        if field not in known:
            best = process.extractOne(str(field), known, score_cutoff=60)
            hint = f"did you mean {best[0]}?" if best else f"the fields are {', '.join(known)}"
            yield Problem(name, row.number, f"{within}{field}", None, "is no field of this form", hint)


def _entry(row: Row, name: str, currency: str | None) -> Iterator[Entry | Problem]:
    if _is_faq(row):
        yield from faq_of(row, name)
        return
    roles = {("category_path" if field == "category" else field): (field,) for field in _PRODUCT}
    for draft in drafts_of([row], Columns(roles, headers=_PRODUCT)):
        product, problems = product_of(draft, Conventions(name, currency, "."), generated_id=False)
        yield from problems
        if product is not None:
            yield product_entry(product)
