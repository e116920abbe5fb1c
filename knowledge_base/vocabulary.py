"""The words a catalogue is described in: names and values of its facets, as a query may say them.

In: names and values while the facets are built. Out: which facets a word or phrase names, with how many products carry
it, and the nearest known word to a typing error. It knows no grammar: `constraints` reads sentences with it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.colors import family_values, is_color_facet
from knowledge_base.text import fold, has_cjk, stem, stems, words

MAX_PHRASE_WORDS = 6
_MAX_CHINESE_VALUE = 12
_YES_NO = frozenset({"yes", "no"})


@lru_cache(maxsize=1)
def _english_stems() -> frozenset[str]:
    """Stems of ordinary English words: whoever writes one means it, however near a product word it comes."""
    lines = (Path(__file__).parent / "english_words.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(stem(word) for word in lines if word)


def is_english(word: str) -> bool:
    """Whether a lower-case word is an ordinary English one."""
    return stem(word) in _english_stems()


def _is_comparison(word: str) -> bool:
    """Whether a lower-case word compares by an ordinary adjective: "brightest" is no typing error of "brightness"."""
    for ending in ("est", "er"):
        if not word.endswith(ending):
            continue
        base = word.removesuffix(ending)
        bases = (
            base,
            f"{base}e",
            f"{base[:-1]}y" if base.endswith("i") else base,
            base[:-1] if base[-1:] == base[-2:-1] else base,
        )
        if any(len(form) > 2 and is_english(form) for form in bases):
            return True
    return False


@lru_cache(maxsize=262144)
def value_key(text: str) -> str:
    """The form in which values, names and titles compare equal: folded, stemmed, one space between words."""
    return " ".join(stems(text))


@dataclass(frozen=True, slots=True)
class FacetName:
    """One facet. `name` as the shop writes it; `unit` of its numbers or None; `boolean`: its values are yes and no."""

    key: str
    name: str
    n_products: int
    n_values: int
    is_option: bool
    boolean: bool
    numeric: bool
    unit: str | None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of one facet, as the shop writes it, and on how many products it stands."""

    name: str
    value: str
    n_products: int


@dataclass(frozen=True, slots=True)
class Described:
    """How one product is described: its title, its facet values as (name, value), the names its variants differ by."""

    title: str
    values: tuple[tuple[str, str], ...]
    options: frozenset[str] = frozenset()

    @property
    def texts(self) -> Iterator[str]:
        """Everything that can be said of it."""
        yield self.title
        for name, value in self.values:
            yield name
            yield value


def _spellings(surfaces: Iterable[str]) -> Iterator[str]:
    """The words that a typing error may be mended to."""
    return (word for word in surfaces if len(word) >= 4 and word.isalpha() and not has_cjk(word))


def _holds(ordered: Sequence[str], word: str) -> bool:
    place = bisect_left(ordered, word)
    return place < len(ordered) and ordered[place] == word


def _chinese_values(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key for key in keys if has_cjk(key) and len(key) <= _MAX_CHINESE_VALUE)


