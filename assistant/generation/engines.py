"""How a transformers model in this process makes tokens: in a continuous batch, or one request after another.

In: token ids and a callback. Out: new token ids to the callback, from a thread of the engine's own. A continuous batch
takes a request in at any step and lets it go at any step; where a model cannot run in one, requests wait their turn.
It knows no text.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import torch
from transformers import ContinuousBatchingConfig, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from assistant.config import Settings
from assistant.errors import ModelUnavailable

log = logging.getLogger(__name__)

Piece = list[int] | Exception | None
"""New token ids; why there will be no more; or None at the regular end."""
Deliver = Callable[[Piece], None]

_PAGE_TOKENS = 32
# On a CPU a step takes longer with every row, and a shopper who is already reading must not wait for others' prompts.
_CPU_ROWS = 8
_CPU_BATCH_TOKENS = 512
_CPU_CACHE_BYTES = 2 * 2**30
_GPU_MEMORY_SHARE = 0.8
_PROBE_TIMEOUT_S = 120.0
_STOP_PATIENCE_S = 10.0
_POLL_S = 0.1


class Engine(Protocol):
    """Makes tokens for several requests at a time."""

    how: str

    def submit(self, ids: list[int], deliver: Deliver) -> str:
        """Take a request in; its tokens go to `deliver`, from another thread, until it gets None or an exception.

        Raises:
            ModelUnavailable: as many requests as are allowed are under way, or the engine has stopped.
        """
        ...

    def cancel(self, request: str) -> None:
        """Stop a request; nothing where it has ended."""
        ...

    def close(self) -> None:
        """Stop everything."""
        ...


def start_engine(model: Any, generation_config: Any, settings: Settings) -> Engine:
    """A continuous batch where the model can run in one (tried out with a few tokens), else one request at a time."""
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
    log.warning("no continuous batching for this model, requests wait their turn: %s", reason)
    return SerialEngine(model, generation_config, settings)


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


class BatchingEngine:
    """Requests share each forward pass, and the prompt's common beginning is computed once."""

    how = "continuous batching"

    def __init__(self, model: Any, generation_config: Any, settings: Settings) -> None:
        self._model = model
        self._generation_config = generation_config
        self._config = _batching_config(model, settings)
        self._limit = settings.concurrency
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._requests: dict[str, tuple[Deliver, int]] = {}  # and how many of its tokens were delivered
        self._closed = threading.Event()
        self._manager = self._start()
        self._router = threading.Thread(target=self._route, name="tokens")
        self._router.start()

    def submit(self, ids: list[int], deliver: Deliver) -> str:
        with self._lock:
            if self._closed.is_set():
                raise ModelUnavailable("the local model is closed")
            if len(self._requests) >= self._limit:
                raise ModelUnavailable(f"the local model is busy with {self._limit} drafts")
            if not self._manager.is_running():
                log.warning("the batch had stopped; starting another")
                self._manager = self._start()
            request = f"draft-{next(self._numbers)}"
            self._requests[request] = (deliver, 0)
            if self._manager.add_request(ids, request_id=request, streaming=True) is None:
                del self._requests[request]
                raise ModelUnavailable("the local model takes no requests")
        return request

    def cancel(self, request: str) -> None:
        with self._lock:
            running = self._requests.pop(request, None) is not None
        if running:
            self._manager.cancel_request(request)

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            requests, self._requests = self._requests, {}
        for request, (deliver, _) in requests.items():
            self._manager.cancel_request(request)
            deliver(ModelUnavailable("the local model was closed"))
        self._stop()
        if threading.current_thread() is not self._router:
            self._router.join(_STOP_PATIENCE_S)

    def _start(self) -> Any:
        manager = self._model.init_continuous_batching(
            generation_config=self._generation_config, continuous_batching_config=self._config
        )
        if self._model.device.type == "cuda":
            manager.warmup()
        manager.start()
        return manager

    def _stop(self) -> None:
        self._manager.stop(block=True, timeout=_STOP_PATIENCE_S, hard_stop=True)
        self._manager.destroy()

    def _route(self) -> None:
        """Hand each new token to whom it belongs. One router for all: the library's own delivery binds to one event
        loop and stops generating when that loop is gone."""
        while not self._closed.is_set():
            output = self._manager.get_result(timeout=_POLL_S)
            if output is not None:
                self._deliver(output)
            elif not self._manager.is_running():
                self._closed.wait(_POLL_S)
            if not threading.main_thread().is_alive():
                # The library's thread is no daemon: left alone it would keep the process from ending.
                self._closed.set()
                self._stop()

    def _deliver(self, output: Any) -> None:
        tokens = output.generated_tokens
        with self._lock:
            deliver, delivered = self._requests.get(output.request_id, (None, 0))
            if deliver is None:
                return
            if output.is_finished():
                del self._requests[output.request_id]
            else:
                self._requests[output.request_id] = (deliver, len(tokens))
        if len(tokens) > delivered:
            deliver(tokens[delivered:])
        if output.is_finished():
            deliver(None if output.error is None else RuntimeError(output.error))


