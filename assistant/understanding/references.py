"""What a message points back to: "the second one", "it", "the cheaper of the two", "anything else?", "便宜一点的".

In: a message and the conversation before it. Out: the products meant, and how the last request is to be changed. It
knows no catalogue vocabulary; whether a message names something new is decided by `understanding`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.generation.figures import truth
from assistant.generation.weighing import weigh
from assistant.types import Message, Query
from assistant.understanding.measures import judged_by, more_or_less
from knowledge_base.text import fold, has_cjk, stem, stems, words
from knowledge_base.types import Product

_I = re.IGNORECASE
_ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "sixth": 5, "6th": 5, "one": 0, "two": 1, "three": 2, "four": 3, "five": 4, "six": 5, "last": -1, "former": 0,
    "latter": -1, "一": 0, "二": 1, "两": 1, "三": 2, "四": 3, "五": 4, "六": 5, "最后": -1, "末": -1, "后": -1,
}  # fmt: skip
_ORDINAL = re.compile(
    r"\b(?:the )?(?P<en>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|sixth|6th|last|former|latter)(?: (?:one|option|"
    r"item|product|choice|of (?:them|these|those)|model))?\b(?! (?:time|name|class|aid|thing|week|month|day|year|two|three|2|3))"
    r"|\b(?:number|option|no\.|item|#)\s?(?P<num>[1-6]|one|two|three|four|five|six)\b"
    r"|第(?P<zh>[一二三四五六1-6])[个款件种台样条双只]?|(?P<zhlast>最后)(?:面)?(?:那|一)?一?[个款件种台样条双只]",
    _I,
)
_FIRST_N = re.compile(
    r"\b(?:the )?(?:first|top) (?P<en>two|three|four|2|3|4)\b|前(?P<zh>[两二三四2-4])[个款件种台]?", _I
)
_LAST_N = re.compile(r"\b(?:the )?last (?P<en>two|three|2|3)\b|后(?P<zh>[两二三2-3])[个款件种台]", _I)
_ALL = re.compile(
    r"\b(?:both|these(?: (?:two|three|ones?))?|those(?: (?:two|three|ones?))?|them|they|all of (?:them|these)|the two|the three|"
    r"either|each of)\b|它们|这[两二三几些]|那[两二三几些]|两[个款者]|都",
    _I,
)
THIS = re.compile(
    r"\b(?:it|its|it['’]s|this|that|this one|that one|the one|this product|that product|the (?:item|product|same))\b(?! (?:kind|sort|type))"
    r"|它|[这那](?:[个款件种台双条只]|一[个款件种台双条只])?(?![两二三几些里边儿样])|该(?:商品|产品|款)|上面|刚才|刚刚",
    _I,
)
# "Stoves that work with propane", "something that fits": it joins a clause and points at nothing.
_RELATIVE = re.compile(
    r"(?P<before>[a-z'’]+) (?P<that>that)(?= (?:works?|fits?|can|has|have|is|are|will|would|goes?|comes?|holds?|costs?|does|do)\b)",
    _I,
)
_NO_NOUN = frozenset((
    "does", "do", "did", "can", "could", "will", "would", "is", "was", "are", "if", "so", "and", "but", "or", "think",
    "know", "say", "said", "see", "hope", "with", "of", "for", "about", "like", "than", "from", "to", "in", "on", "at",
    "by",
))  # fmt: skip
# "The cheaper one", "the best rated of these", "便宜的那款": of what is on the table, the first by that figure.
_PICKED = re.compile(
    r"\bthe (?P<en>(?:(?:more|most|less|least|better|best|highest|higher|lowest|lower)[- ])?[a-z]{3,12})(?= one\b| of (?:them|these|those|the)\b)(?: one)?"
    r"|\bthe (?P<alone>cheaper|less expensive)(?=\W*$|\W+(?:is|in|has|have|come|does|do)\b)"
    r"|(?P<zh>(?:价格|评分|评价|口碑|容量|续航|功率|尺寸|重量|噪音)?[更最]?(?:比较)?(?:便宜|实惠|划算|贵|轻便?|重|大|小|高|低|长|短|亮|薄|厚|快|安静|好))"
    r"一?[点些]?的?(?:那|这)一?[个款件台种条双只]",
    _I,
)
# "The red one", "the one with Bluetooth", "红色那款": words of the record of what is on the table.
_DESCRIBED = re.compile(
    r"\b(?:the|that|your) (?P<before>[\w'’-]+(?: [\w'’-]+){0,3}?) ones?\b"
    r"|\bthe ones? (?:with|in|from|by|made of|made by|for|that(?:['’]s| is| has)?|which (?:is|has)) (?:an? |the )?(?P<after>[\w'’-]+(?: [\w'’-]+){0,3})"
    r"|(?P<zh>[\u4e00-\u9fffA-Za-z0-9.-]{1,12}?)(?P<of>的?)(?:那|这)一?[个款件台种条双只](?!月|星期|周|人)",
    _I,
)
NO_DESCRIPTION = frozenset(
    [
        "other",
        "another",
        "same",
        "right",
        "wrong",
        "new",
        "next",
        "one",
        "only",
        "very",
        "which",
        "that",
        "this",
        "any",
        "each",
        "every",
        "good",
        "best",
        "better",
        "nice",
        "last",
        "first",
        "second",
        "third",
        "perfect",
        "big",
        "small",
        "cheaper",
        "cheapest",
        "older",
        "newer",
        "most",
        "more",
        "least",
        "less",
    ]
)
_LITTLE = frozenset(["a", "an", "the", "of", "in", "with", "and", "or", "for", "is", "it", "my", "your"])
_OTHER = re.compile(r"\bthe other one\b|另外?(?:那|一)[个款件台种]", _I)
CHEAPER = re.compile(
    r"\b(?:cheaper|less expensive|less pricey|more affordable|lower[- ]priced?|lower price|too (?:expensive|pricey|dear|much)|"
    r"not so expensive|less money|cost less|costs less|bit much)\b"
    r"|(?<!最)(?:更|再)?便宜(?!于|过)(?:一?[点些])?(?:的|儿)?(?!那|一个|一款)|太贵|有点贵|贵了|更低价|(?<!最)低价|价格更低|实惠(?:一?点)?的?|低一点|价格低|少花",
    _I,
)
DEARER = re.compile(
    r"\b(?:more expensive|pricier|higher[- ]end|more premium|premium|upgrade|better quality|fancier|nicer one)\b|更贵|贵一?点|高端|档次高|更好的|好一点的|高级",
    _I,
)
OTHERS = re.compile(
    r"\b(?:(?:any|some|something|anything|show (?:me )?|what) ?(?:others?|else|more)|other (?:options?|ones?|choices?|models?)|"
    r"more (?:options?|choices?|like)|alternatives?|different ones?|another one|next ones?|show more|others(?=\W*$))\b"
    r"|还有(?:没有)?(?:别的|其他|其它|什么(?!颜色|尺码|规格)|哪些)|还有吗\W*$|别的|其他的?|其它|换一[个批款]|再来|再推荐|更多|换换",
    _I,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a message points at. `explicit`: by words ("it", "the second"), not merely by leaving the subject out.

    `focus` are the products a message without any subject would be about; `shown` those of the last reply that showed
    any, `table` the list that was shown last, which talk of one of them does not clear away. `beyond`: it names a
    place that the list does not have ("the fourth one" of three). `described`: how one is called that is not among
    them ("the red one" where none is red).
    """

    product_ids: tuple[str, ...]
    explicit: bool
    focus: tuple[str, ...]
    shown: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()
    table: tuple[str, ...] = ()
    beyond: bool = False
    described: str = ""


