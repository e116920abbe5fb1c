"""The words a catalogue is described in: names and values of its facets, as a query may say them.

In: names and values once the facets are built. Out: which facets a word or phrase names, with how many products carry
it, and the nearest known word to a typing error. It knows no grammar: `constraints` reads sentences with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.colors import family_values, is_color_facet
from knowledge_base.facet_values import MAX_PHRASE_WORDS as MAX_PHRASE_WORDS
from knowledge_base.facet_values import FacetValue as FacetValue
from knowledge_base.facet_values import FacetValues, Place
from knowledge_base.facet_values import value_key as value_key
from knowledge_base.lexicon import Lexicon, Numbering
from knowledge_base.lists import Lists, load_array, save_array
from knowledge_base.spellings import Spellings
from knowledge_base.spellings import is_english as is_english
from knowledge_base.text import fold, has_cjk, words
from knowledge_base.title_words import TitleWords
from knowledge_base.titles import TitleIndex

_MAX_CHINESE_VALUE = 12
_MAX_FOUND = 16384  # look-ups that are remembered
_YES_NO = frozenset({"yes", "no"})


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

    @property
    def carried(self) -> Mapping[Place, tuple[str, str]]:
        """Its values by their places, as written."""
        return {(fold(name), value_key(value)): (name, value) for name, value in self.values}


@dataclass(frozen=True, slots=True)
class ChangedValues:
    """Values after a change: the places whose number of products is another, and by how much each facet has grown."""

    values: FacetValues
    touched: frozenset[Place]
    grown: Mapping[str, int]


class WordKeys:
    """The keys of values that hold each word. `generic` says of each word whether it tells no product from another.

    `carriers` is by key on how many products a value stands at most: 0 for one that cannot be said; a category says
    what things are, so that no title outdoes it.
    """

    def __init__(self, words: Lexicon, keys: Lists, generic: NDArray[np.bool_], carriers: NDArray[np.float32]) -> None:
        self.words, self.keys, self.generic, self.carriers = words, keys, generic, carriers

    @classmethod
    def of(cls, values: FacetValues, others: Iterable[str], titles: TitleWords) -> WordKeys:
        """The words of all values that can be said, and of `others`."""
        carriers = _carriers(values)
        number = Numbering()
        pairs = [(number(word), key) for key, text in enumerate(values.keys) if carriers[key] for word in text.split()]
        for text in others:
            for word in text.split():
                number(word)
        lexicon, numbers = number.lexicon()
        found = np.array(pairs, dtype=np.int32).reshape(len(pairs), 2)
        keys = Lists.of_pairs(numbers[found[:, 0]], found[:, 1], len(lexicon))
        most = np.zeros(len(lexicon), dtype=np.float32)
        np.maximum.at(most, keys.owners(), carriers[keys.numbers])
        in_titles = np.fromiter((titles.get(word, 0) for word in lexicon), np.float32, len(lexicon))
        return cls(lexicon, keys, most > in_titles, carriers)

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`."""
        self.words.save(folder, f"{name}.words")
        self.keys.save(folder, f"{name}.keys")
        save_array(folder, f"{name}.generic", self.generic)
        save_array(folder, f"{name}.carriers", self.carriers)

    @classmethod
    def load(cls, folder: Path, name: str) -> WordKeys:
        """What `save` wrote, left on disk; the files must have been verified."""
        generic, carriers = (load_array(folder, f"{name}.{part}") for part in ("generic", "carriers"))
        return cls(Lexicon.load(folder, f"{name}.words"), Lists.load(folder, f"{name}.keys"), generic, carriers)


