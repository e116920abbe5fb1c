"""A reply made again from its trace, to see why it is what it is.

In: the trace. Out: the reply that today's program makes of it, and how it differs from the one that was stored. It
needs no catalogue, no model and no network: evidence and draft are the recorded ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from assistant.as_json import plain
from assistant.drafting import Clock, Writer
from assistant.errors import ModelUnavailable
from assistant.pipeline import told
from assistant.trace import Trace
from assistant.types import Prompt, Reply

_NOT_COMPARED = frozenset({"timings_ms"})


@dataclass(slots=True)
class _Recorded:
    """A drafter that writes what was written then, and breaks off where it broke off."""

    name: str
    text: str
    failure: str | None

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        if self.text:
            yield self.text
        if self.failure is not None:
            raise ModelUnavailable(self.failure)

    def count_tokens(self, text: str) -> int:
        return len(text)

    async def close(self) -> None:
        """Nothing runs."""


async def replay(trace: Trace) -> Reply:
    """What the program of today replies to the same turn, evidence and draft."""
    drafter = None if trace.asked is None else _Recorded(trace.asked, trace.draft, trace.failure)
    writer = Writer(trace.info, drafter)
    async with aclosing(told(trace.turn, trace.parts, writer, Clock(), trace.fingerprint, trace.unsure)) as events:
        async for event in events:
            if event.kind == "done":
                reply: Reply = event.data["reply"]
                return reply
    raise AssertionError("a stream ends with done")


def differences(stored: Mapping[str, Any], reply: Reply) -> tuple[str, ...]:
    """The fields of a stored reply (its JSON) that a reply has otherwise; how long it took is none of them."""
    again: dict[str, Any] = plain(reply)
    return tuple(
        name for name, value in again.items() if name not in _NOT_COMPARED and name in stored and stored[name] != value
    )
