"""What waits and runs in one conversation at one worker, and how often a worker looks where.

Values only: `working` decides.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from assistant.store import StoredTurn
from assistant.turns.log import Channel
from assistant.turns.running import Running


class Busy(Exception):
    """Too many messages of this conversation wait for their answers already."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a worker looks, and how long it waits, in seconds.

    `abandoned` is how long a turn may go on without a follower, `elsewhere` how long another worker's word that it is
    followed there counts, `tick` how often other workers' events and followers are looked for,
    `lease` for how long a turn is a worker's without renewal (`renew` how often it is renewed), `sweep` how often turns
    that nobody answers are looked for, `unclaimed` how long a turn may wait before any worker may take it.
    """

    abandoned: float = 0.8
    elsewhere: float = 2.0
    tick: float = 0.25
    lease: float = 5.0
    renew: float = 0.5
    sweep: float = 1.0
    unclaimed: float = 5.0


@dataclass(slots=True)
class Posted:
    """A turn in line here. `admitted`: it has been let into the line of places."""

    turn: StoredTurn
    shopper: str | None
    address: str | None
    admitted: bool


@dataclass(slots=True)
class Line:
    """The turns of one conversation that this worker answers, in order."""

    channel: Channel
    posted: deque[Posted] = field(default_factory=deque)
    worker: asyncio.Task[None] | None = None
    running: Running | None = None
    answering: asyncio.Task[None] | None = None
    left_at: float = 0.0  # when the last follower left, by the loop's clock
    followed_elsewhere: bool = False
    looking: asyncio.TimerHandle | None = None
