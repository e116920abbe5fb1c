"""Is a reply exactly right, and does it show anything that breaks what was asked?

In: a `Question` with its `Truth`, the `Reply`, the reply before it in the conversation. Out: a `Verdict`. The judge
reads text and cards with its own code (`figures`) and knows nothing of how the reply came to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.evaluation import figures
from assistant.evaluation.questions import Question, Truth
from assistant.evaluation.records import Record, Sku, fold
from assistant.evaluation.truth import contains_words, meets
from assistant.evaluation.wrong_figures import Scope, named_in, wrong_figures
from assistant.types import ProductCard, Reply


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` says what is missing or wrong, "" where the reply is right. `reading` is the accepted reading's place.

    `wrong_figures` and `broken` (products shown that break a stated constraint) are counted apart from `right`, and
    either makes a reply wrong. `relaxed` are products shown although they break a constraint, after the reply said
    that nothing meets it.
    """

    right: bool
    why: str = ""
    wrong_figures: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    relaxed: tuple[str, ...] = ()
    reading: int | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything one check looks at. `asked` is the question's text; `bare`: the shop's amounts carry no currency."""

    asked: str
    truth: Truth
    reply: Reply
    before: Reply | None
    records: Mapping[str, Record]
    bare: bool = False

    @property
    def text(self) -> str:
        return self.reply.text

    @property
    def amounts(self) -> list[Decimal]:
        return figures.numbers(self.reply.text) if self.bare else figures.amounts(self.reply.text)

    @property
    def first(self) -> ProductCard | None:
        return self.reply.products[0] if self.reply.products else None


_ONE = re.compile(r"\b(?:an?|one)\b|一[款个种件]|[买要]个", re.IGNORECASE)
Outcome = tuple[str, int | None]
RIGHT: Outcome = ("", None)


def judge(
    question: Question,
    reply: Reply,
    before: Reply | None,
    said: str,
    records: Mapping[str, Record],
    currency: str | None,
) -> Verdict:
    """The verdict on one reply. `said` is all the shopper said in the conversation, this message included."""
    case = _Case(question.text, question.truth, reply, before, records, bare=currency is None)
    why, reading = _CHECKS[question.truth.check](case)
    broken, relaxed = _broken(case)
    granted = [a.price for a in question.truth.answers]
    if before is not None:
        granted += [price for card in before.products for price in (card.price, card.price_max)]
    if question.truth.subject is not None:
        everyone = frozenset().union(*question.truth.subject.readings)
        prices = [p for i in everyone if i in records for p in records[i].prices]
        granted += [min(prices), max(prices)] if prices else []
    wrong = wrong_figures(reply, records, said, granted)
    if not why and (wrong or broken):
        why = "wrong figure" if wrong else "broken constraint"
    return Verdict(not why, why, wrong, broken, relaxed, reading)


def _skus(case: _Case, record: Record) -> list[Sku]:
    """The record's SKUs that the question means."""
    if case.truth.skus is None:
        return list(record.skus)
    return [sku for sku in record.skus if (record.id, sku.id) in case.truth.skus]


def _any_target(case: _Case, check: Callable[[_Case, Record], str]) -> Outcome:
    """The check on every product that the words can mean; the first reason where none passes."""
    reasons = []
    for target in case.truth.targets:
        record = case.records[target]
        reason = check(case, record)
        if not reason and case.reply.products and target not in {c.id for c in case.reply.products}:
            reason = "the cards show another product"
        if not reason and case.first is not None and case.first.id not in case.truth.targets:
            reason = "the first card is another product"
        if not reason:
            return RIGHT
        reasons.append(reason)
    return reasons[0], None


def _price_of(case: _Case, skus: Sequence[Sku]) -> str:
    prices = sorted({sku.price for sku in skus if sku.price is not None})
    if not prices:
        return "" if figures.says_unknown(case.text) else "the price is unknown and the text does not say so"
    missing = [price for price in (prices[0], prices[-1]) if price not in case.amounts]
    return f"price {', '.join(map(str, missing))} not in the text" if missing else ""


def _price(case: _Case) -> Outcome:
    def one(case: _Case, record: Record) -> str:
        skus = _skus(case, record)
        card = case.first
        named = case.truth.skus is not None and card is not None and card.id == record.id and card.variant_id
        if named and named not in {sku.id for sku in skus}:
            return "the first card shows another variant"
        return _price_of(case, skus)

    return _any_target(case, one)


