"""Spares shoppers the wait for a model that is down, and a model that asks for rest the shoppers.

In: how drafts of one upstream came out, and what it asks for. Out: whether another may be asked of it now. It knows no
model, starts nothing and waits for nothing: who probes is `chat`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

MOST_REST_S = 600.0


class Circuit:
    """Closed while drafts succeed, open after `limit` failures in a row, half open for one try after `rest_s`.

    That try's success closes it, its failure begins another rest. `probed`: a probe closes it, so that no draft has to
    be the one that tries; drafts are kept away until then.
    """

    def __init__(
        self, limit: int = 3, rest_s: float = 5.0, probed: bool = False, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limit = limit
        self._rest_s = rest_s
        self._probed = probed
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it failed so often in a row that somebody has to try whether it is back."""
        return self._failures >= self._limit

    @property
    def rest_left_s(self) -> float:
        """Seconds until it may be asked again; 0 where it may be now."""
        return max(0.0, self._until - self._clock())

    @property
    def admits(self) -> bool:
        """Whether a draft could be asked of it now."""
        return self.rest_left_s == 0 and not (self.is_open and self._probed)

    def admit(self) -> bool:
        """Let a draft through, or not. In a circuit that is half open only the first one passes."""
        if not self.admits:
            return False
        if self.is_open:
            self._until = self._clock() + self._rest_s
        return True

    def succeeded(self) -> None:
        """A draft or a probe came to its end."""
        if self.is_open:
            self._until = 0.0
        self._failures = 0

    def failed(self) -> None:
        """It failed for a reason of its own."""
        self._failures += 1
        if self.is_open:
            self._until = max(self._until, self._clock() + self._rest_s)

    def rest(self, seconds: float) -> None:
        """It asked to be left alone for so long. What it asks beyond ten minutes is not believed."""
        self._until = max(self._until, self._clock() + min(seconds, MOST_REST_S))

    def __str__(self) -> str:
        if self.is_open:
            return f"failed {self._failures} times in a row; next try in {self.rest_left_s:.0f} s"
        return f"asked for {self.rest_left_s:.0f} s of rest" if self.rest_left_s else "ready"
