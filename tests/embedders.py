"""An embedder without a model: texts that share words are near each other. It knows ASCII text only."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from knowledge_base.lexical import Scores
from knowledge_base.text import stems


class WordEmbedder:
    """Hashed bags of words. `encoded` counts the documents it was asked for."""

    def __init__(self, name: str = "words", dimension: int = 32) -> None:
        self.name = name
        self.dimension = dimension
        self.encoded = 0

    def encode_documents(self, texts: Sequence[str]) -> Scores:
        self.encoded += len(texts)
        return np.array([self.encode_query(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def encode_query(self, text: str) -> Scores:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in stems(text):
            vector[zlib.crc32(word.encode()) % self.dimension] += 1
        return vector / np.float32(np.linalg.norm(vector) or 1.0)

    def known_share(self, text: str) -> float:
        return 1.0 if text.isascii() else 0.0

    def warm_up(self) -> None:
        """Nothing to load."""
