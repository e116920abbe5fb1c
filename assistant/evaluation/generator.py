"""Draws questions over a shop's records.

In: `ShopRecords`, a seed, how many, in which language. Out: `Question`s whose truth `truth` computed. A kind of
question that a shop cannot be asked (variants where it has none) is left out and its share goes to the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.evaluation import phrasing
from assistant.evaluation.parts import Parts, Turn
from assistant.evaluation.questions import Answer, Check, Question, Truth
from assistant.evaluation.records import Record
from assistant.evaluation.truth import (
    Trait,
    Wanted,
    matching,
    plural,
)


class Generator(Parts):
    """Draws questions over one shop. Every method of a kind gives the turns of one conversation, or none."""

    def questions(self, n: int) -> Iterator[Question]:
        """Exactly `n` questions, the last conversation cut where it does not fit.

        Raises:
            ValueError: the shop has no product that a question could be asked about.
        """
        kinds = _KINDS
        misses: Counter[str] = Counter()
        made = conversation = 0
        while made < n:
            open_kinds = [kind for kind in kinds if misses[kind] < 40]
            if not open_kinds:
                raise ValueError("no question can be asked about this shop: are there products with prices?")
            kind = open_kinds[conversation % len(open_kinds)]
            self.language = self.chance.choice(self.languages)
            turns = kinds[kind](self)
            conversation += 1
            if not turns:
                misses[kind] += 1
                continue
            misses[kind] = 0
            for name, text, truth, mistyped in turns[: n - made]:
                made += 1
                yield Question(f"q{made:04d}", f"c{conversation:04d}", name, self.language, text, truth, mistyped)

    # Kinds about one product

    def _one_product(self, kind: str, check: Check, pool: Sequence[Record]) -> list[Turn]:
        if not pool:
            return []
        record = self.chance.choice(pool)
        title, meant = self.reference(record)
        return [self.turn(kind, Truth(check, targets=meant), typo_in=title, t=title)]

    def price_product(self) -> list[Turn]:
        return self._one_product("price_product", "price", [r for r in self.records if r.prices])

    def stock_product(self) -> list[Turn]:
        return self._one_product("stock_product", "stock", self.records)

    def _variant(self, kind: str, check: Check) -> list[Turn]:
        if not self.variants:
            return []
        record = self.chance.choice(self.variants)
        sku = self.chance.choice([s for s in record.skus if s.options])
        names = list(sku.options)
        if len(names) > 1 and self.chance.random() < 0.25:
            names = [n for n in names if n != self.chance.choice(names)] or names
        meant = tuple((record.id, s.id) for s in record.skus if all(s.options.get(n) == sku.options[n] for n in names))
        title = record.title.lower() if self.language == "en" and self.chance.random() < 0.5 else record.title
        targets = tuple(r.id for r in self.by_key[record.key])
        if len(targets) > 1:
            return []
        return [self.turn(kind, Truth(check, targets, meant), title, t=title, o=self.options_said(record, sku, names))]

    def price_variant(self) -> list[Turn]:
        return self._variant("price_variant", "price")

    def stock_variant(self) -> list[Turn]:
        return self._variant("stock_variant", "stock")

    def options(self) -> list[Turn]:
        if not self.variants:
            return []
        record = self.chance.choice(self.variants)
        name = self.chance.choice([n for s in record.skus for n in s.options])
        title, meant = self.reference(record)
        said = plural(name) if self.language == "en" and self.chance.random() < 0.5 and name.isalpha() else name
        return [self.turn("options", Truth("options", meant, name=name), title, t=title, n=said)]

    def attribute(self) -> list[Turn]:
        if not self.described:
            return []
        record = self.chance.choice(self.described)
        fitting = [n for n, v in record.attributes.items() if self.askable(n, v)]
        name = self.chance.choice(fitting)
        title, meant = self.reference(record)
        return [
            self.turn("attribute", Truth("attribute", meant, name=name), title, t=title, n=re.sub(r"\s+", " ", name))
        ]

    # Kinds about a kind of thing

    def cheapest(self) -> list[Turn]:
        subject = self.subject(1)
        return self.of_kind("cheapest", "extreme", subject, Wanted()) if subject else []

    def dearest(self) -> list[Turn]:
        subject = self.subject(1)
        return self.of_kind("dearest", "extreme", subject, Wanted(), dearest=True) if subject else []

    def cheapest_limit(self) -> list[Turn]:
        subject, k = self.subject(5), self.chance.choice((2, 3, 3, 5))
        if subject is None or k >= len(subject.readings[0]):
            return []
        said = phrasing.number(k, self.language, self.chance)
        return self.of_kind("cheapest_limit", "ladder", subject, Wanted(), {"k": said}, limit=k)

    def superlative_trait(self) -> list[Turn]:
        subject = self.subject(1)
        trait = self.trait(self.pool(subject)) if subject else None
        if subject is None or trait is None:
            return []
        wanted = Wanted(traits=(Trait(trait[1], trait[0]),))
        return self.of_kind("superlative_trait", "extreme", subject, wanted, self.trait_words(*trait))

    def superlative_brand(self) -> list[Turn]:
        subject = self.subject(3)
        brand = self.brand(self.pool(subject)) if subject else None
        if subject is None or brand is None:
            return []
        return self.of_kind("superlative_brand", "extreme", subject, Wanted(brand=brand), {"b": brand})

    def superlative_stock(self) -> list[Turn]:
        subject = self.subject(1)
        if subject is None or not any(s.in_stock is False for r in self.pool(subject) for s in r.skus):
            return []
        return self.of_kind("superlative_stock", "extreme", subject, Wanted(in_stock=True))

    def count_all(self) -> list[Turn]:
        subject = self.subject(1)
        return self.of_kind("count_all", "count", subject, Wanted()) if subject else []

    def count_stock(self) -> list[Turn]:
        subject = self.subject(1)
        if subject is None or not any(s.in_stock is not None for r in self.pool(subject) for s in r.skus):
            return []
        return self.of_kind("count_stock", "count", subject, Wanted(in_stock=True))

    def _under(
        self, kind: str, check: Check, brand: bool = False, trait: bool = False, stock: bool = False
    ) -> list[Turn]:
        subject = self.subject(1)
        if subject is None:
            return []
        pool = self.pool(subject)
        parts: dict[str, str] = {}
        wanted = Wanted()
        if brand:
            if (name := self.brand(pool)) is None:
                return []
            parts["b"], wanted = name, Wanted(brand=name)
        if trait:
            if (found := self.trait(pool)) is None:
                return []
            parts, wanted = self.trait_words(*found), Wanted(traits=(Trait(found[1], found[0]),))
        if stock:
            if not any(sku.in_stock is False for record in pool for sku in record.skus):
                return []
            wanted = Wanted(in_stock=True)
        prices = [sku.price for _, sku in matching(pool, wanted) if sku.price is not None]
        limit = self.limit(prices)
        if limit is None or limit in self.sku_prices(subject):
            return []
        wanted = replace(wanted, price_max=limit)
        return self.of_kind(kind, check, subject, wanted, {"p": self.amounts(limit)[0], **parts})

    def count_under(self) -> list[Turn]:
        return self._under("count_under", "count")

    def list_under(self) -> list[Turn]:
        return self._under("list_under", "list")

    def list_trait(self) -> list[Turn]:
        return self._under("list_trait", "list", trait=True)

    def list_brand(self) -> list[Turn]:
        return self._under("list_brand", "list", brand=True)

    def _between(self, kind: str, check: Check) -> list[Turn]:
        subject = self.subject(1)
        if subject is None:
            return []
        prices = [s.price for r in self.pool(subject) for s in r.skus if s.price is not None]
        low, high = self.limit(prices, 0, 0.4), self.limit(prices, 0.5, 1)
        if low is None or high is None or low >= high or {low, high} & set(self.sku_prices(subject)):
            return []
        wanted = Wanted(price_min=low, price_max=high)
        p, q = self.amounts(low, high)
        return self.of_kind(kind, check, subject, wanted, {"p": p, "q": q})

    def count_between(self) -> list[Turn]:
        return self._between("count_between", "count")

    def list_between(self) -> list[Turn]:
        return self._between("list_between", "list")

    def count_brand(self) -> list[Turn]:
        subject = self.subject(3)
        brand = self.brand(self.pool(subject)) if subject else None
        if subject is None or brand is None:
            return []
        return self.of_kind("count_brand", "count", subject, Wanted(brand=brand), {"b": brand})

    def list_not(self) -> list[Turn]:
        subject = self.subject(1)
        trait = self.trait(self.pool(subject), looks=True) if subject else None
        if subject is None or trait is None or "v" not in (words := self.trait_words(*trait)):
            return []
        wanted = Wanted(traits=(Trait(trait[1], trait[0], negated=True),))
        return self.of_kind("list_not", "list", subject, wanted, {"v": words["v"]})

    def best_rated(self) -> list[Turn]:
        """The best rated of a kind, whoever ties with it."""
        subject = self.subject(2)
        ratings = [r.rating for r in self.pool(subject) if r.rating is not None] if subject else []
        if subject is None or len(set(ratings)) < 2:
            return []
        found = []
        for pool in subject.pools(self.records):
            best = max(r.rating for r in pool if r.rating is not None)
            found.append(Answer(price=best, products=tuple(r.id for r in pool if r.rating == best)))
        truth = Truth("rated", subject=subject, answers=tuple(dict.fromkeys(found)))
        return [self.turn("best_rated", truth, subject.name, x=subject.name, xs=subject.plural)]

    def list_rating(self) -> list[Turn]:
        subject = self.subject(3)
        ratings = sorted(r.rating for r in self.pool(subject) if r.rating is not None) if subject else []
        if subject is None or not ratings or ratings[-1] < 4:
            return []
        least = min(Decimal("4.5"), self.chance.choice((Decimal(4), Decimal("4.5"), Decimal("4.2"))), ratings[-1])
        wanted = Wanted(rating_min=least)
        return self.of_kind("list_rating", "list", subject, wanted, {"r": str(least)})

    def list_stock(self) -> list[Turn]:
        return self._under("list_stock", "list", stock=True)

    # Two products

    def _two(self, kind: str, check: Check) -> list[Turn]:
        subject = self.subject(2)
        pool = self.pool(subject) if subject and self.chance.random() < 0.8 else self.records
        fitting = [r for r in pool if r.prices and len(self.by_key[r.key]) == 1]
        if len(fitting) < 2:
            return []
        first, second = self.chance.sample(fitting, 2)
        if check == "cheaper_of_two" and not (
            first.prices[-1] < second.prices[0] or second.prices[-1] < first.prices[0]
        ):
            return []
        said_first, meant_first = self.reference(first)
        said_second, meant_second = self.reference(second)
        if meant_first != (first.id,) or meant_second != (second.id,):
            said_first, said_second = first.title, second.title
        return [self.turn(kind, Truth(check, (first.id, second.id)), a=said_first, b=said_second)]

    def compare(self) -> list[Turn]:
        return self._two("compare", "compare")

    def cheaper_of_two(self) -> list[Turn]:
        return self._two("cheaper_of_two", "cheaper_of_two")

    # Conversations

    def then_place(self) -> list[Turn]:
        """A list, then one of its places: "the second one, how much?"."""
        turns = self.list_under()
        if not turns or turns[0][2].answers[0].n_products < 3:
            return []
        place = self.chance.choice((1, 2, 2, 3))
        said = {"k": phrasing.ordinal(place, self.language), "d": str(place)}
        kind, check = self.chance.choice((("ordinal_price", "place_price"), ("ordinal_stock", "place_stock")))
        return [*turns, self.turn(kind, Truth(check, place=place), **said)]  # type: ignore[arg-type]

    def then_cheaper(self) -> list[Turn]:
        """The dearest of a kind, then anything cheaper."""
        turns = self.dearest()
        subject = turns[0][2].subject if turns else None
        if subject is None or len({p for r in self.pool(subject) for p in r.prices}) < 2:
            return []
        return [*turns, self.turn("cheaper", Truth("cheaper", subject=subject))]

    def then_option(self) -> list[Turn]:
        """A variant's price, then the same in another value of one option, then whether that is in stock."""
        if not self.variants:
            return []
        record = self.chance.choice(self.variants)
        sku = self.chance.choice([s for s in record.skus if s.options])
        others = [
            (name, other)
            for other in record.skus
            for name in sku.options
            if other.options.keys() == sku.options.keys()
            and [n for n in sku.options if other.options[n] != sku.options[n]] == [name]
        ]
        if not others or len(self.by_key[record.key]) > 1:
            return []
        name, other = self.chance.choice(others)
        first = Truth("price", (record.id,), ((record.id, sku.id),))
        then = Truth("price", (record.id,), ((record.id, other.id),))
        stock = Truth("stock", (record.id,), ((record.id, other.id),))
        said = self.options_said(record, sku, list(sku.options))
        return [
            self.turn("price_variant", first, t=record.title, o=said),
            self.turn("follow_option", then, v=self.options_said(record, other, [name])),
            self.turn("follow_stock", stock),
        ]

    def then_stock(self) -> list[Turn]:
        turns = self.price_product()
        return [*turns, self.turn("follow_stock", Truth("stock", turns[0][2].targets))] if turns else []

    def then_price(self) -> list[Turn]:
        turns = self._one_product("stock_product", "stock", [r for r in self.records if r.prices])
        return [*turns, self.turn("follow_price", Truth("price", turns[0][2].targets))] if turns else []

    def then_other(self) -> list[Turn]:
        """A list, a change of mind about the price, then a change of subject that must carry nothing over."""
        turns, after = self.list_under(), self.count_all() or self.cheapest()
        subject = turns[0][2].subject if turns else None
        if subject is None:
            return []
        below = self.limit([p for p in self.sku_prices(subject) if p < (turns[0][2].wanted.price_max or 0)])
        if below is None or below in self.sku_prices(subject) or below >= (turns[0][2].wanted.price_max or below):
            return []
        wanted = Wanted(price_max=below)
        truth = Truth("list", subject=subject, wanted=wanted, answers=self.answers(subject, wanted))
        return [*turns, self.turn("change_price", truth, p=self.amounts(below)[0]), *after]


_KINDS: dict[str, Callable[[Generator], list[Turn]]] = {
    kind.__name__: kind
    for kind in (
        Generator.price_product, Generator.price_variant, Generator.stock_product, Generator.stock_variant,
        Generator.options, Generator.attribute, Generator.cheapest, Generator.dearest, Generator.cheapest_limit,
        Generator.superlative_trait, Generator.superlative_brand, Generator.superlative_stock, Generator.count_all,
        Generator.count_stock, Generator.count_under, Generator.count_between, Generator.count_brand,
        Generator.list_under, Generator.list_between, Generator.list_trait, Generator.list_not, Generator.list_brand,
        Generator.best_rated, Generator.list_rating, Generator.list_stock,
        Generator.compare, Generator.cheaper_of_two, Generator.then_place, Generator.then_cheaper,
        Generator.then_option, Generator.then_stock, Generator.then_price, Generator.then_other,
    )
}  # fmt: skip
