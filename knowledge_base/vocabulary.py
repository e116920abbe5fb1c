"""The words a catalogue is described in: names and values of its facets, as a query may say them.

In: names and values while the facets are built. Out: which facets a word or phrase names, with how many products carry
it, and the nearest known word to a typing error. It knows no grammar: `constraints` reads sentences with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
        families = self._read_color_families()
        for name in self.names.values():
            self._names[value_key(name.name)].append(name)
        for found in self._values.values():
            found.sort(key=lambda value: -value.n_products)
        spelled = {*surfaces, *families}
        self._surfaces = sorted(word for word in spelled if len(word) >= 4 and word.isalpha() and not has_cjk(word))
        self.chinese_values = frozenset(k for k in self._values if has_cjk(k) and len(k) <= _MAX_CHINESE_VALUE)
        self.chinese_title_words = tuple(word for word in self.title_counts if has_cjk(word))
        self.chinese_names = frozenset(k for k in self._names if has_cjk(k))
        self._words = self._known_words()
        self.generic = self._generic_words()

    def _read_color_families(self) -> frozenset[str]:
        """Let "blue" name Navy and Sky in a shop that has no Blue; the words that now name a family."""
        said: set[str] = set()
        for name in self.names.values():
            if not is_color_facet(name.name):
                continue
            known = {value.value: value for value in self._by_name[name.key]}
            for word, members in family_values(known).items():
                self._values[value_key(word)].extend(known[member] for member in members)
                said.add(word)
        return frozenset(said)

    def _known_words(self) -> frozenset[str]:
        known = set(self.title_counts)
        for key in (*self._values, *self._names):
            known.update(key.split())
        return frozenset(known)

    def _generic_words(self) -> frozenset[str]:
        """Stems that describe kinds and qualities, so that they tell no product from another: facet names,
        categories, and values that stand on more products than they stand in titles."""
        found: set[str] = set()
        for key in self._names:
            found.update(key.split())
        for key, values in self._values.items():
            by_category = any(value.name == "category" for value in values)
            carriers = max(value.n_products for value in values)
            # A brand that heads each of its titles tells the brand, not one of them.
            of_several = carriers > 1 and any(value.name == "brand" for value in values)
            most = carriers + of_several
            found.update(w for w in key.split() if by_category or most > self.title_counts.get(w, 0))
        return frozenset(found)

    def values(self, key: str) -> Sequence[FacetValue]:
        """The facets that have this value, the one on most products first; empty where none has."""
        return self._values.get(key, ())

    def values_of(self, name: str) -> Sequence[FacetValue]:
        """All values of one facet, by its name as the shop writes it."""
        return self._by_name.get(fold(name), ())

    def named(self, key: str) -> Sequence[FacetName]:
        """The facets of this name."""
        return self._names.get(key, ())

    def knows(self, word: str) -> bool:
        """Whether the stemmed word stands in any title, facet name or facet value."""
        return word in self._words

    def correct(self, word: str) -> str | None:
        """The known word that an unknown one most likely mistypes, as the shop writes it in lower case, or None.

        One edit, two from eight letters on; the first letter must be right. Ordinary English words are left alone.
        """
        if len(word) < 4 or not word.isalpha() or has_cjk(word):
            return None
        key = stem(word)
        if key in self._words or key in _english_stems() or _is_comparison(word):
            return None
        edits = 1 if len(word) < 8 else 2
        candidates = process.extract(word, self._surfaces, scorer=OSA.distance, score_cutoff=edits, limit=8)
        near = [(distance, -self.title_counts.get(stem(w), 0), w) for w, distance, _ in candidates if w[0] == word[0]]
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
