"""Whether what a draft asserts of orders, of one product above others, and of a product's make holds.

In: a `Draft`. Out: a `Fault` for every assertion that the evidence does not back. What acts on an order is always a
fault: the assistant acts on nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.checking import claims
from assistant.checking.grounds import Ground, added_after, order_text, stems_in
from assistant.checking.holding import Fault
from assistant.checking.reading import Draft, Subject
from assistant.generation.conditions import missed_price
from assistant.generation.figures import truth
from knowledge_base.text import fold

_ADDRESS = re.compile(
    r"[\u3400-\u9fff]{2,3}(?:省|市)[\u3400-\u9fff]{1,8}?(?:区|县|路|街|镇)"
    r"|\b\d+\s+(?:[A-Z][a-z]+\s)+(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Dr|Blvd|Way)\b"
)


def order_faults(draft: Draft) -> Iterator[Fault]:
    """What is said of an order must be in the verified shopper's own; the assistant never says that it acted."""
    for match in claims.ACTED.finditer(draft.text):
        if not draft.is_denied(match.start()):
            yield Fault("action", f"{match[0]!r}: the assistant acts on nothing")
    for match in claims.PROMISED.finditer(draft.text):
        if not draft.is_quoted(match.start(), match.end()) and match[0] not in " ".join(g.text for g in draft.grounds):
            yield Fault("action", f"{match[0]!r} is a promise nobody made")
    known = " ".join(order_text(order) for order in draft.evidence.orders)
    for match in _ADDRESS.finditer(draft.text):
        if draft.is_the_shoppers(match.start(), match.end()):
            continue
        spots = " ".join([known, *(g.text for g in draft.grounds if g.product is None), draft.info.hours])
        if match[0] not in spots and not draft.is_named(match.start() + 2, match.end()):
            yield Fault("order", f"{match[0]!r} is an address in no record")
    if not draft.about_orders or draft.claims_nothing():
        return
    asserted = any(p.search(draft.text) for p, _ in claims.ORDER_STATES.values())
    for match in re.finditer(
        r"(?i)\b(?:order|tracking|parcel)(?: (?:number|no\.?|id|code))?\s*(?:is"
        r"|:)?\s*#?([A-Z]{0,4}-?\d[\w-]{3,})|#([\w-]{3,})|(?:订单|单号|运单)号?[^\d\w]{0,4}(?=[A-Za-z-]*\d)([A-Za-z0-9-]{5,})",
        draft.text,
    ):
        ref = next(g for g in match.groups() if g)
        passage = any(ref in g.text for g in draft.grounds if g.product is None)
        if ref not in known and not passage and (ref not in draft.query.text or asserted):
            yield Fault("order", f"order {ref!r} is not the shopper's")
    for state, (said, recorded) in claims.ORDER_STATES.items():
        found = said.search(draft.text)
        if (
            not found
            or draft.is_quoted(found.start(), found.end())
            or claims.NEGATION.search(draft.clause(found.start()))
        ):
            continue
        if not re.search(r"(?i)\b(?:your|order|parcel|package|shipment|it|#)|订单|包裹|快递|您", draft.text):
            continue
        orders = [o for o in draft.evidence.orders if o.id in draft.text] or list(draft.evidence.orders)
        held = any(recorded.search(order_text(order)) for order in orders)
        in_policy = not draft.evidence.orders and any(said.search(g.text) for g in draft.grounds if g.product is None)
        if not held and not in_policy:
            yield Fault("order", f"{found[0].strip()!r}: no order of the shopper is {state}")


