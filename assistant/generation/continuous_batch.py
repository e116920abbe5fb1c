"""All requests as one batch that never ends: each joins at any step and leaves at any step.

In: token ids and a callback, as every `Engine` takes them. Out: new token ids to the callback, from a thread of the
engine's own. The batching is the transformers library's. It knows no text.
"""

from __future__ import annotations

import itertools
import logging
import threading
from typing import Any, Final

from transformers import ContinuousBatchingConfig

from assistant.config import Settings
from assistant.errors import ModelUnavailable
from assistant.generation.token_stream import Deliver

log = logging.getLogger(__name__)

CPU_ROWS: Final = 8
"""On a CPU a step takes longer with every row, and who is already reading must not wait for others' prompts."""
_PAGE_TOKENS: Final = 32
_CPU_BATCH_TOKENS: Final = 512
_CPU_CACHE_BYTES: Final = 2 * 2**30
_GPU_MEMORY_SHARE: Final = 0.8
_STOP_PATIENCE_S: Final = 10.0
_POLL_S: Final = 0.1


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
    rows = min(CPU_ROWS, settings.concurrency)
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
