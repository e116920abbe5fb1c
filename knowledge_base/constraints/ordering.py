"""In which order, how many and only what is in stock: what a message asks of a list, whatever is on it.

In: a marked text. Out: sort, limit and stock, with the words that said so marked as read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge_base.constraints import cues
from knowledge_base.constraints.marked import MarkedText
from knowledge_base.constraints.naming import name_pattern
from knowledge_base.constraints.word_lists import NUMBER_WORDS
from knowledge_base.quantities import find_quantities
from knowledge_base.types import Sort
from knowledge_base.vocabulary import Vocabulary

_SAID_OF_STOCK = re.compile(r"\b(?:available|stock)\b")


def read_sort(marked: MarkedText) -> Sort:
    """The order asked for, "relevance" where none is."""
    for name, pattern in cues.SORTS:
        if match := pattern.search(marked.text):
            marked.mark(match.start(), match.end())
            return name  # type: ignore[return-value]
    return "relevance"


def _facet_names(text: str, vocabulary: Vocabulary) -> Iterator[re.Match[str]]:
    """Where facets are named whose names hold a word that is also said of stock."""
    for name in vocabulary.names.values():
        if _SAID_OF_STOCK.search(name.key) and " " in name.key:
            yield from re.finditer(name_pattern(name), text, re.I)


def read_limit(marked: MarkedText) -> int | None:
    """How many things are asked for ("the 3 cheapest"), None where no number says so."""
    for pattern in cues.LIMITS:
        match = pattern.search(marked.text)
        if match and not re.match(r"[.,]\d|-[a-z]", marked.text[match.end("n") :]) and not _measures(marked, match):
            number = match["n"].casefold()
            counted = re.compile(r"\s*[款个件台种样条双只]").match(marked.text, match.end("n"))
            cue = re.match(r"(?:top|first|best)\b|哪", match.group(), re.I)
            marked.mark(match.start() if cue else match.start("n"), counted.end() if counted else match.end("n"))
            return NUMBER_WORDS.get(number) or int(number) or None
    return None


def _measures(marked: MarkedText, match: re.Match[str]) -> bool:
    """Whether the number has a unit: "the cheapest 40 l bag" asks for no 40 bags."""
    quantities = find_quantities(marked.tail(match.start("n")))
    return any(quantity.start == 0 and quantity.unit is not None for quantity in quantities)


def read_stock(marked: MarkedText, vocabulary: Vocabulary) -> bool | None:
    """True where only what is in stock is wanted, else None. "Available" in a facet's name says nothing of stock."""
    names = [match.span() for match in _facet_names(marked.text, vocabulary)]
    for match in cues.IN_STOCK.finditer(marked.text):
        if any(first <= match.start() and match.end() <= past for first, past in names):
            continue
        if marked.text[max(0, match.start() - 4) : match.start()].rstrip().endswith(("没", "不", "not", "no")):
            return None
        marked.mark(match.start(), match.end())
        return True
    return None