class Vocabulary:
    """Look-ups from words to facets. Keys are `value_key` forms. Immutable: what changes lies over what was built.

    `families` let "blue" name Navy and Sky in a shop that has no Blue: the places of their values by a word's key.
    `longest_chinese_value` is how many characters a value that stands in a run of Chinese may have; 0: there is none.
    """

    def __init__(
        self,
        names: Iterable[FacetName],
        values: FacetValues,
        titles: TitleIndex,
        word_keys: WordKeys,
        spellings: Spellings,
        families: Mapping[str, tuple[Place, ...]],
        n_products: int,
        has_chinese: bool,
    ) -> None:
        self.n_products = n_products
        self.longest_chinese_value = _MAX_CHINESE_VALUE if has_chinese else 0
        self.names: Mapping[str, FacetName] = {name.key: name for name in names}
        self._names: Mapping[str, tuple[FacetName, ...]] = _by_said(self.names.values())
        self._values, self._titles = values, titles
        self._found: dict[str, Sequence[FacetValue]] = {}  # what was looked up lately: messages repeat words
        self._word_keys, self._spellings, self._families = word_keys, spellings, families
        self._keys_beside = _keys_by_word((*families, *self._names))  # of names and families, and those that appeared
        self._carriers = word_keys.carriers
        self._generic: Mapping[str, bool] = {
            word: self._is_generic(word) for word in self._keys_beside
        }  # beside `word_keys`
        self.chinese_names = frozenset(key for key in self._names if has_cjk(key))

    @classmethod
    def of(
        cls, names: Sequence[FacetName], values: FacetValues, titles: TitleIndex, said: Iterable[str], n_products: int
    ) -> Vocabulary:
        """The vocabulary of these facets; `said` are the words of all titles, names and values."""
        families, spelled = _color_families(names, values)
        keys = WordKeys.of(values, (*families, *_by_said(names)), titles.titles)
        return cls(
            names,
            values,
            titles,
            keys,
            Spellings.of((*said, *spelled)),
            families,
            n_products,
            any(map(has_cjk, keys.words)),
        )

    # -- looking up --------------------------------------------------------------------------------------------------

    @property
    def title_counts(self) -> Mapping[str, int]:
        """In how many titles each stemmed word stands."""
        return self._titles.titles

    @property
    def generic(self) -> Set[str]:
        """Stems that describe kinds and qualities, so that they tell no product from another: facet names, categories,
        and values that stand on more products than they stand in titles."""
        return _Generic(self._word_keys, self._generic)

    def values(self, key: str) -> Sequence[FacetValue]:
        """The facets that have this value, the one on most products first; empty where none has."""
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MAX_FOUND:
                self._found.clear()
            found = self._found[key] = self._look_up(key)
        return found

    def _look_up(self, key: str) -> Sequence[FacetValue]:
        values = self._values.values(key)
        if key not in self._families:
            return values
        members = [value for place in self._families[key] if (value := self._values.value(place))]
        return sorted((*values, *members), key=lambda value: -value.n_products)

    def values_of(self, name: str) -> Sequence[FacetValue]:
        """All values of one facet, by its name as the shop writes it."""
        return self._values.values_of(fold(name))

    def named(self, key: str) -> Sequence[FacetName]:
        """The facets of this name."""
        return self._names.get(key, ())

    def knows(self, word: str) -> bool:
        """Whether the stemmed word stands in any title, facet name or facet value."""
        if word in self.title_counts or any(self._has(key) for key in self._keys_beside.get(word, ())):
            return True
        number = self._word_keys.words.find(word)
        return number >= 0 and bool((self._carriers[self._word_keys.keys[number]] > 0).any())

    def is_chinese_value(self, key: str) -> bool:
        """Whether a value of this key exists that can stand in a run of Chinese."""
        return len(key) <= _MAX_CHINESE_VALUE and has_cjk(key) and bool(self.values(key))

    def in_chinese_title(self, piece: str) -> bool:
        """Whether a run of Chinese in some title holds the piece, which must be Chinese itself."""
        return self._titles.has_run(piece)

    def correct(self, word: str) -> str | None:
        """The known word that an unknown one most likely mistypes, as the shop writes it in lower case, or None."""
        return self._spellings.correct(word, self.knows, lambda key: self.title_counts.get(key, 0))

    def _has(self, key: str) -> bool:
        return key in self._names or key in self._families or bool(self._values.values(key))

    def _is_generic(self, word: str) -> bool:
        in_titles = self.title_counts.get(word, 0)
        beside = self._keys_beside.get(word, ())
        if any(key in self._names or _most(self.values(key)) > in_titles for key in beside):
            return True
        number = self._word_keys.words.find(word)
        found = self._carriers[self._word_keys.keys[number]] if number >= 0 else ()
        return len(found) > 0 and float(np.max(found)) > in_titles

    # -- changing ----------------------------------------------------------------------------------------------------

    def changed(
        self,
        gone: Sequence[Described],
        added: Sequence[Described],
        units: Mapping[str, str | None],
        changed: ChangedValues,
        titles: TitleIndex,
    ) -> Vocabulary:
        """This vocabulary without the products that are gone and with those that were added.

        `units`: the numeric facets (by folded name) with their unit, of those that these products have. `changed` and
        `titles` are the values and titles as they are then. Only what the products touch is made anew.
        """
        new = copy(self)
        new.n_products += len(added) - len(gone)
        new._values, new._titles, new._found = changed.values, titles, {}
        doubtful = {
            word
            for word in {word for one in (*gone, *added) for word in value_key(one.title).split()}
            if self.title_counts.get(word, 0) != new.title_counts.get(word, 0)
        }
        touched = {key for _, key in changed.touched} | new._change_names(gone, added, units, changed.grown)
        appeared = {word for one in added for text in one.texts for word, _, _ in words(fold(text))}
        tables = self._values, new._values
        if any(is_color_facet(place[0]) and not all(t.value(place) for t in tables) for place in changed.touched):
            new._families, spelled = _color_families(tuple(new.names.values()), new._values)
            touched |= self._families.keys() | new._families.keys()
            appeared |= spelled
        touched |= {key for key, places in new._families.items() if not changed.touched.isdisjoint(places)}
        new._carriers = self._carriers.copy()
        fresh: list[str] = []
        for key in touched:
            number = self._values.keys.find(key)
            if number >= 0:
                new._carriers[number] = _most(new._values.values(key))
            if number < 0 or not self._word_keys.carriers[number] or key in new._families or key in new._names:
                fresh.append(key)
        new._keys_beside = dict(self._keys_beside)
        for word, keys in _keys_by_word(fresh).items():
            new._keys_beside[word] = tuple(dict.fromkeys((*self._keys_beside.get(word, ()), *keys)))
        doubtful.update(word for key in touched for word in key.split())
        new._generic = {**self._generic, **{word: new._is_generic(word) for word in doubtful}}
        new._spellings = self._spellings.with_words(appeared)
        if any(has_cjk(key) for key in touched):
            new.longest_chinese_value = _MAX_CHINESE_VALUE
        if new._names.keys() != self._names.keys():
            new.chinese_names = frozenset(key for key in new._names if has_cjk(key))
        return new

    def _change_names(
        self,
        gone: Sequence[Described],
        added: Sequence[Described],
        units: Mapping[str, str | None],
        grown: Mapping[str, int],
    ) -> set[str]:
        """Count the carriers of facets anew; the keys of the names that came or went."""
        counts: dict[str, int] = {}
        written: dict[str, str] = {}
        for sign, described in ((1, added), (-1, gone)):
            for one in described:
                carried = {fold(name): name for name, _ in one.values}
                written = carried | written
                for key in carried:
                    counts[key] = counts.get(key, 0) + sign
        options = {fold(name) for one in added for name in one.options}
        names, by_said = dict(self.names), dict(self._names)
        touched: set[str] = set()
        for key, more in counts.items():
            old = names.get(key)
            n_products = (old.n_products if old else 0) + more
            name = old.name if old else written[key]
            said = value_key(name)
            if old is None or n_products <= 0:
                touched.add(said)
            others = tuple(other for other in by_said.get(said, ()) if other.key != key)
            if n_products > 0:
                n_values = (old.n_values if old else 0) + grown.get(key, 0)
                option = key in options or (old is not None and old.is_option)
                boolean = n_values <= len(_YES_NO) and self._is_boolean(key)
                names[key] = FacetName(key, name, n_products, n_values, option, boolean, key in units, units.get(key))
                others += (names[key],)
            else:
                names.pop(key, None)
            by_said[said] = others
            if not others:
                del by_said[said]
        self.names, self._names = names, by_said
        return touched

    def _is_boolean(self, name: str) -> bool:
        return {value_key(value.value) for value in self._values.values_of(name)} <= _YES_NO

    # -- keeping -----------------------------------------------------------------------------------------------------

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        self._word_keys.save(folder, f"{name}.keys")
        self._spellings.save(folder, f"{name}.spellings")
        document = {
            "n_products": self.n_products,
            "names": [astuple(name) for name in self.names.values()],
            "families": self._families,
            "has_chinese": self.longest_chinese_value > 0,
        }
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str, values: FacetValues, titles: TitleIndex) -> Vocabulary:
        """What `save` wrote, over the values and titles that were kept with it; the files must have been verified."""
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        families = {key: tuple((facet, value) for facet, value in found) for key, found in document["families"].items()}
        return cls(
            (FacetName(*row) for row in document["names"]),
            values,
            titles,
            WordKeys.load(folder, f"{name}.keys"),
            Spellings.load(folder, f"{name}.spellings"),
            families,
            document["n_products"],
            document["has_chinese"],
        )