def superlative_faults(draft: Draft) -> Iterator[Fault]:
    """ "Cheapest", "best rated", "newest" and "best seller" against the records they compare."""
    if draft.claims_nothing():
        return
    texts = " ".join(ground.text for ground in draft.grounds)
    for match in claims.POPULAR.finditer(draft.text):
        said = match[0].casefold()
        if (
            not draft.is_quoted(match.start(), match.end())
            and said not in texts.casefold()
            and "rated" not in said
            and "口碑" not in said
        ):
            yield Fault("superlative", f"{match[0]!r} is in no record")
    products = [g for g in draft.grounds if g.product is not None]
    stocked = bool(claims.IN_STOCK.search(draft.text))
    for sort, pattern in claims.EXTREMES.items():
        for match in pattern.finditer(draft.text):
            if draft.is_quoted(match.start(), match.end()) or claims.NEGATION.search(draft.clause(match.start())):
                continue
            if _OF_VERSIONS.match(draft.text, match.end()):
                continue  # among the versions of one product: its price is judged as a figure
            place = match.start() if any(m.start <= match.start() for m in draft.mentions) else len(draft.text)
            groups = draft.subjects(place) if draft.mentions else draft.subjects(0)
            if place == len(draft.text) and draft.mentions:
                groups = draft.subjects(
                    min(m.start for m in draft.mentions if m.start >= match.start())
                    if any(m.start >= match.start() for m in draft.mentions)
                    else 0
                )
            missed = _MISSED.get(missed_price(draft.query, draft.evidence.relaxed, draft.info))
            whole = sort in (draft.query.sort, missed) or "superlative" in draft.query.intents
            scoped = bool(claims.AMONG.search(draft.text)) or draft.evidence.total == len(products)
            if (draft.evidence.total is None and not products) or (not (whole or scoped) and len(products) < 2):
                yield Fault("superlative", f"{match[0]!r}: nothing was compared")
            elif not (whole or scoped or len(groups) > 1) and not claims.AMONG.search(draft.text):
                yield Fault("superlative", f"{match[0]!r}: the whole range was not compared")
            elif not any(_is_extreme(sort, s.ground, products, stocked) for group in groups for s in group):
                yield Fault("superlative", f"{match[0]!r} is another product")
    for match in claims.ONLY.finditer(draft.text):
        if not draft.is_quoted(match.start(), match.end()) and draft.evidence.total != 1 and len(products) != 1:
            yield Fault("superlative", f"{match[0]!r} is in no record")


_OF_VERSIONS = re.compile(r"(?i)\s*(?:version|variant|size|colou?r)s? of\b|的?(?:规格|版本|尺码)")

# Where only the price was given up, the products come in the order of their prices over the whole range.
_MISSED = {"lowest": "price_asc", "highest": "price_desc"}


def _is_extreme(sort: str, ground: Ground, rivals: Sequence[Ground], stocked: bool) -> bool:
    """Whether a product is first among its rivals; `stocked`: among what is in stock."""
    own = ground.product
    others = [g.product for g in rivals if g.product is not None]
    if own is None:
        return False
    match sort:
        case "price_asc" | "price_desc":
            sign = 1 if sort == "price_asc" else -1
            costs = [
                [sign * v.price for v in o.skus if v.price and not (stocked and v.in_stock is False)] for o in others
            ]
            mine = [sign * v.price for v in own.skus if v.price and not (stocked and v.in_stock is False)]
            return bool(mine) and all(min(mine) <= min(theirs) for theirs in costs if theirs)
        case "rating":
            others = [o for o in others if not (stocked and o.available is False)]
            return own.rating is not None and all(own.rating >= o.rating for o in others if o.rating is not None)
        case _:
            others = [o for o in others if not (stocked and o.available is False)]
            return own.added_on is not None and not any(added_after(o.added_on, own.added_on) for o in others)


_COLOURS = (
    "black white grey gray silver gold golden red blue navy green olive yellow pink purple violet orange brown "
    "beige khaki turquoise teal maroon ivory cream bronze",
    "黑色 白色 灰色 银色 金色 红色 蓝色 绿色 黄色 粉色 粉红色 紫色 橙色 棕色 咖啡色 米色 卡其色 青色",
)
_COLOUR = re.compile(rf"(?i)\b(?:{'|'.join(_COLOURS[0].split())})\b|{'|'.join(_COLOURS[1].split())}")
_MATERIAL = re.compile(
    r"(?i)\b(?:cotton|polyester|leather|wool|silk|linen|nylon|bamboo|stainless steel|aluminum|aluminium"
    r"|titanium|carbon fiber|ceramic|glass|wooden|oak|rubber|silicone|cashmere|velvet|suede|denim|marble|plastic)\b"
    r"|纯棉|真皮|羊毛|羊绒|丝绸|亚麻|不锈钢|铝合金|钛合金|陶瓷|玻璃|实木|硅胶|塑料|牛皮"
)
_SIZE = re.compile(r"(?<![A-Za-z0-9'-])(?:XXS|XS|XL|XXL|XXXL|[2-5]XL)(?![A-Za-z0-9-])")
_SAME_COLOUR = {"grey": "gray", "golden": "gold", "aluminium": "aluminum", "wooden": "wood"}


