"""Where drafts can be had: a model in this process, or one of several servers of the same model.

In: upstreams with what runs at each and how the last drafts came out. Out: the one to ask next. It asks none itself.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field

from langchain_core.messages import AIMessageChunk, BaseMessage

from assistant.generation.circuit import Circuit

Stream = Callable[[list[BaseMessage]], AsyncIterator[AIMessageChunk]]
"""A chat model's answer to messages, chunk by chunk; closing it cancels the request."""


@dataclass(slots=True, eq=False)
class Upstream:
    """One place to ask. `probe` asks it for next to nothing: whether it is back; None: a draft has to try that."""

    name: str
    stream: Stream
    probe: Stream | None = None
    circuit: Circuit = field(default_factory=Circuit)
    running: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failure before the first word means: whether the same request may succeed here in a moment, or elsewhere.

    `rest_s`: for how long this upstream asks to be left alone; 0 where it does not say.
    """

    again: bool = False
    elsewhere: bool = False
    rest_s: float = 0.0


def least_loaded(upstreams: Sequence[Upstream], tried: Collection[Upstream] = ()) -> Upstream | None:
    """The upstream with the fewest drafts under way among those that may be asked, untried ones first; None: none may.

    Which of equals is left to chance, so that several processes do not all begin with the first.
    """
    ready = [upstream for upstream in upstreams if upstream.circuit.admits]
    if not ready:
        return None
    return min(ready, key=lambda upstream: (upstream in tried, upstream.running, random.random()))
