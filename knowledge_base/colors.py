"""Families of colours: which of a shop's own colour names serve somebody who asks for "blue" or "蓝色".

In: the values of a facet. Out: for each word that shoppers ask with, the values of its family. `colors.txt` is general
and in two languages; it knows no shop. It decides nothing about queries: `vocabulary` looks words up in what it gives.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge_base.text import fold, has_cjk, words

_FILE = Path(__file__).with_name("colors.txt")
_COLOR_FACET = re.compile(r"\b(?:colou?rs?|shades?|farbe|couleur)\b|颜色|色彩|配色|花色|色号|^色$", re.I)
_MAX_WORDS = 4  # of a value that can be the name of a colour


@dataclass(frozen=True, slots=True)
class Family:
    """One colour as shoppers name it. `asked` stands for the whole family, `names` are all names that belong to it."""

    asked: tuple[str, ...]
    names: frozenset[str]


def is_color_facet(name: str) -> bool:
    """Whether a facet of this name holds colours."""
    return bool(_COLOR_FACET.search(name))


def is_color_word(word: str) -> bool:
    """Whether shoppers name a colour so: "purple", "紫色"; not the fancy names that shops invent."""
    return any(fold(word) in family.asked or _bare(fold(word)) in family.asked for family in _families())


def family_values(values: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """For each word that shoppers ask with, in lower case, the values that are colours of its family, in their order.

    A word that is itself one of the values means that value and has no entry here.
    """
    values = tuple(values)
    own = {_bare(fold(value)) for value in values}
    found: dict[str, tuple[str, ...]] = {}
    members: dict[int, list[str]] = defaultdict(list)
    for value in values:
        for number in _families_of(value):
            members[number].append(value)
    for number, family in enumerate(_families()):
        if members[number] and not own & set(family.asked):
            for word in family.asked:
                for said in (word, f"{word}色") if has_cjk(word) else (word,):
                    found[said] = tuple(members[number])
    return found


def _families_of(value: str) -> list[int]:
    """The families (by number) that a value belongs to: "Navy", "dark navy", "深海军蓝色"."""
    folded = fold(value)
    if has_cjk(folded):
        bare = _bare(folded)
        return [
            i
            for i, family in enumerate(_families())
            if bare in family.names or any(has_cjk(word) and bare.endswith(word) for word in family.asked)
        ]
    said = [word for word, _, _ in words(folded)]
    if not said or len(said) > _MAX_WORDS:
        return []
    # The last word says which colour it is, unless it is a shade of nothing ("Navy Heather", "Ocean Depths").
    for word in reversed(said):
        numbers = [i for i, family in enumerate(_families()) if word in family.names]
        if numbers:
            return numbers
    return []


def _bare(folded: str) -> str:
    return folded[:-1] if len(folded) > 1 and folded.endswith("色") else folded


@cache
def _families() -> tuple[Family, ...]:
    families = []
    for line in _FILE.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        _, _, listed = line.partition(":")
        asked, _, further = listed.partition("|")
        families.append(Family(tuple(asked.split()), frozenset((*asked.split(), *further.split()))))
    return tuple(families)
