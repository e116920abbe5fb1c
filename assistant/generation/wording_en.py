"""English sentences about products, options, orders and policies.

In: mentions, facts and figures already taken from the records. Out: one sentence a method, complete with punctuation
and citations. It decides nothing: which facts are said, and about which product, is the business of its callers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.generation import grammar
from assistant.generation.figures import attribute_name, is_nothing, leading_number, money, plain, truth, unit_of
from assistant.generation.grammar import plural_verb, word_set
from assistant.generation.naming import DEGREES, Mention, option_words, plural_name
from assistant.generation.reasons import Contrast, Fact, is_label
from assistant.types import Language
from knowledge_base.text import fold, has_cjk
from knowledge_base.types import Product, Variant


def predicates(mention: Mention, verbs: Sequence[str]) -> str:
    """Verb phrases in a row; those with "has" share one: "has a lid and two handles, is rated 4.5 and costs $5"."""
    said: list[str] = []
    shared: list[str] = []
    for verb in [*filter(None, verbs), ""]:
        if verb.startswith("has ") and "," not in verb:
            shared.append(verb.removeprefix("has "))
            continue
        if shared:
            said.append(f"{mention.verb('has')} {grammar.join(shared)}")
            shared = []
        if verb:
            said.append(mention.verb(verb))
    if len(said) == 2 and " and " in said[0]:
        return ", and ".join(said)
    return grammar.join(said)


# How the best-known attributes are said; "{v}" is the value. The others are said by `_generic`.
_VERBS = {
    "weight": "weighs {v}", "item weight": "weighs {v}", "net weight": "weighs {v}", "sleeps": "sleeps {v}",
    "seats": "seats {v}", "material": "is made of {v}", "fabric": "is made of {v}", "size": "comes in {v}",
    "color": "comes in {v}", "colour": "comes in {v}", "product colour": "comes in {v}", "length": "is {v} long",
    "width": "is {v} wide", "height": "is {v} high", "depth": "is {v} deep", "thickness": "is {v} thick",
    "capacity": "holds {v}", "volume": "holds {v}", "compatibility": "works with {v}",
    "compatible with": "works with {v}", "works with": "works with {v}", "brand": "is made by {v}",
    "gender": "is for {v}", "season": "is made for {v}", "suitable for": "is suitable for {v}",
    "activity": "is made for {v}", "use": "is made for {v}", "recommended for": "is recommended for {v}",
    "for": "is for {v}", "style": "comes in {v} style", "made in": "is made in {v}",
    "country of origin": "comes from {v}", "origin": "comes from {v}",
    "battery life": "has a battery life of {v}", "shape": "has a {v} shape",
}  # fmt: skip
_NUMBERED_SIZE = re.compile(r"\d{1,3}(?:\.5)?")
_WORN = word_set("color colour size material style fit")
# "has 16GB RAM", not "has a RAM of 16GB".
_UNCOUNTED = word_set(
    "technology filling ram storage memory connectivity ventilation resistance upholstery lining difficulty "
    "insulation fill"
)
_VALUE_FIRST = word_set(
    "battery filling technology coupling ram storage memory processor display sole zipper connectivity backlight "
    "ventilation resistance finish upholstery lining closure fit neckline sleeve sleeves armrest upper insulation "
    "fill hood collar frame strap handle hem cuff waist rise lid base blade cut lens filter"
)
PARTICIPLES = word_set("included integrated supported required enabled installed bundled provided supplied")
_ORDER_STATES = {
    "pending": "is waiting to be processed", "processing": "is being processed",
    "processed": "has been processed", "paid": "has been paid and is waiting to be sent",
    "packed": "is packed and waiting for the carrier", "shipped": "is on its way", "sent": "is on its way",
    "dispatched": "is on its way", "in transit": "is on its way", "out for delivery": "is out for delivery",
    "delivered": "has been delivered", "cancelled": "has been cancelled", "canceled": "has been cancelled",
    "returned": "has been returned", "refunded": "has been refunded",
    "partially shipped": "has been sent in part", "partly shipped": "has been sent in part",
    "on hold": "is on hold", "delayed": "is delayed",
    "物流延误": "is delayed", "ready for pickup": "is ready for pickup", "待付款": "is waiting for payment",
    "已付款": "has been paid", "处理中": "is being processed", "待发货": "is waiting to be sent",
    "已发货": "is on its way", "运输中": "is on its way", "派送中": "is out for delivery",
    "已签收": "has been delivered", "已完成": "is completed", "已取消": "has been cancelled",
    "已退款": "has been refunded", "退款中": "is being refunded",
}  # fmt: skip


class English:
    """English wording."""

    language: Language = "en"

    # -- parts of sentences ------------------------------------------------------------------------------------------

    def money(self, amount: Decimal, currency: str | None, *, bound: bool = False) -> str:
        """An amount as English shops write it."""
        return money(amount, currency, "en", bound=bound)

    def join(self, items: Sequence[str]) -> str:
        """A list in a sentence."""
        return grammar.join(items)

    def mention(self, name: str, mark: str, sku: Variant | None = None) -> Mention:
        """A product with its citation: "the T-Shirt in blue, M [1]". `sku`: the variant to name, if any."""
        text = f"“{name}”" if has_cjk(name) else name if name.lower().startswith("the ") else f"the {name}"
        return Mention(f"{text}{self.options(sku)} {mark}".rstrip(), plural_name(name))

    def options(self, sku: Variant | None) -> str:
        """A variant's options after a product's name: " in blue, M" or " (4K, not waterproof)"."""
        if sku is None or not sku.options:
            return ""
        words = option_words(sku.options, "en")
        first = fold(next(iter(sku.options)))
        worn = all(fold(name) in _WORN for name in sku.options)
        return f" in {words}" if worn and first != "style" else f" ({words})"

    def clause(self, fact: Fact, plural: bool = False) -> str:
        """A fact as a verb phrase: "weighs 1.9 kg", "is waterproof", "has a touchscreen"."""
        one = self._clause(fact)
        return plural_verb(one) if plural else one

    def _clause(self, fact: Fact) -> str:
        name, value, state = attribute_name(fact.name), fact.value, truth(fact.value)
        if state is not None or is_nothing(value):
            return self._yes_no(name, bool(state))
        name, bracket = _unbracketed(name)
        if bracket:
            per = f"per {bracket}" if bracket in ("pair", "piece", "set", "person", "unit") else f"({bracket})"
            return f"{self._clause(Fact(name, value))} {per}"
        pattern = _VERBS.get(name.lower())
        if value.lower().endswith("-season"):
            return f"is made for {value} use"
        if is_label(name):
            return f"is listed under {value}"
        if name.lower() == "size" and _NUMBERED_SIZE.fullmatch(value):
            return f"comes in size {value}"
        if pattern and not (leading_number(value) is not None and not unit_of(value) and "{v} " in pattern):
            shown = value if name.lower() in ("brand", "size") or has_cjk(value) else _lowered(value)
            return pattern.format(v=shown)
        head, _, last = name.lower().rpartition(" ")
        if head and last in ("type", "material") and value.lower().split()[-1] == head.split()[-1]:
            return (
                f"is {grammar.article(_lowered(value))}"
                if last == "type"
                else f"has {grammar.article(_lowered(value))}"
            )
        if last == "material" and head:
            return f"has {grammar.article(f'{_lowered(value)} {head}')}"
        if last in ("feature", "features"):
            return f"has {_lowered(value)}"
        if last in _VALUE_FIRST or value.lower() in DEGREES:
            said = f"{_lowered(value)} {name}"
            return f"has {said if last in _UNCOUNTED else grammar.article(said)}"
        if leading_number(value) is not None:
            if name.endswith("s") and not unit_of(value):
                return f"has {value} {name}"
            return f"has {grammar.a(name)} of {value}"
        if last == "type":
            if not head:
                return f"is of the {_lowered(value)} type"
            return f"has {grammar.article(f'{_lowered(value)} {head}')}"
        return f"has {_lowered(value)} as {name}" if name.endswith("s") else f"has {_lowered(value)} as its {name}"

    def _yes_no(self, name: str, yes: bool) -> str:
        head, _, last = name.rpartition(" ")
        if last in PARTICIPLES:
            verb = "is" if yes else "is not"
            return (
                f"{verb} {last}" if not head else f"comes with {head} {last}" if yes else f"does not have {head} {last}"
            )
        if grammar.adjectival(name):
            return f"is {'' if yes else 'not '}{name}"
        return f"has {grammar.has_phrase(name)}" if yes else f"has no {name}"

    def tag(self, fact: Fact) -> str:
        """A fact in two or three words, for a card: "waterproof", "1.9 kg", "made of cotton"."""
        name, state = attribute_name(fact.name), truth(fact.value)
        if state is not None or is_nothing(fact.value):
            return name if state else f"not {name}" if grammar.adjectival(name) else f"no {name}"
        if (
            is_label(name)
            or name.lower() in ("brand", "material", "color", "colour", "product colour")
            or unit_of(fact.value)
            in (
                "kg",
                "g",
            )
        ):
            return fact.value
        if unit_of(fact.value) in ("people", "person", "persons") or fold(name) in fold(fact.value):
            return fact.value
        return f"{name}: {fact.value}"

    def price(self, sku: Variant, currency: str | None, limit: Decimal | None = None, *, starting: bool = False) -> str:
        """What it costs, with the shopper's limit: "costs $189.00, under your $200"; "" where the price is unknown."""
        if sku.price is None:
            return ""
        text = f"{'starts at' if starting else 'costs'} {money(sku.price, currency, 'en')}"
        if limit is None or sku.price > limit:
            return text
        bound = money(limit, currency, "en", bound=True)
        return f"{text}, {'exactly your limit' if sku.price == limit else f'under your {bound}'}"

    def rating(self, product: Product) -> str:
        """How it is rated, as a verb phrase; "" where it is not."""
        if product.rating is None:
            return ""
        text = f"is rated {plain(product.rating)} out of 5"
        if product.review_count:
            text += f" by {grammar.counted(product.review_count, 'reviewer')}"
        return text

    def stock(self, in_stock: bool | None, count: int | None = None) -> str:
        """Whether it is in stock, as a verb phrase; a count only where few are left; "" where unknown."""
        if in_stock is None:
            return ""
        if in_stock and count is not None and 0 < count <= 5:
            return f"is in stock (only {count} left)"
        return "is in stock" if in_stock else "is out of stock at the moment"

    def sentence(self, mention: Mention, verbs: Sequence[str], but: str = "") -> str:
        """A mention with its verb phrases (singular ones): "The X [1] costs $5 and is in stock."."""
        said = predicates(mention, verbs)
        tail = f", but {mention.verb(but)}" if but and said else mention.verb(but) if but else ""
        return f"{capital(mention.text)} {said}{tail}.".replace("  ", " ")

    def referring(self, sentence: str, mention: Mention) -> str:
        """A sentence that starts with a mention, said with "it" instead, its citation moved to the end."""
        rest, mark = sentence[len(mention.text) :].strip(), mention.text[mention.text.rfind("[") :]
        if mark in rest:
            return sentence
        return f"{'They' if mention.plural else 'It'} {rest.rstrip('.')} {mark}."

    # -- recommending ------------------------------------------------------------------------------------------------

    def recommend(self, style: int, mention: Mention, verbs: Sequence[str], but: str) -> str:
        """The lead of a recommendation, in one of several openings."""
        it = "they" if mention.plural else "it"
        said = predicates(mention, verbs)
        tail = f", but {it} {mention.verb(but)}" if but else ""
        if not said:
            return f"{capital(mention.text)} {mention.verb('is')} the closest I can offer{tail}."
        fits = f"{capital(mention.text)} {mention.verb('fits')}"
        opening = (fits, f"I would take {mention.text}", f"Have a look at {mention.text}", f"My pick is {mention.text}")
        return f"{opening[style % 4]}: {it} {said}{tail}."

    def because(self, mention: Mention, verbs: Sequence[str], but: str) -> str:
        """The reasons for a recommendation."""
        it = "they" if mention.plural else "it"
        said = predicates(mention, verbs)
        if not said:
            return f"The shop's data says little about {mention.text}; {it} came nearest to what you asked for."
        tail = f" One thing against {'them' if mention.plural else 'it'}: {it} {mention.verb(but)}." if but else ""
        return f"I suggested {mention.text} because {it} {said}.{tail}"

    def alternative(self, contrast: Contrast, mention: Mention, cost: str) -> str:
        """What sets another product apart from the lead."""
        fact, product = contrast.fact, contrast.hit.entry.product
        costs = _costs(mention, cost)
        if contrast.kind == "cheaper":
            return f"If you would rather spend less, {mention.text} {costs}."
        if contrast.kind == "rated" and product is not None and product.rating is not None:
            text = f"{capital(mention.text)} {mention.verb('is')} rated higher, {plain(product.rating)} out of 5"
            return f"{text}, and {costs}." if costs else f"{text}."
        if contrast.kind == "lighter" and fact is not None:
            text = f"{capital(mention.text)} {mention.verb('is')} lighter, at {fact.value}"
            return f"{text}, and {costs}." if costs else f"{text}."
        clause = self.clause(fact, mention.plural) if fact is not None else ""
        if contrast.kind == "dearer":
            if clause:
                return f"For more, {mention.text} {clause} and {costs}."
            return f"A step up in price is {self.priced(mention, cost)}."
        if clause:
            return f"{capital(mention.text)} {clause}{f' and {costs}' if costs else ''}."
        return f"There is also {self.priced(mention, cost)}."

    def have(self, count: str, wanted: str) -> str:
        """How many there are, before one is recommended."""
        return f"We have {count}{f' {wanted}' if wanted else ''}."

    def none_meets(self, wanted: str, *, other: bool = False) -> str:
        """Nothing meets everything; `other`: nothing but what was shown."""
        return f"We have no {'other ' if other else ''}{wanted}."

    def nearest_product(self, item: str, wanted: str, end: str, relaxed: Sequence[str], *, gone: bool) -> str:
        """What comes nearest. `end`: "lowest" or "highest" where only the price was given up, of those `wanted`."""
        tail = ", but it is out of stock at the moment" if gone else ""
        if end:
            return f"The {end}-priced {wanted} {'are' if grammar.has_no_singular(wanted) else 'is'} {item}{tail}."
        return f"If {given_up(relaxed)}, the nearest I can offer is {item}{tail}."

    def nothing(self, wanted: str, drop: str, kind: str) -> str:
        """The shop has nothing that fits, and which constraint to relax (`drop`, "" for none)."""
        if kind == "price":
            return (
                f"I'm sorry, we have no {wanted}. If the price can move a little, tell me how far and I'll look again."
            )
        if drop:
            return f"I'm sorry, we have no {wanted}. If {given_up([drop])}, I'll look again."
        return f"I'm sorry, I can't find any {wanted} in this shop."

    def choices(self, wanted: str, name: str, items: Sequence[str], *, more: bool) -> str:
        """The values of a facet over some products, each with its number of products."""
        if name == "category":
            return f"We sell {', '.join(items)} and more." if more else f"We sell {grammar.join(items)}."
        shown = attribute_name(name)
        kinds = shown if grammar.is_plural(shown) else grammar.plural(shown)
        listed = f"{', '.join(items)} and more" if more else grammar.join(items)
        if len(items) == 1:
            return f"For {shown}, our {wanted} have {listed} only."
        return f"For our {wanted} there are these {kinds}: {listed}."

    def departments(self, names: Sequence[str]) -> str:
        """What the shop sells instead."""
        return f"Our largest departments are {grammar.join(names)}; shall I look there?"

    def ask_back(self, groups: Sequence[str], *, gift: bool, budget: bool) -> str:
        """One question that narrows an open request; `budget`: what to spend is still open."""
        spend = " and roughly what would you like to spend" if budget else ""
        if len(groups) > 1:
            return f"Are you thinking of {grammar.join(groups, 'or')}{f',{spend}' if spend else ''}?"
        if gift:
            return f"Who is it for, what do they enjoy{f',{spend}' if spend else ''}?"
        return f"What will you use it for{f',{spend}' if spend else ''}?"

    def no_others(self, wanted: str) -> str:
        """Nothing but what was shown."""
        return f"I'm sorry, there are no other {wanted} in this shop."

    def no_further(self, wanted: str) -> str:
        """Nothing beyond what was shown: "no cheaper tents than that"."""
        return f"I'm sorry, we have no {wanted} than that."

    def open_lead(self, style: int) -> str:
        """Opens the answer to a request that says little yet."""
        return ("Happy to help you choose.", "Gladly, let's find it.", "Of course.")[style % 3]

    def starting_points(self, items: Sequence[str]) -> str:
        """A few products to start from."""
        return f"To give you an idea, we have {grammar.join(items)}."

    def priced(self, mention: Mention, cost: str) -> str:
        """A mention with its price, in a list."""
        return f"{mention.text}{'' if cost.startswith('from ') else ' at'} {cost}" if cost else mention.text

    def narrow(self, noun: str, options: Sequence[str]) -> str:
        """A closing question that would narrow a long list."""
        return f"What matters most to you: {grammar.join(options, 'or')}?" if options else ""


