"""The reranker seam, with a cross-encoder of a few neurons that the test makes itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.errors import EmbedderError
from knowledge_base.reranking import CANDIDATES, CrossEncoderReranker, make_reranker
from knowledge_base.types import Entry, Hit


def hits(n: int) -> list[Hit]:
    return [
        Hit(Entry(f"product:{i}", "product", f"tent number {i}", ""), 1.0 - i / 100, i + 1, "fused") for i in range(n)
    ]


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tent", "number", *map(str, range(60))]
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_the_first_hits_stand_in_the_order_of_the_models_scores_and_none_is_lost(tiny_model: Path) -> None:
    found = CrossEncoderReranker(str(tiny_model), limit_s=60).rerank("tent 7", hits(40))
    first, rest = found[:CANDIDATES], found[CANDIDATES:]
    assert [hit.score for hit in first] == sorted((hit.score for hit in first), reverse=True)
    assert {hit.entry.id for hit in first} == {hit.entry.id for hit in hits(CANDIDATES)}
    assert {hit.stage for hit in first} == {"reranked"}
    assert [hit.entry.id for hit in rest] == [hit.entry.id for hit in hits(40)[CANDIDATES:]]
    assert [hit.entry.id for hit in first] != [hit.entry.id for hit in hits(CANDIDATES)]


def test_when_the_time_is_up_what_was_not_read_keeps_its_place(tiny_model: Path) -> None:
    found = CrossEncoderReranker(str(tiny_model), limit_s=0).rerank("tent 7", hits(25))
    assert {hit.entry.id for hit in found[:10]} == {hit.entry.id for hit in hits(10)}
    assert [hit.entry.id for hit in found[10:]] == [hit.entry.id for hit in hits(25)[10:]]


def test_it_is_off_unless_a_model_is_named(tmp_path: Path) -> None:
    assert make_reranker("none") is None
    reranker = make_reranker(str(tmp_path / "nothing"))
    assert reranker is not None
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        reranker.rerank("tent", hits(2))