def attribute_faults(draft: Draft) -> Iterator[Fault]:
    """Yes-or-no attributes, colours, materials and sizes that the record contradicts or does not have."""
    if draft.is_row and not draft.mentions:
        yield from _cells(draft)
        return
    if draft.claims_nothing():
        return
    for groups in (
        {id(m): draft.subjects(m.end) for m in draft.mentions}.values() if draft.mentions else [draft.subjects(0)]
    ):
        for group in groups:
            subjects = [s for s in group if s.ground.product is not None]
            if subjects and len(subjects) == len(group):
                problems = [list(_attribute(draft, s)) for s in subjects]
                if all(problems):
                    yield problems[0][0]


_CELL_WORDS = stems_in(
    "in stock out of some versions not stated yes no none unknown from to and or available sold "
    "部分款式有货 部分有货 暂时缺货 不详 未知 有货 无货 现货 缺货 部分 未注明 是 否"
)


def _cells(draft: Draft) -> Iterator[Fault]:
    """The cells of a table row against the products of their columns: words and yes or no."""
    cells = [(m.start(), m[0].strip()) for m in re.finditer(r"(?<=\|)[^|\n]*(?=\|)", draft.text)]
    label = fold(cells[0][1].strip("* ")) if cells else ""
    for place, cell in cells[1:]:
        for group in draft.subjects(place):
            if not any(_cell_holds(s, label, cell) for s in group):
                yield Fault("attribute", f"{cell!r} is not in the record of its column")


def _cell_holds(subject: Subject, label: str, cell: str) -> bool:
    product = subject.ground.product
    if product is None:
        return False
    said = truth(cell)
    if said is not None:
        known = {truth(value) for name, value in product.attributes.items() if fold(name.replace("_", " ")) == label}
        known |= {
            truth(v.options.get(n, "")) for n in product.option_values if fold(n) == label for v in product.variants
        }
        return not known or said in known or known == {None}
    return stems_in(cell) <= stems_in(subject.ground.text) | _CELL_WORDS


def _attribute(draft: Draft, subject: Subject) -> Iterator[Fault]:
    product = subject.ground.product
    assert product is not None
    words = subject.words or draft.text
    text = fold(subject.ground.text)
    asked = fold(draft.query.text)
    for pattern in (_COLOUR, _MATERIAL, _SIZE):
        for match in pattern.finditer(words):
            said = match[0].casefold()
            known = said in text or _SAME_COLOUR.get(said, said) in text or said.removesuffix("色") in text
            clause = words[max(0, match.start() - 30) : match.end() + 10]
            denied = bool(claims.NEGATION.search(clause)) or bool(
                said in asked and re.search(r"(?i)match|goes with|for your|instead", clause)
            )
            if (
                not known
                and not denied
                and not any(
                    g is not subject.ground
                    and said in fold(g.text)
                    and g.product is not None
                    and len(draft.mentions) > 1
                    for g in draft.grounds
                )
            ):
                yield Fault("attribute", f"{match[0]!r} is not in the record of {product.id}")
    folded = fold(words)
    chosen = subject.variants
    facts = [(name, {value}) for name, value in product.attributes.items()]
    facts += [(name, {v.options.get(name, "") for v in chosen}) for name in product.option_values]
    for name, values in facts:
        states = {truth(value) for value in values}
        plain = fold(name.replace("_", " "))
        if None in states or len(states) != 1 or len(plain) < (3 if plain.isascii() else 2) or plain not in folded:
            continue
        # "product colour" is not "colour", and a "silent switch" option says nothing of "silent".
        longer = [fold(n) for n in product.attributes] + [fold(v) for vs in product.option_values.values() for v in vs]
        if any(plain in other and plain != other and other in folded for other in longer):
            continue
        for place in re.finditer(rf"(?<![a-z]){re.escape(plain)}(?![a-z])", folded):
            before, after = folded[max(0, place.start() - 22) : place.start()], folded[place.end() : place.end() + 12]
            denied = bool(_DENIES.search(before)) or bool(
                re.match(r"\W{0,6}(?:of )?(?:no?\b|not\b|false|否|无|不支持|没有)", after)
            )
            if denied == (True in states):
                yield Fault("attribute", f"{name!r} is {next(iter(values))!r} in the record of {product.id}")


_DENIES = re.compile(
    r"(?:\b(?:not|no|without|lacks?|isn't|aren't|doesn't|don't|never|non|neither|nor|isnt)\b[\w\s-]{0,16}"
    r"|n't[\w\s-]{0,16}|不(?:带|含|支持|具备|可|是)?|无|没有?|非|未)\W?$"
)
