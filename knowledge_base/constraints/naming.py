"""A facet's own name in a text: whether it stands beside a value or a number, and the mark that it is read.

In: a marked text and a facet of the catalogue. "size" of "jackets size M" says which facet M belongs to and is no kind
of thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge_base.constraints.marked import How, MarkedText
from knowledge_base.constraints.word_lists import MEASURE_WORDS
from knowledge_base.text import has_cjk, stem, words
from knowledge_base.title_figures import ROLE_ZH, role_of
from knowledge_base.vocabulary import FacetName

_LITTLE = ("is", "of", "in")  # "country of origin is Taiwan"


def name_pattern(name: FacetName) -> str:
    """A facet's name as a message may inflect it."""
    if has_cjk(name.key):
        return re.escape(name.key)
    return r"\W+".join(rf"\b{re.escape(word)}\w*" for word, _, _ in words(name.key))


def key_words(key: str) -> list[str]:
    """The stemmed words of a facet's key."""
    return [stem(word) for word, _, _ in words(key)]


def mark_name(marked: MarkedText, name: FacetName) -> None:
    """The facet's name in the text is read: "battery life" of "20 hours battery life" is no kind of battery."""
    if (match := re.search(name_pattern(name), marked.text, re.I)) and marked.free(match.start(), match.end()):
        marked.mark(match.start(), match.end(), How.FACET)


def mark_measure_words(marked: MarkedText, name: FacetName, start: int, end: int) -> None:
    """ "weighing" of "tents weighing under 2 kg" only says which facet is bound."""
    keys = key_words(name.key)
    for word, first, last in words(marked.text[start:end]):
        if stem(MEASURE_WORDS.get(word, "")) in keys and marked.free(start + first, start + last):
            marked.mark(start + first, start + last)


def mark_beside(marked: MarkedText, name: FacetName, start: int, end: int) -> None:
    """The facet's name next to its value: "jackets size M" are no kind of size."""
    window = max(0, start - 40)
    pattern = name_pattern(name)
    having = "(?:(?<!不)带有?)?" if has_cjk(name.key) else ""  # of "带件数5件的"
    before = re.search(rf"{having}{pattern}(?=\W*(?:(?:is|of|in)\b|[为是要选])?\W*$)", marked.text[window:start], re.I)
    after = re.match(rf"\W*{pattern}", marked.text[end : end + 40], re.I)
    for match, offset in ((before, window), (after, end)):
        if match and marked.free(offset + match.start(), offset + match.end()):
            marked.mark(offset + match.start(), offset + match.end(), How.FACET)


def named_beside(marked: MarkedText, name: FacetName, start: int, end: int, common: bool = True) -> bool:
    """Whether the facet's own name stands right before or after the value ("size M", "red colour", "颜色红")."""
    if named_before(marked, name, start):
        return True
    if has_cjk(name.key):
        return marked.tail(end).lstrip().startswith(name.key)
    # Before the value any facet may be named; after it only one that many products have: "black toner cartridge"
    # names a kind of thing, though some product may have a facet "toner cartridge".
    after = " ".join(stem(w) for w, _, _ in words(marked.text[end : end + 40]))
    return common and after.startswith(" ".join(key_words(name.key)))


def named_before(marked: MarkedText, name: FacetName, start: int) -> bool:
    """Whether the facet's own name stands right before the value ("size M", "材质是铝")."""
    if has_cjk(name.key):
        return marked.head(start).rstrip(" ：:是为要选").endswith(name.key)
    before = [stem(w) for w, _, _ in words(marked.text[max(0, start - 40) : start]) if w not in _LITTLE]
    return " ".join(before).endswith(" ".join(word for word in key_words(name.key) if word not in _LITTLE))


def most_specific(names: Sequence[FacetName]) -> list[FacetName]:
    """Without the names that are part of another one: "strap material" says more than "material"."""
    said = [set(key_words(name.key)) for name in names]
    return [n for n, own in zip(names, said, strict=True) if not any(own < other for other in said)]


def leading_role(after: str) -> int:
    """How many letters of what follows a figure say what it is of: "RAM" of "RAM laptop", "DDR4 RAM" of "DDR4 RAM"."""
    text = after.lstrip()
    if match := ROLE_ZH.match(text):
        return match.end()
    end = 0
    for word, start, past in words(text):
        if role_of(word) is None or text[end:start].strip(" -"):
            break
        end = past
    return end
