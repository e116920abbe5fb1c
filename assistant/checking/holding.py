"""Whether a figure in a draft is the figure of the record the sentence is about.

In: a `Draft`. Out: a `Fault` for every figure that is not held. A price must be that of the right product and variant,
a list price must be called one, a saving must be the difference, a limit must be kept. It rewrites nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.checking import claims
from assistant.checking.bounds import denies_limit, echoed, given_up, is_bound, text_after, text_before
from assistant.checking.grounds import (
    Ground,
    equal,
    fold_marks,
    order_text,
    quantities_in,
    stems_in,
)
from assistant.checking.reading import Draft, Subject
from assistant.colleagues.contradicting import states
from knowledge_base.quantities import Quantity
from knowledge_base.text import fold
from knowledge_base.types import Product, Variant


@dataclass(frozen=True, slots=True)
class Fault:
    """A claim that the evidence does not hold. `subject` is set where the record's own sentence can replace it."""

    check: str
    detail: str
    subject: Subject | None = None


def figure_faults(draft: Draft) -> Iterator[Fault]:
    """Every quantity, date and other number that no record backs."""
    ordinals: dict[str, int] = {}
    for q in draft.quantities:
        if draft.is_quoted(q.start, q.end) or any(
            m.named and m.start <= q.start and q.end <= m.end for m in draft.mentions
        ):
            continue
        groups = draft.subjects(q.start)
        said = draft.text[q.start : q.end]
        place = ordinals.get(q.dimension, 0)
        ordinals[q.dimension] = place + 1
        fault = _figure(draft, q, groups, place)
        if fault is not None:
            subject = fault if isinstance(fault, Subject) else None
            yield Fault("price" if q.dimension == "money" else "figure", f"{said!r} is not in the record", subject)


def _figure(draft: Draft, q: Quantity, groups: Sequence[tuple[Subject, ...]], place: int) -> Subject | bool | None:
    """None where the figure holds; else True, or the subject whose price was misstated."""
    if draft.about_orders and _in_orders(draft, q):
        return None
    if given_up(draft, q) or _told(draft, q):
        return None
    products = [tuple(s for s in group if s.ground.product is not None) for group in groups]
    products = [group for group in products if group]
    named = bool(draft.mentions) or draft.is_row
    catalogue = not draft.mentions and bool(claims.SCOPE_ALL.search(draft.text))
    lead = draft.text[: draft.mentions[0].start] if draft.mentions else draft.text
    ranged = q.end <= len(lead) and claims.SCOPE_ALL.search(lead) and (not named or q.dimension == "count")
    if ranged and _of_catalogue(draft, q):
        return None
    if products and not (catalogue and not named and q.dimension != "money"):
        if claims.RESPECTIVELY.search(draft.text) and place < len(products):
            products = [products[place]]
        elif len(products) > 1 and _alternating(draft, q, products):
            products = [products[min(place, len(products) - 1)]]
        if all(any(_of_product(draft, q, subject) for subject in group) for group in products):
            return None
    if _of_passages(draft, q, bool(products) and any(s.named for group in products for s in group)):
        return None
    if q.dimension == "count" and q.high <= 10 and not named and claims.OFFER.search(draft.text):
        return None  # "name two of them"
    if echoed(draft, q) and not named and not claims.PRICE_BEFORE.search(text_before(draft, q)):
        return None
    if q.dimension == "money" and len(products) == 1 and len(products[0]) == 1 and products[0][0].named:
        return products[0][0]
    return True


def _told(draft: Draft, q: Quantity) -> bool:
    """Whether a person of the shop named the figure in this conversation, and the sentence is on the same matter."""
    said, currency = draft.text[q.start : q.end], draft.info.currency
    return any(states(draft.clause(q.start), said, one, currency) for one in draft.evidence.told)


def _alternating(draft: Draft, q: Quantity, products: Sequence[object]) -> bool:
    """As many figures of this kind as joined products: "the A and the B cost $5 and $7"."""
    same = [other for other in draft.quantities if other.dimension == q.dimension and other.start > 0]
    return len(same) == len(products)


