"""Words of a message to facet values: brands, categories, attributes and options that the catalogue has.

In: a marked text, the vocabulary and what the text refuses. Out: `Mention`s in text order, and the typing errors that
were read as known words. Which of them constrain and which merely describe is decided here too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from knowledge_base.constraints import cues
from knowledge_base.constraints.filler import PREPOSITION, split_subject, strip_filler
from knowledge_base.constraints.marked import How, MarkedText
from knowledge_base.constraints.naming import mark_beside, most_specific, named_before, named_beside
from knowledge_base.constraints.refusals import Refusals
from knowledge_base.constraints.result import Mention
from knowledge_base.constraints.word_lists import (
    COMMON_STEMS,
    DEGREES,
    NUMBER_WORDS,
    SIZE_WORDS,
    STOP_STEMS,
    STOP_WORDS,
)
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.vocabulary import MAX_PHRASE_WORDS, FacetName, FacetValue, Vocabulary, value_key

# "Is it leather", "是玻璃的吗": what follows is said of a thing and does not name it.
_SAID_OF_IT = re.compile(r"\b(?:in|is|are|it|one|ones|with|of|from|made)\s*$|(?:是|要|换成|用)\s*$", re.I)
_WORDS_AFTER = re.compile(r" [A-Za-z]{3,}(?: [A-Za-z]{2,}){0,2}")
_ONE_AFTER = re.compile(r"\s*ones?\b", re.I)  # "a four-season one"
_MATERIALS = frozenset(("down",))  # little words that things are made of, too
_VALUE_WORDS = 3  # of a value after its facet's name, that are looked at


class MentionReader:
    """Facet values in one text."""

    def __init__(self, marked: MarkedText, vocabulary: Vocabulary, refusals: Refusals) -> None:
        self._marked, self._vocabulary, self._refusals = marked, vocabulary, refusals
        self.corrections: dict[str, str] = {}

    def read(self) -> list[Mention]:
        """The mentions that constrain, in text order; `corrections` then holds the typing errors."""
        found = [*self._latin_mentions(), *self._chinese_mentions()]  # the longest first, so that it takes its words
        return _merge(self._constraining(sorted(found, key=lambda mention: mention.start)), self._marked.text)

    def _latin_mentions(self) -> Iterable[Mention]:
        tokens = [(stem(w), s, e) for w, s, e in words(self._marked.text) if not has_cjk(w)]
        for i, (token, s, e) in enumerate(tokens):
            if (
                token not in COMMON_STEMS
                and self._marked.free(s, e)
                and (known := self._vocabulary.correct(self._marked.text[s:e].casefold()))
                and self._is_facet_word(stem(known))
            ):
                self.corrections[self._marked.text[s:e]] = known
                tokens[i] = (stem(known), s, e)
        single, joined = [token for token, _, _ in tokens], [_digits(token) for token, _, _ in tokens]
        self._mark_facet_names(tokens)
        for size in range(min(MAX_PHRASE_WORDS, len(tokens)), 0, -1):
            for i in range(len(tokens) - size + 1):
                key = " ".join(single[i : i + size])
                if not self._names(key):  # "two people" where the shop writes "2 people"
                    key = " ".join(joined[i : i + size]) if size > 1 else key
                    if not self._names(key):
                        continue
                start, end = tokens[i][1], tokens[i + size - 1][2]
                if not self._marked.free(start, end) or re.search(r"[.!?;,]\s", self._marked.text[start:end]):
                    continue
                if mention := self._mention(key, start, end):
                    self._marked.mark(start, end, How.SEARCHED)
                    yield mention

    def _mark_facet_names(self, tokens: Sequence[tuple[str, int, int]]) -> None:
        """Mark names of several words that have one of their facet's values beside them: "cable material copper".

        Before any value is read, or "cable" would be taken for a value of another facet.
        """
        for size in range(min(MAX_PHRASE_WORDS, len(tokens)), 1, -1):
            for first in range(len(tokens) - size + 1):
                past = first + size
                names = self._vocabulary.named(" ".join(token for token, _, _ in tokens[first:past]))
                start, end = tokens[first][1], tokens[past - 1][2]
                if names and self._marked.free(start, end) and self._value_beside(names, tokens, first, past):
                    self._marked.mark(start, end, How.FACET)

    def _value_beside(
        self, names: Sequence[FacetName], tokens: Sequence[tuple[str, int, int]], first: int, past: int
    ) -> bool:
        keys = {fold(name.name) for name in names if not name.boolean}
        beside = [tokens[past : past + n] for n in range(1, _VALUE_WORDS + 1)]
        beside += [tokens[max(0, first - n) : first] for n in range(1, _VALUE_WORDS + 1)]
        said = {" ".join(token for token, _, _ in stretch) for stretch in beside if stretch}
        return any(fold(value.name) in keys for key in said for value in self._vocabulary.values(key))

    def _chinese_mentions(self) -> Iterable[Mention]:
        folded = self._marked.text.casefold()
        if not has_cjk(folded):
            return
        for size in range(self._vocabulary.longest_chinese_value, 0, -1):
            for start in range(len(folded) - size + 1):
                end = start + size
                key = folded[start:end]
                if (
                    key[0].isdigit()
                    and has_cjk(key[-1])
                    and not re.search(r"[\d.~-]$", folded[max(0, start - 1) : start])
                ):
                    key = value_key(key)  # "5件" is keyed as two words
                if self._vocabulary.is_chinese_value(key) and self._marked.free(start, end):
                    if size == 1 and not self._is_one_character(key, start):
                        continue
                    if mention := self._mention(key, start, end):
                        self._marked.mark(start, end, How.SEARCHED)
                        yield mention

    def _names(self, key: str) -> bool:
        return bool(self._vocabulary.values(key) or self._vocabulary.named(key) or key in SIZE_WORDS)

    def _is_refused_value(self, key: str, start: int, end: int) -> bool:
        """Whether a little word is a value that is refused: of "without down", what a pillow may be filled with."""
        last = not re.match(r"\s+\w", self._marked.tail(end))
        return last and bool(self._vocabulary.values(key)) and self._refusals.begins(start) is not None

    def _is_made_of(self, key: str, end: int) -> bool:
        """Whether a little word is a value right before a kind of thing: "down jacket", and not "down to 50"."""
        if (
            key not in _MATERIALS
            or not self._vocabulary.values(key)
            or (following := _WORDS_AFTER.match(self._marked.tail(end))) is None
        ):
            return False
        said = [stem(word) for word in following[0].casefold().split()]
        names = (" ".join(said[:n]) for n in range(1, len(said) + 1))
        if any(value.name == "category" for name in names for value in self._vocabulary.values(name)):
            return True
        return said[0] not in COMMON_STEMS | STOP_STEMS and self._vocabulary.title_counts.get(said[0], 0) > 1

    def _is_one_character(self, key: str, start: int) -> bool:
        """Whether one character is a value, and neither a part of a word nor a unit: 米 is beige, and not in 2米的."""
        if self._marked.text[start - 1 : start].isdigit():
            return False
        coloured = re.match(r"色|的", self._marked.text[start + 1 : start + 2])
        return bool(coloured) or self._stands_alone(key, start)

    def _stands_alone(self, key: str, start: int) -> bool:
        """Whether one character is a value by itself: between its facet's name and other words that are read."""
        following = self._marked.text[start + 1 : start + 2]
        if has_cjk(following) and self._marked.free(start + 1, start + 2):
            return False
        names = (self._vocabulary.names[fold(value.name)] for value in self._vocabulary.values(key))
        return any(named_before(self._marked, name, start) for name in names)

    def _is_facet_word(self, word: str) -> bool:
        vocabulary = self._vocabulary
        return bool(vocabulary.values(word) or vocabulary.named(word) or vocabulary.title_counts.get(word))

    def _mention(self, key: str, start: int, end: int) -> Mention | None:
        sized = len(key) == 1 and key.isascii() and self._is_size(key, start, end)
        little = key in STOP_STEMS and not self._is_refused_value(key, start, end) and not self._is_made_of(key, end)
        if not sized and (little or (len(key) == 1 and key.isascii()) or re.fullmatch(r"[\d. ]+", key)):
            return self._numbered_size(key, start, end)
        if key in DEGREES and not self._names_category(key, start, end) and not self._means_a_value(key, start, end):
            return None
        values = self._vocabulary.values(key) or self._sized(key, start, end)
        booleans = () if values else tuple(name.name for name in self._vocabulary.named(key) if name.boolean)
        if not values and not booleans:
            return None
        negated = self._refusals.covers(start, end)
        brands = _of(values, "brand")
        categories = _of(values, "category")
        purpose = bool(cues.PURPOSE_BEFORE.search(self._marked.head(start)))
        purpose = purpose or (bool(categories) and self._is_place(start))
        if (brands or categories) and (named := self._named_values(values, start, end)):
            return self._value_mention(named, start, end, negated, purpose)
        if brands and not categories:
            return Mention(start, end, "brand", ("brand",), brands, negated=negated, purpose=purpose)
        if categories:
            return Mention(start, end, "category", ("category",), categories, negated=negated, purpose=purpose)
        if values:
            return self._value_mention(values, start, end, negated, purpose)
        if (said := cues.SAID_YES_OR_NO.match(self._marked.tail(end))) and not negated:  # "waterproof: no"
            whole = end + said.end("said")
            self._marked.mark(end, whole, How.SEARCHED)
            return Mention(start, whole, "boolean", booleans, ("no" if said["no"] else "yes",), named=True)
        return Mention(start, end, "boolean", booleans, ("yes",), negated=negated, purpose=purpose)

    def _is_place(self, start: int) -> bool:
        """Whether a kind of thing is only where another is wanted: "a lamp for reading in a tent"."""
        head = self._marked.head(start)
        before = cues.PLACE_BEFORE.search(head)
        return before is not None and bool(split_subject(strip_filler(head[: before.start()]))[0])

    def _named_values(self, values: Sequence[FacetValue], start: int, end: int) -> list[FacetValue]:
        """Of several facets' values those whose facet is named beside: "brand compatibility HP" is no brand."""
        return [
            value
            for value in values
            if value.name not in ("brand", "category")
            and named_beside(self._marked, self._vocabulary.names[fold(value.name)], start, end)
        ]

    def _names_category(self, key: str, start: int, end: int) -> bool:
        """Whether a word of degree is meant as a kind of thing: "lights" and "a bike light", not "a light jacket"."""
        if not any(value.name == "category" for value in self._vocabulary.values(key)):
            return False
        following = next(words(self._marked.tail(end)), None)
        alone = following is None or following[1] > 1 or following[0] in STOP_WORDS
        return alone or self._marked.text[start:end].casefold() != key

    def _means_a_value(self, key: str, start: int, end: int) -> bool:
        """Whether a word of degree is meant as a value ("in long", "the long one") and not as in "long lasting"."""
        if cues.DEGREE_BEFORE.search(self._marked.head(start)):
            return False
        facets = (self._vocabulary.names[fold(value.name)] for value in self._vocabulary.values(key))
        if any(named_beside(self._marked, name, start, end) for name in facets):
            return True
        return self._after_size_word(start) or bool(cues.DEGREE_AFTER.match(self._marked.tail(end)))

    def _after_size_word(self, start: int) -> bool:
        """Whether a size is expected here: after "size" or "in", but not in "a large tent"."""
        plain = re.search(r"(?<!\bin )\ban?\s*$", self._marked.head(start), re.I)
        return not plain and bool(cues.SIZE_BEFORE.search(self._marked.head(start)))

    def _sized(self, key: str, start: int, end: int) -> Sequence[FacetValue]:
        """ "Medium" where the shop writes M: option values that stand for a size in words."""
        letters = SIZE_WORDS.get(key)
        if not letters:
            return ()
        if not self._after_size_word(start) and not cues.SIZE_AFTER.match(self._marked.tail(end)):
            return ()
        found = self._vocabulary.values(letters)
        return [value for value in found if self._vocabulary.names[fold(value.name)].is_option]

    def _value_mention(
        self, values: Sequence[FacetValue], start: int, end: int, negated: bool, purpose: bool
    ) -> Mention:
        beside = [self._vocabulary.names[fold(v.name)] for v in values]
        common = max(v.n_products for v in values)
        named = most_specific(
            [
                n
                for n, v in zip(beside, values, strict=True)
                if named_beside(self._marked, n, start, end, v.n_products * 10 >= common)
            ]
        )
        for name in named:
            mark_beside(self._marked, name, start, end)
        options = [n for n in beside if n.is_option]
        chosen = named or beside
        keys = {n.key for n in chosen}
        kept = [v for v in values if fold(v.name) in keys]
        return Mention(
            start,
            end,
            "value",
            tuple(dict.fromkeys(v.name for v in kept)),
            tuple(dict.fromkeys(v.value for v in kept)),
            named=bool(named),
            negated=negated or (bool(named) and self._refusals.covers(start, end)),
            purpose=purpose,
            option=bool(options),
        )

    def _numbered_size(self, key: str, start: int, end: int) -> Mention | None:
        """A bare number counts as a value only beside its facet's name: "size 42", "42码"."""
        if key in STOP_STEMS:
            return None
        named = [
            v
            for v in self._vocabulary.values(key)
            if named_beside(self._marked, self._vocabulary.names[fold(v.name)], start, end)
        ]
        said = self._marked.text[start:end]
        if not named and re.fullmatch(r"\d+ ?- ?\d+", said) and _SAID_OF_IT.search(self._marked.head(start)):
            named = list(self._vocabulary.values(key))  # "a switch in 100-240"
        if not named and self._marked.text[end : end + 1] == "%":  # "80%" needs no name, unlike a bare 80
            named = [v for v in self._vocabulary.values(key) if v.value.strip() == self._marked.text[start : end + 1]]
        return self._value_mention(named, start, end, self._refusals.covers(start, end), False) if named else None

    def _is_size(self, key: str, start: int, end: int) -> bool:
        """A single letter counts as a size in capitals: after "in" or "size", or where it is an option's value."""
        if not self._marked.text[start:end].isupper():
            return False
        options = [v for v in self._vocabulary.values(key) if self._vocabulary.names[fold(v.name)].is_option]
        if (
            options
            and key in ("s", "m", "l")
            and not self._marked.text.isupper()
            and self._marked.text[start - 1 : start] not in "'’"
        ):
            return True
        return bool(cues.SIZE_BEFORE.search(self._marked.head(start)) or cues.SIZE_AFTER.match(self._marked.tail(end)))

    def _names_things(self, mention: Mention) -> bool:
        """Whether more titles than values hold the word: "camera" is a thing, though a bag has a camera compartment."""
        key = value_key(self._marked.text[mention.start : mention.end])
        carriers = max((v.n_products for v in self._vocabulary.values(key)), default=0)
        return self._vocabulary.title_counts.get(key, 0) > carriers

    def _added(self, start: int) -> bool:
        """Whether what begins here is said after a comma of a thing named before: "a rack, Hubbell CS8365C"."""
        head = self._marked.text[:start].rstrip()
        return head[-1:] in (",", "，") and How.SEARCHED in self._marked.used[: len(head)]

    def _constraining(self, mentions: Sequence[Mention]) -> list[Mention]:
        """Without the mentions that the phrase is about: some facet may have the value "cartridge", but of "black toner
        cartridge" it belongs to the subject."""
        kept = list(mentions)
        for mention, following in itertools.pairwise(mentions):
            # "gaming mouse": two categories side by side are one compound, and its last word says what it is.
            beside = not self._marked.text[mention.end : following.start].strip(" -")
            if mention.role == following.role == "category" and beside and not mention.negated:
                kept.remove(mention)
        for mention in mentions:
            if mention.role != "value" or mention.named or mention.negated or mention.purpose:
                continue
            if mention.option and not self._names_things(mention):
                continue
            rest = self._marked.unread(mention.end)
            head, _ = split_subject(strip_filler(rest)) if not PREPOSITION.match(rest.lstrip()) else ("", ())
            before = _SAID_OF_IT.search(self._marked.head(mention.start)) or self._added(mention.start)
            followed = any(other.start >= mention.end and other.role == "category" for other in mentions)
            followed = followed or bool(_ONE_AFTER.match(rest))
            if not head and not before and not followed:
                kept.remove(mention)
        return kept


def _digits(word: str) -> str:
    """ "two" of "two people" as catalogues write it."""
    return str(NUMBER_WORDS[word]) if word in NUMBER_WORDS else word


def _of(values: Iterable[FacetValue], name: str) -> tuple[str, ...]:
    return tuple(value.value for value in values if value.name == name)


def _merge(mentions: Iterable[Mention], text: str) -> list[Mention]:
    """`size M or L` is one condition with two values; a negation before the first covers the list."""
    merged: list[Mention] = []
    for mention in mentions:
        last = merged[-1] if merged else None
        between = text[last.end : mention.start] if last else ""
        if last and last.role == mention.role and between.strip() and cues.JOINED.match(between):
            shared = tuple(name for name in last.names if name in mention.names)
            listed = re.search(r"or|and|或|和|跟|还是|及|与|/|&", between, re.I)
            alike = 2 * len(shared) > len(set(last.names) | set(mention.names))
            if shared and (listed or alike or last.named):
                values = tuple(dict.fromkeys(last.values + mention.values))
                merged[-1] = replace(
                    last, end=mention.end, names=shared, values=values, named=last.named or mention.named
                )
                continue
        merged.append(mention)
    return merged
