"""The reranker seam: a cross-encoder reads query and product together and puts the best candidates in a new order.

In: a SPEC (`none`, or a model's hub name or path), a query and its hits. Out: the same hits, the first of them in the
order of the model's scores. Off by default: a model adds tens of milliseconds a query. `sentence_transformers` is
imported only when a reranker is first used. It knows no index and no filters.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from knowledge_base.errors import EmbedderError
from knowledge_base.types import Hit

CANDIDATES = 30  # best hits that are read again
_LIMIT_S = 0.15  # after which no further batch is begun
_BATCH = 10
_TEXT_CHARS = 400  # of a product's text that the model sees beside its title


@runtime_checkable
class Reranker(Protocol):
    """Hits in a better order. `name` says which model orders them."""

    @property
    def name(self) -> str: ...

    def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """All of `hits`, best first."""


class CrossEncoderReranker:
    """Any cross-encoder that `sentence_transformers` reads. Loaded by the first query, once."""

    def __init__(self, name: str, limit_s: float = _LIMIT_S) -> None:
        self.name = name
        self._limit_s = limit_s
        self._model: Any = None
        self._loading = threading.Lock()

    def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """The first `CANDIDATES` by the model's score, then the others as they came.

        Where the time is up, only what was read by then is put in a new order: it keeps the first places, and what was
        not read follows as it came. At least one batch is read.

        Raises:
            EmbedderError: the model cannot be loaded.
        """
        model = self._loaded()
        ends = time.monotonic() + self._limit_s
        scored: list[tuple[float, int]] = []
        read = list(hits[:CANDIDATES])
        for start in range(0, len(read), _BATCH):
            if start and time.monotonic() > ends:
                break
            pairs = [(query, f"{hit.entry.title}. {hit.entry.text[:_TEXT_CHARS]}") for hit in read[start:][:_BATCH]]
            scores = model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
            scored.extend((float(score), start + place) for place, score in enumerate(scores))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        first = [replace(hits[place], score=score, stage="reranked") for score, place in scored]
        return [*first, *hits[len(scored) :]]

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                from sentence_transformers import CrossEncoder

                try:
                    self._model = CrossEncoder(self.name, trust_remote_code=False)
                except (OSError, ValueError, RuntimeError) as error:
                    reason = str(error).partition("\n")[0] or repr(error)
                    raise EmbedderError(
                        f"the reranker {self.name!r} cannot be loaded ({reason}): check the name, connect to the model "
                        "hub, give the path of a downloaded copy, or set the reranker to `none`"
                    ) from error
            return self._model


def make_reranker(spec: str) -> Reranker | None:
    """The reranker a SPEC names; None for `none`. Nothing is loaded yet."""
    return None if spec == "none" else CrossEncoderReranker(spec)
