"""What a message points back to: "the second one", "it", "the cheaper of the two", "anything else?", "便宜一点的".

In: a message and the conversation before it. Out: the products meant, and how the last request is to be changed. It
knows no catalogue vocabulary; whether a message names something new is decided by `understanding`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.types import Message, Query
from assistant.understanding.measures import more_or_less
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
_THIS = re.compile(
    r"\b(?:it|its|it['’]s|this|that|this one|that one|the one|this product|that product|the (?:item|product|same))\b(?! (?:kind|sort|type))"
    r"|它|[这那](?:[个款件种台双条只]|一[个款件种台双条只])?(?![两二三几些里边儿样])|该(?:商品|产品|款)|上面|刚才|刚刚",
    _I,
)
_WHICH_OF_SHOWN: tuple[tuple[re.Pattern[str], Literal["cheapest", "dearest", "best"]], ...] = (
    (re.compile(r"\bthe (?:cheap(?:er|est)|less expensive|least expensive)(?: one| of\b|\b)(?= one| of|\W*$|\W+(?:is|in|has|have|come|does|do)\b)|(?:更|比较)?便宜的?(?:那|一)[个款]", _I), "cheapest"),
    (re.compile(r"\bthe (?:(?:more|most) expensive|pricier|dearer|priciest)(?: one| of\b)|(?:更|比较)?贵的?(?:那|一)[个款]", _I), "dearest"),
    (re.compile(r"\bthe (?:better|best)[- ]rated(?: one| of\b)|评分(?:更|最)?高的?(?:那|一)?[个款]", _I), "best"),
)  # fmt: skip
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
    r"more (?:options?|choices?|like)|alternatives?|different ones?|another one|next ones?|show more)\b"
    r"|还有(?:没有)?(?:别的|其他|其它|什么(?!颜色|尺码|规格)|哪些)|还有吗\W*$|别的|其他的?|其它|换一[个批款]|再来|再推荐|更多|换换",
    _I,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a message points at. `explicit`: by words ("it", "the second"), not merely by leaving the subject out.

    `focus` are the products a message without any subject would be about; `shown` all those on the table.
    """

    product_ids: tuple[str, ...]
    explicit: bool
    focus: tuple[str, ...]
    shown: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()


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


def resolve(
    text: str, history: Sequence[Message], page_product_id: str | None, products: Mapping[str, Product]
) -> Reference:
    """Which products `text` points at. Products that are gone from the catalogue are pointed at no more."""
    shown = tuple(i for i in shown_products(history) if i in products)
    before = last_query(history)
    named = tuple(i for i in (before.refers_to if before else ()) if i in products)
    page = (page_product_id,) if page_product_id in products and page_product_id else ()
    focus = named or shown[:1] or page
    if not shown and not focus:
        return Reference((), False, (), ())
    pool = shown or focus
    for found in (_several(text, pool), _ordinal(text, pool), _by_price(text, pool, products)):
        if found:
            return Reference(found[0], True, focus, pool, found[1])
    if match := _ALL.search(text):
        return Reference(pool, True, focus, pool, (match.span(),))
    if match := _THIS.search(text):
        return Reference(page if page and not history else focus[:1] or pool[:1], True, focus, pool, (match.span(),))
    return Reference((), False, focus, pool)


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


def _by_price(text: str, pool: Sequence[str], products: Mapping[str, Product]) -> _Found | None:
    for pattern, which in _WHICH_OF_SHOWN:
        if len(pool) > 1 and (match := pattern.search(text)):
            if which == "best":
                rated = [i for i in pool if products[i].rating is not None]
                best = max(rated, key=lambda i: products[i].rating or 0, default=None)
            else:
                priced = [i for i in pool if products[i].price_range]
                choose = min if which == "cheapest" else max
                best = choose(priced, key=lambda i: products[i].price_range or (), default=None)
            return ((best,), (match.span(),)) if best else None
    return None
