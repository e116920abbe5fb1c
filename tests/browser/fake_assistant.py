"""An assistant for the page's tests: real `Event`s, as slow or as broken as the message asks for.

slow      one sentence every 0.3 s, eight of them     fail      an exception in the middle of the answer
error     an error event                             compare   a table
evil      script in every field that can hold text   person    a hand-over
nothing   an answer without products or sources      again     counts how often it was asked
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from assistant.types import Citation, Event, Language, ProductCard, Query, Reply, Turn
from knowledge_base.shop import ShopInfo
from knowledge_base.text import has_cjk
from knowledge_base.types import Product

EVIL = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">{{constructor}}${window.hacked = 1}'

CARDS = (
    ProductCard(
        "TN-102",
        "Larkspur 2 Backpacking Tent",
        "TN-102-01",
        {"Color": "Moss"},
        Decimal("249.00"),
        None,
        Decimal("299.00"),
        "USD",
        True,
        Decimal("4.8"),
        213,
        "https://shop.example/p/larkspur-2",
        None,
        ("Camping", "Tents"),
        "Waterproof to 3,000 mm and 1.9 kg, light enough to carry all day.",
    ),
    ProductCard(
        "TN-140",
        "Ridgeline Dome 3 with Vestibule and Footprint, Family Weekend Edition",
        None,
        {},
        Decimal("189.50"),
        Decimal("229.50"),
        None,
        "USD",
        True,
        Decimal("4.4"),
        58,
        "/products/ridgeline",
        None,
        ("Camping", "Tents"),
        "Room for three and two doors.",
    ),
    ProductCard(
        "SB-7",
        "Down Sleeping Bag −5 °C",
        "SB-7-L",
        {"Size": "Long", "Color": "Navy"},
        None,
        currency="USD",
        in_stock=False,
        category=("Camping", "Sleeping bags"),
    ),
)
SOURCES = (
    Citation("1", "product:TN-102", "product", "Larkspur 2 Backpacking Tent", "Two doors and two vestibules, so nobody "
             "climbs over anybody at night. Waterproof to 3,000 mm.", "https://shop.example/p/larkspur-2"),
    Citation("2", "policy:returns.md#1", "policy", "Returns > How long do I have",
             "Send anything back within 60 days, used or not. We pay for the label."),
)  # fmt: skip
SOURCES = tuple(Citation(int(c.n), c.id, c.kind, c.title, c.quote, c.url) for c in SOURCES)

ANSWER = (
    "For a rainy weekend I would take the **Larkspur 2** [1]. ",
    "It keeps out heavy rain, weighs 1.9 kg and has two doors, so nobody climbs over anybody at night. ",
    "If you want more room, the Ridgeline Dome 3 sleeps three.\n\n",
    "You can send either back within 60 days, even after using it [2].",
)
ANSWER_ZH = (
    "下雨的周末我会推荐**云雀 2 双人帐篷** [1]。",
    "防水 3000 毫米，只有 1.9 公斤。",
    "60 天内都可以退货 [2]。",
)
TABLE = (
    "Both keep you dry; the Larkspur is half the weight.\n\n",
    "| | Larkspur 2 | Ridgeline Dome 3 |\n|---|---|---|\n| Price | $249.00 | $189.50 |\n| Weight | 1.9 kg | 3.4 kg |\n"
    "| Waterproof | 3,000 mm | 2,000 mm |\n| Doors | 2 | 1 |\n| In stock | Moss, Sand | Rust |\n\n",
    "Carry it far: Larkspur. Drive to the site: Ridgeline.",
)


@dataclass
class FakeIndex:
    """As much of an index as the page looks at."""

    products: Mapping[str, Product] = field(
        default_factory=lambda: {card.id: Product(card.id, card.title, image=card.image) for card in CARDS}
    )

    @cached_property
    def pictures(self) -> frozenset[str]:
        """The files that products name."""
        return frozenset(product.image for product in self.products.values() if product.image)


@dataclass
class FakeAssistant:
    """Answers by the words of the message; see the module's docstring. `turns` are those it was given."""

    info: ShopInfo = field(default_factory=lambda: ShopInfo("Alder & Pine", greeting="Hi! Where are you going?"))
    index: FakeIndex = field(default_factory=FakeIndex)
    model: str = "fake"
    pause_s: float = 0.02
    turns: list[Turn] = field(default_factory=list)
    cancelled: int = 0
    observers: tuple[object, ...] = ()
    storefront: object = None

    def openers(self, language: str) -> tuple[str, ...]:
        if language == "zh":
            return ("有没有防水的双人帐篷？", "多久可以退货？", "最便宜的睡袋是哪款？")
        return ("A tent for two in the rain", "How long can I send things back?", "What is your cheapest sleeping bag?")

    def understand(self, turn: Turn) -> Query:
        return Query(turn.text, ("find",))

    async def stream(self, turn: Turn) -> AsyncIterator[Event]:
        self.turns.append(turn)
        text = turn.text.lower()
        try:
            async for event in self._events(turn, text):
                yield event
        except (GeneratorExit, asyncio.CancelledError):
            self.cancelled += 1
            raise

    async def _events(self, turn: Turn, text: str) -> AsyncIterator[Event]:
        language: Language = "zh" if has_cjk(text) else "en"
        slow = "slow" in text
        yield Event(
            "status", {"stage": "retrieve", "text": "正在查找" if language == "zh" else "Looking through 152 products"}
        )
        await asyncio.sleep(0.7 if slow else self.pause_s)
        if "error" in text:
            yield Event("error", {"message": "The model could not be reached. Please try again.", "retry": True})
            return
        deltas: tuple[str, ...] = ANSWER_ZH if language == "zh" else ANSWER
        cards, sources = CARDS, SOURCES
        suggestions: tuple[str, ...] = (
            "Compare the first two",
            "Is the Larkspur freestanding?",
            "Anything under $150?",
        )
        if language == "zh":
            suggestions = ("对比前两款", "有没有更便宜的？")
        if slow:
            deltas = tuple(f"Sentence number {n} of a long answer. " for n in range(8))
        if "compare" in text:
            deltas, cards = TABLE, CARDS[:2]
        if "nothing" in text:
            deltas, cards, sources = ("Nothing in the shop fits that.",), (), ()
        if "again" in text:
            asked = sum("again" in earlier.text.lower() for earlier in self.turns)
            deltas, cards, sources = (f"Asked {asked} times.",), (), ()
        if "evil" in text:
            deltas = (f"{EVIL} [x](javascript:alert(1)) [1]",)
            cards = (ProductCard(EVIL, EVIL, options={"c": EVIL}, url="javascript:alert(1)", reason=EVIL, image=EVIL),)
            sources = (Citation(1, EVIL, "faq", EVIL, EVIL, "javascript:alert(1)"),)
            suggestions = (EVIL,)
        if cards:
            yield Event("products", {"products": list(cards)})
        for n, delta in enumerate(deltas):
            await asyncio.sleep(0.3 if slow else self.pause_s)
            if "fail" in text and n == 1:
                raise RuntimeError("a secret detail of the machine")
            yield Event("text", {"delta": delta})
        yield Event("sources", {"citations": list(sources)})
        yield Event("suggestions", {"suggestions": list(suggestions)})
        handoff = "Our team answers within an hour: help@shop.example" if "person" in text else None
        query = Query(turn.text, ("find",), language)
        yield Event(
            "done",
            {"reply": Reply("".join(deltas), query, cards, sources, suggestions, handoff=handoff, model=self.model)},
        )
