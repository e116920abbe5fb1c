"""The passages of a shop and a shopper's question, placed among the usual topics of shopping.

In: passages with their vectors, an embedder where it knows the language. Out: what each passage is about, and how
much the topics of a question and of a passage agree. It fits nothing: `topic_model` says what a text is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.lexical import Scores
from knowledge_base.topic_model import TopicModel, topic_model
from knowledge_base.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class Placement:
    """A question among the topics: `shares` (topics,) add up to 1, or are all 0 for what no topic has a word of."""

    shares: Scores


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much each passage is about the topics of a question, (rows,) each: the `whole` passage, its `title` alone,
    and how much it is about topics that are easily taken for those (`near`)."""

    whole: Scores
    title: Scores
    near: Scores


class Topics:
    """What the passages of a shop are about.

    `titles` (rows, topics) is what the headings are about, `shares` what the heading or any sentence is.
    """

    def __init__(self, titles: Scores, shares: Scores, model: TopicModel | None = None) -> None:
        self.titles, self.shares = titles, shares
        self.model = model or topic_model()

    @classmethod
    def build(
        cls,
        texts: Sequence[Sequence[str]],
        n_headings: Sequence[int],
        passages: VectorIndex | None,
        embedder: Embedder | None,
        model: TopicModel | None = None,
    ) -> Topics:
        """Place passages by each of their `texts`, of which the first `n_headings` are of the heading, and by
        their vectors, which are of the same texts, where the model was trained with the same embedder."""
        model = model or topic_model()
        titles = np.zeros((len(texts), len(model.names)), dtype=np.float32)
        shares = np.zeros_like(titles)
        same = embedder is not None and passages is not None and embedder.name == model.embedder
        for row, found in enumerate(texts):
            vectors = passages.of_row(row) if same and passages is not None else np.zeros((0, 0), np.float32)
            known = len(vectors) == len(found)
            chances = np.stack([model.chances(text, vectors[i] if known else None) for i, text in enumerate(found)])
            titles[row], shares[row] = chances[: n_headings[row]].max(axis=0), chances.max(axis=0)
        return cls(titles, shares, model)

    def place(self, text: str, vector: Scores | None, embedder: Embedder | None) -> Placement:
        """A question among the topics; `vector` is its embedding, None where the embedder does not know it."""
        same = embedder is not None and embedder.name == self.model.embedder
        if same and vector is None and embedder is not None and embedder.known_share(text) >= KNOWN_SHARE:
            vector = embedder.encode_query(text)
        return Placement(self.model.chances(text, vector if same else None))

    def agreement(self, placed: Placement) -> Agreement:
        """How much each passage is about the topics of a question."""
        near = placed.shares @ self.model.near
        return Agreement(self.shares @ placed.shares, self.titles @ placed.shares, self.shares @ near)

    def save(self, folder: Path) -> None:
        """Write the placed passages into an empty `folder`."""
        np.save(folder / "titles.npy", self.titles.astype(np.float16), allow_pickle=False)
        np.save(folder / "shares.npy", self.shares.astype(np.float16), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Topics:
        """What `save` wrote. The files must have been verified: nothing is checked here."""
        titles, shares = (
            np.load(folder / f"{name}.npy", allow_pickle=False).astype(np.float32) for name in ("titles", "shares")
        )
        return cls(titles, shares)
