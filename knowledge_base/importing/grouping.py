"""Rows of any recognised export to drafts: one product a row, or variants where the export says so.

Rows become variants of one product only where a column names the product they share (`item_group_id`, a parent, an id
beside a variant id) or where a row carries a list of variants itself. Equal ids without such a column are duplicates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from knowledge_base.importing.cells import as_json, attribute_name, attribute_text, attributes_of, is_blank, text_of
from knowledge_base.importing.columns import Columns
from knowledge_base.importing.drafts import Cell, Draft, cells_of
from knowledge_base.importing.headers import header_key, role_of
from knowledge_base.importing.rows import Row
from knowledge_base.text import fold

_VARIANT_ROLES = frozenset(
    {"id", "price", "sale_price", "list_price", "in_stock", "stock", "image", "currency", "variant_id"}
)
_OPTION_WORDS = (
    "color colour size material pattern style capacity flavor flavour scent storage length width 颜色 尺码 尺寸 规格 "
    "款式 容量 farbe größe couleur taille talla"
)
_OPTION_NAMES = frozenset(_OPTION_WORDS.split())


def drafts_of(rows: Iterable[Row], columns: Columns) -> Iterator[Draft]:
    """Drafts in the order in which their products first appear; streams unless rows have to be grouped."""
    drafts = (_draft(row, columns) for row in rows)
    if "group" in columns.roles:
        return _grouped(drafts, "group", "id")
    if "variant_id" in columns.roles and "id" in columns.roles and "variants" not in columns.roles:
        return _grouped(drafts, "id", "variant_id")
    return drafts


def _draft(row: Row, columns: Columns) -> Draft:
    cells = cells_of(row.cells, columns.roles)
    attributes = {
        name: Cell(header, row.cells[header])
        for header, name in columns.attributes.items()
        if not is_blank(row.cells.get(header))
    }
    variants = as_json(cells["variants"][0].value) if "variants" in cells else ()
    names = _option_names(row.cells.get("options"))
    return Draft(
        row.number,
        cells,
        attributes,
        variants=tuple(_variant(row.number, item, names) for item in variants if isinstance(item, Mapping))
        if isinstance(variants, list)
        else (),
        short=row.short,
    )


# --- variants listed within a row ---


@lru_cache(maxsize=4096)
def _variant_role(key: str) -> str | None:
    role = role_of(key)
    return role if role in _VARIANT_ROLES else None


def _variant(row: int, item: Mapping[str, Any], names: tuple[str, ...]) -> Draft:
    """A variant of a list such as the canonical {"id", "options", "price"} or Shopify's {"id", "option1", "price"}."""
    cells: dict[str, tuple[Cell, ...]] = {}
    options: dict[str, str] = {}
    for key, value in item.items():
        column = f"variants.{key}"
        if is_blank(value):
            continue
        if key == "options" or header_key(key) in ("attributes", "specs", "规格", "属性"):
            options |= attributes_of(value)
        elif place := re.fullmatch(r"option ?_?(\d)", key):
            index = int(place[1]) - 1
            name = names[index] if index < len(names) else f"option {place[1]}"
            if (text := attribute_text(value)) and not (name == "Title" and text == "Default Title"):
                options[name] = text
        elif role := _variant_role(key):
            known = cells.get(role, ())
            cells[role] = (Cell(column, value), *known) if key == role else (*known, Cell(column, value))
        elif not isinstance(value, list | Mapping) and fold(key) in _OPTION_NAMES:
            options[attribute_name(key)] = attribute_text(value) or ""
    if "variant_id" not in cells and "id" in cells:
        cells["variant_id"] = cells.pop("id")
    return Draft(row, cells, options={name: value for name, value in options.items() if value})


def _option_names(value: Any) -> tuple[str, ...]:
    """The option names beside Shopify's variants: [{"name": "Color", "values": […]}, …] or ["Color", …]."""
    value = as_json(value)
    if not isinstance(value, list):
        return ()
    return tuple(str(item.get("name", "")) if isinstance(item, Mapping) else str(item) for item in value)


# --- variants in rows of their own ---


def _grouped(drafts: Iterable[Draft], product_role: str, variant_role: str) -> Iterator[Draft]:
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        shared, own = draft.first(product_role), draft.first(variant_role)
        key = text_of((shared or own or Cell("", None)).value) or f"\x00{draft.row}"
        groups.setdefault(key, []).append(draft)
    for key, members in groups.items():
        yield _merged(key, members, product_role, variant_role)


def _merged(key: str, members: list[Draft], product_role: str, variant_role: str) -> Draft:
    """One product out of its rows; a row whose id is the group's own is the parent, not a variant."""
    shared = members[0].first(product_role)
    if len(members) == 1 and (shared is None or (product_role == "id" and members[0].first(variant_role) is None)):
        return members[0]
    heads = [m for m in members if product_role == "group" and (c := m.first("id")) and text_of(c.value) == key]
    head = heads[0] if heads else members[0]
    rows = [m for m in members if m is not head] if heads and len(members) > 1 else members
    names = list(dict.fromkeys(name for m in rows for name in m.attributes))
    texts = {
        name: [attribute_text(m.attributes[name].value) if name in m.attributes else None for m in rows]
        for name in names
    }
    differing = [n for n in names if len(set(texts[n])) > 1 or (len(rows) == 1 and fold(n) in _OPTION_NAMES)]
    options = [n for n in differing if fold(n) in _OPTION_NAMES] or differing
    variants = []
    for place, member in enumerate(rows):
        own = {name: text for name in options if (text := texts[name][place])}
        cells = {role: c for role, c in member.cells.items() if role in _VARIANT_ROLES}
        if found := member.cells.get(variant_role):
            cells["variant_id"] = found
        variants.append(replace(member, cells=cells, attributes={}, options=own))
    told = {tuple(v.options.items()) for v in variants}
    if len(variants) > 1 and len(told) < len(variants):
        variants = _told_by_title(variants, rows)
    cells = dict(head.cells)
    cells["id"] = (Cell(shared.column if shared else "id", key),)
    if len(rows) > 1 and not heads and (title := _shared_title(rows)):
        cells["title"] = (Cell(cells["title"][0].column, title),)
    attributes = {name: cell for name, cell in head.attributes.items() if name not in differing}
    return replace(head, cells=cells, attributes=attributes, variants=tuple(variants))


def _told_by_title(variants: list[Draft], rows: list[Draft]) -> list[Draft]:
    """Variants no option tells apart, told apart by their titles."""
    titles = [text_of(c.value) if (c := row.first("title")) else None for row in rows]
    if len(set(titles)) < 2:
        return variants
    return [
        replace(variant, options={**variant.options, "variant": title}) if title else variant
        for variant, title in zip(variants, titles, strict=True)
    ]


def _shared_title(rows: list[Draft]) -> str | None:
    """What the variants' titles begin with in common, where that still is a title."""
    titles = [text for row in rows if (cell := row.first("title")) and (text := text_of(cell.value))]
    if not titles:
        return None
    words = [title.split() for title in titles]
    shared = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    prefix = " ".join(shared).rstrip(" -–—/,(|:·")
    return prefix if len(prefix) >= max(4, len(titles[0]) * 0.3) else titles[0]
