"""English sentences of the counter beyond the catalogue: answers on one product, orders, complaints, small talk.

In: names, figures and quotes taken from the records. Out: one sentence or short paragraph a method. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.generation import grammar
from assistant.generation.comparing_en import EnglishComparison
from assistant.generation.figures import attribute_name, is_nothing, truth
from assistant.generation.naming import Mention
from assistant.generation.orders_en import EnglishOrders
from assistant.generation.reasons import Fact
from assistant.generation.wording_en import capital, predicates

_SUPERLATIVES = {"price_asc": "cheapest", "price_desc": "most expensive", "rating": "best rated", "newest": "newest"}
_ORDERED_BY = {"price_asc": "prices", "price_desc": "prices", "rating": "ratings", "newest": "dates"}


class EnglishCounter(EnglishComparison, EnglishOrders):
    """English wording of everything that is said at the counter."""

    # -- one product -------------------------------------------------------------------------------------------------

    def price_span(self, mention: Mention, low: str, high: str, by: Sequence[str]) -> str:
        """A price range when no variant was named, and what it depends on."""
        on = f", depending on {grammar.join([attribute_name(name) for name in by])}" if by else ""
        return f"{capital(mention.text)} {mention.verb('costs')} from {low} to {high}{on}."

    def at_price(self, cost: str, version: str, mark: str) -> str:
        """The variant at which a price range starts."""
        return f"At {cost} you get {version} {mark}."

    def stock_split(self, mention: Mention, inside: Sequence[str], outside: Sequence[str]) -> str:
        """Which variants are in stock and which are not; an empty list means none or too many to name."""
        if not outside:
            return f"Yes, {mention.text} {mention.verb('is')} in stock in every version."
        if not inside:
            return f"Yes, {mention.text} {mention.verb('is')} in stock, except in {grammar.join(outside)}."
        gone = f"out of stock in {grammar.join(outside)}"
        return f"Yes, {mention.text} {mention.verb('is')} in stock in {grammar.join(inside)}; {gone}."

    def how_to_buy(self) -> str:
        """What to do to buy: the assistant orders nothing."""
        return "I can't place the order for you, but you can put it in your basket on its page."

    def press_cart(self) -> str:
        """The button below puts it in the basket."""
        return "Press the button and it goes into your basket; nothing is ordered before you check out."

    def too_few(self, stock: int, wanted: int) -> str:
        """Fewer are left than are wanted."""
        return f"That is too few for {wanted}: tell me if {stock} will do."

    def say_which(self) -> str:
        """Several versions: which one is not clear."""
        return "Tell me which version you'd like, and I'll get it ready for your basket."

    def either_of(self, items: Sequence[str]) -> str:
        """Several of which none is singled out."""
        return grammar.join(items, "or")

    def stock_of_all(self, inside: Sequence[Mention], outside: Sequence[Mention]) -> str:
        """Which of several products are in stock."""
        gone, there = grammar.join([m.text for m in outside]), grammar.join([m.text for m in inside])
        are = "are" if len(outside) > 1 else outside[0].verb("is") if outside else ""
        if not inside:
            return f"No, {gone} {are} out of stock at the moment."
        if not outside:
            return f"Yes, {there} are {'both' if len(inside) == 2 else 'all'} in stock."
        text = f"{capital(there)} {'are' if len(inside) > 1 else inside[0].verb('is')} in stock"
        return f"{text}; {gone} {are} out of stock at the moment."

    def stock_some(self, mention: Mention) -> str:
        """In stock, but not in every version, and those are too many to name."""
        return f"Yes, {mention.text} {mention.verb('is')} in stock, though not in every version."

    def sold_out(self, mention: Mention, instead: Sequence[str] = (), price: str = "") -> str:
        """Out of stock, with its price (a verb phrase, or "") and the versions that are in stock instead."""
        it = "they" if mention.plural else "it"
        costs = f" ({it} {mention.verb(price)})" if price else ""
        text = f"No, {mention.text} {mention.verb('is')} out of stock at the moment{costs}"
        if not instead:
            return f"{text}."
        return f"{text}. In stock {'is' if len(instead) == 1 else 'are'} {grammar.join(instead)}."

    def yes(self, mention: Mention, verbs: Sequence[str]) -> str:
        """A yes to "is it in stock?" or "does it come in blue?"."""
        return f"Yes, {mention.text} {predicates(mention, verbs)}."

    def option_list(
        self, mention: Mention, options: Mapping[str, Sequence[str]], gone: Mapping[str, Sequence[str]]
    ) -> str:
        """Every option with its values; those that are sold out in every variant are marked."""
        parts = []
        for name, values in options.items():
            if values:
                missing = f" (out of stock: {grammar.join(gone[name])})" if gone.get(name) else ""
                parts.append((attribute_name(name), f"{grammar.join(values)}{missing}"))
        comes = f"{capital(mention.text)} {mention.verb('comes')}"
        if len(parts) == 1:
            name, shown = parts[0]
            only = " only" if " and " not in shown else ""
            if name in ("color", "colour"):
                return f"{comes} in {shown}{only}."
            if name == "size":
                return f"{comes} in {name if only else 'sizes'} {shown}{only}."
            return f"{comes} in a choice of {name}: {shown}."
        return f"{comes} with these options: {'; '.join(f'{name}: {shown}' for name, shown in parts)}."

    def either(self, mention: Mention, name: str) -> str:
        """A yes/no option that the shopper chooses."""
        shown, come = attribute_name(name), mention.verb("comes")
        if grammar.adjectival(shown):
            return f"{capital(mention.text)} {come} both {shown} and not {shown}, depending on the version."
        return f"{capital(mention.text)} {come} with or without {grammar.has_phrase(shown)}, depending on the version."

    def no_options(self, mention: Mention) -> str:
        """There is nothing to choose."""
        return f"{capital(mention.text)} {mention.verb('comes')} in one version only."

    def no_such_version(self, mention: Mention, words: str) -> str:
        """Values which exist, but not together in one variant."""
        return f"There is no version of {mention.text} in {words}."

    def no_such_value(self, mention: Mention, value: str, name: str, known: Sequence[str]) -> str:
        """A value that no variant has, with those there are."""
        text = f"{capital(mention.text)} {mention.verb('does')} not come in {value}"
        shown, it = attribute_name(name), "they come" if mention.plural else "it comes"
        if shown in ("color", "colour", "size", "material"):
            return f"{text}; {it} in {grammar.join(known)}."
        return f"{text}; for {shown} there is {grammar.join(known)}."

    def nearest(self, items: Sequence[str]) -> str:
        """The nearest existing variants."""
        return f"The nearest {'is' if len(items) == 1 else 'are'} {grammar.join(items)}."

    def version(self, label: str, cost: str, in_stock: bool | None) -> str:
        """A variant in a list: "blue, M at $53.43 (out of stock)"."""
        return label + (f" at {cost}" if cost else "") + (" (out of stock)" if in_stock is False else "")

    def attribute(self, mention: Mention, fact: Fact) -> str:
        """One attribute as the answer to a question on it."""
        state = truth(fact.value)
        if state is not None or is_nothing(fact.value):
            return f"{'Yes' if state else 'No'}, {mention.text} {self.clause(fact, mention.plural)}."
        name = attribute_name(fact.name)
        clause = self.clause(fact, mention.plural)
        if " as " in clause or "type" in clause.split() or len(fact.value) > 40:
            return f"The {name} of {mention.text} {'are' if grammar.is_plural(name) else 'is'} {fact.value}."
        return f"{capital(mention.text)} {clause}."

    def by_version(self, mention: Mention, name: str, values: Sequence[str]) -> str:
        """An attribute that differs from variant to variant."""
        shown = attribute_name(name)
        return f"That depends on the version of {mention.text}: {shown} can be {grammar.join(values, 'or')}."

    def unknown(self, mention: Mention, names: Sequence[str]) -> str:
        """The record does not have what was asked."""
        shown = [attribute_name(name) for name in names]
        if shown and all(grammar.adjectival(name) for name in shown):
            return (
                f"The shop's data does not say whether {mention.text} {mention.verb('is')} {grammar.join(shown, 'or')}."
            )
        if not shown:
            return f"The shop's data on {mention.text} does not say."
        return f"The shop's data does not mention {grammar.join(shown, 'or')} for {mention.text}."

    def unrated(self, mention: Mention) -> str:
        """Nobody rated it yet."""
        return f"{capital(mention.text)} {mention.verb('has')} no ratings in the shop's data yet."

    def no_price(self, mention: Mention) -> str:
        """The price is unknown."""
        return f"The shop's data gives no price for {mention.text}."

    def no_stock_data(self, mention: Mention) -> str:
        """Whether it is in stock is unknown."""
        return f"The shop's data does not say whether {mention.text} {mention.verb('is')} in stock."

    def described(self, mark: str, quote: str) -> str:
        """A sentence of the description."""
        return f"The description says: “{quote.rstrip('.')}” {mark}."

    # -- counting and superlatives -----------------------------------------------------------------------------------

    def count(self, number: int, noun: str, rest: str, n_skus: int | None) -> str:
        """How many products meet the constraints; variants are counted too where they are more."""
        before, _, after = rest.partition("\0")
        counted = grammar.counted(number, f"{before} {noun}".strip())
        text = f"We have {counted}{f' {after}' if after else ''}"
        if n_skus is not None and number and n_skus > number:
            text += f", in {grammar.counted(n_skus, 'version')} altogether"
        return f"{text}."

    def count_one(self, noun: str, rest: str, mention: Mention, n_skus: int) -> str:
        """One product in several versions."""
        before, _, after = rest.partition("\0")
        text = grammar.counted(1, f"{before} {noun}".strip()) + (f" {after}" if after else "")
        return f"We have {text}, {mention.text}, in {grammar.counted(n_skus, 'version')}."

    def examples(self, items: Sequence[str], *, every: bool) -> str:
        """Some of what was counted, or all of it."""
        if every:
            return f"{'It is' if len(items) == 1 else 'They are'} {grammar.join(items)}."
        return f"Among them {'is' if len(items) == 1 else 'are'} {grammar.join(items)}."

    def superlative(self, kind: str, noun: str, items: Sequence[str], detail: str) -> str:
        """The first of an order by price, rating or date: "The cheapest tent is the X [1] at $79.00."."""
        adjective = _SUPERLATIVES[kind]
        if len(items) == 1:
            return f"The {adjective} {noun} {'are' if grammar.has_no_singular(noun) else 'is'} {items[0]}{detail}."
        return f"The {len(items)} {adjective} {noun} are {grammar.join(items)}."

    def not_stated(self, kind: str, wanted: str) -> str:
        """No product of the kind has what an order would go by."""
        what = _ORDERED_BY[kind]
        return f"The shop states no {what} for its {wanted}, so I can't tell you the {_SUPERLATIVES[kind]}."

    def but_sold_out(self) -> str:
        """A warning at the end of a sentence."""
        return ", but it is out of stock at the moment"

    def only(self, number: int, noun: str, items: Sequence[str]) -> str:
        """Fewer than were asked for."""
        return f"We have only {grammar.counted(number, noun)}: {grammar.join(items)}."

    def measured(self, mention: Mention, value: str) -> str:
        """A mention with its measure, in a list."""
        return f"{mention.text} ({value})"

    def most(self, word: str, noun: str, items: Sequence[str]) -> str:
        """The first few in the order of a measure."""
        return f"The {len(items)} {word or 'first'} {noun} are {grammar.join(items)}."

    def the_most(self, word: str, noun: str, mention: Mention, fact: Fact) -> str:
        """The first in the order of a measure: "The lightest tent is the X [1]: it weighs 1.2 kg."."""
        it = "they" if mention.plural else "it"
        clause = self.clause(fact, mention.plural)
        return f"The {word or 'first'} {noun} {'are' if mention.plural else 'is'} {mention.text}: {it} {clause}."

    def other_currency(self, theirs: str, ours: str) -> str:
        """A price limit in a currency that the shop does not use."""
        return f"Our prices are in {ours}, so I have left your limit in {theirs} aside."

    def next_there(self, kind: str, item: str) -> str:
        """The first in the order that can be bought now."""
        return f"The {_SUPERLATIVES[kind]} one in stock is {item}."

    def only_shown(self, items: Sequence[str]) -> str:
        """A place of the list was named that it does not have."""
        if len(items) == 1:
            return f"I have shown you only one so far: {items[0]}. Is that the one you mean?"
        return f"I have shown you {len(items)} so far: {grammar.join(items)}. Which of them do you mean?"

    def which_one(self) -> str:
        """Asks which product is meant: nothing was shown yet."""
        return "Which product do you mean? Tell me its name, or what you are looking for, and I'll find it."

    def which_two(self) -> str:
        """Asks what to compare."""
        return "Which products shall I compare? Name two of them, or ask me to find some first."

    def tied(self, kind: str, noun: str, items: Sequence[str], figure: str) -> str:
        """Several that share the first place; `noun` is plural."""
        every = "both" if len(items) == 2 else "all"
        same = f", {every} {figure}," if figure else ""
        return f"The {_SUPERLATIVES[kind]} {noun}{same} are {grammar.join(items)}."

    # -- policies, orders, people ------------------------------------------------------------------------------------

    def declined(self, topic: str, contact: str, *, products: bool) -> str:
        """The shop's data does not answer."""
        helps = "our products, options and prices" if products else "our products and orders"
        what = f"anything on {topic}" if topic else "an answer to that"
        return (
            f"I can't find {what} in the shop's information, and I would rather not guess. {contact} "
            f"I can help with {helps} in the meantime."
        )

    def declined_in_person(self, topic: str) -> str:
        """The shop's data does not answer, said by whoever can ask around."""
        what = f"anything on {topic}" if topic else "the answer to that"
        return f"I don't have {what} at hand. Let me find out, and I'll write to you here."

    def contact(self, ways: str, hours: str) -> str:
        """How to reach a person."""
        text = f"A colleague can help: {ways}" if ways else "If you like, I can pass you on to a colleague"
        return text + (f" ({hours})" if hours else "") + "."

    def handoff(self, ways: str, hours: str) -> str:
        """Passing on to a person."""
        text = "Of course, I'll pass you on to a colleague, who will see what we have written so far."
        if not ways:
            return text + (f" ({hours})" if hours else "")
        return f"{text} You can also reach us here: {ways}{f' ({hours})' if hours else ''}."

    def handoff_in_person(self, question: str) -> str:
        """The first words of a person who was asked for; `question` was left open."""
        then = f"You asked “{question}”: let me look into that." if question else "How can I help?"
        return f"Hello, you are talking to a person now, and I have read what was written so far. {then}"

    def sorry(self, style: int) -> str:
        """Empathy first."""
        return (
            "I'm sorry about this: that is not what you should get from us.",
            "I'm really sorry, I understand that this is frustrating.",
            "I'm sorry for the trouble this has caused you.",
        )[style % 3]

    def complaint_step(self, *, has_order: bool, in_person: bool = False) -> str:
        """The concrete next step of a complaint, and a person, who may be the one who says it."""
        ask = "Tell me" if not has_order else "Please tell me"
        what = (
            "your order number and what went wrong" if not has_order else "which item is affected and what went wrong"
        )
        then = "look into it myself" if in_person else "pass it to a colleague who can put it right"
        return f"{ask} {what} (a photo helps), and I'll {then}."

    def greeting(self, shop: str, own: str) -> str:
        """Hello."""
        return own or f"Hello, and welcome to {shop}! What are you looking for today?"

    def thanks(self, style: int) -> str:
        """You are welcome."""
        return (
            "You're welcome! Is there anything else I can look up for you?",
            "My pleasure. Just ask if anything else comes up.",
        )[style % 2]

    def bye(self, shop: str) -> str:
        """Goodbye."""
        return f"Thank you for visiting {shop}. Goodbye!"

    def who(self, shop: str) -> str:
        """Who is answering."""
        return (
            f"I'm the digital assistant of {shop}. I can find and compare products, tell you prices and stock, answer "
            "questions on delivery and returns from the shop's own information, and pass you on to a person."
        )

    def fine(self) -> str:
        """How are you."""
        return "Very well, thank you! What can I find for you?"

    def out_of_scope(self, shop: str) -> str:
        """Not a matter for a shop."""
        return (
            f"That is outside what I can help with here, but I'm glad to help with anything about {shop}: "
            "products, prices, delivery or orders."
        )
