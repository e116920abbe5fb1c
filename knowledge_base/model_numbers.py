"""Model numbers as the catalogue writes them, however a query splits or joins them: "wh1000xm4", "WH 1000 XM4".

In: a text and the facets. Out: the text with a number that no title has read as the one that some title has: cut
where the parts stand side by side in a title, or joined where the whole does. Measures are left alone, and so is every
word that the catalogue knows. It corrects no typing errors.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from knowledge_base.facets import Facets
from knowledge_base.quantities import find_quantities
from knowledge_base.text import has_cjk, stem, words

_LEAST_LETTERS = 5  # of a number with letters, separators not counted: below, too much is one by chance
_MAX_PARTS = 4
_MAX_LETTERS = 24
_TURNS = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")

_Said = Sequence[tuple[str, int, int]]


def as_written(text: str, facets: Facets) -> str:
    """The text with model numbers in the catalogue's own spelling; the text itself where none is spelled otherwise."""
    if not any(letter.isdigit() for letter in text):
        return text
    measured = [(q.start, q.end) for q in find_quantities(text) if q.unit]
    said = [word for word in words(text) if not has_cjk(word[0])]
    pieces, end_before = [], 0
    place = 0
    while place < len(said):
        n, written = _rewritten(text, said[place : place + _MAX_PARTS], facets)
        start, end = said[place][1], said[place + n - 1][2]
        if written and not any(first < end and start < past for first, past in measured):
            pieces += [text[end_before:start], written]
            end_before = end
            place += n
        else:
            place += 1
    return "".join([*pieces, text[end_before:]])


def _rewritten(text: str, said: _Said, facets: Facets) -> tuple[int, str]:
    """How many of these words are one number that the catalogue writes otherwise, and how; (1, "") for none."""
    for n in range(len(said), 1, -1):
        between = (text[left[2] : right[1]] for left, right in itertools.pairwise(said[:n]))
        parts = [word for word, _, _ in said[:n]]
        whole = "".join(parts)
        if all(gap in (" ", "-", "/") for gap in between) and _is_number(whole) and _stands(whole, facets):
            return (n, whole) if not _side_by_side(parts, facets) else (1, "")
    word = said[0][0]
    if _is_number(word) and not _stands(word, facets):
        for parts in _cuts(word):
            if all(_stands(part, facets) for part in parts) and _side_by_side(parts, facets):
                return 1, "-".join(parts)
    return 1, ""


def _is_number(word: str) -> bool:
    """Whether a lower-case word has the look of a model number: letters and digits, not too few."""
    mixed = any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
    return mixed and word.isascii() and _LEAST_LETTERS <= len(word) <= _MAX_LETTERS


def _stands(word: str, facets: Facets) -> bool:
    return stem(word) in facets.vocabulary.title_counts


def _cuts(word: str) -> Iterator[list[str]]:
    """The ways to cut a word in two, where letters and digits meet first, and then in more parts where they meet."""
    turns = [match.start() for match in _TURNS.finditer(word)]
    for cut in dict.fromkeys((*turns, *range(2, len(word) - 1))):
        yield [word[:cut], word[cut:]]
    for n in (2, 3):
        for cuts in itertools.combinations(turns, n):
            yield [word[first:past] for first, past in itertools.pairwise((0, *cuts, len(word)))]


def _side_by_side(parts: Sequence[str], facets: Facets) -> bool:
    """Whether some title has the parts one after the other."""
    return facets.stand_together([stem(part) for part in parts])
