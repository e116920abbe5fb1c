"""What a question is about, in whichever words and language it is asked: "get my money back" and "退钱" are a refund.

In: a text. Out: the names of the concepts of `concepts.txt` that it mentions, as index terms. The file is general
shopping vocabulary, English and Chinese side by side; nothing in it is of one shop.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge_base.text import fold, has_cjk, stem, words

PREFIX = "\0"  # no word of a text begins with it
_FILE = Path(__file__).with_name("concepts.txt")
_GAP = "~"
_MAX_WORDS, _MAX_CHARACTERS = 3, 5  # that a gap may bridge

Units = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Runs of units, with a gap between each two; `gap` is how many units it may bridge."""

    concept: str
    runs: tuple[Units, ...]
    gap: int


def concepts(text: str) -> tuple[str, ...]:
    """The index terms of all concepts mentioned, each once, in order of first mention.

    A phrase inside a longer one of another concept does not count: "store credit" speaks of no store.
    """
    units = _units(text)
    phrases = _phrases()
    matches = [
        (place, end, phrase)
        for place, unit in enumerate(units)
        for phrase in phrases.get(unit, ())
        if (end := _end_at(phrase, units, place)) is not None
    ]
    whole = [(start, end) for start, end, phrase in matches if len(phrase.runs) == 1]
    found = dict.fromkeys(
        phrase.concept
        for start, end, phrase in matches
        if len(phrase.runs) > 1 or not any(s <= start and end <= e and e - s > end - start for s, e in whole)
    )
    return tuple(PREFIX + name for name in found)


def _units(text: str) -> Units:
    """Stems of words and single Chinese characters, in order."""
    found: list[str] = []
    for word, _, _ in words(fold(text)):
        if has_cjk(word):
            found.extend(word)
        else:
            found.append(stem(word))
    return tuple(found)


def _end_at(phrase: _Phrase, units: Units, place: int) -> int | None:
    """Where the phrase ends that begins at `place`; None if it does not stand there."""
    end = place
    for run in phrase.runs:
        starts = range(end, min(end + (phrase.gap if end > place else 0), len(units) - len(run)) + 1)
        start = next((s for s in starts if units[s : s + len(run)] == run), None)
        if start is None:
            return None
        end = start + len(run)
    return end


@cache
def _phrases() -> dict[str, tuple[_Phrase, ...]]:
    """All phrases of the file by their first unit."""
    found: dict[str, list[_Phrase]] = defaultdict(list)
    for line in _FILE.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        concept, _, listed = line.partition(":")
        for text in listed.split(","):
            runs = tuple(run for part in text.split(_GAP) if (run := _units(part)))
            if runs:
                gap = _MAX_CHARACTERS if has_cjk(text) else _MAX_WORDS
                found[runs[0][0]].append(_Phrase(concept.strip(), runs, gap))
    return {unit: tuple(phrases) for unit, phrases in found.items()}