def _stock_of(text: str, skus: Sequence[Sku]) -> str:
    states = {sku.in_stock for sku in skus}
    clauses = [
        clause
        for sentence in figures.sentences(text)
        for clause in re.split(r"[;；]|,? (?:except|but) |[,，](?:但|不过|除)", sentence)
    ]
    claims = [claim for claim in map(figures.stock_claim, clauses) if claim is not None]
    claims += [
        c for rows in figures.tables(text) for row in rows for c in map(figures.stock_claim, row) if c is not None
    ]
    if states == {None}:
        return "" if figures.says_unknown(text) else f"stock is unknown; the text claims {claims[:1]}"
    if not claims:
        return "the text says nothing about stock"
    if True in states and False in states:
        return "" if True in claims or len(claims) > 1 else "some are in stock; the text says none is"
    expected = True in states
    return "" if claims[0] is expected else f"the text says {claims[0]}, the record {expected}"


def _stock(case: _Case) -> Outcome:
    return _any_target(case, lambda case, record: _stock_of(case.text, _skus(case, record)))


def _options(case: _Case) -> Outcome:
    def one(case: _Case, record: Record) -> str:
        values = {v for sku in record.skus for n, v in sku.options.items() if fold(n) == fold(case.truth.name or "")}
        text = fold(figures.plain(case.text))
        missing = sorted(value for value in values if not contains_words(text, value))
        return f"missing {missing[:5]}" if missing else ""

    return _any_target(case, one)


def _attribute(case: _Case) -> Outcome:
    def one(case: _Case, record: Record) -> str:
        values = [v for n, v in record.attributes.items() if fold(n) == fold(case.truth.name or "")]
        if not values:
            return "" if figures.says_unknown(case.text) else "the value is unknown and the text does not say so"
        text = fold(figures.plain(case.text))
        wanted = [part for value in values for part in value.split(",") if part.strip()]
        missing = [part for part in wanted if not contains_words(text, part) and fold(part) not in text]
        return f"missing {missing[:3]}" if missing else ""

    return _any_target(case, one)


def _extreme(case: _Case) -> Outcome:
    for reading, answer in enumerate(case.truth.answers):
        if answer.price not in case.amounts:
            continue
        card = case.first
        if card is None or (card.id in answer.products and answer.price in (card.price, card.price_max)):
            return "", reading
    best = case.truth.answers[0]
    return (
        f"not {best.price} of {best.products[:2]}: first card {case.first and (case.first.id, case.first.price)}",
        None,
    )


def _rated(case: _Case) -> Outcome:
    for reading, answer in enumerate(case.truth.answers):
        card = case.first
        if answer.price in figures.numbers(case.text) and (card is None or card.id in answer.products):
            return "", reading
    best = case.truth.answers[0]
    return f"not rating {best.price} of {best.products[:2]}; first card {case.first and case.first.id}", None


def _ladder(case: _Case) -> Outcome:
    shown = [card.price for card in case.reply.products]
    for reading, answer in enumerate(case.truth.answers):
        if shown == list(answer.ladder):
            return "", reading
    return f"cards {[str(p) for p in shown]}, not {[str(p) for p in case.truth.answers[0].ladder]}", None


def _count(case: _Case) -> Outcome:
    said = figures.counts(case.text)[:4]
    for reading, answer in enumerate(case.truth.answers):
        if answer.n_products == 0 and figures.says_none(case.text):
            return "", reading
        right = {answer.n_skus} if answer.n_products == 1 else {answer.n_products, answer.n_skus}
        if answer.n_products and right & set(said):
            return "", reading
    best = case.truth.answers[0]
    return f"said {said}, not {best.n_products} products ({best.n_skus} SKUs)", None


def _list(case: _Case) -> Outcome:
    """Something that fits must be shown, and more than one of several; "a tent" or "一款" is content with one."""
    shown = list(dict.fromkeys(card.id for card in case.reply.products))
    totals = [answer.n_products for answer in case.truth.answers]
    if min(totals) == 0 and figures.says_none(case.text):
        return RIGHT
    needed = 1 if _ONE.search(case.asked) else min(2, *totals)
    if len(shown) < needed:
        return f"{len(shown)} products shown of {totals[0]} that fit", None
    return RIGHT


def _compare(case: _Case) -> Outcome:
    for target in case.truth.targets:
        record = case.records[target]
        if target not in {card.id for card in case.reply.products}:
            return f"{record.title[:40]} is not among the cards", None
        if record.prices and record.prices[0] not in case.amounts:
            return f"price {record.prices[0]} of {record.title[:40]} not in the text", None
    return RIGHT