def last_query(history: Sequence[Message]) -> Query | None:
    """The query of the last answered message about products, or None. Greetings and policies do not end a search."""
    for message in reversed(history):
        if message.query and message.query.intent not in ("small_talk", "policy", "order_status", "out_of_scope"):
            return message.query
    return None


def last_search(history: Sequence[Message]) -> Query | None:
    """The query of the last request for products of a kind, or None: what "cheaper" and "others" change."""
    for message in reversed(history):
        if message.query and message.query.intent in ("find", "recommend", "count", "superlative"):
            return message.query
    return None


def shown_products(history: Sequence[Message]) -> tuple[str, ...]:
    """The products of the last message that showed any, in its order."""
    return next((m.product_ids for m in reversed(history) if m.product_ids), ())


def on_the_table(history: Sequence[Message]) -> tuple[str, ...]:
    """The list shown last: what a search found, though one of its products was talked about since; () for none."""
    shown = shown_products(history)
    for message in reversed(history):
        about = message.query is not None and message.query.intent in ("product_question", "compare")
        if message.product_ids and not about:
            return message.product_ids if set(shown) <= set(message.product_ids) else shown
    return shown


def points(text: str) -> bool:
    """Whether a text is hardly more than words that point at something shown: "the second one", "how much is it?"."""
    pointing = (_several, _ordinal)
    return any(find(text, tuple("123456")) for find in pointing) or bool(_ALL.search(text) or THIS.search(text))