def given_up(phrases: Sequence[str]) -> str:
    """Constraints given up, as a clause: "it need not be waterproof", "it may be in red", "the price may differ"."""
    rest = [phrase for phrase in phrases if not _PRICED.match(phrase)]
    clauses = []
    if len(rest) == 1 and rest[0].startswith("not "):
        clauses.append(f"it may be {rest[0].removeprefix('not ')}")
    elif len(rest) == 1 and rest[0].startswith("without "):
        clauses.append(f"it may come with {rest[0].removeprefix('without ')}")
    elif rest and all(phrase.startswith("with ") for phrase in rest):
        clauses.append(f"it need not come {grammar.join(rest, 'or')}")
    elif rest:
        clauses.append(f"it need not be {grammar.join(rest, 'or')}")
    if len(rest) < len(phrases):
        clauses.append("the price may differ")
    return grammar.join(clauses)


_PRICED = re.compile(r"(?:under|over|between|at) \D{0,4}\d|cheaper$|dearer$")


def _costs(mention: Mention, cost: str) -> str:
    """ "costs $5", "starts at $5"; "" without a price."""
    if cost.startswith("from "):
        return f"{mention.verb('starts')} at {cost.removeprefix('from ')}"
    return f"{mention.verb('costs')} {cost}" if cost else ""