# ------------------------------------------------------------------------------------------------------- products


def _of_product(draft: Draft, q: Quantity, subject: Subject) -> bool:
    product = subject.ground.product
    if product is None:
        return False
    if _is_scale(draft, q):
        return True
    if q.dimension not in ("money", "rating") and _in_named_attribute(draft, q, product) is False:
        return False
    chosen = subject.variants
    match q.dimension:
        case "money":
            return _price(draft, q, product, chosen, subject)
        case "rating":
            return _rating(draft, q, product) or _in_text(q, subject.ground, draft)
        case "percent":
            return _percent(draft, q, product, chosen, subject)
        case "count":
            return _count(draft, q, product, chosen, subject)
        case _:
            return _in_text(q, subject.ground, draft)


_WEIGHS = re.compile(r"(?i)\bweigh(?:s|ing)?\b[^,;]{0,20}$|重(?:量)?(?:约|为|是|仅|只有)?\s*$")


def _in_named_attribute(draft: Draft, q: Quantity, product: Product) -> bool | None:
    """Whether the attribute named right before a figure has it; None where none is named, or it has no figure."""
    before = fold(text_before(draft, q))
    names = {name: fold(name) for name in product.attributes}
    named = [
        name for name, plain in names.items() if len(plain) > 2 - (not plain.isascii()) and _ends_with(before, plain)
    ]
    if not named and _WEIGHS.search(before):
        named = [name for name, plain in names.items() if "weight" in plain or "重" in plain]
    longest = max((len(names[name]) for name in named), default=0)
    values = [product.attributes[name] for name in named if len(names[name]) == longest or _WEIGHS.search(before)]
    known = [k for value in values for k in quantities_in(value, product.currency)]
    if not known or is_bound(text_before(draft, q), text_after(draft, q)):
        return None
    return any(
        equal(q, k)
        or ("count" in (q.dimension, k.dimension) and q.low == k.low and q.high == k.high)
        or k.low <= q.low <= q.high <= k.high
        for k in known
    )


_LINKING = re.compile(r"[\s:：|*()]*(?:(?:is|are|of|was|at|up to|about|only|just|约|为|是|达|有|只有)[\s:：]*){0,2}")


def _ends_with(before: str, name: str) -> bool:
    """Whether a name stands close before the end: "a capacity of ", "capacity: ", 容量为."""
    at = before.rfind(name)
    gap = before[at + len(name) :]
    return at >= 0 and _LINKING.fullmatch(gap) is not None


def _price(draft: Draft, q: Quantity, product: Product, chosen: Sequence[Variant], subject: Subject) -> bool:
    currency = product.currency or draft.info.currency
    if q.unit != currency and q.unit is not None and currency is not None:
        return _in_text(q, subject.ground, draft) and _verbatim(draft, q, subject.ground)
    prices = sorted({v.price for v in chosen if v.price is not None})
    before, after = text_before(draft, q), text_after(draft, q)
    if claims.SAVING.search(before[-30:] + after[:24]) and q.low == q.high and _difference(draft, q, product, chosen):
        return True
    if is_bound(before, after) and q.low == q.high and prices:
        if claims.UPPER.search(before[-24:]) or claims.UPPER_AFTER.match(after):
            return (prices[0] > q.high) if denies_limit(draft, q) else prices[0] <= q.high
        if claims.LOWER.search(before[-24:]) or claims.LOWER_AFTER.match(after):
            if denies_limit(draft, q):
                return prices[-1] < q.low
            return prices[-1] >= q.low and not claims.FROM_PRICE.search(before[-16:])
        if q.low in prices and not re.search(r"(?i)around|about|roughly|约|大", before[-16:]):
            pass  # "from $5"
        elif echoed(draft, q):
            return True
    if claims.LIST_PRICE.search(before[-30:]) or claims.LIST_AFTER.match(after) or "~~" in before[-3:]:
        lists = {v.list_price for v in chosen}
        return q.low == q.high and q.low in lists
    if not prices:
        return False
    if q.low != q.high:
        within = {q.low, q.high} == {draft.query.filters.price_min, draft.query.filters.price_max}
        if within and any(q.low <= price <= q.high for price in prices):
            return True
        return q.low == prices[0] and q.high == prices[-1]
    if q.low not in prices:
        return False
    if len(prices) == 1:
        return True
    if q.low in (prices[0], min((v.price for v in chosen if v.price and v.in_stock), default=None)):
        return bool(
            claims.FROM_PRICE.search(before[-24:]) or claims.FROM_PRICE.match(after.strip()) or _listed(draft, prices)
        )
    return bool(q.low == prices[-1] and claims.RISING.search(before[-16:])) or _listed(draft, prices)


