"""Which usual topic of shopping a question is about: a linear classifier, trained on the questions in `topics/`.

In: texts in English or Chinese, with their vectors where the bundled embedder knows them. Out: a chance for every
topic. The questions are general: nothing in them is of one shop, and most shops answer only a part of the topics,
which is how a question that no passage answers shows. `python -m benchmarks.topics` trains `topics/model.npz`; at
run time nothing is fitted and no question is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import BUNDLED
from knowledge_base.lexical import Scores
from knowledge_base.text_models import Terms, load_model, save_model

FOLDER = Path(__file__).with_name("topics")
MODEL = FOLDER / "model.npz"
_UNKNOWN = 0.3  # how much a word that no question has lengthens a text
# How sharply scores tell topics apart: fitted so that chances are met (cross-validated, `benchmarks/topics.py`).
_SHARP_ALONE, _SHARP_BESIDE_VECTORS = 8.0, 3.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with its one-line definition and the questions that shoppers ask about it."""

    name: str
    definition: str
    questions: tuple[str, ...]


def read_topics(folder: Path = FOLDER) -> Iterator[Topic]:
    """The topics of all text files in `folder`: a line `[name] definition`, then a question a line."""
    for path in sorted(folder.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n["):
            heading, *lines = block.strip().removeprefix("[").split("\n")
            name, closed, definition = heading.partition("] ")
            if closed:
                yield Topic(name, definition, tuple(line.strip() for line in lines if line.strip()))


def sources_sha256(folder: Path = FOLDER) -> str:
    """What a model was trained on: equal sums, equal questions and concepts."""
    found = hashlib.sha256()
    for path in (*sorted(folder.glob("*.txt")), folder.parent / "concepts.txt"):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


class TopicModel:
    """Scores of texts for topics: `words` (terms, topics) as int8 with a `scale` a topic, `dense` (d, topics).

    `near` (topics, topics) says how much of a question of one topic is taken for another, a row adding up to 1.
    """

    def __init__(
        self,
        names: Sequence[str],
        terms: Sequence[str],
        rarity: Scores,
        words: NDArray[np.int8],
        scale: Scores,
        bias: Scores,
        dense: Scores,
        dense_bias: Scores,
        near: Scores,
        embedder: str = BUNDLED,
        sources: str = "",
    ) -> None:
        self.names = tuple(names)
        self.places = {name: place for place, name in enumerate(names)}
        self.terms = Terms(terms, rarity, _UNKNOWN**0.5 * float(rarity.max(initial=1.0)))
        self.embedder, self.sources = embedder, sources
        self._words, self._scale, self._bias = words, scale, bias
        self._dense, self._dense_bias = dense, dense_bias
        self.near = near

    def weighted(self, text: str) -> tuple[NDArray[np.int64], Scores]:
        """The columns of a text's terms with their weights; with those of unknown words, of length 1."""
        return self.terms.weighted(text)

    def scores(self, text: str) -> Scores:
        """What the words of a text say for each topic, (topics,)."""
        columns, weights = self.weighted(text)
        found: Scores = (weights @ self._words[columns].astype(np.float32)) * self._scale + self._bias
        return found

    def chances(self, text: str, vector: Scores | None = None) -> Scores:
        """A chance for each topic, adding up to 1; all 0 for a text without a known word. `vector` is the text's
        embedding by the model's own embedder."""
        columns, _ = self.weighted(text)
        if not len(columns):
            return np.zeros(len(self.names), dtype=np.float32)
        if vector is None:
            return _softmax(self.scores(text) * np.float32(_SHARP_ALONE))
        dense = vector @ self._dense + self._dense_bias
        return _softmax(dense + self.scores(text) * np.float32(_SHARP_BESIDE_VECTORS))

    def knows(self, term: str) -> bool:
        """Whether a term is one of the words in which shoppers ask."""
        return term in self.terms

    def save(self, path: Path) -> None:
        """Write the model; nothing in it is pickled."""
        save_model(
            path,
            {"names": self.names, "terms": self.terms.names, "about": (self.embedder, self.sources)},
            {
                "rarity": self.terms.rarity.astype(np.float16),
                "words": self._words,
                "scale": self._scale,
                "bias": self._bias,
                "dense": self._dense.astype(np.float16),
                "dense_bias": self._dense_bias,
                "near": self.near.astype(np.float16),
            },
        )

    @classmethod
    def load(cls, path: Path = MODEL) -> TopicModel:
        """What `save` wrote."""
        stored = load_model(path)
        embedder, sources = stored.pop("about")
        return cls(**stored, embedder=embedder, sources=sources)


@cache
def topic_model() -> TopicModel:
    """The model that comes with the package, read once."""
    return TopicModel.load()


def _softmax(scores: Scores) -> Scores:
    raised = np.exp(scores - scores.max())
    shares: Scores = (raised / raised.sum()).astype(np.float32)
    return shares
