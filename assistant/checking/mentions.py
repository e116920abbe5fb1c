"""Which record each part of a sentence is about.

In: a sentence and the citable records. Out: `Mention`s, the names and citations in it, and the subjects of a place in
the sentence. It refuses to know whether what is said of them is true.

A name is a run of a title's words: the whole title, its head, or what tells it from the other products in the
evidence. Names that fit several records equally are mentions of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.checking.grounds import Ground
from assistant.generation.grammar import word_set

_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[A-Za-z0-9À-ÿ]+(?:[.'’&+/-][A-Za-z0-9À-ÿ]+)*", re.UNICODE)
_CITATION = re.compile(r"\[(\d{1,3}(?:,\s?\d{1,3}){0,9})\]")
_JOINED = re.compile(
    r"[\s*_“”\"」』》\])（）(]*(?:\[[\d, ]+\])?[\s*_“”\"」』》]*"
    r"(?:,|、|，|/)?\s*(?:and|or|&|as well as|vs\.?|和|与|及|或|以及"
    r"|还有|跟|、|,)?\s*(?:the|our|both|also)?[\s*_“”\"「『《]*",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\([^()]*\)|（[^（）]*）")
_CLAUSE_END = re.compile(r"[.;!?。；！？|]|\d|\b(?:is|are|has|have|costs?|weighs|comes)\b|售价")
_COMMON = word_set(
    "the a an of for with and or in on to by new set pack kit pro plus mini max series size black white 的 款 新 大 小 "
)


@dataclass(frozen=True, slots=True)
class Mention:
    """`rows` (indices into the grounds) that sentence[start:end] may name; `cited` where a citation stands by it."""

    start: int
    end: int
    rows: tuple[int, ...]
    named: bool
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or one Chinese character, with its place."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, case-folded, without a possessive ending."""
    return tuple(Token(re.sub(r"['’]s$", "", m.group().casefold()), m.start(), m.end()) for m in _TOKEN.finditer(text))


def citations_in(sentence: str) -> list[tuple[int, int, tuple[int, ...]]]:
    """(start, end, numbers) of every citation."""
    return [(m.start(), m.end(), tuple(int(part) for part in m[1].split(","))) for m in _CITATION.finditer(sentence)]


def find_mentions(sentence: str, grounds: Sequence[Ground]) -> tuple[Mention, ...]:
    """The mentions of a sentence in order: names of products with the citation right behind them, other citations."""
    names = _names(sentence, [ground for ground in grounds if ground.product is not None])
    cites = citations_in(sentence)
    found: list[Mention] = []
    merged: set[int] = set()  # starts of citations that stand by a name
    for i, name in enumerate(names):
        following = names[i + 1].start if i + 1 < len(names) else len(sentence)
        for start, _, numbers in cites:
            gap = _BRACKETED.sub("", sentence[name.end : start])
            if name.end <= start < following and len(gap) < 60 and not _CLAUSE_END.search(gap):
                rows = tuple(n - 1 for n in numbers if 0 < n <= len(grounds))
                agreed = tuple(row for row in name.rows if row in rows)
                found.append(replace(name, rows=agreed or name.rows, cited=rows))
                merged.add(start)
                break
        else:
            found.append(name)
    for start, end, numbers in cites:
        rows = tuple(n - 1 for n in numbers if 0 < n <= len(grounds))
        if rows and start not in merged:
            found.append(Mention(start, end, rows, named=False, cited=rows))
    return tuple(sorted(found, key=lambda m: m.start))


def _names(sentence: str, grounds: Sequence[Ground]) -> list[Mention]:
    words = tokens(sentence)
    runs: list[tuple[int, int, int, bool]] = []  # first token, how many, ground row, whole title
    titles = {ground.n - 1: [t.word for t in tokens(ground.product.title)] for ground in grounds if ground.product}
    shared: dict[str, int] = {}
    for title in titles.values():
        for word in set(title):
            shared[word] = shared.get(word, 0) + 1
    # "External Hard Drive" in a shop with that category is a kind of thing, not a product.
    kinds = {t.word for ground in grounds if ground.product for name in ground.product.category for t in tokens(name)}
    brands = {ground.product.brand.casefold() for ground in grounds if ground.product and ground.product.brand}
    kinds |= {word.removesuffix("s") for word in kinds}
    for row, title in titles.items():
        places: dict[str, list[int]] = {}
        for j, word in enumerate(title):
            places.setdefault(word, []).append(j)
        i = 0
        while i < len(words):
            length, whole = _longest(words, i, title, places)
            run = words[i : i + length]
            general = all(t.word in kinds for t in run) or (len(run) == 1 and run[0].word in brands)
            if length and (whole or (not general and _telling(sentence, run, title, shared))):
                runs.append((i, length, row, whole))
                i += length
            else:
                i += 1
    # Of overlapping runs the longest wins; of equally long ones a whole title; what is left is a mention of all.
    runs.sort(key=lambda run: (-run[1], not run[3], run[0]))
    kept: list[tuple[int, int, bool, list[int]]] = []
    for first, length, row, whole in runs:
        same = next((k for k in kept if k[0] == first and k[1] == length), None)
        if same is not None:
            if same[2] == whole:
                same[3].append(row)
        elif all(first + length <= k[0] or first >= k[0] + k[1] for k in kept):
            kept.append((first, length, whole, [row]))
    # "燃气热水器", which all the titles hold, is the kind of thing and names none of them.
    kept = [
        k
        for k in kept
        if k[2] or len(k[3]) < max(3, len(titles)) or any(t.word.isascii() for t in words[k[0] : k[0] + k[1]])
    ]
    kept.sort()
    return [Mention(words[f].start, words[f + n - 1].end, tuple(rows), named=True) for f, n, _, rows in kept]


