"""Which of the usual topics of shopping a text is about: `topics.txt` is the map, texts are placed on it.

In: texts, and an embedder where it knows the language. Out: how near a text is to each topic, and how much the topics
of a question and of a passage agree. The file is general: nothing in it is of one shop, and most shops answer only a
part of it, which is how a question that no passage answers shows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.concepts import concepts
from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.lexical import Scores, query_terms
from knowledge_base.text import has_cjk
from knowledge_base.types import Entry
from knowledge_base.vectors import VectorIndex

_FILE = Path(__file__).with_name("topics.txt")
_CHARACTER, _CONCEPT = 0.35, 1.0  # weight of a Chinese character alone and of a concept; a word weighs 1
_NEW = 0.5  # how much a word that no question of the file has lengthens a text
# How sharply nearness is told apart: a difference of this much makes a topic e times as likely.
_SHARP_DENSE, _SHARP_WORDS = 0.05, 0.08
_WHOLE_TOPIC = 0.5  # of the nearness to all questions of a topic, beside that to the nearest
_FAR, _NEAR = 0.3, 0.55  # cosines up to which a passage has nothing of a topic, and from which all
_WORDS_BESIDE_DENSE, _TITLE_BESIDE_TEXT = 0.5, 0.5

Encode = Callable[[Sequence[str]], Scores]


@dataclass(frozen=True, slots=True)
class Placement:
    """A question among the topics: `nearness` to each (its nearest question of that topic), `shares` adding up to 1."""

    nearness: Scores
    shares: Scores


class Topics:
    """The passages of a shop placed among the topics.

    `shares` (rows, topics) says what each passage is about; `vectors` (questions, d) are those of the questions of the
    file that the embedder knows, at `places` of all questions; None without an embedder.
    """

    def __init__(self, shares: Scores, vectors: Scores | None, places: NDArray[np.int64]) -> None:
        self.shares = shares
        self.vectors = vectors
        self.places = places

    @classmethod
    def build(
        cls, entries: Sequence[Entry], passages: VectorIndex | None, embedder: Embedder | None, encode: Encode
    ) -> Topics:
        """Place passages by their words and, where they have vectors (their title's first), by their meaning."""
        charted = _charted()
        titles = [entry.title.rpartition(" > ")[2] for entry in entries]
        headings = [entry.title.replace(" > ", " ") for entry in entries]
        wholes = [f"{heading} {entry.text}" for heading, entry in zip(headings, entries, strict=True)]
        near = np.maximum(charted.nearness(titles), charted.nearness(headings)) + charted.nearness(wholes)
        shares = _shares(near, _SHARP_WORDS)
        if embedder is None or passages is None or not len(passages):
            return cls(shares, None, np.empty(0, dtype=np.int64))
        known = [i for i, question in enumerate(charted.questions) if embedder.known_share(question) >= KNOWN_SHARE]
        places = np.array(known, dtype=np.int64)
        if not known:
            return cls(shares, None, places)
        vectors = encode([charted.questions[i] for i in known]).astype(np.float16).astype(np.float32)
        for row in range(len(entries)):
            mine = passages.of_row(row)
            if len(mine):
                each = _best(mine @ vectors.T, charted.topic_of[places], len(charted.names))
                dense = each.max(axis=0) + np.float32(_TITLE_BESIDE_TEXT) * each[0]
                shares[row] = _shares(dense + np.float32(_WORDS_BESIDE_DENSE) * near[row], _SHARP_WORDS)
                shares[row] *= np.clip((each.max(axis=0) - _FAR) / (_NEAR - _FAR), 0, 1)
        return cls(shares, vectors, places)

    def place(self, text: str, vector: Scores | None) -> Placement:
        """A question among the topics; `vector` is its embedding, None where the embedder does not know it."""
        charted = _charted()
        near: Scores = charted.nearness([text])[0]
        sharp = _SHARP_WORDS
        if vector is not None and self.vectors is not None:
            dense = _best((self.vectors @ vector)[None, :], charted.topic_of[self.places], len(charted.names))[0]
            near = dense + np.float32(_WORDS_BESIDE_DENSE) * near
            sharp = _SHARP_DENSE
        return Placement(near, _shares(near, sharp))

    def agreement(self, placed: Placement) -> Scores:
        """How much each passage is about the topics of a question, (rows,) in 0..1."""
        agreed: Scores = self.shares @ placed.shares
        return agreed

    def save(self, folder: Path) -> None:
        """Write the placed passages into an empty `folder`."""
        np.save(folder / "shares.npy", self.shares, allow_pickle=False)
        np.save(folder / "places.npy", self.places, allow_pickle=False)
        if self.vectors is not None:
            np.save(folder / "vectors.npy", self.vectors.astype(np.float16), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Topics:
        """What `save` wrote. The files must have been verified: nothing is checked here."""
        path = folder / "vectors.npy"
        vectors = np.load(path, allow_pickle=False).astype(np.float32) if path.exists() else None
        return cls(
            np.load(folder / "shares.npy", allow_pickle=False),
            vectors,
            np.load(folder / "places.npy", allow_pickle=False),
        )


def ordinary(term: str) -> bool:
    """Whether a term is one of the words in which shoppers ask, in any of the questions of the file."""
    return term in _charted().vocabulary


class _Charted:
    """The questions of the file, and their weighted terms as rows of length 1."""

    def __init__(self, names: list[str], questions: list[str], topic_of: NDArray[np.int64]) -> None:
        self.names, self.questions, self.topic_of = names, questions, topic_of
        counted = [_terms(question) for question in questions]
        documents = Counter(term for counts in counted for term in counts)
        self.vocabulary = {term: column for column, term in enumerate(documents)}
        n = len(questions)
        self._rarity = {term: float(np.log1p(n / (1 + count))) for term, count in documents.items()}
        self._unknown = float(np.log1p(n))
        self._matrix = self._rows(counted)
        self._wholes = np.zeros((len(names), len(self.vocabulary)), dtype=np.float32)
        np.add.at(self._wholes, topic_of, self._matrix)
        self._wholes /= np.linalg.norm(self._wholes, axis=1, keepdims=True)

    def _rows(self, counted: Sequence[Mapping[str, float]]) -> Scores:
        rows = np.zeros((len(counted), len(self.vocabulary)), dtype=np.float32)
        for row, counts in enumerate(counted):
            square = 0.0
            for term, count in counts.items():
                weight = count * self._rarity.get(term, self._unknown)
                column = self.vocabulary.get(term)
                square += weight * weight * (_NEW if column is None else 1.0)
                if column is not None:
                    rows[row, column] = weight
            if square:
                rows[row] /= np.float32(square**0.5)
        return rows

    def nearness(self, texts: Sequence[str]) -> Scores:
        """How near each text is to each topic in its words and concepts, (texts, topics) in 0..1."""
        found = np.zeros((len(texts), len(self.names)), dtype=np.float32)
        for row, text in enumerate(texts):
            weights = self._rows([_terms(text)])[0]
            columns = np.flatnonzero(weights)
            near = self._matrix[:, columns] @ weights[columns]
            found[row] = _best(near[None, :], self.topic_of, len(self.names))[0]
            found[row] += np.float32(_WHOLE_TOPIC) * (self._wholes[:, columns] @ weights[columns])
        return found


@cache
def _charted() -> _Charted:
    names: list[str] = []
    questions: list[str] = []
    topic_of: list[int] = []
    for line in _FILE.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, listed = line.partition(":")
        for question in listed.split("|"):
            questions.append(question.strip())
            topic_of.append(len(names))
        names.append(name)
    return _Charted(names, questions, np.array(topic_of, dtype=np.int64))


def _terms(text: str) -> dict[str, float]:
    weights: dict[str, float] = defaultdict(float)
    for term in query_terms(text):
        weights[term] += _CHARACTER if has_cjk(term) and len(term) == 1 else 1.0
    for name in concepts(text):
        weights[name] += _CONCEPT
    return weights


def _best(nearness: Scores, topic_of: NDArray[np.int64], n_topics: int) -> Scores:
    """The nearest question of each topic; 0 for a topic without any."""
    found = np.zeros((n_topics, len(nearness)), dtype=np.float32)
    np.maximum.at(found, topic_of, nearness.T)
    return found.T


def _shares(nearness: Scores, sharp: float) -> Scores:
    """Shares of the topics, adding up to 1; all 0 for what is near to none."""
    most = nearness.max(axis=-1, keepdims=True)
    raised = np.exp((nearness - most) / np.float32(sharp))
    shares: Scores = (raised / raised.sum(axis=-1, keepdims=True) * (most > 0)).astype(np.float32)
    return shares
