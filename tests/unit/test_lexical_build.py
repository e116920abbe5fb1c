"""A lexical index built in small pieces has the scores of an independent BM25, to the bit, in memory and on disk."""

from __future__ import annotations

import random
from pathlib import Path

import bm25s
import numpy as np
import pytest

from knowledge_base import lexical_build
from knowledge_base.lexical import LexicalIndex
from knowledge_base.lexical_build import LexicalIndexBuilder, lexical_index
from knowledge_base.text import tokens

WEIGHTS = {"title": 3, "text": 1}
WORDS = (
    "tent",
    "back",
    "pack",
    "backpack",
    "back-packs",
    "2-person",
    "热水器",
    "电热水器",
    "café",
    "stove",
    "1.5",
    "the",
)


def documents(n: int) -> list[dict[str, str]]:
    chance = random.Random(3)

    def text(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(0, most)))

    return [{"title": text(4), "text": text(40)} for _ in range(n)]


def by_bm25s(rows: list[dict[str, str]]) -> tuple[dict[str, int], np.ndarray]:
    """Terms, and the score of each in every row, (terms, rows)."""
    vocabulary: dict[str, int] = {}
    ids = [
        [
            vocabulary.setdefault(term, len(vocabulary))
            for name, weight in WEIGHTS.items()
            for term in tokens(row[name])
            for _ in range(weight)
        ]
        for row in rows
    ]
    model = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    model.index((ids, vocabulary), create_empty_token=False, show_progress=False)
    data, indices, indptr = (model.scores[name] for name in ("data", "indices", "indptr"))
    dense = np.zeros((len(vocabulary), len(rows)), dtype=np.float32)
    for term in range(len(vocabulary)):
        span = slice(indptr[term], indptr[term + 1])
        dense[term, indices[span]] = data[span]
    return vocabulary, dense


def dense_of(index: LexicalIndex) -> np.ndarray:
    dense = np.zeros((len(index.vocabulary), index.n_rows), dtype=np.float32)
    for term in range(len(index.vocabulary)):
        rows, scores = index._column(term)
        assert (np.diff(rows) > 0).all()
        dense[term, rows] = scores
    return dense


@pytest.mark.parametrize(("chunk", "columns"), [(1 << 21, 1 << 23), (50, 1 << 23), (50, 40), (1, 1)])
def test_scores_are_those_of_bm25s_however_small_the_pieces(
    chunk: int, columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical_build, "_CHUNK_TERMS", chunk)
    monkeypatch.setattr(lexical_build, "_COLUMN_TERMS", columns)
    rows = documents(60)
    vocabulary, expected = by_bm25s(rows)
    builder = LexicalIndexBuilder(WEIGHTS, folder=tmp_path)
    for row in rows:
        builder.add(row)
    on_disk, in_memory = builder.build(), lexical_index(rows, WEIGHTS)
    on_disk.save(tmp_path)
    for index in (on_disk, in_memory, LexicalIndex.load(tmp_path)):
        assert dict(index.vocabulary) == vocabulary and list(index.vocabulary) == list(vocabulary)
        assert np.array_equal(dense_of(index), expected)
        assert dict(index.compounds) == dict(in_memory.compounds) and "backpack" in index.compounds


def test_words_side_by_side_are_a_compound_only_within_one_field() -> None:
    apart = [{"title": "back", "text": "packs"}, {"title": "backpacks", "text": ""}]
    beside = [{"title": "back packs", "text": ""}, {"title": "backpacks", "text": ""}]
    assert not lexical_index(apart, WEIGHTS).compounds
    assert lexical_index(beside, WEIGHTS).compounds == {"backpack": ("back", "pack")}


def test_a_builder_that_is_not_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    builder = LexicalIndexBuilder(WEIGHTS, folder=tmp_path)
    builder.add({"title": "tent"})
    builder.close()
    assert not list(tmp_path.iterdir())
