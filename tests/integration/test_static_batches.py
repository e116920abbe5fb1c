"""Requests that share a padded batch get what they would get alone, end by themselves, and may leave."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from assistant.errors import ModelUnavailable
from assistant.generation.static_batches import StaticEngine
from assistant.generation.token_stream import Piece

CONFIG = GenerationConfig(max_new_tokens=24, do_sample=False, eos_token_id=[1], pad_token_id=0)
PROMPTS = ([5, 6, 7], [9] * 17, [11, 12], [3, 4, 5, 6, 7, 8, 9, 10])


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(3)
    config = LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                         num_attention_heads=2, bos_token_id=None, eos_token_id=1, pad_token_id=0)  # fmt: skip
    return LlamaForCausalLM(config).eval()


@pytest.fixture
def engine(model: Any) -> Iterator[StaticEngine]:
    started = StaticEngine(model, CONFIG, limit=6, rows=4)
    yield started
    started.close()


def taken(pieces: queue.Queue[Piece]) -> list[int]:
    """The tokens up to the end."""
    tokens: list[int] = []
    while (piece := pieces.get(timeout=20)) is not None:
        if isinstance(piece, Exception):
            raise piece
        tokens += piece
    return tokens


def alone(model: Any, ids: list[int]) -> list[int]:
    made = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), generation_config=CONFIG)
    new: list[int] = made[0, len(ids) :].tolist()
    return new


def test_a_row_gets_what_it_would_get_alone(model: Any, engine: StaticEngine) -> None:
    asked: list[queue.Queue[Piece]] = [queue.Queue() for _ in PROMPTS]
    for ids, pieces in zip(PROMPTS, asked, strict=True):
        engine.submit(ids, pieces.put)
    for ids, pieces in zip(PROMPTS, asked, strict=True):
        assert taken(pieces) == alone(model, ids)
    assert engine.how == "static batches of 4"


class Model:
    """Counts up to an end of its own for each row; `refuses` batches where it is so."""

    device = torch.device("cpu")

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.batches: list[int] = []
        self.steps = 0

    def generate(
        self, ids: Any, attention_mask: Any, generation_config: Any, streamer: Any, stopping_criteria: Any
    ) -> Any:
        if self.refuses and len(ids) > 1:
            raise NotImplementedError("no padding")
        self.batches.append(len(ids))
        streamer.put(ids)
        left = torch.ones(len(ids), dtype=torch.bool)
        while left.any():
            self.steps += 1
            # A row ends after as many steps as its last id says; what has ended is filled with padding.
            tokens = torch.where(left, torch.where(ids[:, -1] <= self.steps, 1, 7), 0)
            streamer.put(tokens)
            left &= (tokens != 1) & ~stopping_criteria(ids, None)


def run(model: Model, lasts: list[int]) -> tuple[StaticEngine, list[queue.Queue[Piece]]]:
    engine = StaticEngine(model, CONFIG, limit=6, rows=4)
    asked: list[queue.Queue[Piece]] = [queue.Queue() for _ in lasts]
    for last, pieces in zip(lasts, asked, strict=True):
        engine.submit([last], pieces.put)
    return engine, asked


def test_a_row_that_ends_is_told_at_once_and_gets_no_padding() -> None:
    engine, (short, long) = run(Model(), [2, 5])
    assert taken(short) == [7, 1]
    assert taken(long) == [7, 7, 7, 7, 1]
    engine.close()


def test_one_that_leaves_ends_alone() -> None:
    model = Model()
    gone: queue.Queue[Piece] = queue.Queue()
    stays: queue.Queue[Piece] = queue.Queue()
    engine = StaticEngine(model, CONFIG, limit=6, rows=2)

    def leave(piece: Piece) -> None:
        gone.put(piece)
        engine.cancel(request)

    request = engine.submit([400], leave)
    engine.submit([9], stays.put)
    assert taken(stays)[-1] == 1
    engine.close()
    assert model.steps < 400
    assert gone.qsize() < 5


def test_who_leaves_before_the_beginning_takes_no_place(model: Any) -> None:
    engine = StaticEngine(model, CONFIG, limit=1, rows=1)
    pieces: queue.Queue[Piece] = queue.Queue()
    engine.cancel(engine.submit([5], pieces.put))
    again = queue.Queue[Piece]()
    while True:
        try:
            engine.submit([5], again.put)
            break
        except ModelUnavailable:
            continue
    assert taken(again)
    engine.close()


def test_a_model_that_takes_no_batch_is_given_one_row_at_a_time() -> None:
    model = Model(refuses=True)
    engine, asked = run(model, [2, 3, 2])
    assert all(taken(pieces)[-1] == 1 for pieces in asked)
    assert set(model.batches) == {1}
    assert engine.how == "one request at a time"
    engine.close()


def test_more_than_the_limit_is_refused_and_so_is_a_closed_engine(model: Any) -> None:
    engine = StaticEngine(model, CONFIG, limit=1, rows=1)
    engine.submit([5], lambda piece: None)
    with pytest.raises(ModelUnavailable, match="busy with 1"):
        engine.submit([5], lambda piece: None)
    engine.close()
    with pytest.raises(ModelUnavailable, match="closed"):
        engine.submit([5], lambda piece: None)


def test_a_model_that_fails_tells_everybody_why() -> None:
    class Broken(Model):
        def generate(self, *_: Any, **__: Any) -> None:
            raise RuntimeError("out of memory")

    engine, asked = run(Broken(), [1, 1])
    for pieces in asked:
        with pytest.raises(RuntimeError, match="out of memory"):
            taken(pieces)
    engine.close()
