"""What questions are made of: a product as a shopper would name it, a round price limit, a telling colour.

In: `ShopRecords` and a seed. Out: the parts, drawn at random, and the right answers under every reading of a subject.
The kinds of questions themselves are `generator`'s business.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from assistant.evaluation import phrasing
from assistant.evaluation.questions import Answer, Check, Truth
from assistant.evaluation.records import Record, ShopRecords, Sku, fold
from assistant.evaluation.subjects import find_subjects
from assistant.evaluation.truth import (
    Subject,
    Wanted,
    contains_words,
    extreme,
    ladder,
    matching,
    product_ids,
)

TYPO_SHARE = 0.05
_ODD_NAME = re.compile(
    r"dimension|package|pallet|outer|weight|code|status|last change|\bid\b|shop|quantity|features|certification|range"
)
_WORD_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9 /+.&'-]{2,22}|[\u4e00-\u9fffA-Za-z0-9.+-]{1,10}|\d+(\.\d+)? ?[A-Za-z\"]+")
_LOOKS = re.compile(r"colou?r|material|finish|flavou?r|scent|颜色|材质|口味|香型|面料|款式")

Turn = tuple[str, str, Truth, bool]


class Parts:
    """Draws the parts of questions over one shop."""

    def __init__(self, shop: ShopRecords, seed: int = 1, language: str | None = None) -> None:
        self.shop = shop
        self.records = shop.records
        self.chance = random.Random(seed)
        self.languages = {"both": ("en", "zh"), None: (shop.language[:2],)}.get(language, (language or "en",))
        self.language = self.languages[0]
        self.subjects = find_subjects(self.records)
        self.by_key: dict[str, list[Record]] = defaultdict(list)
        for record in self.records:
            self.by_key[record.key].append(record)
        self.variants = [r for r in self.records if r.has_variants]
        self.described = [r for r in self.records if any(self.askable(n, v) for n, v in r.attributes.items())]
        self.brands = Counter(fold(r.brand) for r in self.records if r.brand)

    def say(self, kind: str, wording: str | None = None, **parts: str) -> str:
        text = phrasing.say(wording or kind, self.language, self.chance, **parts)
        text = re.sub(r"\b[Tt]he the ", "the ", text, flags=re.IGNORECASE) if self.language == "en" else text
        return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text) if self.language == "en" else text

    def turn(self, kind: str, truth: Truth, typo_in: str = "", **parts: str) -> Turn:
        """One turn, with a typing error in a small share, never in a figure or a short word."""
        text = self.say(kind, **parts)
        wrong = None
        if typo_in and self.chance.random() < TYPO_SHARE:
            wrong = phrasing.mistype(text, re.findall(r"[A-Za-z]+", typo_in), self.chance)
        return kind, wrong or text, truth, wrong is not None

    def amounts(self, *values: Decimal) -> list[str]:
        """Amounts as people write them, both ends of a range in one way."""
        return phrasing.say_amounts(values, self.shop.currency, self.language, self.chance)

    def reference(self, record: Record) -> tuple[str, tuple[str, ...]]:
        """Words for a product, and the products they can mean: its title, or as much of it as a shopper would type."""
        title = record.title
        if self.chance.random() < 0.4:
            clause = re.split(r"[,(|–]| - | w/| with ", title)[0].strip()
            brackets = re.findall(r"【([^】]{4,})】", title)
            short = self.chance.choice(brackets) if brackets else clause
            words = re.findall(r"[^\W_]+", short)
            if (len(words) >= 3 or re.search(r"[\u4e00-\u9fff]{4,}", short)) and short != title:
                title = short
        key = fold(title)
        meant = self.by_key.get(key) or [r for r in self.records if contains_words(r.key, key)]
        if len(meant) > 5:
            title, meant = record.title, self.by_key[record.key]
        if self.language == "en" and self.chance.random() < 0.15:
            title = title.lower()
        return title, tuple(r.id for r in meant)

    def askable(self, name: str, value: str) -> bool:
        """Whether a shopper would ask for the value: a word or a figure with its unit, under a name in plain words."""
        if _ODD_NAME.search(fold(name)) or len(name) > 24 or re.fullmatch(r"yes|no|none|是|否|无|[\d.,]+", fold(value)):
            return False
        return _WORD_VALUE.fullmatch(value.strip()) is not None and len(value.split(" ")) <= 3

    def subject(self, least: int = 2) -> Subject | None:
        """A subject with enough products or SKUs, the larger ones a little more often."""
        sizes = [len(subject.readings[0]) for subject in self.subjects]
        fitting = [(s, math.log2(2 + size)) for s, size in zip(self.subjects, sizes, strict=True) if size >= least]
        if not fitting:
            return None
        return self.chance.choices([s for s, _ in fitting], [weight for _, weight in fitting])[0]

    def pool(self, subject: Subject) -> list[Record]:
        return subject.pools(self.records)[0]

    def limit(self, prices: Iterable[Decimal], low: float = 0.2, high: float = 0.85) -> Decimal | None:
        """A round amount inside the prices that is none of them, so that "under" cannot be misread."""
        known = sorted(prices)
        if not known:
            return None
        price = known[int(self.chance.uniform(low, high) * (len(known) - 1))]
        step = Decimal(10) ** max(0, price.adjusted()) / 2
        for divisor in (1, 5, 25):
            nice = max(Decimal(1), step / divisor)
            nice = nice.to_integral_value(ROUND_CEILING)
            amount = ((price / nice).to_integral_value(ROUND_CEILING)) * nice
            if amount not in known:
                return amount.quantize(Decimal(1))
        return None

    def trait(self, pool: Sequence[Record], looks: bool = False) -> tuple[str, str] | None:
        """A name and value that some SKUs of the pool have and others do not."""
        total = sum(len(record.skus) for record in pool)
        counts: Counter[tuple[str, str]] = Counter()
        for record in pool:
            for sku in record.skus:
                counts.update(dict.fromkeys([*sku.options.items(), *record.attributes.items()]).keys())
        fitting = [
            (name, value)
            for (name, value), count in counts.items()
            if 2 <= count < total and self.askable(name, value) and (not looks or _LOOKS.search(fold(name)))
        ]
        return self.chance.choice(fitting) if fitting else None

    def trait_words(self, name: str, value: str) -> dict[str, str]:
        """The wordings a value allows; a bare figure or a single letter needs its name beside it."""
        if self.language == "zh":
            parts = {"nv": f"{name}是{value}", "n": name}
        else:
            parts = {"nv": self.chance.choice((f"{value} {name}", f"{name} {value}"))}
        if len(value) > 2 and not value.replace(".", "").isdigit():
            parts["v"] = value.lower() if value.istitle() and self.language == "en" else value
        elif self.language == "zh":
            parts["v"] = f"{name}{value}"
        return parts

    def options_said(self, record: Record, sku: Sku, names: Sequence[str]) -> str:
        """Options in words; a value that two options share, or a bare figure, is named."""
        shared = Counter(fold(v) for n in sku.options for v in {s.options.get(n, "") for s in record.skus})
        said = []
        for name in names:
            value = sku.options[name]
            bare = re.fullmatch(r"[\d.]+|yes|no|none|[A-Za-z]{1,2}", value, re.IGNORECASE) is not None
            if bare or shared[fold(value)] > 1 or self.chance.random() < 0.15:
                said.append(f"{name}{value}" if self.language == "zh" else f"{name} {value}")
            else:
                said.append(value)
        return ("、" if self.language == "zh" else ", ").join(said)

    def answers(self, subject: Subject, wanted: Wanted, k: int = 0, dearest: bool = False) -> tuple[Answer, ...]:
        found = []
        for pool in subject.pools(self.records):
            pairs = matching(pool, wanted)
            best = extreme(pairs, dearest)
            answer = Answer(
                price=best[0] if best else None,
                products=best[1] if best else (),
                ladder=tuple(ladder(pairs)[:k]) if k else (),
                n_products=len(product_ids(pairs)),
                n_skus=len(pairs),
            )
            if answer not in found:
                found.append(answer)
        return tuple(found)

    def of_kind(
        self,
        kind: str,
        check: Check,
        subject: Subject,
        wanted: Wanted,
        parts: Mapping[str, str] | None = None,
        limit: int = 0,
        dearest: bool = False,
    ) -> list[Turn]:
        """The one turn of a question about a kind of thing; none where no price is known but one is asked for."""
        answers = self.answers(subject, wanted, limit, dearest)
        if check in ("extreme", "ladder") and not all(a.price is not None for a in answers):
            return []
        truth = Truth(check, subject=subject, wanted=wanted, answers=answers, place=limit or None, dearest=dearest)
        return [self.turn(kind, truth, subject.name, x=subject.name, xs=subject.plural, **(parts or {}))]

    def brand(self, pool: Sequence[Record]) -> str | None:
        known = [r.brand for r in pool if r.brand and re.fullmatch(r"[\w .&+-]{2,24}", r.brand)]
        return self.chance.choice(known) if len(set(known)) > 1 else None

    def sku_prices(self, subject: Subject) -> list[Decimal]:
        everyone = frozenset().union(*subject.readings)
        return [s.price for r in self.records if r.id in everyone for s in r.skus if s.price is not None]
