"""What every part of a drafted reply has at hand: the query, the evidence, and names and citations made from them.

In: the values of one turn. Out: a `Scene`. It chooses no content and words no sentence.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.generation.grammar import is_noun
from assistant.generation.naming import Mention, short_titles
from assistant.generation.reasons import choice_of, product_of, shown_sku
from assistant.generation.service_en import EnglishCounter
from assistant.generation.service_zh import ChineseCounter
from assistant.types import Evidence, Language, Message, Query
from knowledge_base.shop import ShopInfo
from knowledge_base.text import fold
from knowledge_base.types import Hit, Product, Variant

Wording = EnglishCounter | ChineseCounter
_WORDINGS: Mapping[Language, Wording] = {"en": EnglishCounter(), "zh": ChineseCounter()}


@dataclass(frozen=True, slots=True)
class Scene:
    """One turn as the composer sees it. `style` varies the openings; it depends on the query's text alone.

    `for_person`: a person of the shop says it, so that nobody else is offered.
    """

    query: Query
    evidence: Evidence
    info: ShopInfo
    history: tuple[Message, ...]
    say: Wording
    names: Mapping[str, str]
    style: int
    for_person: bool = False

    def mark(self, hit: Hit) -> str:
        """The citation of a hit: "[1]"; "" for one that is not in the evidence."""
        hits = self.evidence.hits
        position = next((n for n, other in enumerate(hits, start=1) if other.entry.id == hit.entry.id), None)
        return f"[{position}]" if position else ""

    def name(self, product: Product) -> str:
        """What the product is called in this reply."""
        return self.names.get(product.id, product.title)

    def mention(self, hit: Hit, sku: Variant | None = None) -> Mention:
        """A product, or one of its variants, named and cited."""
        return self.say.mention(self.name(product_of(hit)), self.mark(hit), sku)

    def currency(self, product: Product) -> str | None:
        """The currency of a product's prices."""
        return product.currency or self.info.currency

    def cost(self, hit: Hit, sku: Variant) -> str:
        """A variant's price in words; "" where it is unknown."""
        return self.say.money(sku.price, self.currency(product_of(hit))) if sku.price is not None else ""

    def price_tag(self, hit: Hit) -> str:
        """The price of the variant that stands for the hit; "from …" where it stands for several prices."""
        cost = self.cost(hit, self.sku(hit))
        return self.say.starting(cost) if cost and self.varies(hit) else cost

    def varies(self, hit: Hit) -> bool:
        """Whether the hit stands for variants of several prices."""
        span = product_of(hit).price_range
        return span is not None and span[0] != span[1] and self.named_sku(hit) is None

    def sku(self, hit: Hit) -> Variant:
        """The variant that stands for the hit."""
        return shown_sku(choice_of(hit, self.query), self.query)

    def named_sku(self, hit: Hit) -> Variant | None:
        """That variant where the query chose it among several, or ordered several prices; None where the product's
        name says enough."""
        choice, span = choice_of(hit, self.query), product_of(hit).price_range
        ordered = self.query.sort in ("price_asc", "price_desc") and span is not None and span[0] != span[1]
        return shown_sku(choice, self.query) if choice.narrowed or ordered else None

    def flow(self, hit: Hit, sentences: Sequence[str]) -> str:
        """Sentences about one product in a row: named in the first, "it" in those after, each with its citation."""
        plural, before = self.mention(hit).plural, ""
        said: list[str] = []
        for sentence in filter(None, sentences):
            match = re.match(r"(?:Yes, |No, |有的，|没有，|是的，)?(.*?\[\d+\])", sentence)
            subject = match.group(1) if match else ""
            again = bool(subject) and subject.lower() == before.lower() and sentence.startswith(subject)
            said.append(self.say.referring(sentence, Mention(subject, plural)) if again else sentence)
            before = subject or before
        return ("" if self.query.language == "zh" else " ").join(said)

    def asked(self) -> tuple[Hit, ...]:
        """The hits of the products the message is about, in its order; where it names none, the first one found."""
        by_id = {product_of(hit).id: hit for hit in self.evidence.products}
        named = tuple(by_id[key] for key in dict.fromkeys(self.query.refers_to) if key in by_id)
        return named or self.evidence.products[:1]


def _with_noun(query: Query, evidence: Evidence) -> Query:
    """The query with a subject that can be counted: a brand, code or acronym alone is "asus products"."""
    last = query.subject.rpartition(" ")[2]
    if not last.isascii() or not last or query.language == "zh":
        return query
    brands = {fold(hit.entry.product.brand or "") for hit in evidence.products if hit.entry.product is not None}
    brands |= {fold(v) for c in query.filters.conditions if c.names == ("brand",) for v in c.values}
    named = is_noun(last) and not {fold(last), fold(query.subject)} & brands
    return query if named else replace(query, subject=f"{query.subject} products")


def wording_for(language: Language) -> Wording:
    """The wording of a language."""
    return _WORDINGS[language]


def scene_of(
    query: Query, evidence: Evidence, info: ShopInfo, history: Sequence[Message] = (), for_person: bool = False
) -> Scene:
    """The scene of one turn."""
    query = _with_noun(query, evidence)
    names = short_titles([product_of(hit) for hit in evidence.products[:8]], query.subject)
    style = zlib.crc32(query.text.encode()) + len(history)  # a repeated question is not answered in the very same words
    return Scene(query, evidence, info, tuple(history), _WORDINGS[query.language], names, style, for_person)
