"""A person's messages as statements, each with what it is about.

In: the history of a turn. Out: the statements, newest message first, each sentence with its matters and the products
it can be about. Questions, greetings and "let me check" state nothing. It judges no question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.colleagues.matters import figures_in, matters_of
from assistant.colleagues.words import telling_words
from assistant.generation.passages import features, sentences_of
from assistant.types import Message

_LEAST: Final = 2  # telling words behind an opening from which a sentence states something
_LONGEST_CHARS: Final = 400  # of one sentence that is passed on
_OPENS: Final = re.compile(  # what opens a message; what follows it may state something
    r"(?i)^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear|(?:so |very |really )?sorry|thanks?|thank you"
    r"|you'?re welcome|no (?:problem|worries)|sure|of course|great|ok(?:ay)?|certainly|absolutely|yes|no|done)\b"
    r"|^\W*(?:您好|你好|亲|不好意思|抱歉|谢谢|感谢|不客气|好的|没问题|没关系|可以|嗯)"
)
_COURTESY: Final = re.compile(
    r"(?i)\b(?:my name is|this is [A-Z]\w+ (?:here|from)|i'?m \w+ from|sorry (?:to hear|for|about)|apologi\w+"
    r"|thanks? (?:you )?for|for waiting)\b"
    r"|我是(?:客服|本店)|给您带来|久等"
)
_PUTS_OFF: Final = re.compile(
    r"(?i)\b(?:let me (?:check|look|see|ask|find)|(?:one|just a|a) (?:moment|second|minute)(?=\W*$|,| please"
    r"| while)|give me a|bear with me"
    r"|i(?:['’]?ll| will) (?:check|look|ask|find out|get back)|looking into (?:it|this|that)|anything else)\b"
    r"|稍等|等一下|我(?:先)?(?:看|查|问)一?下|帮您(?:看|查|问)一?下|还有(?:什么|其他)"
)
_LEANS: Final = re.compile(
    r"(?i)^\W*(?:it|this|that|they|these|and|also|but|so|then|only|just)\b|^\W*(?:这|那|另外|而且|不过|但|所以|到时)"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a person. `own` are its matters, `around` those of what it answers; `leans` on the one before.

    `place` is its message's in the history; `exchange` the telling words of that message and of what it answers.
    `products` are those it names or that were talked of before it, () where that cannot be told.
    """

    text: str
    by: str
    place: int
    own: frozenset[str]
    around: frozenset[str]
    products: tuple[str, ...]
    exchange: frozenset[str]
    leans: bool


def statements_in(history: Sequence[Message], named: Callable[[str], tuple[str, ...]]) -> tuple[Statement, ...]:
    """What persons of the shop stated, in order. `named` tells the products that a text names."""
    found: list[Statement] = []
    around: frozenset[str] = frozenset()
    products: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()  # telling words of the shopper's messages since the other side's last
    heard = True
    for place, message in enumerate(history):
        own_products = message.product_ids or named(message.text)
        products = own_products or products
        if message.role == "shopper":
            asked = telling_words(message.text) | (frozenset() if heard else asked)
        heard = message.role != "shopper"
        if message.role != "agent":
            around = matters_of(message.text) or around if message.role == "shopper" else around
            continue
        before: frozenset[str] = frozenset()
        for sentence in sentences_of(message.text):
            own = matters_of(sentence)
            if _states_nothing(sentence):
                continue
            leans = bool(_LEANS.search(sentence)) and bool(before)
            own = own or (before if leans else own)
            text = _said(sentence)
            of = named(sentence) or (products if len(products) <= 1 or own_products else ())
            found.append(
                Statement(text, message.by, place, own, around | before, of, asked | telling_words(message.text), leans)
            )
            before = own or before
        around = before or around
    return tuple(found)


def _states_nothing(sentence: str) -> bool:
    asks = sentence.rstrip(" ”\"')）").endswith(("?", "？")) or re.search(r"[吗么呢][。.!！]?$", sentence) is not None
    if asks or _PUTS_OFF.search(sentence) or not features(sentence):
        return True
    if figures_in(sentence, None):
        return False
    opener = _OPENS.match(sentence)
    rest = sentence[opener.end() :] if opener else sentence
    return _COURTESY.search(sentence) is not None or (opener is not None and len(features(rest)) < _LEAST)


def _said(sentence: str) -> str:
    """The sentence as it can be quoted: no quotation mark ends the quotation, no bracket passes for a source."""
    plain = sentence.translate(_PLAIN).strip()
    return plain if len(plain) <= _LONGEST_CHARS else f"{plain[: _LONGEST_CHARS - 1].rstrip()}…"


_PLAIN: Final = str.maketrans({"“": "'", "”": "'", '"': "'", "[": "(", "]": ")", "|": "/", "\n": " "})
