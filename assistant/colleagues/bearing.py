"""Which words of a person of the shop bear on a question: the latest on its matter.

In: the turn, its query and the shop's index. Out: a `Told`, or None where nobody said anything on the matter. A
question for goods, for what holds for everybody, or about another product is not the same matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from assistant.colleagues import matters
from assistant.colleagues.matters import Figure
from assistant.colleagues.statements import Statement, statements_in
from assistant.colleagues.words import telling_words
from assistant.types import Message, Part, Query, Told, Turn
from assistant.understanding.message import blank, read
from knowledge_base.index import Index
from knowledge_base.text import has_cjk

_NEVER: Final = frozenset({"small_talk", "out_of_scope", "handoff"})
_OF_PRODUCTS: Final = frozenset({"price", "stock", "hold", "fit"})  # what is promised of one product holds for no other
_KIN: Final[dict[str, frozenset[str]]] = {  # of what else one may speak who asks for this
    "stock": frozenset({"hold"}),
    "hold": frozenset({"stock"}),
    "price": frozenset({"discount", "price match"}),
    "price match": frozenset({"price", "refund"}),
    "refund": frozenset({"price match"}),
}
_MOST_SENTENCES: Final = 3
_REMEMBERED: Final = 30  # messages in which a person's words are looked for
_SHARED: Final = 0.5  # a question shares more than this of its telling words with an exchange that it goes on from


def with_told(parts: Sequence[Part], turn: Turn, index: Index) -> tuple[Part, ...]:
    """The parts of a message, each with what a person of the shop said in this conversation on its matter."""
    if not any(message.role == "agent" for message in turn.history):
        return tuple(parts)
    found = []
    for part in parts:
        asked = turn if len(parts) == 1 else replace(turn, text=part.query.text)
        told = told_of(asked, part.query, index)
        found.append(part if told is None else replace(part, evidence=replace(part.evidence, told=(told,))))
    return tuple(found)


def told_of(turn: Turn, query: Query, index: Index) -> Told | None:
    """The words of a person in this conversation that bear on the message; None where there are none."""
    if query.intent in _NEVER or matters.is_shopping(turn.text) or matters.asks_in_general(turn.text):
        return None

    @cache
    def named(text: str) -> tuple[str, ...]:
        return read(Turn(turn.conversation_id, text), index).named

    stated = statements_in(turn.history[-_REMEMBERED:], named)
    reading = read(turn, index)
    outside = blank(reading.text, [(mention.start, mention.end) for mention in reading.titles])
    words = telling_words(outside)
    asked = Asked(
        turn.text,
        matters.matters_of(turn.text),
        reading.named or (() if query.beyond else query.refers_to),
        bool(reading.named),
        words,
        frozenset(word for word in words if not has_cjk(word) and len(index.types.named_by(word))),
        matters.figures_in(outside, None),
        _goes_on(turn.history[-_REMEMBERED:], stated),
        query.intent == "product_question" and bool(query.asks),
    )
    by_message = [[s for s in stated if s.place == place] for place in dict.fromkeys(s.place for s in reversed(stated))]
    for find in (_on_its_matter, _going_on):  # what is on the matter goes before newer words that only may be
        for message in by_message:
            fitting = [statement for statement in message if _is_of_its_products(asked, statement)]
            if chosen := find(asked, fitting):
                return _told(asked, [s for s in message if s in chosen or _leans_on(s, message, chosen)])
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is held against statements.

    `products` are those it is about, `is_named` where it names them itself; `words` its telling words outside their
    names, `goods` those of them that only name a kind of thing, `figures` those it says. `goes_on` is the place of the
    person's message that was spoken of last, None where something else was since; `of_record`: it asks for what a
    product's record says.
    """

    text: str
    matters: frozenset[str]
    products: tuple[str, ...]
    is_named: bool
    words: frozenset[str]
    goods: frozenset[str]
    figures: frozenset[Figure]
    goes_on: int | None
    of_record: bool

    @property
    def leaves_open(self) -> bool:
        """Whether its matter is that of what was said before: "how much is it then?" may ask for a fee or a refund."""
        only_how_much = self.matters == {"price"} and not matters.names_price(self.text)
        return not self.matters or (only_how_much and not self.is_named)

    def is_met_by(self, about: frozenset[str]) -> bool:
        """Whether statements on these matters leave none of its own aside."""
        return self.leaves_open or not about or self.matters <= about | self._kin()

    def is_on(self, stated: frozenset[str]) -> bool:
        """Whether statements on these matters are on its matter."""
        return bool((self.matters | self._kin()) & stated)

    def clashes(self, statement: Statement) -> bool:
        """Whether it has a matter of its own that the statement is not on."""
        on = statement.own | statement.around
        return not self.leaves_open and bool(on) and not self.is_on(on)

    def shares(self, words: frozenset[str]) -> bool:
        """Whether most of its telling words are among these."""
        own = self.words - self.goods
        share = len(own & words) / len(own) if own else 0.0
        return share > _SHARED or (share == _SHARED and not self.of_record and not matters.asks_how_to(self.text))

    def _kin(self) -> frozenset[str]:
        kin = frozenset[str]().union(*(_KIN.get(matter, frozenset()) for matter in self.matters))
        if self.matters == {"delivery"} and "when" not in matters.asked_kinds(self.text):
            kin |= {"shipping cost"}
        return kin if len(self.matters) == 1 else frozenset()


