"""What follows for a verified order from its record and the shop's passages: may it be sent back, when does it come.

In: orders, what is wanted, the shop's passages, and the day. Out: `OrderFacts`, every one with the passage it rests on.
Only recorded days are counted from, and only by a range that a passage states; what the records leave open is said to
be open. It words nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from assistant.checking.grounds import find_dates, stems_in
from assistant.orders.phases import Phase, arrived_on, day_of, left_on, phase_of
from assistant.orders.rules import DeliveryRule, ReturnRule, Rules, kinds_of, names, rules_of, sentences
from assistant.types import Arrival, Order, OrderFacts, OrderItem, Query, ReturnTerms
from knowledge_base.constraints.word_lists import COMMON_STEMS
from knowledge_base.types import Entry, Hit, Product

_CANCEL: Mapping[Phase, Literal["open", "left", "arrived", "cancelled"]] = {
    "waiting": "open", "partly": "left", "on its way": "left", "arrived": "arrived", "returned": "arrived",
    "cancelled": "cancelled",
}  # fmt: skip
_COMMON = COMMON_STEMS | stems_in(
    "order return returned send back want like please cancel refund item for money bought"
)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """The shop's passages; `products` are the catalogue's, for the kinds of goods."""

    entries: Sequence[Entry]
    products: Mapping[str, Product]

    @property
    def rules(self) -> Rules:
        """What the passages say in figures."""
        return rules_of(self.entries)


def order_meant(query: Query, orders: Sequence[Order]) -> Order | None:
    """Of several orders, newest first, the one that is to be sent back or stopped: the one with the goods named, else
    the newest with which that can be done; None where there are none."""
    named = [order for order in orders if items_meant(query.text, order)]
    wanted: tuple[Phase, ...] = ("waiting",) if query.action == "cancel" else ("arrived",)
    fitting = [order for order in named or orders if phase_of(order) in wanted]
    return next(iter([*fitting, *named, *orders]), None)


def items_meant(text: str, order: Order) -> tuple[int, ...]:
    """The positions of the items that a text names; () where it names none."""
    said = stems_in(text) - _COMMON
    shares = [len(said & stems_in(item.title)) for item in order.items]
    best = max(shares, default=0)
    return tuple(place for place, share in enumerate(shares) if best and share == best)


def facts_of(query: Query, order: Order, terms: Terms, today: date) -> OrderFacts:
    """What the message needs to know of the order."""
    phase, facts = phase_of(order), OrderFacts(order.id)
    if query.action == "return":
        wanted = items_meant(query.text, order) or tuple(range(len(order.items)))
        return replace(facts, returns=_returns(order, wanted, phase, terms, today))
    if query.action == "cancel":
        asked = any(request.kind == "cancel" for request in order.requests)
        state = "requested" if asked and phase == "waiting" else _stoppable(order, phase)
        entry, quote = terms.rules.cancelling or (None, "")
        return replace(facts, cancel=state, cancel_passage=_hit(entry) if entry else None, cancel_quote=quote)
    arrival = _arrival(order, phase, terms.rules.delivery)
    return replace(facts, arrival=arrival, late=arrival is not None and _is_late(arrival, terms.rules.delivery, today))


def _stoppable(order: Order, phase: Phase | None) -> Literal["open", "left", "arrived", "cancelled"] | None:
    """Whether it can be stopped; where its status says that it waits and a parcel says more, the parcel is right."""
    if phase == "waiting" and left_on(order) is not None:
        return "left"
    if phase == "waiting" and any(shipment.tracking for shipment in order.shipments):
        return None
    return _CANCEL[phase] if phase else None


# -- sending back ------------------------------------------------------------------------------------------------------


def _returns(
    order: Order, wanted: Sequence[int], phase: Phase | None, terms: Terms, today: date
) -> tuple[ReturnTerms, ...]:
    """The terms of the wanted items, those that are the same in one; () where no passage says anything."""
    found: list[ReturnTerms] = []
    for place in wanted:
        one = _return_of(order, place, phase, terms, today)
        if one is None:
            continue
        same = next((n for n, other in enumerate(found) if replace(other, items=()) == replace(one, items=())), None)
        if same is None:
            found.append(one)
        else:
            found[same] = replace(found[same], items=(*found[same].items, place))
    return tuple(found)


def _return_of(order: Order, place: int, phase: Phase | None, terms: Terms, today: date) -> ReturnTerms | None:
    """The terms of one item: where its time is not over, a passage that refuses just such goods comes first."""
    kinds = _kinds(order.items[place], terms.products)
    found = _timed(order, place, phase, terms, today, kinds)
    if found is None or found.state in ("open", "unclear"):
        for entry, sentence in terms.rules.exclusions:
            if names(f"{entry.title} {sentence}", kinds):
                return ReturnTerms("excluded", _hit(entry), sentence, (place,))
    return found


def _timed(
    order: Order, place: int, phase: Phase | None, terms: Terms, today: date, kinds: Sequence[str]
) -> ReturnTerms | None:
    """What the days say."""
    special = [rule for rule in terms.rules.returns if names(rule.sentence, kinds)]
    rules = special or [rule for rule in terms.rules.returns if rule.general]
    if not rules:
        return None
    first = rules[0]
    own = [rule for rule in rules if rule.entry.kind == first.entry.kind]
    longer = _longer(order, first)
    hit, quote = _hit(first.entry), " ".join([first.sentence, *([longer.sentence] if longer else [])])
    if phase in ("waiting", "on its way", "partly"):
        return ReturnTerms("waiting", hit, quote, (place,), first.days)
    if phase not in ("arrived", None) or len({rule.days for rule in own}) > 1:
        return ReturnTerms("unclear", hit, quote, (place,), first.days)
    arrived, placed = arrived_on(order), day_of(order.placed_at)
    starts: dict[Literal["delivery", "order"], date | None] = {"delivery": arrived, "order": placed}
    if first.counts_from:
        starts = {first.counts_from: starts[first.counts_from]}
    found = [
        _counted(ReturnTerms("unclear", hit, quote, (place,), first.days, since, None, start), longer, today)
        for start, since in starts.items()
    ]
    # Where it is not said from when the days run, sure is only what holds from either day.
    return found[-1] if len({terms.state for terms in found}) == 1 else replace(found[0], state="unclear", until=None)


def _counted(terms: ReturnTerms, longer: _Longer | None, today: date) -> ReturnTerms:
    """Whether the time is over, counted from a day; "unclear" where that day is not known."""
    if terms.since is None:
        return terms
    until = terms.since + timedelta(days=terms.days)
    if longer is not None and longer.until is not None:
        until = max(until, longer.until)
    if today <= until:
        return replace(terms, state="open", until=until)
    unsure = longer is not None and longer.until is None
    return replace(terms, state="unclear" if unsure else "over", until=until)


@dataclass(frozen=True, slots=True)
class _Longer:
    """A longer time for what is bought on some days of the year; `until` is None where it is not clear which."""

    sentence: str
    until: date | None


def _longer(order: Order, rule: ReturnRule) -> _Longer | None:
    """ "What you buy between November 1 and December 24 can be returned until January 31", where that is for it."""
    placed = day_of(order.placed_at)
    for sentence in sentences(rule.entry.text):
        days = [(month, day) for _, _, month, day in find_dates(sentence)]
        if not days or sentence == rule.sentence:
            continue
        if len(days) != 3 or placed is None or days[0] > days[1]:
            return _Longer(sentence, None)
        if days[0] <= (placed.month, placed.day) <= days[1]:
            year = placed.year + (days[2] < days[1])
            return _Longer(sentence, date(year, *days[2]))
    return None


def _kinds(item: OrderItem, products: Mapping[str, Product]) -> tuple[str, ...]:
    product = products.get(item.product_id) if item.product_id else None
    return kinds_of(item.title or (product.title if product else ""), product.category if product else ())


# -- arriving ----------------------------------------------------------------------------------------------------------


def _arrival(order: Order, phase: Phase | None, rule: DeliveryRule | None) -> Arrival | None:
    """When an order that is under way should come; None for any other, and where nothing says."""
    if phase not in ("waiting", "on its way", "partly"):
        return None
    if (said := day_of(order.expected)) is not None:
        return Arrival(said, said)
    left, placed = left_on(order), day_of(order.placed_at)
    since = left or placed
    if rule is None or since is None:
        return None
    counted_from: Literal["shipped", "placed"] = "shipped" if left else "placed"
    if len(rule.ranges) > 1:
        return Arrival(None, None, since, counted_from, _hit(rule.entry), rule.sentence)
    least, most, business = rule.ranges[0]
    first, last = _after(since, least, business), _after(since, most, business)
    return Arrival(first, last, since, counted_from, _hit(rule.entry), rule.sentence)


def _is_late(arrival: Arrival, rule: DeliveryRule | None, today: date) -> bool:
    """Whether the last day has passed, of several ranges that of the longest."""
    if arrival.last is not None:
        return arrival.last < today
    if rule is None or arrival.since is None:
        return False
    return max(_after(arrival.since, most, business) for _, most, business in rule.ranges) < today


def _after(day: date, n_days: int, business: bool) -> date:
    """The day so many days later; of business days, Mondays to Fridays are counted."""
    if not business:
        return day + timedelta(days=n_days)
    while n_days:
        day += timedelta(days=1)
        n_days -= day.weekday() < _SATURDAY
    return day


def _hit(entry: Entry) -> Hit:
    return Hit(entry, 1.0, 1, "selected")
