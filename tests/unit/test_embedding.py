"""The embedder seam: SPECs, what is remembered between builds, what is refused, and what the bundled model knows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.embedding import (
    BUNDLED,
    KNOWN_SHARE,
    Embedder,
    EmbeddingCache,
    SentenceTransformerEmbedder,
    make_embedder,
)
from knowledge_base.errors import EmbedderError
from tests.embedders import WordEmbedder


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    embedder = make_embedder("auto")
    assert embedder is not None
    return embedder


def test_none_is_no_embedder_and_auto_is_the_bundled_one(bundled: Embedder) -> None:
    assert make_embedder("none") is None
    assert (bundled.name, bundled.dimension) == (BUNDLED, 384)


def test_a_model_that_cannot_be_loaded_is_refused_with_a_remedy(tmp_path: Path) -> None:
    embedder = make_embedder(str(tmp_path / "no-such-model"))
    assert embedder is not None
    with pytest.raises(EmbedderError, match=r"no-such-model.*`auto`.*`none`"):
        embedder.encode_query("tent")


def test_bundled_weights_that_were_altered_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    embedder = SentenceTransformerEmbedder(BUNDLED, str(tmp_path), 384, "0" * 64)
    with pytest.raises(EmbedderError, match=r"sha256.*reinstall"):
        embedder.encode_query("tent")


def test_the_bundled_model_brings_synonyms_near(bundled: Embedder) -> None:
    query = bundled.encode_query("laptop")
    near, far = bundled.encode_documents(["notebook computer", "garden hose"])
    assert np.linalg.norm(query) == pytest.approx(1.0, abs=1e-3)
    assert query @ near > query @ far + 0.2


@pytest.mark.parametrize(
    ("text", "known"),
    [("two-person tent", True), ("XPS-13 9310 i7", True), ("电热水器60升多少钱", False), ("", True)],
)
def test_the_bundled_model_does_not_pretend_to_know_chinese(bundled: Embedder, text: str, known: bool) -> None:
    assert (bundled.known_share(text) >= KNOWN_SHARE) is known


def static_model(folder: Path, texts: list[str]) -> Embedder:
    """A tiny model of random vectors that has read these texts and spells all others in bytes."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts * 20, trainer)
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=16)], device="cpu").save(str(folder))
    embedder = make_embedder(str(folder))
    assert embedder is not None
    return embedder


def test_a_model_that_spells_chinese_in_bytes_does_not_know_it_and_one_that_has_its_words_does(tmp_path: Path) -> None:
    english = static_model(tmp_path / "english", ["wireless headphones tent kettle"])
    both = static_model(tmp_path / "both", ["wireless headphones tent kettle", "无线耳机 帐篷 热水壶"])
    assert english.encode_query("无线耳机").shape == (16,)
    assert [model.known_share("无线耳机") >= KNOWN_SHARE for model in (english, both)] == [False, True]
    assert english.known_share("wireless kettle") == both.known_share("wireless kettle") == 1.0


def test_only_new_texts_are_embedded_again(tmp_path: Path) -> None:
    embedder, cache = WordEmbedder(), EmbeddingCache(tmp_path / "cache.sqlite3")
    first = cache.encode(embedder, ["red tent", "blue mug", "red tent"])
    assert embedder.encoded == 2
    second = cache.encode(embedder, ["blue mug", "green hat"])
    assert embedder.encoded == 3
    assert first[0] == pytest.approx(first[2])
    assert second[0] == pytest.approx(first[1])


def test_another_model_does_not_get_the_first_ones_vectors(tmp_path: Path) -> None:
    cache, other = EmbeddingCache(tmp_path / "cache.sqlite3"), WordEmbedder("other", 8)
    cache.encode(WordEmbedder(), ["red tent"])
    assert cache.encode(other, ["red tent"]).shape == (1, 8)
    assert other.encoded == 1


def test_a_broken_cache_is_started_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    path.write_bytes(b"this is no database" * 100)
    assert EmbeddingCache(path).encode(WordEmbedder(), ["red tent"]).shape == (1, 32)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM embedding").fetchone() == (1,)
    connection.close()
