"""What the trained linear text models have in common: the terms of a text, their weights, and a file of arrays.

In: texts in English or Chinese; a model's terms and numbers. Out: weighted terms, the model as a file and back. What a
model tells from them (`topic_model`, `aims`) is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.concepts import concepts
from knowledge_base.lexical import Scores
from knowledge_base.text import fold, has_cjk, stem, words

_RUNS = {1: 1.5, 2: 1.0, 3: 0.5}  # weight of a run of so many Chinese characters; an English word weighs 1
_PAIR, _CONCEPT = 0.5, 2.5  # weight of two neighbouring English words and of a concept


def text_features(text: str) -> dict[str, float]:
    """Weighted terms: English stems and pairs of them, runs of Chinese characters, concepts."""
    found: dict[str, float] = defaultdict(float)
    english = []
    for word, _, _ in words(fold(text)):
        if not has_cjk(word):
            english.append(stem(word))
            continue
        for length, weight in _RUNS.items():
            for start in range(len(word) - length + 1):
                found[word[start : start + length]] += weight
    for term in english:
        found[term] += 1.0
    if english:
        for left, right in pairwise(("^", *english, "$")):
            found[f"{left} {right}"] += _PAIR
    for name in concepts(text):
        found[name] += _CONCEPT
    return found


class Terms:
    """The terms a model knows: `rarity` weighs each, and a word it does not know lengthens a text by `unknown`."""

    def __init__(self, names: Sequence[str], rarity: Scores, unknown: float = 0.0) -> None:
        self.names = tuple(names)
        self.rarity = rarity
        self._places: Mapping[str, int] = {term: place for place, term in enumerate(names)}
        self._unknown = unknown

    def __contains__(self, term: str) -> bool:
        return term in self._places

    def weighted(self, text: str) -> tuple[NDArray[np.int64], Scores]:
        """The places of a text's terms with their weights; with those of unknown words, of length 1."""
        places, weights, square = [], [], 0.0
        for term, count in text_features(text).items():
            place = self._places.get(term)
            if place is None:
                square += (count * self._unknown) ** 2 if " " not in term else 0.0
                continue
            weight = count * float(self.rarity[place])
            places.append(place)
            weights.append(weight)
            square += weight * weight
        return np.array(places, dtype=np.int64), np.array(weights, dtype=np.float32) / np.float32(square**0.5 or 1.0)


def save_model(path: Path, lines: Mapping[str, Sequence[str]], numbers: Mapping[str, NDArray[Any]]) -> None:
    """Write a model; nothing in it is pickled."""
    packed = {name: np.frombuffer("\n".join(texts).encode(), dtype=np.uint8) for name, texts in lines.items()}
    np.savez_compressed(path, **packed, **numbers)  # type: ignore[arg-type]


def load_model(path: Path) -> dict[str, Any]:
    """The lines and numbers that `save_model` wrote, by name; half-precision numbers come back in single precision."""
    with np.load(path, allow_pickle=False) as file:
        return {name: _unpacked(file[name]) for name in file.files}


def _unpacked(stored: NDArray[Any]) -> Any:
    if stored.dtype == np.uint8:
        return stored.tobytes().decode().split("\n")
    return stored.astype(np.float32) if stored.dtype == np.float16 else stored
