"""Measures said without a facet's name, settled by what the products of the kind named state: "27 inch monitor".

In: what a message constrains, and the catalogue. Out: the same with each figure as a bound or a wish on the facets
that it is a figure of: of the facets in its dimension those that the words beside it name ("16 GB RAM"), else the one
that most products of the kind have with this very number. Titles count for products that state none of these facets.
A figure in a dimension that no product of the kind states stays a mere word of the message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from knowledge_base.constraints.naming import key_words
from knowledge_base.constraints.result import Constraints, Figure
from knowledge_base.facets import Facets, Mask, Rows
from knowledge_base.glossary import names_in
from knowledge_base.product_types import ProductTypes
from knowledge_base.quantities import convert
from knowledge_base.quantities.matching import spans
from knowledge_base.text import has_cjk, stem, words
from knowledge_base.title_figures import in_titles, roles_in
from knowledge_base.types import Condition, Filters
from knowledge_base.vocabulary import FacetName

_QUALIFIED = frozenset(
    stem(word)
    for word in (
        "maximum", "max", "minimum", "min", "supported", "compatible", "compatibility", "package", "packaging",
        "shipping", "carton", "pallet", "master", "outer", "container", "upgradable",
    )
)  # fmt: skip
_QUALIFIED_ZH = ("最大", "最小", "支持", "包装", "毛重", "箱")
_THINGS_SHARE = 0.1  # of the products with the words in their title that must be the thing for the others not to count
_ALIKE = 0.8  # of the products with two facets that must have equal numbers for these to be one measure
_TOGETHER = 0.1  # of the products with the rarer facet that have both, from which they may differ
_LEAST_TOGETHER = 3
_NAMED_SHARE = 0.2  # of the products that meet a figure by any facet that must do so by those named beside it
_SAME_NUMBER = 0.03  # by which they may differ: 1000 and 1024 GB
_SAME_UNIT, _LIMIT = 4, 0.5
_LITTLE = frozenset(("of", "in", "with", "the", "to", "total", "number"))
_SCREEN_UNITS = ("inch", "cm", "mm")
# Facets that say down to which cold a thing will do: what does for less does, too.
_DOWN_TO = frozenset(stem(word) for word in ("comfort", "limit", "lower", "lowest", "minimum", "extreme", "rating"))
_DOWN_TO_ZH = ("舒适", "极限", "耐寒", "温标", "最低")
_CLEAR = 2  # times the products of any other facet that a bound without a name must have in its own


@dataclass(frozen=True, slots=True)
class _Column:
    """A facet as the products of the kind have it: which have it, which meet the figure, and the numbers in its unit.

    Masks and numbers have a place for every product of the catalogue.
    """

    name: FacetName
    have: Mask
    met: Mask
    values: npt.NDArray[np.float64]
    same_unit: bool
    limits: bool  # it says what the thing may have at most, or is packed in
    said: frozenset[str]  # words of its name that stand beside the figure

    @property
    def n_have(self) -> int:
        return int(np.count_nonzero(self.have))

    @property
    def n_met(self) -> int:
        return int(np.count_nonzero(self.met))

    @property
    def n_have_weighed(self) -> float:
        """Who says inches means the facet in inches, and hardly the one that says what fits."""
        return self.n_have * (_SAME_UNIT if self.same_unit else 1) * (_LIMIT if self.limits else 1)

    def weight(self, exact: bool) -> tuple[float, float]:
        """How likely it is what the figure is of: by the products with this very number, else by all that have it."""
        share = self.n_have_weighed / max(self.n_have, 1)
        return (self.n_met * share if exact else 0.0), self.n_have_weighed


def settle_figures(
    constraints: Constraints, facets: Facets, types: ProductTypes, kind: Mask | None = None
) -> Constraints:
    """The constraints with every figure that can be settled as a bound (a filter) or a wish (said without a bound).

    `kind`: the products of the kind named, where the caller knows them better than by the subject.
    """
    if not constraints.figures:
        return constraints
    kind = rows_of_kind(constraints, facets, types) if kind is None else kind
    hard, wishes = list(constraints.filters.conditions), list(constraints.wishes)
    for figure in constraints.figures:
        condition = _settled(figure, constraints.subject, kind, facets)
        if condition is None:
            continue
        hard = [held for held in hard if held != figure.guess]
        if figure.value:
            said = [m.condition for m in constraints.mentions if m.start < figure.end and figure.start < m.end]
            if not _goes_further(condition, said, kind, facets):
                continue
            wishes = [wish for wish in wishes if wish not in said]
            hard = [held for held in hard if held not in said]
        (wishes if figure.exact else hard).append(condition)
    filters = replace(constraints.filters, conditions=tuple(dict.fromkeys(hard)))
    return replace(constraints, filters=filters, wishes=tuple(dict.fromkeys(wishes)))


def rows_of_kind(constraints: Constraints, facets: Facets, types: ProductTypes) -> Mask:
    """The products of the kind that the constraints name, all of them where they name none that the shop has."""
    categories = tuple(c for c in constraints.filters.conditions if c.names == ("category",) and not c.negated)
    beside = facets.product_mask(Filters(conditions=categories))
    if categories:
        return beside
    for phrase in _heads(constraints.subject):
        called = facets.called(phrase)
        if not called.any():
            continue
        things = called & types.mask(phrase)
        return (things if things.sum() >= _THINGS_SHARE * called.sum() else called) | _also_called(
            phrase, facets, types
        )
    also = _also_called(constraints.subject, facets, types)
    return also if also.any() else beside


def _also_called(phrase: str, facets: Facets, types: ProductTypes) -> Mask:
    """The products called by another name of what the phrase ends in: notebooks for "laptop"."""
    mask = np.zeros(facets.n_products, dtype=np.bool_)
    said = [word for word, _, _ in words(phrase)]
    for named in names_in(said):
        if has_cjk(phrase) or list(named.said[-1:]) == said[-1:]:
            for name in named.english:
                mask[types.ending_in(name) if " " not in name else facets.title_rows(name)] = True
            for name in filter(facets.vocabulary.in_chinese_title, named.chinese):
                mask[facets.title_rows(name)] = True
    return mask


def _heads(subject: str) -> Iterator[str]:
    """The subject, and what is left as its first words (or Chinese characters) are dropped."""
    if not subject:
        return
    if has_cjk(subject):
        last = subject.split()[-1]
        yield subject
        yield from (last[start:] for start in range(1, len(last) - 1))
        return
    said = subject.split()
    yield from (" ".join(said[start:]) for start in range(len(said)))


def _settled(figure: Figure, subject: str, kind: Mask, facets: Facets) -> Condition | None:
    """The condition that a figure is for products of the kind; None where they state nothing in its dimension."""
    columns = [_column(figure, len(kind), *found) for found in facets.measuring(figure.unit, kind)]
    roles = roles_in(figure.after) or roles_in(figure.before) or roles_in(subject)
    chosen = _chosen(figure, columns, roles)
    role = next(iter(sorted(roles & {"memory", "storage"})), "")
    if not (chosen or facets.titles_state(figure.unit, in_titles(role), kind)):
        return None
    units: Set[str] = frozenset()
    if chosen and "inch" in (figure.unit, chosen[0].name.unit):
        # Screens are said in inches and centimetres: a monitor with 10 m of cable is none of at least 27 inches.
        units = {figure.unit, *_SCREEN_UNITS, *facets.units_in_titles(chosen[0].name.key, figure.unit, kind)}
    title = in_titles(role, units)
    names = (*(column.name.name for column in chosen), title)
    down_to = figure.exact and bool(chosen) and _is_down_to(chosen[0].name)
    return Condition(names, minimum=None if down_to else figure.minimum, maximum=figure.maximum, unit=figure.unit)


def _is_down_to(name: FacetName) -> bool:
    """Whether a facet is the lowest temperature that a thing is made for: a sleeping bag "for -10 °C" may be warmer."""
    if name.unit not in ("celsius", "fahrenheit", "°C", "°F"):
        return False
    return bool(_DOWN_TO & set(key_words(name.key))) or any(word in name.key for word in _DOWN_TO_ZH)


def _column(
    figure: Figure, n_products: int, name: FacetName, rows: Rows, numbers: npt.NDArray[np.float64], unit: str
) -> _Column:
    have, met = np.zeros((2, n_products), dtype=np.bool_)
    have[rows] = True
    for low, high in spans(figure.minimum, figure.maximum, figure.unit, unit):
        within = (numbers >= (-np.inf if low is None else low)) & (numbers <= (np.inf if high is None else high))
        met[rows[within]] = True
    values = np.zeros(n_products)
    values[rows] = numbers * float(convert(Decimal(1), unit, figure.unit) or 1)
    said = {stem(word) for word, _, _ in words(f"{figure.before} {figure.after}")}
    own = set(key_words(name.key))
    limits = bool(own & _QUALIFIED - said) or any(word in name.key for word in _QUALIFIED_ZH)
    return _Column(name, have, met, values, unit == figure.unit, limits, frozenset(own & said - _LITTLE))


def _chosen(figure: Figure, columns: Sequence[_Column], roles: Set[str]) -> list[_Column]:
    """The facets that a figure is one of, the likeliest first; none where there is no facet, or two differ and nothing
    says which is meant."""
    if not columns:
        return []
    most = max(column.n_met for column in columns)
    named = [column for column in columns if column.said and column.n_met]
    if not named or max(column.n_met for column in named) < _NAMED_SHARE * most:
        named = [column for column in columns if roles_in(column.name.name) & roles and column.n_met]
    pool = named or columns
    best = max(pool, key=lambda column: column.weight(figure.exact))
    if not figure.exact and not named:
        rivals = [column for column in pool if column is not best and not _alike(column, best)]
        if any(best.n_have_weighed < _CLEAR * rival.n_have_weighed for rival in rivals):
            return []
    others = [c for c in pool if c is not best and c.n_met and (not c.limits or best.limits)]
    return [best, *(c for c in others if _alike(c, best) or (named and _apart(c, best)))]


def _alike(one: _Column, other: _Column) -> bool:
    """Whether two facets are one measure under two names: where both are stated, their numbers mostly agree."""
    both = one.have & other.have
    same = np.isclose(one.values[both], other.values[both], rtol=_SAME_NUMBER)
    return bool(len(same) >= _LEAST_TOGETHER and same.sum() >= _ALIKE * len(same))


def _apart(one: _Column, other: _Column) -> bool:
    """Whether hardly any product has both facets, so that each says it for products of its own."""
    return bool((one.have & other.have).sum() <= _TOGETHER * min(one.n_have, other.n_have))


def _goes_further(condition: Condition, said: Sequence[Condition], kind: Mask, facets: Facets) -> bool:
    """Whether a figure says more than the value that it is written like: in facets that have this value, some product
    of the kind meets it; in others at least as many do as have the value."""
    figured = (facets.product_mask(Filters(conditions=(condition,))) & kind).sum()
    return figured > 0 and all(
        set(condition.names) & set(value.names)
        or (facets.product_mask(Filters(conditions=(value,))) & kind).sum() <= figured
        for value in said
    )
