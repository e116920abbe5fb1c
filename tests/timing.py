"""How long a call takes, told apart from what else the machine was doing meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_seconds(call: Callable[[], object], enough: float, tries: int = 5) -> float:
    """The least processor time of several tries; no more of them once one took less than `enough`.

    A processor that is shared counts more seconds for the same work, and a collection of garbage falls into one try.
    """
    least = float("inf")
    for _ in range(tries):
        started = time.process_time()
        call()
        least = min(least, time.process_time() - started)
        if least < enough:
            break
    return least