def _listed(draft: Draft, prices: Sequence[Decimal]) -> bool:
    """Whether the sentence states every price of a product that has several."""
    said = {q.low for q in draft.quantities if q.dimension == "money"} | {q.high for q in draft.quantities}
    return set(prices) <= said or (prices[0] in said and prices[-1] in said)


def _difference(draft: Draft, q: Quantity, product: Product, chosen: Sequence[Variant]) -> bool:
    """Whether an amount is what is saved on the list price, between two products, or against the stated limit."""
    savings = {v.list_price - v.price for v in chosen if v.list_price is not None and v.price is not None}
    prices = {v.price for v in chosen if v.price is not None}
    others = [g.product for g in draft.grounds if g.product is not None and g.product is not product]
    others = [o for o in others if o.currency == product.currency]
    against = {v.price for other in others for v in other.skus if v.price is not None}
    limits = {limit for limit in (draft.query.filters.price_max, draft.query.filters.price_min) if limit is not None}
    return q.low in savings or any(abs(p - o) == q.low for p in prices for o in against | limits | prices)


def _is_scale(draft: Draft, q: Quantity) -> bool:
    """Whether a figure says of how many points a rating is: "4.1 of 5", "满分5分"."""
    return q.low == q.high == 5 and bool(
        (_RATED.search(draft.clause(q.start)) and re.search(r"\d (?:out )?of\s*$", draft.text[: q.start]))
        or re.search(r"满分(?:是|为)?\s*$", draft.text[: q.start])
    )


def _rating(draft: Draft, q: Quantity, product: Product) -> bool:
    if product.rating is None:
        return False
    before, after = text_before(draft, q), text_after(draft, q)
    if is_bound(before, after) and not re.search(r"(?i)around|about|约", before[-10:]):
        if claims.LOWER.search(before[-24:]) or claims.LOWER_AFTER.match(after):
            return product.rating >= q.low
        if claims.UPPER.search(before[-24:]):
            return product.rating <= q.high
    exponent = q.low.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    return (q.low == q.high and digits > 0 and round(product.rating, digits) == q.low) or q.low == product.rating


def _percent(draft: Draft, q: Quantity, product: Product, chosen: Sequence[Variant], subject: Subject) -> bool:
    window = draft.text[max(0, q.start - 24) : q.end + 24]
    if claims.DISCOUNT_NEAR.search(window) or "折" in draft.text[q.start : q.end + 1]:
        known = [(v.price, v.list_price) for v in chosen if v.price is not None and v.list_price]
        if _advertised(q, subject.ground, draft):
            return True
        offs = [100 - price / was * 100 for price, was in known if was is not None]
        return any(abs(off - q.low) <= Decimal("0.5") for off in offs) and q.low == q.high
    return _in_text(q, subject.ground, draft)


def _advertised(q: Quantity, ground: Ground, draft: Draft) -> bool:
    """Whether the record's own words name this percentage as a discount."""
    known = [k for k in quantities_in(ground.text, draft.info.currency) if equal(q, k)]
    return any(claims.ADVERTISED.search(ground.text[max(0, k.start - 12) : k.end + 8]) for k in known)


