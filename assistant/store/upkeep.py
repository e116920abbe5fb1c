"""What is dropped as time goes by, in small steps, while the shop is served.

In: the store, and for how many days conversations are kept. Out: nothing older is left, and nothing that nobody needs.
It runs at start and every day in a thread of its own; several processes may do so at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from assistant.errors import StoreError
from assistant.store import Store
from assistant.store.transactions import utc_now

_log = logging.getLogger(__name__)
_EVERY_S: Final = 24 * 3600.0
_PAUSE_S: Final = 0.05  # between two steps: whoever writes a message comes first
_MOST_STEPS: Final = 10_000  # a day, of 100 conversations or turns each
EVENTS_KEPT: Final = timedelta(days=1)


class Upkeep(threading.Thread):
    """Keeps a store small. `start` it; `stop` ends it between two steps."""

    def __init__(self, store: Store, retention_days: int) -> None:
        """`retention_days` 0: conversations are kept for ever."""
        super().__init__(name="upkeep", daemon=True)
        self._store, self._retention_days = store, retention_days
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.sweep()
            except StoreError:
                _log.exception("old conversations could not be dropped; tried again in a day")
            self._stopped.wait(_EVERY_S)

    def sweep(self) -> None:
        """Drop all that is due.

        Raises:
            StoreError: something could not be dropped; what was before it is gone.
        """
        now = utc_now()
        self._step_by_step(lambda: self._store.prune_events(now - EVENTS_KEPT))
        if self._retention_days > 0:
            oldest = now - timedelta(days=self._retention_days)
            self._step_by_step(lambda: self._store.erase_before(oldest))
        self._store.drop_expired()

    def stop(self) -> None:
        """End after the step that is under way."""
        self._stopped.set()

    def _step_by_step(self, step: Callable[[], int]) -> None:
        for _ in range(_MOST_STEPS):
            if step() == 0 or self._stopped.wait(_PAUSE_S):
                return