def resolve(
    text: str, history: Sequence[Message], page_product_id: str | None, products: Mapping[str, Product]
) -> Reference:
    """Which products `text` points at. Products that are gone from the catalogue are pointed at no more."""
    text = _RELATIVE.sub(_without_relative, text)
    shown = tuple(i for i in shown_products(history) if i in products)
    before = last_query(history)
    named = tuple(i for i in (before.refers_to if before else ()) if i in products)
    if before and before.focus in products:
        named = (before.focus,)
    page = (page_product_id,) if page_product_id in products and page_product_id else ()
    focus = named or shown[:1] or page
    if not shown and not focus:
        return Reference((), False, (), ())
    pool = shown or focus
    table = tuple(i for i in on_the_table(history) if i in products) or pool

    def found(ids: Sequence[str], *spans: tuple[int, int]) -> Reference:
        return Reference(tuple(ids), True, focus, pool, spans, table)

    for pick in (_several(text, table), _ordinal(text, table)):
        if pick:
            return found(pick[0], *pick[1])
    pair = named if len(named) == 2 else tuple(i for i in (before.refers_to if before else ()) if i in products)
    for pick in (
        _picked(text, table, products),
        _other(text, pair if len(pair) == 2 else table, focus),
        _described(text, table, products),
    ):
        if pick:
            return found(pick[0], *pick[1])
    if beyond := _ORDINAL.search(text) or _OTHER.search(text):
        return Reference((), False, focus, pool, (beyond.span(),), table, beyond=True)
    if match := _DESCRIBED.search(text):
        said = next(match[name] for name in ("before", "after", "zh") if match[name])
        if _descriptions(said, "before", False) and judged_by(said) is None:
            return Reference((), False, focus, pool, (), table, described=said)
    if match := _ALL.search(text):
        return found(pool if len(pool) > 1 else table, match.span())
    if match := THIS.search(text):
        return found(page if page and not history else focus[:1] or pool[:1], match.span())
    return Reference((), False, focus, pool, (), table)


def _without_relative(match: re.Match[str]) -> str:
    return match[0] if match["before"].casefold() in _NO_NOUN else f"{match['before']}{' ' * 5}"


def change_spans(text: str) -> tuple[tuple[int, int], ...]:
    """The stretches of a text that change an earlier request: they name nothing that could be searched for."""
    spans = [match.span() for pattern in (CHEAPER, DEARER, OTHERS) for match in pattern.finditer(text)]
    wanted = more_or_less(text)
    return (*spans, wanted.span) if wanted else tuple(spans)


_Found = tuple[tuple[str, ...], tuple[tuple[int, int], ...]]