def _goes_on(history: Sequence[Message], stated: Sequence[Statement]) -> int | None:
    last = next((message for message in reversed(history) if message.role != "shopper"), None)
    if last is None or not stated:
        return None
    if last.role == "agent":
        return stated[-1].place
    return next((s.place for s in reversed(stated) if s.text in last.text), None)


def _told(asked: Asked, chosen: Sequence[Statement]) -> Told:
    """The statements as they are passed on."""
    about = frozenset[str]().union(*(s.own | (frozenset() if asked.is_on(s.own) else s.around) for s in chosen))
    answers = asked.is_met_by(about) and not matters.asks_how_to(asked.text)
    about |= asked.matters if answers else frozenset()
    text = _joined([s.text for s in chosen[:_MOST_SENTENCES]])
    products = tuple(dict.fromkeys(product_id for s in chosen for product_id in s.products))
    return Told(text, chosen[0].by, tuple(sorted(about)), answers, products)


def _on_its_matter(asked: Asked, fitting: Sequence[Statement]) -> list[Statement]:
    """The statements on the question's matter, by their own words or, where these name none, by what they answer."""
    return [s for s in fitting if asked.is_on(s.own)] or [s for s in fitting if not s.own and asked.is_on(s.around)]


def _going_on(asked: Asked, fitting: Sequence[Statement]) -> list[Statement]:
    """The statements that a question goes on from, or that answer one on its matter in words of another."""
    around = [s for s in fitting if asked.is_on(s.around)]
    around = [s for s in around if _answers_kind(asked, s)] or [s for s in around if s.place == asked.goes_on]
    return around or _open_to(asked, [s for s in fitting if not asked.clashes(s)])


def _open_to(asked: Asked, fitting: Sequence[Statement]) -> list[Statement]:
    """The statements that a question goes on from whose words name no matter, or one that none of them names."""
    chosen = [s for s in fitting if asked.figures & _figures(s)]
    if not chosen and asked.words and not asked.is_named:
        chosen = [s for s in fitting if asked.shares(telling_words(s.text))]
        chosen = chosen or _told_best(asked, [s for s in fitting if asked.shares(s.exchange)])
    if not chosen and not asked.leaves_open and not asked.is_named:
        unknown = [s for s in fitting if s.place == asked.goes_on and not s.own | s.around]
        points = matters.points(asked.text)
        chosen = [s for s in unknown if _answers_kind(asked, s) and (points or asked.words & s.exchange)]
    if not chosen and asked.leaves_open and not asked.is_named:
        leans = not asked.words or matters.confirms(asked.text)
        if fitting and fitting[0].place == asked.goes_on:
            chosen = [s for s in fitting if _answers_kind(asked, s)] or (list(fitting) if leans else [])
        if not chosen and matters.asks_what_was_said(asked.text):
            chosen = list(fitting)
    return chosen


def _told_best(asked: Asked, fitting: list[Statement]) -> list[Statement]:
    """Of an exchange that the question goes on from, the statements that share its words or have what it asks for."""
    sharing = [s for s in fitting if asked.words & telling_words(s.text)]
    return sharing or [s for s in fitting if _answers_kind(asked, s)] or fitting


def _leans_on(statement: Statement, message: Sequence[Statement], chosen: Sequence[Statement]) -> bool:
    place = message.index(statement)
    return statement.leans and place > 0 and message[place - 1] in chosen


def _is_of_its_products(asked: Asked, statement: Statement) -> bool:
    """Whether the question is not about another product than the statement."""
    if not asked.products or set(asked.products) & set(statement.products):
        return True
    if statement.products:
        return not (asked.matters | statement.own) & _OF_PRODUCTS
    return not (asked.matters <= _OF_PRODUCTS and asked.is_named)


def _answers_kind(asked: Asked, statement: Statement) -> bool:
    """Whether the question asks for a kind of figure that the statement has."""
    kinds = {"money" if kind == "percent" else kind for kind, _, _ in _figures(statement)}
    return bool(matters.asked_kinds(asked.text) & kinds)


def _figures(statement: Statement) -> frozenset[Figure]:
    return matters.figures_in(statement.text, None)


def _joined(sentences: Sequence[str]) -> str:
    text = ""
    for sentence in sentences:
        text += f"{'' if not text or has_cjk(text[-1]) or text[-1] in '。！？；' else ' '}{sentence}"
    return text
