"""Progress bars: shown for what takes longer than two seconds, and sparse where nobody watches a terminal."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

_log = logging.getLogger(__name__)

_DELAY_S = 1.0
_TERMINAL_INTERVAL_S, _LOG_INTERVAL_S = 0.2, 10.0


def progress_bar(
    items: Iterable[Any] | None, description: str, unit: str, total: int | None = None, shown: bool = True
) -> Any:
    """A tqdm bar on standard error over `items`, or one to be moved by hand up to `total`."""
    interval = _TERMINAL_INTERVAL_S if sys.stderr.isatty() else _LOG_INTERVAL_S
    return tqdm(
        items,
        description,
        total,
        unit=unit,
        delay=_DELAY_S,
        mininterval=interval,
        dynamic_ncols=True,
        disable=not shown,
    )


@contextmanager
def stage(name: str, bar: Any = None) -> Iterator[None]:
    """Log how long a stage of building took, and how much of a processor it had of this process; move the bar on."""
    started, used = time.perf_counter(), time.process_time()
    yield
    _log.info(
        "built: %s %.2f s, %.2f s of a processor", name, time.perf_counter() - started, time.process_time() - used
    )
    if bar is not None:
        bar.update()
