"""A wish for several kinds of things in one breath: "phone cases and chargers under $20", 帐篷或者睡袋.

In: a message and the catalogue. Out: a message for each kind, with what is said of them all. What joins one name
("salt and pepper mills"), values ("red and blue") or what something is for ("a bag for men and women") is no list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.understanding.message import product_at
from knowledge_base.constraints.word_lists import COMMON_STEMS
from knowledge_base.index import Index
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.vocabulary import value_key

_MAX_KINDS = 3
_MAX_WORDS, _MAX_CHARS = 3, 6  # of a kind's name
_LEAD = 2  # words that may stand before the name: "and warm socks"
_ONE_NAME = 0.3  # of the titles with the second name that have the first one, too, from which on they are one
_MAX_TITLES = 200  # looked at for what one is called
_CLAUSE = re.compile(r"[,(|–/]|\s-\s|\b(?:for|with|w)\b")
_I = re.IGNORECASE
_AND = r"and|&|plus|as well as"
_JOINT = re.compile(
    rf"\s*,?\s+(?P<and>{_AND})\s+(?:(?:also|some|any|a|an|the|maybe)\s+)*"
    r"|\s*,?\s+(?:or|and/or)\s+(?:(?:also|some|any|a|an|the|maybe)\s+)*|\s*,\s+"
    r"|\s*(?P<zhand>和|跟|以及|与)\s*|\s*(?:、|或者?|还是|还有|还要|，)\s*",
    _I,
)
_LISTS = re.compile(
    rf"\s(?:{_AND}|or|and/or)\s|、|和|跟|以及|与|或|还是|还有|还要", _I
)  # what a list has, beside commas
# What binds a list to something else: it says for what, with what, or sets things side by side.
_BOUND = re.compile(
    r"(?<!looking )(?<!searching )(?<!shopping )(?<!search )(?<!look )(?<!shop )\bfor\b|"
    r"\b(?:with|without|in|of|from|by|to|into|on|than|not|no|except)\b|适合|适用|用于|搭配|不要|除了|带",
    _I,
)
_COMPARES = re.compile(
    r"\bcompar(?!tment)|\bdifferen|\bvs\b|\bversus\b|\bbetween\b|\bwhich\b|\bbetter\b|对比|比较|区别|不同|哪个|哪款|更",
    _I,
)
Span = tuple[int, int]


def kinds_in(text: str, index: Index) -> tuple[str, ...]:
    """A message for each kind of thing that the message lists, in its order; () where it lists none."""
    if _COMPARES.search(text) or not _LISTS.search(text) or _names_product(text, index):
        return ()
    pieces = _pieces(text, index)
    if not 2 <= len(pieces) <= _MAX_KINDS:
        return ()
    (first, kind), rest = pieces[0], pieces[1:]
    if kind[1] < first[1] or any(name[1] < piece[1] for piece, name in rest[:-1]):
        return tuple(text[start:end].strip() for (start, end), _ in pieces)
    before, after = text[: kind[0]], text[rest[-1][1][1] :]  # said of them all
    names = [kind, *((piece[0], name[1]) for piece, name in rest)]
    return tuple(f"{before}{text[start:end]}{after}" for start, end in names)


def _names_product(text: str, index: Index) -> bool:
    """Whether a title, or a telling part of one, stands in the message: its commas and "and"s list nothing."""
    named = index.facets.titles.mentions(text, COMMON_STEMS, index.facets.vocabulary.generic)
    said = [(m, text[m.start : m.end]) for m in named]
    return any((m.whole and len(name.split()) > 2) or _LISTS.search(name) or "," in name for m, name in said)


def _pieces(text: str, index: Index) -> list[tuple[Span, Span]]:
    """The stretches of a list, each with where it names its kind; [] for what is none."""
    joints = list(_JOINT.finditer(text))
    starts, ends = [0, *(j.end() for j in joints)], [*(j.start() for j in joints), len(text)]
    found: list[tuple[Span, Span]] = []
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        kind = _named(text, start, end, index, last=not found)
        if not found:
            if kind is not None and _BOUND.search(text[: kind[0]]):
                return []
            found = [((0, end), kind)] if kind is not None else []
            continue
        before = found[-1][1]
        kind = None if _BOUND.search(text[before[1] : start]) else kind or _unheard(text, start, end, index)
        if kind is None:
            found[-1] = (found[-1][0][0], end), before  # it says more of the one before
        elif joints[place - 1].lastgroup and _one_name(text, before, kind, index):
            return []
        else:
            found.append(((start, end), kind))
    return found


def _named(text: str, start: int, end: int, index: Index, last: bool) -> Span | None:
    """Where a stretch names a kind: the one it names last, or the one that it begins with."""
    piece = text[start:end]
    if has_cjk(piece):
        spans: Iterator[Span] = _chinese(piece, last)
    else:
        said = [(s, e) for word, s, e in words(piece)]
        places = range(len(said) - 1, -1, -1) if last else range(min(len(said), _LEAD + 1))
        spans = _runs(said, places, last)
    return next(((start + s, start + e) for s, e in spans if _is_kind(piece[s:e], index)), None)


def _unheard(text: str, start: int, end: int, index: Index) -> Span | None:
    """A noun of which the shop has never heard, where nothing else follows: "tents or hammocks"."""
    said = [(word, s, e) for word, s, e in words(text[start:end])]
    if len(said) != 1 or has_cjk(said[0][0]) or not said[0][0].isalpha() or len(said[0][0]) < 4:
        return None
    word, first, last = said[0]
    key = stem(word.casefold())
    unknown = word.endswith("s") and key not in COMMON_STEMS and not index.facets.vocabulary.knows(key)
    return (start + first, start + last) if unknown else None


def _runs(said: Sequence[Span], places: Sequence[int] | range, last: bool) -> Iterator[Span]:
    """Stretches of up to three words, those that end (or begin) at the first of `places` first, the longest first."""
    for place in places:
        for length in range(_MAX_WORDS, 0, -1):
            first, final = (place - length + 1, place) if last else (place, place + length - 1)
            if first >= 0 and final < len(said):
                yield said[first][0], said[final][1]


def _chinese(piece: str, last: bool) -> Iterator[Span]:
    for place in range(len(piece), 1, -1) if last else range(min(len(piece), 2 * _LEAD)):
        for length in range(_MAX_CHARS, 1, -1):
            first, final = (place - length, place) if last else (place, place + length)
            if first >= 0 and final <= len(piece):
                yield first, final


def _is_kind(phrase: str, index: Index) -> bool:
    """Whether the catalogue has things that are called so, by their category, their stated type or their titles."""
    key = value_key(phrase)
    values = {value.name for value in index.facets.vocabulary.values(key)}
    if "category" in values or index.facets.stated(phrase).any():
        return True
    if values or stem(phrase.split()[-1].casefold()) in COMMON_STEMS:
        return False
    if has_cjk(phrase):
        ending = re.compile(rf"{re.escape(fold(phrase))}(?![\u4e00-\u9fff])")
        return any(ending.search(fold(_title(row, index))) for row in index.facets.title_rows(phrase)[:_MAX_TITLES])
    if (index.types.ending(phrase) & index.facets.called(phrase)).any():
        return True
    last = stem(phrase.split()[-1].casefold())
    return any(_ends_in(_title(row, index), last) for row in index.facets.title_rows(phrase)[:_MAX_TITLES])


def _title(row: int, index: Index) -> str:
    return product_at(row, index).title


def _ends_in(title: str, head: str) -> bool:
    """Whether the title's first clause ends in the word: "Merino Socks, 2 Pairs" in "sock"."""
    said = [word for word, _, _ in words(_CLAUSE.split(fold(title))[0]) if word.isalpha()]
    return bool(said) and stem(said[-1]) == head


def _one_name(text: str, left: Span, right: Span, index: Index) -> bool:
    """Whether two names with "and" between them are one: a category has both, or most titles that have the second."""
    one, other = text[left[0] : left[1]], text[right[0] : right[1]]
    if index.facets.vocabulary.values(value_key(text[left[0] : right[1]])):
        return True
    both, whole = index.facets.title_rows(f"{one} {other}"), index.facets.title_rows(other)
    return len(both) > _ONE_NAME * len(whole) > 0
