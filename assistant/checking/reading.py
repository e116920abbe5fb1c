"""A drafted sentence taken apart: its subjects, its figures, and the parts that quote a record word for word.

In: a sentence with what the reply said before it, and the evidence. Out: a `Draft`, the one value every check reads.
It refuses to judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.checking.claims import DECLINED, NEGATION, OFFER, ORDER
from assistant.checking.grounds import Ground, grounds_of, names_option, narrowed, order_text
from assistant.checking.mentions import Mention, citations_in, find_mentions, segment, subjects_at
from assistant.generation.naming import shorten
from assistant.sentences import split_sentences
from assistant.types import Evidence, Query
from knowledge_base.quantities import Quantity, find_quantities
from knowledge_base.shop import ShopInfo
from knowledge_base.text import clean
from knowledge_base.types import Variant

_CLAUSE = re.compile(r"[;；。!?！？]|,\s+but\b|，但|，不过|\bbut\b|\bwhile\b|\bwhereas\b|\bhowever\b")
_PIECE = re.compile(r"[,;，；、()（）]|\band\b|\bbut\b|\bwhile\b")
_QUOTATION = re.compile(r"“([^”]{6,})”")
_CITED = re.compile(r"\[\d[\d, ]*\]")
_SHORTEST_QUOTE = 12
_SHORTEST_SETTING = 3  # a shop's name may be short

OWN = re.compile(
    r"\b(?:your|you (?:wrote|gave|said|told|typed|entered|named|live))\b|[您你](?:的|写|说|给|留|提供|填|住)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """One record a claim is about, with the words that may narrow it to a variant."""

    ground: Ground
    words: str
    named: bool
    near: str = ""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants of the product that are meant, () for a passage."""
        if self.ground.product is None:
            return ()
        return narrowed(self.ground.product, self.words, self.ground.hit.variant_ids, self.near)


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence ready for the checks. `quoted` are spans that stand word for word in a record it may quote."""

    text: str
    before: str
    query: Query
    evidence: Evidence
    info: ShopInfo
    grounds: tuple[Ground, ...]
    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity, ...]
    quoted: tuple[tuple[int, int], ...]
    cited: tuple[int, ...]
    dangling: tuple[int, ...]
    carried: tuple[Subject, ...]

    @property
    def is_row(self) -> bool:
        """Whether this is a row of a Markdown table."""
        return self.text.lstrip().startswith("|")

    @property
    def cited_titles(self) -> str:
        """The titles of the passages that it cites."""
        grounds = (self.grounds[row] for row in self.cited)
        return " ".join(ground.hit.entry.title for ground in grounds if ground.product is None)

    @property
    def about_orders(self) -> bool:
        """Whether it speaks of the shopper's own order or parcel."""
        return bool(ORDER.search(self.text)) or any(order.id in self.text for order in self.evidence.orders)

    def is_quoted(self, start: int, end: int) -> bool:
        """Whether a span lies in a verbatim quote."""
        return any(left <= start and end <= right for left, right in self.quoted)

    def is_the_shoppers(self, start: int, end: int) -> bool:
        """Whether a span repeats what the shopper wrote of themselves: it is in the message, and "your" before it."""
        return self.text[start:end] in self.query.text and OWN.search(self.text, max(0, start - 40), start) is not None

    def is_question(self) -> bool:
        """Whether the sentence asks or offers, and so claims nothing."""
        return self.text.rstrip(' *_)）”"\n').endswith(("?", "？")) and bool(OFFER.search(self.text))

    def claims_nothing(self) -> bool:
        """Whether the sentence asks, or says that the shop's data is silent."""
        return self.is_question() or bool(DECLINED.search(self.text))

    def is_denied(self, place: int) -> bool:
        """Whether the clause around a place denies, or the sentence claims nothing."""
        return bool(NEGATION.search(self.clause(place))) or self.claims_nothing()

    def is_named(self, start: int, end: int) -> bool:
        """Whether a span lies in a product's name."""
        return any(m.named and m.start <= start and end <= m.end for m in self.mentions)

    def subjects(self, place: int) -> tuple[tuple[Subject, ...], ...]:
        """What a claim at `place` is about: one tuple for each thing it must hold for, of records it may be.

        Without a name or citation in the sentence it is what the reply spoke of last.
        """
        if self.is_row and not self.mentions:
            return self._column(place)
        near = self.text[_last(_PIECE, self.text, place) : _next(_PIECE, self.text, place)]
        found = subjects_at(place, self.mentions, self.text)
        groups = [
            tuple(Subject(self.grounds[row], segment(m, self.mentions, self.text), m.named, near) for row in m.rows)
            for m in found
        ]
        if not groups and not self.mentions:
            return tuple((self._here(subject, near),) for subject in self.carried)
        return tuple(groups)

    def _here(self, subject: Subject, near: str) -> Subject:
        """What was spoken of before, in the version this sentence names, if it names one."""
        product = subject.ground.product
        own = product is not None and names_option(product, self.text)
        return replace(subject, words=self.text if own else subject.words, near=near)

    def _column(self, place: int) -> tuple[tuple[Subject, ...], ...]:
        """For a table row without a name: the product of the column, by the table's first row; else any of them."""
        header = ""
        for line in reversed(self.before.rstrip("\n").split("\n")):
            if not line.lstrip().startswith("|"):
                break
            header = line
        column = self.text.count("|", 0, place)
        for mention in find_mentions(header, self.grounds):
            if header.count("|", 0, mention.start) == column:
                return (tuple(Subject(self.grounds[row], "", True) for row in mention.rows),)
        products = tuple(Subject(g, "", False) for g in self.grounds if g.product is not None)
        return (products,) if products else ()

    def clause(self, place: int) -> str:
        """The clause around a place: what a negation in it reaches."""
        return self.text[_last(_CLAUSE, self.text, place) : _next(_CLAUSE, self.text, place)]

    def allowed_texts(self) -> list[str]:
        """The text that may back a word of this sentence: what it cites and names, else all evidence."""
        rows = {row for mention in self.mentions for row in (*mention.rows, *mention.cited)}
        grounds = [self.grounds[row] for row in sorted(rows)] if rows else list(self.grounds)
        return [ground.text for ground in grounds]