def capital(text: str) -> str:
    """The text with a capital first letter, quotation marks looked through."""
    for i, ch in enumerate(text):
        if ch.isalpha():
            return text[:i] + ch.upper() + text[i + 1 :]
        if ch not in "“\"'(":
            break
    return text


def _unbracketed(name: str) -> tuple[str, str]:
    """A name and what stands in brackets at its end: "weight (pair)" -> ("weight", "pair")."""
    match = re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", name)
    return (match.group(1), match.group(2).strip()) if match and match.group(2).strip() else (name, "")


def _lowered(value: str) -> str:
    """A value inside a sentence: "Black" -> "black"; names and codes ("Alexa, HomeKit", "USB-C") stay."""
    words = value.split()
    if len(words) <= 3 and all(re.fullmatch(r"[A-Z]?[a-z]+[,;]?", word) for word in words):
        return value.lower() if fold(value) in _COMMON or (len(words) == 1 and words[0].lower() in _COMMON) else value
    return value


_COMMON = word_set(
    "black white grey gray silver gold red blue green yellow pink purple orange brown beige navy transparent "
    "cotton wool leather plastic metal steel aluminium aluminum wood glass rubber polyester nylon silicone "
    "ceramic paper summer winter spring autumn men women kids unisex adults wired wireless new original"
)


def order_state(status: str | None) -> str:
    """An order's state as a verb phrase; a status nobody knows is quoted."""
    if not status:
        return "is registered; the shop's data gives no status yet"
    return _ORDER_STATES.get(fold(status), f"has the status “{status}”")
