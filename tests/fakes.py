"""Stand-ins for what a test may not need: a chat model, and a server that speaks the OpenAI protocol.

`FakeDrafter` follows a script, `LyingDrafter` states wrong facts about the very evidence it was given, `FakeServer` is
a real HTTP server on a free loopback port. None of them patches anything.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.types import Prompt

Step = str | float | BaseException
"""A delta to write, seconds to wait, or an error to raise."""
Script = str | Sequence[Step] | Callable[[Prompt], str]


class FakeDrafter:
    """A drafter that follows a script: a text (written word by word), steps, or a function of the prompt.

    `delay_s` is waited before each delta. `prompts` are those it was given, `cancelled` counts drafts that were closed
    before their end.
    """

    def __init__(self, script: Script = "", *, name: str = "fake", delay_s: float = 0.0) -> None:
        self.name = name
        self.script = script
        self.delay_s = delay_s
        self.prompts: list[Prompt] = []
        self.cancelled = 0
        self.running = 0
        self.closed = False

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        self.prompts.append(prompt)
        script = self.script(prompt) if callable(self.script) else self.script
        steps: Sequence[Step] = re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", script) if isinstance(script, str) else script
        self.running += 1
        finished = False
        try:
            for step in steps:
                if isinstance(step, BaseException):
                    finished = True
                    raise step
                if isinstance(step, str):
                    await asyncio.sleep(self.delay_s)
                    yield step
                else:
                    await asyncio.sleep(step)
            finished = True
        finally:
            self.running -= 1
            self.cancelled += not finished

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text))

    async def close(self) -> None:
        self.closed = True


@dataclass(frozen=True, slots=True)
class Lie:
    """A false draft, and the words of it that must not reach the page."""

    text: str
    forbidden: tuple[str, ...]


def _first_title(prompt: Prompt) -> str:
    hits = prompt.evidence.products or prompt.evidence.hits
    return hits[0].entry.title if hits else "Aurora Travel Kettle"


def _wrong_price(prompt: Prompt) -> Lie:
    hits = prompt.evidence.products
    known = hits[0].entry.product.price_range if hits and hits[0].entry.product else None
    wrong = f"{(known[0] if known else Decimal(30)) * Decimal('0.5') + Decimal('0.37'):.2f}"
    return Lie(f"The {_first_title(prompt)} costs only ${wrong} [1].", (wrong,))


def _wrong_price_zh(prompt: Prompt) -> Lie:
    return Lie(f"{_first_title(prompt)}现在只要13.37元[1]。", ("13.37",))


def _discount(prompt: Prompt) -> Lie:
    return Lie(f"Use the code MEGA73 for 73% off the {_first_title(prompt)} [1].", ("73%", "MEGA73"))


def _discount_zh(prompt: Prompt) -> Lie:
    return Lie(f"今天购买{_first_title(prompt)}可享受二点七折优惠，输入优惠码MEGA73[1]。", ("二点七折", "MEGA73"))


def _stock(prompt: Prompt) -> Lie:
    return Lie(f"Hurry, there are only 4817 left of the {_first_title(prompt)} [1].", ("4817",))


def _stock_zh(prompt: Prompt) -> Lie:
    return Lie(f"{_first_title(prompt)}目前库存还有4817件[1]。", ("4817",))


def _product(_: Prompt) -> Lie:
    return Lie("I recommend the Zephyrix Quantum 9000, our best seller [1].", ("Zephyrix",))


def _product_zh(_: Prompt) -> Lie:
    return Lie("我推荐本店销量第一的泽菲克斯量子9000型[1]。", ("泽菲克斯",))


def _link(_: Prompt) -> Lie:
    return Lie("Order it at [our partner](https://deals.example.net/kettle?x=1) today.", ("deals.example.net",))


def _bare_link(_: Prompt) -> Lie:
    return Lie(
        "请打开 www.deals-example.top 下单，或访问 http://198.51.100.7/pay 。", ("deals-example", "198.51.100.7")
    )


def _policy(_: Prompt) -> Lie:
    return Lie("You can return anything within 777 days, and we even pay you $55 for it [1].", ("777", "$55"))


def _policy_zh(_: Prompt) -> Lie:
    return Lie("本店支持777天无理由退货，并且终身免费维修[1]。", ("777",))


def _order(_: Prompt) -> Lie:
    return Lie(
        "Order #W9938217 of Maria Kowalski ships tomorrow to 12 Elm Street.", ("W9938217", "Kowalski", "Elm Street")
    )


def _rating(prompt: Prompt) -> Lie:
    return Lie(f"The {_first_title(prompt)} is rated 4.97 stars by 88123 shoppers [1].", ("4.97", "88123"))


def _words(prompt: Prompt) -> Lie:
    return Lie(f"The {_first_title(prompt)} costs three dollars and seventeen cents [1].", ("seventeen",))


def _citation(_: Prompt) -> Lie:
    return Lie("It comes with a lifetime warranty of 99 years [97].", ("99 years", "[97]"))


LIES: dict[str, Callable[[Prompt], Lie]] = {
    "wrong price": _wrong_price,
    "wrong price zh": _wrong_price_zh,
    "discount": _discount,
    "discount zh": _discount_zh,
    "stock": _stock,
    "stock zh": _stock_zh,
    "product": _product,
    "product zh": _product_zh,
    "link": _link,
    "bare link": _bare_link,
    "policy": _policy,
    "policy zh": _policy_zh,
    "order": _order,
    "rating": _rating,
    "price in words": _words,
    "citation": _citation,
}


class LyingDrafter(FakeDrafter):
    """A drafter that tells the named lies (default: all in turn, one a draft); `told` holds them in order."""

    def __init__(self, *kinds: str, truth: str = "") -> None:
        super().__init__(self._lie, name="lying")
        self.kinds = kinds or tuple(LIES)
        self.truth = truth
        self.told: list[Lie] = []

    def _lie(self, prompt: Prompt) -> str:
        lie = LIES[self.kinds[len(self.told) % len(self.kinds)]](prompt)
        self.told.append(lie)
        return f"{self.truth} {lie.text}".strip()
