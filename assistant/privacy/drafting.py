"""A drafter on somebody else's machine gets no personal data: prompts are masked, drafts restored.

In: a `Drafter` and its prompts. Out: the same drafts, with the shopper's own values where the model wrote their
placeholders, before any check compares them. What the shop publishes (in the evidence, or of itself in shop.toml) stays
readable, and so does the system message, which is the shop's. It knows no wire and no check.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from typing import cast

from assistant.generation import Drafter
from assistant.privacy.masking import Masker, Restorer, compared
from assistant.types import Prompt

NOTE = (
    "Marks like ⟨email-1⟩ or ⟨phone-1⟩ stand for the shopper's own data, which you do not need to see. "
    "Where you mean one of them, write the mark exactly as it is; never make up another."
)

_FENCE = re.compile(r"(<</?[a-z]+ [0-9a-f]{8}>>)")


class MaskedDrafter:
    """A `Drafter` whose model never sees personal data."""

    def __init__(self, drafter: Drafter) -> None:
        self.name = drafter.name
        self._drafter = drafter

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        """The draft as text deltas, restored; see `Drafter.draft`."""
        # In a thread: a long prompt takes some milliseconds, a hostile one some hundred.
        masked, masker = await asyncio.to_thread(mask_prompt, prompt)
        restorer = Restorer(masker.values)
        # An async generator behind the type AsyncIterator; closing it is what cancels the model.
        async with aclosing(cast(AsyncGenerator[str], self._drafter.draft(masked))) as deltas:
            async for delta in deltas:
                if text := restorer.feed(delta):
                    yield text
        if rest := restorer.flush():
            yield rest

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to the model."""
        return self._drafter.count_tokens(text)

    async def close(self) -> None:
        """Close the drafter within."""
        await self._drafter.close()


def mask_prompt(prompt: Prompt) -> tuple[Prompt, Masker]:
    """The prompt with placeholders, and what puts the values back.

    Order and tracking numbers of the verified shopper's orders are masked by value: they are that shopper's data, and
    a mark does as well to speak of them. Numbers that the shopper merely typed look like any model number and stay.
    """
    public = _Public(prompt)
    masker = Masker(_of_orders(prompt), public.has)

    def mask(part: str) -> str:
        return part if _FENCE.fullmatch(part) else masker.mask(part)

    masker.reserve(content for _, content in prompt.messages)
    messages = tuple(
        # A fence's code is no number of anybody's, and has to stay the same before and behind.
        (role, content if role == "system" else "".join(map(mask, _FENCE.split(content))))
        for role, content in prompt.messages
    )
    if not masker.values:
        return prompt, masker
    noted = tuple((role, f"{content}\n\n{NOTE}" if role == "system" else content) for role, content in messages)
    return replace(prompt, messages=noted), masker


class _Public:
    """What the shop itself publishes, as values are compared; put together when first asked for."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt

    def has(self, value: str) -> bool:
        """Whether a compared value stands in it."""
        return value in self._text

    @cached_property
    def _text(self) -> str:
        system = (content for role, content in self._prompt.messages if role == "system")
        return "\n".join(compared(text) for text in (*system, self._prompt.public, *self._entries()))

    def _entries(self) -> Iterator[str]:
        for hit in self._prompt.evidence.hits:
            entry = hit.entry
            yield f"{entry.title}\n{entry.text}"
            if entry.product is not None:
                yield from (
                    entry.product.title,
                    entry.product.description or "",
                    *map(str, entry.product.attributes.values()),
                )
                yield from (entry.product.id, *(variant.id for variant in entry.product.variants))


def _of_orders(prompt: Prompt) -> Iterator[tuple[str, str]]:
    for order in prompt.evidence.orders:
        yield "order", order.id
        yield from (("tracking", parcel.tracking) for parcel in order.shipments if parcel.tracking)