def _count(draft: Draft, q: Quantity, product: Product, chosen: Sequence[Variant], subject: Subject) -> bool:
    before, after = text_before(draft, q), text_after(draft, q)
    if claims.REVIEWS_AFTER.match(after) or claims.REVIEWS_BEFORE.search(before):
        return q.low == q.high == product.review_count
    options = {value for values in product.option_values.values() for value in values}
    if claims.OUT_OF_STOCK.search(before) and any(option.startswith(draft.text[q.start : q.end]) for option in options):
        return True  # "(out of stock: 9)": whether size 9 is, is judged as a stock claim
    if claims.STOCK_COUNT_AFTER.match(after) or claims.STOCK_COUNT_BEFORE.search(before):
        stocks = [v.stock for v in chosen if v.stock is not None]
        total = sum(stocks) if stocks and len(stocks) == len(chosen) else None
        return q.low == q.high and (total == q.low or (len(chosen) == 1 and q.low in stocks))
    if claims.PRICE_BEFORE.search(before) and not re.match(r"(?i)\s*(?:[a-z]+s\b|[个件款台人天年])", after):
        prices = {v.price for v in chosen if v.price is not None}
        if q.low in prices and len(prices) == 1:
            return True
        if not re.search(r"(?i)\bfor\s*$", before):
            return False
    about_rating = _RATED.search(draft.text if draft.is_row else draft.clause(q.start))
    if (
        about_rating
        and q.low == q.high
        and q.low in (product.rating, *((product.review_count,) if draft.is_row else ()))
    ):
        return True
    sizes = {len(product.variants), len(chosen), len(draft.evidence.products)}
    sizes |= {len(values) for values in product.option_values.values()}
    sizes |= {sum(1 for v in product.variants if v.in_stock)}
    return (q.low == q.high and q.low in sizes and q.low > 0) or _in_text(q, subject.ground, draft)


_RATED = re.compile(r"(?i)\b(?:rat(?:ed|ings?)|stars?)\b|评分|评价")


def _in_text(q: Quantity, ground: Ground, draft: Draft) -> bool:
    """Whether the record's own words hold the figure; a limit ("within 5 days") may be one end of a range."""
    currency = ground.product.currency if ground.product else draft.info.currency
    known = quantities_in(ground.text, currency or draft.info.currency)
    before, after = text_before(draft, q), text_after(draft, q)
    bound = is_bound(before, after)
    for k in known:
        if equal(q, k) or (bound and q.low == q.high and _end_of(q, k, before, after)):
            return True
        if q.dimension == "count" and q.low == q.high == k.low == k.high and k.dimension not in ("money", "percent"):
            return True
        if q.dimension == "rating" and ground.product is None and k.dimension == "count" and q.low == q.high == k.low:
            return True  # a passage rates nothing: "1分" is a point of its programme
        unitless = k.dimension == "count" and q.dimension not in ("money", "percent", "rating", "count")
        if unitless and k.low == q.low == k.high and _named_there(ground.text, k.start, draft):
            return True
    return False


def _end_of(q: Quantity, known: Quantity, before: str, after: str) -> bool:
    if known.dimension != q.dimension or q.unit != known.unit:
        return False
    upper = bool(claims.UPPER.search(before[-24:]) or claims.UPPER_AFTER.match(after))
    return q.low == (known.high if upper else known.low)