def _keys_by_word(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The keys that hold each word."""
    found: dict[str, list[str]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        for word in set(key.split()):
            found[word].append(key)
    return {word: tuple(having) for word, having in found.items()}


class Vocabulary:
    """Look-ups from words to facets. Keys are `value_key` forms."""

    def __init__(
        self,
        n_products: int,
        names: Iterable[FacetName],
        values: Iterable[FacetValue],
        title_counts: Mapping[str, int],
        surfaces: Iterable[str] = (),
    ) -> None:
        self.n_products = n_products
        self.names: dict[str, FacetName] = {name.key: name for name in names}
        self.title_counts = dict(title_counts)
        self._values: dict[str, list[FacetValue]] = defaultdict(list)
        self._by_name: dict[str, list[FacetValue]] = defaultdict(list)
        self._names: dict[str, list[FacetName]] = defaultdict(list)
        for value in values:
            self._values[value_key(value.value)].append(value)
            self._by_name[fold(value.name)].append(value)
        self._families, spelled = self._color_families()
        for name in self.names.values():
            self._names[value_key(name.name)].append(name)
        for found in self._values.values():
            found.sort(key=lambda value: -value.n_products)
        self._surfaces = sorted(_spellings({*surfaces, *spelled}))
        self.chinese_values = _chinese_values((*self._values, *self._families))
        self.chinese_title_words = tuple(word for word in self.title_counts if has_cjk(word))
        self.chinese_names = frozenset(k for k in self._names if has_cjk(k))
        self._keys_with = _keys_by_word((*self._values, *self._families, *self._names))
        self.generic = frozenset(word for word in self._keys_with if self._is_generic(word))

    def _color_families(self) -> tuple[dict[str, tuple[FacetValue, ...]], frozenset[str]]:
        """What lets "blue" name Navy and Sky in a shop that has no Blue, and the words that now name a family."""
        families: dict[str, tuple[FacetValue, ...]] = {}
        said: set[str] = set()
        for name in self.names.values():
            if not is_color_facet(name.name):
                continue
            known = {value.value: value for value in self._by_name.get(name.key, ())}
            for word, members in family_values(known).items():
                key = value_key(word)
                families[key] = (*families.get(key, ()), *(known[member] for member in members))
                said.add(word)
        return families, frozenset(said)

    def _is_generic(self, word: str) -> bool:
        """Whether a stem describes kinds and qualities, so that it tells no product from another: facet names,
        categories, and values that stand on more products than they stand in titles."""
        in_titles = self.title_counts.get(word, 0)
        return any(key in self._names or self._carriers(key) > in_titles for key in self._keys_with.get(word, ()))

    def _carriers(self, key: str) -> float:
        """On how many products a value stands at most; a category says what things are, so no title outdoes it."""
        values = self.values(key)
        if not values:
            return 0
        if any(value.name == "category" for value in values):
            return math.inf
        carriers = max(value.n_products for value in values)
        # A brand that heads each of its titles tells the brand, not one of them.
        return carriers + (carriers > 1 and any(value.name == "brand" for value in values))

    def changed(
        self, gone: Sequence[Described], added: Sequence[Described], units: Mapping[str, str | None]
    ) -> Vocabulary:
        """This vocabulary without the products that are gone and with those that were added.

        `units`: the numeric facets (by folded name) with their unit. Only what the products touch is made anew.
        """
        new = copy(self)
        new.n_products += len(added) - len(gone)
        doubtful = new._change_titles(gone, added)
        touched = new._change_values(gone, added) | new._change_names(gone, added, units)
        appeared = {word for one in added for text in one.texts for word, _, _ in words(fold(text))}
        if any(is_color_facet(name) for one in (*gone, *added) for name, _ in one.values):
            new._families, spelled = new._color_families()
            touched |= {*self._families, *new._families}
            appeared |= spelled
        before = {key for key in touched if self._has(key)}
        after = {key for key in touched if new._has(key)}
        new._keys_with = self._keys_with.copy()
        for word, keys in _keys_by_word(before - after).items():
            new._keys_with[word] = tuple(key for key in new._keys_with[word] if key not in keys)
            if not new._keys_with[word]:
                del new._keys_with[word]
        for word, keys in _keys_by_word(after - before).items():
            new._keys_with[word] = new._keys_with.get(word, ()) + keys
        doubtful.update(word for key in touched for word in key.split())
        new.generic = (self.generic - doubtful) | {word for word in doubtful if new._is_generic(word)}
        if fresh := [word for word in _spellings(appeared) if not _holds(self._surfaces, word)]:
            new._surfaces = sorted([*self._surfaces, *fresh])
        new.chinese_values = (self.chinese_values - before) | _chinese_values(k for k in after if new.values(k))
        if (before ^ after) & (self._names.keys() | new._names.keys()):
            new.chinese_names = frozenset(k for k in new._names if has_cjk(k))
        return new

    def _has(self, key: str) -> bool:
        return key in self._values or key in self._families or key in self._names

    def _change_titles(self, gone: Sequence[Described], added: Sequence[Described]) -> set[str]:
        """Count the words of titles anew; the words whose count changed."""
        counts = Counter(word for one in added for word in set(value_key(one.title).split()))
        counts.subtract(word for one in gone for word in set(value_key(one.title).split()))
        self.title_counts = dict(self.title_counts)
        changed = {word for word, more in counts.items() if more}
        for word in changed:
            self.title_counts[word] = self.title_counts.get(word, 0) + counts[word]
            if self.title_counts[word] <= 0:
                del self.title_counts[word]
        if any(has_cjk(word) for word in changed):
            self.chinese_title_words = tuple(word for word in self.title_counts if has_cjk(word))
        return changed

    def _change_values(self, gone: Sequence[Described], added: Sequence[Described]) -> set[str]:
        """Count the carriers of values anew; the keys of those values."""
        counts: Counter[tuple[str, str]] = Counter()
        written: dict[tuple[str, str], tuple[str, str]] = {}
        for sign, described in ((1, added), (-1, gone)):
            for one in described:
                carried = {(fold(name), value_key(value)): (name, value) for name, value in one.values}
                written = carried | written
                counts.update(dict.fromkeys(carried, sign))
        touched = {place for place, more in counts.items() if more}
        self._values, self._by_name = self._values.copy(), self._by_name.copy()
        replaced: dict[str, dict[int, FacetValue | None]] = defaultdict(dict)
        appeared: dict[str, list[FacetValue]] = defaultdict(list)
        for name, key in touched:
            old = next((v for v in self._values.get(key, ()) if fold(v.name) == name), None)
            n_products = (old.n_products if old else 0) + counts[name, key]
            facet = self.names.get(name)
            shown, value = (old.name, old.value) if old else written[name, key]
            new = FacetValue(facet.name if facet else shown, value, n_products)
            if old is not None:
                replaced[name][id(old)] = new if n_products > 0 else None
            elif n_products > 0 and len(value.split()) <= MAX_PHRASE_WORDS * 2:
                appeared[name].append(new)
            else:
                continue
            found = [v for v in self._values.get(key, ()) if v is not old]
            found = sorted([*found, *([new] if n_products > 0 else [])], key=lambda v: -v.n_products)
            self._values[key] = found
            if not found:
                del self._values[key]
        for name in {*replaced, *appeared}:
            kept = [replaced[name].get(id(v), v) for v in self._by_name.get(name, ())]
            self._by_name[name] = [v for v in kept if v is not None] + appeared[name]
            if not self._by_name[name]:
                del self._by_name[name]
        return {key for _, key in touched}

    def _change_names(
        self, gone: Sequence[Described], added: Sequence[Described], units: Mapping[str, str | None]
    ) -> set[str]:
        """Count the carriers of facets anew; the keys of the names that came or went."""
        counts: Counter[str] = Counter()
        written: dict[str, str] = {}
        for sign, described in ((1, added), (-1, gone)):
            for one in described:
                carried = {fold(name): name for name, _ in one.values}
                written = carried | written
                counts.update(dict.fromkeys(carried, sign))
        options = {fold(name) for one in added for name in one.options}
        self.names, self._names = dict(self.names), self._names.copy()
        touched: set[str] = set()
        for key in counts:
            old = self.names.get(key)
            n_products = (old.n_products if old else 0) + counts[key]
            said = value_key(old.name if old else written[key])
            others = [name for name in self._names.get(said, ()) if name.key != key]
            if old is None or n_products <= 0:
                touched.add(said)
            if n_products > 0:
                values = self._by_name.get(key, ())
                self.names[key] = FacetName(
                    key,
                    old.name if old else written[key],
                    n_products,
                    len(values),
                    key in options or (old is not None and old.is_option),
                    len(values) <= len(_YES_NO) and {value_key(v.value) for v in values} <= _YES_NO,
                    key in units,
                    units.get(key),
                )
                others.append(self.names[key])
            else:
                self.names.pop(key, None)
            self._names[said] = others
            if not others:
                del self._names[said]
        return touched

    def values(self, key: str) -> Sequence[FacetValue]:
        """The facets that have this value, the one on most products first; empty where none has."""
        values = self._values.get(key, ())
        if key not in self._families:
            return values
        return sorted((*values, *self._families[key]), key=lambda value: -value.n_products)

    def values_of(self, name: str) -> Sequence[FacetValue]:
        """All values of one facet, by its name as the shop writes it."""
        return self._by_name.get(fold(name), ())

    def named(self, key: str) -> Sequence[FacetName]:
        """The facets of this name."""
        return self._names.get(key, ())

    def knows(self, word: str) -> bool:
        """Whether the stemmed word stands in any title, facet name or facet value."""
        return word in self.title_counts or word in self._keys_with

    def correct(self, word: str) -> str | None:
        """The known word that an unknown one most likely mistypes, as the shop writes it in lower case, or None.

        One edit, two from eight letters on; the first letter must be right. Ordinary English words are left alone.
        """
        if len(word) < 4 or not word.isalpha() or has_cjk(word):
            return None
        key = stem(word)
        if self.knows(key) or key in _english_stems() or _is_comparison(word):
            return None
        edits = 1 if len(word) < 8 else 2
        candidates = process.extract(word, self._surfaces, scorer=OSA.distance, score_cutoff=edits, limit=8)
        near = [
            (distance, -self.title_counts.get(stem(w), 0), w)
            for w, distance, _ in candidates
            if w[0] == word[0] and self.knows(stem(w))
        ]
        return min(near)[2] if near else None

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` takes back."""
        return {
            "n_products": self.n_products,
            "names": [
                [n.key, n.name, n.n_products, n.n_values, n.is_option, n.boolean, n.numeric, n.unit]
                for n in self.names.values()
            ],
            "values": [[v.name, v.value, v.n_products] for found in self._by_name.values() for v in found],
            "title_counts": self.title_counts,
            "surfaces": self._surfaces,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Vocabulary:
        """What `to_json` wrote."""
        return cls(
            document["n_products"],
            (FacetName(*row) for row in document["names"]),
            (FacetValue(*row) for row in document["values"]),
            document["title_counts"],
            document["surfaces"],
        )

    class Builder:
        """Collects names and values product by product."""

        def __init__(self) -> None:
            self._names: dict[str, str] = {}
            self._carriers: dict[str, set[int]] = defaultdict(set)
            self._values: dict[str, dict[str, tuple[str, set[int]]]] = defaultdict(dict)
            self._options: set[str] = set()
            self._surfaces: set[str] = set()
            self._titles: Counter[str] = Counter()
            self._n_products = 0

        def add(self, name: str, value: str, row: int) -> None:
            """One product (by row) carries this value under this name."""
            key = fold(name)
            self._names.setdefault(key, name)
            self._carriers[key].add(row)
            known = self._values[key].get(value_key(value))
            if known is None:
                known = self._values[key][value_key(value)] = (value, set())
                self._surfaces.update(word for word, _, _ in words(fold(value)))
            known[1].add(row)

        def mark_option(self, name: str) -> None:
            """The name is one that variants differ by."""
            self._options.add(fold(name))

        def add_titles(self, titles: Iterable[str]) -> None:
            """Titles as the shop writes them."""
            for title in titles:
                self._n_products += 1
                self._titles.update(set(value_key(title).split()))
                self._surfaces.update(word for word, _, _ in words(fold(title)))

        def build(self, units: Mapping[str, str | None]) -> Vocabulary:
            """The vocabulary. `units`: the numeric facets (by folded name) with their unit."""
            names = [
                FacetName(
                    key,
                    name,
                    len(self._carriers[key]),
                    len(self._values[key]),
                    key in self._options,
                    set(self._values[key]) <= _YES_NO,
                    key in units,
                    units.get(key),
                )
                for key, name in self._names.items()
            ]
            values = [
                FacetValue(self._names[key], value, len(rows))
                for key, found in self._values.items()
                for value, rows in found.values()
                if len(value.split()) <= MAX_PHRASE_WORDS * 2
            ]
            self._surfaces.update(word for key in self._names for word, _, _ in words(key))
            return Vocabulary(self._n_products, names, values, self._titles, self._surfaces)
