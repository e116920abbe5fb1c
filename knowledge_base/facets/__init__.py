"""Typed columns of the catalogue, and from them the rows that meet a set of filters.

    products ── stating ──► columns, numbers, values, titles ── building ──► Facets ── masks ──► rows, counts, orders

It knows no query language and no ranking by relevance.
"""

from knowledge_base.facets.building import Facets
from knowledge_base.facets.masks import Mask, Rows
from knowledge_base.facets.numbers import NumericColumn
from knowledge_base.facets.stating import parse_number

__all__ = ["Facets", "Mask", "NumericColumn", "Rows", "parse_number"]
