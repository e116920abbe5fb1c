"""What those who count and trace are told of a turn: when it began, how long its stages took, how it came out.

In: the events of a turn on their way to whoever shows them. Out: the same events, and one `TurnSeen` to each observer
when they have ended, been closed or broken. It changes nothing and keeps nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, Protocol

from assistant.types import Event, Reply, Turn

Outcome = Literal["done", "stopped", "failed"]
Stage = Literal["understand", "retrieve", "generate"]

# The status that tells of a stage stands at the end of the one before it.
_ENDS: dict[str, Stage] = {"retrieve": "understand", "generate": "retrieve"}


@dataclass(frozen=True, slots=True)
class StageSeen:
    """One stage of a turn, in nanoseconds since the epoch."""

    name: Stage
    started_ns: int
    ended_ns: int

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended_ns - self.started_ns) / 1e9


@dataclass(frozen=True, slots=True)
class TurnSeen:
    """A turn that is over. Times are nanoseconds since the epoch.

    `stages` are those that ended, in order, the last one also where it was cut short. `first_text_ns` is None where no
    words were written, `reply` is None unless the outcome is "done".
    """

    turn: Turn
    outcome: Outcome
    started_ns: int
    ended_ns: int
    stages: tuple[StageSeen, ...] = ()
    first_text_ns: int | None = None
    reply: Reply | None = None

    @property
    def seconds(self) -> float:
        """How long the whole turn took."""
        return (self.ended_ns - self.started_ns) / 1e9


class TurnObserver(Protocol):
    """Who is told of turns. Called on the event loop: it must neither wait nor raise."""

    def began(self, turn: Turn) -> None:
        """A turn is being answered from now on."""
        ...

    def ended(self, seen: TurnSeen) -> None:
        """It is over; called once for each `began`."""
        ...


async def observed(
    turn: Turn, events: AsyncGenerator[Event], observers: Sequence[TurnObserver]
) -> AsyncGenerator[Event]:
    """The events of a turn, with its observers told of it. Closing it closes `events`."""
    started = mark = time.time_ns()
    stages: list[StageSeen] = []
    current: Stage = "understand"
    first_text: int | None = None
    reply: Reply | None = None
    outcome: Outcome = "failed"
    for observer in observers:
        observer.began(turn)
    try:
        async with aclosing(events):
            async for event in events:
                if event.kind == "status" and (over := _ENDS.get(event.data.get("stage", ""))):
                    now = time.time_ns()
                    stages.append(StageSeen(over, mark, now))
                    mark, current = now, "generate" if over == "retrieve" else "retrieve"
                elif event.kind == "text" and first_text is None:
                    first_text = time.time_ns()
                elif event.kind == "done":
                    reply, outcome = event.data["reply"], "done"
                yield event
    except (GeneratorExit, asyncio.CancelledError):
        outcome = outcome if outcome == "done" else "stopped"
        raise
    finally:
        ended = time.time_ns()
        stages.append(StageSeen(current, mark, ended))
        seen = TurnSeen(turn, outcome, started, ended, tuple(stages), first_text, reply)
        for observer in observers:
            observer.ended(seen)