class SerialEngine:
    """One request after another, for models that cannot run in a continuous batch."""

    how = "one request at a time"

    def __init__(self, model: Any, generation_config: Any, settings: Settings) -> None:
        self._model = model
        self._generation_config = generation_config
        self._limit = settings.concurrency
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._requests: dict[str, threading.Event] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tokens")
        self._closed = False

    def submit(self, ids: list[int], deliver: Deliver) -> str:
        with self._lock:
            if self._closed:
                raise ModelUnavailable("the local model is closed")
            if len(self._requests) >= self._limit:
                raise ModelUnavailable(f"the local model is busy with {self._limit} drafts")
            request = f"draft-{next(self._numbers)}"
            self._requests[request] = threading.Event()
            self._worker.submit(self._run, request, ids, deliver)
        return request

    def cancel(self, request: str) -> None:
        with self._lock:
            cancelled = self._requests.get(request)
        if cancelled is not None:
            cancelled.set()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for cancelled in self._requests.values():
                cancelled.set()
        self._worker.shutdown(wait=True)

    def _run(self, request: str, ids: list[int], deliver: Deliver) -> None:
        cancelled = self._requests[request]
        try:
            if not cancelled.is_set():
                inputs = torch.tensor([ids], device=self._model.device)  # (1, n_tokens)
                self._model.generate(
                    inputs,
                    attention_mask=torch.ones_like(inputs),
                    generation_config=self._generation_config,
                    streamer=_Streamer(deliver),
                    stopping_criteria=StoppingCriteriaList([_Cancelled(cancelled)]),
                )
        except (RuntimeError, ValueError, TypeError, LookupError) as error:
            deliver(error)
        else:
            deliver(None)
        finally:
            with self._lock:
                del self._requests[request]


class _Streamer(BaseStreamer):  # type: ignore[misc]  # the library is untyped
    """Hands each new token on; the first call brings the prompt."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._past_prompt = False

    def put(self, value: Any) -> None:
        if self._past_prompt:
            self._deliver([int(token) for token in value.reshape(-1)])
        self._past_prompt = True

    def end(self) -> None:
        pass


class _Cancelled(StoppingCriteria):  # type: ignore[misc]  # the library is untyped
    """Stops a generation whose reader has left."""

    def __init__(self, cancelled: threading.Event) -> None:
        self._cancelled = cancelled

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        return torch.full((input_ids.shape[0],), self._cancelled.is_set(), device=input_ids.device, dtype=torch.bool)


def _batching_config(model: Any, settings: Settings) -> Any:
    """Sizes that fit the machine: the library's defaults take gigabytes on a CPU, and all of a GPU."""
    if model.device.type == "cuda":
        return ContinuousBatchingConfig(
            max_requests_per_batch=settings.concurrency,
            max_memory_percent=_GPU_MEMORY_SHARE,
            auto_switch_to_flash=False,  # would fetch kernels from the hub
        )
    # The chat template's own tokens come on top of the prompt's.
    request_blocks = (settings.prompt_tokens + settings.max_new_tokens) // _PAGE_TOKENS + 8
    rows = min(_CPU_ROWS, settings.concurrency)
    affordable = _CPU_CACHE_BYTES // (_cache_bytes_per_token(model) * _PAGE_TOKENS)
    return ContinuousBatchingConfig(
        page_size=_PAGE_TOKENS,
        num_blocks=max(request_blocks, min(request_blocks * rows, affordable)),
        max_batch_tokens=_CPU_BATCH_TOKENS,
        max_requests_per_batch=rows,
        auto_switch_to_flash=False,
    )


def _cache_bytes_per_token(model: Any) -> int:
    """Keys and values of one token in all layers, in bytes."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * width * model.dtype.itemsize)
