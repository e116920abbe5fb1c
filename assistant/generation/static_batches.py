"""Several requests as one padded batch: for models and devices that cannot run in a continuous one.

In: token ids and a callback, as every `Engine` takes them. Out: new token ids to the callback, from a thread of the
engine's own. Who comes while a batch runs waits for the next; a row that ends or is cancelled costs the others nothing
more than its place. Where a model cannot be batched at all, every batch has one row. It knows no text.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from transformers import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from assistant.errors import ModelUnavailable
from assistant.generation.token_stream import Deliver, Piece

log = logging.getLogger(__name__)

_GATHER_S: Final = 0.02  # for others who ask at the same moment; a shopper does not notice


@dataclass(slots=True, eq=False)
class _Row:
    """One request. `done`: its reader has been told of the end, or has left."""

    ids: list[int]
    deliver: Deliver
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    started: bool = False

    def give(self, piece: Piece) -> None:
        """Hand a piece on, unless its reader has left; the last one ends it."""
        if self.done or self.cancelled.is_set():
            return
        self.done = not isinstance(piece, list)
        self.started = True
        self.deliver(piece)


class StaticEngine:
    """Batches of at most `rows` requests, one after the other; at most `limit` requests are taken in."""

    def __init__(self, model: Any, generation_config: Any, limit: int, rows: int) -> None:
        self._model = model
        self._generation_config = generation_config
        ends = generation_config.eos_token_id
        self._ends = {ends} if isinstance(ends, int) else set(ends or ())
        self._limit = limit
        self._rows = rows
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._requests: dict[str, _Row] = {}
        self._waiting: list[str] = []
        self._closed = False
        self._worker = threading.Thread(target=self._work, name="tokens", daemon=True)
        self._worker.start()

    @property
    def how(self) -> str:
        """How tokens are made, for the log."""
        return f"static batches of {self._rows}" if self._rows > 1 else "one request at a time"

    def submit(self, ids: list[int], deliver: Deliver) -> str:
        with self._changed:
            if self._closed:
                raise ModelUnavailable("the local model is closed")
            if len(self._requests) >= self._limit:
                raise ModelUnavailable(f"the local model is busy with {self._limit} drafts")
            request = f"draft-{next(self._numbers)}"
            self._requests[request] = _Row(ids, deliver)
            self._waiting.append(request)
            self._changed.notify_all()
        return request

    def cancel(self, request: str) -> None:
        with self._changed:
            row = self._requests.get(request)
            if row is not None:
                row.cancelled.set()
                if request in self._waiting:  # it never began: its place is free at once
                    self._waiting.remove(request)
                    del self._requests[request]

    def close(self) -> None:
        with self._changed:
            self._closed = True
            for row in self._requests.values():
                row.cancelled.set()
            self._changed.notify_all()
        if threading.current_thread() is not self._worker:
            self._worker.join()

    def _work(self) -> None:
        while (batch := self._next()) is not None:
            try:
                self._run([row for row in batch.values() if not row.cancelled.is_set()])
            finally:
                with self._changed:
                    for request in batch:
                        self._requests.pop(request, None)

    def _next(self) -> dict[str, _Row] | None:
        """The next batch; None when the engine is closed and nobody waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._closed and len(self._waiting) < self._rows:
                self._changed.wait_for(lambda: len(self._waiting) >= self._rows or self._closed, _GATHER_S)
            if not self._waiting:
                return None if self._closed else {}
            taken, self._waiting = self._waiting[: self._rows], self._waiting[self._rows :]
            return {request: self._requests[request] for request in taken}

    def _run(self, rows: Sequence[_Row]) -> None:
        """Have the tokens of these rows made; a model that cannot be batched has its rows made one by one."""
        if not rows:
            return
        try:
            self._generate(rows)
        except (RuntimeError, ValueError, TypeError, LookupError, NotImplementedError) as error:
            if len(rows) > 1 and not any(row.started for row in rows):
                log.warning("this model takes no padded batch, requests go one by one: %s", str(error)[:200])
                self._rows = 1
                for row in rows:
                    self._run([row])
                return
            for row in rows:
                row.give(error)
        for row in rows:
            row.give(None)

    def _generate(self, rows: Sequence[_Row]) -> None:
        longest = max(len(row.ids) for row in rows)
        ids = torch.full(
            (len(rows), longest), self._generation_config.pad_token_id or 0
        )  # (rows, tokens), padded before
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for place, row in enumerate(rows):
            ids[place, longest - len(row.ids) :] = torch.tensor(row.ids)
            mask[place, longest - len(row.ids) :] = 1
        with torch.inference_mode():
            self._model.generate(
                ids.to(self._model.device),
                attention_mask=mask.to(self._model.device),
                generation_config=self._generation_config,
                streamer=_Streamer(rows, self._ends),
                stopping_criteria=StoppingCriteriaList([_Left(rows)]),
            )


class _Streamer(BaseStreamer):  # type: ignore[misc]  # the library is untyped
    """Hands each row its new token; the first call brings the prompts."""

    def __init__(self, rows: Sequence[_Row], ends: set[int]) -> None:
        self._rows = rows
        self._ends = ends
        self._past_prompts = False

    def put(self, value: Any) -> None:
        if self._past_prompts:
            for row, token in zip(self._rows, value.reshape(-1).tolist(), strict=True):
                row.give([token])
                if token in self._ends:
                    row.give(None)
        self._past_prompts = True

    def end(self) -> None:
        pass


class _Left(StoppingCriteria):  # type: ignore[misc]  # the library is untyped
    """Ends the rows whose readers have left, or have all they get."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        over = [row.done or row.cancelled.is_set() for row in self._rows]
        return torch.tensor(over, device=input_ids.device, dtype=torch.bool)
