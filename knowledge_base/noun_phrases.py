"""Where the noun phrases of a title end: of "USB Keyboard Extension Cable for Mac", in "cable".

In: a title, and the nouns that the catalogue's own texts use in both numbers. Out: the nouns that its phrases end in,
which say what the thing is. What follows "for" or "with" says what it is made for and is left out, and a noun before
another one only says which ("keyboard cable"). It knows no English but prepositions and plurals, of Chinese nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from knowledge_base.text import clean, has_cjk, noun, words

_MADE_FOR = frozenset(("for", "with", "w", "without", "from", "per"))
_ANOTHER_PHRASE = frozenset(("of", "in", "on", "by", "over", "via", "incl", "including"))
_TURNS_INTO = "to"  # "keyboard to USB adapter" is an adapter
# After a noun these say nothing more of what the thing is: a "notebook PC" is a notebook.
_SAYING_NO_MORE = frozenset(("kit", "set", "pack", "pair", "bundle", "pc", "computer", "unit", "device", "system"))
_BESIDE = frozenset(("and", "or"))
_CLAUSES = re.compile(r"\s[-–—]+\s|[,;:|([\])]\s*")
_LETTERS = re.compile(r"[a-z]{2,}")
_COUNTED = re.compile(r"\d[ -]?([a-z]{2,})")
_MOSTLY = 0.4  # of the texts with a word in which a number stands before it, for it to be a unit
_LEAST_PLURAL = 0.005  # texts with a noun's plural for each with its singular; of adjectives there are none
_JOINS = re.compile(r"-|\s?[/&+]\s?|")  # between the words of one phrase, beside a space


@dataclass(frozen=True, slots=True)
class Nouns:
    """What a catalogue's texts tell about words, in `text.noun` form: those that name things, and units."""

    things: Set[str]
    units: Set[str]


class NounCounts:
    """Counts of words, text by text, from which nouns are learned."""

    def __init__(self) -> None:
        self._singular: Counter[str] = Counter()
        self._plural: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """One more text."""
        folded = text.casefold()
        for word in set(_LETTERS.findall(folded)):
            key = noun(word)
            (self._plural if word[-1] == "s" and key != word else self._singular)[key] += 1
        for key in {noun(word) for word in _COUNTED.findall(folded)}:
            self._counted[key] += 1

    def learned(self, known: Set[str] = frozenset()) -> Nouns:
        """Things are words that stand in the texts in the singular and, now and then, in the plural, and the `known`.

        So do the names of things, and neither "black" nor "original" does. Units mostly follow a number ("1 pc").
        """
        singular, plural = self._singular, self._plural
        things = {word for word, n in plural.items() if 0 < _LEAST_PLURAL * singular[word] <= n}
        units = {word for word, n in self._counted.items() if n >= _MOSTLY * (singular[word] + plural[word])}
        return Nouns(frozenset(things | known), frozenset(units))


def learn_nouns(texts: Iterable[str], known: Set[str] = frozenset()) -> Nouns:
    """What these texts tell about nouns, and the `known` ones."""
    counts = NounCounts()
    for text in texts:
        counts.add(text)
    return counts.learned(known)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    joined: bool  # no punctuation stands before it
    beside: bool  # a slash stands before it
    counted: bool  # a number stands before it, so that it may be a unit: "1 pc"


def phrase_ends(title: str, brand: str | None, nouns: Nouns) -> frozenset[str]:
    """The nouns (in `text.noun` form) that noun phrases end in: those of the title's first clause that has any.

    Of a clause, only what stands before "for" and "with" counts.
    """
    text = clean(title)
    if brand and text.casefold().startswith(clean(brand).casefold()):  # a "Cooler Master" is no cooler
        text = text[len(clean(brand)) :]
    for clause in _CLAUSES.split(text):
        found = list(_before_purpose(clause))
        ends = {noun(word.text) for i, word in enumerate(found) if _may_name(word, nouns) and _ends(found, i, nouns)}
        if ends & nouns.things:
            return frozenset(ends & nouns.things)
    return frozenset()


def _before_purpose(clause: str) -> Iterator[_Word]:
    last, counted, small = 0, False, False
    for i, (word, start, end) in enumerate(words(clause)):
        if word in _MADE_FOR and i:
            return
        gap = clause[last:start]
        joined = gap.isspace() or _JOINS.fullmatch(gap) is not None
        # "toner cartridge Original Black": after a word in small letters a capital begins another phrase.
        begins = small and clause[start].isupper()
        yield _Word(word, joined and not begins, gap.strip() in ("/", "&", "+"), counted and joined)
        last, counted, small = end, word[0].isdigit(), clause[start].islower()


def _may_name(word: _Word, nouns: Nouns) -> bool:
    if not word.text.isalpha() or len(word.text) < 2 or has_cjk(word.text):
        return False
    return not (word.counted and noun(word.text) in nouns.units)


def _ends(found: Sequence[_Word], place: int, nouns: Nouns) -> bool:
    """Whether no noun that follows in the same phrase makes the one at `place` say merely which."""
    for i in range(place + 1, len(found)):
        word = found[i]
        if not word.joined or word.text in _ANOTHER_PHRASE:
            return True
        if word.text == _TURNS_INTO:
            return False
        if word.beside or word.text in _BESIDE:  # "keyboard/mouse cable": what is said of one is said of both
            other = i if word.beside else i + 1
            return other >= len(found) or not _may_name(found[other], nouns) or _ends(found, other, nouns)
        key = noun(word.text)
        if not _may_name(word, nouns):
            return True
        if key in nouns.things and key not in _SAYING_NO_MORE:
            return False
    return True