def _last(pattern: re.Pattern[str], text: str, place: int) -> int:
    return max([0, *(m.end() for m in pattern.finditer(text, 0, place))])


def _next(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.search(text, place)
    return found.start() if found else len(text)


def read(sentence: str, query: Query, evidence: Evidence, info: ShopInfo, before: str) -> Draft:
    """The sentence taken apart."""
    grounds = grounds_of(evidence)
    mentions = find_mentions(sentence, grounds)
    if sentence.lstrip().startswith("|") and before.rstrip("\n").rpartition("\n")[2].lstrip().startswith("|"):
        mentions = tuple(m for m in mentions if m.cited)  # below a table's head a cell's words name nothing
    numbers = [n for _, _, found in citations_in(sentence) for n in found]
    cited = tuple(n - 1 for n in numbers if 0 < n <= len(grounds))
    quotable = [ground for ground in grounds if not cited or ground.n - 1 in cited]
    if cited:  # a quotation that cites one record may still name another
        quotable += [grounds[row] for m in mentions for row in m.rows if row not in cited]
    return Draft(
        text=sentence,
        before=before,
        query=query,
        evidence=evidence,
        info=info,
        grounds=grounds,
        mentions=mentions,
        quantities=find_quantities(sentence, info.currency),
        quoted=(*_quotes(sentence, quotable, evidence), *_own_words(sentence, info)),
        cited=cited,
        dangling=tuple(n for n in numbers if not 0 < n <= len(grounds)),
        carried=_carried(before, query, evidence, grounds),
    )


def _quotes(sentence: str, grounds: Sequence[Ground], evidence: Evidence) -> list[tuple[int, int]]:
    """Where the sentence quotes a sentence of a passage or description, or an order's event, word for word."""
    bare, places = _squeezed(sentence)
    spans = []
    whole = " ".join(_squeezed(ground.hit.entry.text)[0] for ground in grounds)
    for match in _QUOTATION.finditer(sentence):
        said = _squeezed(match[1])[0].rstrip(".。…")
        if len(said) >= _SHORTEST_QUOTE and said in whole:
            spans.append((match.start(1), match.end(1)))
    said = _squeezed(_CITED.sub("", sentence))[0].rstrip(".。…")
    if len(said) >= 2 * _SHORTEST_QUOTE and said in whole:
        spans.append((0, len(sentence)))
    pieces = {piece for ground in grounds for piece in _pieces(ground.hit.entry.text)}
    pieces |= {piece for ground in grounds if ground.product is None for piece in _pieces(ground.hit.entry.title)}
    pieces |= {piece for order in evidence.orders for line in order_text(order).split("\n") for piece in _pieces(line)}
    titles = {item.title for order in evidence.orders for item in order.items if item.title}
    pieces |= {_squeezed(name)[0] for title in titles for name in (title, shorten(title))}
    for piece in pieces:
        at = bare.find(piece)
        if at >= 0:
            spans.append((places[at], places[at + len(piece) - 1] + 1))
    return spans


def _own_words(sentence: str, info: ShopInfo) -> list[tuple[int, int]]:
    """Where the sentence has the shop's name, hours or contacts as the shop writes them."""
    return [(m.start(), m.end()) for text in _settings(info) for m in re.finditer(re.escape(text), sentence)]


def _settings(info: ShopInfo) -> set[str]:
    texts = (info.name, info.hours, info.greeting, *info.handoff.values())
    return {text for text in texts if len(text) >= _SHORTEST_SETTING}


@lru_cache(maxsize=2048)
def _pieces(text: str) -> frozenset[str]:
    """The sentences of a record's text in the form in which quotations are looked for."""
    found = set()
    for line in clean(text).split("\n"):
        line = re.sub(r"^\s*(?:[-*+•·#>]+|\d+[.)、])\s*", "", line)
        for part in [line, *split_sentences(line), *re.split(r"(?<=[。！？；])", line), *line.strip("|").split("|")]:
            piece = _squeezed(part)[0].rstrip(".。")
            weight = len(piece) + sum("\u3400" <= letter <= "\u9fff" for letter in piece)
            if weight >= _SHORTEST_QUOTE:
                found.add(piece)
    return frozenset(found)


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Text without white space, emphasis and quotation marks, case-folded, and the place of each character left."""
    kept, places = [], []
    for place, letter in enumerate(text):
        if not letter.isspace() and letter not in "*_`“”\"'’‘「」|":
            folded = letter.casefold()
            kept.append(folded if len(folded) == 1 else letter)
            places.append(place)
    return "".join(kept), places


def _carried(before: str, query: Query, evidence: Evidence, grounds: Sequence[Ground]) -> tuple[Subject, ...]:
    """What "it" is in a sentence that names nothing: what the reply named last, else what the question is about."""
    products = [ground for ground in grounds if ground.product is not None]
    for sentence in reversed(split_sentences(before[-1500:])):
        mentions = find_mentions(sentence, grounds)
        if mentions:
            last = mentions[-1]
            named = [m for m in mentions if m.named] or [last]
            chosen = subjects_at(len(sentence), named, sentence) or (last,)
            return tuple(
                Subject(grounds[m.rows[0]], segment(m, mentions, sentence), m.named) for m in chosen if len(m.rows) == 1
            )
    asked = [g for g in products if g.product is not None and g.product.id in query.refers_to]
    chosen_products = asked or products[:1]
    return tuple(Subject(ground, "", False) for ground in chosen_products[:1])
