"""The sentences of a passage that answer a question, word for word.

In: a question and the text of a FAQ answer, a policy passage or a product description. Out: its best-matching
sentences, complete, verbatim and in their order. It writes nothing of its own and judges no answerability.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.generation.grammar import word_set
from knowledge_base.quantities import find_quantities
from knowledge_base.text import clean, fold, has_cjk, stems

_WHOLE_CHARS = 280  # an answer up to here is said whole; a Chinese character weighs two
_LEAN = re.compile(
    r"(?:it|they|this|that|these|those|however|but|otherwise|in that case|then|also|such)\b|"
    r"其|该|此|否则|但|另外|这|它",
    re.I,
)
_END = re.compile(r"(?<=[.!?])(?=\s+[\"'“(\[]?[A-Z0-9À-Þ*_])|(?<=[。！？；])(?![”』」）])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|incl|excl|max|min|no|nos|mr|mrs|ms|dr|st|vs|etc|inc|ltd|co|art)\.|\b[A-Z]\.)$", re.I
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_WIDE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
_STOP = word_set(
    "a an the of to in on at for from by with and or is are was be been do does did can could will would should "
    "may i my me you your we our us it its this that there here have has had how what when where which who why if "
    "so as not no yes get got want need like please any some much many long about tell know"
)
_STOP_STEMS = frozenset(stem for word in _STOP for stem in stems(word))
_STOCK_WORDS = re.compile(
    r"in stock|sold out|out of stock|缺货|现货|已上架|售罄|日常价|活动价|指导价|[原现]价|券后|到手", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Sentences of one passage in order. `score` is comparable among passages for one question."""

    sentences: tuple[str, ...]
    score: float

    @property
    def text(self) -> str:
        """The sentences in one line, as they are quoted."""
        return join_sentences(self.sentences)


def join_sentences(sentences: Sequence[str]) -> str:
    """Sentences put together: with a space, except after Chinese punctuation."""
    joined = ""
    for sentence in sentences:
        gap = "" if not joined or joined[-1] in "。！？；：，、" else " "
        joined += gap + sentence
    return joined


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text without Markdown marks. A list item is a sentence; so is a table's row."""
    found: list[str] = []
    block: list[str] = []
    for raw in [*_readable(text).split("\n"), ""]:
        line = raw.strip()
        item = re.match(r"(?:[-*+•·]|\d+[.)、])\s*(?=\S)", line)
        starts = item is not None and not line.startswith("**")
        if not line or starts or line.startswith(("#", "|", "---")):
            found += _split(" ".join(block))
            block = []
        if not line or line.startswith("#") or re.fullmatch(r"[|\s:\-]+", line):
            continue
        if line.startswith("|"):
            found.append("，".join(_cells(line)) if has_cjk(line) else ", ".join(_cells(line)))
        elif starts and item is not None:
            found.append(_plain(line[item.end() :]))
        else:
            block.append(line)
    return tuple(sentence for sentence in found if sentence)


def _readable(text: str) -> str:
    """Clean text in which Chinese keeps its full-width marks, which NFKC turns into Latin ones."""
    text = clean(text.replace("\\n", "\n"))  # exports write line breaks out
    if not has_cjk(text):
        return text
    text = re.sub(
        rf"(?<=[{_HAN}”」』）)%])([,;:!?]) ?|([,;:!?]) ?(?=[{_HAN}“「『（])", lambda m: _WIDE[m.group()[0]], text
    )
    return re.sub(rf"\(([^()]*[{_HAN}][^()]*)\)", r"（\1）", text)


def _cells(line: str) -> list[str]:
    return [cell for cell in (_plain(part) for part in line.strip("|").split("|")) if cell]


def _plain(text: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    return re.sub(r"\s+", " ", re.sub(r"(?<!\w)[*_](?=\S)(.+?)(?<=\S)[*_](?!\w)", r"\1", text)).strip()


def _split(text: str) -> list[str]:
    if not text.strip():
        return []
    parts: list[str] = []
    for part in _END.split(_plain(text)):
        if not part or not part.strip():
            continue
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] += part
        else:
            parts.append(part.strip() if not parts else part)
    return [part.strip() for part in parts]