def _several(text: str, pool: Sequence[str]) -> _Found | None:
    for pattern, from_end in ((_FIRST_N, False), (_LAST_N, True)):
        if match := pattern.search(text):
            word = (match["en"] or match["zh"]).casefold()
            n = int(word) if word.isdigit() else _ORDINALS[word] + 1
            return tuple(pool[-n:] if from_end else pool[:n]), (match.span(),)
    return None


def _ordinal(text: str, pool: Sequence[str]) -> _Found | None:
    ids: list[str] = []
    spans = []
    for match in _ORDINAL.finditer(text):
        word = (match["en"] or match["num"] or match["zh"] or match["zhlast"]).casefold()
        position = int(word) - 1 if word.isdigit() else _ORDINALS[word]
        if -len(pool) <= position < len(pool) and pool[position] not in ids:
            ids.append(pool[position])
            spans.append(match.span())
    return (tuple(ids), tuple(spans)) if ids else None


def _picked(text: str, pool: Sequence[str], products: Mapping[str, Product]) -> _Found | None:
    """The first of the pool by a figure that the words name; None where they name none, or no record has it."""
    if len(pool) < 2 or (match := _PICKED.search(text)) is None:
        return None
    said = match["en"] or match["alone"] or (match["zh"] and f"哪款{match['zh']}")
    wanted = judged_by(said)
    weighing = weigh([products[i] for i in pool], wanted.names, wanted.direction) if wanted else None
    if weighing is None or not weighing.ranked or not weighing.comparable:
        return None
    return (weighing.ranked[0].product.id,), (match.span(),)


def _other(text: str, pool: Sequence[str], focus: Sequence[str]) -> _Found | None:
    """ "The other one" of two."""
    match = _OTHER.search(text)
    rest = tuple(i for i in pool if i not in focus[:1])
    return (rest, (match.span(),)) if match and len(pool) == 2 and len(rest) == 1 else None


def _described(text: str, pool: Sequence[str], products: Mapping[str, Product]) -> _Found | None:
    """Those of the pool whose records hold the words by which one of them is called; None where none does.

    Words that are an option's value are left to be read as such: "the red one" is that product in red.
    """
    for match in _DESCRIBED.finditer(text):
        group = next(name for name in ("before", "after", "zh") if match[name])
        for said, start in _descriptions(match[group], group, bool(match["of"])):
            holding = tuple(i for i in pool if _holds(said, products[i]))
            if not holding:
                continue
            begin = match.start(group) + start
            end = begin + len(said)
            optional = any(_is_value(said, products[i]) for i in holding)
            spans = ((match.start(), begin), (end, match.end())) if optional else (match.span(),)
            return holding, tuple((s, e) for s, e in spans if s < e)
    return None


def _descriptions(said: str, group: str, of: bool) -> list[tuple[str, int]]:
    """The stretches of what was said that may describe a product, the longest first, with where they begin."""
    if group == "zh":
        shortest = 1 if of else 2
        return [(said[start:], start) for start in range(len(said) - shortest + 1) if said[start:]]
    telling = [w for w, _, _ in words(said.casefold())]
    if group == "before":
        return [] if set(telling) & NO_DESCRIPTION or not set(telling) - _LITTLE else [(said, 0)]
    ends = [end for w, _, end in words(said) if w.casefold() not in _LITTLE]
    return [(said[:end], 0) for end in reversed(ends)]


def _holds(said: str, product: Product) -> bool:
    """Whether the record holds all the words: in title, brand, category, a value, or the name of what it has."""
    values = [v for values in product.option_values.values() for v in values]
    stated = [f"{name} {value}" if truth(value) else value for name, value in product.attributes.items()]
    stated = [
        text for text, value in zip(stated, product.attributes.values(), strict=True) if truth(value) is not False
    ]
    known = " ; ".join((product.title, product.brand or "", *product.category, *values, *stated))
    if has_cjk(said):
        return fold(said) in fold(known)
    return {stem(w) for w, _, _ in words(said.casefold()) if w not in _LITTLE} <= set(stems(known))


def _is_value(said: str, product: Product) -> bool:
    return any(fold(said) in fold(v) for values in product.option_values.values() for v in values)