def _cheaper_of_two(case: _Case) -> Outcome:
    first, second = (case.records[target] for target in case.truth.targets)
    cheaper = first if first.prices[0] < second.prices[0] else second
    scope = Scope(
        {r.id: r for r in (first, second)},
        {c.n: case.records[c.id[8:]] for c in case.reply.citations if c.kind == "product" and c.id[8:] in case.records},
        frozenset(),
    )
    words: tuple[str, ...] = (
        "cheaper",
        "costs less",
        "cost less",
        "less expensive",
        "lower price",
        "lower-priced",
        "cheapest",
    )
    words = (*words, "便宜", "更低", "较低", "最低", "价格低")
    for sentence in figures.sentences(case.text):
        if any(word in sentence.lower() for word in words):
            named = sorted(named_in(sentence, scope), key=lambda r: _place(sentence, r, scope))
            if named:
                return RIGHT if named[0].id == cheaper.id else (f"says {named[0].title[:40]} is cheaper", None)
    return f"does not say that {cheaper.title[:40]} is cheaper", None


def _place(sentence: str, record: Record, scope: Scope) -> int:
    """Where the sentence names the product, by title or else by citation."""
    place = fold(figures.plain(sentence)).find(record.key[:28].rstrip())
    if place >= 0:
        return place
    marks = [n for n, cited in scope.by_citation.items() if cited.id == record.id]
    return min((sentence.find(f"[{n}]") for n in marks if f"[{n}]" in sentence), default=len(sentence))


def _placed(case: _Case) -> tuple[list[Sku], str]:
    """The SKUs of the card that the question points at."""
    before = case.before.products if case.before else ()
    if case.truth.place is None or len(before) < case.truth.place:
        return [], f"only {len(before)} cards were shown before"
    card = before[case.truth.place - 1]
    record = case.records.get(card.id)
    if record is None:
        return [], "the card before shows no product of the shop"
    if case.first is not None and case.first.id != card.id:
        return [], "the first card is another product"
    named = [sku for sku in record.skus if sku.id == card.variant_id] if card.variant_id else []
    return named or list(record.skus), ""


def _place_price(case: _Case) -> Outcome:
    skus, why = _placed(case)
    return why or _price_of(case, skus), None


def _place_stock(case: _Case) -> Outcome:
    skus, why = _placed(case)
    return why or _stock_of(case.text, skus), None


def _cheaper(case: _Case) -> Outcome:
    before = case.before.products[0].price if case.before and case.before.products else None
    if before is None:
        return "no priced card was shown before", None
    if not case.reply.products:
        return "nothing cheaper is shown", None
    dear = [card for card in case.reply.products if card.price is None or card.price >= before]
    return (f"{dear[0].title[:40]} at {dear[0].price} is not cheaper than {before}" if dear else ""), None


_CHECKS: Mapping[str, Callable[[_Case], Outcome]] = {
    "price": _price, "stock": _stock, "options": _options, "attribute": _attribute, "extreme": _extreme,
    "rated": _rated,
    "ladder": _ladder, "count": _count, "list": _list, "compare": _compare, "cheaper_of_two": _cheaper_of_two,
    "place_price": _place_price, "place_stock": _place_stock, "cheaper": _cheaper,
}  # fmt: skip


def _broken(case: _Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The products shown, on a card or cited, that break what was asked: (silently, after saying nothing fits)."""
    subject, wanted = case.truth.subject, case.truth.wanted
    if subject is None:
        return (), ()
    shown: list[tuple[str, str | None]] = [(card.id, card.variant_id) for card in case.reply.products]
    carded = {product for product, _ in shown}
    cited = [c.id.split(":", 1)[-1] for c in case.reply.citations if c.kind == "product"]
    shown += [(product, None) for product in dict.fromkeys(cited) if product not in carded]
    found = []
    for product, variant in shown:
        record = case.records.get(product)
        if record is None:
            continue
        skus = [sku for sku in record.skus if sku.id == variant] if variant else list(record.skus)
        if not subject.is_kind(record):
            found.append(f"{record.id} {record.title[:60]!r} is no {subject.name}")
        elif not any(meets(record, sku, wanted, loose=True) for sku in skus):
            prices = ", ".join(str(sku.price) for sku in skus[:1])
            found.append(f"{record.id} {record.title[:60]!r} {prices} breaks {_in_words(case.truth)}")
    if found and figures.says_none(case.text) and all(answer.n_products == 0 for answer in case.truth.answers):
        return (), tuple(found)
    return tuple(found), ()


def _in_words(truth: Truth) -> str:
    wanted = truth.wanted
    parts = [f"≥ {wanted.price_min}" if wanted.price_min else "", f"≤ {wanted.price_max}" if wanted.price_max else ""]
    parts += ["in stock" if wanted.in_stock else "", wanted.brand or ""]
    parts += [f"{'not ' if t.negated else ''}{t.name}={t.value}" for t in wanted.traits]
    return ", ".join(part for part in parts if part)