@lru_cache(maxsize=8192)
def features(text: str) -> frozenset[str]:
    """What two texts may share: stems without stop words, and pairs of Chinese characters."""
    found: set[str] = set()
    for word in stems(clean(text)):
        if has_cjk(word):
            found.update(word[i : i + 2] for i in range(len(word) - 1))
        elif word not in _STOP_STEMS:
            found.add(word)
    return frozenset(found)


def excerpt(question: str, text: str, heading: str = "", limit: int = 3) -> Excerpt:
    """The sentences of `text` that answer `question`: all of a short text, else up to `limit` that belong together.

    `heading` is what the passage is about (the FAQ question): words it shares with the question are no reason to
    prefer one of its sentences.
    """
    sentences = sentences_of(text)
    asked = features(question)
    score = _share(asked, features(heading)) * 1.2 + _share(asked, features(text))
    if not sentences or (limit > 1 and _weight(text) <= _WHOLE_CHARS):
        return Excerpt(sentences, score)
    own = asked - features(heading) or asked
    scores = [
        3 * _share(own, features(sentence)) + _share(asked, features(sentence)) + (0.15 if i == 0 else 0.0)
        for i, sentence in enumerate(sentences)
    ]
    best = max(range(len(sentences)), key=lambda i: scores[i])
    if limit == 1:
        return Excerpt((sentences[best],), score)
    kept = {best}
    if _LEAN.match(sentences[best]) and best > 0:
        kept.add(best - 1)
    if sentences[best].rstrip().endswith((":", "：")):
        kept.update(range(best + 1, min(best + 5, len(sentences))))
    elif len(sentences[best]) < 200 or has_cjk(sentences[best]):
        ranked = sorted(range(len(sentences)), key=lambda i: -scores[i])
        for i in ranked[1:]:
            near = scores[i] >= 0.6 * scores[best] and scores[i] > 0.2
            size = sum(_weight(sentences[k]) for k in kept) + _weight(sentences[i])
            if len(kept) < limit and near and size <= 1.5 * _WHOLE_CHARS and not _LEAN.match(sentences[i]):
                kept.add(i)
        if len(kept) == 1 and best + 1 < len(sentences) and _LEAN.match(sentences[best + 1]):
            kept.add(best + 1)
    return Excerpt(tuple(sentences[i] for i in sorted(kept)), score)


def speaks_of(question: str, text: str, limit_chars: int = 180) -> str:
    """The one sentence of a description that shares most with the question; "" where none shares enough.

    Sentences that state a price or stock are left out: descriptions keep old ones, and the record has the true one.
    """
    asked = features(question)
    best, score = "", 0.0
    for sentence in sentences_of(text):
        size = _weight(sentence)
        share = len(asked & features(sentence))
        if 12 <= size <= 2 * limit_chars and share > score and not _dated(sentence):
            best, score = sentence, share
    return best


def _dated(sentence: str) -> bool:
    """Whether a sentence of a description states what only the record may: a price, or stock."""
    return bool(_STOCK_WORDS.search(sentence)) or any(q.dimension == "money" for q in find_quantities(sentence))


def adds(question: str, said: str, more: str) -> bool:
    """Whether a second quote speaks of something asked that the first leaves out."""
    return bool(features(question) & features(more) - features(said))


def _share(asked: frozenset[str], found: frozenset[str]) -> float:
    return len(asked & found) / len(asked) if asked else 0.0


def _weight(text: str) -> int:
    """Length in columns: a Chinese character counts for two."""
    return sum(2 if "\u2e80" <= ch <= "\uffef" else 1 for ch in text)


def quote_in(reply: str, text: str) -> str:
    """The sentences of `text` that the reply holds; where it holds none, the sentence that shares most with it."""
    sentences = sentences_of(text)
    flat = fold(re.sub(r"\s*\[\d+\]", "", reply))
    held = tuple(s for s in sentences if fold(s.rstrip(".。!！?？;；")) in flat)
    if held:
        return join_sentences(held)
    said = features(reply)
    return max(sentences, key=lambda s: len(said & features(s)), default="")