def _named_there(text: str, place: int, draft: Draft) -> bool:
    """Whether the attribute a bare number belongs to ("display diagonal: 17.0") is named in the sentence."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    name, colon, _ = line.partition(":")
    return bool(colon) and bool(stems_in(name) & stems_in(draft.text))


def _verbatim(draft: Draft, q: Quantity, ground: Ground) -> bool:
    return fold_marks(draft.text[q.start : q.end]) in fold_marks(ground.text)


# ------------------------------------------------------------------------------------------- passages and the rest


def _of_passages(draft: Draft, q: Quantity, named: bool) -> bool:
    """Whether a cited passage has the figure; of an uncited sentence, a passage on the same matter."""
    if not draft.evidence.answerable:
        return False
    cited = [draft.grounds[row] for row in draft.cited]
    passages = [g for g in (cited or draft.grounds) if g.product is None]
    if (
        q.dimension == "money"
        and (named or claims.PRONOUN_PRICE.search(draft.text))
        and not claims.FEE.search(draft.text)
    ):
        return False
    if cited and not passages:
        return False
    return any(_in_text(q, g, draft) and _same_matter(draft, q, g, bool(cited)) for g in passages)


def _same_matter(draft: Draft, q: Quantity, ground: Ground, cited: bool) -> bool:
    """Whether the words around the figure in the draft are those around it in the passage.

    A passage that names 60 days for returns and 5 for delivery does not back "delivery takes 60 days".
    """
    words = stems_in(_piece(draft.text, q)) or stems_in(draft.text)
    title = stems_in(ground.hit.entry.title)
    with_figure, without = -1, -1
    for sentence in _parts(ground.text):
        overlap = len(words & (stems_in(sentence) - (title if not cited else frozenset())))
        same = [k for k in quantities_in(sentence, draft.info.currency) if k.dimension == q.dimension]
        holds = any((k.low <= q.low and q.high <= k.high) or equal(q, k) for k in same)
        if holds:
            with_figure = max(with_figure, overlap)
        elif same:
            without = max(without, overlap)
    if not cited and with_figure < 1 and not words & title:
        return False
    return without < with_figure + 2


def _piece(text: str, q: Quantity) -> str:
    """The part of a compound sentence in which a figure stands."""
    marks = list(re.finditer(r",\s+(?:and|or|but)\b|[;；，。]", text))
    start = max([0, *(m.end() for m in marks if m.end() <= q.start)])
    end = min([len(text), *(m.start() for m in marks if m.start() >= q.end)])
    return text[start:end]


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?;])\s+|[。！？；\n]|,\s+(?=(?:and|or)\b)|，", text) if part.strip()]


def _of_catalogue(draft: Draft, q: Quantity) -> bool:
    """Whether a figure about the shop's range holds: how many there are, from which price, under which limit."""
    evidence, products = draft.evidence, [g.product for g in draft.grounds if g.product is not None]
    if q.dimension == "count":
        stocked = claims.STOCK_COUNT_AFTER.match(text_after(draft, q)) or claims.STOCK_COUNT_BEFORE.search(
            text_before(draft, q)
        )
        counts = {evidence.total, evidence.n_skus, len(products), draft.query.limit, len(evidence.orders) or None}
        if (
            q.low == q.high
            and q.low in {Decimal(c) for c in counts if c is not None}
            and not (stocked and "left" in draft.text)
        ):
            return True
    if q.dimension == "money" and products:
        prices = sorted(p for product in products if product.price_range for p in product.price_range)
        if prices and (q.low, q.high) == (prices[0], prices[-1]) and q.low != q.high:
            return True
        ends = prices and q.low == q.high and q.low in (prices[0], prices[-1])
        if ends and (
            claims.FROM_PRICE.search(text_before(draft, q)[-24:]) or claims.RISING.search(text_before(draft, q)[-12:])
        ):
            return True
    return echoed(draft, q)


def _in_orders(draft: Draft, q: Quantity) -> bool:
    if not draft.evidence.orders:
        return False
    orders = [o for o in draft.evidence.orders if o.id in draft.text] or list(draft.evidence.orders)
    amounts = {order.total for order in orders} | {item.price for order in orders for item in order.items}
    if q.dimension == "money":
        return q.low == q.high and q.low in amounts and q.unit in (None, orders[0].currency, draft.info.currency)
    if q.dimension == "count":
        counts = {Decimal(item.quantity) for order in orders for item in order.items}
        counts |= {Decimal(n) for o in orders for n in (len(o.items), len(o.shipments))} | {
            Decimal(len(draft.evidence.orders))
        }
        if q.low == q.high and q.low in counts:
            return True
    known = [k for order in orders for k in quantities_in(order_text(order), draft.info.currency)]
    return any(equal(q, k) for k in known if k.dimension != "money")
