"""How a transformers model in this process makes tokens: in a continuous batch, or in static ones.

In: a model. Out: the `Engine` that suits it. A continuous batch takes a request in at any step and lets it go at any
step; where a model cannot run in one, requests are batched as they stand.
"""

from __future__ import annotations

import logging
import queue
from typing import Any

from assistant.config import Settings
from assistant.errors import ModelUnavailable
from assistant.generation.continuous_batch import CPU_ROWS, BatchingEngine
from assistant.generation.static_batches import StaticEngine
from assistant.generation.token_stream import Engine, Piece

log = logging.getLogger(__name__)

_PROBE_TIMEOUT_S = 120.0


def start_engine(model: Any, generation_config: Any, settings: Settings) -> Engine:
    """A continuous batch where the model can run in one (tried out with a few tokens), else static ones."""
    engine: Engine
    try:
        engine = BatchingEngine(model, generation_config, settings)
        _probe(engine)
    except (RuntimeError, ValueError, TypeError, AttributeError, LookupError, NotImplementedError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
    except ModelUnavailable as error:
        engine.close()
        reason = str(error)
    else:
        return engine
    log.warning("no continuous batching for this model, static batches instead: %s", reason)
    rows = CPU_ROWS if model.device.type == "cpu" else settings.concurrency
    return StaticEngine(model, generation_config, settings.concurrency, min(rows, settings.concurrency))


def _probe(engine: Engine) -> None:
    """Have a few tokens made.

    Raises:
        ModelUnavailable: none came.
    """
    pieces: queue.Queue[Piece] = queue.Queue()
    request = engine.submit([1, 2, 3, 4], pieces.put)
    try:
        piece = pieces.get(timeout=_PROBE_TIMEOUT_S)
    except queue.Empty:
        raise ModelUnavailable(f"no token within {_PROBE_TIMEOUT_S:g} s") from None
    finally:
        engine.cancel(request)
    if isinstance(piece, Exception):
        raise ModelUnavailable(str(piece)) from piece