class _Generic(Set[str]):
    """Generic words, asked one by one: there may be hundreds of thousands."""

    def __init__(self, word_keys: WordKeys, changed: Mapping[str, bool], *others: Set[str]) -> None:
        self._word_keys, self._changed, self._others = word_keys, changed, others

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        if any(word in other for other in self._others):
            return True
        if word in self._changed:
            return self._changed[word]
        number = self._word_keys.words.find(word)
        return number >= 0 and bool(self._word_keys.generic[number])

    def __iter__(self) -> Iterator[str]:
        return iter({word for word in (*self._word_keys.words, *self._changed, *self._all_others()) if word in self})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __or__(self, other: Set[Any]) -> Set[str]:
        return _Generic(self._word_keys, self._changed, *self._others, other)

    def _all_others(self) -> Iterator[str]:
        for other in self._others:
            yield from other

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Set[Any]:
        return frozenset(it)


def _by_said(names: Iterable[FacetName]) -> dict[str, tuple[FacetName, ...]]:
    """The facets by what their names are said as."""
    found: dict[str, tuple[FacetName, ...]] = {}
    for name in names:
        key = value_key(name.name)
        found[key] = (*found.get(key, ()), name)
    return found


def _keys_by_word(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The keys that hold each word."""
    found: dict[str, dict[str, None]] = {}
    for key in keys:
        for word in key.split():
            found.setdefault(word, {})[key] = None
    return {word: tuple(having) for word, having in found.items()}


def _most(values: Sequence[FacetValue]) -> float:
    """On how many products one of these values stands at most; a category is outdone by no title."""
    if not values:
        return 0
    if any(value.name == "category" for value in values):
        return math.inf
    carriers = max(value.n_products for value in values)
    # A brand that heads each of its titles tells the brand, not one of them.
    return carriers + (carriers > 1 and any(value.name == "brand" for value in values))


def _carriers(values: FacetValues) -> NDArray[np.float32]:
    """`_most` of the values of every key."""
    said = values.can_be_said()
    found = np.zeros(len(values.keys), dtype=np.float32)
    np.maximum.at(found, values.key_of, np.where(said, values.n_products, 0).astype(np.float32))
    for number, name in enumerate(values.names):
        if name in ("brand", "category"):
            span = values.span(number)
            keys = np.unique(values.key_of[span][said[span]])
            found[keys] = np.inf if name == "category" else found[keys] + (found[keys] > 1)
    return found


def _color_families(
    names: Iterable[FacetName], values: FacetValues
) -> tuple[dict[str, tuple[Place, ...]], frozenset[str]]:
    """What lets "blue" name Navy and Sky in a shop that has no Blue, and the words that now name a family."""
    families: dict[str, tuple[Place, ...]] = {}
    said: set[str] = set()
    for name in names:
        if not is_color_facet(name.name):
            continue
        for word, members in family_values([value.value for value in values.values_of(name.key)]).items():
            key = value_key(word)
            places = ((name.key, value_key(member)) for member in members)
            families[key] = (*families.get(key, ()), *places)
            said.add(word)
    return families, frozenset(said)