def _longest(words: Sequence[Token], i: int, title: Sequence[str], places: dict[str, list[int]]) -> tuple[int, bool]:
    """How many of the words from `i` on stand in the title in this order, and whether they are all of it."""
    best, whole = 0, False
    for j in places.get(words[i].word, ())[:3]:
        at, length = j, 1
        while i + length < len(words):
            word = words[i + length].word
            later = next((k for k in places.get(word, ()) if k > at), None)
            if later is None and word.endswith("s") and at + 2 == len(title):
                later = next((k for k in places.get(word[:-1], ()) if k > at), None)
            if later is None:
                break
            at, length = later, length + 1
        whole = whole or (j == 0 and length == len(title))
        best = max(best, length)
    if not best and len(title) == 1 and words[i].word in (f"{title[0]}s", f"{title[0]}es"):
        return 1, True
    return best, whole and best == len(title)


def _telling(sentence: str, run: Sequence[Token], title: Sequence[str], shared: dict[str, int]) -> bool:
    """Whether a part of a title is enough to name the product."""
    chinese = [t for t in run if "\u3400" <= t.word <= "\u9fff"]
    latin = [t for t in run if t not in chinese and t.word not in _COMMON]
    rare = [t for t in latin if shared.get(t.word, 0) <= 1]
    if any(re.search(r"\d", t.word) and re.search(r"[a-z]", t.word) and len(t.word) >= 5 for t in rare):
        return True
    if len(chinese) >= 4 and (rare or len(chinese) >= 6 or _quoted(sentence, run)):
        return True
    capital = [t for t in latin if sentence[t.start].isupper() or sentence[t.start].isdigit()]
    if len(run) >= 2 and len(capital) >= 2:
        return True
    if len(run) >= 2 and rare and run[0].word == title[0]:
        return True
    # One capitalised word tells only where it opens the title and the sentence does not open with it.
    return bool(
        len(run) == 1 and rare and capital and run[0].word == title[0] and run[0].start > 2 and len(run[0].word) > 3
    )


def _quoted(sentence: str, run: Sequence[Token]) -> bool:
    return sentence[run[0].start - 1 : run[0].start] in ("「", "『", "《", "“", '"')


def subjects_at(place: int, mentions: Sequence[Mention], sentence: str) -> tuple[Mention, ...]:
    """The mentions a claim at `place` is about; more than one where they are joined ("the A and the B are …").

    The nearest name before it; without one the nearest citation behind it, then the one before it.
    """
    before = [m for m in mentions if m.named and m.start <= place]
    if before:
        group = [before[-1]]
        for earlier in reversed(before[:-1]):
            if not _JOINED.fullmatch(sentence, earlier.end, group[0].start):
                break
            group.insert(0, earlier)
        return tuple(group)
    after = [m for m in mentions if not m.named and m.start >= place]
    if after:
        return (after[0],)
    earlier_cites = [m for m in mentions if not m.named]
    if earlier_cites:
        return (earlier_cites[-1],)
    return tuple(m for m in mentions[:1] if m.start >= place)


def segment(mention: Mention, mentions: Sequence[Mention], sentence: str) -> str:
    """The words around a mention up to the next ones: where its variant is named. The name itself is left out."""
    later = [m.start for m in mentions if m.named and m.start > mention.start]
    earlier = [m.end for m in mentions if m.named and m.end <= mention.start]
    end = later[0] if later else len(sentence)
    start = earlier[-1] if earlier else 0
    head = sentence[start : mention.start] if not earlier else ""
    name_end = mention.end if mention.named else mention.start
    return (
        f"{head} , {sentence[name_end:end]}"
        if mention.named
        else f"{sentence[start:name_end]} , {sentence[mention.end : end]}"
    )
