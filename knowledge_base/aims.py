"""Whether a message asks for the shop's service (delivery, returns, paying, help) or for its goods.

In: a text in English or Chinese, with its vector where the bundled embedder knows it. Out: a chance. A logistic
regression trained on the questions of `topic_model` (service) and on `aims/goods.txt` (goods), which hold nothing of
one shop: what a shop sells is not known here, so callers weigh the chance against the catalogue.
`python -m benchmarks.aims` trains `aims/model.npz`; nothing is fitted at run time.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.lexical import Scores
from knowledge_base.text_models import Terms, load_model, save_model
from knowledge_base.topic_model import sources_sha256

FOLDER = Path(__file__).with_name("aims")
MODEL = FOLDER / "model.npz"
GOODS = FOLDER / "goods.txt"


class AimModel:
    """Two regressions over the same terms: by words alone, and by words beside a vector of `embedder`.

    `words` is (terms, 2) and `intercepts` (2,): for words alone, and for words beside `dense` (d,).
    """

    def __init__(
        self, terms: Sequence[str], words: Scores, intercepts: Scores, dense: Scores, embedder: str, sources: str
    ) -> None:
        self.terms = Terms(terms, np.ones(len(terms), dtype=np.float32))
        self.embedder, self.sources = embedder, sources
        self._words, self._intercepts, self._dense = words, intercepts, dense

    def weighted(self, text: str) -> tuple[NDArray[np.int64], Scores]:
        """The places of a text's known terms, and their weights, of length 1 together."""
        return self.terms.weighted(text)

    def service(self, text: str, vector: Scores | None = None) -> float:
        """The chance in 0..1 that a message asks for service; 0.5 for one without a known word."""
        places, weights = self.weighted(text)
        if not len(places):
            return 0.5
        kind = 0 if vector is None else 1
        logit = float(weights @ self._words[places, kind] + self._intercepts[kind])
        if vector is not None:
            logit += float(vector @ self._dense)
        return 1.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0)))

    def save(self, path: Path) -> None:
        """Write the model; nothing in it is pickled."""
        save_model(
            path,
            {"terms": self.terms.names, "about": (self.embedder, self.sources)},
            {
                "words": self._words.astype(np.float16),
                "intercepts": self._intercepts,
                "dense": self._dense.astype(np.float16),
            },
        )

    @classmethod
    def load(cls, path: Path = MODEL) -> AimModel:
        """What `save` wrote."""
        stored = load_model(path)
        embedder, sources = stored.pop("about")
        return cls(**stored, embedder=embedder, sources=sources)


@cache
def aim_model() -> AimModel:
    """The model that comes with the package, read once."""
    return AimModel.load()


def aims_sha256() -> str:
    """What a model is trained on: equal sums, equal messages."""
    return hashlib.sha256(sources_sha256().encode() + GOODS.read_bytes()).hexdigest()


def asks_service(text: str, embedder: Embedder | None) -> float:
    """The chance in 0..1 that a message asks for the shop's service rather than for its goods."""
    model = aim_model()
    known = embedder is not None and embedder.name == model.embedder and embedder.known_share(text) >= KNOWN_SHARE
    return model.service(text, embedder.encode_query(text) if known and embedder is not None else None)
